"""What a row says on its own: takes part or not, consents or not, when it changed."""

from __future__ import annotations

from typing import Any

import pytest

from afas_mailchimp.outcomes import Notice, Reason
from afas_mailchimp.rows import Consent, RowReader
from afas_mailchimp.settings import Source

ROW = {
    "DebtorId": "00123",
    "Email": "jan@korenaar.example",
    "DateModified": "2026-03-01T09:00:00Z",
    "OrgModified": None,
    "Blocked": False,
    "Type": "PRS",
    "Nieuwsbrief": None,
    "DebtorName": "De Korenaar",
}


def reader(erased: frozenset[str] = frozenset()) -> RowReader:
    """A reader of one invented source."""
    source = Source.model_validate({
        "connector": "Profit_Debtor_App_Extra",
        "key": "DebtorId",
        "email": "Email",
        "modified": ["DateModified", "OrgModified"],
        "filter": {"Blocked": False, "Type": ["PRS", "PER"]},
        "consent_field": {"field": "Nieuwsbrief", "yes": [True, "ja"], "no": [False, "nee"]},
        "merge_fields": {"COMPANY": "DebtorName"},
    })
    return RowReader(source, name="debtors", rank=0, erased=erased)


def cells(**changes: Any) -> tuple[Any, ...]:
    """The sample row with changes, in the reader's order of columns."""
    row = {**ROW, **changes}
    return tuple(row[column] for column in reader().columns)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, None, id="takes part"),
        pytest.param({"Blocked": True}, Reason.FILTERED_OUT, id="blocked"),
        pytest.param({"Blocked": None}, Reason.FILTERED_OUT, id="blocked unknown: not what was asked for"),
        pytest.param({"Type": "PER"}, None, id="second value of a filter"),
        pytest.param({"Type": "prs "}, None, id="filter in other case with a blank"),
        pytest.param({"Type": "AFD"}, Reason.FILTERED_OUT, id="other type"),
        pytest.param({"Email": None}, Reason.EMAIL_MISSING, id="no e-mail"),
        pytest.param({"Email": "   "}, Reason.EMAIL_MISSING, id="blank e-mail"),
        pytest.param({"Email": "jan@"}, Reason.EMAIL_INVALID, id="invalid e-mail"),
        pytest.param({"DebtorId": None}, Reason.KEY_MISSING, id="no key"),
        pytest.param({"Blocked": True, "Email": None}, Reason.FILTERED_OUT, id="the filter comes first"),
    ],
)
def test_reasons(changes: dict[str, Any], reason: Reason | None) -> None:
    """A row takes part when its filter holds and it has a valid address."""
    assert reason == reader().judge(cells(**changes)).reason


@pytest.mark.parametrize(
    ("value", "consent"),
    [
        pytest.param(True, Consent.YES, id="yes"),
        pytest.param(False, Consent.NO, id="no"),
        pytest.param("Ja", Consent.YES, id="text, other case"),
        pytest.param("nee", Consent.NO, id="text no"),
        pytest.param(None, Consent.UNKNOWN, id="blank: a fresh free field unsubscribes nobody"),
        pytest.param("", Consent.UNKNOWN, id="empty"),
        pytest.param("misschien", Consent.UNKNOWN, id="a value that nobody listed"),
    ],
)
def test_consent(value: object, consent: Consent) -> None:
    """AFAS values mean yes, no or unknown."""
    assert consent == reader().judge(cells(Nieuwsbrief=value)).consent


def test_erased_row_takes_no_part() -> None:
    """A tombstone is honoured whatever the row says."""
    assert Reason.ERASED == reader(frozenset({"debtors:00123"})).judge(cells()).reason


def test_latest_of_several_modified_dates() -> None:
    """A copied connector can carry the organisation's date beside the debtor's."""
    found = reader().judge(cells(OrgModified="2026-04-01T08:00:00Z"))

    assert found.modified is not None
    assert (4, 8) == (found.modified.month, found.modified.hour)


def test_keys_keep_their_form() -> None:
    """Debtor numbers are text with leading zeros; contact ids are numbers and become text."""
    assert "00123" == reader().judge(cells()).key
    assert "77" == reader().judge(cells(DebtorId=77)).key


def test_facts_hide_the_address() -> None:
    """Facts can be printed without showing whom they are about."""
    found = reader().judge(cells())

    assert found.address not in repr(found)
    assert found.member_id not in repr(found)


def mapped(merge_fields: dict[str, Any], **more: Any) -> RowReader:
    """A reader of a source with these merge fields."""
    source = {"connector": "X", "key": "Id", "email": "Email", "modified": [], "merge_fields": merge_fields}
    return RowReader(Source.model_validate(source), name="debtors", rank=0, **more)


def test_values_in_the_order_of_the_mapping() -> None:
    """Every merge field has a value or a blank; what was left out is noted for each field."""
    reader = mapped({
        "FNAME": "Voornaam",
        "PHONE": {"phone": "Tel"},
        "VAT": {"yes_no": "Btw"},
        "GROUP": {"choice": "Groep", "choices": ["Horeca"]},
    })
    row = {"Voornaam": " Jan ", "Tel": "geen", "Btw": "J", "Groep": "Zorg"}

    found = reader.values([row.get(column) for column in reader.columns])

    assert (("Jan", "", "true", ""), (Notice.PHONE_LEFT_OUT, Notice.CHOICE_LEFT_OUT)) == found


@pytest.mark.parametrize(
    ("listed", "audience", "value"),
    [
        pytest.param(["Horeca"], {"GROUP": ("HORECA", "Zorg")}, "HORECA", id="the audience's list comes first"),
        pytest.param(["Horeca"], {"OTHER": ("Zorg",)}, "", id="not in the audience yet: the file's list"),
        pytest.param(None, {}, "horeca", id="no list at all"),
        pytest.param(None, {"GROUP": ("Zorg",)}, "", id="audience alone, not among them"),
    ],
)
def test_which_choices_count(listed: list[str] | None, audience: dict[str, tuple[str, ...]], value: str) -> None:
    """What the audience's field may have decides; before there is one, the list in the file does."""
    mapping = {"choice": "Groep", **({"choices": listed} if listed else {})}
    reader = mapped({"GROUP": mapping}, choices=audience)
    cell = "horeca" if value else "zzz"

    ((found,), _) = reader.values([{"Groep": cell}.get(column) for column in reader.columns])

    assert value == found


def test_replaced_value_takes_the_place_of_the_rows_own() -> None:
    """A delivery address replaces what the row's own lines would give, and what was wrong with them."""
    reader = mapped({"COMPANY": "Naam", "ADDRESS": {"address": ["L1", "L3"]}})
    row = [{"Naam": "De Korenaar", "L1": "Stadsring 69"}.get(column) for column in reader.columns]
    delivery = {"addr1": "Kade 1", "city": "URK", "state": "-", "zip": "8321 AA", "country": "NL"}

    assert (("De Korenaar", ""), (Notice.ADDRESS_LEFT_OUT,)) == reader.values(row)
    assert (("De Korenaar", delivery), ()) == reader.values(row, replaced={"ADDRESS": delivery})
