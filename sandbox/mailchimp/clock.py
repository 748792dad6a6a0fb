"""Time of the stand-in: settable, in whole seconds since 1970, written as Mailchimp writes it. 0 means "never"."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

# Six digits of fraction at most: a longer one was seen to make a filter disappear instead of being refused.
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,6})?)?)?(Z|[+-]\d\d:?\d\d)?",
)


class Clock:
    """Now, unless a test has stopped it."""

    def __init__(self) -> None:
        self._stopped: float | None = None

    def now(self) -> int:
        """Whole seconds, rounded down."""
        return int(time.time() if self._stopped is None else self._stopped)

    def stop(self, at: float | None) -> None:
        """Stand still at a moment; None lets real time run again."""
        self._stopped = at


@lru_cache(maxsize=65_536)
def written(seconds: int) -> str:
    """Write a moment: ``2026-11-23T08:15:00+00:00``, or an empty text where there is none."""
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else ""


def read(text: str) -> float | None:
    """Read a moment, None when it cannot be read. Without an offset it is UTC."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_zone(offset)
        )
        return moment.timestamp() + float(fraction or 0)
    except (ValueError, OverflowError):
        return None


def _zone(offset: str | None) -> timezone:
    if offset in {None, "Z"}:
        return UTC
    assert offset is not None  # noqa: S101 - for the type checker, None was dealt with above
    digits = offset[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-distance if offset[0] == "-" else distance)
