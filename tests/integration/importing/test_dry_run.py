"""A dry run tells what the run after it will do, in many situations, and writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from afas_mailchimp.errors import SafetyStop
from tests.integration.importing.local import (
    ANNA,
    FORETOLD,
    JAN,
    KEES,
    LOTTE,
    NEW,
    PIET,
    LocalWorld,
    Stages,
    both_kinds,
    in_sync,
    stages,
)
from tests.integration.importing.world import CONTACTS, EXTRA, many

Situation = Callable[[LocalWorld], Any]


def contacts_have_a_tag(world: LocalWorld) -> None:
    """Each source has a tag."""
    world.settings["sources"]["contacts"]["tags"] = ["contactpersoon"]


def settle(world: LocalWorld) -> None:
    """Three debtors, two contacts, one address shared, loaded."""
    world.debtor("10001", JAN, TelNr="033-4612345", AddressLine1="Stadsring 69", AddressLine3="3811 HN  AMERSFOORT")
    world.debtor("10002", PIET)
    world.debtor("10003", LOTTE)
    world.contact(7, KEES, Voornaam="Kees")
    world.contact(8, JAN, Voornaam="Jan")
    world.run()
    world.at(world.now.add(days=1))
    world.run()


@pytest.fixture(scope="module")
def shared() -> Iterator[Stages]:
    """One world for all tests here."""
    with stages(settle, first=contacts_have_a_tag) as made:
        yield made


@pytest.fixture
def world(shared: Stages) -> LocalWorld:
    """Both sides empty."""
    world, empty, _ = shared
    empty()
    return world


@pytest.fixture
def town(shared: Stages) -> LocalWorld:
    """Three debtors, two contacts, one address shared, loaded."""
    world, _, loaded = shared
    loaded()
    return world


def seed(world: LocalWorld, address: str, status: str, **more: Any) -> None:
    """A member of before us."""
    world.mailchimp.call("seed_members", members=[{"email_address": address, "status": status, **more}])


def swap(world: LocalWorld) -> None:
    """Two debtors exchange addresses."""
    world.change(EXTRA, "10001", Email=PIET)
    world.change(EXTRA, "10002", Email=JAN)


def leave_and_come_back(world: LocalWorld, **changes: Any) -> None:
    """A debtor left some time ago and comes back now."""
    world.change(EXTRA, "10002", Blocked=True)
    world.run()
    world.change(EXTRA, "10002", Blocked=False, **changes)


def edit(world: LocalWorld) -> None:
    """People change in Mailchimp what AFAS leads in, and AFAS changes too."""
    world.mailchimp.call("person_edits", email=JAN, merge_fields={"COMPANY": "Eigen naam", "PHONE": "+31201234567"})
    world.mailchimp.call("person_edits", email=KEES, merge_fields={"FNAME": "Cornelis"})
    world.change(EXTRA, "10001", DebtorName="Nieuwe naam")
    world.change(CONTACTS, 7, Achternaam="Smit")


def everything(world: LocalWorld) -> None:
    """A bit of all of it at once."""
    swap(world)
    world.change(EXTRA, "10003", Email=NEW, Nieuwsbrief=False)
    world.change(CONTACTS, 7, MailWork=LOTTE)
    world.debtor("10009", ANNA)
    world.debtor("10010", "geen adres")
    seed(world, ANNA, "unsubscribed", merge_fields={"COMPANY": "Oude naam"})


SITUATIONS: dict[str, Situation] = {
    "nothing": lambda world: None,
    "new rows": lambda world: [world.debtor("10009", NEW), world.contact(9, ANNA), world.debtor("10010", None)],
    "a new row that says no": lambda world: world.debtor("10009", NEW, Nieuwsbrief=False),
    "a changed row": lambda world: world.change(EXTRA, "10001", DebtorName="Nieuwe naam", TelNr=None),
    "edited by people": edit,
    "an opt-out in AFAS": lambda world: world.change(EXTRA, "10002", Nieuwsbrief=False, DebtorName="Nieuwe naam"),
    "an opt-out in Mailchimp": lambda world: [
        world.mailchimp.call("unsubscribe", email=PIET, by="user"),
        world.change(EXTRA, "10002", Nieuwsbrief=True, DebtorName="Nieuwe naam"),
    ],
    "a move": lambda world: world.change(EXTRA, "10002", Email=NEW, DebtorName="Nieuwe naam"),
    "a move of who opted out": lambda world: [
        world.mailchimp.call("unsubscribe", email=PIET, by="user"),
        world.change(EXTRA, "10002", Email=NEW),
    ],
    "a move of who bounced": lambda world: [
        world.mailchimp.call("clean", email=PIET),
        world.change(EXTRA, "10002", Email=NEW),
    ],
    "a move to a member of before us": lambda world: [
        seed(world, NEW, "subscribed", merge_fields={"COMPANY": "Oude naam"}),
        world.change(EXTRA, "10002", Email=NEW),
    ],
    "a move of who opted out to a member of before us": lambda world: [
        seed(world, NEW, "subscribed"),
        world.mailchimp.call("unsubscribe", email=PIET, by="user"),
        world.change(EXTRA, "10002", Email=NEW),
    ],
    "a move to who was archived by a person": lambda world: [
        seed(world, NEW, "archived"),
        world.change(EXTRA, "10002", Email=NEW),
    ],
    "a swap": swap,
    "a swap with an opt-out": lambda world: [world.mailchimp.call("unsubscribe", email=JAN, by="user"), swap(world)],
    "a chain": lambda world: [
        world.change(EXTRA, "10001", Email=PIET),
        world.change(EXTRA, "10002", Email=LOTTE),
        world.change(EXTRA, "10003", Email=NEW),
    ],
    "changed by the subscriber": lambda world: [
        world.mailchimp.call("person_changes_address", email=PIET, new_email=NEW),
        world.change(EXTRA, "10002", DebtorName="Nieuwe naam"),
    ],
    "blocked": lambda world: world.change(EXTRA, "10002", Blocked=True),
    "e-mail emptied": lambda world: world.change(EXTRA, "10002", Email=None),
    "deleted": lambda world: world.afas.call("delete", connector=EXTRA, key="10002"),
    "back again": leave_and_come_back,
    "back at another address": lambda world: leave_and_come_back(world, Email=NEW),
    "back with a no": lambda world: leave_and_come_back(world, Nieuwsbrief=False),
    "adoptions": lambda world: [
        seed(world, NEW, "subscribed", merge_fields={"COMPANY": "Oude naam", "PHONE": "+31201234567"}),
        seed(world, ANNA, "cleaned"),
        world.debtor("10009", NEW),
        world.contact(9, ANNA, Voornaam="Anna"),
    ],
    "the winner of a shared address goes": lambda world: world.change(EXTRA, "10001", Blocked=True),
    "the winner of a shared address moves": lambda world: world.change(EXTRA, "10001", Email=NEW),
    "the winner of a shared address moves to a taken one": lambda world: world.change(EXTRA, "10001", Email=KEES),
    "two rows move to one address": lambda world: [
        world.change(EXTRA, "10002", Email=NEW),
        world.change(EXTRA, "10003", Email=NEW),
    ],
    "other tags in the file": lambda world: world.settings["sources"]["debtors"].update(tags=["klant"]),
    "members of another sync": lambda world: [
        seed(world, NEW, "subscribed", merge_fields={"AFASID": "prospects:leads:1"}),
        world.debtor("10009", NEW),
    ],
    "a mix": everything,
}


def report_of(world: LocalWorld, **conf: Any) -> dict[str, Any]:
    """The part of a run's report that can be foretold, also when the run fails at its end."""
    try:
        report = world.run(**conf)
    except SafetyStop:
        report = world.failed_report
    return {name: report[name] for name in FORETOLD}


def foretold(world: LocalWorld, **conf: Any) -> dict[str, Any]:
    """What a dry run says; it leaves both sides and the Variables as they were."""
    before, calls, now = world.everything(), sum(world.attempts.calls.values()), world.now
    told = report_of(world, dry_run=True, **conf)
    world.at(now)
    assert before == world.everything()
    assert calls == sum(world.attempts.calls.values())
    return told


UNSEEN = {"deleted", "edited by people"}
"""Situations of which no date of a row tells: an incremental run cannot see them."""


@both_kinds
@pytest.mark.parametrize("name", SITUATIONS)
def test_dry_run_foretells(town: LocalWorld, name: str, *, full: bool) -> None:
    """Counts, reasons, keys, overwritten values and what the audience will hold are those of the run that follows."""
    SITUATIONS[name](town)

    told = foretold(town, full_reload=full)

    assert told == report_of(town, full_reload=full)
    held = told["audience"]
    if held:
        statuses = list(town.statuses().values())
        assert {each: statuses.count(each) for each in held if each != "billed"} == {
            each: count for each, count in held.items() if each != "billed"
        }
    assert 0 == town.import_only(full_reload=True)["written"] or (not full and name in UNSEEN)


BLOCK = {"connector": "Profit_Deliveryaddress", "prefer": {"field": "Adrestype_code_2", "values": ["AFL"]}}


@both_kinds
def test_dry_run_foretells_delivery_addresses(town: LocalWorld, *, full: bool) -> None:
    """A delivery address that comes overwrites the visiting address: counted before, written after."""
    town.settings["sources"]["debtors"]["delivery_address"] = BLOCK
    town.run()
    town.at(town.now.add(days=1))
    owners = {row["DebtorId"]: row["BcCo"] for row in town.afas.call("rows", connector=EXTRA)}
    row = {"street": "Kade", "number": 7, "postcode": "8321 AA", "city": "URK", "owner": owners["10001"]}
    town.afas.call("insert", table="address", row={"id": 901, "kind": "AFL", **row}, at=town.just_now)

    told = foretold(town, full_reload=full)

    assert told == report_of(town, full_reload=full)
    assert ({"ADDRESS": 1}, "8321 AA") == (told["overwritten"], town.members()[JAN]["merge_fields"]["ADDRESS"]["zip"])
    assert in_sync(town)


def test_dry_run_counts_what_would_be_overwritten(town: LocalWorld) -> None:
    """Per merge field, only where a value of somebody is replaced; a blank that is filled is none."""
    edit(town)

    told = foretold(town, full_reload=True)

    assert {"COMPANY": 1, "PHONE": 1, "FNAME": 1} == told["overwritten"]


@pytest.fixture
def city(world: LocalWorld) -> LocalWorld:
    """Forty debtors, loaded."""
    many(world)
    world.at(world.now.add(days=1))
    world.run()
    return world


def each_of(count: int, **changes: Any) -> Situation:
    """So many debtors change in the same way."""
    return lambda world: [world.change(EXTRA, str(20000 + number), **changes) for number in range(count)]


LIMITS: dict[str, tuple[dict[str, Any], Situation]] = {
    "too many leave": ({}, each_of(10, Blocked=True)),
    "too many say no": ({}, each_of(10, Nieuwsbrief=False, DebtorName="Nieuwe naam")),
    "too many come": (
        {"max_created": 2},
        lambda world: [world.debtor(str(30000 + number), f"n{number}@korenaar.example") for number in range(5)],
    ),
    "too many leave by moving": (
        {},
        lambda world: [
            [seed(world, f"n{number}@korenaar.example", "subscribed") for number in range(10)],
            [world.change(EXTRA, str(20000 + number), Email=f"n{number}@korenaar.example") for number in range(10)],
        ],
    ),
}


@both_kinds
@pytest.mark.parametrize(("limits", "situation"), LIMITS.values(), ids=LIMITS)
def test_dry_run_foretells_limits(
    city: LocalWorld, limits: dict[str, Any], situation: Situation, *, full: bool
) -> None:
    """What a limit would hold back, and the sentence that says so; the dry run itself does not fail."""
    city.settings["limits"] = limits
    situation(city)

    told = foretold(city, full_reload=full)

    assert told == report_of(city, full_reload=full)
    assert 1 == len(told["problems"])


@both_kinds
@pytest.mark.parametrize("new_members", ["pending", "transactional"])
def test_dry_run_foretells_other_kinds_of_new_members(world: LocalWorld, new_members: str, *, full: bool) -> None:
    """Also where new members are not subscribed: with moves, opt-outs and rows that leave."""
    world.settings["consent"]["new_members"] = new_members
    for key, address in (("10001", JAN), ("10002", PIET), ("10003", LOTTE)):
        world.debtor(key, address)
    world.contact(7, KEES)
    assert foretold(world) == report_of(world)
    world.change(EXTRA, "10001", Email=NEW)
    world.change(EXTRA, "10002", Nieuwsbrief=False)
    world.change(EXTRA, "10003", Blocked=True)

    told = foretold(world, full_reload=full)

    assert told == report_of(world, full_reload=full)
    assert [] == world.raised()
    assert in_sync(world)
