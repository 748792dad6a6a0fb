"""UpdateConnectors of the AFAS stand-in: grammar, matching, values, dates, rights, metainfo."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.sandbox.afas_client import CONTACTS, EXTRA, Afas

UTF8 = "application/json;charset=utf-8"
ORGANISATION, PERSON, ELSEWHERE = "1000001", "1000002", "1000003"
BEFORE, NOW = "2026-03-01T10:00:00", "2026-03-02T11:30:00Z"
MOVED = "2026-03-02T12:30:00Z"
Body = dict[str, Any]


@pytest.fixture
def profit(afas: Afas) -> Afas:
    """A debtor of each type, a contact of each kind, and a clock that stands still a day later."""
    afas.debtor("10001", BcCo=ORGANISATION, DebtorName="Bakkerij De Korenaar", Nieuwsbrief=True, at=BEFORE)
    afas.debtor("10002", BcCo=PERSON, Type="PER", FirstName="Jan", LastName="Bakker", Nieuwsbrief=True, at=BEFORE)
    for number, more in ((1, {"PerNumber": PERSON}), (2, {"Type": "AFD"}), (3, {"Type": "AFD"})):
        row = {"ContactId": number, "Type": "PRS", "OrgNumber": ORGANISATION, "MailWork": "oud@korenaar.example"}
        afas.control.call("insert", connector=CONTACTS, row={**row, **more}, at=BEFORE)
    for number, name in ((2, "Inkoop"), (3, "Verkoop")):
        values = {"department": name}
        afas.control.call("mutate", table="contact", key=number, set=values, touch=False)
    afas.control.call("insert", table="organisation", row={"number": ELSEWHERE})
    afas.control.call("clock", at=NOW)
    return afas


def put(afas: Afas, body: Body | str, *, connector: str = "", content_type: str = UTF8) -> requests.Response:
    """Send a body to its connector."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    name = connector or (next(iter(body)) if isinstance(body, dict) else "KnPerson")
    headers = {"Content-Type": content_type, "Accept-Language": "en-us"}
    return afas.session.put(f"{afas.server.url}/connectors/{name}", data=text.encode(), headers=headers, timeout=10)


def organisation(**fields: Any) -> Body:
    """Body for the organisation."""
    return {"KnOrganisation": {"Element": {"Fields": {"MatchOga": "0", "BcCo": ORGANISATION, **fields}}}}


def person(**fields: Any) -> Body:
    """Body for the person."""
    return {"KnPerson": {"Element": {"Fields": {"MatchPer": "0", "BcCo": PERSON, **fields}}}}


def contact(**fields: Any) -> Body:
    """Body for a contact."""
    return {"KnContact": {"Element": {"Fields": fields}}}


def debtor(inside: Body | None = None, *, number: str = "10001", **fields: Any) -> Body:
    """Body for an organisation debtor."""
    inside = {"MatchOga": "0", "BcCo": ORGANISATION} if inside is None else inside
    objects = {"KnOrganisation": {"Element": {"Fields": inside}}}
    return {"KnSalesRelationOrg": {"Element": {"@DbId": number, "Fields": fields, "Objects": objects}}}


def free_id(afas: Afas, connector: str, label: str) -> str:
    """Id of a free field, looked up by label."""
    fields = afas.get(f"/metainfo/update/{connector}").json()["fields"]
    (found,) = [field["fieldId"] for field in fields if field["label"] == label]
    return str(found)


def shown(afas: Afas, key: str = "10001") -> Body:
    """Row of a debtor."""
    return next(row for row in afas.rows(EXTRA) if row["DebtorId"] == key)


def a_contact(afas: Afas, number: int) -> Body:
    """Row of a contact."""
    return next(row for row in afas.rows(CONTACTS) if row["ContactId"] == number)


def table(afas: Afas, name: str, key: str | int) -> Body:
    """One row with all that is kept of it."""
    rows = afas.control.call("dump")["tables"][name]
    return next(row for row in rows if key in {row.get("number"), row.get("id")})


@pytest.mark.parametrize(
    ("connector", "key"), [("KnOrganisation", "10001"), ("KnPerson", "10002")], ids=["organisation", "person"]
)
def test_a_free_field_that_is_written_is_read(profit: Afas, connector: str, key: str) -> None:
    """The column of the GetConnector shows the free field, and the date of organisation or person moves alone."""
    fields = {free_id(profit, connector, "Nieuwsbrief"): False, free_id(profit, connector, "E-mail onjuist"): "1"}
    response = put(profit, organisation(**fields) if connector == "KnOrganisation" else person(**fields))

    row = shown(profit, key)
    assert 201 == response.status_code
    assert {"BcCo", "BcId"} == set(response.json()["results"][connector])
    assert (False, True) == (row["Nieuwsbrief"], row["EmailOnjuist"])
    assert (MOVED, BEFORE + "Z") == (row["OrgModified"], row["DateModified"])


def test_only_what_is_sent_changes_and_a_blank_clears(profit: Afas) -> None:
    """A PUT leaves other fields alone; an empty text empties a field."""
    put(profit, organisation(TeNr="020-1234567", EmAd="info@korenaar.example"))
    put(profit, organisation(EmAd=""))

    row = shown(profit)
    assert ("020-1234567", None, "Bakkerij De Korenaar") == (row["TelNr"], row["Email"], row["DebtorName"])


def test_a_field_without_column_is_kept(profit: Afas) -> None:
    """What no standard GetConnector shows can be added to one."""
    extra = [{"id": "Correspondentie", "type": "boolean", "source": "party.beside.Corr"}]
    profit.control.call("connector", name="Profit_Debtor_Corr", copy_of=EXTRA, extra=extra)
    put(profit, organisation(Corr="0"))

    rows = {row["DebtorId"]: row["Correspondentie"] for row in profit.rows("Profit_Debtor_Corr")}
    assert {"10001": False, "10002": None} == rows


ONE = {"Element": {"Fields": {"MatchOga": "0", "BcCo": ORGANISATION}}}
GRAMMAR = [
    pytest.param({"KnOrganisation": {"Element": [ONE["Element"], ONE["Element"]]}}, 201, id="array of elements"),
    pytest.param(debtor(), 201, id="objects as an object"),
    pytest.param(
        {"KnSalesRelationOrg": {"Element": {"@DbId": "10001", "Fields": "", "Objects": [{"KnOrganisation": ONE}]}}},
        201,
        id="objects as a list, fields as a blank",
    ),
    pytest.param({"KnSalesRelationOrg": {"Element": {"@DbId": "10001"}}}, 500, id="debtor without organisation"),
    pytest.param({"KnSalesRelationOrg": {"Element": {"Objects": {"KnOrganisation": ONE}}}}, 500, id="no @DbId"),
    pytest.param({"KnOrganisation": ONE["Element"]}, 500, id="no element"),
    pytest.param({"KnOrganisation": {"Element": []}}, 500, id="empty array"),
    pytest.param({"KnOrganisation": {"Element": {"fields": {}}}}, 500, id="fields in small letters"),
    pytest.param({"KnOrganisation": {"Element": {"@BcCo": ORGANISATION, **ONE["Element"]}}}, 500, id="foreign key"),
    pytest.param({"KnOrganisation": {"Element": {**ONE["Element"], "Objects": {"KnFish": ONE}}}}, 500, id="fish"),
    pytest.param({"KnOrganisation": {"Element": {**ONE["Element"], "Objects": {"KnContact": ONE}}}}, 501, id="inner"),
    pytest.param({"KnOrganisation": {"Element": {"@action": "update", **ONE["Element"]}}}, 201, id="update named"),
    pytest.param(organisation(**{"@Action": "update"}), 201, id="update named in the fields"),
    pytest.param(organisation(**{"@Action": "delete"}), 501, id="delete named"),
    pytest.param({}, 501, id="empty body"),
    pytest.param({"KnPerson": ONE, "KnOrganisation": ONE}, 500, id="two connectors"),
]


@pytest.mark.parametrize(("body", "status"), GRAMMAR)
def test_the_grammar_is_that_of_the_documentation(profit: Afas, body: Body, status: int) -> None:
    """Forms of official examples are taken, others are refused in AFAS's shape, or as not taught."""
    response = put(profit, body, connector=next(iter(body), "KnPerson"))

    assert status == response.status_code, response.text
    if status == 500:
        assert {"externalMessage", "errorNumber", "profitLogReference"} == set(response.json())


MATCHING = [
    pytest.param(organisation(MatchOga=""), 500, id="blank match code"),
    pytest.param({"KnOrganisation": {"Element": {"Fields": {"BcCo": ORGANISATION}}}}, 500, id="no match code"),
    pytest.param(organisation(MatchOga="9"), 500, id="parent of nothing"),
    pytest.param(organisation(MatchOga="A"), 500, id="unknown match code"),
    pytest.param(organisation(MatchOga="3"), 501, id="by name"),
    pytest.param(organisation(MatchOga="6"), 501, id="always new"),
    pytest.param(organisation(BcCo="404"), 500, id="unknown organisation"),
    pytest.param(organisation(BcCo=""), 500, id="no organisation"),
    pytest.param(organisation(BcCo=PERSON), 500, id="person as organisation"),
    pytest.param(organisation(BcId=1), 501, id="internal number"),
    pytest.param(person(BcCo=ORGANISATION), 500, id="organisation as person"),
    pytest.param(debtor({"MatchOga": "9"}), 201, id="debtor with the parent's organisation"),
    pytest.param(debtor({"MatchOga": "9", "BcCo": ORGANISATION}), 500, id="parent and number"),
    pytest.param(debtor({"MatchOga": "0", "BcCo": ELSEWHERE}), 500, id="debtor with another organisation"),
    pytest.param(debtor(number="10002"), 500, id="person as organisation debtor"),
    pytest.param(debtor(number="404"), 500, id="unknown debtor"),
    pytest.param(contact(BcCoOga=ORGANISATION, BcCoPer=PERSON), 201, id="contact by both numbers"),
    pytest.param(contact(CdId=1, ViKc="PRS"), 201, id="contact by id and kind"),
    pytest.param(contact(CdId="2", ViKc="AFD", ExAd="Inkoop Noord"), 201, id="renamed department"),
    pytest.param(contact(BcCoOga=ORGANISATION, ExAd="Inkoop"), 201, id="department"),
    pytest.param(contact(CdId=1), 500, id="contact id without kind"),
    pytest.param(contact(CdId=1, ViKc="AFD"), 500, id="contact id of another kind"),
    pytest.param(contact(BcCoOga=ORGANISATION), 500, id="organisation alone"),
    pytest.param(contact(EmAd="x@korenaar.example"), 500, id="no key"),
    pytest.param(contact(BcCoOga=ORGANISATION, BcCoPer="404"), 500, id="unknown contact"),
    pytest.param(contact(BcCoOga=ORGANISATION, ExAd="Magazijn"), 500, id="unknown department"),
]


@pytest.mark.parametrize(("body", "status"), MATCHING)
def test_records_are_found_by_their_documented_key_only(profit: Afas, body: Body, status: int) -> None:
    """Each connector has its own way of naming a record; everything else is an error and writes nothing."""
    response = put(profit, body)

    assert status == response.status_code, response.text
    assert (status == 201) == bool(profit.control.call("writes"))
    assert (status == 500) == ("profitLogReference" in response.text)


@pytest.mark.parametrize("number", [1, 2], ids=["person", "department"])
def test_contact_is_written_and_answered_with_nothing(profit: Afas, number: int) -> None:
    """A contact's 201 has no body; only its own row changes and moves."""
    key = {"BcCoPer": PERSON} if number == 1 else {"ExAd": "Inkoop"}
    response = put(profit, contact(BcCoOga=ORGANISATION, EmAd="nieuw@korenaar.example", **key))

    assert (201, b"") == (response.status_code, response.content)
    changed = a_contact(profit, number)
    assert ("nieuw@korenaar.example", MOVED) == (changed["MailWork"], changed["DateModified"])
    assert ("oud@korenaar.example", BEFORE + "Z") == (
        a_contact(profit, 3)["MailWork"],
        a_contact(profit, 3)["DateModified"],
    )


def test_two_contacts_that_match_are_refused(profit: Afas) -> None:
    """The same person twice at one organisation cannot be told apart by the numbers."""
    row = {"ContactId": 9, "Type": "PRS", "OrgNumber": ORGANISATION, "PerNumber": PERSON}
    profit.control.call("insert", connector=CONTACTS, row=row)

    assert 500 == put(profit, contact(BcCoOga=ORGANISATION, BcCoPer=PERSON)).status_code
    assert 201 == put(profit, contact(CdId=9, ViKc="PRS")).status_code


VALUES = [
    pytest.param(organisation(Nn="x"), "Field 'Nn' is unknown.", id="unknown field"),
    pytest.param(organisation(nm="x"), "Field 'nm' is unknown.", id="field in small letters"),
    pytest.param(person(Nm="x"), "Field 'Nm' is unknown.", id="field of another object"),
    pytest.param(organisation(Nm=""), "Enter a value for 'Naam'.", id="mandatory field cleared"),
    pytest.param(organisation(SeNm="12345678901"), "longer than 10 characters", id="too long"),
    pytest.param(organisation(Corr="ja"), "is not valid", id="no yes or no"),
    pytest.param(organisation(Nm=5), "is not valid", id="number as text"),
    pytest.param(organisation(Nm=True), "is not valid", id="yes as text"),
    pytest.param(organisation(CcDa="01-02-2026"), "is not valid", id="date in another form"),
    pytest.param(organisation(CcDa="2026-02-01T00:00:00Z"), "is not valid", id="date with a zone"),
    pytest.param(organisation(ViMd="FAKS"), "The entered value for 'Voorkeursmedium' does not exist.", id="no value"),
    pytest.param(debtor(Krli="veel"), "is not valid", id="no number"),
    pytest.param(debtor(DsId="1.5"), "is not valid", id="no whole number"),
    pytest.param(debtor({"MatchOga": "9", "EmAd": 7}), "is not valid", id="wrong type inside"),
]


@pytest.mark.parametrize(("body", "text"), VALUES)
def test_wrong_values_are_refused_in_the_shape_of_afas(profit: Afas, body: Body, text: str) -> None:
    """One sentence, a number and a reference of 32 digits, called XML; nothing is written."""
    before = profit.control.call("dump")["tables"]
    response = put(profit, body)

    said = response.json()
    assert (500, -2147220469, 32) == (response.status_code, said["errorNumber"], len(said["profitLogReference"]))
    assert text in said["externalMessage"]
    assert "application/xml; charset=utf-8" == response.headers["Content-Type"]
    assert before == profit.control.call("dump")["tables"]


@pytest.mark.parametrize("value", [True, "true", "1", 1], ids=["JSON", "word", "digit", "number"])
def test_yes_has_four_spellings(profit: Afas, value: object) -> None:
    """Official examples mix them."""
    assert 201 == put(profit, organisation(Corr=value)).status_code
    assert table(profit, "organisation", ORGANISATION)["beside"] == {"Corr": True}


def test_null_was_not_taught(profit: Afas) -> None:
    """Whether null clears is not documented: so it is refused aloud."""
    assert 501 == put(profit, organisation(EmAd=None)).status_code


def test_a_body_is_one_transaction(profit: Afas) -> None:
    """The first record stays as it was when the second one is refused."""
    good, bad = organisation(Nm="Nieuw")["KnOrganisation"]["Element"], organisation(Nm="")["KnOrganisation"]["Element"]

    assert 500 == put(profit, {"KnOrganisation": {"Element": [good, bad]}}).status_code
    assert "Bakkerij De Korenaar" == shown(profit)["DebtorName"]
    assert [] == profit.control.call("writes")


@pytest.mark.parametrize(
    ("content_type", "status", "name"),
    [
        (UTF8, 201, "Café René"),
        ("application/json", 201, "Caf? Ren?"),
        ("text/xml;charset=utf-8", 500, "Bakkerij De Korenaar"),
        ("application/json;charset=klingon", 500, "Bakkerij De Korenaar"),
    ],
    ids=["with charset", "without charset", "XML", "unknown charset"],
)
def test_content_type_decides_what_arrives(profit: Afas, content_type: str, status: int, name: str) -> None:
    """Without a charset, accents arrive as question marks; another type is refused."""
    assert status == put(profit, organisation(Nm="Café René"), content_type=content_type).status_code
    assert name == shown(profit)["DebtorName"]


def test_what_is_not_json_is_said(profit: Afas) -> None:
    """A body that cannot be read has an answer of its own."""
    response = put(profit, "{not json")

    assert (500, {"message": "Invalid json"}) == (response.status_code, response.json())


@pytest.mark.parametrize("bump", [True, False])
def test_a_write_that_changes_nothing_moves_the_date_as_set(profit: Afas, bump: bool) -> None:
    """The worst case is the standard; the switch takes it away."""
    if not bump:
        profit.control.call("settings", bump_unchanged=False)
    put(profit, organisation(Nm="Bakkerij De Korenaar"))

    assert (MOVED if bump else BEFORE + "Z") == shown(profit)["OrgModified"]
    (write,) = profit.control.call("writes")
    assert ([], ["Nm"], bump) == (write["changed"], write["sent"], write["moved"])


@pytest.mark.parametrize("bump", [True, False])
def test_a_debtor_moves_and_its_organisation_as_set(profit: Afas, bump: bool) -> None:
    """Naming the organisation moves its date too, unless the switch says no; writing in it always does."""
    if not bump:
        profit.control.call("settings", bump_matched=False)
    response = put(profit, debtor(Bl=True))

    row = shown(profit)
    assert {"results": {"KnSalesRelationOrg": {"DbId": "10001", "BcCo": ORGANISATION}}} == response.json()
    assert (True, MOVED) == (row["Blocked"], row["DateModified"])
    assert (MOVED if bump else BEFORE + "Z") == row["OrgModified"]
    put(profit, debtor({"MatchOga": "9", "Nm": "Bakkerij De Molen"}))
    assert ("Bakkerij De Molen", MOVED) == (shown(profit)["DebtorName"], shown(profit)["OrgModified"])


def test_a_person_debtor_names_its_person(profit: Afas) -> None:
    """The official form: a list of objects with the parent's person."""
    inside = [{"KnPerson": {"Element": {"Fields": {"MatchPer": "9"}}}}]
    body = {"KnSalesRelationPer": {"Element": {"@DbId": "10002", "Fields": {"InPv": "a"}, "Objects": inside}}}

    assert 201 == put(profit, body).status_code
    assert {"InPv": "A"} == table(profit, "debtor", "10002")["beside"]


def test_an_address_is_written_in_its_own_row(profit: Afas) -> None:
    """The country is always needed, in Profit's own code; the date of the address moves."""
    inside: Body = {"KnBasicAddressAdr": {"Element": {"Fields": {"CoId": "B", "Ad": "Meir", "HmNr": "12"}}}}
    body = organisation()
    body["KnOrganisation"]["Element"]["Objects"] = inside
    assert 201 == put(profit, body).status_code
    row = shown(profit)
    assert ("Meir 12", "België") == (row["AddressLine1"], row["AddressLine4"])

    for country in ({"CoId": "BE"}, {}):
        inside["KnBasicAddressAdr"]["Element"]["Fields"] = {"Ad": "Kade", **country}
        assert 500 == put(profit, body).status_code


def test_a_connector_without_right_is_refused_and_not_listed(profit: Afas) -> None:
    """Metainfo names only what the token may use; calling another one is a 401 or a 500, as set."""
    profit.control.call("update_connector", name="KnOrganisation", authorised=False)
    listed = [each["id"] for each in profit.get("/metainfo").json()["updateConnectors"]]

    assert ["KnPerson", "KnContact", "KnSalesRelationOrg", "KnSalesRelationPer"] == listed
    assert 401 == put(profit, organisation()).status_code
    profit.control.call("settings", unauthorised="500")
    assert "not authorized" in put(profit, organisation()).json()["externalMessage"]
    assert 500 == profit.get("/metainfo/update/KnOrganisation").status_code
    assert 500 == put(profit, {"KnFish": {}}).status_code


def test_metainfo_describes_what_is_checked(profit: Afas) -> None:
    """Fields have label, type, length, whether mandatory, and their values."""
    fields = {each["fieldId"]: each for each in profit.get("/metainfo/update/KnOrganisation").json()["fields"]}

    assert ("Naam", "string", 255, True) == tuple(
        fields["Nm"][name] for name in ("label", "dataType", "length", "mandatory")
    )
    assert {"id": "0", "description": "Zoek op BcCo"} == fields["MatchOga"]["values"][0]
    assert fields["Nm"]["values"] is None


def test_more_free_fields_can_be_defined(profit: Afas) -> None:
    """Of any type, at any object, with a list of values; a second one of the same label has another id."""
    order = {"object": "KnContact", "label": "Reden", "type": "string", "length": 3, "values": {"OPT": "Afgemeld"}}
    made = [profit.control.call("free_field", **order) for _ in range(2)]
    extra = [{"id": "Reden", "type": "string", "source": "contact.beside.Reden"}]
    profit.control.call("connector", name="Profit_Contacts_Plus", copy_of=CONTACTS, extra=extra)

    assert made[0]["id"] != made[1]["id"]
    refused = put(profit, contact(CdId=1, ViKc="PRS", **{made[0]["id"]: "NEE"}))
    assert "The entered value for 'Reden' does not exist." == refused.json()["externalMessage"]
    assert 201 == put(profit, contact(CdId=1, ViKc="PRS", **{made[0]["id"]: "OPT"})).status_code
    assert {1: "OPT", 2: None, 3: None} == {
        row["ContactId"]: row["Reden"] for row in profit.rows("Profit_Contacts_Plus")
    }


def test_a_free_date_is_shown_as_a_date(profit: Afas) -> None:
    """A date that is written is read in the form of other dates."""
    made = profit.control.call("free_field", object="KnOrganisation", label="Afgemeld op", type="date")
    extra = [{"id": "Afgemeld", "type": "date", "source": "party." + made["source"]}]
    profit.control.call("connector", name="Profit_Debtor_Plus", copy_of=EXTRA, extra=extra)
    put(profit, organisation(**{made["id"]: "2026-02-01"}))

    assert "2026-02-01T00:00:00Z" == profit.rows("Profit_Debtor_Plus")[0]["Afgemeld"]


def test_actions_can_wait_for_a_write(profit: Afas) -> None:
    """What was ordered behind the second write of a connector happens then, and reads do not count."""
    action = {"verb": "delete", "arguments": {"table": "contact", "key": 3}}
    profit.control.call("after_requests", count=2, connector="KnOrganisation", actions=[action])
    put(profit, organisation())
    assert 3 == len(profit.rows(CONTACTS))
    put(profit, organisation())
    assert 2 == len(profit.rows(CONTACTS))
