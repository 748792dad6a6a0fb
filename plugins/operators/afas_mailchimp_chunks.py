"""One chunk of one kind of write: send it, match every item of the answer, check what must not have happened."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from afas_mailchimp.audience import Member, MemberStatus, MemberUpdate, NewMember, Refusal
from afas_mailchimp.consent import CAN_OPT_OUT
from afas_mailchimp.decisions import Decider
from afas_mailchimp.errors import RefusedError
from afas_mailchimp.member_key import Base
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.writing import Ending, Planned, ending, existed_before, refused, went_up
from operators.afas_mailchimp_aftermath import Aftermath, ChunkResult
from operators.afas_mailchimp_halving import halving
from operators.afas_mailchimp_tagging import Tagging

if TYPE_CHECKING:
    from hooks.mailchimp import MailchimpHook


class ChunkSender:
    """Sends chunks to one audience. Thread-safe: it keeps nothing but what it was made with."""

    def __init__(self, mailchimp: MailchimpHook, decider: Decider, opted_out: Mapping[str, Refusal | None]) -> None:
        self.mailchimp, self.decider = mailchimp, decider
        self.list_id = decider.sync.audience.list_id
        self.key_field, self.base_field = decider.sync.audience.key_field, decider.sync.audience.base_field
        self.aftermath = Aftermath(mailchimp, self.list_id, self.key_field, opted_out)
        self.tagging = Tagging(mailchimp, decider, self.aftermath)

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
        """Create members. "Exists" changes nothing: such a row is decided anew."""
        now = self.mailchimp.clock().replace(microsecond=0)
        items = {planned.row.member_id: self._new_member(planned, now) for planned in chunk}
        waiting = {planned.row.member_id: planned for planned in chunk}
        answer = halving(lambda part: self.mailchimp.create_members(self.list_id, part), list(items.values()))
        result, created = ChunkResult(), list[Planned]()
        returned = [(member.id, member) for member in answer.created]
        exists = [member.id for member in answer.updated]
        for item in answer.refused:
            if item.refusal == Refusal.EXISTS:
                exists.append(item.id)
            else:
                result.endings.append(refused(waiting.pop(item.id), item.refusal))
        for member_id in exists:
            member = self.mailchimp.member(self.list_id, member_id)
            if member and self._is_our_creation(member, items[member_id]):
                # An earlier try of this very call had its effect before the connection broke.
                returned.append((member_id, member))
            else:
                result.stale.append(waiting.pop(member_id))
        for member_id, member in returned:
            self._check_created(waiting.pop(member_id), member, items[member_id], now, result, created)
        carried = self.aftermath.carry_over(created)
        tagged = [(p, self._created_base(p, now)) for p in created if p.decision.set_tags]
        self.tagging.set_tags(tagged, result)
        for planned in created:
            notices = (carried[planned.row.name],) if planned.row.name in carried else ()
            result.endings.append(ending(planned, *notices))
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
        updated = [*answer.updated, *(self._patch(waiting[item.id], result, waiting) for item in patched)]
        for member in updated:
            if member:
                self.aftermath.check_updated(waiting.pop(member.id), member, started, result, done)
        for member in answer.created:
            self.aftermath.came_back_as_new(waiting.pop(member.id), result)
        for item in answer.refused:
            if item.id in waiting and item.refusal != Refusal.STATUS_REQUIRED:
                result.endings.append(refused(waiting.pop(item.id), item.refusal))
        self.aftermath.carry_over(done)
        only_tags = [planned for planned in waiting.values() if not planned.decision.update]
        done += only_tags
        result.endings += [ending(planned) for planned in only_tags]
        self.tagging.set_tags([(p, p.decision.base) for p in done if p.decision.set_tags and p.decision.base], result)
        return result

    def _new_member(self, planned: Planned, now: datetime) -> NewMember:
        row, status = planned.row, planned.decision.create
        if status is None:
            message = "a row without a status to create reached the chunk of new members"
            raise ValueError(message)
        base = self._created_base(planned, now)
        values = self.decider.new_member_values(row, planned.values)
        values[self.base_field] = str(base)
        return NewMember(row.member_id, row.address, status, values, base.opted_in_at)

    def _created_base(self, planned: Planned, now: datetime) -> Base:
        """The base of a new member, before its tags are set; who starts opted out has no opt-in time."""
        base, decision = self.decider.base_of(planned.row, planned.values), planned.decision
        opted_out = decision.create == MemberStatus.UNSUBSCRIBED
        if opted_out:
            return base
        return Base(address=base.address, opted_in_at=decision.opted_in_at or now, fields=base.fields)

    def _is_our_creation(self, member: Member, sent: NewMember) -> bool:
        return all(member.merge_fields.get(tag) == sent.merge_fields[tag] for tag in (self.key_field, self.base_field))

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
            self.aftermath.archive_again(member.id)
            notices = (*planned.notices, Notice.ARCHIVED_AGAIN)
            result.endings.append(Ending(planned.row, Outcome.SKIPPED, Reason.ARCHIVED_BY_PERSON, notices))
        elif went_up(sent.status, member.status):
            result.stop = (
                f"Mailchimp made the member of {planned.row.name} '{member.status}' although '{sent.status}' was "
                "asked. Nothing more is written; look at this member in Mailchimp."
            )
            result.endings.append(ending(planned))
        elif member.merge_fields.get(self.key_field) != sent.merge_fields.get(self.key_field):
            result.stop = (
                f"Mailchimp made the member of {planned.row.name} without its key: merge field {self.key_field} is "
                "gone, somebody removed it while the run was writing. Nothing more is written; the next preflight "
                "says how to go on."
            )
            result.endings.append(ending(planned))
        else:
            created.append(planned)

    def _patch(self, planned: Planned, result: ChunkResult, waiting: dict[str, Planned]) -> Member | None:
        """One call for one member, for accounts whose batch call refuses items without a status."""
        try:
            return self.mailchimp.write_merge_fields(self.list_id, planned.row.member_id, planned.decision.update)
        except RefusedError as error:
            waiting.pop(planned.row.member_id)
            result.endings.append(refused(planned, error.refusal))
            return None
