"""Preflight's sentences: what is wrong, where, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from afas_mailchimp.audience import Audience, MergeField
from afas_mailchimp.checks import (
    check_audience,
    check_columns,
    check_delivery,
    check_environment,
    check_parameters,
    check_watermarks,
)
from afas_mailchimp.field_checks import check_merge_fields
from afas_mailchimp.findings import Findings
from afas_mailchimp.getconnector import ConnectorField, Environment
from afas_mailchimp.settings import DeliveryAddress, FieldKind, SyncFile
from tests.domain.samples import T0, sync_of

COLUMNS = [
    ConnectorField("DebtorId", "string", "Nummer debiteur", 16),
    ConnectorField("DebtorName", "string", "Naam", 80),
    ConnectorField("Email", "string", "E-mail werk", 255),
    ConnectorField("TelNr", "string", "Telefoonnr. werk", 255),
    ConnectorField("Blocked", "boolean", "Geblokkeerd", 1),
    ConnectorField("Nieuwsbrief", "boolean", "Nieuwsbrief", 1),
    ConnectorField("DateModified", "date", "Gewijzigd op", 8),
]
AUDIENCE = Audience("a1b2c3d4e5", "Klanten", 10, double_optin=False, has_welcome=False, marketing_permissions=False)
FIELDS = [
    MergeField(1, "FNAME", "First Name", "text", required=False, public=True),
    MergeField(2, "PHONE", "Phone", "phone", required=False, public=True, phone_format="none"),
]


def found(check: Callable[..., None], *args: Any, **more: Any) -> Findings:
    """What one check finds."""
    findings = Findings()
    check(*args, findings=findings, **more)
    return findings


@pytest.mark.parametrize(
    ("conf", "sentence"),
    [
        pytest.param({"full_reload": True, "dry_run": False, "max_archive_percent": 12.5}, None, id="all right"),
        pytest.param(
            {"fullreload": True},
            "Unknown run parameter 'fullreload'; did you mean 'full_reload'?",
            id="slip of the pen",
        ),
        pytest.param({"full_reload": "yes"}, "'full_reload' must be true or false", id="text for a switch"),
        pytest.param({"max_archive_percent": 250}, "from 0 to 100", id="more than all"),
        pytest.param({"max_archive_percent": True}, "from 0 to 100", id="switch for a number"),
        pytest.param({"max_write_back": 250}, None, id="records"),
        pytest.param({"max_write_back": 2.5}, "'max_write_back' must be a whole number", id="half a record"),
        pytest.param({"max_write_back": -1}, "'max_write_back' must be a whole number", id="fewer than none"),
    ],
)
def test_parameters(conf: dict[str, object], sentence: str | None) -> None:
    """Airflow accepts any run parameter silently; a typo must not become an ordinary run."""
    problems = found(check_parameters, conf).problems

    assert (sentence is None) == (not problems)
    assert sentence is None or sentence in problems[0]


def test_wrong_column_lists_near_matches() -> None:
    """A wrong column name tells which ones look like it, by id or by label."""
    source = sync_of().sources["debtors"]

    right = found(check_columns, "debtors", source, COLUMNS)
    wrong = found(check_columns, "debtors", source.model_copy(update={"email": "EMail werk"}), COLUMNS)

    assert [] == right.problems
    assert "has no column 'EMail werk'; did you mean 'Email'?" in wrong.problems[0]


def test_modified_must_be_a_date() -> None:
    """A watermark over a column that is no date would compare text."""
    source = sync_of().sources["debtors"].model_copy(update={"modified": ("DebtorName",)})

    assert "is string, not a date" in found(check_columns, "debtors", source, COLUMNS).problems[0]


DELIVERY = [
    *(ConnectorField(id_, "string", id_, 50) for id_ in ("A_Straat", "A_Toev_Huisnr.", "A_Postcode", "A_Woonplaats")),
    *(ConnectorField(id_, "int", id_, 0) for id_ in ("Adres_ID", "A_Huisnummer")),
    *(ConnectorField(id_, "string", id_, 16) for id_ in ("A_Land", "DebiteurID", "Adrestype_code_2")),
    *(ConnectorField(id_, "date", id_, 8) for id_ in ("Gewijzigd_op", "Gewijzigd_op_2")),
]


@pytest.mark.parametrize(
    ("block", "problems", "warnings"),
    [
        pytest.param({}, [], [], id="the standard connector"),
        pytest.param(
            {"match": "DebiteurId"},
            [
                "AFAS connector Profit_Deliveryaddress has no column 'DebiteurId'; did you mean 'DebiteurID'?",
            ],
            [],
            id="slip of the pen",
        ),
        pytest.param(
            {"prefer": {"field": "Adrestype", "values": ["AFL"]}},
            ["has no column 'Adrestype'; did you mean 'Adrestype_code_2'?"],
            [],
            id="preferred by a column that is not there",
        ),
        pytest.param(
            {"modified": "A_Land"},
            ["delivery_address.modified: column 'A_Land' of Profit_Deliveryaddress is string, not a date."],
            [],
            id="modified is no date",
        ),
        pytest.param({"modified": []}, [], ["only full reloads see addresses that change"], id="no modified date"),
    ],
)
def test_delivery_columns(block: dict[str, Any], problems: list[str], warnings: list[str]) -> None:
    """The columns of the delivery connector are checked like those of a source."""
    findings = found(check_delivery, "debtors", DeliveryAddress.model_validate(block), DELIVERY)

    assert len(problems) == len(findings.problems)
    assert len(warnings) == len(findings.warnings)
    assert all(sentence in told for sentence, told in zip(problems, findings.problems, strict=True))
    assert all(sentence in told for sentence, told in zip(warnings, findings.warnings, strict=True))


def test_source_without_a_modified_date_is_told() -> None:
    """Such a source is seen by full reloads only."""
    source = sync_of().sources["debtors"].model_copy(update={"modified": ()})

    assert "only full reloads" in found(check_columns, "debtors", source, COLUMNS).warnings[0]


@pytest.mark.parametrize(
    ("fields", "more", "sentence"),
    [
        pytest.param(
            [*FIELDS, MergeField(3, "COMPANY", "x", "number", required=False, public=True)],
            {},
            "COMPANY is of type number",
            id="wrong type",
        ),
        pytest.param(
            [FIELDS[0], replace(FIELDS[1], phone_format="US")],
            {},
            "Set it to International",
            id="American phone format",
        ),
        pytest.param(
            FIELDS, {"keys_expected": True}, "AFASID is gone from the audience", id="key field removed by a marketer"
        ),
        pytest.param(
            [*FIELDS, MergeField(3, "AFASID", "x", "number", required=False, public=False)],
            {},
            "it must be text",
            id="key field is no text",
        ),
    ],
)
def test_merge_field_problems(fields: list[MergeField], more: dict[str, bool], sentence: str) -> None:
    """A merge field that cannot hold what is mapped to it stops the run before data moves."""
    findings = found(check_merge_fields, sync_of(), fields, **{"keys_expected": False, **more})

    assert sentence in findings.problems[0]


def test_missing_merge_fields_are_created() -> None:
    """Missing fields are created where allowed, with the right type; else each is named."""
    findings = found(check_merge_fields, sync_of(), FIELDS, keys_expected=False)
    refused = found(
        check_merge_fields,
        sync_of(audience={"list_id": "a1b2c3d4e5", "create_merge_fields": False}),
        FIELDS,
        keys_expected=False,
    )

    assert [("AFASID", "text"), ("AFASSUM", "text"), ("COMPANY", "text")] == [
        (new.tag, new.type) for new in findings.create
    ]
    assert [] == findings.problems
    assert 3 == len(refused.problems)


def one_field(mapping: object) -> SyncFile:
    """A sync that maps one merge field, GROUP."""
    source = {"connector": "X", "key": "DebtorId", "email": "Email", "merge_fields": {"GROUP": mapping}}
    return sync_of(sources={"debtors": source})


def group_field(type_: str, *choices: str) -> MergeField:
    """GROUP as the audience has it."""
    return MergeField(7, "GROUP", "Groep", type_, required=False, public=False, choices=choices)


CHOICE = {"choice": "Klantgroep"}
LISTED = {"choice": "Klantgroep", "choices": ["Horeca", "Retail"]}


@pytest.mark.parametrize(
    ("mapping", "present", "problem", "warning"),
    [
        pytest.param(CHOICE, group_field("dropdown", "Horeca"), None, None, id="choice into a dropdown"),
        pytest.param(CHOICE, group_field("radio", "Horeca"), None, None, id="choice into radio buttons"),
        pytest.param(
            CHOICE, group_field("text"), "maps it as choice; possible: dropdown, radio", None, id="choice into a text"
        ),
        pytest.param(
            CHOICE, group_field("dropdown"), "has no choices in Mailchimp", None, id="choice into an empty dropdown"
        ),
        pytest.param(
            CHOICE, None, "cannot be created without choices: list them", None, id="missing, and no choices listed"
        ),
        pytest.param(LISTED, None, None, None, id="missing, choices listed"),
        pytest.param(
            LISTED, group_field("dropdown", "Horeca"), None, "lacks the choices Retail", id="a listed choice is missing"
        ),
        pytest.param(LISTED, group_field("dropdown", "HORECA", "Retail "), None, None, id="choices in another case"),
        pytest.param(
            "Klantgroep",
            group_field("dropdown", "Horeca"),
            "map it as {choice: column}",
            None,
            id="text into a dropdown",
        ),
        pytest.param(
            "Klantgroep", group_field("zip"), None, "refuses every member whose value", id="text into a strict type"
        ),
        pytest.param({"yes_no": "N"}, group_field("text"), None, None, id="yes or no into a text"),
        pytest.param(
            {"yes_no": "N"},
            group_field("number"),
            "maps it as yes_no; possible: text",
            None,
            id="yes or no into a number",
        ),
        pytest.param({"number": "N"}, group_field("text"), "maps it as number", None, id="number into a text"),
        pytest.param({"date": "N"}, group_field("birthday"), "maps it as date", None, id="date into a birthday"),
        pytest.param(
            {"address": ["A", "B"]}, group_field("text"), "maps it as address; possible: address", None, id="address"
        ),
    ],
)
def test_types_of_merge_fields(
    mapping: object, present: MergeField | None, problem: str | None, warning: str | None
) -> None:
    """Each kind has the types of merge field that can hold it; another one is told before data moves."""
    findings = found(check_merge_fields, one_field(mapping), [present] if present else [], keys_expected=False)

    assert bool(problem) == bool(findings.problems)
    assert problem is None or problem in findings.problems[0]
    assert bool(warning) == bool(findings.warnings)
    assert warning is None or warning in findings.warnings[0]


@pytest.mark.parametrize("kind", FieldKind)
def test_what_is_created_can_be_filled(kind: FieldKind) -> None:
    """A merge field that we create passes our own check of its type."""
    columns: object = ["A", "B"] if kind == FieldKind.ADDRESS else "A"
    mapping = {kind.value: columns, **({"choices": ["Horeca", "Retail"]} if kind == FieldKind.CHOICE else {})}
    sync = one_field(mapping)

    (new,) = (each for each in found(check_merge_fields, sync, [], keys_expected=False).create if each.tag == "GROUP")
    made = replace(group_field(new.type, *new.choices), phone_format=str(new.options.get("phone_format", "")))

    assert [] == found(check_merge_fields, sync, [made], keys_expected=False).problems
    assert {"choices": ["Horeca", "Retail"]} == new.options or kind != FieldKind.CHOICE


def test_what_would_hurt_is_said() -> None:
    """Mails that go out by themselves, and a missing basis, are warnings."""
    risky = replace(AUDIENCE, double_optin=True, has_welcome=True, marketing_permissions=True)
    no_basis = sync_of(
        consent={"new_members": "subscribed"},
        sources={"debtors": {"connector": "Profit_Debtor_App", "key": "DebtorId", "email": "Email"}},
    )

    warnings = " ".join(found(check_audience, no_basis, risky).warnings)

    assert [] == found(check_audience, sync_of(), AUDIENCE).warnings
    for word in ("consent.basis", "double opt-in", "welcome mail", "marketing permissions"):
        assert word in warnings
    assert (
        "confirmation mail"
        in found(check_audience, sync_of(consent={"new_members": "pending", "basis": "x"}), AUDIENCE).warnings[0]
    )


def test_required_merge_field_that_is_not_mapped() -> None:
    """A field that a marketer made required is a warning: members are written without it."""
    fields = [*FIELDS, MergeField(9, "BIRTHDAY", "x", "birthday", required=True, public=True)]

    assert "BIRTHDAY is required" in found(check_merge_fields, sync_of(), fields, keys_expected=False).warnings[0]


def test_a_token_that_ends_is_said() -> None:
    """The preflight passes on when the classic token ends; what it says: test_token_end."""
    environment = Environment("O12345AA", "Mailchimp", date(2026, 4, 1), frozenset(), frozenset())

    findings = found(check_environment, environment, today=date(2026, 3, 1))

    assert "ends on 2026-04-01" in findings.warnings[0]
    assert [] == findings.problems


def test_test_environment_is_said() -> None:
    """Test environments are copies with real addresses."""
    environment = Environment("T12345AA", "Mailchimp", None, frozenset(), frozenset())

    assert "test or accept environment" in found(check_environment, environment, today=date(2026, 3, 1)).warnings[0]


def test_watermark_in_the_future() -> None:
    """A watermark ahead of AFAS's clock would hide every change until then."""
    ahead: dict[str, datetime] = {"debtors": T0 + timedelta(days=2), "contacts": T0}

    problems = found(check_watermarks, ahead, now=T0, variable="afas_mailchimp.customers.{}.watermark").problems

    assert 1 == len(problems)
    assert "afas_mailchimp.customers.debtors.watermark" in problems[0]
