"""What preflight says of the Airflow pool of a sync."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from afas_mailchimp.findings import Findings
from afas_mailchimp.pool_checks import check_pool, warn_unseen
from afas_mailchimp.settings import SyncFile
from tests.domain.samples import sync_of

START = "Sync customers: its pool 'mailchimp' (audience.pool) "
TWO = (
    "2 slots (10 connections of the Mailchimp account, 5 for each task by connection mailchimp_default), under Admin > "
    'Pools or by: airflow pools set mailchimp 2 "Connections to Mailchimp"'
)


def in_pool(name: str | None = "mailchimp") -> SyncFile:
    """A sync whose tasks go in a pool."""
    return sync_of(audience={"list_id": "a1b2c3d4e5", "pool": name})


def checked(pools: dict[str, int], *, connections: int = 5, sync: SyncFile | None = None) -> Findings:
    """What is found of one pool."""
    findings = Findings()
    check_pool(sync or in_pool(), pools, connections=connections, findings=findings)
    return findings


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [
        pytest.param(
            {"default_pool": 128},
            f"does not exist, and tasks in it would wait for ever: make it, with {TWO}",
            id="not there",
        ),
        pytest.param(
            {"default_pool": 128, "Mailchimp": 2},
            f"does not exist (did you mean 'Mailchimp'?), and tasks in it would wait for ever: make it, with {TWO}",
            id="slip of the pen",
        ),
        pytest.param(
            {"mailchimp": 0}, f"has 0 slots, and tasks in it would wait for ever: give it {TWO}", id="no slots"
        ),
        pytest.param(
            {"mailchimp": -2}, f"has -2 slots, and tasks in it would wait for ever: give it {TWO}", id="fewer than none"
        ),
    ],
)
def test_a_pool_in_which_nothing_runs(pools: dict[str, int], sentence: str) -> None:
    """A task in it would wait without a word: which pool, of which sync, and both ways to mend it."""
    found = checked(pools)

    assert (found.problems, found.warnings) == ([START + sentence], [])


@pytest.mark.parametrize(
    ("slots", "connections", "sentence"),
    [
        pytest.param(1, 5, None, id="one at a time"),
        pytest.param(2, 5, None, id="just ten"),
        pytest.param(1, 10, None, id="one with all ten"),
        pytest.param(
            3,
            5,
            "has 3 slots: 15 connections together, and Mailchimp answers those above 10 with an error (429). Give it "
            f"{TWO}",
            id="above ten",
        ),
        pytest.param(-1, 5, f"has no limit (-1 slots) and keeps nothing back: give it {TWO}", id="no limit"),
    ],
)
def test_a_pool_that_lets_too_many_run(slots: int, connections: int, sentence: str | None) -> None:
    """Above the account's ten a run goes on, by errors and waiting; -1 is how Airflow writes a pool without a limit."""
    found = checked({"mailchimp": slots}, connections=connections)

    assert found.problems == []
    assert found.warnings == ([START + sentence] if sentence else [])


@pytest.mark.parametrize(
    ("connections", "advice"),
    [(1, "10 slots"), (3, "3 slots"), (4, "2 slots"), (5, "2 slots"), (6, "1 slot "), (10, "1 slot ")],
)
def test_how_many_slots_are_advised(connections: int, advice: str) -> None:
    """As many tasks as go into ten connections, never more, and never none."""
    [problem] = checked({}, connections=connections).problems

    assert f"make it, with {advice}" in problem
    assert f"pools set mailchimp {int(advice[:2])} " in problem


def test_a_name_with_a_space_can_be_copied() -> None:
    """The command stands in the sentence to be pasted into a shell."""
    found = checked({}, sync=in_pool("mail chimp"))

    assert "airflow pools set 'mail chimp' 2 " in found.problems[0]


def test_without_a_pool_nothing_is_said() -> None:
    """Syncs without the key run in Airflow's default pool, as they always did."""
    found = checked({}, sync=in_pool(None))

    assert (found.problems, found.warnings) == ([], [])


def test_a_pool_that_nobody_could_look_at() -> None:
    """One warning, with the reason, where to look and for what."""
    findings = Findings()
    warn_unseen(in_pool(), "the lamp is out", connections=3, findings=findings)

    assert findings.problems == []
    assert findings.warnings == [
        START + "could not be checked (the lamp is out): see for yourself under Admin > Pools that it is there "
        "and has 3 slots, since tasks in a pool that does not exist wait for ever."
    ]


@pytest.mark.parametrize("name", ["", " mailchimp", "mailchimp ", "x" * 257, 7])
def test_a_name_that_no_pool_has(name: object) -> None:
    """Blanks around it would never be found; Airflow's own names end at 256."""
    with pytest.raises(ValidationError, match=r"audience\.pool|pool"):
        sync_of(audience={"list_id": "a1b2c3d4e5", "pool": name})
