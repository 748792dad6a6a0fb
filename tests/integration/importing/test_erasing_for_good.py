"""An erasure is killed behind each of its calls, meets an import at each call, and is followed by any history."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.importing.local import Killed, LocalWorld, local_world, ready
from tests.integration.importing.test_erasing_a_person import FOR_REAL, erase, forgotten
from tests.integration.importing.test_killed import HISTORIES, loaded, prepared
from tests.integration.importing.world import CONTACTS, EXTRA, PIET

MOST_CALLS = 80
CHOSEN, ELSEWHERE = "gekozen@korenaar.example", "elders@korenaar.example"


def scattered(world: LocalWorld) -> None:
    """The row's member is at an address of the subscriber's choice, somebody without a key at AFAS's, both shared."""
    ready(world)
    world.mailchimp.call("person_changes_address", email=PIET, new_email=CHOSEN)
    world.mailchimp.call("person_signs_up", email=PIET)
    world.change(CONTACTS, 7, MailWork=PIET)


@pytest.mark.parametrize("gone", [False, True], ids=["row in AFAS", "row gone"])
@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after it"])
def test_killed_at_any_call(*, gone: bool, after: bool) -> None:
    """Run again it ends in the same audience, with the same tombstone; nobody else is touched."""
    wrong: dict[int, Any] = {}
    with local_world() as world:
        scattered(world)
        if gone:
            world.afas.call("delete", connector=EXTRA, key="10002")
        back = world.remember()
        erase(world, **FOR_REAL)
        wanted = (sorted(forgotten(world)), world.gist(), world.variables["afas_mailchimp.customers.erased"])
        assert CHOSEN in wanted[0]
        assert (PIET in wanted[0]) is not gone
        for at in range(1, MOST_CALLS):
            back()
            world.lifeline.kill(at, writing=False, after=after)
            try:
                erase(world, **FOR_REAL)
            except Killed:
                world.lifeline.begin()
            else:
                break
            erase(world, **FOR_REAL)
            found = (sorted(forgotten(world)), world.gist(), world.variables["afas_mailchimp.customers.erased"])
            if found != wanted:
                wrong[at] = found

    assert 10 < at < MOST_CALLS - 1
    assert {} == wrong


def renamed(world: LocalWorld) -> None:
    """The row has other fields: the import updates its member."""
    world.change(EXTRA, "10002", DebtorName="Andere naam")


def left(world: LocalWorld) -> None:
    """The row is blocked: the import marks its member and archives it."""
    world.change(EXTRA, "10002", Blocked=True)


def refused(world: LocalWorld) -> None:
    """The row says no: the import lowers its member."""
    world.change(EXTRA, "10002", Nieuwsbrief=False)


def back_again(world: LocalWorld) -> None:
    """The row was archived and comes back: the import signs its member up again."""
    world.change(EXTRA, "10002", Blocked=True)
    world.run()
    world.change(EXTRA, "10002", Blocked=False)


@pytest.mark.parametrize(
    "full", [pytest.param(False, id="incremental"), pytest.param(True, id="full", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("change", [renamed, left, refused, back_again])
def test_at_any_call_of_an_import(change: Callable[[LocalWorld], None], *, full: bool) -> None:
    """Whatever the import was about to write to the member: the address is not there afterwards, and never again."""
    wrong: dict[int, Any] = {}
    with local_world() as world:
        ready(world)
        change(world)
        back = world.remember()
        for at in range(1, MOST_CALLS):
            back()
            done: list[Any] = []

            def erased(done: list[Any] = done) -> None:
                done.append(erase(world, **FOR_REAL))

            world.lifeline.act(at, erased, writing=False)
            report = world.import_only(full_reload=full)
            if not done:
                break
            world.lifeline.begin()
            between = world.statuses().get(PIET)
            world.import_only(full_reload=True)
            world.import_only()
            if between or PIET in world.statuses() or report["rejected"] or forgotten(world) != [PIET]:
                wrong[at] = (between, report["rejected"], forgotten(world))

    assert 5 < at < MOST_CALLS - 1
    assert {} == wrong


@pytest.mark.parametrize("early", [True, False], ids=["before the runs", "after them"])
@pytest.mark.parametrize(("history", "full", "silent"), HISTORIES.values(), ids=HISTORIES)
def test_no_history_brings_anybody_back(
    history: Callable[[LocalWorld], Any],
    silent: set[str],
    *,
    full: bool,
    early: bool,
) -> None:
    """Moves, swaps, returns and take-overs: whoever was erased stays out, and so does every address of his."""
    wrong: dict[str, Any] = {}
    with local_world() as world:
        prepared(world, history)
        if not early:
            world.run(full_reload=full)
        back = world.remember()
        for key, _ in loaded():
            back()
            erase(world, source="debtors", key=key, dry_run=False, confirm=key)
            gone = set(forgotten(world))
            for whole in (full, True):
                report = world.run(full_reload=whole)
                keys = [value for _, value in world.gist().values() if f":debtors:{key}" in value]
                if keys or gone & set(world.statuses()) or report["rejected"]:
                    wrong[key] = (keys, gone & set(world.statuses()), report["rejected"])
            world.change(EXTRA, key, Email=ELSEWHERE, Blocked=False)
            world.run()
            if ELSEWHERE in world.statuses() or not gone:
                wrong[key] = (ELSEWHERE, gone)
            assert f"debtors:{key}" in json.loads(world.variables["afas_mailchimp.customers.erased"])

    assert {} == wrong
