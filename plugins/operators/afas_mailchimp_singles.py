"""The rare writes, one call each: a member moves with its row, comes back, or is written at an address of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from afas_mailchimp.audience import Member, NewMember, Refusal
from afas_mailchimp.errors import RefusedError
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.writing import Planned, ending, not_taken, refused, went_up
from operators.afas_mailchimp_aftermath import Aftermath, ChunkResult
from operators.afas_mailchimp_tagging import Tagging

if TYPE_CHECKING:
    from hooks.mailchimp import MailchimpHook

STALE = frozenset({Refusal.EXISTS, Refusal.NOT_FOUND, Refusal.NOT_SUBSCRIBED})
"""Refusals that say: the member is not what it was when it was read."""


class SingleSender:
    """Sends single writes to one audience. Thread-safe: it keeps nothing but what it was made with."""

    def __init__(self, mailchimp: MailchimpHook, aftermath: Aftermath, tagging: Tagging) -> None:
        self.mailchimp, self.aftermath, self.tagging = mailchimp, aftermath, tagging
        self.list_id = aftermath.list_id

    def send(self, chunk: Sequence[Planned]) -> ChunkResult:
        """Carry out moves, returns and writes to members at another address than their row's."""
        result, done = ChunkResult(), list[Planned]()
        for planned in chunk:
            started = self.mailchimp.clock() - timedelta(seconds=1)
            try:
                member = self._write(planned)
            except RefusedError as error:
                if error.refusal in STALE:
                    result.stale.append(planned)
                else:
                    result.endings.append(refused(planned, error.refusal))
                continue
            if planned.decision.returns:
                self._check_returned(planned, member, result, done)
            else:
                self.aftermath.check_updated(planned, member, started, result, done)
        self.aftermath.carry_over(done)
        tagged = [(p, p.decision.base) for p in done if p.decision.set_tags and p.decision.base]
        self.tagging.set_tags(tagged, result)
        return result

    def _write(self, planned: Planned) -> Member:
        row, decision = planned.row, planned.decision
        if decision.move_from:
            return self.mailchimp.move(self.list_id, decision.move_from, address=row.address, values=decision.update)
        if decision.returns:
            new = NewMember(row.member_id, row.address, decision.returns, decision.update, decision.opted_in_at)
            return self.mailchimp.return_member(self.list_id, new)
        return self.mailchimp.write_merge_fields(self.list_id, decision.member_id or row.member_id, decision.update)

    def _check_returned(self, planned: Planned, member: Member, result: ChunkResult, done: list[Planned]) -> None:
        wanted = planned.decision.returns
        if wanted and went_up(wanted, member.status):
            self.aftermath.archive_again(member.id)
            result.stop = (
                f"Mailchimp made the member of {planned.row.name} '{member.status}' although '{wanted}' was asked; "
                "that was taken back at once. Nothing more is written; look at this member in Mailchimp."
            )
        lost = not_taken(planned.decision.update, member)
        result.endings.append(ending(planned, *((Notice.NOT_TAKEN,) if lost else ())))
        done.append(planned)
