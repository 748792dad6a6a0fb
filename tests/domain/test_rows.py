"""What a row says on its own: takes part or not, consents or not, when it changed."""

from __future__ import annotations

from typing import Any

import pytest

from afas_mailchimp.outcomes import Reason
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
