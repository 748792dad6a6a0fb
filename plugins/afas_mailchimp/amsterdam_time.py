"""AFAS's clock: Amsterdam wall time under a false ``Z``, and the windows in which modified dates are read.

One hour exists twice in October: its wall times say nothing about their order. A window that touches it is widened to
the whole of it, and the watermark waits at its beginning until it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pendulum

ZONE = pendulum.timezone("Europe/Amsterdam")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A closed stretch of modified dates, in naive Amsterdam wall time.

    :param start: first second, included.
    :param end: first second that is not included.
    :param watermark: what the watermark becomes once everything in the window is confirmed.
    """

    start: datetime
    end: datetime
    watermark: datetime


def parse_modified(text: object) -> datetime | None:
    """Read a date of AFAS as naive wall time; its ``Z`` is dropped because it is not UTC (get-connector page)."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z").replace(" ", "T"))
    except ValueError:
        return None
    return moment if moment.tzinfo is None else moment.replace(tzinfo=None)


def as_filter(moment: datetime) -> str:
    """The form AFAS takes in a filter: whole seconds, no ``Z``, no offset."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def first_window(now: datetime) -> datetime:
    """The watermark after a full read that began at ``now`` (aware)."""
    wall, doubled = _wall(now)
    return doubled or wall


def next_window(watermark: datetime, *, overlap: timedelta, now: datetime) -> Window:
    """The window an incremental run reads.

    :param watermark: naive wall time up to which everything was confirmed.
    :param overlap: how far before it to start; covers rows committed late and AFAS's rounding of seconds.
    :param now: AFAS's clock at the start of the run (aware).
    """
    wall, doubled = _wall(now)
    end = doubled + HOUR if doubled else wall
    start = watermark - overlap
    for hour in doubled_hours(start, max(end, watermark)):
        start = min(start, hour)
    return Window(start=start, end=max(end, start), watermark=max(watermark, doubled or wall))


def doubled_hours(start: datetime, end: datetime) -> list[datetime]:
    """Beginnings of the hours that exist twice and touch ``[start, end]``, in wall time."""
    found = []
    for year in range(start.year, end.year + 1):
        last_sunday = max(datetime(year, 10, day) for day in range(25, 32) if datetime(year, 10, day).weekday() == 6)  # noqa: DTZ001, PLR2004
        hour = last_sunday.replace(hour=2)
        if _is_doubled(hour) and hour <= end and hour + HOUR > start:
            found.append(hour)
    return found


def to_utc(wall: datetime) -> datetime:
    """The later of the instants that a wall time can mean."""
    return wall.replace(tzinfo=ZONE, fold=1).astimezone(pendulum.UTC)


def _wall(now: datetime) -> tuple[datetime, datetime | None]:
    """Wall time of an instant, and the beginning of the doubled hour when it lies in it."""
    local = now.astimezone(ZONE)
    wall = datetime(local.year, local.month, local.day, local.hour, local.minute, local.second)  # noqa: DTZ001
    return wall, wall.replace(minute=0, second=0) if _is_doubled(wall) else None


def _is_doubled(wall: datetime) -> bool:
    return wall.replace(tzinfo=ZONE, fold=0).utcoffset() != wall.replace(tzinfo=ZONE, fold=1).utcoffset() and _exists(
        wall
    )


def _exists(wall: datetime) -> bool:
    there_and_back = wall.replace(tzinfo=ZONE, fold=0).astimezone(pendulum.UTC).astimezone(ZONE)
    return there_and_back.replace(tzinfo=None) == wall
