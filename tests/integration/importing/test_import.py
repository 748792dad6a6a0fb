"""The way of the data, over HTTP: first load, nothing to do, changes, opt-outs, full reload, limits, dry run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.importing.world import CONTACTS, DEBTORS, EXTRA, JAN, KEES, PIET, World


def test_first_load(world: World) -> None:
    """Everything that takes part becomes a member with AFAS's values, our key, and the source's tag."""
    world.debtor(
        "10001",
        f" {JAN.upper()} ",
        TelNr="033-4612345",
        AddressLine1="Stadsring 69",
        AddressLine3="3811 HN  AMERSFOORT",
    )
    world.debtor("10002", PIET, Blocked=True)
    world.contact(7, KEES, Voornaam="Kees", Achternaam="van der Meer")

    report = world.run()

    member = world.members()[JAN]
    assert {JAN: "subscribed", KEES: "subscribed"} == world.statuses()
    assert "Firma 10001" == member["merge_fields"]["COMPANY"]
    assert "+31334612345" == member["merge_fields"]["PHONE"]
    assert "3811 HN" == member["merge_fields"]["ADDRESS"]["zip"]
    assert "customers:debtors:10001" == member["merge_fields"]["AFASID"]
    assert ["debiteur"] == [tag["name"] for tag in member["tags"]]
    assert [] == world.members()[KEES]["tags"]
    assert ("full", 1, 1) == (
        report["mode"],
        report["sources"]["debtors"]["created"],
        report["sources"]["contacts"]["created"],
    )
    assert {"filtered_out": 1} == report["sources"]["debtors"]["reasons"]
    assert "2026-06-02T10:00:00" == world.watermark()


def test_second_run_writes_nothing(small: World) -> None:
    """Incremental and full runs over two equal sides write nothing at all."""
    before = len(small.writes())

    reports = [small.run(), small.run(full_reload=True)]

    assert ["incremental", "full"] == [report["mode"] for report in reports]
    assert [0, 0] == [report["written"] for report in reports]
    assert before == len(small.writes())


def test_nothing_to_do_costs_few_calls(small: World) -> None:
    """A run with nothing in its windows asks each source once, and Mailchimp nothing after preflight."""
    small.afas.clear_log()
    small.mailchimp.clear_log()

    small.run()

    assert small.afas.stats()["requests"] + small.mailchimp.stats()["requests"] <= 3 * 2 + 4


def test_change_new_and_left(small: World) -> None:
    """An incremental run updates the changed, creates the new, and leaves the rest alone."""
    small.change(EXTRA, "10001", DebtorName="Bakkerij De Korenaar")
    small.debtor("10003", "nieuw@korenaar.example")

    report = small.run()

    assert (2, 1, 1) == (report["read"], report["updated"], report["created"])
    assert "Bakkerij De Korenaar" == small.members()[JAN]["merge_fields"]["COMPANY"]
    assert "subscribed" == small.statuses()["nieuw@korenaar.example"]
    assert "2026-06-02T12:00:00" == small.watermark()


def test_blank_in_afas_clears(small: World) -> None:
    """AFAS leads, also when it has nothing any more."""
    small.change(EXTRA, "10001", TelNr=None)

    small.run()

    assert "" == small.members()[JAN]["merge_fields"]["PHONE"]


def test_opt_out_in_mailchimp_is_sacred(small: World) -> None:
    """Whatever AFAS says afterwards, in whatever run: who opted out stays out."""
    small.mailchimp.call("unsubscribe", email=JAN, by="user")
    small.change(EXTRA, "10001", DebtorName="Andere naam", Nieuwsbrief=True)

    incremental, full = small.run(), small.run(full_reload=True)

    assert "unsubscribed" == small.statuses()[JAN]
    assert "Andere naam" == small.members()[JAN]["merge_fields"]["COMPANY"]
    assert 1 == incremental["notices"]["consent_differs"]
    assert 0 == full["written"]


def test_opt_out_in_afas_reaches_mailchimp(small: World) -> None:
    """AFAS's no lowers a member; nobody else is touched."""
    small.change(EXTRA, "10001", Nieuwsbrief=False)

    report = small.run()

    assert {JAN: "unsubscribed", PIET: "subscribed", KEES: "subscribed"} == small.statuses()
    assert 1 == report["sources"]["debtors"]["unsubscribed"]
    assert 0 == small.run(full_reload=True)["written"]


def test_afas_no_is_not_signed_up(world: World) -> None:
    """A new row that says no creates nobody."""
    world.debtor("10001", JAN, Nieuwsbrief=False)

    report = world.run()

    assert {} == world.statuses()
    assert {"no_consent": 1} == report["sources"]["debtors"]["reasons"]


def test_no_of_an_unchanged_rival_counts(world: World) -> None:
    """A new row at an address for which another, unchanged row says no: AFAS is asked, and nobody created."""
    world.debtor("10001", JAN, Nieuwsbrief=False)
    world.run()
    world.contact(8, f" {JAN.title()}", Voornaam="Jan")

    report = world.run()

    assert "incremental" == report["mode"]
    assert {} == world.statuses()


def test_shared_address_keeps_its_winner(small: World) -> None:
    """A contact gets a debtor's address: the debtor, first in the file, stays the winner in every kind of run."""
    small.contact(8, JAN, Voornaam="Jan")

    incremental, full = small.run(), small.run(full_reload=True)

    assert "customers:debtors:10001" == small.key_of(JAN)
    assert {"another_row_has_this_address": 1} == incremental["sources"]["contacts"]["reasons"]
    assert 0 == full["written"]


def test_adopts_members_that_were_there(world: World) -> None:
    """A member of before us gets key and fields, keeps status and what AFAS does not know, is never archived."""
    world.mailchimp.call(
        "seed_members",
        members=[
            {"email_address": JAN, "status": "unsubscribed", "merge_fields": {"FNAME": "Jan", "PHONE": "+31201234567"}}
        ],
    )
    world.debtor("10001", JAN)

    report = world.run()
    again = world.run(full_reload=True)
    world.afas.call("delete", connector=EXTRA, key="10001")
    released = world.run(full_reload=True)

    member = world.members()[JAN]
    assert (1, 1, 0) == (report["adopted"], report["updated"], report["created"])
    assert ("unsubscribed", "Jan", "+31201234567") == (
        member["status"],
        member["merge_fields"]["FNAME"],
        member["merge_fields"]["PHONE"],
    )
    assert 0 == again["written"]
    assert 0 == released["archived"]


def test_member_of_another_sync_is_left_alone(world: World) -> None:
    """Another owner's key: skipped and reported."""
    world.preflight()
    world.mailchimp.call(
        "seed_members",
        members=[
            {
                "email_address": JAN,
                "status": "subscribed",
                "merge_fields": {"AFASID": "prospects:leads:1", "COMPANY": "Hun naam"},
            }
        ],
    )
    world.debtor("10001", JAN)

    report = world.run()

    assert "Hun naam" == world.members()[JAN]["merge_fields"]["COMPANY"]
    assert {"member_of_another_sync": ["debtors:10001"]} == {k: v for k, v in report["keys"].items() if "member" in k}


def test_archived_by_a_person_stays_archived(world: World) -> None:
    """Mailchimp would subscribe an archived address anew: it is never sent."""
    world.mailchimp.call("seed_members", members=[{"email_address": JAN, "status": "archived"}])
    world.debtor("10001", JAN)

    report = world.run()

    assert {JAN: "archived"} == world.statuses()
    assert {"archived_by_a_person": 1} == report["sources"]["debtors"]["reasons"]


def test_deleted_in_afas_is_archived_in_a_full_reload(small: World) -> None:
    """Archived, not deleted, with our mark; an incremental run cannot see what is not there."""
    small.afas.call("delete", connector=EXTRA, key="10002")

    assert 0 == small.run()["archived"]
    report = small.run(full_reload=True)

    assert {JAN: "subscribed", PIET: "archived", KEES: "subscribed"} == small.statuses()
    assert "customers:debtors:10002-s" == small.key_of(PIET)
    assert 1 == report["archived"]
    assert 0 == small.run(full_reload=True)["written"]


@pytest.mark.parametrize("full", [True, False], ids=["full", "incremental"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"Blocked": True}, id="blocked"),
        pytest.param({"Email": None}, id="e-mail emptied"),
        pytest.param({"Email": "geen adres"}, id="e-mail no longer an address"),
    ],
)
def test_row_that_says_it_leaves(small: World, change: dict[str, Any], *, full: bool) -> None:
    """Blocked, or without an address: archived in the next run of whatever kind."""
    small.change(EXTRA, "10002", **change)

    report = small.run(full_reload=full)

    assert {JAN: "subscribed", PIET: "archived", KEES: "subscribed"} == small.statuses()
    assert 1 == report["archived"]
    assert 0 == small.run()["written"] == small.run(full_reload=True)["written"]


@pytest.mark.parametrize("full", [True, False], ids=["full", "incremental"])
def test_loser_takes_over_when_the_winner_leaves(small: World, *, full: bool) -> None:
    """The winner of a shared address is blocked: the other row has the member from then on, its own fields and all."""
    small.contact(8, JAN, Voornaam="Jan")
    small.run()
    small.change(EXTRA, "10001", Blocked=True)

    report = small.run(full_reload=full)

    fields = small.members()[JAN]["merge_fields"]
    assert ("customers:contacts:8", "Jan", "") == (fields["AFASID"], fields["FNAME"], fields["COMPANY"])
    assert (0, "subscribed") == (report["archived"], small.statuses()[JAN])
    assert 0 == small.run(full_reload=True)["written"]


def test_opted_out_member_whose_row_is_gone_stays(small: World) -> None:
    """Its state is the memory of the opt-out."""
    small.mailchimp.call("unsubscribe", email=PIET, by="user")
    small.afas.call("delete", connector=EXTRA, key="10002")

    small.run(full_reload=True)

    assert "unsubscribed" == small.statuses()[PIET]


def test_dry_run_predicts_and_writes_nothing(world: World) -> None:
    """The counts of a dry run are those of the run that follows; nothing is written anywhere."""
    world.afas.seed(debtors=60, contacts=40, seed=3, nasty=True)

    predicted = world.run(dry_run=True)
    nothing = (world.writes(), world.mailchimp.dump()["members"], dict(world.variables))
    fields = [field["tag"] for field in world.mailchimp.dump()["merge_fields"]]
    real = world.run()

    assert ([], [], {}) == nothing
    assert "AFASID" not in fields
    assert predicted["sources"] == real["sources"]


def test_erased_rows_never_return(world: World) -> None:
    """A tombstone is honoured by every import."""
    world.variables["afas_mailchimp.customers.erased"] = json.dumps(["debtors:10001"])
    world.debtor("10001", JAN)

    report = world.run()

    assert {} == world.statuses()
    assert {"erased_on_request": 1} == report["sources"]["debtors"]["reasons"]


def test_scheduled_run_becomes_full_when_due(small: World) -> None:
    """A debtor's date does not move when the person behind it changes: a full reload a day finds it."""
    small.variables["afas_mailchimp.customers.full_reload_at"] = "2020-01-01T00:00:00+00:00"

    assert "incremental" == small.run()["mode"]
    assert "full" == small.run(scheduled=True)["mode"]


def test_changed_mapping_is_a_full_reload(small: World) -> None:
    """The next run after a change of the file compares everything."""
    small.settings["sources"]["debtors"]["merge_fields"]["PLACE"] = "AddressLine3"

    report = small.run()

    assert ("full", "the configuration changed") == (report["mode"], report["why"])
    assert "3811 HN  AMERSFOORT" == small.members()[JAN]["merge_fields"]["PLACE"]


def test_many_changes_are_compared_whole(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """More changed rows than an incremental run takes: it compares everything instead, before the first write."""
    monkeypatch.setattr("operators.afas_mailchimp_gathering.BIG_RUN", 1)
    small.change(EXTRA, "10001", DebtorName="A")
    small.change(EXTRA, "10002", DebtorName="B")

    report = small.run()

    assert ("full", 2) == (report["mode"], report["updated"])


def test_joined_rows_with_one_key(world: World) -> None:
    """The standard connector works too, with its own column names."""
    world.debtor("10001", JAN)
    world.settings["sources"] = {
        "debtors": {"connector": "Profit_Debtor", "key": "DebtorId", "modified": "ModifiedDate", "email": "Email"}
    }

    report = world.run()

    assert 1 == report["created"]
    assert DEBTORS != CONTACTS
