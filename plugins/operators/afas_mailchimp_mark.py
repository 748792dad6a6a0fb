"""Looks for another Airflow that feeds the same audience, and leaves the mark of this one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from afas_mailchimp.instance_mark import marks_of, warning, with_mark
from operators.afas_mailchimp_state import load_instance, make_instance

if TYPE_CHECKING:
    from afas_mailchimp.audience import MergeField
    from afas_mailchimp.findings import Findings
    from afas_mailchimp.settings import SyncFile
    from hooks.mailchimp import MailchimpHook


def look_for_another_airflow(
    sync: SyncFile, mailchimp: MailchimpHook, fields: Iterable[MergeField], *, dry_run: bool, findings: Findings
) -> None:
    """Warn of the mark of another Airflow in the key field, and put that of this one in its place.

    :param fields: merge fields of the audience. A key field that is about to be created gets the mark along.
    :param dry_run: only warn.
    """
    mark, audience = load_instance(), sync.audience
    key = next((field for field in fields if field.tag == audience.key_field), None)
    if key and (sentence := warning(key.help_text, sync.owner, mark, sync=sync.name)):
        findings.warnings.append(sentence)
    if dry_run or not audience.create_merge_fields:
        return
    mark = mark or make_instance()
    if key and marks_of(key.help_text).get(sync.owner) != mark:
        mailchimp.describe_merge_field(audience.list_id, key, with_mark(key.help_text, sync.owner, mark))
    findings.create = [
        replace(new, help_text=with_mark(new.help_text, sync.owner, mark)) if new.tag == audience.key_field else new
        for new in findings.create
    ]
