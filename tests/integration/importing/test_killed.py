"""A run that moves, swaps, wakes up, archives and takes over is killed behind each of its writes, then run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.importing.local import (
    ANNA,
    JAN,
    KEES,
    LOTTE,
    NEW,
    PIET,
    Killed,
    LocalWorld,
    in_sync,
    local_world,
)
from tests.integration.importing.world import CONTACTS, EXTRA

PIET_NEW = "piet.nieuw@korenaar.example"
MOST_WRITES = 60
COMPARED = ("AFASID", "AFASSUM", "COMPANY", "FNAME", "PHONE")
TOM, EVA, BOB = "tom@korenaar.example", "eva@korenaar.example", "bob@korenaar.example"


def loaded() -> list[tuple[str, str]]:
    """The debtors of every history here."""
    return [("10001", JAN), ("10002", PIET), ("10003", LOTTE), ("10004", TOM), ("10005", EVA)]


def moves(world: LocalWorld) -> None:
    """One moves to a new address, one who opted out does, and one moves to a member of before us."""
    world.mailchimp.call("unsubscribe", email=PIET, by="user")
    world.mailchimp.call("seed_members", members=[{"email_address": BOB, "status": "subscribed"}])
    world.change(EXTRA, "10001", Email=NEW)
    world.change(EXTRA, "10002", Email=PIET_NEW)
    world.change(EXTRA, "10003", Email=BOB)


def swaps(world: LocalWorld) -> None:
    """Two debtors exchange addresses, one of them opted out; three others go round in a ring."""
    world.mailchimp.call("unsubscribe", email=JAN, by="user")
    world.change(EXTRA, "10001", Email=PIET)
    world.change(EXTRA, "10002", Email=JAN)
    world.change(EXTRA, "10003", Email=TOM)
    world.change(EXTRA, "10004", Email=EVA)
    world.change(EXTRA, "10005", Email=LOTTE)


def returns(world: LocalWorld) -> None:
    """One comes back where it was, one at a new address, and one at the address of another row."""
    for key in ("10001", "10002", "10003"):
        world.change(EXTRA, key, Blocked=True)
    world.run()
    world.change(EXTRA, "10001", Blocked=False, DebtorName="Terug")
    world.change(EXTRA, "10002", Blocked=False, Email=NEW)
    world.change(EXTRA, "10003", Blocked=False, Email=TOM)


def leaves(world: LocalWorld) -> None:
    """One is blocked, one has no address any more, one of before us goes, and one says no."""
    world.mailchimp.call("seed_members", members=[{"email_address": BOB, "status": "subscribed"}])
    world.debtor("10009", BOB)
    world.run()
    world.change(EXTRA, "10001", Blocked=True)
    world.change(EXTRA, "10002", Email=None)
    world.change(EXTRA, "10009", Blocked=True)
    world.change(EXTRA, "10003", Nieuwsbrief=False)


def takes_over(world: LocalWorld) -> None:
    """Winners go and losers take over, a contact's member becomes a debtor's, and a chain ends at a new address."""
    world.contact(8, JAN, Voornaam="Jan")
    world.contact(9, ANNA, Voornaam="Anna")
    world.run()
    world.change(EXTRA, "10001", Blocked=True)
    world.change(EXTRA, "10002", Email=ANNA)
    world.change(EXTRA, "10003", Email=PIET)
    world.change(CONTACTS, 7, MailWork=LOTTE)
    world.debtor("10010", NEW)


def succeeds(world: LocalWorld) -> None:
    """Who opted out moves to an address that is there, a new row takes the old one, and whoever was there moves on."""
    world.mailchimp.call("unsubscribe", email=JAN, by="user")
    world.change(EXTRA, "10001", Email=PIET)
    world.change(EXTRA, "10002", Email=NEW)
    world.debtor("10009", JAN)
    world.mailchimp.call("unsubscribe", email=TOM, by="user")
    world.change(EXTRA, "10004", Email=BOB)
    world.debtor("10010", TOM)


def joins(world: LocalWorld) -> None:
    """One moves to a member of before us, and nothing else happens: its own look-ups tell all that a run needs."""
    world.mailchimp.call("seed_members", members=[{"email_address": BOB, "status": "subscribed"}])
    world.change(EXTRA, "10003", Email=BOB)


HISTORIES = {
    "moves": (moves, True, {PIET, PIET_NEW}),
    "swaps": (swaps, False, {JAN, PIET}),
    "returns": (returns, True, set[str]()),
    "leaves": (leaves, False, {LOTTE}),
    "takes over": (takes_over, True, set[str]()),
    "joins": (joins, False, {LOTTE}),
    "succeeds": (succeeds, False, {JAN, PIET, TOM, BOB}),
}
"""Each with the kind of run that is killed, and who gets no mail at any time after it."""


def prepared(world: LocalWorld, history: Callable[[LocalWorld], Any]) -> None:
    """Everything up to the run that is killed."""
    world.settings["sources"]["contacts"]["tags"] = ["contactpersoon"]
    for key, address in loaded():
        world.debtor(key, address)
    world.contact(7, KEES, Voornaam="Kees")
    world.run()
    world.at(world.now.add(days=1))
    world.run()
    history(world)
    world.at(world.now.add(minutes=20))


def outcome(world: LocalWorld) -> dict[Any, Any]:
    """What has to be the same however often a run was killed: status, key, values and tags of every member."""
    return {
        # Of our digests that of the address; the opt-in time in it is that of the run which wrote it.
        address: (each["status"], *(each["merge_fields"].get(tag, "").partition(" ")[0] for tag in COMPARED))
        for address, each in world.members().items()
    } | {
        ("tags of", address): tuple(sorted(tag["name"] for tag in each["tags"]))
        for address, each in world.members().items()
    }


def mailed(world: LocalWorld, silent: set[str]) -> list[str]:
    """Of those who must get no mail, who could get some."""
    statuses = world.statuses()
    return sorted(each for each in silent if statuses.get(each) in {"subscribed", "pending", "transactional"})


@pytest.mark.parametrize(("history", "full", "silent"), HISTORIES.values(), ids=HISTORIES)
def test_killed_behind_any_write(history: Callable[[LocalWorld], Any], silent: set[str], *, full: bool) -> None:
    """A plain run mails whom the undisturbed one mails, a full one makes all the same, and nobody gets more mail."""
    wrong: dict[int, Any] = {}
    with local_world() as world:
        prepared(world, history)
        back = world.remember()
        world.run(full_reload=full)
        wanted, statuses = outcome(world), world.statuses()
        assert [] == mailed(world, silent)
        assert in_sync(world)
        for at in range(1, MOST_WRITES):
            back()
            world.lifeline.kill(at, writing=True, after=True)
            try:
                world.import_only(full_reload=full)
            except Killed:
                world.lifeline.begin()
            else:
                break
            world.import_only()
            between = [*mailed(world, silent), *sorted(set(world.statuses().items()) ^ set(statuses.items()))]
            world.import_only(full_reload=True)
            found = outcome(world)
            if found != wanted:
                wrong[at] = sorted(set(found.items()) ^ set(wanted.items()))
            if between or mailed(world, silent) or world.raised():
                wrong[at] = between, mailed(world, silent), world.raised()

    assert 3 < at < MOST_WRITES - 1
    assert {} == wrong
