"""AFAS's time: Amsterdam wall time in milliseconds, shown as whole seconds with a ``Z`` that is not true."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time has no zone here
_MILLISECOND = timedelta(milliseconds=1)
_FILTER_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?")


class Rounding(StrEnum):
    """What becomes of fractions of a second in an answer."""

    HALF_UP = "half-up"
    TRUNCATE = "truncate"


def to_wall(moment: datetime) -> int:
    """Milliseconds of Amsterdam wall time at a moment that knows its zone."""
    return (moment.astimezone(AMSTERDAM).replace(tzinfo=None) - _EPOCH) // _MILLISECOND


def parse_wall(text: str) -> int:
    """Read wall time as filters have it, without ``Z`` or offset; anything else is a ValueError."""
    if not _FILTER_DATE.fullmatch(text):
        msg = "a date is YYYY-MM-DDTHH:MM:SS, without Z or offset"
        raise ValueError(msg)
    return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND


def exact_wall(wall: int) -> str:
    """Wall time with its milliseconds, as the control surface shows and takes it."""
    return (_EPOCH + timedelta(milliseconds=wall)).isoformat(timespec="milliseconds")


def render_wall(wall: int, rounding: Rounding) -> str:
    """Wall time as an answer shows it."""
    seconds = (wall + 500) // 1000 if rounding is Rounding.HALF_UP else wall // 1000
    return (_EPOCH + timedelta(seconds=seconds)).isoformat() + "Z"


class Clock:
    """The clock of an environment: real, or stopped at a moment."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def set(self, moment: str | None) -> None:
        """Stop at a moment that names its zone (``2026-10-25T01:30:00Z``); None makes it real again."""
        at = None if moment is None else datetime.fromisoformat(moment)
        if at is not None and at.tzinfo is None:
            msg = "the clock is set with a zone, such as 2026-10-25T01:30:00Z"
            raise ValueError(msg)
        self._at = at

    def now(self) -> datetime:
        """The moment, in UTC."""
        return (self._at or datetime.now(UTC)).astimezone(UTC)

    def wall(self) -> int:
        """The moment in milliseconds of wall time."""
        return to_wall(self.now())

    def date_header(self) -> str:
        """The moment as the HTTP header ``Date`` says it."""
        return email.utils.format_datetime(self.now().replace(microsecond=0), usegmt=True)
