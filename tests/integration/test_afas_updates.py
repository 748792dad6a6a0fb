"""Writing to AFAS: the bodies, the fields, what is tried again, what is said, and what is never said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests

from afas_mailchimp import updateconnector
from afas_mailchimp.errors import ConfigurationError, RefusedError, SyncError, TemporaryError
from afas_mailchimp.updateconnector import UpdateField, WriteRefusal
from hooks.afas import AfasHook
from hooks.afas_mailchimp_afas_updates import WriteTransport, quotable
from tests.integration.conftest import Canned, Connect, Patience, Stand
from tests.integration.leaks import copied, everything_said, found_in

EXTRA, CONTACTS = "Profit_Debtor_App_Extra", "Profit_Contacts_App"
ORGANISATION, PERSON = "1000001", "1000002"
REFERENCE = "B8213AF1C3C54E579686406A8DE71C6C"
NAME = "Bakkerij De Korenaar"
WALL = datetime.fromisoformat("2026-02-01T09:30:00")
SECRETS = (NAME, "korenaar", "Jansen", "jan@", "06-12345678")


@pytest.fixture
def profit(afas: Stand) -> Stand:
    """A debtor of each type, and a contact."""
    debtors = [
        {"DebtorId": "10001", "BcCo": ORGANISATION, "DebtorName": "Oud", "Nieuwsbrief": True},
        {"DebtorId": "10002", "BcCo": PERSON, "Type": "PER", "LastName": "Oud", "Nieuwsbrief": True},
    ]
    for row in debtors:
        afas.control.call("insert", connector=EXTRA, row=row)
    row = {"ContactId": 7, "Type": "PRS", "OrgNumber": ORGANISATION, "PerNumber": PERSON}
    afas.control.call("insert", connector=CONTACTS, row=row)
    return afas


@pytest.fixture
def told(canned: Canned, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Canned:
    """An AFAS that gives prepared answers, to PUT as well."""
    monkeypatch.setattr(BaseHTTPRequestHandler, "do_PUT", lambda handler: handler.do_GET(), raising=False)
    connect("afas_default", conn_type="afas", host=canned.url, password="0" * 64)
    return canned


def _free(hook: AfasHook, connector: str, label: str) -> str:
    (found,) = [field for field in hook.update_fields(connector).fields if field.label == label]
    assert found.is_free
    return found.id


def _writes(stand: Stand) -> list[tuple[object, ...]]:
    return [(write["object"], write["key"], *write["changed"]) for write in stand.control.call("writes")]


def _row(stand: Stand, key: str, connector: str = EXTRA) -> dict[str, Any]:
    rows: list[dict[str, Any]] = stand.control.call("rows", connector=connector)
    return next(row for row in rows if str(next(iter(row.values()))) == key)


BODIES = [
    pytest.param(
        updateconnector.person("00042", {"EmAd": "a@x.example"}),
        {"KnPerson": {"Element": {"Fields": {"MatchPer": "0", "BcCo": "00042", "EmAd": "a@x.example"}}}},
        id="person",
    ),
    pytest.param(
        updateconnector.organisation("42", {"Nm": "Jansen"}),
        {"KnOrganisation": {"Element": {"Fields": {"MatchOga": "0", "BcCo": "42", "Nm": "Jansen"}}}},
        id="organisation",
    ),
    pytest.param(
        updateconnector.contact(organisation="42", person="43", fields={"Corr": False}),
        {"KnContact": {"Element": {"Fields": {"BcCoOga": "42", "BcCoPer": "43", "Corr": False}}}},
        id="contact by organisation and person",
    ),
    pytest.param(
        updateconnector.contact(contact_id=7, kind="AFD", fields={"ExAd": "Inkoop"}),
        {"KnContact": {"Element": {"Fields": {"CdId": "7", "ViKc": "AFD", "ExAd": "Inkoop"}}}},
        id="contact by id",
    ),
    pytest.param(
        updateconnector.debtor_organisation("10100", "1000241", {"Bl": True}),
        {
            "KnSalesRelationOrg": {
                "Element": {
                    "@DbId": "10100",
                    "Fields": {"Bl": True},
                    "Objects": {"KnOrganisation": {"Element": {"Fields": {"MatchOga": "0", "BcCo": "1000241"}}}},
                }
            }
        },
        id="debtor, the official example",
    ),
    pytest.param(
        updateconnector.debtor_person("49978", "42", {}),
        {
            "KnSalesRelationPer": {
                "Element": {
                    "@DbId": "49978",
                    "Fields": {},
                    "Objects": {"KnPerson": {"Element": {"Fields": {"MatchPer": "0", "BcCo": "42"}}}},
                }
            }
        },
        id="debtor that is a person",
    ),
    pytest.param(
        updateconnector.person("1", {"A": None, "B": date(2026, 2, 1), "C": WALL, "D": 4}),
        {
            "KnPerson": {
                "Element": {
                    "Fields": {
                        "MatchPer": "0",
                        "BcCo": "1",
                        "A": "",
                        "B": "2026-02-01",
                        "C": "2026-02-01T09:30:00",
                        "D": 4,
                    }
                }
            }
        },
        id="values",
    ),
]


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_bodies_are_those_of_the_documentation(body: object, expected: object) -> None:
    """One form for each way of naming a record; None clears, dates are wall time."""
    assert expected == body


WRONG = [
    pytest.param(lambda: updateconnector.person("", {}), id="blank number"),
    pytest.param(lambda: updateconnector.debtor_person(" ", "1", {}), id="blank debtor"),
    pytest.param(lambda: updateconnector.contact(fields={}), id="no contact"),
    pytest.param(lambda: updateconnector.contact(contact_id=7, fields={}), id="contact without kind"),
    pytest.param(lambda: updateconnector.contact(contact_id=7, kind="PRS", person="1", fields={}), id="two ways"),
    pytest.param(lambda: updateconnector.person("1", {"PadAdr": True}), id="postal address flag"),
    pytest.param(lambda: updateconnector.person("1", {"MatchPer": "7"}), id="match code"),
    pytest.param(lambda: updateconnector.organisation("1", {"@Action": "delete"}), id="action"),
    pytest.param(lambda: updateconnector.person("1", {"C": datetime(2026, 2, 1, tzinfo=UTC)}), id="zone"),
]


@pytest.mark.parametrize("make", WRONG)
def test_bodies_that_could_do_harm_are_not_made(make: Any) -> None:
    """A record is always named in full, and no mapping reaches the key or the postal address."""
    with pytest.raises(ValueError, match=r"named by|never written|without a zone"):
        make()


def test_fields_come_with_what_a_mapping_needs(profit: Stand, afas_hook: AfasHook) -> None:
    """Label, type, length, values and objects inside; free fields are told apart; asked once."""
    found = afas_hook.update_fields("KnSalesRelationOrg")
    afas_hook.update_fields("KnSalesRelationOrg")
    inside = {field.id: field for field in found.objects[0].fields}

    assert ("KnSalesRelationOrg", "KnOrganisation") == (found.id, found.objects[0].id)
    assert UpdateField("Nm", "Naam", "string", 255, mandatory=True) == inside["Nm"]
    assert ("EMA", "E-mail") == inside["ViMd"].values[0]
    assert ["E-mail onjuist", "Nieuwsbrief"] == sorted(field.label for field in inside.values() if field.is_free)
    assert 1 == len(profit.queries("metainfo/update"))


def test_every_kind_of_record_is_written(profit: Stand, afas_hook: AfasHook) -> None:
    """What is written is read in the GetConnector; each connector writes its own row."""
    letter = {name: _free(afas_hook, name, "Nieuwsbrief") for name in ("KnPerson", "KnOrganisation")}
    for body in (
        updateconnector.organisation(ORGANISATION, {letter["KnOrganisation"]: False, "Nm": "Café René"}),
        updateconnector.person(PERSON, {letter["KnPerson"]: False}),
        updateconnector.contact(organisation=ORGANISATION, person=PERSON, fields={"FuDs": "Directeur"}),
        updateconnector.contact(contact_id=7, kind="PRS", fields={"TeNr": "020-1234567"}),
        updateconnector.debtor_organisation("10001", ORGANISATION, {"Bl": True}),
        updateconnector.debtor_person("10002", PERSON, {"Bl": True}),
    ):
        afas_hook.update(next(iter(body)), body)

    row = _row(profit, "10001")
    assert ("Café René", False, True) == (row["DebtorName"], row["Nieuwsbrief"], row["Blocked"])
    assert (False, True) == (_row(profit, "10002")["Nieuwsbrief"], _row(profit, "10002")["Blocked"])
    contact = _row(profit, "7", CONTACTS)
    assert ("Directeur", "020-1234567") == (contact["Function"], contact["TelWork"])
    assert [
        ("KnOrganisation", ORGANISATION, "Nieuwsbrief", "Nm"),
        ("KnPerson", PERSON, "Nieuwsbrief"),
        ("KnContact", 7, "FuDs"),
        ("KnContact", 7, "TeNr"),
        ("KnOrganisation", ORGANISATION),
        ("KnSalesRelationOrg", "10001", "Bl"),
        ("KnPerson", PERSON),
        ("KnSalesRelationPer", "10002", "Bl"),
    ] == _writes(profit)


def _write(hook: AfasHook, **fields: Any) -> None:
    hook.update("KnOrganisation", updateconnector.organisation(ORGANISATION, {"Nm": NAME, **fields}))


REFUSED = [
    pytest.param({"Nm": ""}, "Vul een waarde in bij 'Naam' (HTTP 500, profitLogReference ", id="label in quotes"),
    pytest.param({"ViMd": "FAKS"}, "De ingevulde waarde bij 'Voorkeursmedium' bestaat niet (HTTP", id="no such value"),
    pytest.param({"SeNm": "Korenaarbrood"}, "its sentence is not shown", id="sentence with the value"),
    pytest.param({"Jansen": "x"}, "its sentence is not shown", id="something else in quotes"),
]


@pytest.mark.parametrize(("fields", "said"), REFUSED)
def test_a_refused_record_is_told_once_and_stops_nothing(
    profit: Stand, afas_hook: AfasHook, all_logs, capfd, fields: dict[str, str], said: str
) -> None:
    """A validation error is no reason to try again; its sentence is passed on if nothing personal can be in it."""
    with pytest.raises(RefusedError, match="AFAS refused to write KnOrganisation") as caught:
        _write(afas_hook, **fields)

    assert said in str(caught.value)
    assert (500, WriteRefusal.RECORD) == (caught.value.status, caught.value.refusal)
    assert str(caught.value) == str(copied(caught.value))
    assert 1 == len(profit.queries("connectors/KnOrganisation"))
    assert [] == _writes(profit)
    assert [] == found_in(everything_said(caught.value, all_logs) + "".join(capfd.readouterr()), SECRETS)


SENT = {"MatchOga": "0", "BcCo": "1000755", "Nm": "Bakkerij van der Korenaar", "EmAd": "info@koren.example", "X": True}
SENTENCES = [
    pytest.param("Vul een waarde in bij 'Nummer'.", "Vul een waarde in bij 'Nummer'", id="plain"),
    pytest.param("De waarde is  te\nlang van het veld", "De waarde is te lang van het veld", id="one line, particles"),
    pytest.param("Record 1000755 bestaat niet", "", id="key"),
    pytest.param("Er is al een bakkerij", "", id="word of a value"),
    pytest.param("BAKKERIJ VAN DER KORENAAR", "", id="capitals"),
    pytest.param("De waarde Bakke is afgebroken", "", id="value cut"),
    pytest.param("In gebruik bij piet@elders.example", "", id="another address"),
    pytest.param("Bel 06-12345678", "", id="another phone number"),
    pytest.param("Ook bekend als 'Piet Pietersen'", "", id="another name in quotes"),
    pytest.param("x" * 201, "", id="too long to judge"),
    pytest.param("", "", id="nothing"),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_a_sentence_is_shown_only_without_persons(text: str, expected: str) -> None:
    """No sent value, no part of one, nothing that looks like an address or number, only labels in quotes."""
    assert expected == quotable(text, {"KnOrganisation": {"Element": {"Fields": SENT}}}, labels=["Nummer"])


def test_a_value_with_accents_is_recognised_in_ruins() -> None:
    """A sentence in the wrong character set still holds the value."""
    assert "" == quotable("De waarde MÃ¼llerhuis is fout", {"Nm": "Müllerhuis"})


AWAY = [
    pytest.param({"kind": "500_after"}, id="500 after the write"),
    pytest.param({"kind": "reset_after"}, id="reset after the write"),
    pytest.param({"kind": "reset"}, id="reset"),
    pytest.param({"kind": "truncated"}, id="truncated"),
    pytest.param({"kind": "html", "status": 502}, id="HTML 502"),
    pytest.param({"kind": "html", "status": 400}, id="HTML 400 of the gateway"),
    pytest.param({"kind": "html", "status": 200}, id="HTML 200"),
]


@pytest.mark.parametrize("fault", AWAY)
def test_what_may_have_happened_is_not_repeated(
    profit: Stand, afas_hook: AfasHook, patience: Patience, all_logs, fault: dict[str, Any]
) -> None:
    """One try, and an error that lets the rest of the run decide; the same write later does no harm."""
    profit.control.fail(**{"count": 1, "match": "PUT /connectors", **fault})
    with pytest.raises(SyncError) as caught:
        _write(afas_hook)

    expected = RefusedError if fault["kind"] == "500_after" else TemporaryError
    assert expected is type(caught.value)
    assert ([], 1) == (patience.slept, len(profit.queries("connectors/KnOrganisation")))
    assert [] == found_in(everything_said(caught.value, all_logs), SECRETS)
    _write(afas_hook)
    assert NAME == _row(profit, "10001")["DebtorName"]


def test_maintenance_is_waited_for(profit: Stand, afas_hook: AfasHook, patience: Patience, all_logs) -> None:
    """A 503 comes from before AFAS: nothing was written, so the write is sent again, once."""
    profit.control.fail("503", count=2, seconds=5, match="PUT /connectors")
    _write(afas_hook)

    assert [5.0, 5.0] == patience.slept
    assert 3 == afas_hook.calls
    assert [("KnOrganisation", ORGANISATION, "Nm")] == _writes(profit)
    assert [] == found_in(everything_said(None, all_logs), SECRETS)


def test_long_maintenance_ends_the_try(profit: Stand, afas_hook: AfasHook, patience: Patience) -> None:
    """Two hours are for the next run."""
    profit.control.fail("503", count=None, match="PUT /connectors")
    with pytest.raises(TemporaryError, match="maintenance"):
        _write(afas_hook)
    assert [] == patience.slept


def test_a_connection_that_was_never_made_is_tried_again(patience: Patience, connect: Connect) -> None:
    """Nobody listens: the write was not sent, so all tries are used."""
    connect("afas_default", conn_type="afas", host="http://127.0.0.1:1/x", password="0" * 64)
    with pytest.raises(TemporaryError, match="could not be reached") as caught:
        _write(AfasHook(retry=patience.rule(attempts=3)))

    assert 2 == len(patience.slept)
    assert [] == found_in("".join(map(str, caught.value.args)), SECRETS)


@pytest.mark.parametrize("error", [requests.ReadTimeout("x"), requests.ConnectionError("x")], ids=["silence", "break"])
def test_silence_behind_a_write_is_not_repeated(
    afas_hook: AfasHook, patience: Patience, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """After the request left, nobody knows."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(WriteTransport.__mro__[1], "_exchange", fail)
    with pytest.raises(TemporaryError, match="not known"):
        _write(afas_hook)
    assert ([], 1) == (patience.slept, afas_hook.calls)


@pytest.mark.parametrize("switch", ["401", "500"])
@pytest.mark.parametrize("call", ["update", "update_fields"])
def test_a_missing_right_is_a_matter_of_configuration(
    profit: Stand, afas_hook: AfasHook, switch: str, call: str
) -> None:
    """Both ways in which AFAS says it end in the same sentence, with the names that are near."""
    profit.control.call("settings", unauthorised=switch)
    profit.control.call("update_connector", name="KnOrganisation", authorised=False)
    arguments = ["KnOrganisation", updateconnector.organisation("1", {})][: 2 if call == "update" else 1]
    with pytest.raises(ConfigurationError, match=r"UpdateConnector KnOrganisation .* is not in the app connector"):
        getattr(afas_hook, call)(*arguments)


@pytest.mark.parametrize(
    ("connector", "kind"), [("KnOrganisation", RefusedError), ("KnOrganisatie", ConfigurationError)]
)
def test_a_refusal_that_sounds_like_a_missing_right_is_looked_into(
    afas_hook: AfasHook, told: Canned, patience: Patience, connector: str, kind: type[Exception]
) -> None:
    """'Not supported' may be about one value: only a connector that is not allowed stops the run."""
    said = {"externalMessage": "Dit wordt niet ondersteund", "profitLogReference": REFERENCE}
    told.says(500, said)
    told.says(200, {"updateConnectors": [{"id": "KnOrganisation"}], "info": {}})
    with pytest.raises(kind, match=connector) as caught:
        AfasHook(retry=patience.rule()).update(connector, updateconnector.organisation("1", {}))
    assert (kind is RefusedError) == (REFERENCE in str(caught.value))


@pytest.mark.parametrize("reference", ["jan@korenaar.example", "", None, 7])
def test_a_reference_is_shown_only_in_its_form(told: Canned, patience: Patience, reference: object) -> None:
    """Nothing can be smuggled in the place of 32 digits."""
    told.says(500, {"externalMessage": "Fout", "profitLogReference": reference})
    with pytest.raises(RefusedError, match=r"KnPerson: Fout \(HTTP 500\)\.$"):
        AfasHook(retry=patience.rule()).update("KnPerson", updateconnector.person("1", {}))


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (201, b""), (201, {"results": {}}), (204, b"")],
    ids=["200 empty", "201 empty", "201 results", "204"],
)
def test_what_counts_as_written(told: Canned, patience: Patience, status: int, body: object) -> None:
    """AFAS answers in several ways; the body leaves as UTF-8 JSON that says so."""
    told.says(status, body)
    AfasHook(retry=patience.rule()).update("KnContact", {"KnContact": {"Element": {"Fields": {"FuDs": "Café"}}}})

    ((method, path, headers),) = told.asked
    assert ("PUT", "/connectors/KnContact") == (method, path)
    assert "application/json;charset=utf-8" == headers["Content-Type"]
    assert len(
        json.dumps({"KnContact": {"Element": {"Fields": {"FuDs": "Café"}}}}, ensure_ascii=False).encode()
    ) == int(headers["Content-Length"])
