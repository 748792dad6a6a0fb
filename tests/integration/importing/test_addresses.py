"""Addresses change in AFAS and in Mailchimp, rows leave and come back: over HTTP, in both kinds of run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from afas_mailchimp.errors import SafetyStop
from hooks.mailchimp import MailchimpHook
from operators.afas_mailchimp_leave import Leaving
from tests.integration.importing.world import CONTACTS, EXTRA, JAN, KEES, PIET, World, many

NEW = "jan.nieuw@korenaar.example"

both_kinds = pytest.mark.parametrize("full", [True, False], ids=["full", "incremental"])


def contact_id(world: World, address: str) -> str:
    """What Mailchimp keeps when an address changes."""
    return str(world.members()[address]["contact_id"])


def in_sync(world: World) -> bool:
    """Neither kind of run finds anything to write."""
    return 0 == world.run()["written"] == world.run(full_reload=True)["written"]


@both_kinds
def test_subscribed_member_moves(small: World, *, full: bool) -> None:
    """The old member becomes the new one: same contact, so that its history stays."""
    before = contact_id(small, JAN)
    small.change(EXTRA, "10001", Email=NEW, DebtorName="Nieuwe naam")

    report = small.run(full_reload=full)

    assert {NEW: "subscribed", PIET: "subscribed", KEES: "subscribed"} == small.statuses()
    assert before == contact_id(small, NEW)
    assert "Nieuwe naam" == small.members()[NEW]["merge_fields"]["COMPANY"]
    assert (1, 1, 0) == (report["moved"], report["updated"], report["created"])
    assert in_sync(small)


@both_kinds
@pytest.mark.parametrize(
    ("happens", "at_new", "at_old"),
    [
        pytest.param("unsubscribe", "unsubscribed", "unsubscribed", id="opted out: so at the new address"),
        pytest.param("clean", "subscribed", "cleaned", id="bounced: a new sign-up"),
        pytest.param("archive", None, "archived", id="archived by a person: not created"),
    ],
)
def test_member_that_cannot_move(small: World, happens: str, at_new: str | None, at_old: str, *, full: bool) -> None:
    """What became of the old member decides how the new address comes in."""
    small.mailchimp.call(happens, email=JAN)
    small.change(EXTRA, "10001", Email=NEW)

    report = small.run(full_reload=full)

    assert (at_new, at_old) == (small.statuses().get(NEW), small.statuses()[JAN])
    if at_new:
        assert ("customers:debtors:10001", "") == (small.key_of(NEW), small.key_of(JAN))
    else:
        assert {"archived_by_a_person": ["debtors:10001"]} == report["keys"]
    assert in_sync(small)


@both_kinds
@pytest.mark.parametrize(
    ("status", "opts_out", "ends"),
    [
        pytest.param("subscribed", False, "subscribed", id="both subscribed"),
        pytest.param("subscribed", True, "unsubscribed", id="opted out at the old one"),
        pytest.param("unsubscribed", False, "unsubscribed", id="opted out at the new one"),
        pytest.param("cleaned", False, "cleaned", id="the new one bounces"),
    ],
)
def test_new_address_is_there_already(small: World, status: str, ends: str, *, opts_out: bool, full: bool) -> None:
    """Key and fields go to the member there, the stricter state counts, and the old member leaves."""
    small.mailchimp.call("seed_members", members=[{"email_address": NEW, "status": status}])
    if opts_out:
        small.mailchimp.call("unsubscribe", email=JAN, by="user")
    small.change(EXTRA, "10001", Email=NEW)

    report = small.run(full_reload=full)

    assert (ends, "customers:debtors:10001+") == (small.statuses()[NEW], small.key_of(NEW))
    assert ("unsubscribed" if opts_out else "archived") == small.statuses()[JAN]
    assert (0 if opts_out else 1) == report["archived"]
    assert in_sync(small)


@both_kinds
def test_two_debtors_swap_addresses(small: World, *, full: bool) -> None:
    """Both members stay, with the other one's key and fields; nobody is created or archived."""
    small.change(EXTRA, "10001", Email=PIET)
    small.change(EXTRA, "10002", Email=JAN)

    report = small.run(full_reload=full)

    assert ("customers:debtors:10002", "customers:debtors:10001") == (small.key_of(JAN), small.key_of(PIET))
    assert "Firma 10002" == small.members()[JAN]["merge_fields"]["COMPANY"]
    assert {JAN: "subscribed", PIET: "subscribed", KEES: "subscribed"} == small.statuses()
    assert (2, 0, 0) == (report["updated"], report["created"], report["archived"])
    assert in_sync(small)


@both_kinds
def test_swap_with_an_opt_out(small: World, *, full: bool) -> None:
    """The one who opted out takes that along; the address itself stays opted out too."""
    small.mailchimp.call("unsubscribe", email=JAN, by="user")
    small.change(EXTRA, "10001", Email=PIET)
    small.change(EXTRA, "10002", Email=JAN)

    small.run(full_reload=full)

    assert {JAN: "unsubscribed", PIET: "unsubscribed", KEES: "subscribed"} == small.statuses()
    assert in_sync(small)


@both_kinds
def test_chain_within_one_run(small: World, *, full: bool) -> None:
    """Each moves to the next one's address, the last one to a new one; the first address is nobody's any more."""
    small.change(EXTRA, "10001", Email=PIET)
    small.change(EXTRA, "10002", Email=KEES)
    small.change(CONTACTS, 7, MailWork=NEW)

    small.run(full_reload=full)

    assert {JAN: "archived", PIET: "subscribed", KEES: "subscribed", NEW: "subscribed"} == small.statuses()
    assert ["customers:debtors:10001", "customers:debtors:10002", "customers:contacts:7"] == [
        small.key_of(address) for address in (PIET, KEES, NEW)
    ]
    assert in_sync(small)


def test_only_one_of_a_chain_is_seen(small: World) -> None:
    """An address changed without any date moving, and another row takes it: the incremental run asks where it went."""
    small.mailchimp.call("unsubscribe", email=PIET, by="user")
    small.afas.call("update_row", connector=EXTRA, key="10002", set={"Email": NEW}, touch=False)
    small.change(EXTRA, "10001", Email=PIET)

    report = small.run()

    assert "incremental" == report["mode"]
    assert {JAN: "archived", PIET: "unsubscribed", NEW: "unsubscribed", KEES: "subscribed"} == small.statuses()
    assert in_sync(small)


@both_kinds
def test_opted_out_person_moves_and_another_row_takes_the_address(small: World, *, full: bool) -> None:
    """Who opted out at the old address is not signed up at the new one, also when the old one goes to somebody else."""
    small.mailchimp.call("unsubscribe", email=JAN, by="user")
    small.change(EXTRA, "10001", Email=NEW)
    small.debtor("10009", JAN)

    small.run(full_reload=full)

    assert {JAN: "unsubscribed", NEW: "unsubscribed", PIET: "subscribed", KEES: "subscribed"} == small.statuses()
    assert ("customers:debtors:10009", "customers:debtors:10001") == (small.key_of(JAN), small.key_of(NEW))
    assert in_sync(small)


def test_member_is_not_taken_over_while_its_own_row_cannot_come_in(small: World) -> None:
    """The opted-out person's new address is refused: the memory of the opt-out stays where it is."""
    small.mailchimp.call("unsubscribe", email=JAN, by="user")
    small.change(EXTRA, "10001", Email="jan@example.com")
    small.debtor("10009", JAN)

    report = small.run()

    assert ("unsubscribed", "customers:debtors:10001") == (small.statuses()[JAN], small.key_of(JAN))
    assert ["debtors:10009"] == report["keys"]["address_held_by_a_row_that_moved"]
    assert ["debtors:10001"] == report["keys"]["looks_fake"]


@both_kinds
def test_subscriber_changed_the_address_in_mailchimp(small: World, *, full: bool) -> None:
    """Reported, never reverted; everything else of the row still reaches the member, an opt-out too."""
    small.mailchimp.call("person_changes_address", email=JAN, new_email=NEW)
    small.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    report = small.run(full_reload=full)
    small.change(EXTRA, "10001", Nieuwsbrief=False)
    small.run(full_reload=full)

    assert {NEW: "unsubscribed", PIET: "subscribed", KEES: "subscribed"} == small.statuses()
    assert "Nieuwe naam" == small.members()[NEW]["merge_fields"]["COMPANY"]
    assert ["debtors:10001"] == report["keys"]["address_changed_by_subscriber"]
    assert in_sync(small)


def test_subscriber_and_afas_changed_the_address(small: World) -> None:
    """Then AFAS wins."""
    small.mailchimp.call("person_changes_address", email=JAN, new_email="eigen.keuze@korenaar.example")
    small.change(EXTRA, "10001", Email=NEW)

    small.run()

    assert {NEW: "subscribed", PIET: "subscribed", KEES: "subscribed"} == small.statuses()


@both_kinds
def test_coming_back(small: World, *, full: bool) -> None:
    """A member that we archived comes back with its row, with the opt-in time that it had, and its tags."""
    opted_in = small.members()[PIET]["timestamp_opt"]
    small.change(EXTRA, "10002", Blocked=True)
    small.run(full_reload=full)
    small.change(EXTRA, "10002", Blocked=False, DebtorName="Terug")

    report = small.run(full_reload=full)

    member = small.members()[PIET]
    assert ("subscribed", opted_in) == (member["status"], member["timestamp_opt"])
    assert ("customers:debtors:10002", "Terug") == (small.key_of(PIET), member["merge_fields"]["COMPANY"])
    assert (1, 1) == (report["returned"], report["updated"])
    assert in_sync(small)


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda world: world.change(EXTRA, "10002", Nieuwsbrief=False), id="AFAS says no"),
        pytest.param(
            lambda world: [
                world.mailchimp.call("person_signs_up", email=PIET),
                world.mailchimp.call("archive", email=PIET),
            ],
            id="signed up himself since, and a person archived that",
        ),
    ],
)
def test_who_does_not_come_back(small: World, happens: Callable[[World], Any]) -> None:
    """Only what we archived ourselves comes back, and only with consent."""
    small.change(EXTRA, "10002", Blocked=True)
    small.run()
    happens(small)
    small.change(EXTRA, "10002", Blocked=False)

    small.run()
    small.run(full_reload=True)

    assert "archived" == small.statuses()[PIET]
    assert in_sync(small)


def test_opted_out_after_leaving(small: World) -> None:
    """Somebody whom we archived opts out by an old mail: the row comes back, the opt-out stays."""
    small.change(EXTRA, "10002", Blocked=True)
    small.run()
    small.mailchimp.call("unsubscribe", email=PIET, by="user")
    small.change(EXTRA, "10002", Blocked=False)

    small.run()

    assert "unsubscribed" == small.statuses()[PIET]
    assert "customers:debtors:10002" == small.key_of(PIET)
    assert in_sync(small)


def test_moves_above_the_archive_limit(world: World) -> None:
    """Many rows move to addresses that are there already: their old members are not archived, and the run fails."""
    many(world)
    for number in range(10):
        new = f"nieuw{number}@korenaar.example"
        world.mailchimp.call("seed_members", members=[{"email_address": new, "status": "subscribed"}])
        world.change(EXTRA, str(20000 + number), Email=new)

    with pytest.raises(SafetyStop, match="max_archive_percent"):
        world.run()
    kept = [status for address, status in world.statuses().items() if address.startswith("klant")]
    world.run(full_reload=True, max_archive_percent=30)

    assert ["subscribed"] * 40 == kept
    assert 10 == sum(status == "archived" for status in world.statuses().values())
    assert in_sync(world)


def test_row_moves_while_its_member_changes(small: World) -> None:
    """Between reading and writing somebody signs up with the new address: the row is decided anew."""
    small.change(EXTRA, "10001", Email=NEW)
    small.mailchimp.call("seed_members", members=[{"email_address": NEW, "status": "archived", "merge_fields": {}}])

    report = small.run()

    assert {"archived_by_a_person": ["debtors:10001"]} == report["keys"]
    assert ("archived", "archived") == (small.statuses()[NEW], small.statuses()[JAN])


@pytest.mark.parametrize(
    ("happens", "at_old", "at_new", "notice"),
    [
        pytest.param("unsubscribe", "unsubscribed", "unsubscribed", "opted_out_while_writing", id="opts out"),
        pytest.param("archive", "archived", "archived", "came_back_and_was_archived_again", id="archived by a person"),
    ],
)
def test_something_happens_while_the_new_address_comes_in(
    small: World, monkeypatch: pytest.MonkeyPatch, happens: str, at_old: str, at_new: str, notice: str
) -> None:
    """A person acts between our reading and our write: what came in at the new address follows in the same run."""
    small.settings["consent"]["new_members"] = "transactional"
    small.debtor("10005", "kort@korenaar.example")
    small.run()
    small.change(EXTRA, "10005", Email=NEW)
    create = MailchimpHook.create_members

    def acted_before(self: MailchimpHook, *arguments: Any) -> Any:
        if small.statuses()["kort@korenaar.example"] == "transactional":
            small.mailchimp.call(happens, email="kort@korenaar.example")
        return create(self, *arguments)

    monkeypatch.setattr(MailchimpHook, "create_members", acted_before)
    report = small.run()

    assert (at_new, at_old) == (small.statuses()[NEW], small.statuses()["kort@korenaar.example"])
    assert 1 == report["notices"][notice]
    assert in_sync(small)


def test_opts_out_while_its_member_is_superseded(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old member opts out just before we archive it: it is not archived, and the new one is lowered."""
    small.mailchimp.call("seed_members", members=[{"email_address": NEW, "status": "subscribed"}])
    small.change(EXTRA, "10001", Email=NEW)
    write = MailchimpHook.write_merge_fields

    def opted_out_before(self: MailchimpHook, *arguments: Any) -> Any:
        small.mailchimp.call("unsubscribe", email=JAN, by="user")
        return write(self, *arguments)

    monkeypatch.setattr(MailchimpHook, "write_merge_fields", opted_out_before)
    small.run()

    assert ("unsubscribed", "unsubscribed") == (small.statuses()[NEW], small.statuses()[JAN])
    assert in_sync(small)


def test_killed_before_a_member_left_behind_is_archived(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row came in elsewhere, then the process died: the next run finds whom it left behind."""
    small.settings["consent"]["new_members"] = "transactional"
    small.debtor("10005", "kort@korenaar.example")
    small.run()
    small.change(EXTRA, "10005", Email=NEW)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Leaving, "after_writing", die)
        with pytest.raises(KeyboardInterrupt):
            small.run()
    report = small.run()

    assert ("incremental", "archived") == (report["mode"], small.statuses()["kort@korenaar.example"])
    assert "afas_mailchimp.customers.unfinished" not in small.variables
    assert in_sync(small)
