"""What the audience holds after a run, by status, and how many contacts that bills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from afas_mailchimp.audience import MemberStatus

BILLED = (MemberStatus.SUBSCRIBED, MemberStatus.UNSUBSCRIBED, MemberStatus.TRANSACTIONAL)
"""Statuses that Mailchimp's marketing plans charge for; pending, cleaned and archived contacts are free."""


class Forecast:
    """Counts members by status: as they were read, and as the run leaves them.

    :param statuses: the audience as it was read.
    """

    def __init__(self, statuses: Mapping[MemberStatus, int]) -> None:
        self._counts = Counter(statuses)

    def becomes(self, after: MemberStatus, *, before: MemberStatus | None = None) -> None:
        """Count one member's change.

        :param before: None for a new member.
        """
        if before is not None:
            self._counts[before] -= 1
        self._counts[after] += 1

    def as_json(self) -> dict[str, int]:
        """Members by status, their number, and how many are billed."""
        counts = {status.value: max(self._counts[status], 0) for status in MemberStatus}
        return {**counts, "billed": sum(counts[status.value] for status in BILLED)}
