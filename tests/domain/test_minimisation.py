"""What a sync needs of AFAS, and what its token shows beside that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.findings import Findings
from afas_mailchimp.getconnector import ConnectorField, Environment
from afas_mailchimp.minimisation import Lint, SpareConnector, TokenView, check_sensitive, lint, uses_of
from afas_mailchimp.minimisation_report import lint_json, lint_text
from afas_mailchimp.rows import RowReader
from afas_mailchimp.sensitive_words import Danger
from afas_mailchimp.settings import SyncFile
from tests.domain.samples import sync_of

DEBTORS, CONTACTS, DELIVERY = "Profit_Debtor_App", "Profit_Contacts_App", "Profit_Deliveryaddress"
NEEDED = {
    DEBTORS: ["DebtorId", "DateModified", "Email", "Blocked", "Nieuwsbrief", "DebtorName", "TelNr"],
    CONTACTS: ["ContactId", "DateModified", "MailWork", "Voornaam", "TelWork"],
}
BACK = {
    "debtors": {
        "type": "Type",
        "organisation": {"update": "KnOrganisation", "key": "BcCo"},
        "fields": {"bounced": {"to": "E-mail onjuist", "current": "EmailOnjuist"}},
    }
}


def view_of(
    columns: Mapping[str, Sequence[str | tuple[str, str]]],
    *,
    spare: Sequence[str] = (),
    updates: Sequence[str] = (),
    descriptions: Mapping[str, str] | None = None,
) -> TokenView:
    """A token that sees these columns, each a name or a name and a label."""
    named = {
        connector: tuple(
            ConnectorField(
                each if isinstance(each, str) else each[0], "string", "" if isinstance(each, str) else each[1], 0
            )
            for each in ids
        )
        for connector, ids in columns.items()
    }
    environment = Environment(
        "O12345AA", "Mailchimp", None, frozenset({*columns, *spare}), frozenset(updates), dict(descriptions or {})
    )
    return TokenView(environment=environment, columns=named)


def found(view: TokenView, *syncs: SyncFile, **more: Any) -> Lint:
    """What the lint says of syncs on one token."""
    return lint(view, syncs or [sync_of()], connection="afas_default", **more)


def with_delivery(**more: Any) -> SyncFile:
    """A sync with delivery addresses."""
    content = sync_of().model_dump(mode="json", by_alias=True)
    source = {**content["sources"]["debtors"]}
    source["merge_fields"] = {"COMPANY": "DebtorName", "ADDRESS": {"address": ["AddressLine1", "AddressLine3"]}}
    source["delivery_address"] = {"prefer": {"values": ["AFL"]}}
    return sync_of(sources={"debtors": source}, **more)


def test_token_that_sees_what_is_needed() -> None:
    """Nothing too much is nothing to say."""
    lint_ = found(view_of(NEEDED))

    assert (False, False) == (lint_.has_errors, lint_.has_warnings)
    assert "sees what the syncs need, and nothing else" in lint_text(lint_)


@pytest.mark.parametrize(
    "sync", [sync_of(), sync_of(write_back=BACK), with_delivery()], ids=["plain", "back", "delivery"]
)
def test_needed_is_what_is_read(sync: SyncFile) -> None:
    """A copy with the columns to keep gives the import each column that it asks for, and no other."""
    needed = uses_of(sync)

    for rank, (name, source) in enumerate(sync.sources.items()):
        reader = RowReader(source, name=name, rank=rank, back=sync.write_back.get(name))
        assert set(reader.columns) == set(needed[source.connector])
        if delivery := source.delivery_address:
            assert {*delivery.columns, *delivery.modified} == set(needed[delivery.connector])


def test_columns_to_leave_out() -> None:
    """The list for the copy is in AFAS's order, and says what to keep too."""
    lint_ = found(view_of({DEBTORS: ["SearchName", *NEEDED[DEBTORS], "VatNr"], CONTACTS: NEEDED[CONTACTS]}))

    told = {each.connector: each for each in lint_.connectors}
    assert (("SearchName", "VatNr"), tuple(NEEDED[DEBTORS])) == (told[DEBTORS].surplus, told[DEBTORS].needed)
    assert () == told[CONTACTS].surplus
    assert "leave out: SearchName, VatNr" in lint_text(lint_)
    assert (False, True) == (lint_.has_errors, lint_.has_warnings)


def test_column_that_is_not_there() -> None:
    """A mapping of a column that the connector does not have is an error here too."""
    lint_ = found(view_of({DEBTORS: NEEDED[DEBTORS][:-1], CONTACTS: NEEDED[CONTACTS]}))

    assert lint_.has_errors
    assert f"{DEBTORS}: TelNr" in lint_text(lint_)


def test_mapped_sensitive_column() -> None:
    """It is named with its label and with the place in the file, and it is an error."""
    source = {**sync_of().model_dump(mode="json")["sources"]["debtors"], "merge_fields": {"BIRTHDAY": {"date": "DaBi"}}}
    lint_ = found(
        view_of({DEBTORS: [*NEEDED[DEBTORS], ("DaBi", "Geboortedatum")]}), sync_of(sources={"debtors": source})
    )

    assert [("DaBi", Danger.BIRTH, ("customers: sources.debtors.merge_fields.BIRTHDAY",))] == [
        (each.column, each.danger, each.uses) for each in lint_.mapped
    ]
    assert lint_.has_errors
    assert "Profit_Debtor_App.DaBi (Geboortedatum): date or place of birth; used by customers: sources" in lint_text(
        lint_
    )


@pytest.mark.parametrize("accepted", ["DaBi", f"{DEBTORS}.DaBi"], ids=["column", "connector and column"])
def test_accepted_by_a_person(accepted: str) -> None:
    """A decision is told and is no error; it counts for that column alone."""
    source = {**sync_of().model_dump(mode="json")["sources"]["debtors"], "merge_fields": {"BIRTHDAY": {"date": "DaBi"}}}
    sync = sync_of(sources={"debtors": source})
    view = view_of({DEBTORS: [*(each for each in NEEDED[DEBTORS] if each not in {"DebtorName", "TelNr"}), "DaBi"]})

    assert (False, False) == ((one := found(view, sync, accepted=[accepted])).has_errors, one.has_warnings)
    assert "Accepted by a person" in lint_text(one)
    assert found(view, sync, accepted=["BSN", f"{CONTACTS}.DaBi"]).has_errors


def test_sensitive_column_that_nothing_uses() -> None:
    """The token sees it: a warning, also in a connector that no sync reads."""
    lint_ = found(
        view_of({**NEEDED, CONTACTS: [*NEEDED[CONTACTS], ("X1", "Geslacht")], "Profit_OrgPer": ["BSN", "Name"]})
    )

    assert [(CONTACTS, "X1", ()), ("Profit_OrgPer", "BSN", ())] == [
        (each.connector, each.column, each.uses) for each in lint_.sensitive
    ]
    assert (False, True) == (lint_.has_errors, lint_.has_warnings)


def test_connectors_that_no_sync_uses() -> None:
    """Each is a right that somebody who steals the token has; its name may say what it holds."""
    view = view_of(NEEDED, spare=["Personeel_X", "Voorraad"], descriptions={"Personeel_X": "Salarissen"})
    lint_ = found(view)

    assert (SpareConnector("Personeel_X", "Salarissen", Danger.PAY), SpareConnector("Voorraad")) == lint_.spare
    assert "Personeel_X (Salarissen): by its name salary or income" in lint_text(lint_)


def test_rights_to_write() -> None:
    """A right to write that no write_back needs is told, one that is needed is not."""
    view = view_of(
        {**NEEDED, DEBTORS: [*NEEDED[DEBTORS], "Type", "BcCo", "EmailOnjuist"]}, updates=["KnOrganisation", "KnPerson"]
    )

    assert ("KnOrganisation", "KnPerson") == found(view).spare_updates
    assert ("KnPerson",) == found(view, sync_of(write_back=BACK)).spare_updates


def test_another_sync_on_the_same_token() -> None:
    """What the sync beside it needs is not to be left out, and its connectors are not spare."""
    other = with_delivery(name="others")
    view = view_of({**NEEDED, DEBTORS: [*NEEDED[DEBTORS], "AddressLine1", "AddressLine3"]}, spare=[DELIVERY])

    assert ("AddressLine1", "AddressLine3") == found(view).connectors[0].surplus
    assert [DELIVERY] == [each.connector for each in found(view).spare]
    beside = found(view, beside=[other])
    assert () == beside.connectors[0].surplus
    assert () == beside.spare
    assert [DEBTORS, CONTACTS] == [each.connector for each in beside.connectors]


def test_columns_that_could_not_be_asked() -> None:
    """What was not seen is said, and not called clean."""
    lint_ = found(view_of(NEEDED), unread=["Geheim"])

    assert lint_.has_warnings
    assert "Geheim" in lint_text(lint_)


def test_report_for_a_script() -> None:
    """JSON holds the same, by name."""
    told = lint_json(found(view_of({**NEEDED, CONTACTS: [*NEEDED[CONTACTS], "Gender"]}, updates=["KnPerson"])))

    assert (False, True, ("KnPerson",)) == (told["errors"], told["warnings"], told["spare_updates"])
    assert [DEBTORS, CONTACTS] == [each["connector"] for each in told["connectors"]]  # type: ignore[attr-defined]


def test_preflight_warns() -> None:
    """A mapped sensitive column is a sentence to read, never a run that stops; one that nothing uses is none."""
    source = {**sync_of().model_dump(mode="json")["sources"]["debtors"], "merge_fields": {"SEX": "Gender", "BSN": "X1"}}
    columns = view_of({DEBTORS: ["Gender", ("X1", "Sofinummer"), "DateBirth"]}).columns
    findings = Findings()

    check_sensitive(sync_of(sources={"debtors": source}), columns, findings)

    assert [] == findings.problems
    assert 2 == len(findings.warnings)
    assert "Column Gender of Profit_Debtor_App looks like gender" in findings.warnings[0]
    assert "sources.debtors.merge_fields.BSN" in findings.warnings[1]


@given(
    extra=st.lists(st.sampled_from(["SearchName", "VatNr", "BSN", "Gender", "Fax", "Note"]), unique=True),
    order=st.randoms(use_true_random=False),
)
def test_keep_and_leave_out_are_everything(extra: list[str], order: Any) -> None:
    """Each column stands in one of the two lists; a copy with the first one alone finds nothing more to leave out."""
    columns = [*NEEDED[DEBTORS], *extra]
    order.shuffle(columns)
    one = found(view_of({**NEEDED, DEBTORS: columns})).connectors[0]

    assert sorted(columns) == sorted([*one.needed, *one.surplus])
    assert set(extra) == set(one.surplus)
    narrow = found(view_of({**NEEDED, DEBTORS: one.needed}))
    assert (False, False) == (narrow.has_errors, narrow.has_warnings)
