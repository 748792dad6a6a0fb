"""The one decision function: (row, what AFAS says about its address, member) → what happens. Used by every run."""

from __future__ import annotations

from collections.abc import Mapping

from afas_mailchimp.audience import MemberStatus, MergeValue
from afas_mailchimp.audience_index import AudienceIndex, KnownMember
from afas_mailchimp.consent import CAN_OPT_OUT, lowers
from afas_mailchimp.decision import Decision
from afas_mailchimp.entering import Entry, entry
from afas_mailchimp.field_changes import FieldChanges
from afas_mailchimp.member_key import Base, MemberKey, address_digest
from afas_mailchimp.outcomes import INVALID, Notice, Outcome, Reason
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.standing import Standing, archived_by_a_person, left_by_us, lowest
from afas_mailchimp.survey import Claim, Survey
from afas_mailchimp.values import replace


class Decider:
    """Applies the rules of one sync to rows, against one audience index.

    :param index: what is known of the audience; may grow while rows are decided.
    :param survey: what is known of AFAS.
    """

    def __init__(self, sync: SyncFile, index: AudienceIndex, survey: Survey) -> None:
        self.sync, self.index, self.survey = sync, index, survey
        self.standing = Standing(index, survey)
        self.fields = FieldChanges(sync, index)
        # Most rows of a first run end alike, so they share a value.
        self._newcomers = {
            name: Decision(
                Outcome.CREATED, create=sync.consent.new_members, set_tags=self.fields.tag_digest(name) is not None
            )
            for name in sync.sources
        }
        self.lowered: set[str] = set()
        """Members that this run has lowered to unsubscribed; the index shows them as they were."""

    def decide(self, row: RowFacts, claim: Claim | None, values: tuple[MergeValue, ...]) -> Decision:
        """Decide one row.

        :param claim: what AFAS as a whole says about the row's address; None when the survey did not see it.
        :param values: the row's merge values, in the order of its source's mapping.
        """
        if row.reason:
            outcome = Outcome.INVALID if row.reason in INVALID else Outcome.SKIPPED
            return Decision(outcome, row.reason)
        if claim is None:
            return Decision(Outcome.SKIPPED, Reason.CHANGED_WHILE_READING)
        if claim.winner != row.name:
            return Decision(Outcome.SKIPPED, Reason.SHARED_ADDRESS)
        return self._decide_winner(row, claim, values)

    def _decide_winner(self, row: RowFacts, claim: Claim, values: tuple[MergeValue, ...]) -> Decision:
        name = row.name
        member = self.index.get(row.member_id)
        if claim.consent != Consent.NO:
            if member is None and self.standing.is_newcomer(name, row.member_id):
                return self._newcomers[row.source]
            if member and self.standing.is_settled(name, member):
                return self._decide_settled(row, claim, member, values)
        followed = self.standing.followed(name, row.member_id)
        if followed:
            return self._decide_followed(row, claim, followed, values)
        return self.decide_existing(row, claim, member, values) if member else self._decide_absent(row, claim, values)

    def way_in(self, member_id: str, claim: Claim) -> Entry:
        """How the winner of an address without a member comes in.

        :param member_id: subscriber hash of the address.
        """
        own, everybody = self.standing.former_of(claim.winner, member_id), self.standing.former(member_id)
        if not own and not everybody and claim.consent != Consent.NO:
            # By far the most: somebody who was never here.
            return Entry(create=self.sync.consent.new_members)
        return entry(
            own,
            everybody,
            consent=claim.consent,
            new_members=self.sync.consent.new_members,
            status_of=self._status,
            is_free=lambda member: not self.standing.is_claimed(member.id),
        )

    def opt_outs(self, member_id: str, claim: Claim) -> tuple[str, ...]:
        """Members that AFAS's no lowers, for one address: the one there, and those that rows with it left elsewhere."""
        if claim.consent != Consent.NO:
            return ()
        names = dict.fromkeys((claim.winner, *self.survey.names_at(member_id)))
        members = [known for name in names for known in self.index.holders(name) if known.id != member_id]
        here = self.index.get(member_id)
        if here and not self._not_for_us(here):
            members.append(here)
        return tuple(member.id for member in members if lowers(claim, member)[0])

    def inherited(self, member_id: str) -> str | None:
        """The member at an address that an opt-out of former addresses lowers, None when there is none."""
        here = self.index.get(member_id)
        if here is None or here.status not in CAN_OPT_OUT or self._not_for_us(here):
            return None
        former = self.standing.former(member_id)
        return here.id if any(self._status(member) == MemberStatus.UNSUBSCRIBED for member in former) else None

    def _decide_settled(
        self, row: RowFacts, claim: Claim, member: KnownMember, values: tuple[MergeValue, ...]
    ) -> Decision:
        """What ``decide_existing`` decides for nearly all rows: nobody moved or opted out, only fields may differ."""
        _, notices = lowers(claim, member)
        update, base = self._differences(row, member, values)
        retag = self.fields.wants_tags(row.source, base)
        return Decision(
            Outcome.UPDATED if update or retag else Outcome.UNCHANGED,
            update=update,
            set_tags=retag,
            drop_tags=self.fields.foreign_tags(row.source, base),
            overwrites=self.fields.overwritten(member, update) if update else (),
            known_status=self._status(member),
            known_opt_in=member.opted_in_at,
            base=base,
            notices=notices,
        )

    def _differences(
        self, row: RowFacts, member: KnownMember, values: tuple[MergeValue, ...]
    ) -> tuple[dict[str, MergeValue], Base]:
        """What to write to a member, our own two fields included, and its base once that is done."""
        update = self.fields.update(row, member, values)
        base = self._base(row, member, values, update)
        update.update(self._ours(row, member, base))
        return update, base

    def decide_existing(
        self, row: RowFacts, claim: Claim, member: KnownMember, values: tuple[MergeValue, ...]
    ) -> Decision:
        """Decide a winning row whose address has a member."""
        refused = self._not_for_us(member)
        if refused:
            return Decision(Outcome.SKIPPED, refused, known_status=member.status)
        if member.status == MemberStatus.ARCHIVED:
            return self._decide_return(row, claim, member, values)
        opt_out, (_, notices) = self.opt_outs(row.member_id, claim), lowers(claim, member)
        if self.standing.is_followed(member):
            outcome = Outcome.UNSUBSCRIBED if opt_out else Outcome.SKIPPED
            return Decision(outcome, Reason.HELD_BY_SUBSCRIBER, opt_out=opt_out, known_status=member.status)
        inherited = self.inherited(row.member_id)
        if inherited and inherited not in opt_out:
            opt_out = (*opt_out, inherited)
        update, base = self._differences(row, member, values)
        retag = self.fields.wants_tags(row.source, base)
        outcome = Outcome.UNSUBSCRIBED if opt_out else Outcome.UPDATED if update or retag else Outcome.UNCHANGED
        return Decision(
            outcome,
            update=update,
            opt_out=opt_out,
            inherits=inherited is not None,
            takes_over_from=self.standing.owner_elsewhere(member),
            set_tags=retag,
            drop_tags=self.fields.foreign_tags(row.source, base),
            leaves_behind=self._leaves_behind(row),
            adopts=member.key is None,
            overwrites=self.fields.overwritten(member, update),
            known_status=self._status(member),
            known_opt_in=member.opted_in_at,
            base=base,
            notices=notices,
        )

    def new_member_values(self, row: RowFacts, values: tuple[MergeValue, ...]) -> dict[str, MergeValue]:
        """The merge values that a created member starts with (without base field); blanks are left out."""
        wanted = {tag: value for tag, value in self.fields.wanted(row, values).items() if value != ""}
        wanted[self.sync.audience.key_field] = str(self._key(row))
        return wanted

    def base_of(self, row: RowFacts, values: tuple[MergeValue, ...]) -> Base:
        """The base of a member with the row's address and values, before tags and opt-in time are known."""
        return Base(address=address_digest(row.member_id), fields=self.fields.agreed(row, None, values, {}))

    def _decide_absent(self, row: RowFacts, claim: Claim, values: tuple[MergeValue, ...]) -> Decision:
        way = self.way_in(row.member_id, claim)
        opt_out = self.opt_outs(row.member_id, claim)
        if way.reason:
            return Decision(Outcome.UNSUBSCRIBED if opt_out else Outcome.SKIPPED, way.reason, opt_out=opt_out)
        if way.move:
            update, base = self._differences(row, way.move, values)
            return Decision(
                Outcome.UPDATED,
                move_from=way.move.id,
                update=update,
                set_tags=self.fields.wants_tags(row.source, base),
                leaves_behind=self._leaves_behind(row, moving=way.move),
                overwrites=self.fields.overwritten(way.move, update),
                known_status=way.move.status,
                known_opt_in=way.move.opted_in_at,
                base=base,
            )
        newcomer = self._newcomers[row.source]
        return replace(newcomer, create=way.create, opted_in_at=way.opted_in_at, leaves_behind=self._leaves_behind(row))

    def _decide_return(
        self, row: RowFacts, claim: Claim, member: KnownMember, values: tuple[MergeValue, ...]
    ) -> Decision:
        """A member that we archived comes back: to at most its former state, and what consent allows today."""
        key = member.key
        former = self.standing.former(row.member_id)
        if key is None or key.archived_from is None or claim.consent == Consent.NO:
            opt_out = self.opt_outs(row.member_id, claim)
            outcome = Outcome.UNSUBSCRIBED if opt_out else Outcome.SKIPPED
            return Decision(outcome, Reason.NO_CONSENT, opt_out=opt_out, known_status=member.status)
        if any(self._status(left) == MemberStatus.UNSUBSCRIBED for left in former):
            return Decision(Outcome.SKIPPED, Reason.OPTED_OUT_BEFORE, known_status=member.status)
        own = self.standing.former_of(row.name, row.member_id)
        if archived_by_a_person(own):
            return Decision(Outcome.SKIPPED, Reason.ARCHIVED_BY_PERSON, known_status=member.status)
        alive = [left.status for left in own if left.status not in {MemberStatus.ARCHIVED, MemberStatus.CLEANED}]
        status = lowest(key.archived_from, self.sync.consent.new_members, *alive)
        update = self.fields.update(row, member, values)
        agreed = self.fields.agreed(row, member, values, update)
        base = replace(self.base_of(row, values), opted_in_at=member.opted_in_at, fields=agreed)
        update[self.sync.audience.key_field] = str(self._key(row))
        return Decision(
            Outcome.UPDATED,
            returns=status,
            opted_in_at=member.opted_in_at,
            update={**update, self.sync.audience.base_field: str(base)},
            set_tags=self.fields.tag_digest(row.source) is not None,
            leaves_behind=self._leaves_behind(row),
            known_status=member.status,
            known_opt_in=member.opted_in_at,
            base=base,
        )

    def _decide_followed(
        self, row: RowFacts, claim: Claim, member: KnownMember, values: tuple[MergeValue, ...]
    ) -> Decision:
        """The subscriber changed the address: that stays, and everything else of the row goes to the member there."""
        if member.status == MemberStatus.ARCHIVED:
            reason = Reason.HELD_BY_SUBSCRIBER if left_by_us(member) else Reason.ARCHIVED_BY_PERSON
            return Decision(Outcome.SKIPPED, reason, known_status=member.status)
        opt_out = self.opt_outs(row.member_id, claim)
        _, notices = lowers(claim, member)
        update, base = self._differences(row, member, values)
        outcome = Outcome.UNSUBSCRIBED if opt_out else Outcome.UPDATED if update else Outcome.UNCHANGED
        return Decision(
            outcome,
            update=update,
            member_id=member.id,
            opt_out=opt_out,
            overwrites=self.fields.overwritten(member, update),
            known_status=self._status(member),
            known_opt_in=member.opted_in_at,
            base=base,
            notices=(*notices, Notice.ADDRESS_OF_SUBSCRIBER),
        )

    def _leaves_behind(self, row: RowFacts, *, moving: KnownMember | None = None) -> tuple[str, ...]:
        at = row.member_id
        former = (*self.standing.former_of(row.name, at), *self.standing.former(at))
        return tuple(dict.fromkeys(member.id for member in former if moving is None or member.id != moving.id))

    def _not_for_us(self, member: KnownMember) -> Reason | None:
        key = member.key
        if key and key.owner != self.sync.owner:
            return Reason.OTHER_SYNC
        if member.status == MemberStatus.ARCHIVED and not left_by_us(member):
            return Reason.ARCHIVED_BY_PERSON
        if member.stray_key or (key is None and not self.sync.audience.adopt):
            return Reason.NOT_OURS
        return None

    def _status(self, member: KnownMember) -> MemberStatus:
        return MemberStatus.UNSUBSCRIBED if member.id in self.lowered else member.status

    def _base(
        self, row: RowFacts, member: KnownMember, values: tuple[MergeValue, ...], update: Mapping[str, MergeValue]
    ) -> Base:
        before = member.base
        return Base(
            address=address_digest(row.member_id),
            opted_in_at=before.opted_in_at if before else None,
            tags=before.tags if before else None,
            fields=self.fields.agreed(row, member, values, update),
        )

    def _ours(self, row: RowFacts, member: KnownMember, base: Base) -> dict[str, MergeValue]:
        """Our own two merge fields, where they differ."""
        adopted, present = self.fields.is_adopted(member), member.key
        ours: dict[str, MergeValue] = {}
        if present is None or not present.is_of(self.sync.owner, row.source, row.key, adopted=adopted):
            ours[self.sync.audience.key_field] = str(self._key(row, adopted=adopted))
        if member.base != base:
            ours[self.sync.audience.base_field] = str(base)
        return ours

    def _key(self, row: RowFacts, *, adopted: bool = False) -> MemberKey:
        return MemberKey(owner=self.sync.owner, source=row.source, key=row.key, adopted=adopted)
