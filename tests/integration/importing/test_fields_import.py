"""Kinds of field over HTTP: what preflight says of the audience, and what a member holds afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.findings import NewField
from hooks.mailchimp import MailchimpHook
from tests.integration.importing.world import EXTRA, JAN, KEES, LIST_ID, PIET, World

PLUS = "Profit_Debtor_App_Plus"


@pytest.fixture
def mailchimp(world: World) -> Iterator[MailchimpHook]:
    """A hook of the test's own, to prepare the audience with."""
    assert world
    with closing(MailchimpHook()) as hook:
        yield hook


def mapped(world: World, **fields: Any) -> None:
    """Map these merge fields of the debtors, beside the usual ones."""
    world.settings["sources"]["debtors"]["merge_fields"].update(fields)


def fields_of(world: World, address: str) -> dict[str, Any]:
    """Merge fields of a member."""
    found: dict[str, Any] = world.members()[address]["merge_fields"]
    return found


def made(mailchimp: MailchimpHook) -> dict[str, tuple[str, bool, bool, tuple[str, ...]]]:
    """Merge fields of the audience: type, public, required, choices."""
    return {each.tag: (each.type, each.public, each.required, each.choices) for each in mailchimp.merge_fields(LIST_ID)}


def test_missing_fields_are_created_with_their_type(world: World, mailchimp: MailchimpHook) -> None:
    """Each kind gets the type that holds it, hidden from subscribers and not required."""
    mapped(
        world,
        GROUP={"choice": "Klantgroep", "choices": ["Horeca", "Retail"]},
        MAILOK={"yes_no": "EmailOnjuist"},
        LIMIT={"number": "Klantgroep"},
    )

    created = world.preflight()["created_merge_fields"]

    fields = made(mailchimp)
    assert {"AFASID", "AFASSUM", "COMPANY", "CREATED", "GROUP", "MAILOK", "LIMIT"} == set(created)
    assert ("dropdown", False, False, ("Horeca", "Retail")) == fields["GROUP"]
    assert ("text", False, False, ()) == fields["MAILOK"]
    assert ("number", False, False, ()) == fields["LIMIT"]


def test_dry_run_creates_no_field(world: World, mailchimp: MailchimpHook) -> None:
    """A dry run says what would hurt and leaves the audience as it is."""
    before = made(mailchimp)
    mapped(world, GROUP={"choice": "Klantgroep", "choices": ["Horeca"]})

    world.preflight(dry_run=True)

    assert before == made(mailchimp)


@pytest.mark.parametrize(
    ("field", "present", "sentence"),
    [
        pytest.param(
            {"choice": "Klantgroep"},
            {"type": "text"},
            "GROUP is of type text, but the sync file maps it as choice; possible: dropdown, radio",
            id="choice into a text",
        ),
        pytest.param(
            "Klantgroep",
            {"type": "dropdown", "choices": ("Horeca",)},
            "map it as {choice: column}",
            id="text into a dropdown",
        ),
        pytest.param(
            {"yes_no": "Nieuwsbrief"},
            {"type": "number"},
            "GROUP is of type number, but the sync file maps it as yes_no; possible: text",
            id="yes or no into a number",
        ),
        pytest.param(
            {"choice": "Klantgroep"}, None, "cannot be created without choices", id="dropdown without choices"
        ),
    ],
)
def test_wrong_type_stops_before_data_moves(
    world: World, mailchimp: MailchimpHook, field: Any, present: dict[str, Any] | None, sentence: str
) -> None:
    """One clear sentence, and nothing was written."""
    if present:
        mailchimp.create_merge_field(LIST_ID, NewField(tag="GROUP", name="Groep", **present))
    mapped(world, GROUP=field)
    world.debtor("10001", JAN)

    with pytest.raises(ConfigurationError) as caught:
        world.preflight()

    assert sentence in str(caught.value)
    assert [] == world.writes()


def test_listed_choice_that_the_audience_lacks_is_a_warning(world: World, mailchimp: MailchimpHook) -> None:
    """A marketer made the field with other choices than the file lists."""
    mailchimp.create_merge_field(LIST_ID, NewField(tag="GROUP", name="Groep", type="dropdown", choices=("Horeca",)))
    mapped(world, GROUP={"choice": "Klantgroep", "choices": ["Horeca", "Retail"]})

    warnings = world.preflight()["warnings"]

    assert any("GROUP lacks the choices Retail" in warning for warning in warnings)


def test_choice_not_in_the_audience_does_not_lose_the_member(world: World, mailchimp: MailchimpHook) -> None:
    """Mailchimp refuses a whole member for one wrong choice: the value is left out and noted, the rest goes."""
    mailchimp.create_merge_field(
        LIST_ID, NewField(tag="GROUP", name="Groep", type="radio", choices=("Horeca", "Retail"))
    )
    mapped(world, GROUP={"choice": "Klantgroep"})
    world.debtor("10001", JAN, Klantgroep="Zorg")
    world.debtor("10002", PIET, Klantgroep="HORECA ")
    world.debtor("10003", KEES, Klantgroep=None)

    report = world.run()

    assert (3, 0) == (report["created"], report["rejected"])
    assert ["", "Horeca", ""] == [fields_of(world, address)["GROUP"] for address in (JAN, PIET, KEES)]
    assert 1 == report["notices"]["choice_left_out"]
    assert "Firma 10001" == fields_of(world, JAN)["COMPANY"]
    assert 3 == world.run(full_reload=True)["unchanged"]


def test_yes_no_and_its_blank(world: World) -> None:
    """A yes/no column becomes a word; when AFAS becomes blank the field is cleared."""
    mapped(world, WRONG={"yes_no": "EmailOnjuist"})
    for key, address, value in (("10001", JAN, True), ("10002", PIET, False), ("10003", KEES, None)):
        world.debtor(key, address, EmailOnjuist=value)

    world.run()

    assert ["true", "false", ""] == [fields_of(world, address)["WRONG"] for address in (JAN, PIET, KEES)]
    world.change(EXTRA, "10001", EmailOnjuist=None)
    world.run()
    assert "" == fields_of(world, JAN)["WRONG"]
    assert 3 == world.run(full_reload=True)["unchanged"]


def test_extra_columns_of_a_suffixed_copy(world: World) -> None:
    """A copy of a connector with columns of its own is read like any other (reference: 5.1)."""
    world.afas.call(
        "connector",
        name=PLUS,
        copy_of=EXTRA,
        extra=[
            {"id": "Plaats", "type": "string", "source": "address.city", "label": "Woonplaats", "length": 50},
            {"id": "Leeg", "type": "string", "source": "", "label": "Onbekend", "length": 50},
        ],
    )
    world.settings["sources"]["debtors"]["connector"] = PLUS
    mapped(world, CITY="Plaats", EMPTY="Leeg")
    world.debtor("10001", JAN, AddressLine3="3811 HN  AMERSFOORT")

    world.run()

    assert ("AMERSFOORT", "") == (fields_of(world, JAN)["CITY"], fields_of(world, JAN)["EMPTY"])


@pytest.mark.parametrize(
    ("columns", "tag", "notice"),
    [
        pytest.param({"TelNr": "toestel 12"}, "PHONE", "phone_left_out", id="no phone number"),
        pytest.param({"AddressLine1": "Stadsring 69"}, "ADDRESS", "address_left_out", id="half an address"),
        pytest.param({"DebtorName": "(replaced)"}, "COMPANY", "column_without_definition_in_afas", id="unknown column"),
        pytest.param({"Klantgroep": "misschien"}, "VAT", "yes_no_left_out", id="neither yes nor no"),
    ],
)
def test_what_is_left_out_is_counted(world: World, columns: dict[str, Any], tag: str, notice: str) -> None:
    """The member is created without that field, and the report counts it under its name."""
    mapped(world, VAT={"yes_no": "Klantgroep"})
    world.debtor("10001", JAN, **columns)

    report = world.run()

    assert (1, 1) == (report["created"], report["notices"][notice])
    assert "" == fields_of(world, JAN)[tag]


def test_a_field_outside_the_mapping_is_never_touched(small: World, mailchimp: MailchimpHook) -> None:
    """What a marketer keeps in a field of its own stays, whatever AFAS does."""
    mailchimp.create_merge_field(LIST_ID, NewField(tag="RATING", name="Rating", type="text"))
    small.mailchimp.call("person_edits", email=JAN, merge_fields={"RATING": "goud"})
    small.change(EXTRA, "10001", DebtorName="Bakkerij", TelNr=None)

    small.run(full_reload=True)

    found = fields_of(small, JAN)
    assert ("goud", "Bakkerij", "") == (found["RATING"], found["COMPANY"], found["PHONE"])


def test_only_when_empty(small: World) -> None:
    """A field that somebody filled is left alone; an empty one is filled."""
    small.settings["sources"]["debtors"]["merge_fields"]["COMPANY"] = {"text": "DebtorName", "only_when_empty": True}
    small.mailchimp.call("person_edits", email=PIET, merge_fields={"COMPANY": ""})
    small.change(EXTRA, "10001", DebtorName="Andere naam")

    small.run(full_reload=True)

    assert ("Firma 10001", "Firma 10002") == (fields_of(small, JAN)["COMPANY"], fields_of(small, PIET)["COMPANY"])
