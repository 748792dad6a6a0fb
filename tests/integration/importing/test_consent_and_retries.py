"""Consent that moves no date is swept; refusals that pass are tried again although the watermark moved on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from afas_mailchimp.errors import SafetyStop
from tests.integration.importing.world import EXTRA, JAN, KEES, PIET, World, many

RETRY = "afas_mailchimp.customers.retry"


@pytest.fixture
def unmoved(small: World) -> World:
    """``small``, with a consent column whose changes move no configured date."""
    small.settings["sources"]["debtors"]["modified"] = ["DateModified"]
    small.run()
    return small


def say(world: World, key: str, says: bool | None) -> None:
    """The organisation's consent changes; the debtor's own date does not move."""
    world.afas.call("update_row", connector=EXTRA, key=key, set={"Nieuwsbrief": says}, touch=False)


def test_no_that_moves_no_date_is_swept(unmoved: World) -> None:
    """An incremental run finds it within an hour, and writes the opt-out alone."""
    say(unmoved, "10001", False)

    report = unmoved.run()

    assert ("incremental", 1, 1) == (report["mode"], report["unsubscribed"], report["read"])
    assert {JAN: "unsubscribed", PIET: "subscribed", KEES: "subscribed"} == unmoved.statuses()
    assert 0 == unmoved.run()["read"]


def test_sweep_is_made_once_an_hour(unmoved: World) -> None:
    """A second run within ``consent.every`` does not ask again."""
    unmoved.run()
    unmoved.at(unmoved.now.subtract(minutes=55))
    say(unmoved, "10001", False)

    assert 0 == unmoved.run()["unsubscribed"]


def test_configured_date_of_the_consent_needs_no_sweep(small: World) -> None:
    """With the organisation's own modified column the windows see it; nobody else is asked."""
    say(small, "10001", False)

    assert 0 == small.run()["unsubscribed"]
    assert 1 == small.run(full_reload=True)["unsubscribed"]


def test_no_of_a_blocked_row_is_swept(unmoved: World) -> None:
    """A row that takes no part still speaks for its address."""
    unmoved.debtor("10005", PIET, Blocked=True)
    unmoved.run()
    say(unmoved, "10005", False)

    unmoved.run()

    assert "unsubscribed" == unmoved.statuses()[PIET]


def test_sweep_is_braked(world: World) -> None:
    """A field that turns to no for everybody is a mistake, in a sweep too."""
    world.settings["sources"]["debtors"]["modified"] = ["DateModified"]
    many(world)
    for number in range(10):
        say(world, str(20000 + number), False)

    with pytest.raises(SafetyStop, match="max_unsubscribed_percent"):
        world.run()

    assert {"subscribed"} == set(world.statuses().values())


@pytest.mark.parametrize("says", [True, None])
def test_fresh_free_field_unsubscribes_nobody(small: World, says: Any) -> None:
    """Blank means unknown; yes signs nobody up who opted out."""
    small.mailchimp.call("unsubscribe", email=PIET, by="user")
    for key in ("10001", "10002"):
        small.change(EXTRA, key, Nieuwsbrief=says)

    small.run()

    assert {JAN: "subscribed", PIET: "unsubscribed", KEES: "subscribed"} == small.statuses()


def test_passing_refusal_is_tried_again(small: World) -> None:
    """Signed up to a lot of lists: rejected, remembered by AFAS key alone, tried again, forgotten."""
    new = "nieuw@korenaar.example"
    small.mailchimp.call("many_lists", email=new)
    small.debtor("10009", new)

    first = small.run()
    remembered = json.loads(small.variables[RETRY])
    small.mailchimp.call("many_lists", email=new, on=False)
    second = small.run()

    assert (1, {"signed_up_to_many_lists": ["debtors:10009"]}) == (first["rejected"], first["keys"])
    assert ["debtors:10009"] == list(remembered)
    assert "@" not in small.variables[RETRY]
    assert (1, "subscribed") == (second["created"], small.statuses()[new])
    assert {} == json.loads(small.variables[RETRY])


def test_lasting_refusal_is_not_tried_again(small: World) -> None:
    """An address that Mailchimp takes for a fake is reported, and left alone until AFAS changes."""
    small.debtor("10009", "info@example.com")

    first, _, third = small.run(), small.run(), small.run()

    assert (1, 0) == (first["rejected"], third["read"])
    assert RETRY not in small.variables


def test_remembered_row_that_has_gone_is_forgotten(small: World) -> None:
    """Deleted in AFAS since: nothing to try."""
    small.mailchimp.call("many_lists", email="nieuw@korenaar.example")
    small.debtor("10009", "nieuw@korenaar.example")
    small.run()
    small.afas.call("delete", connector=EXTRA, key="10009")

    small.run()

    assert {} == json.loads(small.variables[RETRY])


def test_report_tells_what_the_audience_holds(small: World) -> None:
    """By status, as Mailchimp has it afterwards, and how many of them are billed; a dry run foresees it."""
    small.debtor("10009", "nieuw@korenaar.example")
    small.change(EXTRA, "10001", Nieuwsbrief=False)
    small.change(EXTRA, "10002", Blocked=True)

    foreseen = small.run(full_reload=True, dry_run=True)["audience"]
    report = small.run(full_reload=True)

    assert foreseen == report["audience"]
    held = report["audience"]
    assert (2, 1, 1, 3) == tuple(held[name] for name in ("subscribed", "unsubscribed", "archived", "billed"))
    assert {name: list(small.statuses().values()).count(name) for name in foreseen if name != "billed"} == {
        name: count for name, count in foreseen.items() if name != "billed"
    }


def test_report_counts_what_is_overwritten(small: World) -> None:
    """Values that a person typed in Mailchimp and AFAS replaces are counted by merge field, also in a dry run."""
    small.mailchimp.call("person_edits", email=JAN, merge_fields={"COMPANY": "Eigen naam"})

    report = small.run(full_reload=True, dry_run=True)

    assert {"COMPANY": 1} == report["overwritten"]
