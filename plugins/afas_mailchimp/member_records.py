"""What is known of a member, packed into some hundred bytes. As values a million members would take gigabytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.member_key import Base, MemberKey, parse_base, parse_member_key
from afas_mailchimp.values import Value

_STATUSES = tuple(MemberStatus)
_STATUS_CODES = {status: code for code, status in enumerate(_STATUSES)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_TIME = -(1 << 63)
_NO_TEXT = "\0"
"""In the place of something in the key field that is not even text: no key of ours, and not empty either."""

NO_DIGESTS: Mapping[str, str] = {}


class KnownMember(Value, frozen=True, gc=False):
    """What a decision needs to know of a member.

    :param key: our key, None when the field is empty or not ours.
    :param stray_key: the key field holds something that this package did not write.
    :param digests: in-memory digests of its merge values by position in ``AudienceIndex.tags``.
    :param back: digests of the values that are written back, by fact, in the form that a base has.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"id", "digests", "back"})

    id: str
    status: MemberStatus
    key: MemberKey | None
    base: Base | None
    opted_in_at: datetime | None
    digests: tuple[int, ...]
    stray_key: bool = False
    back: Mapping[str, str] = {}


class Packing:
    """Packs and unpacks: status, time of opting in, digests, then the texts of our two merge fields.

    :param digests: how many a member has.
    """

    def __init__(self, digests: int) -> None:
        self._head = struct.Struct(f"<BqH{digests}q")

    def pack(
        self, status: MemberStatus, opted_in_at: datetime | None, digests: Sequence[int], key: object, base: object
    ) -> bytes:
        """One member.

        :param key, base: what the two merge fields hold.
        """
        opted_in = _NO_TIME if opted_in_at is None else (opted_in_at - _EPOCH) // _MICROSECOND
        texts = _text(key)
        head = self._head.pack(_STATUS_CODES[status], opted_in, len(texts), *digests)
        return head + texts + (base.encode("utf-8", "surrogatepass") if isinstance(base, str) else b"")

    def unpack(self, packed: bytes, *, member_id: str, back: Mapping[str, str]) -> KnownMember:
        """The member as it was taken in."""
        code, opted_in, size, *digests = self._head.unpack_from(packed)
        begin = self._head.size
        text = packed[begin : begin + size].decode("utf-8", "surrogatepass")
        key = parse_member_key(text)
        return KnownMember(
            id=member_id,
            status=_STATUSES[code],
            key=key,
            base=parse_base(packed[begin + size :].decode("utf-8", "surrogatepass")),
            opted_in_at=None if opted_in == _NO_TIME else _EPOCH + timedelta(microseconds=opted_in),
            digests=tuple(digests),
            stray_key=bool(text) and key is None,
            back=back,
        )

    def key_text(self, packed: bytes) -> str:
        """What the key field holds."""
        begin = self._head.size
        return packed[begin : begin + self._head.unpack_from(packed)[2]].decode("utf-8", "surrogatepass")


def status_of(packed: bytes) -> MemberStatus:
    """The status alone."""
    return _STATUSES[packed[0]]


def _text(key: object) -> bytes:
    return (key if isinstance(key, str) else _NO_TEXT if key else "").encode("utf-8", "surrogatepass")
