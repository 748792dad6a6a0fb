"""How far a long run is: what the log says and the UI shows every few seconds. Counts alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """What a run is doing."""

    SURVEY = "reading both sides"
    WRITING = "comparing and writing"
    LEAVING = "archiving"


@dataclass(frozen=True, slots=True)
class Progress:
    """One sight of a run.

    :param rows: rows of AFAS that are done in this phase.
    :param of: how many there are, None while nobody knows.
    :param members: members of the audience that were read (survey) or written (later).
    :param seconds: how long the phase lasts so far.
    """

    phase: Phase
    rows: int
    of: int | None
    members: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Rows a second in this phase so far."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the phase may still last at this rate; None where nobody knows."""
        if self.of is None or not self.per_second:
            return None
        return max(self.of - self.rows, 0) / self.per_second

    def as_json(self) -> dict[str, Any]:
        """For the UI."""
        left = self.seconds_left
        return {
            "phase": self.phase.value,
            "rows": self.rows,
            "of": self.of,
            "members": self.members,
            "rows_per_second": round(self.per_second),
            "seconds_left": None if left is None else round(left),
        }

    def __str__(self) -> str:
        known = f" of {self.of:,}" if self.of is not None else ""
        members = f", {self.members:,} members" if self.members else ""
        left = self.seconds_left
        rest = "" if left is None else f", about {_clock(left)} left"
        return f"{self.phase.value}: {self.rows:,}{known} rows{members} ({self.per_second:,.0f} rows a second{rest})"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
