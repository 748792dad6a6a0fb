"""Which rows are tried again, when, and for how long their keys are remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from afas_mailchimp.retry_memory import LONGEST, MOST_KEYS, PAUSES, Due, due_now, format_retry, parse_retry, remember

NOW = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
NAME = "debtors:10001"


def test_schedule() -> None:
    """Five minutes, a day, two days, seven days; then the row waits for its next change, ten days after the first."""
    memory, moment, pauses = remember({}, refused=[NAME], handled=(), now=NOW), NOW, []
    while memory:
        pauses.append(memory[NAME].at - moment)
        moment = memory[NAME].at
        memory = remember(memory, refused=[NAME], handled=[NAME], now=moment)

    assert list(PAUSES) == pauses
    assert moment - NOW < LONGEST


@pytest.mark.parametrize(
    ("refused", "handled", "kept"),
    [
        pytest.param([], [NAME], False, id="taken at last: forgotten"),
        pytest.param([NAME], [NAME], True, id="refused again: kept"),
        pytest.param([], [], True, id="not due yet: kept"),
    ],
)
def test_what_is_kept(refused: list[str], handled: list[str], *, kept: bool) -> None:
    """Only rows that are still refused, or whose turn has not come, stay in the memory."""
    memory = {NAME: Due(0, NOW, NOW - timedelta(minutes=5))}

    assert kept == (NAME in remember(memory, refused=refused, handled=handled, now=NOW))


def test_a_try_before_its_time_costs_none() -> None:
    """A full reload tries every row: that does not use up the tries of one that is due later."""
    memory = {NAME: Due(1, NOW + timedelta(days=1), NOW)}

    assert memory == remember(memory, refused=[NAME], handled=[NAME], now=NOW)


def test_nothing_is_remembered_for_more_than_ten_days() -> None:
    """A key whose turn never came (the sync was paused) goes after its term."""
    memory = {NAME: Due(3, NOW, NOW - LONGEST)}

    assert {} == remember(memory, refused=[], handled=[], now=NOW)


def test_round_trip_and_size() -> None:
    """What is written can be read; of too many, those that wait longest stay."""
    memory = {f"debtors:{n}": Due(0, NOW, NOW + timedelta(seconds=n)) for n in range(MOST_KEYS + 5)}

    read = parse_retry(format_retry(memory))

    assert {name: due for name, due in memory.items() if name in read} == read
    assert (MOST_KEYS, True, False) == (len(read), "debtors:0" in read, f"debtors:{MOST_KEYS}" in read)


@pytest.mark.parametrize("text", ["", None, "nonsense", "[]", '{"a": 1}', '{"a": [1, "x", "y"]}'])
def test_unreadable_memory_is_none(text: str | None) -> None:
    """It is a help and no more: a broken one is begun anew."""
    assert {} == parse_retry(text)


def test_due_now() -> None:
    """Rows come up when their time has come."""
    memory = {"a:1": Due(0, NOW, NOW), "a:2": Due(0, NOW + timedelta(seconds=1), NOW)}

    assert ["a:1"] == list(due_now(memory, NOW))
