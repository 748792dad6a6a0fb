"""Which row wins each address, and what all rows with it say about consent: known before the first write.

Holds digests, keys and dates of the rows, no addresses; a few dozen bytes a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from afas_mailchimp.outcomes import Reason
from afas_mailchimp.rows import Consent, RowFacts


@dataclass(frozen=True, slots=True)
class Claim:
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


class Survey:
    """Collects rows of all sources of a sync."""

    def __init__(self) -> None:
        self._claims: dict[bytes, Claim] = {}
        self._rows: dict[str, bytes] = {}
        self._kept_out: dict[str, Reason] = {}
        self._refusals: dict[bytes, datetime | None] = {}
        self._sharers: dict[bytes, list[str]] = {}
        self.rows = 0
        self._rows_of: Counter[str] = Counter()

    def add(self, facts: RowFacts) -> bool:
        """Take in one row; False when its key was there already: the key column is not unique."""
        if facts.name in self._rows or facts.name in self._kept_out:
            return False
        self.rows += 1
        self._rows_of[facts.source] += 1
        if facts.reason:
            self._kept_out[facts.name] = facts.reason
            if facts.member_id and facts.consent == Consent.NO and facts.reason == Reason.FILTERED_OUT:
                # A row that takes no part can still say no for its address.
                self._refusals[bytes.fromhex(facts.member_id)] = facts.modified
            return True
        address = bytes.fromhex(facts.member_id)
        self._rows[facts.name] = address
        mine, present = claim_of(facts), self._claims.get(address)
        self._claims[address] = merge_claims(present, mine) if present else mine
        if present:
            self._sharers.setdefault(address, [present.winner]).append(facts.name)
        return True

    def rows_of(self, source: str) -> int:
        """Rows of one source, with those that take no part."""
        return self._rows_of[source]

    def claim(self, member_id: str) -> Claim | None:
        """What AFAS says about an address; None when no row that takes part has it."""
        address = bytes.fromhex(member_id)
        claim = self._claims.get(address)
        return self._with_refusal(address, claim) if claim else None

    def names_at(self, member_id: str) -> Sequence[str]:
        """Names of the rows that take part with an address, the winner among them."""
        address = bytes.fromhex(member_id)
        claim = self._claims.get(address)
        return self._sharers.get(address) or ((claim.winner,) if claim else ())

    def has_seen(self, name: str) -> bool:
        """Whether a row was read, taking part or not."""
        return name in self._rows or name in self._kept_out

    def address_of(self, name: str) -> str | None:
        """Subscriber hash of a row that takes part."""
        address = self._rows.get(name)
        return address.hex() if address is not None else None

    def rows_taking_part(self, source: str) -> set[str]:
        """Names of the rows of a source that take part."""
        return {name for name in self._rows if name.partition(":")[0] == source}

    def kept_out(self, name: str) -> Reason | None:
        """Why a row that was seen takes no part."""
        return self._kept_out.get(name)

    def claims(self) -> Iterator[tuple[str, Claim]]:
        """Every address with its claim."""
        return ((address.hex(), self._with_refusal(address, claim)) for address, claim in self._claims.items())

    def _with_refusal(self, address: bytes, claim: Claim) -> Claim:
        if address not in self._refusals:
            return claim
        said_no_at = max((moment for moment in (claim.said_no_at, self._refusals[address]) if moment), default=None)
        return replace(claim, consent=Consent.NO, said_no_at=said_no_at)
