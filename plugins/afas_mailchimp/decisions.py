"""The one decision function: (row, what AFAS says about its address, member) → what happens. Used by every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from afas_mailchimp.amsterdam_time import to_utc
from afas_mailchimp.audience import MemberStatus, MergeValue
from afas_mailchimp.audience_index import AudienceIndex, KnownMember, row_name
from afas_mailchimp.member_key import Base, MemberKey, digest
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.survey import Claim, Survey

CAN_OPT_OUT = frozenset({MemberStatus.SUBSCRIBED, MemberStatus.PENDING, MemberStatus.TRANSACTIONAL})
OWN_SIGN_UP_MARGIN = timedelta(minutes=10)
"""How much later than the opt-in time that we gave a member's must be to count as the person's own sign-up."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens for one row. At most one of ``create`` and ``update`` is set.

    :param outcome: how the row ends when every write succeeds.
    :param create: status for the new member.
    :param update: merge values to write to the member at the row's address.
    :param opt_out: members to lower to unsubscribed.
    :param set_tags: the source's tags are set once, on entry.
    :param known_status: status of the member before the write.
    :param known_opt_in: its opt-in time before the write.
    :param base: the member's base field once the update is written.
    """

    outcome: Outcome
    reason: Reason | None = None
    create: MemberStatus | None = None
    update: Mapping[str, MergeValue] = field(default_factory=dict, repr=False)
    opt_out: tuple[str, ...] = field(default=(), repr=False)
    set_tags: bool = False
    adopts: bool = False
    known_status: MemberStatus | None = None
    known_opt_in: datetime | None = None
    base: Base | None = None
    notices: tuple[Notice, ...] = ()


class Decider:
    """Applies the rules of one sync to rows, against one audience index.

    :param index: what is known of the audience; may grow while rows are decided.
    :param survey: what is known of AFAS.
    """

    def __init__(self, sync: SyncFile, index: AudienceIndex, survey: Survey) -> None:
        self.sync, self.index, self.survey = sync, index, survey
        self.tags_of = {name: tuple(source.merge_fields) for name, source in sync.sources.items()}
        self._tag_digests = {
            name: digest(*sorted(source.tags)) if source.tags else None for name, source in sync.sources.items()
        }

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
        member = self.index.get(row.member_id)
        elsewhere = tuple(known for known in self.index.holders(row.name) if known.id != row.member_id)
        if elsewhere and not (member and member in self.index.holders(row.name)):
            return self._moved(row, claim, elsewhere)
        return self.decide_existing(row, claim, member, values) if member else self._absent(claim)

    def new_member_values(self, row: RowFacts, values: tuple[MergeValue, ...]) -> dict[str, MergeValue]:
        """The merge values that a created member starts with (without base field); blanks are left out."""
        wanted = {tag: value for tag, value in zip(self.tags_of[row.source], values, strict=True) if value != ""}
        return {**wanted, self.sync.audience.key_field: str(self._key(row))}

    def base_of(self, row: RowFacts) -> Base:
        """The base of a member at the row's address, before tags and opt-in time are known."""
        return Base(address=digest(row.address))

    def tagged(self, base: Base, source: str) -> Base:
        """The base once the tags of a source were set."""
        return Base(address=base.address, opted_in_at=base.opted_in_at, tags=self._tag_digests[source])

    def opt_outs(self, member_id: str, claim: Claim) -> tuple[str, ...]:
        """Members that AFAS's no lowers, for one address: the one there, and those that hold the winner's key."""
        members = [known for known in self.index.holders(claim.winner) if known.id != member_id]
        here = self.index.get(member_id)
        if here and not self._not_for_us(here):
            members.append(here)
        return tuple(lowered for known in members for lowered in self._consent(claim, known)[0])

    def _consent(self, claim: Claim, member: KnownMember) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
        """Whether what AFAS says lowers a member, and whether the two sides disagree."""
        if claim.consent == Consent.NO and member.status in CAN_OPT_OUT:
            return ((), (Notice.CONSENT_DIFFERS,)) if _signed_up_later(claim, member) else ((member.id,), ())
        if claim.consent == Consent.YES and member.status == MemberStatus.UNSUBSCRIBED:
            return (), (Notice.CONSENT_DIFFERS,)
        return (), ()

    def _absent(self, claim: Claim) -> Decision:
        if claim.consent == Consent.NO:
            return Decision(Outcome.SKIPPED, Reason.NO_CONSENT)
        tags = self._tag_digests[claim.source] is not None
        return Decision(Outcome.CREATED, create=self.sync.consent.new_members, set_tags=tags)

    def decide_existing(
        self, row: RowFacts, claim: Claim, member: KnownMember, values: tuple[MergeValue, ...]
    ) -> Decision:
        """Decide a winning row whose address has a member."""
        refused = self._not_for_us(member)
        if refused:
            return Decision(Outcome.SKIPPED, refused, known_status=member.status)
        if self._waits_for_move(row, member):
            opt_out = self.opt_outs(row.member_id, claim)
            outcome = Outcome.UNSUBSCRIBED if opt_out else Outcome.SKIPPED
            return Decision(outcome, Reason.HELD_BY_MOVED_ROW, opt_out=opt_out, known_status=member.status)
        update, base, retag = self._update(row, member, values)
        opt_out, notices = self._consent(claim, member)
        outcome = Outcome.UNSUBSCRIBED if opt_out else Outcome.UPDATED if update or retag else Outcome.UNCHANGED
        return Decision(
            outcome,
            update=update,
            opt_out=opt_out,
            set_tags=retag,
            adopts=member.key is None,
            known_status=member.status,
            known_opt_in=member.opted_in_at,
            base=base,
            notices=notices,
        )

    def _moved(self, row: RowFacts, claim: Claim, elsewhere: tuple[KnownMember, ...]) -> Decision:
        """The row's key sits at another address. The move itself is not made here, but AFAS's no still counts."""
        if all(
            known.status == MemberStatus.ARCHIVED and not (known.key and known.key.archived_from) for known in elsewhere
        ):
            return Decision(Outcome.SKIPPED, Reason.ARCHIVED_BY_PERSON)
        opt_out = self.opt_outs(row.member_id, claim)
        return Decision(Outcome.UNSUBSCRIBED if opt_out else Outcome.SKIPPED, Reason.ADDRESS_CHANGED, opt_out=opt_out)

    def _waits_for_move(self, row: RowFacts, member: KnownMember) -> bool:
        """The member still belongs to a row that is now at another address, and moving members is not built yet.

        Taking the member over would lose who it was: an opt-out of that person would not go along to the new address.
        """
        if member.key is None or row_name(member.key) == row.name:
            return False
        now_at = self.survey.address_of(row_name(member.key))
        return now_at is not None and now_at != member.id

    def _not_for_us(self, member: KnownMember) -> Reason | None:
        key = member.key
        if key and key.owner != self.sync.owner:
            return Reason.OTHER_SYNC
        if member.status == MemberStatus.ARCHIVED:
            return Reason.WOULD_RETURN if key and key.archived_from else Reason.ARCHIVED_BY_PERSON
        if member.stray_key or (key is None and not self.sync.audience.adopt):
            return Reason.NOT_OURS
        return None

    def _update(
        self, row: RowFacts, member: KnownMember, values: tuple[MergeValue, ...]
    ) -> tuple[dict[str, MergeValue], Base, bool]:
        wanted = dict(zip(self.tags_of[row.source], values, strict=True))
        adopted = member.key is None or member.key.adopted
        if member.key and member.key.source != row.source:
            left = [tag for tag in self.tags_of.get(member.key.source, ()) if tag not in wanted]
            wanted.update(dict.fromkeys(left, ""))
        if adopted:
            # What a marketer knew of an adopted member is not wiped out because AFAS knows nothing.
            wanted = {tag: value for tag, value in wanted.items() if value != ""}
        update = self.index.differing(member, wanted)
        key = self._key(row, adopted=adopted)
        base = Base(
            address=digest(row.address),
            opted_in_at=member.base.opted_in_at if member.base else None,
            tags=member.base.tags if member.base else None,
        )
        if member.key != key:
            update[self.sync.audience.key_field] = str(key)
        if member.base != base:
            update[self.sync.audience.base_field] = str(base)
        wants_tags = self._tag_digests[row.source]
        return update, base, wants_tags is not None and base.tags != wants_tags

    def _key(self, row: RowFacts, *, adopted: bool = False) -> MemberKey:
        return MemberKey(owner=self.sync.owner, source=row.source, key=row.key, adopted=adopted)


INVALID = frozenset({Reason.EMAIL_INVALID, Reason.EMAIL_MISSING, Reason.KEY_MISSING, Reason.KEY_NOT_UNIQUE})


def _signed_up_later(claim: Claim, member: KnownMember) -> bool:
    """The person's own sign-up in Mailchimp is later than AFAS's no.

    The opt-in time of a member that we created is ours, unless it moved since.
    """
    if member.opted_in_at is None or claim.said_no_at is None or member.status != MemberStatus.SUBSCRIBED:
        return False
    if member.key and not member.key.adopted:
        given = member.base.opted_in_at if member.base else None
        if given is None or member.opted_in_at <= given + OWN_SIGN_UP_MARGIN:
            return False
    return member.opted_in_at > to_utc(claim.said_no_at)
