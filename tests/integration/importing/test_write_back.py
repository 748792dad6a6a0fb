"""Facts of members reach AFAS, over HTTP: what, to which record, when not, and what happens then."""

from __future__ import annotations

from typing import Any

import pytest

from afas_mailchimp.errors import SafetyStop
from tests.integration.importing.world import CONTACTS, EXTRA, JAN, KEES, PIET, World

STATUS = {"to": "Nieuwsbrief", "current": "Nieuwsbrief", "values": {"unsubscribed": False}}
BOUNCED = {"to": "E-mail onjuist", "current": "EmailOnjuist"}
PARTY = {
    "type": "Type",
    "organisation": {"update": "KnOrganisation", "key": "BcCo"},
    "person": {"update": "KnPerson", "key": "BcCo"},
}


def writing_back(world: World, source: str = "debtors", **fields: Any) -> None:
    """Configure what goes back, as organisation or person."""
    world.settings["write_back"] = {source: {**PARTY, "fields": fields}}


def columns(world: World, key: str, connector: str = EXTRA, name: str = "DebtorId") -> dict[str, Any]:
    """A row as AFAS shows it now."""
    rows = world.afas.call("rows", connector=connector)
    return next(row for row in rows if str(row[name]) == key)


@pytest.fixture
def linked(small: World) -> World:
    """The small world with opt-outs, bounces and phone numbers going back, in step."""
    phone = {"to": "TeNr", "current": "TelNr"}
    writing_back(small, status=STATUS, bounced=BOUNCED, PHONE=phone)
    small.run()
    small.run()
    return small


def test_an_opt_out_reaches_afas_and_nothing_else_changes(linked: World) -> None:
    """Somebody unsubscribes: the free field is no, no member is written."""
    before = columns(linked, "10001")
    linked.mailchimp.call("unsubscribe", email=JAN)
    report = linked.run()

    after = columns(linked, "10001")
    assert after["Nieuwsbrief"] is False
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"Nieuwsbrief", "OrgModified", "DateModified"}
    assert linked.back["unsubscribed"] == 1
    assert linked.back["fields"] == {"debtors.status": 1}
    assert report["written"] == 0
    assert report["echoes"] == {"seen": 1, "written": 0}


def test_a_bounce_has_a_field_of_its_own(linked: World) -> None:
    """A bounce says nothing about consent."""
    linked.mailchimp.call("clean", email=JAN)
    linked.run()
    row = columns(linked, "10001")
    assert (row["EmailOnjuist"], row["Nieuwsbrief"]) == (True, columns(linked, "10002")["Nieuwsbrief"])


def test_a_phone_number_of_the_subscriber_reaches_afas_and_all_falls_silent(linked: World) -> None:
    """A subscriber's change goes back once; then neither side has anything to do."""
    linked.mailchimp.call("person_edits", email=JAN, merge_fields={"PHONE": "+31201234567"})
    report = linked.run()
    assert columns(linked, "10001")["TelNr"] == "+31201234567"
    assert linked.back["updated"] == 1
    assert report["written"] == 0
    for _ in range(2):
        writes, rows = len(linked.writes()), len(linked.afas.call("writes"))
        assert linked.run(full_reload=True)["written"] == 0
        assert linked.back["written"] == 0
        assert (len(linked.writes()), len(linked.afas.call("writes"))) == (writes, rows)


def test_afas_wins_when_both_sides_changed(linked: World) -> None:
    """The subscriber and AFAS changed one number: AFAS's stays, and the report says so."""
    linked.mailchimp.call("person_edits", email=JAN, merge_fields={"PHONE": "+31201234567"})
    linked.change(EXTRA, "10001", TelNr="030-2345678")
    linked.run()
    assert columns(linked, "10001")["TelNr"] == "030-2345678"
    assert linked.members()[JAN]["merge_fields"]["PHONE"] == "+31302345678"
    assert linked.back["notices"] == {"changed_in_afas_and_by_subscriber": 1}


def test_a_change_of_the_subscriber_survives_an_import_that_touches_the_row(linked: World) -> None:
    """The name changes in AFAS before the number went back: the number stays, and still goes back."""
    linked.mailchimp.call("person_edits", email=JAN, merge_fields={"PHONE": "+31201234567"})
    linked.change(EXTRA, "10001", DebtorName="Bakkerij Jansen")
    linked.import_only()
    assert linked.members()[JAN]["merge_fields"]["PHONE"] == "+31201234567"
    linked.run()
    assert columns(linked, "10001")["TelNr"] == "+31201234567"


def test_nothing_changed_costs_two_calls(linked: World) -> None:
    """A run that finds nothing asks Mailchimp twice at most, and AFAS not at all."""
    linked.at(linked.now.add(hours=1))
    report = linked.write_back_only()
    assert report["api_calls"]["afas"] == 0
    assert report["api_calls"]["mailchimp"] <= 2


def test_a_first_run_with_years_of_opt_outs_waits_for_somebody_to_look(small: World) -> None:
    """More records than max_write_back: none is written until a person says how many."""
    for address in (JAN, PIET):
        small.mailchimp.call("unsubscribe", email=address)
    writing_back(small, status=STATUS)
    small.settings["limits"] = {"max_write_back": 1}
    with pytest.raises(SafetyStop, match="2 AFAS records would be written, more than max_write_back = 1"):
        small.run()
    assert columns(small, "10001")["Nieuwsbrief"] is not False
    assert small.run(dry_run=True)["dry_run"]
    assert small.back["unsubscribed"] == 2
    small.run(max_write_back=2)
    assert [columns(small, key)["Nieuwsbrief"] for key in ("10001", "10002")] == [False, False]


def test_an_address_of_the_subscriber_goes_back(small: World) -> None:
    """The subscriber's new address becomes AFAS's, and the member stays one."""
    writing_back(small, email={"to": "EmAd", "current": "Email"})
    small.run()
    small.mailchimp.call("person_changes_address", email=JAN, new_email="jan@elders.example")
    report = small.run()
    assert columns(small, "10001")["Email"] == "jan@elders.example"
    assert report["written"] == 0
    assert set(small.statuses()) == {"jan@elders.example", PIET, KEES}
    assert small.run(full_reload=True)["written"] == 0


def test_a_contact_is_named_by_organisation_and_person(small: World) -> None:
    """The work phone of a contact goes to the contact, not to the person."""
    small.settings["write_back"] = {
        "contacts": {
            "contact": {"update": "KnContact", "organisation": "OrgNumber", "person": "PerNumber"},
            "fields": {"PHONE": {"to": "TeNr", "current": "TelWork"}},
        }
    }
    small.change(CONTACTS, 7, OrgNumber="1000100", PerNumber="1000200")
    small.run()
    small.mailchimp.call("person_edits", email=KEES, merge_fields={"PHONE": "+31201234567"})
    small.run()
    assert columns(small, "7", CONTACTS, "ContactId")["TelWork"] == "+31201234567"
