"""The bench measures what it says: formulae, table, and one small run of each comparison."""

from __future__ import annotations

import pytest

from bench import model
from bench.figures import Figure, table
from bench.processes import measured
from bench.stand_ins import SlowStandIns
from bench.sync_file import sync, with_write_back, written


@pytest.mark.parametrize(
    ("rows", "connections", "seconds"),
    [
        pytest.param(100_000, 10, 43.25, id="100,000 by ten"),
        pytest.param(100_000, 5, 86.25, id="100,000 by five"),
        pytest.param(10_000, 10, 4.55, id="10,000 by ten"),
        pytest.param(1, 10, 0.30042, id="one"),
    ],
)
def test_the_lower_bound_of_a_full_load(rows: int, connections: int, seconds: float) -> None:
    """First page, rounds of batches on every connection, and the members in them."""
    assert seconds == pytest.approx(model.full_load(rows, connections=connections))


def test_the_lower_bounds_of_reading() -> None:
    """AFAS five pages of 5,000 at a time, members ten pages of 1,000 at a time."""
    assert 1.0 == pytest.approx(model.survey(100_000))
    assert 0.25 == pytest.approx(model.survey(5_000))
    assert 1.5 == pytest.approx(model.members(100_000))
    assert 0.9 == pytest.approx(model.calls(2, 4))


def test_the_lower_bound_of_an_incremental_run() -> None:
    """Window and empty page, looks ten at a time, one batch."""
    assert 0.3004 + 0.3 + 0.15 + 0.08 == pytest.approx(model.incremental(20, 20, 0, 1, connections=10))
    assert 0.31 + 1.5 + 0.15 + 2.0 == pytest.approx(model.incremental(500, 0, 100, 1, connections=10))
    assert 0.3 == pytest.approx(model.incremental(0, 0, 0, 0, connections=10))


def test_a_missed_limit_is_shown() -> None:
    """Whoever reads the table sees at once what is not as it must be."""
    lines = table([
        Figure("ratio", 1.25, 1.05),
        Figure("calls", 5, 7),
        Figure("told", 2.5, None, "s", "why"),
    ]).splitlines()

    assert ["MISSED", "ok"] == [line.split()[3] for line in lines[1:3]]
    assert lines[3].endswith("why")
    assert not Figure("ratio", 1.25, 1.05).ok
    assert Figure("told", 2.5, None).ok


@pytest.mark.parametrize(
    "content",
    [pytest.param(sync, id="import", marks=pytest.mark.long), pytest.param(with_write_back, id="with write-back")],
)
def test_an_import_is_measured_in_a_process_of_its_own(content) -> None:
    """Time, memory, calls and counts of a first run, and none written by a second one."""
    with SlowStandIns(60, slow=False) as sides:
        path = written(content(sides.said["list_id"]), sides.home)
        run = ("bench.importer", path, sides.home / "variables.json")
        first = measured(*run, env=sides.environment())
        again = measured(*run, "full_reload", env=sides.environment())

    assert (60, "full") == (first["read"], first["mode"])
    assert first["created"] > 50
    assert 0 == again["written"]
    assert {"wall", "cpu", "peak_mb", "preflight", "afas_calls", "mailchimp_calls"} <= first.keys()
    assert first["afas_calls"] >= 4


@pytest.mark.parametrize("kind", ["sequential", "pool", "read"])
def test_what_it_is_compared_with_really_calls(kind: str) -> None:
    """The comparison sends every member, or reads every row and member."""
    with SlowStandIns(40, slow=False) as sides:
        measured("bench.bare", kind, 40, env=sides.environment())
        members, asked = len(sides.mailchimp.dump()["members"]), sides.afas.stats()["requests"]

    assert (0, 1) == (members, asked) if kind == "read" else (40, 0) == (members, asked)


def test_a_piece_that_fails_says_why() -> None:
    """The text of the process is in the error."""
    with pytest.raises(RuntimeError, match="AIRFLOW_CONN_MAILCHIMP_DEFAULT"):
        measured("bench.bare", "pool", 1, env={})
