"""Counts how each row of a run ended, what is to be tried again, and what the audience holds afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from afas_mailchimp.audience import MemberStatus, Refusal
from afas_mailchimp.forecast import Forecast
from afas_mailchimp.leaving import Leave, Leaver
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.retry_memory import TRANSIENT

if TYPE_CHECKING:
    from afas_mailchimp.audience_index import AudienceIndex
    from afas_mailchimp.report import Report
    from afas_mailchimp.writing import Ending


class Ledger:
    """The books of one run.

    :param report: where the counts go.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.opted_out: dict[str, Refusal | None] = {}
        """Members that were to be lowered: None when it was done, else why not."""
        self.left_out: set[Reason] = set()
        """Kinds of write that are above their limit."""
        self.try_again: set[str] = set()
        """Names of rows that ended in a way that may be another one next time."""
        self.forecast: Forecast | None = None

    def end(self, ending: Ending) -> None:
        """One row is done; an opt-out counts only when it was really made."""
        row, outcome, reason, decision = ending.row, ending.outcome, ending.reason, ending.decision
        if outcome == Outcome.UNSUBSCRIBED and decision:
            if Reason.LIMIT_UNSUBSCRIBED in self.left_out:
                outcome, reason = Outcome.SKIPPED, Reason.LIMIT_UNSUBSCRIBED
            else:
                refusals = [self.opted_out.get(member_id, Refusal.OTHER) for member_id in decision.opt_out]
                refused = next((refusal for refusal in refusals if refusal), None)
                outcome, reason = (Outcome.REJECTED, refused) if refused else (outcome, reason)
        self.report.end(row.source, row.key, outcome, reason)
        if reason in TRANSIENT:
            self.try_again.add(row.name)
        if decision:
            self.report.count_members(decision)
            status = decision.create or decision.returns
            if status and self.forecast:
                self.forecast.becomes(status, before=MemberStatus.ARCHIVED if decision.returns else None)
        for notice in ending.notices:
            self.report.notice(notice, row.name)

    @property
    def lowered(self) -> set[str]:
        """Members that this run has opted out."""
        return {member_id for member_id, refused in self.opted_out.items() if refused is None}

    def brake(self, reason: Reason, sentence: str) -> None:
        """Leave out one kind of write, and let the run fail at its end."""
        self.left_out.add(reason)
        self.report.problems.append(
            f"{sentence}. None of them is; all other changes are made. Check it, then raise the limit in the sync file."
        )

    def close(self, index: AudienceIndex, gone: Iterable[Leaver]) -> None:
        """Add who was lowered and who left to the forecast, and hand it to the report."""
        if self.forecast is None:
            return
        for member_id in self.lowered:
            member = index.get(member_id)
            if member:
                self.forecast.becomes(MemberStatus.UNSUBSCRIBED, before=member.status)
        for leaver in gone:
            if leaver.how == Leave.ARCHIVE:
                self.forecast.becomes(MemberStatus.ARCHIVED, before=leaver.member.status)
        self.report.audience = self.forecast.as_json()
