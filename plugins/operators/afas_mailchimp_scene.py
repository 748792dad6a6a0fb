"""The two sides of one run and what it knows of them, shared by its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afas_mailchimp.audience_index import AudienceIndex
    from afas_mailchimp.report import Report
    from afas_mailchimp.rows import RowReader
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.survey import Survey
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook


@dataclass(frozen=True, slots=True)
class Scene:
    """One run.

    :param readers: how the rows of each source are read, by source.
    :param index: what is known of the audience.
    :param survey: what is known of AFAS.
    """

    sync: SyncFile
    afas: AfasHook
    mailchimp: MailchimpHook
    readers: Mapping[str, RowReader]
    index: AudienceIndex
    survey: Survey
    report: Report
    dry_run: bool

    @property
    def list_id(self) -> str:
        """The audience."""
        return self.sync.audience.list_id
