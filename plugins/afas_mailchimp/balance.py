"""The balance sheet of a sync: rows in AFAS, less those without a place, against members in Mailchimp; and the bill."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.sync_seen import ReportSeen


class Line(StrEnum):
    """What is taken off the rows of AFAS."""

    FILTERED = "filtered"
    INVALID = "invalid"
    SHARED = "shared"
    NO_CONSENT = "no_consent"
    OTHER = "other"
    REJECTED = "rejected"


class Ends(StrEnum):
    """How a balance comes out."""

    EVEN = "even"
    MORE = "more"
    """Members without a row of this sync: signed up by themselves, or the memory of an opt-out."""
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a full run saw of both sides.

    :param lines: what is taken off, only what is not zero.
    :param expected: rows that have a member of their own.
    :param members: members that are not archived, by status.
    """

    read: int
    lines: tuple[tuple[Line, int], ...]
    expected: int
    members: dict[str, int]

    @property
    def actual(self) -> int:
        """Members that are not archived."""
        return sum(self.members.values())

    @property
    def difference(self) -> int:
        """Members without a row; negative: rows without a member."""
        return self.actual - self.expected

    @property
    def ends(self) -> Ends:
        """How it comes out."""
        if self.difference == 0:
            return Ends.EVEN
        return Ends.MORE if self.difference > 0 else Ends.FEWER


@dataclass(frozen=True, slots=True)
class Bill:
    """Contacts that Mailchimp charges.

    :param unmailable: of these, those that opted out: charged, and never mailed.
    :param without_row: of these, those without a row of this sync in AFAS; None while no full run was seen.
    """

    billed: int
    unmailable: int
    without_row: int | None


def balance_of(report: ReportSeen) -> Balance:
    """Make up the balance of a full run."""
    filtered, shared = report.count_of(Reason.FILTERED_OUT), report.count_of(Reason.SHARED_ADDRESS)
    no_consent = report.count_of(Reason.NO_CONSENT) + report.count_of(Reason.OPTED_OUT_BEFORE)
    # A reason of a skipped row may also stand beside an opt-out; never take off more than was skipped.
    no_consent = min(no_consent, max(report.skipped - filtered - shared, 0))
    lines = {
        Line.FILTERED: filtered,
        Line.INVALID: report.invalid,
        Line.SHARED: shared,
        Line.NO_CONSENT: no_consent,
        Line.OTHER: max(report.skipped - filtered - shared - no_consent, 0),
        Line.REJECTED: report.rejected,
    }
    audience = report.audience or {}
    members = {
        status.value: audience.get(status.value, 0) for status in MemberStatus if status != MemberStatus.ARCHIVED
    }
    expected = report.created + report.updated + report.unchanged + report.unsubscribed
    return Balance(report.read, tuple((line, count) for line, count in lines.items() if count), expected, members)


def bill_of(audience: dict[str, int], balance: Balance | None) -> Bill:
    """What Mailchimp charges for.

    :param audience: of the newest report that has one.
    :param balance: of the newest full run.
    """
    billed = audience.get("billed", 0)
    without = None if balance is None else min(max(balance.difference, 0), billed)
    return Bill(billed, audience.get(MemberStatus.UNSUBSCRIBED.value, 0), without)


COUNTED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNSUBSCRIBED)
"""Outcomes that a sentence about a run names first: what it did."""
