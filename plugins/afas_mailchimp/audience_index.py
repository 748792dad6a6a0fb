"""The audience as a compact index by subscriber hash: status, our key, digests of merge values. No addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from afas_mailchimp.audience import Member, MemberStatus, MergeValue
from afas_mailchimp.field_mapping import FieldKind
from afas_mailchimp.member_key import Base, MemberKey, parse_base, parse_member_key
from afas_mailchimp.merge_values import comparable
from afas_mailchimp.write_back_values import member_digests

MAILABLE = frozenset({MemberStatus.SUBSCRIBED, MemberStatus.TRANSACTIONAL})
"""Statuses from which we archive: Mailchimp refuses pending and cleaned, and unsubscribed is an opt-out's memory."""

STRICTNESS = {
    MemberStatus.SUBSCRIBED: 5,
    MemberStatus.PENDING: 4,
    MemberStatus.TRANSACTIONAL: 3,
    MemberStatus.UNSUBSCRIBED: 2,
    MemberStatus.CLEANED: 1,
    MemberStatus.ARCHIVED: 0,
}
"""How much mail a status allows; consent only ever goes down by itself."""


@dataclass(frozen=True, slots=True)
class KnownMember:
    """What a decision needs to know of a member.

    :param key: our key, None when the field is empty or not ours.
    :param stray_key: the key field holds something that this package did not write.
    :param digests: in-memory digests of its merge values by position in ``AudienceIndex.tags``.
    :param back: digests of the values that are written back, by fact, in the form that a base has.
    """

    id: str = field(repr=False)
    status: MemberStatus
    key: MemberKey | None
    base: Base | None
    opted_in_at: datetime | None
    digests: tuple[int, ...] = field(repr=False)
    stray_key: bool = False
    back: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


class AudienceIndex:
    """Members by address and by key.

    :param tags: merge tags whose values are compared, in the order of their digests.
    :param owner: the owner whose keys are looked up.
    :param back: facts that are written back and filled from AFAS too, with the kinds of their merge fields.
    """

    def __init__(
        self,
        *,
        tags: Sequence[str],
        key_field: str,
        base_field: str,
        owner: str,
        back: Mapping[str, FieldKind] = {},
    ) -> None:
        self.back = back
        self.tags = {tag: position for position, tag in enumerate(tags)}
        self.key_field, self.base_field, self.owner = key_field, base_field, owner
        self._members: dict[bytes, KnownMember] = {}
        self._by_key: dict[str, set[bytes]] = {}
        self._left_at: dict[bytes, datetime] = {}

    @property
    def wanted_tags(self) -> tuple[str, ...]:
        """The merge tags to ask Mailchimp for."""
        return (*self.tags, self.key_field, self.base_field)

    def add(self, member: Member) -> KnownMember:
        """Take in a member; a later sight of the same address replaces the earlier one."""
        known = self.known(member)
        address = bytes.fromhex(known.id)
        self.discard(known.id)
        self._members[address] = known
        if is_leaver(member.status, known.key, owner=self.owner) and member.last_changed:
            self._left_at[address] = member.last_changed
        if known.key and known.key.owner == self.owner:
            self._by_key.setdefault(row_name(known.key), set()).add(address)
        return known

    def discard(self, member_id: str) -> None:
        """Forget a member."""
        address = bytes.fromhex(member_id)
        known = self._members.pop(address, None)
        self._left_at.pop(address, None)
        if known and known.key:
            self._by_key.get(row_name(known.key), set()).discard(address)

    def known(self, member: Member) -> KnownMember:
        """A member in the index's own form, without taking it in."""
        values = member.merge_fields
        text = values.get(self.key_field, "")
        key = parse_member_key(text)
        return KnownMember(
            id=member.id,
            status=member.status,
            key=key,
            base=parse_base(values.get(self.base_field, "")),
            opted_in_at=member.opted_in_at,
            digests=tuple([value_digest(values.get(tag, "")) for tag in self.tags]),
            stray_key=bool(text) and key is None,
            back=member_digests(self.back, values) if self.back else NO_DIGESTS,
        )

    def get(self, member_id: str) -> KnownMember | None:
        """The member with an address, in any status."""
        return self._members.get(bytes.fromhex(member_id))

    def holders(self, name: str) -> tuple[KnownMember, ...]:
        """Members that carry the key of a row (``debtors:10001``); more than one only after a mishap."""
        addresses = self._by_key.get(name)
        return tuple(self._members[address] for address in sorted(addresses)) if addresses else ()

    def is_only_holder(self, name: str, member_id: str) -> bool:
        """Whether one member alone carries the key of a row."""
        addresses = self._by_key.get(name)
        return addresses is not None and len(addresses) == 1 and bytes.fromhex(member_id) in addresses

    def left_at(self) -> Iterator[tuple[str, str, datetime]]:
        """Row, subscriber hash and last change of every member that we archived and that is still archived."""
        for address, moment in self._left_at.items():
            known = self._members[address]
            if known.key:
                yield row_name(known.key), known.id, moment

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[KnownMember]:
        return iter(self._members.values())

    def ours(self) -> Iterator[KnownMember]:
        """Members that carry a key of this sync."""
        return (known for known in self if known.key and known.key.owner == self.owner)

    def mailable_ours(self) -> int:
        """How many members of this sync can get mail: what the limits are percentages of."""
        return sum(known.status in MAILABLE or known.status == MemberStatus.PENDING for known in self.ours())

    def differing(self, member: KnownMember, values: Mapping[str, MergeValue]) -> dict[str, MergeValue]:
        """Those of the wanted values that the member does not have."""
        return {tag: value for tag, value in values.items() if member.digests[self.tags[tag]] != value_digest(value)}

    def is_blank(self, member: KnownMember, tag: str) -> bool:
        """Whether a member has no value in a merge field."""
        return member.digests[self.tags[tag]] == BLANK

    def statuses(self) -> Counter[MemberStatus]:
        """How many members have each status."""
        return Counter(known.status for known in self)


def is_leaver(status: MemberStatus, key: MemberKey | None, *, owner: str) -> bool:
    """Whether a member is one that we archived, not one that a person did."""
    return bool(status == MemberStatus.ARCHIVED and key and key.owner == owner and key.archived_from)


def row_name(key: MemberKey) -> str:
    """``debtors:10001`` of a member key."""
    return f"{key.source}:{key.key}"


def value_digest(value: object) -> int:
    """Digest of a merge value; only ever in memory, salted anew in each process by Python itself."""
    return hash(comparable(value))


BLANK = value_digest("")
NO_DIGESTS: Mapping[str, str] = {}
