"""Limits against mistakes that the last run came near to: seen before a run is stopped by one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from afas_mailchimp.audience_index import MAILABLE
from afas_mailchimp.leaving import SMALL
from afas_mailchimp.sync_seen import ReportSeen

if TYPE_CHECKING:
    from afas_mailchimp.settings import LimitSettings

NEAR = 0.5
"""From this part of a limit on it is told: twice as many next time, and that write is left out."""


class Limit(StrEnum):
    """Limits of a sync file that an import keeps to."""

    ARCHIVE = "max_archive_percent"
    UNSUBSCRIBED = "max_unsubscribed_percent"
    REJECTED = "max_rejected_percent"
    CREATED = "max_created"


@dataclass(frozen=True, slots=True)
class NearLimit:
    """One limit.

    :param count: what the run did.
    :param of: of how many, None where the limit is a number.
    :param allowed: the limit, in percent where there is an ``of``.
    """

    limit: Limit
    count: int
    of: int | None
    allowed: float

    @property
    def percent(self) -> float | None:
        """The share that the run took."""
        return 100 * self.count / self.of if self.of else None


def near_limits(report: ReportSeen, limits: LimitSettings) -> tuple[NearLimit, ...]:
    """Compare what a run did with what it may do; what went above a limit is told by the run itself."""
    return tuple(each for each in _compared(report, limits) if NEAR <= _used(each) <= 1)


def _compared(report: ReportSeen, limits: LimitSettings) -> Iterator[NearLimit]:
    audience = report.audience
    if audience is not None:
        # The report tells how many there are now; those whom the run took out were among them when it judged.
        left = sum(audience.get(status.value, 0) for status in MAILABLE)
        ours = left + report.archived + report.unsubscribed
        if ours > SMALL:
            yield NearLimit(Limit.ARCHIVE, report.archived, ours, limits.max_archive_percent)
            yield NearLimit(Limit.UNSUBSCRIBED, report.unsubscribed, ours, limits.max_unsubscribed_percent)
    if report.read > SMALL:
        yield NearLimit(Limit.REJECTED, report.rejected, report.read, limits.max_rejected_percent)
    if limits.max_created is not None:
        yield NearLimit(Limit.CREATED, report.created, None, limits.max_created)


def _used(near: NearLimit) -> float:
    if not near.count or not near.allowed:
        return 0.0
    done = near.count if near.percent is None else near.percent
    return done / near.allowed
