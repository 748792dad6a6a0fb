"""Mistakes in a ``write_back`` block, each told in one sentence; fields found in AFAS; values in the form they take."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.sync_files import find_syncs, parse_sync
from afas_mailchimp.updateconnector import UpdateConnector, UpdateField
from afas_mailchimp.write_back_settings import MOST_FIELDS, Record
from afas_mailchimp.write_back_targets import DoesNotFitError, check_table, convert, find_field, record_key, update_body

ORG = {"update": "KnOrganisation", "key": "BcCo"}
STATUS = {"to": "Nieuwsbrief", "current": "Nieuwsbrief", "values": {"unsubscribed": False}}


def text_of(name: str = "customers", **debtors: Any) -> str:
    """A sync file whose debtors write back this."""
    content = {
        "name": name,
        "audience": {"list_id": "a1b2c3d4e5"},
        "consent": {"new_members": "subscribed"},
        "sources": {
            "debtors": {
                "connector": "Profit_Debtor_App_Extra",
                "key": "DebtorId",
                "email": "Email",
                "consent_field": {"field": "Nieuwsbrief", "yes": [True], "no": [False]},
                "merge_fields": {
                    "PHONE": {"phone": "TelNr"},
                    "ADDRESS": {"address": ["AddressLine1", "AddressLine3"]},
                },
                "delivery_address": {},
            }
        },
        "write_back": {"debtors": {"organisation": ORG, "fields": {"status": STATUS}, **debtors}},
    }
    return yaml.safe_dump(content, sort_keys=False)


def one(**field: Any) -> dict[str, Any]:
    """A block with one field."""
    ((name, settings),) = field.items()
    return {"fields": {name: settings}}


MISTAKES = [
    pytest.param({"organisation": None}, "name the record that is written", id="no-record"),
    pytest.param({"person": {"update": "KnPerson", "key": "BcCo"}}, "type is required", id="no-type"),
    pytest.param(
        {"organisation": {"update": "KnOrganisation"}}, "KnOrganisation is named by key; given: nothing", id="no-key"
    ),
    pytest.param(
        {"organisation": {"update": "KnSalesRelationOrg", "key": "DebtorId"}},
        "KnSalesRelationOrg is named by key and organisation; given: key",
        id="debtor-without-party",
    ),
    pytest.param(
        {"organisation": {"update": "KnOrganization", "key": "x"}}, "'KnOrganization' is not possible", id="connector"
    ),
    pytest.param(one(status={**STATUS, "values": None}), "values is required", id="status-without-table"),
    pytest.param(
        one(status={**STATUS, "values": {"unsubscribd": False}}), "'unsubscribd' is no status", id="no-status"
    ),
    pytest.param(
        one(status={**STATUS, "values": {"unsubscribed": False, "subscribed": True}}),
        "subscribed would raise consent in AFAS",
        id="raising",
    ),
    pytest.param(
        one(status={**STATUS, "values": {"unsubscribed": False, "cleaned": False}}),
        "a bounce is no opt-out",
        id="bounce",
    ),
    pytest.param(
        one(status={**STATUS, "values": {"unsubscribed": True}}),
        "which consent_field of this source reads as yes",
        id="table-against-consent",
    ),
    pytest.param(one(PHONE={"to": "PadAdr", "current": "TelNr"}), "PadAdr is never written", id="postal-flag"),
    pytest.param(one(PHONE={"to": "BcCo", "current": "TelNr"}), "BcCo is never written", id="key-as-target"),
    pytest.param(one(PHONE={"to": "TeNr", "current": "Fax"}), "write current: TelNr", id="current-elsewhere"),
    pytest.param(
        one(ADDRESS={"to": "Re", "current": "X"}), "write back its parts, such as ADDRESS.zip", id="whole-address"
    ),
    pytest.param(
        one(**{"ADDRESS.zip": {"to": "Re", "current": "X"}}), "comes from delivery addresses", id="delivery-address"
    ),
    pytest.param(one(**{"PHONE.zip": {"to": "Re", "current": "TelNr"}}), "which has no parts", id="part-of-a-phone"),
    pytest.param(one(languge={"to": "LgId", "current": "Taal"}), "did you mean 'language'?", id="unknown-fact"),
    pytest.param(
        one(bounced={"to": "x", "current": "y", "values": {"false": "nee"}}), "list true only", id="bounce-taken-back"
    ),
    pytest.param(
        one(PHONE={"to": {"person": "TeNr"}, "current": "TelNr"}), "this source writes no person", id="no-such-record"
    ),
    pytest.param(
        one(PHONE={"too": "TeNr", "current": "TelNr"}), "Allowed here: current, from, may_clear", id="unknown-key"
    ),
    pytest.param(
        one(PHONE={"to": "TeNr", "current": "TelNr", "person_may_return": True}),
        "person_may_return goes with status only",
        id="return-of-a-phone",
    ),
    pytest.param(
        {"fields": {f"M{number}": {"to": "Re", "current": "X"} for number in range(MOST_FIELDS + 1)}},
        f"at most {MOST_FIELDS}",
        id="too-many",
    ),
]


@pytest.mark.parametrize(("block", "sentence"), MISTAKES)
def test_a_mistake_is_told(block: dict[str, Any], sentence: str) -> None:
    """The sentence says what is wrong, where, and what to write."""
    with pytest.raises(ConfigurationError) as caught:
        parse_sync(text_of(**block), file="customers.yaml")
    assert sentence in str(caught.value)
    assert "write_back" in str(caught.value)


def test_an_unknown_source_is_told() -> None:
    """A slip in the source's name lists the one that was meant."""
    text = text_of().replace("write_back:\n  debtors:", "write_back:\n  debtor:")
    with pytest.raises(
        ConfigurationError, match=r"write_back\.debtor: there is no source of this name; did you mean 'debtors'"
    ):
        parse_sync(text, file="customers.yaml")


def test_two_syncs_do_not_write_one_status(tmp_path: Path) -> None:
    """Both are told, since nobody can say which one is right; a third stays."""
    for name, field in (("one", "Nieuwsbrief"), ("two", "nieuwsbrief"), ("three", "Weekbericht")):
        text = text_of(name, fields={"status": {**STATUS, "to": field}})
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    found = {each.name: each for each in find_syncs(tmp_path)}
    assert found["three"].problem is None
    for name in ("one", "two"):
        assert "both write a status into field nieuwsbrief of KnOrganisation" in str(found[name].problem)


def test_one_fact_may_go_to_two_fields() -> None:
    """``from`` names the fact where the field has a name of its own."""
    code = {"from": "status", "to": "Code", "current": "Code", "values": {"unsubscribed": "U"}}
    sync = parse_sync(text_of(fields={"status": STATUS, "code": code}), file="customers.yaml")
    assert sync.write_back["debtors"].facts == {"status": "status", "code": "status"}


FREE = [f"U{number:032X}" for number in (1, 2, 3)]
FIELDS = (
    UpdateField("TeNr", "Telefoonnr. werk", "string", 20, mandatory=False),
    UpdateField(FREE[0], "Nieuwsbrief", "boolean", 0, mandatory=False),
    UpdateField(FREE[1], "Dubbel", "string", 5, mandatory=False),
    UpdateField(FREE[2], "dubbel", "string", 5, mandatory=False),
    UpdateField("PadAdr", "Postadres is adres", "boolean", 0, mandatory=False),
)
CONNECTOR = UpdateConnector("KnPerson", "Persoon", FIELDS)


@pytest.mark.parametrize("wanted", ["TeNr", "telefoonnr.  WERK", FREE[0], "nieuwsbrief"])
def test_a_field_is_found_by_id_or_label(wanted: str) -> None:
    """Ids as they are spelled, labels in any capitals."""
    found = find_field(CONNECTOR, wanted)
    assert isinstance(found, UpdateField)
    assert wanted.casefold().split()[0] in {found.id.casefold(), found.label.casefold().split()[0]}


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("Nieuwsbrieven", f"near it: {FREE[0]} (Nieuwsbrief)"),
        ("tenr", "near it: TeNr (Telefoonnr. werk)"),
        ("Dubbel", f"{FREE[1]} (Dubbel), {FREE[2]} (dubbel); write the id"),
        ("PadAdr", "no field with id or label 'PadAdr'"),
    ],
)
def test_a_field_that_is_not_there_is_told(wanted: str, sentence: str) -> None:
    """Near matches when there is none, ids when there are several."""
    found = find_field(CONNECTOR, wanted)
    assert isinstance(found, str)
    assert sentence in found


def field_of(data_type: str, length: int = 0, values: tuple[tuple[str, str], ...] = ()) -> UpdateField:
    """A field of a type."""
    return UpdateField("X", "Veld", data_type, length, mandatory=False, values=values)


CODES = (("NL", "Nederlands"), ("EN", "Engels"))
SUMMER, WINTER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        pytest.param(None, field_of("string"), None, id="nothing"),
        pytest.param("", field_of("int"), None, id="blank"),
        pytest.param(False, field_of("boolean"), False, id="no"),
        pytest.param("ja", field_of("boolean"), True, id="yes-in-words"),
        pytest.param("12", field_of("int"), 12, id="int"),
        pytest.param("12,5", field_of("decimal"), 12.5, id="decimal"),
        pytest.param("2026-02-01", field_of("date"), date(2026, 2, 1), id="day"),
        pytest.param(SUMMER, field_of("date"), datetime(2026, 7, 1, 14, 0), id="summer"),  # noqa: DTZ001
        pytest.param(WINTER, field_of("date"), datetime(2026, 1, 1, 13, 0), id="winter"),  # noqa: DTZ001
        pytest.param(WINTER, field_of("string", 30), "2026-01-01 13:00:00", id="moment-as-text"),
        pytest.param("nl", field_of("string", 2, CODES), "NL", id="code"),
        pytest.param("engels", field_of("string", 2, CODES), "EN", id="code-by-description"),
        pytest.param(True, field_of("string", 5), "true", id="yes-as-text"),
    ],
)
def test_a_value_takes_the_form_of_its_field(value: Any, field: UpdateField, expected: Any) -> None:
    """Moments become Amsterdam wall time, codes AFAS's own."""
    assert convert(value, field) == expected


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("geheim@persoon.example", field_of("string", 5)),
        ("geheim", field_of("boolean")),
        ("geheim", field_of("int")),
        ("1.5", field_of("int")),
        ("geheim", field_of("date")),
        ("geheim", field_of("string", 2, CODES)),
    ],
)
def test_what_does_not_fit_is_refused_without_repeating_it(value: str, field: UpdateField) -> None:
    """Nothing is cut or guessed; the sentence holds nothing of the value."""
    with pytest.raises(DoesNotFitError) as caught:
        convert(value, field)
    assert value not in str(caught.value)
    assert check_table({"x": value}, field) is not None


@pytest.mark.parametrize(
    ("record", "cells", "name"),
    [
        (Record(update="KnPerson", key="N"), {"N": "1"}, "KnPerson"),
        (Record(update="KnOrganisation", key="N"), {"N": "1"}, "KnOrganisation"),
        (Record(update="KnContact", organisation="O", person="P"), {"O": "1", "P": "2"}, "KnContact"),
        (Record(update="KnContact", contact="C", kind="K"), {"C": 7, "K": "PRS"}, "KnContact"),
        (Record(update="KnSalesRelationOrg", key="D", organisation="O"), {"D": "1", "O": "2"}, "KnSalesRelationOrg"),
        (Record(update="KnSalesRelationPer", key="D", person="P"), {"D": "1", "P": "2"}, "KnSalesRelationPer"),
    ],
)
def test_a_record_is_named_by_its_columns(record: Record, cells: dict[str, Any], name: str) -> None:
    """All parts or none: a blank part could name another record."""
    key = record_key(record, cells)
    assert key is not None
    assert list(update_body(record, key, {"Re": "x"})) == [name]
    for column in cells:
        assert record_key(record, {**cells, column: " "}) is None
