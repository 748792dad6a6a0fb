"""Every mistake in a sync file is one sentence that names file, key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.settings import FieldKind
from afas_mailchimp.sync_files import find_syncs, parse_sync

SAMPLE = (Path(__file__).parents[2] / "dags" / "syncs" / "customers.yaml").read_text(encoding="utf-8")


def test_the_sample_file_is_right() -> None:
    """The file that users copy is one that works, with both sources in order."""
    sync = parse_sync(SAMPLE, file="customers.yaml")

    assert ["debtors", "contacts"] == list(sync.sources)
    assert {"COMPANY", "PHONE", "ADDRESS", "CREATED", "FNAME", "LNAME"} == set(sync.merge_kinds)
    assert FieldKind.ADDRESS == sync.merge_kinds["ADDRESS"]
    assert "DateModified" in sync.sources["debtors"].columns


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            "key: DebtorId",
            "kye: DebtorId",
            "unknown key 'sources.debtors.kye'; did you mean 'key'?",
            id="slip of the pen",
        ),
        pytest.param("list_id:", "lst_id:", "the key 'audience.list_id' is required", id="required key missing"),
        pytest.param(
            "new_members: subscribed",
            "new_members: yes please",
            "allowed: subscribed, pending, transactional",
            id="unknown status",
        ),
        pytest.param(
            "a1b2c3d4e5 ",
            "1234567890 ",
            "audience.list_id: write text; put the value in quotes",
            id="number where text is meant",
        ),
        pytest.param('"*/15 * * * *"', '"every day"', "schedule: not a cron expression", id="bad schedule"),
        pytest.param("Europe/Amsterdam", "Amsterdam", "timezone: not a time zone", id="bad time zone"),
        pytest.param("24h", "a day", "full_reload_every: write a number and a unit", id="bad duration"),
        pytest.param(
            "{phone: TelNr}",
            "{fone: TelNr}",
            "unknown kind 'fone'; allowed: text, phone, date, number, address, yes_no, choice; beside a kind:",
            id="unknown kind of field",
        ),
        pytest.param(
            "{phone: TelNr}",
            "{phone: TelNr, only_if_empty: true}",
            "unknown kind 'only_if_empty'; allowed: text, phone",
            id="unknown option of a field",
        ),
        pytest.param(
            "{phone: TelNr}",
            "{phone: TelNr, text: TelNr}",
            "merge_fields.PHONE: write exactly one kind, such as {text: column}, and not phone and text",
            id="two kinds",
        ),
        pytest.param("{phone: TelNr}", "{only_when_empty: true}", "exactly one kind", id="an option without a kind"),
        pytest.param(
            "{phone: TelNr}", "{phone: TelNr, only_when_empty: 1}", "is true or false", id="option that is no switch"
        ),
        pytest.param(
            "{phone: TelNr}",
            "{phone: TelNr, choices: [a]}",
            "choices go with choice, not with phone",
            id="choices of a phone",
        ),
        pytest.param(
            "COMPANY: DebtorName",
            "COMPANY: {choice: T, choices: [yes, no]}",
            "write True as text, in quotes",
            id="bare yes",
        ),
        pytest.param(
            "COMPANY: DebtorName",
            "COMPANY: {choice: T, choices: []}",
            "choices is a list of the values",
            id="no choices",
        ),
        pytest.param(
            "COMPANY: DebtorName", "COMPANY: {choice: T, choices: [null]}", "as text, in quotes", id="null choice"
        ),
        pytest.param(
            "COMPANY: DebtorName", "COMPANY: {choice: T, choices: [a, a]}", "names a value twice", id="choice twice"
        ),
        pytest.param("COMPANY: DebtorName", "COMPANY: {yes_no: [A, B]}", "yes_no takes one column", id="two columns"),
        pytest.param(
            "COMPANY: DebtorName", "COMPANY: {yes_no: 12}", "write text; put the value in quotes", id="no column"
        ),
        pytest.param(
            "delivery_address: null",
            "delivery_address: {merge_field: ADRES}",
            "sources.debtors: delivery_address.merge_field: ADRES must stand in merge_fields of this source, as an "
            "address (it is used where a debtor has no delivery address); did you mean 'ADDRESS'? Addresses there: "
            "ADDRESS.",
            id="delivery address without a fall-back",
        ),
        pytest.param(
            "delivery_address: null",
            "delivery_address: {merge_field: COMPANY}",
            "COMPANY must stand in merge_fields of this source, as an address",
            id="delivery address into a text",
        ),
        pytest.param(
            "delivery_address: null",
            "delivery_address: {conector: X}",
            "unknown key 'sources.debtors.delivery_address.conector'; did you mean 'connector'?",
            id="slip of the pen in delivery_address",
        ),
        pytest.param(
            "delivery_address: null",
            "delivery_address: {prefer: {fields: X, values: [AFL]}}",
            "unknown key 'sources.debtors.delivery_address.prefer.fields'; did you mean 'field'?",
            id="slip of the pen in prefer",
        ),
        pytest.param(
            "delivery_address: null",
            "delivery_address: {prefer: {field: X}}",
            "the key 'sources.debtors.delivery_address.prefer.values' is required",
            id="preference without values",
        ),
        pytest.param(
            "delivery_address: null",
            "delivery_address: {address: [A_Straat, A_Postcode]}",
            "address takes six columns: street, number, addition, postcode, city, country",
            id="delivery address of two columns",
        ),
        pytest.param(
            "consent_field: null",
            "consent_field: {field: N, sweep: sometimes}",
            "sources.debtors.consent_field.sweep",
            id="sweep is no switch",
        ),
        pytest.param(
            "COMPANY: DebtorName", "AFASID: DebtorName", "this merge field holds our key", id="our key field mapped"
        ),
        pytest.param(
            "COMPANY: DebtorName", "company: DebtorName", "does not have the right form", id="merge tag in lower case"
        ),
        pytest.param(
            "PHONE: {phone: TelWork}", "PHONE: TelWork", "mapped as text here and as phone", id="one field, two types"
        ),
        pytest.param(
            "consent_field: null",
            "consent_field: {field: N, yes: [ja, 1], no: [1]}",
            "listed under yes and under no",
            id="yes and no overlap",
        ),
        pytest.param("key_field: AFASID", "key_field: AFASSUM", "must differ", id="key and base in one field"),
        pytest.param(
            "archive_removed: true",
            "write_back: {debtors: {}}",
            "the key 'write_back.debtors.fields' is required",
            id="write-back",
        ),
        pytest.param(
            "name: customers ",
            "name: Customers ",
            "name: 'Customers' does not have the right form",
            id="name with a capital",
        ),
        pytest.param("overlap: 10m", "overlap: 10m\noverlap: 5m", "the key 'overlap' occurs twice", id="a key twice"),
        pytest.param("sources:", "sources: [", "not readable as YAML", id="not YAML"),
    ],
)
def test_mistakes(old: str, new: str, sentence: str) -> None:
    """Each of these is told with the file's name."""
    assert old in SAMPLE

    with pytest.raises(ConfigurationError) as caught:
        parse_sync(SAMPLE.replace(old, new, 1), file="customers.yaml")

    assert sentence in str(caught.value)
    assert str(caught.value).startswith("customers.yaml")


def test_bare_yes_and_no_keys_of_yaml() -> None:
    """YAML reads the keys yes and no as booleans; the design's own spelling works all the same."""
    text = SAMPLE.replace("consent_field: null", "consent_field: {field: Nieuwsbrief, yes: [true], no: [false]}", 1)

    field = parse_sync(text, file="x.yaml").sources["debtors"].consent_field

    assert field is not None
    assert ((True,), (False,)) == (field.yes, field.no)


@pytest.mark.parametrize(
    ("block", "modified", "sweeps"),
    [
        pytest.param("null", "[DateModified]", False, id="no consent column"),
        pytest.param("{field: N}", "[DateModified]", True, id="one date: the organisation's may be another"),
        pytest.param("{field: N}", "[DateModified, OrgModified]", False, id="several dates are taken as cover"),
        pytest.param("{field: N}", "[]", True, id="no date at all"),
        pytest.param("{field: N, sweep: false}", "[DateModified]", False, id="switched off"),
        pytest.param("{field: N, sweep: true}", "[DateModified, OrgModified]", True, id="switched on"),
    ],
)
def test_when_consent_is_swept(block: str, modified: str, *, sweeps: bool) -> None:
    """A consent column of the organisation or person does not move the debtor's date."""
    text = SAMPLE.replace("consent_field: null", f"consent_field: {block}", 1)
    text = text.replace("modified: [DateModified]", f"modified: {modified}", 1)

    assert sweeps == parse_sync(text, file="x.yaml").sources["debtors"].sweeps_consent


@pytest.mark.parametrize(
    ("mapping", "wanted"),
    [
        pytest.param("Voornaam", (FieldKind.TEXT, ("Voornaam",), False, ()), id="a column"),
        pytest.param("{text: Voornaam}", (FieldKind.TEXT, ("Voornaam",), False, ()), id="text in full"),
        pytest.param(
            "{text: Voornaam, only_when_empty: true}", (FieldKind.TEXT, ("Voornaam",), True, ()), id="only when empty"
        ),
        pytest.param("{only_when_empty: true, phone: Tel}", (FieldKind.PHONE, ("Tel",), True, ()), id="in any order"),
        pytest.param("{yes_no: Btw}", (FieldKind.YES_NO, ("Btw",), False, ()), id="yes or no"),
        pytest.param("{choice: Groep}", (FieldKind.CHOICE, ("Groep",), False, ()), id="choice"),
        pytest.param(
            "{choice: Groep, choices: [' Horeca', Retail], only_when_empty: true}",
            (FieldKind.CHOICE, ("Groep",), True, ("Horeca", "Retail")),
            id="choice with its values",
        ),
        pytest.param(
            "{address: [S, P, L], only_when_empty: true}", (FieldKind.ADDRESS, ("S", "P", "L"), True, ()), id="address"
        ),
    ],
)
def test_mappings(mapping: str, wanted: tuple[FieldKind, tuple[str, ...], bool, tuple[str, ...]]) -> None:
    """A merge field is a column, or one kind with its columns and options."""
    text = SAMPLE.replace("COMPANY: DebtorName", f"COMPANY: {mapping}", 1)

    found = parse_sync(text, file="x.yaml").sources["debtors"].merge_fields["COMPANY"]

    assert wanted == (found.kind, found.columns, found.only_when_empty, found.choices)


def test_choices_of_several_sources_are_one_list() -> None:
    """One merge field is created once, with what every source may put there."""
    text = SAMPLE.replace("COMPANY: DebtorName", "GROUP: {choice: Klantgroep, choices: [Horeca, Retail]}", 1)
    text = text.replace("FNAME: Voornaam", "GROUP: {choice: Soort, choices: [Retail, Zorg]}", 1)

    assert {"GROUP": ("Horeca", "Retail", "Zorg")} == parse_sync(text, file="x.yaml").merge_choices


def test_delivery_address_of_the_standard_connector() -> None:
    """An empty block means AFAS's own connector with its own, partly misnamed columns."""
    text = SAMPLE.replace("delivery_address: null", "delivery_address: {prefer: {values: AFL}}", 1)

    delivery = parse_sync(text, file="x.yaml").sources["debtors"].delivery_address

    assert delivery is not None
    assert ("Profit_Deliveryaddress", "DebiteurID", "ADDRESS") == (
        delivery.connector,
        delivery.match,
        delivery.merge_field,
    )
    assert ("Gewijzigd_op", "Gewijzigd_op_2") == delivery.modified
    assert delivery.prefer is not None
    assert ("Adrestype_code_2", ("AFL",)) == (delivery.prefer.field, delivery.prefer.values)
    assert (
        "Adres_ID",
        "DebiteurID",
        "Adrestype_code_2",
        "A_Straat",
        "A_Huisnummer",
        "A_Toev_Huisnr.",
        "A_Postcode",
        "A_Woonplaats",
        "A_Land",
    ) == delivery.columns


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """Three files: one right, one wrong, one that takes a name which is taken."""
    (tmp_path / "a.yaml").write_text(SAMPLE)
    (tmp_path / "b.yaml").write_text("name: [")
    (tmp_path / "c.yaml").write_text(SAMPLE)

    found = {each.name: each for each in find_syncs(tmp_path)}

    assert {"customers", "b", "c_duplicate"} == set(found)
    assert found["customers"].sync is not None
    assert "not readable as YAML" in str(found["b"].problem)
    assert "is taken by a.yaml" in str(found["c_duplicate"].problem)
