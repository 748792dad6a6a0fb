"""The Dutch clock: windows, watermarks, and the two nights on which the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.amsterdam_time import ZONE, as_filter, first_window, next_window, parse_modified

OVERLAP = timedelta(minutes=10)


def wall(text: str) -> datetime:
    """Naive Amsterdam wall time."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("watermark", "now", "start", "end", "after"),
    [
        pytest.param(
            "2026-06-01T10:00",
            "2026-06-01T08:15",
            "2026-06-01T09:50",
            "2026-06-01T10:15",
            "2026-06-01T10:15",
            id="an ordinary quarter",
        ),
        pytest.param(
            "2026-10-25T01:45",
            "2026-10-25T00:30",
            "2026-10-25T01:35",
            "2026-10-25T03:00",
            "2026-10-25T02:00",
            id="in the first of the two hours: the watermark waits",
        ),
        pytest.param(
            "2026-10-25T02:00",
            "2026-10-25T01:15",
            "2026-10-25T01:50",
            "2026-10-25T03:00",
            "2026-10-25T02:00",
            id="in the second: it still waits, both hours are read",
        ),
        pytest.param(
            "2026-10-25T02:00",
            "2026-10-25T02:05",
            "2026-10-25T01:50",
            "2026-10-25T03:05",
            "2026-10-25T03:05",
            id="after it: all of it is read once more",
        ),
        pytest.param(
            "2026-10-25T03:05",
            "2026-10-25T02:20",
            "2026-10-25T02:00",
            "2026-10-25T03:20",
            "2026-10-25T03:20",
            id="an overlap that reaches into it takes it whole",
        ),
        pytest.param(
            "2026-03-29T01:55",
            "2026-03-29T01:05",
            "2026-03-29T01:45",
            "2026-03-29T03:05",
            "2026-03-29T03:05",
            id="the hour that never exists is no obstacle",
        ),
    ],
)
def test_next_window(watermark: str, now: str, start: str, end: str, after: str) -> None:
    """A window starts before the watermark, ends at AFAS's clock, and takes the doubled hour whole."""
    window = next_window(wall(watermark), overlap=OVERLAP, now=utc(now))

    assert (wall(start), wall(end), wall(after)) == (window.start, window.end, window.watermark)


@given(
    changed=st.datetimes(min_value=datetime(2026, 10, 24, 20), max_value=datetime(2026, 10, 25, 4)),  # noqa: DTZ001
    gaps=st.lists(st.integers(min_value=60, max_value=7200), min_size=1, max_size=12),
)
def test_no_change_of_the_autumn_night_is_missed(changed: datetime, gaps: list[int]) -> None:
    """Whenever a row changed and whenever runs happened, the first run after the change or a later one reads it."""
    instant = changed.replace(tzinfo=UTC)
    stored = first_wall(instant)
    now = utc("2026-10-24T19:00:00")
    watermark = first_window(now)
    seen = False
    for gap in [*gaps, 8 * 3600, 8 * 3600]:
        now += timedelta(seconds=gap)
        window = next_window(watermark, overlap=OVERLAP, now=now)
        seen = seen or (instant < now and window.start <= stored < window.end)
        assert window.watermark >= watermark
        watermark = window.watermark

    assert seen


def first_wall(instant: datetime) -> datetime:
    """What AFAS stores for an instant: wall time without any trace of which of the two hours it was."""
    return instant.astimezone(ZONE).replace(tzinfo=None, fold=0)


def test_false_z_is_dropped() -> None:
    """AFAS writes Amsterdam time with a Z behind it (get-connector page: ignore this Z)."""
    assert wall("2026-06-01T10:00:00") == parse_modified("2026-06-01T10:00:00Z")
    assert parse_modified(None) is None
    assert parse_modified("gisteren") is None


def test_filter_form() -> None:
    """Filters take whole seconds without Z or offset."""
    assert "2026-06-01T10:00:00" == as_filter(wall("2026-06-01T10:00:00.700"))
