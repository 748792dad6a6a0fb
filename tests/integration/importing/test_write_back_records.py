"""Every kind of AFAS record and every kind of fact, written over HTTP to a stand-in that is as strict as AFAS."""

from __future__ import annotations

from typing import Any

import pytest

from afas_mailchimp.errors import ConfigurationError, SafetyStop, TemporaryError
from tests.integration.importing.test_write_back import BOUNCED, STATUS, columns, writing_back
from tests.integration.importing.world import CONTACTS, EXTRA, JAN, KEES, PIET, World
from tests.integration.leaks import found_in

PLUS = "Profit_Debtor_App_Plus"
CONTACTS_PLUS = "Profit_Contacts_App_Plus"
PHONE = {"to": "TeNr", "current": "TelNr"}
NUMBER = "+31201234567"


def sent(world: World) -> list[dict[str, Any]]:
    """Every row that an UpdateConnector wrote."""
    writes: list[dict[str, Any]] = world.afas.call("writes")
    return writes


def plus(world: World, copy_of: str, name: str, *extra: dict[str, Any]) -> None:
    """A copy of a connector with more columns, read by its source from now on."""
    world.afas.call("connector", name=name, copy_of=copy_of, extra=list(extra))
    source = "contacts" if copy_of == CONTACTS else "debtors"
    world.settings["sources"][source]["connector"] = name


def free(world: World, owner: str, label: str, **more: Any) -> str:
    """Define a free field; answers where a column finds it."""
    source = world.afas.call("free_field", object=owner, label=label, **more)["source"]
    return f"{'contact' if owner == 'KnContact' else 'party'}.{source}"


def step(world: World, **conf: Any) -> dict[str, Any]:
    """One run of all tasks; answers the report of the write-back."""
    world.run(**conf)
    return world.back


def test_a_person_and_an_organisation_each_get_their_own_record(world: World) -> None:
    """The type column says which of the two is written, in one run."""
    world.debtor("10001", JAN, Type="ORG")
    world.debtor("10002", PIET, Type="PER", LastName="Bakker")
    writing_back(world, status=STATUS)
    world.run()
    for address in (JAN, PIET):
        world.mailchimp.call("unsubscribe", email=address)
    step(world)
    assert sorted(write["object"] for write in sent(world)) == ["KnOrganisation", "KnPerson"]
    assert [columns(world, key)["Nieuwsbrief"] for key in ("10001", "10002")] == [False, False]


@pytest.mark.parametrize("kind", ["ORG", "PER"])
def test_a_debtor_is_written_with_its_party_named_inside(world: World, kind: str) -> None:
    """A field of the sales relation itself, for organisations and persons."""
    plus(world, EXTRA, PLUS, {"id": "Valuta", "type": "string", "length": 3, "source": "debtor.currency"})
    world.debtor("10001", JAN, Type=kind, **({"LastName": "Bakker"} if kind == "PER" else {}))
    world.change(PLUS, "10001", Valuta="EUR")
    world.settings["write_back"] = {
        "debtors": {
            "type": "Type",
            "debtor_organisation": {"update": "KnSalesRelationOrg", "key": "DebtorId", "organisation": "BcCo"},
            "debtor_person": {"update": "KnSalesRelationPer", "key": "DebtorId", "person": "BcCo"},
            "fields": {"language": {"to": "CuId", "current": "Valuta", "values": {"nl": "EUR", "en": "GBP"}}},
        }
    }
    world.run()
    world.mailchimp.call("person_edits", email=JAN, merge_fields={}, language="nl")
    assert step(world)["written"] == 0
    world.mailchimp.call("person_edits", email=JAN, merge_fields={}, language="en")
    step(world)
    assert columns(world, "10001", PLUS)["Valuta"] == "GBP"
    assert sent(world)[-1]["object"] == {"ORG": "KnSalesRelationOrg", "PER": "KnSalesRelationPer"}[kind]


def test_a_contact_is_named_by_its_id_and_kind(small: World) -> None:
    """A free field at the contact itself, found by its label."""
    plus(
        small,
        CONTACTS,
        CONTACTS_PLUS,
        {"id": "Mailing", "type": "boolean", "source": free(small, "KnContact", "Mailing", type="boolean")},
    )
    small.settings["write_back"] = {
        "contacts": {
            "contact": {"update": "KnContact", "contact": "ContactId", "kind": "Type"},
            "fields": {"status": {"to": "mailing", "current": "Mailing", "values": {"unsubscribed": False}}},
        }
    }
    small.run()
    small.mailchimp.call("unsubscribe", email=KEES)
    back = step(small)
    assert back["unsubscribed"] == 1
    assert columns(small, "7", CONTACTS_PLUS, "ContactId")["Mailing"] is False


def test_an_opt_out_goes_to_every_row_and_a_number_to_one(world: World) -> None:
    """Two debtors share an address: consent is the person's, the number is the row's whose key the member carries."""
    world.debtor("10001", JAN)
    world.debtor("10002", JAN)
    writing_back(world, status=STATUS, PHONE=PHONE)
    world.run()
    holder = world.key_of(JAN).rpartition(":")[2]
    other = {"10001": "10002", "10002": "10001"}[holder]
    world.mailchimp.call("person_edits", email=JAN, merge_fields={"PHONE": NUMBER})
    world.mailchimp.call("unsubscribe", email=JAN)
    step(world)
    assert [columns(world, key)["Nieuwsbrief"] for key in (holder, other)] == [False, False]
    assert columns(world, holder)["TelNr"] == NUMBER
    assert columns(world, other)["TelNr"] != NUMBER


def test_two_debtors_of_one_organisation_are_one_record(world: World) -> None:
    """The record behind two rows is written once."""
    world.debtor("10001", JAN, BcCo="1000001")
    world.afas.call(
        "insert", connector=EXTRA, row={"DebtorId": "10002", "Email": JAN, "BcCo": "1000001"}, at=world.just_now
    )
    writing_back(world, status=STATUS)
    world.run()
    world.mailchimp.call("unsubscribe", email=JAN)
    back = step(world)
    assert (back["records"], len(sent(world))) == (1, 1)
    assert back["unsubscribed"] == 2


def test_when_and_why_go_with_the_opt_out(small: World) -> None:
    """The moment of opting out in Amsterdam time, and the reason that was given."""
    when = {"id": "Afgemeld", "type": "date", "source": free(small, "KnOrganisation", "Afgemeld op", type="date")}
    why = {
        "id": "Reden",
        "type": "string",
        "length": 80,
        "source": free(small, "KnOrganisation", "Reden", type="string", length=80),
    }
    plus(small, EXTRA, PLUS, when, why)
    writing_back(
        small,
        status=STATUS,
        unsubscribed_at={"to": {"organisation": "Afgemeld op"}, "current": "Afgemeld"},
        unsubscribe_reason={"to": {"organisation": "Reden"}, "current": "Reden"},
    )
    small.run()
    small.at(small.now.set(hour=12, minute=0, second=7))
    small.mailchimp.call("unsubscribe", email=JAN, reason="Te veel mail")
    small.at(small.now.add(hours=1))
    back = step(small)
    row = columns(small, "10001", PLUS)
    assert back["fields"] == {"debtors.status": 1, "debtors.unsubscribe_reason": 1, "debtors.unsubscribed_at": 1}
    assert row["Afgemeld"].startswith("2026-06-02T14:00:07")
    assert row["Reden"] == "Te veel mail"


def test_figures_of_mailchimp_go_back_and_follow(small: World) -> None:
    """Rating and rates fill what AFAS does not know, and follow later changes; rates are whole percents."""
    stars = {"id": "Sterren", "type": "int", "source": free(small, "KnOrganisation", "Sterren", type="int")}
    opens = {"id": "Opens", "type": "decimal", "source": free(small, "KnOrganisation", "Opens", type="decimal")}
    plus(small, EXTRA, PLUS, stars, opens)
    writing_back(
        small,
        member_rating={"to": {"organisation": "Sterren"}, "current": "Sterren"},
        open_rate={"to": {"organisation": "Opens"}, "current": "Opens"},
    )
    small.mailchimp.call("mailchimp_figures", email=JAN, member_rating=3, avg_open_rate=0.254)
    step(small)
    assert [columns(small, "10001", PLUS)[name] for name in ("Sterren", "Opens")] == [3, 25]
    small.mailchimp.call("mailchimp_figures", email=JAN, member_rating=5)
    step(small, full_reload=True)
    assert columns(small, "10001", PLUS)["Sterren"] == 5
    assert small.run(full_reload=True)["written"] == 0
    assert small.back["written"] == 0


def test_the_last_change_travels_and_never_goes_alone(small: World) -> None:
    """The moment of the last change is written beside another change; it makes none itself."""
    last = {"id": "Laatst", "type": "date", "source": free(small, "KnOrganisation", "Laatst", type="date")}
    plus(small, EXTRA, PLUS, last)
    writing_back(
        small, PHONE=PHONE, last_changed={"to": {"organisation": "Laatst"}, "current": "Laatst"}, status=STATUS
    )
    small.change(PLUS, "10002", Nieuwsbrief=False)
    step(small)
    step(small, full_reload=True)
    assert small.statuses()[PIET] == "unsubscribed"
    assert sent(small) == []
    small.mailchimp.call("person_edits", email=JAN, merge_fields={"PHONE": NUMBER})
    step(small)
    assert columns(small, "10001", PLUS)["Laatst"]
    count = len(sent(small))
    for _ in range(2):
        step(small, full_reload=True)
    assert len(sent(small)) == count


def test_what_afas_refuses_is_told_and_tried_again(small: World) -> None:
    """One record is refused with AFAS's sentence; the other goes; the next run tries the first again."""
    writing_back(small, status=STATUS)
    small.run()
    for address in (JAN, PIET):
        small.mailchimp.call("unsubscribe", email=address)
    small.afas.fail("500", count=1, match="PUT /connectors/KnOrganisation", message="Deze organisatie is vergrendeld.")
    back = step(small)
    assert (back["rejected"], back["unsubscribed"]) == (1, 1)
    assert back["sources"]["debtors"]["reasons"] == {"refused_by_afas": 1}
    (name,) = back["refused"]
    assert "HTTP 500" in back["refused"][name]
    back = step(small)
    assert back["unsubscribed"] == 1
    assert [columns(small, key)["Nieuwsbrief"] for key in ("10001", "10002")] == [False, False]
    assert back["echoes"]["seen"] >= 0
    assert small.variables["afas_mailchimp.customers.write_back.retry"] == "{}"


def test_a_refused_address_of_a_subscriber_is_tried_again(small: World) -> None:
    """Nobody is at AFAS's old address any more, so the member is found by its key."""
    writing_back(small, email={"to": "EmAd", "current": "Email"})
    small.run()
    small.mailchimp.call("person_changes_address", email=JAN, new_email="jan@elders.example")
    small.afas.fail("500", count=1, match="PUT /connectors", message="Deze organisatie is vergrendeld.")
    assert step(small)["rejected"] == 1
    assert columns(small, "10001")["Email"] == JAN
    back = step(small)
    assert (back["updated"], back["why"]) == (1, "records that AFAS refused are due for another try")
    assert columns(small, "10001")["Email"] == "jan@elders.example"
    assert step(small)["mode"] == "changed members"


def test_a_table_with_a_value_that_does_not_fit_is_told_before_anything_moves(small: World) -> None:
    """Preflight compares the values of a table with the length of AFAS's field."""
    short = {
        "id": "Kort",
        "type": "string",
        "length": 5,
        "source": free(small, "KnOrganisation", "Kort", type="string", length=5),
    }
    plus(small, EXTRA, PLUS, short)
    small.settings["audience"]["create_merge_fields"] = True
    writing_back(
        small, language={"to": {"organisation": "Kort"}, "current": "Kort", "values": {"nl": "NL", "en": "Engelstalig"}}
    )
    with pytest.raises(ConfigurationError, match="longer than the 5 characters"):
        small.preflight()


def test_a_sign_up_of_the_persons_own_may_raise_consent(small: World) -> None:
    """AFAS said no, then the person signed up: yes is written, and only because the file allows it."""
    status = {**STATUS, "values": {"subscribed": True, "unsubscribed": False}, "person_may_return": True}
    writing_back(small, status=status)
    small.run()
    small.mailchimp.call("unsubscribe", email=JAN)
    step(small)
    assert columns(small, "10001")["Nieuwsbrief"] is False
    small.mailchimp.call("person_signs_up", email=JAN)
    back = step(small)
    assert columns(small, "10001")["Nieuwsbrief"] is True
    assert back["updated"] == 1
    assert small.statuses()[JAN] == "subscribed"
    assert small.run(full_reload=True)["written"] == 0


def test_afas_that_says_no_later_is_not_raised(small: World) -> None:
    """The person signed up, then AFAS said no: no stays."""
    status = {**STATUS, "values": {"subscribed": True, "unsubscribed": False}, "person_may_return": True}
    writing_back(small, status=status)
    small.run()
    small.mailchimp.call("unsubscribe", email=JAN)
    step(small)
    small.mailchimp.call("person_signs_up", email=JAN)
    small.at(small.now.add(hours=1))
    small.change(EXTRA, "10001", Nieuwsbrief=False)
    step(small)
    assert columns(small, "10001")["Nieuwsbrief"] is False
    assert small.statuses()[JAN] == "unsubscribed"


def test_a_no_that_moves_no_date_is_not_raised_by_an_old_sign_up(small: World) -> None:
    """A debtor's date does not move with its organisation's consent: a sign-up counts once, when it is news."""
    small.settings["sources"]["debtors"]["modified"] = ["DateModified"]
    status = {**STATUS, "values": {"subscribed": True, "unsubscribed": False}, "person_may_return": True}
    writing_back(small, status=status)
    small.run()
    small.mailchimp.call("unsubscribe", email=JAN)
    step(small)
    small.mailchimp.call("person_signs_up", email=JAN)
    step(small)
    assert columns(small, "10001")["Nieuwsbrief"] is True
    small.change(EXTRA, "10001", Nieuwsbrief=False)
    step(small, full_reload=True)
    assert columns(small, "10001")["Nieuwsbrief"] is False


def test_archived_and_foreign_members_say_nothing(small: World) -> None:
    """Who is archived has no facts; a member without our key gives its opt-out, not its number."""
    writing_back(small, status=STATUS, PHONE=PHONE)
    small.run()
    small.mailchimp.call("marketer_overwrites", tag="AFASID", value="", emails=[PIET])
    small.mailchimp.call("person_edits", email=PIET, merge_fields={"PHONE": NUMBER})
    small.mailchimp.call("unsubscribe", email=JAN)
    small.mailchimp.call("archive", email=JAN)
    small.write_back_only()
    assert sent(small) == []
    small.mailchimp.call("unsubscribe", email=PIET)
    small.write_back_only()
    assert [set(write["changed"]) for write in sent(small)] == [{"Nieuwsbrief"}]


@pytest.mark.parametrize("kind", ["503", "reset", "reset_after", "500_after"])
def test_a_fault_of_afas_costs_nothing_but_time(small: World, kind: str) -> None:
    """Whatever breaks during the write, running again ends with the same field, written once or twice."""
    writing_back(small, status=STATUS)
    small.run()
    small.mailchimp.call("unsubscribe", email=JAN)
    small.afas.fail(kind, count=1, match="PUT /connectors", **({"seconds": 1} if kind == "503" else {}))
    for _ in range(2):
        try:
            step(small)
        except TemporaryError:
            small.import_only()
    assert columns(small, "10001")["Nieuwsbrief"] is False
    assert small.statuses()[JAN] == "unsubscribed"


def test_a_missing_right_is_one_sentence_and_the_import_still_runs(small: World) -> None:
    """The token lost the UpdateConnector: the task fails with what to do, the opt-out is respected."""
    writing_back(small, status=STATUS)
    small.run()
    small.mailchimp.call("unsubscribe", email=JAN)
    small.afas.call("update_connector", name="KnOrganisation", authorised=False)
    with pytest.raises(ConfigurationError, match="KnOrganisation"):
        small.write_back_only()
    small.import_only()
    assert small.statuses()[JAN] == "unsubscribed"


def test_a_dry_run_writes_nothing_and_tells_what_it_would(small: World) -> None:
    """Counts as of a real run; no write, no Variable."""
    writing_back(small, status=STATUS, PHONE=PHONE)
    small.run()
    small.mailchimp.call("unsubscribe", email=JAN)
    small.mailchimp.call("person_edits", email=PIET, merge_fields={"PHONE": NUMBER})
    before, writes = dict(small.variables), len(small.writes())
    back = step(small, dry_run=True)
    assert (back["unsubscribed"], back["updated"], back["records"]) == (1, 1, 2)
    assert (sent(small), dict(small.variables), len(small.writes())) == ([], before, writes)


def test_nothing_personal_is_said(small: World, caplog: pytest.LogCaptureFixture) -> None:
    """Report, log and Variables of a run with everything in it hold no address, number or hash."""
    caplog.set_level("DEBUG")
    writing_back(small, status=STATUS, bounced=BOUNCED, PHONE=PHONE, email={"to": "EmAd", "current": "Email"})
    small.run()
    small.mailchimp.call("person_edits", email=JAN, merge_fields={"PHONE": NUMBER})
    small.mailchimp.call("person_changes_address", email=PIET, new_email="piet@elders.example")
    small.afas.fail(
        "500", count=1, match="PUT /connectors", message=f"De waarde '{NUMBER}' of 'piet@elders.example' mag niet."
    )
    back = step(small)
    said = "\n".join([str(back), str(small.variables), *(record.getMessage() for record in caplog.records)])
    assert found_in(said, [JAN, PIET, "piet@elders.example", "elders", NUMBER, NUMBER[1:]]) == []
    assert back["rejected"] == 1


def test_a_watermark_in_the_future_is_told(small: World) -> None:
    """A watermark that would hide changes stops the task with a sentence that names the Variable."""
    writing_back(small, status=STATUS)
    small.run()
    small.variables["afas_mailchimp.customers.write_back.watermark"] = "2030-01-01T00:00:00+00:00"
    with pytest.raises(ConfigurationError, match=r"write_back\.watermark"):
        small.write_back_only()
    small.variables["afas_mailchimp.customers.write_back.watermark"] = "gisteren"
    with pytest.raises(ConfigurationError, match="UTC"):
        small.write_back_only()


def test_nothing_written_above_the_limit_moves_no_watermark(small: World) -> None:
    """What was stopped is there again in the next run."""
    writing_back(small, status=STATUS)
    small.run()
    small.settings["limits"] = {"max_write_back": 0}
    small.mailchimp.call("unsubscribe", email=JAN)
    before = small.variables["afas_mailchimp.customers.write_back.watermark"]
    for _ in range(2):
        with pytest.raises(SafetyStop, match="max_write_back = 0"):
            small.write_back_only()
    assert small.variables["afas_mailchimp.customers.write_back.watermark"] == before
    assert sent(small) == []


def test_a_text_that_does_not_fit_is_counted_and_nothing_is_cut(small: World) -> None:
    """A text longer than AFAS's field is not written at all; what fits goes."""
    short = free(small, "KnOrganisation", "Kort", type="string", length=5)
    plus(small, EXTRA, PLUS, {"id": "Kort", "type": "string", "length": 5, "source": short})
    writing_back(small, PHONE=PHONE, COMPANY={"to": {"organisation": "Kort"}, "current": "Kort"})
    small.settings["sources"]["debtors"]["merge_fields"].pop("COMPANY")
    small.run()
    small.mailchimp.call("person_edits", email=JAN, merge_fields={"PHONE": NUMBER, "COMPANY": "Bakkerij"})
    small.mailchimp.call("person_edits", email=PIET, merge_fields={"COMPANY": "Bakkerij"})
    back = step(small)
    assert (back["updated"], back["invalid"]) == (1, 1)
    assert back["keys"] == {"value_does_not_fit_in_afas": ["debtors:10001", "debtors:10002"]}
    assert (columns(small, "10001", PLUS)["TelNr"], columns(small, "10001", PLUS)["Kort"]) == (NUMBER, None)


def test_parts_of_an_address_go_to_fields_of_their_own(small: World) -> None:
    """The subscriber moves house: the postcode goes to the field that the file names, and the import leaves it."""
    code = free(small, "KnOrganisation", "Postcode", type="string", length=10)
    plus(small, EXTRA, PLUS, {"id": "Postcode", "type": "string", "length": 10, "source": code})
    small.change(PLUS, "10001", Postcode="3811 HN")
    writing_back(small, **{"ADDRESS.zip": {"to": {"organisation": "Postcode"}, "current": "Postcode"}})
    step(small)
    step(small)
    address = {**small.members()[JAN]["merge_fields"]["ADDRESS"], "zip": "3822 AB"}
    small.mailchimp.call("person_edits", email=JAN, merge_fields={"ADDRESS": address})
    back = step(small)
    assert back["fields"] == {"debtors.ADDRESS.zip": 1}
    assert columns(small, "10001", PLUS)["Postcode"] == "3822 AB"
