"""Who leaves, in which way and in which run; who stays whatever happens; limits; and coming back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from afas_mailchimp.errors import SafetyStop
from tests.integration.importing.local import (
    ANNA,
    JAN,
    KEES,
    NEW,
    PIET,
    LocalWorld,
    Stages,
    both_kinds,
    in_sync,
    ready,
    stages,
)
from tests.integration.importing.world import CONTACTS, EXTRA, many

Happening = Callable[[LocalWorld], Any]

LEAVES: dict[str, Happening] = {
    "blocked": lambda world: world.change(EXTRA, "10002", Blocked=True),
    "e-mail emptied": lambda world: world.change(EXTRA, "10002", Email=" "),
    "deleted": lambda world: world.afas.call("delete", connector=EXTRA, key="10002"),
}
SAYS_SO = [each for each in LEAVES if each != "deleted"]
"""Ways in which the row itself says that it leaves."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Stages]:
    """One world for all tests here."""
    with stages(ready) as made:
        yield made


@pytest.fixture
def world(shared: Stages) -> LocalWorld:
    """Both sides empty."""
    world, empty, _ = shared
    empty()
    return world


@pytest.fixture
def small(shared: Stages) -> LocalWorld:
    """Two debtors and a contact, loaded."""
    world, _, loaded = shared
    loaded()
    return world


def leave(world: LocalWorld, how: str) -> None:
    """Let debtor 10002 leave."""
    LEAVES[how](world)


@both_kinds
@pytest.mark.parametrize("how", LEAVES)
def test_subscribed_member_of_a_row_that_left_is_archived(small: LocalWorld, how: str, *, full: bool) -> None:
    """Archived with our mark; a deleted row is not there to say so, so only a full reload sees that."""
    leave(small, how)

    report = small.run(full_reload=full)

    seen = full or how in SAYS_SO
    assert (
        ("archived", "customers:debtors:10002-s")
        if seen
        else ("subscribed", "customers:debtors:10002") == (small.gist()[PIET])
    )
    assert int(seen) == report["archived"]
    assert ("subscribed", "subscribed") == (small.statuses()[JAN], small.statuses()[KEES])
    assert not seen or in_sync(small)


@both_kinds
def test_contact_that_the_filter_no_longer_takes(small: LocalWorld, *, full: bool) -> None:
    """Another value in any column of the filter: the row left."""
    small.change(CONTACTS, 7, Type="AFD")

    small.run(full_reload=full)

    assert {JAN: "subscribed", PIET: "subscribed", KEES: "archived"} == small.statuses()
    assert in_sync(small)


@both_kinds
@pytest.mark.parametrize("how", ["blocked", "deleted"])
@pytest.mark.parametrize(
    ("verb", "arguments", "stays"),
    [
        pytest.param("unsubscribe", {"by": "user"}, "unsubscribed", id="opted out"),
        pytest.param("unsubscribe", {"by": "admin"}, "unsubscribed", id="unsubscribed by a marketer"),
        pytest.param("unsubscribe", {"by": "api"}, "unsubscribed", id="unsubscribed by another program"),
        pytest.param("clean", {}, "cleaned", id="bounced"),
    ],
)
def test_memory_of_an_opt_out_stays(
    small: LocalWorld, how: str, verb: str, arguments: dict[str, str], stays: str, *, full: bool
) -> None:
    """Who cannot be mailed is not archived: the state is the memory, and Mailchimp would forget it."""
    small.mailchimp.call(verb, email=PIET, **arguments)
    leave(small, how)

    report = small.run(full_reload=full)

    assert (stays, 0) == (small.statuses()[PIET], report["archived"])
    assert in_sync(small)


@both_kinds
@pytest.mark.parametrize("how", LEAVES)
@pytest.mark.parametrize(
    ("new_members", "ends", "key"),
    [
        pytest.param("pending", "pending", "customers:debtors:10002", id="pending: Mailchimp refuses to archive it"),
        pytest.param("transactional", "archived", "customers:debtors:10002-t", id="transactional: with its own mark"),
    ],
)
def test_members_that_are_not_subscribers(
    world: LocalWorld, how: str, new_members: str, ends: str, key: str, *, full: bool
) -> None:
    """A member that waits for confirmation is not archived; one that gets invoices only is, and comes back as such."""
    world.settings["consent"]["new_members"] = new_members
    ready(world)
    leave(world, how)

    world.run(full_reload=full)

    seen = full or how in SAYS_SO
    assert not seen or world.gist()[PIET][0] == ends
    assert not seen or new_members == "pending" or world.gist()[PIET][1] == key
    assert in_sync(world) or not seen
    assert [] == world.raised()


@both_kinds
@pytest.mark.parametrize("how", LEAVES)
@pytest.mark.parametrize("status", ["subscribed", "transactional"])
def test_adopted_member_is_released(world: LocalWorld, how: str, status: str, *, full: bool) -> None:
    """It was there before us: it loses our key and our tags, and keeps its status, fields and other tags."""
    before = {"email_address": PIET, "status": status, "tags": ["beurs"], "merge_fields": {"LNAME": "Smit"}}
    world.mailchimp.call("seed_members", members=[before])
    ready(world)
    adopted = world.key_of(PIET), world.tags_of(PIET)
    leave(world, how)

    report = world.run(full_reload=full)

    assert ("customers:debtors:10002+", ["beurs", "debiteur"]) == adopted
    assert 0 == report["archived"]
    if full or how in SAYS_SO:
        assert (status, "") == world.gist()[PIET]
        assert (["beurs"], "Smit") == (world.tags_of(PIET), world.members()[PIET]["merge_fields"]["LNAME"])
        assert in_sync(world)


@pytest.mark.parametrize("how", SAYS_SO)
def test_foreign_member_at_the_address_of_a_row_that_left(small: LocalWorld, how: str) -> None:
    """Somebody without our key is never archived, whatever AFAS says of the address."""
    small.settings["audience"]["adopt"] = False
    small.mailchimp.call("seed_members", members=[{"email_address": NEW, "status": "subscribed"}])
    small.debtor("10009", NEW)
    small.run()
    small.change(EXTRA, "10009", Blocked=True)
    leave(small, how)

    small.run()
    small.run(full_reload=True)

    assert ("subscribed", "") == small.gist()[NEW]


@both_kinds
def test_archiving_can_be_switched_off(small: LocalWorld, *, full: bool) -> None:
    """``archive_removed: false``: whoever left stays a member, and nothing else changes."""
    small.settings["archive_removed"] = False
    leave(small, "blocked")

    report = small.run(full_reload=full)

    assert (0, "subscribed") == (report["archived"], small.statuses()[PIET])
    assert in_sync(small)


# ---- limits


@both_kinds
@pytest.mark.parametrize(("leavers", "stops"), [(2, False), (3, True)], ids=["5 percent", "7.5 percent"])
def test_limit_of_archiving(world: LocalWorld, leavers: int, *, stops: bool, full: bool) -> None:
    """Of forty members two may leave; of three none does, while opt-outs, changes and new rows still go."""
    many(world)
    for number in range(leavers):
        world.change(EXTRA, str(20000 + number), Blocked=True)
    world.change(EXTRA, "20030", Nieuwsbrief=False)
    world.change(EXTRA, "20031", DebtorName="Nieuwe naam")
    world.debtor("20050", NEW)
    watermark = world.watermark()

    if stops:
        with pytest.raises(SafetyStop, match=r"3 of 40 members \(7.5 %\).*full_reload and max_archive_percent = 8"):
            world.run(full_reload=full)
        report = world.failed_report
        assert watermark == world.watermark()
    else:
        report = world.run(full_reload=full)

    statuses = world.statuses()
    assert (0 if stops else leavers) == report["archived"] == list(statuses.values()).count("archived")
    assert ("unsubscribed", "subscribed") == (statuses["klant30@korenaar.example"], statuses[NEW])
    assert "Nieuwe naam" == world.members()["klant31@korenaar.example"]["merge_fields"]["COMPANY"]
    if stops:
        world.run(full_reload=True, max_archive_percent=8)
    assert leavers == list(world.statuses().values()).count("archived")
    assert in_sync(world)


def test_twenty_five_members_have_no_limit(world: LocalWorld) -> None:
    """Among so few a percentage says little: all but one may leave."""
    many(world, 25)
    for number in range(24):
        world.change(EXTRA, str(20000 + number), Blocked=True)

    assert 24 == world.run(full_reload=True)["archived"]
    assert in_sync(world)


def test_members_that_cannot_be_mailed_do_not_count_for_the_limit(world: LocalWorld) -> None:
    """The percentage is of the members of ours that get mail: opt-outs of the past do not make room for more."""
    many(world, 60)
    for number in range(30):
        world.mailchimp.call("unsubscribe", email=f"klant{number}@korenaar.example", by="user")
    for number in range(30, 32):
        world.change(EXTRA, str(20000 + number), Blocked=True)

    with pytest.raises(SafetyStop, match="2 of 30 members"):
        world.run(full_reload=True)

    assert "archived" not in world.statuses().values()


# ---- coming back


@both_kinds
@pytest.mark.parametrize("how", LEAVES)
def test_member_comes_back_with_its_row(small: LocalWorld, how: str, *, full: bool) -> None:
    """Whatever way the row left, the member that we archived is a subscriber again, with today's values."""
    leave(small, how)
    small.run(full_reload=True)
    if how == "deleted":
        small.debtor("10002", PIET, DebtorName="Terug")
    else:
        small.change(EXTRA, "10002", Blocked=False, Email=PIET, DebtorName="Terug")

    report = small.run(full_reload=full)

    assert (("subscribed", "customers:debtors:10002"), 1) == (small.gist()[PIET], report["returned"])
    assert ("Terug", ["debiteur"]) == (small.members()[PIET]["merge_fields"]["COMPANY"], small.tags_of(PIET))
    assert in_sync(small)


@both_kinds
@pytest.mark.parametrize(
    ("first", "then", "ends"),
    [
        pytest.param("transactional", "transactional", "transactional", id="as transactional"),
        pytest.param("transactional", "subscribed", "transactional", id="not more than it was"),
        pytest.param("subscribed", "transactional", "transactional", id="not more than a new member is today"),
        pytest.param("subscribed", "pending", "pending", id="new members are asked to confirm today"),
    ],
)
def test_what_it_comes_back_as(world: LocalWorld, first: str, then: str, ends: str, *, full: bool) -> None:
    """To at most the state it had, and what consent allows today."""
    world.settings["consent"]["new_members"] = first
    ready(world)
    leave(world, "blocked")
    world.run()
    world.settings["consent"]["new_members"] = then
    world.run(full_reload=True)
    world.change(EXTRA, "10002", Blocked=False)

    world.run(full_reload=full)

    assert ends == world.statuses()[PIET]
    assert in_sync(world)


@both_kinds
@pytest.mark.parametrize("by", ["user", "admin", "api"])
def test_opt_out_survives_leaving_and_coming_back(small: LocalWorld, by: str, *, full: bool) -> None:
    """Opted out, gone from AFAS, back in AFAS: still opted out."""
    small.mailchimp.call("unsubscribe", email=PIET, by=by)
    for change in ({"Blocked": True}, {"Blocked": False, "Nieuwsbrief": True}):
        small.change(EXTRA, "10002", **change)
        small.run(full_reload=full)

    assert ("unsubscribed", "customers:debtors:10002") == small.gist()[PIET]
    assert in_sync(small)


@both_kinds
@pytest.mark.parametrize("deleted", [False, True], ids=["blocked", "deleted"])
def test_archived_by_a_person_does_not_come_back(small: LocalWorld, *, deleted: bool, full: bool) -> None:
    """A person archived the member; that its row went and came again changes nothing."""
    small.mailchimp.call("archive", email=PIET)
    leave(small, "deleted" if deleted else "blocked")
    small.run(full_reload=True)
    if deleted:
        small.debtor("10002", PIET)
    else:
        small.change(EXTRA, "10002", Blocked=False)

    report = small.run(full_reload=full)

    assert "archived" == small.statuses()[PIET]
    assert ["debtors:10002"] == report["keys"]["archived_by_a_person"]
    assert in_sync(small)


@both_kinds
def test_comes_back_at_another_address(small: LocalWorld, *, full: bool) -> None:
    """The row left and comes back with a new address: one member gets mail, with the opt-in time that it had."""
    opted_in = small.members()[PIET]["timestamp_opt"]
    leave(small, "blocked")
    small.run()
    small.change(EXTRA, "10002", Blocked=False, Email=NEW)

    small.run(full_reload=full)

    assert ("subscribed", "archived") == (small.statuses()[NEW], small.statuses()[PIET])
    assert opted_in == small.members()[NEW]["timestamp_opt"]
    assert in_sync(small)


@both_kinds
def test_another_row_takes_the_place_of_one_that_left(small: LocalWorld, *, full: bool) -> None:
    """The member that we archived wakes up for the new row of its address, with that row's key."""
    leave(small, "blocked")
    small.run()
    small.contact(8, PIET, Voornaam="Piet")

    small.run(full_reload=full)

    fields = small.members()[PIET]["merge_fields"]
    assert ("subscribed", "customers:contacts:8") == small.gist()[PIET]
    assert ("Piet", "") == (fields["FNAME"], fields["COMPANY"])
    assert in_sync(small)


@both_kinds
def test_permanently_deleted_in_mailchimp(small: LocalWorld, *, full: bool) -> None:
    """Erased for good by a marketer: Mailchimp refuses the address, which is no mistake of the row."""
    small.mailchimp.call("forget", email=PIET)
    small.change(EXTRA, "10002", DebtorName="Nieuwe naam")
    small.debtor("10009", ANNA)

    report = small.run(full_reload=full)

    assert PIET not in small.statuses()
    assert (0, 1) == (report["rejected"], report["created"])
    assert {"erased_on_request": 1} == report["sources"]["debtors"]["reasons"]
    assert "afas_mailchimp.customers.retry" not in small.variables
    assert in_sync(small)
