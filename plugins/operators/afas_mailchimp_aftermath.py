"""What an answer of Mailchimp must show after a write, and what takes a wrong effect back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from afas_mailchimp.audience import Member, MemberStatus, Refusal
from afas_mailchimp.audience_index import row_name
from afas_mailchimp.consent import CAN_OPT_OUT
from afas_mailchimp.errors import RefusedError
from afas_mailchimp.member_key import parse_member_key
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.writing import Ending, Planned, ending, not_taken, went_down, went_up

if TYPE_CHECKING:
    from hooks.mailchimp import MailchimpHook

VANISHED = (
    "The member of {} vanished from the audience while it was updated, and Mailchimp created it anew; it was archived "
    "again at once. Nothing more is written in this run; start it again."
)


@dataclass(slots=True)
class ChunkResult:
    """What a chunk did.

    :param stale: rows whose members are not as they were read: to be looked up and decided anew.
    :param stop: why the run must stop, None when all is well.
    """

    endings: list[Ending] = field(default_factory=list)
    stale: list[Planned] = field(default_factory=list)
    stop: str | None = None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Checks answers of writes to one audience.

    :param opted_out: members that this run lowers itself.
    """

    mailchimp: MailchimpHook
    list_id: str
    key_field: str
    opted_out: Mapping[str, Refusal | None]

    def check_updated(
        self, planned: Planned, member: Member, started: datetime, result: ChunkResult, done: list[Planned]
    ) -> None:
        """Judge the answer to a write without a status: the status may have gone down, never up by our doing.

        :param started: Mailchimp's clock before the write.
        """
        before = planned.decision.known_status
        notices: tuple[Notice, ...] = ()
        if before and self._our_write_raised(planned, member, started):
            if went_up(before, member.status):
                self.mailchimp.unsubscribe(self.list_id, member.id)
            else:
                self.archive_again(member.id)
            result.stop = (
                f"Mailchimp took the update of the member of {planned.row.name} (last known as '{before}') for a "
                f"sign-up and made it '{member.status}'; that was taken back at once. Nothing more is written: look at "
                "this member in Mailchimp and at the settings of its audience."
            )
        elif before and went_down(before, member.status):
            notices += (Notice.LOWERED_MEANWHILE,)
        if not_taken(planned.decision.update, member):
            notices += (Notice.NOT_TAKEN,)
        result.endings.append(ending(planned, *notices))
        done.append(planned)

    def _our_write_raised(self, planned: Planned, member: Member, started: datetime) -> bool:
        """Whether our write made somebody mailable who was not, as far as can be told.

        A sign-up by the person has an opt-in time between our reading and our write; then it stays. An opt-in time that
        is not earlier than our write is our doing: somebody had opted out or was archived in between, and woke up.
        """
        known = planned.decision
        if known.known_status and went_up(known.known_status, member.status):
            now = self.mailchimp.member(self.list_id, member.id)
            if now is None or not went_up(known.known_status, now.status):
                return False
            opted_in = now.opted_in_at
            return opted_in is None or opted_in == known.known_opt_in or opted_in >= started
        opted_in = member.opted_in_at
        renewed = opted_in is not None and opted_in != known.known_opt_in and opted_in >= started
        return renewed and member.status in CAN_OPT_OUT

    def carry_over(self, done: Sequence[Planned]) -> dict[str, Notice]:
        """Take over what a person did to a member at a former address after we had read it.

        :return: names of the rows whose member was opted out or archived for that, with what it was.
        """
        found = {planned.row.name: self._carried(planned) for planned in done if planned.decision.leaves_behind}
        return {name: notice for name, notice in found.items() if notice}

    def _carried(self, planned: Planned) -> Notice | None:
        decision = planned.decision
        came_in = decision.create or decision.returns
        if decision.inherits or (came_in or decision.known_status) not in CAN_OPT_OUT:
            return None
        # An opt-out that we made ourselves in this run is of another row.
        behind = [member_id for member_id in decision.leaves_behind if member_id not in self.opted_out]
        members = [member for member_id in behind if (member := self.mailchimp.member(self.list_id, member_id))]
        if any(member.status == MemberStatus.UNSUBSCRIBED for member in members):
            self.mailchimp.unsubscribe(self.list_id, planned.row.member_id)
            return Notice.LOWERED_MEANWHILE
        if came_in and any(self._archived_by_a_person(member, planned) for member in members):
            self.archive_again(planned.row.member_id)
            return Notice.ARCHIVED_AGAIN
        return None

    def _archived_by_a_person(self, member: Member, planned: Planned) -> bool:
        key = parse_member_key(member.merge_fields.get(self.key_field))
        ours = key is not None and row_name(key) == planned.row.name and key.archived_from is None
        return ours and member.status == MemberStatus.ARCHIVED

    def came_back_as_new(self, planned: Planned, result: ChunkResult) -> None:
        """The member left this address meanwhile, and the update created it anew: undo, and stop."""
        self.archive_again(planned.row.member_id)
        result.endings.append(
            Ending(planned.row, Outcome.SKIPPED, Reason.CHANGED_WHILE_READING, (Notice.ARCHIVED_AGAIN,))
        )
        result.stop = VANISHED.format(planned.row.name)

    def archive_again(self, member_id: str) -> None:
        """Take back a member that should not be there; a pending one cannot be archived, so it is opted out."""
        try:
            self.mailchimp.archive(self.list_id, member_id)
        except RefusedError:
            self.mailchimp.unsubscribe(self.list_id, member_id)
