"""Who is who lives in the audience itself: our key and the base digest, in two hidden merge fields."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.values import Value, replace

_NAMES = r"(?P<owner>[a-z][a-z0-9_]*):(?P<source>[a-z][a-z0-9_]*)"
_HEAD = re.compile(_NAMES)
KEY = re.compile(rf"{_NAMES}:(?P<key>[^:+\-\s]+)(?P<adopted>\+)?(?:-(?P<mark>[st]))?")
MARKS = {MemberStatus.SUBSCRIBED: "s", MemberStatus.TRANSACTIONAL: "t"}
_FACT_DIGITS, _VALUE_DIGITS = 4, 8
_BACK = re.compile(rf"(?:[0-9a-f]{{{_FACT_DIGITS + _VALUE_DIGITS}}})+", re.ASCII)
STATUS_OF_MARK = {mark: status for status, mark in MARKS.items()}


class MemberKey(Value, frozen=True, gc=False):
    """``<owner>:<source>:<key>``, such as ``customers:debtors:10001``.

    :param key: AFAS's key as AFAS writes it (encoded only in text).
    :param adopted: the member was there before us (``+``).
    :param archived_from: status from which we archived it (``-s``, ``-t``).
    """

    owner: str
    source: str
    key: str
    adopted: bool = False
    archived_from: MemberStatus | None = None

    def __str__(self) -> str:
        mark = f"-{MARKS[self.archived_from]}" if self.archived_from else ""
        return f"{self.owner}:{self.source}:{encode_key(self.key)}{'+' if self.adopted else ''}{mark}"

    def is_of(self, owner: str, source: str, key: str, *, adopted: bool) -> bool:
        """Whether it is the key of a row, without a mark."""
        same = self.key == key and self.source == source and self.owner == owner
        return same and self.adopted == adopted and self.archived_from is None

    def marked(self, status: MemberStatus) -> MemberKey:
        """The key of a member that is about to be archived while it has this status."""
        return replace(self, archived_from=status)


def encode_key(key: str) -> str:
    """Percent-encode everything that has a meaning in our key, ``-`` and blanks included."""
    if key.isascii() and key.isalnum():
        return key
    return quote(key, safe="").replace("-", "%2D")


def parse_member_key(text: object) -> MemberKey | None:
    """Read our key field; None when it is empty or was not written by this package."""
    if not isinstance(text, str):
        return None
    head, _, key = text.rpartition(":")
    if key.isalnum() and key.isascii():
        # Nearly all: no mark, nothing encoded.
        names = _names(head)
        return MemberKey(*names, key) if names else None
    found = KEY.fullmatch(text)
    if not found:
        return None
    return MemberKey(
        owner=found["owner"],
        source=found["source"],
        key=unquote(found["key"]),
        adopted=bool(found["adopted"]),
        archived_from=STATUS_OF_MARK[found["mark"]] if found["mark"] else None,
    )


def own_row(text: object, *, prefix: str) -> str:
    """The row (``debtors:10001``) whose key a text is; empty where it is not a key of the owner.

    :param prefix: the owner and a colon.
    """
    if not isinstance(text, str) or not text.startswith(prefix):
        return ""
    head, _, key = text.rpartition(":")
    if key.isalnum() and key.isascii():
        return text[len(prefix) :] if _names(head) else ""
    known = parse_member_key(text)
    return f"{known.source}:{known.key}" if known else ""


@functools.lru_cache(maxsize=256)
def _names(head: str) -> tuple[str, str] | None:
    """Owner and source, which few texts are; None when they are none."""
    found = _HEAD.fullmatch(head)
    return (found["owner"], found["source"]) if found else None


class Base(Value, frozen=True, gc=False):
    """What we last put at a member, the base of a three-way comparison: ``a:<digest> o:<time> t:<digest> l:<time> w:``.

    :param address: digest of the address that AFAS had (see ``address_digest``).
    :param opted_in_at: the opt-in time that we gave on creation; a later one is the person's own sign-up.
    :param tags: digest of the tags that were set on entry.
    :param left_with: the opt-in time that the member had when we archived it; another one now means that the person
        signed up since.
    :param fields: digests of the values that are written back, by digest of the fact: what both sides last agreed on.
    """

    address: str
    opted_in_at: datetime | None = None
    tags: str | None = None
    left_with: datetime | None = None
    fields: Mapping[str, str] = {}

    def __str__(self) -> str:
        parts = [f"a:{self.address}"]
        if self.opted_in_at:
            parts.append(f"o:{int(self.opted_in_at.timestamp()):x}")
        if self.tags:
            parts.append(f"t:{self.tags}")
        if self.left_with:
            parts.append(f"l:{int(self.left_with.timestamp()):x}")
        if self.fields:
            parts.append(f"w:{''.join(fact + value for fact, value in sorted(self.fields.items()))}")
        return " ".join(parts)


def parse_base(text: object) -> Base | None:
    """Read the base field; None when it is empty or somebody changed it into something else."""
    if not isinstance(text, str):
        return None
    parts = {part[:1]: part[2:] for part in text.split() if part[1:2] == ":"}
    if not parts.get("a"):
        return None
    return Base(
        address=parts["a"],
        opted_in_at=_moment(parts.get("o")),
        tags=parts.get("t"),
        left_with=_moment(parts.get("l")),
        fields=_fields(parts.get("w", "")),
    )


def fact_digest(fact: str) -> str:
    """The name of a fact in a base."""
    return digest(fact)[:_FACT_DIGITS]


def field_digest(text: str) -> str:
    """The digest of a value in a base; eight digits are enough to tell a change from none."""
    return digest(text)[:_VALUE_DIGITS]


def _fields(text: str) -> dict[str, str]:
    if not _BACK.fullmatch(text):
        return {}
    return {
        text[at : at + _FACT_DIGITS]: text[at + _FACT_DIGITS : at + _FACT_DIGITS + _VALUE_DIGITS]
        for at in range(0, len(text), _FACT_DIGITS + _VALUE_DIGITS)
    }


def address_digest(member_id: str) -> str:
    """The digest of an address that a base holds, made of its subscriber hash so that a member's own can be told.

    :param member_id: subscriber hash.
    """
    return digest(member_id)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text, 16), tz=UTC) if text else None
    except (ValueError, OverflowError, OSError):
        return None


def digest(*texts: str) -> str:
    """A short digest for comparing; it is kept in Mailchimp only, beside the values that it is of."""
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=6).hexdigest()
