"""Which row wins each address, and what all rows with it say about consent: known before the first write.

Holds digests, keys and dates of the rows, no addresses. A million rows must not fill the memory of a worker, so they
are kept in columns, some eighty bytes a row; values are made when they are asked for.
"""

from __future__ import annotations

import functools
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from afas_mailchimp.digest_table import DigestTable, name_digest
from afas_mailchimp.outcomes import Reason
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.values import Value, replace


class Claim(Value, frozen=True, gc=False):
    """What AFAS as a whole says about one address.

    :param source, rank, key: the winning row.
    :param modified: the winner's modified date.
    :param consent: the strictest of all rows with the address: one row that says no is enough.
    :param said_no_at: latest modified date of the rows that say no; None when none does or it has no date.
    """

    source: str
    rank: int
    key: str
    modified: datetime | None
    consent: Consent
    said_no_at: datetime | None = None

    @property
    def winner(self) -> str:
        """Name of the winning row."""
        return f"{self.source}:{self.key}"


def claim_of(facts: RowFacts) -> Claim:
    """The claim of one row alone."""
    no = facts.consent == Consent.NO
    return Claim(facts.source, facts.rank, facts.key, facts.modified, facts.consent, facts.modified if no else None)


def merge_claims(one: Claim, other: Claim) -> Claim:
    """Join two claims to one address. The order is source, then latest modified, then key: the same in every run."""
    first = min(one, other, key=_priority)
    consent = _strictest(one.consent, other.consent)
    said_no_at = max((moment for moment in (one.said_no_at, other.said_no_at) if moment), default=None)
    return Claim(first.source, first.rank, first.key, first.modified, consent, said_no_at)


def _priority(claim: Claim) -> tuple[int, float, int, str]:
    # Among numeric-looking keys 999 comes before 10000.
    modified = claim.modified.toordinal() * 86400.0 + _seconds(claim.modified) if claim.modified else 0.0
    return claim.rank, -modified, len(claim.key), claim.key


def _seconds(moment: datetime) -> float:
    return moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6


def _strictest(*consents: Consent) -> Consent:
    if Consent.NO in consents:
        return Consent.NO
    return Consent.YES if Consent.YES in consents else Consent.UNKNOWN


_CONSENTS = tuple(Consent)
_REASONS: tuple[Reason | None, ...] = (None, *Reason)
_CONSENT_CODES = {consent: code for code, consent in enumerate(_CONSENTS)}
_REASON_CODES = {reason: code for code, reason in enumerate(_REASONS)}
_BEGINNING = datetime(1, 1, 1)  # noqa: DTZ001 - AFAS's wall time
_NO_DATE = -1
_MICROSECOND = timedelta(microseconds=1)


class Survey:
    """Collects rows of all sources of a sync."""

    def __init__(self) -> None:
        self._names, self._addresses = DigestTable(), DigestTable()
        # One entry a row, in the order in which they came.
        self._sources, self._consents, self._reasons = bytearray(), bytearray(), bytearray()
        self._modified, self._at = array("q"), array("i")
        self._key_texts, self._key_ends = bytearray(), array("I", (0,))
        # One entry an address; further rows with it are few.
        self._first = array("I")
        self._sharers: dict[int, list[int]] = {}
        self._refusals: dict[int, datetime | None] = {}
        self._noes: set[int] = set()
        self._known_sources: list[tuple[str, int]] = []
        self._places: dict[str, int] = {}
        self._rows_of: list[int] = []
        self._latest: tuple[str, Claim | None] = ("", None)

    @property
    def rows(self) -> int:
        """Rows taken in."""
        return len(self._names)

    def add(self, facts: RowFacts) -> bool:
        """Take in one row; False when its key was there already: the key column is not unique."""
        row, new = self._names.add(name_digest(facts.name))
        if not new:
            return False
        self._latest = ("", None)
        self._sources.append(self._source_of(facts))
        self._consents.append(_CONSENT_CODES[facts.consent])
        self._reasons.append(_REASON_CODES[facts.reason])
        self._modified.append(_NO_DATE if facts.modified is None else (facts.modified - _BEGINNING) // _MICROSECOND)
        self._key_texts += facts.key.encode("utf-8", "surrogatepass")
        self._key_ends.append(len(self._key_texts))
        # A row that takes no part can still say no for its address.
        refuses = facts.reason == Reason.FILTERED_OUT and facts.consent == Consent.NO and facts.member_id
        if facts.reason and not refuses:
            self._at.append(-1)
            return True
        address = self._place(facts.member_id)
        if facts.consent == Consent.NO:
            self._noes.add(address)
        if refuses:
            self._refusals[address] = facts.modified
            self._at.append(-1)
            return True
        self._at.append(address)
        if not self._first[address]:
            self._first[address] = row + 1
        else:
            self._sharers.setdefault(address, [self._first[address] - 1]).append(row)
        return True

    def rows_of(self, source: str) -> int:
        """Rows of one source, with those that take no part."""
        pairs = zip(self._known_sources, self._rows_of, strict=True)
        return sum(rows for (name, _), rows in pairs if name == source)

    def claim(self, member_id: str) -> Claim | None:
        """What AFAS says about an address; None when no row that takes part has it."""
        known, claim = self._latest
        if known != member_id:
            claim = self._claim(self._addresses.find(bytes.fromhex(member_id)))
            # A decision about a row asks several times about the same address.
            self._latest = (member_id, claim)
        return claim

    def names_at(self, member_id: str) -> Sequence[str]:
        """Names of the rows that take part with an address, the winner among them."""
        claim = self.claim(member_id)
        if claim is None:
            return ()
        shared = self._sharers.get(self._addresses.find(bytes.fromhex(member_id))) if self._sharers else None
        return [self._name(row) for row in shared] if shared else (claim.winner,)

    def names(self) -> Iterator[str]:
        """Names of the rows that were read, taking part or not."""
        return map(self._name, range(self.rows))

    def has_seen(self, name: str) -> bool:
        """Whether a row was read, taking part or not."""
        return self._names.find(name_digest(name)) >= 0

    def address_of(self, name: str) -> str | None:
        """Subscriber hash of a row that takes part."""
        row = self._names.find(name_digest(name))
        return None if row < 0 or self._at[row] < 0 else self._addresses[self._at[row]].hex()

    def unread(self, source: str) -> Unread:
        """The rows of a source that take part, to be ticked off in a second reading."""
        codes = {code for code, (name, _) in enumerate(self._known_sources) if name == source}
        wanted = (row for row in range(self.rows) if self._at[row] >= 0 and self._sources[row] in codes)
        return Unread(self._names, self._key, wanted)

    def kept_out(self, name: str) -> Reason | None:
        """Why a row that was seen takes no part."""
        row = self._names.find(name_digest(name))
        return None if row < 0 else _REASONS[self._reasons[row]]

    def is_at(self, row: int, member_id: str) -> bool:
        """Whether a row, given by its number, takes part with an address."""
        address = self._at[row] if row >= 0 else -1
        return address >= 0 and self._addresses[address] == bytes.fromhex(member_id)

    def stands_alone(self, name: str, member_id: str) -> bool:
        """Whether a row takes part with an address, and no other row does."""
        row = self._names.find(name_digest(name))
        return self.is_at(row, member_id) and self._at[row] not in self._sharers

    def refusals(self) -> Iterator[tuple[str, Claim]]:
        """Addresses for which a row says no, each with its claim."""
        for address in sorted(self._noes):
            claim = self._claim(address)
            if claim:
                yield self._addresses[address].hex(), claim

    def claims(self) -> Iterator[tuple[str, Claim]]:
        """Every address with its claim."""
        for address in range(len(self._addresses)):
            claim = self._claim(address)
            if claim:
                yield self._addresses[address].hex(), claim

    def _place(self, member_id: str) -> int:
        address, new = self._addresses.add(bytes.fromhex(member_id))
        if new:
            self._first.append(0)
        return address

    def _source_of(self, facts: RowFacts) -> int:
        place = self._places.get(facts.source)
        if place is None:
            place = self._places[facts.source] = len(self._known_sources)
            self._known_sources.append((facts.source, facts.rank))
            self._rows_of.append(0)
        self._rows_of[place] += 1
        return place

    def _claim(self, address: int) -> Claim | None:
        if address < 0 or not self._first[address]:
            return None
        shared = self._sharers.get(address) if self._sharers else None
        if shared:
            claim = functools.reduce(merge_claims, map(self._alone, shared))
        else:
            claim = self._alone(self._first[address] - 1)
        return self._with_refusal(address, claim) if address in self._refusals else claim

    def _alone(self, row: int) -> Claim:
        source, rank = self._known_sources[self._sources[row]]
        modified, consent = self._date(row), _CONSENTS[self._consents[row]]
        return Claim(source, rank, self._key(row), modified, consent, modified if consent == Consent.NO else None)

    def _with_refusal(self, address: int, claim: Claim) -> Claim:
        said_no_at = max((moment for moment in (claim.said_no_at, self._refusals[address]) if moment), default=None)
        return replace(claim, consent=Consent.NO, said_no_at=said_no_at)

    def _date(self, row: int) -> datetime | None:
        since = self._modified[row]
        return None if since == _NO_DATE else _BEGINNING + timedelta(microseconds=since)

    def _key(self, row: int) -> str:
        return self._key_texts[self._key_ends[row] : self._key_ends[row + 1]].decode("utf-8", "surrogatepass")

    def _name(self, row: int) -> str:
        return f"{self._known_sources[self._sources[row]][0]}:{self._key(row)}"


class Unread:
    """Rows that a second reading has not met yet."""

    def __init__(self, names: DigestTable, key_of: Callable[[int], str], rows: Iterable[int]) -> None:
        self._names, self._key_of = names, key_of
        self._marks = bytearray(len(names))
        for row in rows:
            self._marks[row] = 1
        self._left = self._marks.count(1)

    def __len__(self) -> int:
        return self._left

    def discard(self, name: str) -> int:
        """Tick off one row.

        :return: its number in the survey, -1 when it was not there.
        """
        row = self._names.find(name_digest(name))
        if 0 <= row < len(self._marks) and self._marks[row]:
            self._marks[row] = 0
            self._left -= 1
        return row

    def keys(self) -> list[str]:
        """AFAS keys of the rows that are left."""
        return sorted(self._key_of(row) for row, mark in enumerate(self._marks) if mark)
