"""The audience as a compact index by subscriber hash: status, our key, digests of merge values. No addresses."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from afas_mailchimp.audience import Member, MemberStatus, MergeValue
from afas_mailchimp.digest_table import DigestTable, name_digest
from afas_mailchimp.field_mapping import FieldKind
from afas_mailchimp.member_key import MemberKey, own_row, parse_member_key
from afas_mailchimp.member_records import NO_DIGESTS, KnownMember, Packing, status_of
from afas_mailchimp.merge_values import comparable
from afas_mailchimp.write_back_values import member_digests

__all__ = ["MAILABLE", "STRICTNESS", "AudienceIndex", "KnownMember", "is_leaver", "row_name", "value_digest"]

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
        self._packing = Packing(len(self.tags))
        self._prefix = f"{owner}:"
        # One entry an address that was ever taken in; None for one that was forgotten again.
        self._addresses, self._packed = DigestTable(), list[bytes | None]()
        self._count = self._ours = 0
        # One entry a row whose key a member carries: that member's number and one, 0 for nobody; few rows have several.
        self._names, self._holder = DigestTable(), array("I")
        self._holders: dict[int, set[int]] = {}
        self._left_at: dict[int, datetime] = {}
        self._back: dict[int, Mapping[str, str]] = {}
        self._latest: tuple[int, KnownMember | None] = (-1, None)

    @property
    def wanted_tags(self) -> tuple[str, ...]:
        """The merge tags to ask Mailchimp for."""
        return (*self.tags, self.key_field, self.base_field)

    def add(self, member: Member) -> None:
        """Take in a member; a later sight of the same address replaces the earlier one. Not for two threads at once."""
        number, new = self._addresses.add(bytes.fromhex(member.id))
        if new:
            self._packed.append(None)
        else:
            self._forget(number)
        text = member.merge_fields.get(self.key_field, "")
        self._packed[number] = self._pack(member)
        self._count += 1
        if self.back:
            self._back[number] = member_digests(self.back, member.merge_fields)
        name = own_row(text, prefix=self._prefix)
        if name:
            self._ours += 1
            self._hold(name, number)
            if member.status == MemberStatus.ARCHIVED and member.last_changed:
                key = parse_member_key(text)
                if is_leaver(member.status, key, owner=self.owner):
                    self._left_at[number] = member.last_changed

    def discard(self, member_id: str) -> None:
        """Forget a member."""
        number = self._addresses.find(bytes.fromhex(member_id))
        if number >= 0:
            self._forget(number)

    def get(self, member_id: str) -> KnownMember | None:
        """The member with an address, in any status."""
        number = self._addresses.find(bytes.fromhex(member_id))
        return None if number < 0 or self._packed[number] is None else self._member(number)

    def known(self, member: Member) -> KnownMember:
        """What would be known of a member that is not taken in."""
        back = member_digests(self.back, member.merge_fields) if self.back else NO_DIGESTS
        return self._packing.unpack(self._pack(member), member_id=member.id, back=back)

    def holders(self, name: str) -> tuple[KnownMember, ...]:
        """Members that carry the key of a row (``debtors:10001``); more than one only after a mishap."""
        numbers = self._numbers(name)
        if len(numbers) < 2:  # noqa: PLR2004 - nothing to sort
            return tuple(map(self._member, numbers))
        return tuple(sorted(map(self._member, numbers), key=lambda member: member.id))

    def is_held(self, name: str) -> bool:
        """Whether any member carries the key of a row."""
        return bool(self._numbers(name))

    def is_only_holder(self, name: str, member_id: str) -> bool:
        """Whether one member alone carries the key of a row."""
        return tuple(self._numbers(name)) == (self._addresses.find(bytes.fromhex(member_id)),)

    def left_at(self) -> Iterator[tuple[str, str, datetime]]:
        """Row, subscriber hash and last change of every member that we archived and that is still archived."""
        for number, moment in self._left_at.items():
            known = self._member(number)
            if known.key:
                yield row_name(known.key), known.id, moment

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[KnownMember]:
        return (self._member(number) for number, packed in enumerate(self._packed) if packed is not None)

    def ours(self) -> Iterator[tuple[str, str, MemberStatus]]:
        """Row, subscriber hash and status of the members that carry a key of this sync."""
        for number, packed in enumerate(self._packed):
            name = packed and own_row(self._packing.key_text(packed), prefix=self._prefix)
            if packed and name:
                yield name, self._addresses[number].hex(), status_of(packed)

    def count_ours(self) -> int:
        """How many members carry a key of this sync."""
        return self._ours

    def mailable_ours(self) -> int:
        """How many members of this sync can get mail: what the limits are percentages of."""
        return sum(status in MAILABLE or status == MemberStatus.PENDING for _, _, status in self.ours())

    def differing(self, member: KnownMember, values: Mapping[str, MergeValue]) -> dict[str, MergeValue]:
        """Those of the wanted values that the member does not have."""
        return {tag: value for tag, value in values.items() if member.digests[self.tags[tag]] != value_digest(value)}

    def is_blank(self, member: KnownMember, tag: str) -> bool:
        """Whether a member has no value in a merge field."""
        return member.digests[self.tags[tag]] == BLANK

    def statuses(self) -> Counter[MemberStatus]:
        """How many members have each status."""
        return Counter(status_of(packed) for packed in self._packed if packed is not None)

    def _pack(self, member: Member) -> bytes:
        values = member.merge_fields
        digests = [value_digest(values.get(tag, "")) for tag in self.tags]
        key, base = values.get(self.key_field, ""), values.get(self.base_field, "")
        return self._packing.pack(member.status, member.opted_in_at, digests, key, base)

    def _member(self, number: int) -> KnownMember:
        known, member = self._latest
        packed = self._packed[number]
        if known != number or member is None:
            back = self._back.get(number, NO_DIGESTS)
            member = self._packing.unpack(packed or b"", member_id=self._addresses[number].hex(), back=back)
            # A decision about a row asks several times about the same member.
            self._latest = (number, member)
        return member

    def _numbers(self, name: str) -> Collection[int]:
        place = self._names.find(name_digest(name))
        if place < 0:
            return ()
        several = self._holders.get(place) if self._holders else None
        if several is not None:
            return several
        holder = self._holder[place]
        return (holder - 1,) if holder else ()

    def _hold(self, name: str, number: int) -> None:
        place, new = self._names.add(name_digest(name))
        if new:
            self._holder.append(number + 1)
        elif place in self._holders:
            self._holders[place].add(number)
        elif self._holder[place]:
            self._holders[place] = {self._holder[place] - 1, number}
        else:
            self._holder[place] = number + 1

    def _forget(self, number: int) -> None:
        packed = self._packed[number]
        if packed is None:
            return
        name = own_row(self._packing.key_text(packed), prefix=self._prefix)
        self._packed[number], self._latest = None, (-1, None)
        self._count -= 1
        self._ours -= bool(name)
        self._left_at.pop(number, None)
        self._back.pop(number, None)
        place = self._names.find(name_digest(name)) if name else -1
        if place >= 0 and place in self._holders:
            self._holders[place].discard(number)
        elif place >= 0:
            self._holder[place] = 0


def is_leaver(status: MemberStatus, key: MemberKey | None, *, owner: str) -> bool:
    """Whether a member is one that we archived, not one that a person did."""
    return bool(status == MemberStatus.ARCHIVED and key and key.owner == owner and key.archived_from)


def row_name(key: MemberKey) -> str:
    """``debtors:10001`` of a member key."""
    return f"{key.source}:{key.key}"


def value_digest(value: object) -> int:
    """Digest of a merge value; only ever in memory, salted anew in each process by Python itself."""
    return hash(value.strip() if isinstance(value, str) else comparable(value))


BLANK = value_digest("")
