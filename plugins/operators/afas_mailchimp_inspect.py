"""Asks both sides for the types of what a sync names, and runs preflight's checks over them. Reads metadata only."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from afas_mailchimp.checks import check_audience, check_columns, check_delivery, check_environment
from afas_mailchimp.field_checks import check_merge_fields
from afas_mailchimp.findings import Findings
from afas_mailchimp.settings_view import Live

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile


def look_at_both_sides(sync: SyncFile) -> Live:
    """Ask AFAS and Mailchimp over the sync's own connections.

    :raises SyncError: one of them does not answer, or refuses.
    """
    from hooks.afas import AfasHook  # noqa: PLC0415 - heavy: only where it is asked
    from hooks.mailchimp import MailchimpHook  # noqa: PLC0415

    findings = Findings()
    with closing(AfasHook(sync.afas.connection)) as afas:
        check_environment(afas.environment(), today=afas.clock().date(), findings=findings)
        connectors = {source.connector for source in sync.sources.values()}
        fields = {connector: afas.fields(connector) for connector in sorted(connectors)}
        for name, source in sync.sources.items():
            check_columns(name, source, fields[source.connector], findings)
            if delivery := source.delivery_address:
                check_delivery(name, delivery, afas.fields(delivery.connector), findings)
    with closing(MailchimpHook(sync.audience.connection)) as mailchimp:
        check_audience(sync, mailchimp.audience(sync.audience.list_id), findings)
        merge_fields = mailchimp.merge_fields(sync.audience.list_id)
        check_merge_fields(sync, merge_fields, keys_expected=False, findings=findings)
    return Live(
        fields=fields,
        merge_fields=merge_fields,
        problems=tuple(findings.problems),
        warnings=tuple(findings.warnings),
    )
