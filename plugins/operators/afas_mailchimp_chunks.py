"""One chunk of one kind of write: send it, match every item of the answer, check what must not have happened."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from afas_mailchimp.audience import BatchAnswer, Member, MemberUpdate, NewMember, Refusal, RefusedItem
from afas_mailchimp.decisions import CAN_OPT_OUT, Decider
from afas_mailchimp.errors import RefusedError
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.writing import Ending, Planned, ending, existed_before, not_taken, went_down, went_up

if TYPE_CHECKING:
    from hooks.mailchimp import MailchimpHook

Item = TypeVar("Item", NewMember, MemberUpdate)

VANISHED = (
    "The member of {} vanished from the audience while it was updated, and Mailchimp created it anew; it was archived "
    "again at once. Nothing more is written in this run; start it again."
)


@dataclass(slots=True)
class ChunkResult:
    """What a chunk did.

    :param again: rows that turned out to need another kind of write.
    :param stop: why the run must stop, None when all is well.
    """

    endings: list[Ending] = field(default_factory=list)
    again: list[Planned] = field(default_factory=list)
    stop: str | None = None


class ChunkSender:
    """Sends chunks to one audience. Thread-safe: it keeps nothing but what it was made with."""

    def __init__(self, mailchimp: MailchimpHook, decider: Decider) -> None:
        self.mailchimp, self.decider = mailchimp, decider
        self.list_id = decider.sync.audience.list_id
        self.key_field, self.base_field = decider.sync.audience.key_field, decider.sync.audience.base_field

    @functools.cached_property
    def defaults(self) -> dict[str, str]:
        """Default values of merge fields by tag."""
        return {field.tag: field.default_value for field in self.mailchimp.merge_fields(self.list_id)}

    def opt_out(self, member_id: str) -> Refusal | None:
        """Lower one member to unsubscribed; None when it is (also when it has gone meanwhile)."""
        try:
            member = self.mailchimp.unsubscribe(self.list_id, member_id)
        except RefusedError as error:
            return None if error.refusal == Refusal.NOT_FOUND else Refusal(error.refusal)
        # An answer of success is believed only when it shows the effect.
        return Refusal.OTHER if member.status in CAN_OPT_OUT else None

    def create(self, chunk: Sequence[Planned]) -> ChunkResult:
        """Create members. "Exists" changes nothing: such a row is looked up and decided again."""
        now = self.mailchimp.clock().replace(microsecond=0)
        items = {planned.row.member_id: self._new_member(planned, now) for planned in chunk}
        waiting = {planned.row.member_id: planned for planned in chunk}
        answer = halving(lambda part: self.mailchimp.create_members(self.list_id, part), list(items.values()))
        result, created = ChunkResult(), list[Planned]()
        returned = [(member.id, member) for member in answer.created]
        exists = [member.id for member in answer.updated]
        for refused in answer.refused:
            if refused.refusal == Refusal.EXISTS:
                exists.append(refused.id)
            else:
                planned = waiting.pop(refused.id)
                result.endings.append(Ending(planned.row, Outcome.REJECTED, refused.refusal, planned.notices))
        for member_id in exists:
            member = self.mailchimp.member(self.list_id, member_id)
            if member and self._is_our_creation(member, items[member_id]):
                # An earlier try of this very call had its effect before the connection broke.
                returned.append((member_id, member))
            else:
                self._decide_again(waiting.pop(member_id), member, result)
        for member_id, member in returned:
            self._check_created(waiting.pop(member_id), member, items[member_id], now, result, created)
        self._set_tags([p for p in created if p.decision.set_tags], now, result)
        result.endings += [ending(planned) for planned in created]
        return result

    def update(self, chunk: Sequence[Planned]) -> ChunkResult:
        """Update merge fields, never a status."""
        before = time.monotonic()
        items = [MemberUpdate(p.row.member_id, p.row.address, p.decision.update) for p in chunk if p.decision.update]
        waiting = {planned.row.member_id: planned for planned in chunk}
        answer = halving(lambda part: self.mailchimp.update_members(self.list_id, part), items)
        # By Mailchimp's own clock, a second early: its time stamps are whole seconds.
        started = self.mailchimp.clock() - timedelta(seconds=math.ceil(time.monotonic() - before) + 1)
        result, done = ChunkResult(), list[Planned]()
        patched = [r for r in answer.refused if r.refusal == Refusal.STATUS_REQUIRED]
        updated = [*answer.updated, *(self._patch(waiting[refused.id], result, waiting) for refused in patched)]
        for member in updated:
            if member:
                self._check_updated(waiting.pop(member.id), member, started, result, done)
        for member in answer.created:
            self._came_back_as_new(waiting.pop(member.id), result)
        for refused in answer.refused:
            if refused.id in waiting and refused.refusal != Refusal.STATUS_REQUIRED:
                planned = waiting.pop(refused.id)
                result.endings.append(Ending(planned.row, Outcome.REJECTED, refused.refusal, planned.notices))
        only_tags = [planned for planned in waiting.values() if not planned.decision.update]
        done += only_tags
        result.endings += [ending(planned) for planned in only_tags]
        self._set_tags([planned for planned in done if planned.decision.set_tags], None, result)
        return result

    def _new_member(self, planned: Planned, now: datetime) -> NewMember:
        row, status = planned.row, planned.decision.create
        if status is None:
            message = "a row without a status to create reached the chunk of new members"
            raise ValueError(message)
        base = replace(self.decider.base_of(row), opted_in_at=now)
        values = {**self.decider.new_member_values(row, planned.values), self.base_field: str(base)}
        return NewMember(row.member_id, row.address, status, values, now)

    def _is_our_creation(self, member: Member, sent: NewMember) -> bool:
        return all(member.merge_fields.get(tag) == sent.merge_fields[tag] for tag in (self.key_field, self.base_field))

    def _decide_again(self, planned: Planned, member: Member | None, result: ChunkResult) -> None:
        if member is None:
            # There and gone within one call: the next run sees it afresh.
            result.endings.append(Ending(planned.row, Outcome.SKIPPED, Reason.CHANGED_WHILE_READING))
            return
        known = self.decider.index.known(member)
        decision = self.decider.decide_existing(planned.row, planned.claim, known, planned.values)
        result.again.append(replace(planned, decision=decision))

    def _check_created(
        self,
        planned: Planned,
        member: Member,
        sent: NewMember,
        now: datetime,
        result: ChunkResult,
        created: list[Planned],
    ) -> None:
        suspicious = existed_before(member, sent, started=now, defaults={})
        if suspicious and existed_before(member, sent, started=now, defaults=self.defaults):
            self._archive_again(member.id)
            notices = (*planned.notices, Notice.ARCHIVED_AGAIN)
            result.endings.append(Ending(planned.row, Outcome.SKIPPED, Reason.ARCHIVED_BY_PERSON, notices))
        elif went_up(sent.status, member.status):
            result.stop = (
                f"Mailchimp made the member of {planned.row.name} '{member.status}' although '{sent.status}' was "
                f"asked. "
                "Nothing more is written; look at this member in Mailchimp."
            )
            result.endings.append(ending(planned))
        else:
            created.append(planned)

    def _check_updated(
        self, planned: Planned, member: Member, started: datetime, result: ChunkResult, done: list[Planned]
    ) -> None:
        before = planned.decision.known_status
        notices: tuple[Notice, ...] = ()
        if before and self._our_write_raised(planned, member, started):
            if went_up(before, member.status):
                self.mailchimp.unsubscribe(self.list_id, member.id)
            else:
                self._archive_again(member.id)
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

    def _came_back_as_new(self, planned: Planned, result: ChunkResult) -> None:
        """The member left this address meanwhile, and the update created it anew: undo, and stop."""
        self._archive_again(planned.row.member_id)
        result.endings.append(
            Ending(planned.row, Outcome.SKIPPED, Reason.CHANGED_WHILE_READING, (Notice.ARCHIVED_AGAIN,))
        )
        result.stop = VANISHED.format(planned.row.name)

    def _archive_again(self, member_id: str) -> None:
        """Take back a member that should not be there; a pending one cannot be archived, so it is opted out."""
        try:
            self.mailchimp.archive(self.list_id, member_id)
        except RefusedError:
            self.mailchimp.unsubscribe(self.list_id, member_id)

    def _patch(self, planned: Planned, result: ChunkResult, waiting: dict[str, Planned]) -> Member | None:
        """One call for one member, for accounts whose batch call refuses items without a status."""
        try:
            return self.mailchimp.write_merge_fields(self.list_id, planned.row.member_id, planned.decision.update)
        except RefusedError as error:
            waiting.pop(planned.row.member_id)
            result.endings.append(Ending(planned.row, Outcome.REJECTED, error.refusal, planned.notices))
            return None

    def _set_tags(self, chunk: Sequence[Planned], created_at: datetime | None, result: ChunkResult) -> None:
        """Set the tags of each row's source, then note in the base that it was done: a kill in between repeats it."""
        for source in dict.fromkeys(planned.row.source for planned in chunk):
            members = [planned for planned in chunk if planned.row.source == source]
            for tag in self.decider.sync.sources[source].tags:
                tag_id = self.mailchimp.tag_id(self.list_id, tag)
                self.mailchimp.add_to_tag(self.list_id, tag_id, [planned.row.address for planned in members])
            notes = {planned.row.member_id: self._noted(planned, created_at) for planned in members}
            answer = halving(lambda part: self.mailchimp.update_members(self.list_id, part), list(notes.values()))
            for refused in answer.refused:
                if refused.refusal == Refusal.STATUS_REQUIRED:
                    self.mailchimp.write_merge_fields(self.list_id, refused.id, notes[refused.id].merge_fields)
            for member in answer.created:
                self._archive_again(member.id)
                result.stop = VANISHED.format(next(p.row.name for p in members if p.row.member_id == member.id))

    def _noted(self, planned: Planned, created_at: datetime | None) -> MemberUpdate:
        base = planned.decision.base or replace(self.decider.base_of(planned.row), opted_in_at=created_at)
        return MemberUpdate(
            planned.row.member_id,
            planned.row.address,
            {self.base_field: str(self.decider.tagged(base, planned.row.source))},
        )


def halving(call: Callable[[list[Item]], BatchAnswer], items: list[Item]) -> BatchAnswer:
    """Send a chunk; one that is refused as a whole is halved until the item that caused it stands alone."""
    if not items:
        return BatchAnswer((), (), ())
    try:
        return call(items)
    except RefusedError as error:
        if error.refusal == Refusal.NOT_FOUND:
            raise
        if len(items) == 1:
            return BatchAnswer((), (), (RefusedItem(items[0].id, Refusal(error.refusal)),))
    middle = len(items) // 2
    one, other = halving(call, items[:middle]), halving(call, items[middle:])
    return BatchAnswer(one.created + other.created, one.updated + other.updated, one.refused + other.refused)
