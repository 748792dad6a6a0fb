"""How far a run is, in words and as a value for the UI."""

from __future__ import annotations

import pytest

from afas_mailchimp.progress import Phase, Progress


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        pytest.param(
            Progress(Phase.SURVEY, rows=15_000, of=None, members=2_000, seconds=3.0),
            "reading both sides: 15,000 rows, 2,000 members (5,000 rows a second)",
            id="nobody knows how many there are",
        ),
        pytest.param(
            Progress(Phase.WRITING, rows=40_000, of=100_000, members=12, seconds=20.0),
            "comparing and writing: 40,000 of 100,000 rows, 12 members (2,000 rows a second, about 30 s left)",
            id="known",
        ),
        pytest.param(
            Progress(Phase.WRITING, rows=10, of=10_000, members=0, seconds=1.0),
            "comparing and writing: 10 of 10,000 rows (10 rows a second, about 16 min 39 s left)",
            id="minutes",
        ),
        pytest.param(
            Progress(Phase.WRITING, rows=0, of=10, members=0, seconds=0.0),
            "comparing and writing: 0 of 10 rows (0 rows a second)",
            id="just begun",
        ),
        pytest.param(
            Progress(Phase.WRITING, rows=12, of=10, members=0, seconds=2.0),
            "comparing and writing: 12 of 10 rows (6 rows a second, about 0 s left)",
            id="rows that came meanwhile",
        ),
    ],
)
def test_in_words(seen: Progress, words: str) -> None:
    """One line of the task log."""
    assert words == str(seen)


def test_as_a_value() -> None:
    """Counts alone."""
    seen = Progress(Phase.WRITING, rows=40_000, of=100_000, members=12, seconds=20.0)

    assert {
        "phase": "comparing and writing",
        "rows": 40_000,
        "of": 100_000,
        "members": 12,
        "rows_per_second": 2_000,
        "seconds_left": 30,
    } == seen.as_json()
