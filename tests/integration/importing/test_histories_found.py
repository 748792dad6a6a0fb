"""Histories that random search found and that once broke a promise, made short. Each keeps what it taught."""

from __future__ import annotations

import pytest

from tests.integration.importing.world import CONTACTS, EXTRA, JAN, KEES, PIET, World

ANNA, LOTTE = "anna@korenaar.example", "lotte@korenaar.example"
COUNTED = ("created", "updated", "unchanged", "unsubscribed", "skipped", "archived", "moved", "returned", "released")


@pytest.fixture
def loaded(world: World) -> World:
    """Three debtors at addresses of their own, and a contact, in the audience."""
    for key, address in (("10001", JAN), ("10002", PIET), ("00003", KEES)):
        world.debtor(key, address)
    world.contact(7, ANNA)
    world.run()
    return world


def counts(report: dict) -> dict:
    """What a dry run has to foretell."""
    return {name: report[name] for name in COUNTED}


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_dry_run_foretells_a_no_that_moved(loaded: World, full: bool) -> None:
    """A debtor moves to a taken address and says no: the member it leaves is lowered, so it is not archived."""
    loaded.change(EXTRA, "10002", Email=KEES, Nieuwsbrief=False)

    foretold = loaded.run(dry_run=True, full_reload=full)

    assert counts(loaded.run(full_reload=full)) == counts(foretold)


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_a_no_that_moved_is_done_in_one_run(loaded: World, full: bool) -> None:
    """The debtor whose no lowers two members leaves nothing for the run behind it."""
    loaded.change(EXTRA, "10001", Email=PIET, Nieuwsbrief=False)
    loaded.run(full_reload=full)

    assert loaded.run(full_reload=True)["written"] == 0


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_swap_with_an_opt_out(loaded: World, full: bool) -> None:
    """Two debtors swap addresses and one says no: each member gets the row of its address, and neither gets mail."""
    loaded.change(EXTRA, "10002", Email=KEES, Nieuwsbrief=False)
    loaded.change(EXTRA, "00003", Email=PIET)
    loaded.run(full_reload=full)
    loaded.run(full_reload=True)

    members = loaded.members()
    assert {address: members[address]["status"] for address in (PIET, KEES)} == dict.fromkeys(
        (PIET, KEES), "unsubscribed"
    )
    assert loaded.key_of(KEES) == "customers:debtors:10002"
    assert loaded.key_of(PIET) == "customers:debtors:00003"
    assert members[KEES]["merge_fields"]["COMPANY"] == "Firma 10002"


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_two_rows_move_to_one_address(loaded: World, full: bool) -> None:
    """Two debtors move to one new address: one wins it, and the member that the other one left goes, in that run."""
    loaded.change(EXTRA, "10001", Email=LOTTE)
    loaded.change(EXTRA, "10002", Email=LOTTE)
    loaded.run(full_reload=full)

    statuses = loaded.statuses()
    assert statuses[LOTTE] == "subscribed"
    assert "subscribed" not in {statuses.get(JAN), statuses.get(PIET)}
    assert loaded.run(full_reload=True)["written"] == 0


def test_a_row_that_goes_back_gives_up_the_address_it_had_taken(loaded: World) -> None:
    """A debtor takes a contact's address and later goes back to its own: the contact has its member again at once."""
    loaded.change(EXTRA, "10001", Email=ANNA)
    loaded.run()
    loaded.change(EXTRA, "10001", Email=JAN)
    loaded.run()

    assert loaded.key_of(ANNA) == "customers:contacts:7"
    assert loaded.run(full_reload=True)["written"] == 0


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_the_loser_of_an_address_without_consent_leaves_its_own(loaded: World, full: bool) -> None:
    """Two debtors move to one new address and one says no: no member is made there, and none of the two is mailed."""
    loaded.change(EXTRA, "00003", Email=LOTTE)
    loaded.change(EXTRA, "10002", Email=LOTTE, Nieuwsbrief=False)
    loaded.run(full_reload=full)

    statuses = loaded.statuses()
    assert LOTTE not in statuses
    assert "subscribed" not in {statuses[KEES], statuses[PIET]}


def test_a_row_that_moves_and_is_blocked_leaves_at_once(loaded: World) -> None:
    """A debtor gets a new address and is blocked between two runs: its member, still at the old one, is archived."""
    loaded.change(EXTRA, "10001", Email=LOTTE, Blocked=True)
    loaded.run()

    assert loaded.statuses()[JAN] == "archived"
    assert loaded.run(full_reload=True)["written"] == 0


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_a_row_that_shares_the_address_of_a_subscriber_who_left_it(loaded: World, full: bool) -> None:
    """A subscriber moved away in Mailchimp, and another row gets the address: it stands for nobody, its own leaves."""
    loaded.mailchimp.call("person_changes_address", email=JAN, new_email=LOTTE)
    loaded.change(CONTACTS, 7, MailWork=JAN)
    loaded.run(full_reload=full)

    assert (loaded.statuses()[ANNA], loaded.statuses()[LOTTE]) == ("archived", "subscribed")
    assert loaded.run(full_reload=True)["written"] == 0


def test_a_member_at_an_address_that_its_subscriber_left(loaded: World) -> None:
    """One subscriber takes the address that another one left, and his row is deleted: no row stands for him there."""
    loaded.mailchimp.call("person_changes_address", email=KEES, new_email=LOTTE)
    loaded.mailchimp.call("person_changes_address", email=JAN, new_email=KEES)
    loaded.afas.call("delete", connector=EXTRA, key="10001")
    loaded.run(full_reload=True)

    assert loaded.statuses()[KEES] == "archived"
    assert loaded.run(full_reload=True)["written"] == 0


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_nobody_returns_for_a_row_whose_member_a_person_archived(loaded: World, full: bool) -> None:
    """A person archives a member, and its row goes to an address that we had emptied: nobody returns there."""
    loaded.mailchimp.call("archive", email=PIET)
    loaded.change(EXTRA, "00003", Blocked=True)
    loaded.run()
    loaded.change(EXTRA, "10002", Email=KEES)
    written = len(loaded.writes())
    report = loaded.run(full_reload=full)

    assert report["sources"]["debtors"]["reasons"]["archived_by_a_person"] == 1
    assert len(loaded.writes()) == written
    assert (loaded.statuses()[KEES], loaded.key_of(KEES)) == ("archived", "customers:debtors:00003-s")


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_nobody_comes_in_at_a_third_address_for_a_row_whose_member_a_person_archived(loaded: World, full: bool) -> None:
    """A person archives a member, its row goes to who gets no campaigns and on to a new address: nobody is made."""
    member = {"email_address": LOTTE, "status": "transactional", "merge_fields": {}}
    loaded.mailchimp.call("seed_members", members=[member])
    loaded.mailchimp.call("archive", email=JAN)
    loaded.change(EXTRA, "10001", Email=LOTTE)
    loaded.run()
    loaded.change(EXTRA, "10001", Email="verder@korenaar.example")
    report = loaded.run(full_reload=full)

    assert report["sources"]["debtors"]["reasons"]["archived_by_a_person"] == 1
    assert (loaded.statuses().get("verder@korenaar.example"), loaded.statuses()[LOTTE]) == (None, "transactional")
    assert loaded.run(full_reload=True)["written"] == 0


def test_a_first_run_that_never_ended_archives_nobody_when_it_is_run_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a run has ended well the audience may be another company's: who moved meanwhile leaves one run later."""
    world.debtor("10001", JAN)
    world.contact(7, ANNA)
    world.mailchimp.call("person_signs_up", email=PIET)
    world.mailchimp.call("unsubscribe", email=PIET)
    with monkeypatch.context() as patched:
        patched.setattr("operators.afas_mailchimp_session.save_run", _die)
        with pytest.raises(KeyboardInterrupt):
            world.run()
    world.change(CONTACTS, 7, MailWork=PIET)

    assert [world.run(full_reload=True)["archived"] for _ in range(3)] == [0, 1, 0]
    assert (world.statuses()[ANNA], world.statuses()[PIET]) == ("archived", "unsubscribed")


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
