"""The first sync file: what is guessed from the columns of a connector, and that the product can read it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.getconnector import ConnectorField
from afas_mailchimp.starter import Wishes, starter_text
from afas_mailchimp.starter_source import described, guess_source, has_delivery_addresses
from afas_mailchimp.sync_files import parse_sync
from sandbox.afas.connectors import standard_connectors

USUAL = (
    "DebtorId",
    "ContactId",
    "Email",
    "MailWork",
    "DateModified",
    "ModifiedDate",
    "Gewijzigd_op",
    "Gewijzigd_op_2",
    "Blocked",
    "UnBlocked",
    "Type",
    "Nieuwsbrief",
    "GeenNieuwsbrief",
    "DebtorName",
    "Naam",
    "Voornaam",
    "Achternaam",
    "TelNr",
    "AddressLine1",
    "AddressLine3",
    "AdressLine4",
    "CreateDate",
    "yes",
    "no",
    "null",
    "12",
    "true",
    "A_Toev_Huisnr.",
    "AFASID",
    "EMAIL",
)
DATA_TYPES = ("string", "int", "decimal", "boolean", "date", "blob", "")


def column(name: str, data_type: str = "string", label: str = "") -> ConnectorField:
    """One column."""
    return ConnectorField(id=name, data_type=data_type, label=label, length=80)


def columns_of(connector: str) -> tuple[ConnectorField, ...]:
    """The columns of a connector as AFAS describes them."""
    return tuple(column(each.id, each.data_type, each.label) for each in standard_connectors()[connector].columns)


def written(*connectors: str, **wishes: str) -> tuple[str, dict[str, object]]:
    """The file for some connectors of the stand-in, and its sources as the product reads them."""
    text = starter_text({name: columns_of(name) for name in connectors}, Wishes(**wishes))
    return text, parse_sync(text, file="customers.yaml").model_dump()["sources"]


@pytest.mark.parametrize(
    ("connector", "name", "expected"),
    [
        pytest.param(
            "Profit_Debtor_App",
            "debtors",
            {"key": "DebtorId", "modified": ("DateModified",), "email": "Email", "filter": {"Blocked": (False,)}},
            id="the app's connector with debtors",
        ),
        pytest.param(
            "Profit_Debtor_App_Extra",
            "debtors",
            {"key": "DebtorId", "modified": ("DateModified", "OrgModified"), "email": "Email"},
            id="a copy with a second modified date",
        ),
        pytest.param(
            "Profit_Debtor",
            "debtors",
            {"key": "DebtorId", "modified": ("ModifiedDate",), "email": "Email"},
            id="the standard connector with its own spelling",
        ),
        pytest.param(
            "Profit_Contacts_App",
            "contacts",
            {"key": "ContactId", "email": "MailWork", "filter": {"Type": ("PRS",), "Blocked": (False,)}},
            id="contacts: persons only",
        ),
    ],
)
def test_connectors_of_the_brief(connector: str, name: str, expected: dict[str, object]) -> None:
    """The usual connectors are recognised column by column, in the spelling of each."""
    _, sources = written(connector)

    assert [name] == list(sources)
    assert expected.items() <= sources[name].items()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("connector", "expected"),
    [
        pytest.param(
            "Profit_Debtor",
            "COMPANY DebtorName|PHONE TelNr|CREATED CreateDate|ADDRESS AdressLine1 AdressLine3 AdressLine4",
            id="address lines with one d",
        ),
        pytest.param(
            "Profit_Contacts_App",
            "FNAME Voornaam|LNAME Achternaam|PHONE TelWork|CREATED CreateDate|"
            "ADDRESS AddressLine1 AddressLine3 AddressLine4",
            id="names of a contact",
        ),
    ],
)
def test_merge_fields(connector: str, expected: str) -> None:
    """Names, phones, address lines and dates go to the merge fields that every audience has for them."""
    (source,) = written(connector)[1].values()

    found = [" ".join([tag, *each["columns"]]) for tag, each in source["merge_fields"].items()]  # type: ignore[index]
    assert expected.split("|") == found


@pytest.mark.parametrize(
    ("offered", "field", "expected"),
    [
        pytest.param(column("Gewijzigd_op", "date"), "modified", ("Gewijzigd_op",), id="a Dutch modified date"),
        pytest.param(column("X1", "date", "Gewijzigd op"), "modified", ("X1",), id="by its label"),
        pytest.param(column("DateModifed", "date"), "modified", ("DateModifed",), id="a slip of the pen"),
        pytest.param(column("DateModified", "string"), "modified", (), id="text is no date"),
        pytest.param(column("Geblokkeerd", "boolean"), "filter", {"Geblokkeerd": (False,)}, id="blocked in Dutch"),
        pytest.param(column("UnBlocked", "boolean"), "filter", {}, id="unblocked is its contrary"),
        pytest.param(column("Blocked", "string"), "filter", {}, id="a text column is not compared with false"),
    ],
)
def test_near_matches(offered: ConnectorField, field: str, expected: object) -> None:
    """Other spellings are recognised, contraries and other types are not."""
    text = starter_text({"Klanten": [column("DebtorId"), column("Email"), offered]}, Wishes())

    source = parse_sync(text, file="customers.yaml").sources["debtors"]
    assert expected == getattr(source, field)


@pytest.mark.parametrize(
    ("offered", "yes", "no"),
    [
        pytest.param(column("Nieuwsbrief", "boolean"), (True,), (False,), id="opt-in"),
        pytest.param(column("GeenMail", "boolean"), (False,), (True,), id="opt-out: a yes there is a no here"),
        pytest.param(column("U007", "boolean", "Afgemeld voor nieuwsbrief"), (False,), (True,), id="opt-out by label"),
        pytest.param(column("OptIn"), ("J", "Ja", "1"), ("N", "Nee", "0"), id="text"),
    ],
)
def test_consent_column(offered: ConnectorField, yes: tuple[object, ...], no: tuple[object, ...]) -> None:
    """A column about mail is used at once, since to ignore a no is the worse mistake; a person decides."""
    text = starter_text({"Klanten": [column("DebtorId"), column("Email"), offered]}, Wishes())

    consent = parse_sync(text, file="customers.yaml").sources["debtors"].consent_field
    assert consent is not None
    assert (offered.id, yes, no, True) == (consent.field, consent.yes, consent.no, consent.sweep)
    assert re.search(r"# DECIDE: .*\n.*\n    consent_field:", text)


def test_decisions_are_left_to_a_person() -> None:
    """Audience, ground, state of new members and blocked are marked, and nothing runs or mails by itself until then."""
    text, _ = written("Profit_Debtor_App")

    sync = parse_sync(text, file="customers.yaml")
    assert (None, "transactional", None) == (sync.schedule, sync.consent.new_members, sync.consent.basis)
    for name in ("list_id", "basis", "consent_field", "new_members", "filter"):
        assert re.search(rf"# DECIDE: .*\n(?:.*\n)?? *{name}: |^ *{name}: .*# DECIDE: ", text, re.MULTILINE)


def test_what_is_known_is_written() -> None:
    """Names and ids that were given stand in the file, and are no longer asked for."""
    text, _ = written("Profit_Debtor_App", name="klanten", list_id="a1b2c3d4e5", afas_connection="afas_test")

    sync = parse_sync(text, file="klanten.yaml")
    assert ("klanten", "a1b2c3d4e5", "afas_test") == (sync.name, sync.audience.list_id, sync.afas.connection)
    assert not re.search(r"list_id:.*DECIDE", text)


def test_every_other_column_is_offered() -> None:
    """What is not used stands there with type and label, and works once its comment sign is taken away."""
    text, _ = written("Profit_Debtor_App_Extra", "Profit_Contacts_App")

    assert re.search(r"^      # KLANTGROEP: Klantgroep +# string\(80\), Klantgroep$", text, re.MULTILINE)
    sync = parse_sync(uncommented(text), file="customers.yaml")
    named = [set(source.columns) | {"Nieuwsbrief"} for source in sync.sources.values()]
    known = [{each.id for each in columns_of(source.connector)} for source in sync.sources.values()]
    assert known == [names & known[position] for position, names in enumerate(named)]


@pytest.mark.parametrize(
    ("offered", "tag", "expected"),
    [
        pytest.param([column("U2", label="Telefoonnr. werk")], "PHONE", ("U2",), id="a free field, by its label"),
        pytest.param(
            [column("AddresLine3"), column("AddresLine1")],
            "ADDRESS",
            ("AddresLine1", "AddresLine3"),
            id="slips of the pen: line 1 is not line 3",
        ),
    ],
)
def test_merge_field_of_an_unusual_column(offered: list[ConnectorField], tag: str, expected: tuple[str, ...]) -> None:
    """Labels count where names say nothing, and digits are never taken for a slip."""
    text = starter_text({"Klanten": [column("DebtorId"), column("Email"), *offered]}, Wishes())

    mapped = parse_sync(text, file="customers.yaml").sources["debtors"].merge_fields
    assert expected == mapped[tag].columns


def test_half_an_address_is_none() -> None:
    """Without the line of the street there is no address, and no other line is taken for it."""
    columns = [column(name) for name in ("DebtorId", "Email", "Naam", "AddresLine3", "AddresLine4")]

    guess = guess_source("Klanten", columns)

    assert ["COMPANY"] == list(guess.mapped)
    assert ["AddresLine3", "AddresLine4"] == [each.id for each in guess.rest]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        pytest.param("yes", "YES2", id="YAML reads it as true"),
        pytest.param("AFASID", "AFASID2", id="ours"),
        pytest.param("E-Mail2", "EMAIL2", id="signs are left out"),
        pytest.param("12", "F12", id="a digit in front"),
        pytest.param("é", "F", id="no letter that Mailchimp takes"),
        pytest.param("Kredietlimiet", "KREDIETLIM", id="ten characters"),
    ],
)
def test_tag_of_an_offered_column(name: str, tag: str) -> None:
    """The suggested merge field is one that Mailchimp and YAML take."""
    text = starter_text({"Klanten": [column("DebtorId"), column("Email"), column("Naam"), column(name)]}, Wishes())

    mapped = parse_sync(uncommented(text), file="customers.yaml").sources["debtors"].merge_fields
    assert (name,) == mapped[tag].columns


def test_delivery_addresses_go_with_debtors() -> None:
    """That connector is no source: its addresses take the place of the debtor's own."""
    _, sources = written("Profit_Debtor_App", "Profit_Deliveryaddress")

    assert ["debtors"] == list(sources)
    assert "Profit_Deliveryaddress" == sources["debtors"]["delivery_address"]["connector"]  # type: ignore[index]


def test_two_connectors_with_debtors() -> None:
    """Each source has a name of its own, and the first one given comes first."""
    _, sources = written("Profit_Debtor", "Profit_Debtor_App")

    assert ["debtors", "debtors_2"] == list(sources)


@pytest.mark.parametrize(
    ("connector", "columns", "says"),
    [
        pytest.param("Profit_Debtor", ["Naam", "Email"], "the key (usually DebtorId)", id="debtors without a number"),
        pytest.param("Profit_Contacts", ["Email"], "the key (usually ContactId)", id="contacts without a number"),
        pytest.param("Iets", ["Email"], "the key (usually DebtorId or ContactId)", id="a name that says nothing"),
        pytest.param("Profit_Debtor", ["DebtorId"], "the e-mail address (usually Email or MailWork)", id="no e-mail"),
        pytest.param("Profit_Debtor", ["X"], "key (usually DebtorId), and none like the e-mail", id="neither"),
        pytest.param("Profit_Debtor", [], "it has none", id="no columns at all"),
    ],
)
def test_missing_column(connector: str, columns: list[str], says: str) -> None:
    """What could not be found is said in one sentence, with the columns that there are."""
    with pytest.raises(ConfigurationError) as refused:
        starter_text({connector: [column(name) for name in columns]}, Wishes())

    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert all(name in str(refused.value) for name in [connector, *columns])


def test_delivery_addresses_alone() -> None:
    """They belong to debtors, who must be named too."""
    with pytest.raises(ConfigurationError, match="holds no customers of its own"):
        written("Profit_Deliveryaddress")


def test_wrong_name_is_told_as_in_a_file() -> None:
    """A name or id that a sync file cannot have is refused with the sentence for that file."""
    with pytest.raises(ConfigurationError, match="list_id: 'not an id' does not have the right form"):
        written("Profit_Debtor", list_id="not an id")


@pytest.mark.parametrize(
    ("connector", "says"),
    [
        pytest.param(
            "Profit_Debtor_App_Extra",
            "looks like debtors (DebtorId, Email, DateModified, OrgModified, Nieuwsbrief)",
            id="debtors",
        ),
        pytest.param("Profit_Contacts_App", "looks like contacts (ContactId, MailWork, DateModified)", id="contacts"),
        pytest.param("Profit_Deliveryaddress", "delivery addresses, beside a connector with debtors", id="delivery"),
    ],
)
def test_description(connector: str, says: str) -> None:
    """A list of connectors says what each looks like."""
    assert says == described(connector, columns_of(connector))


def uncommented(text: str) -> str:
    """A file in which a person takes every offered column."""
    taken = re.sub(r"^      # (?=[A-Z][A-Z0-9_]{0,9}: )", "      ", text, flags=re.MULTILINE)
    return re.sub(r"(merge_fields:) \{\}(.*\n(?:      #.*\n)*      [A-Z])", r"\1\2", taken)


def tried(connectors: dict[str, list[ConnectorField]]) -> tuple[str | None, str]:
    """The file, or else the sentence."""
    try:
        return starter_text(connectors, Wishes(list_id="a1b2c3d4e5")), ""
    except ConfigurationError as refused:
        return None, str(refused)


odd_text = st.one_of(
    st.sampled_from([
        "#",
        "a: b",
        "- x",
        "'",
        '"',
        "{a}",
        "[",
        "x\ny",
        "\x85",
        "\u2028",
        "\ufeff",
        "\x00",
        "é€😀",
        "%!@&*",
    ]),
    st.text(max_size=12),
    st.text(min_size=99, max_size=101),
)
any_columns = st.lists(
    st.builds(
        column,
        st.one_of(st.sampled_from(USUAL), odd_text.filter(bool)),
        st.sampled_from(DATA_TYPES),
        st.one_of(odd_text, st.sampled_from(["Nieuwsbrief", "E-mail werk", "Gewijzigd op", "Adresregel 1"])),
    ),
    max_size=12,
)
"""Any metainfo: usual names in any order and of any type, and names and labels that mean something in YAML."""
key_and_email = st.sampled_from([
    [],
    [column("DebtorId"), column("Email")],
    [column("ContactId", "int"), column("Mail")],
])


@given(
    connectors=st.dictionaries(
        st.one_of(
            st.sampled_from(["Profit_Debtor", "Profit_Contacts", "Profit_Deliveryaddress"]), odd_text.filter(bool)
        ),
        st.builds(lambda first, more: [*first, *more], key_and_email, any_columns),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=20)
def test_any_metainfo_gives_a_file_or_a_sentence(connectors: dict[str, list[ConnectorField]]) -> None:
    """Whatever AFAS has: the product reads the file, also with every offered column, or one line says why not."""
    text, refusal = tried(connectors)

    if text is None:
        assert re.search("has no column that looks like|holds no customers", refusal)
        assert len(refusal.splitlines()) == 1
        return
    sync = parse_sync(text, file="customers.yaml")
    for source in sync.sources.values():
        assert set(source.columns) <= {each.id for each in connectors[source.connector]}
    everything = parse_sync(uncommented(text), file="customers.yaml")
    assert not {"AFASID", "EMAIL"} & {tag for source in everything.sources.values() for tag in source.merge_fields}


@given(columns=any_columns)
@settings(max_examples=20)
def test_a_column_has_one_role(columns: list[ConnectorField]) -> None:
    """Nothing is both key and e-mail address, nor mapped twice; every column is used or offered."""
    columns = [column("DebtorId"), column("Email"), *columns]

    guess = guess_source("Profit_Debtor", columns)

    used = [guess.key, guess.email, *guess.modified, *guess.consent, *filter(None, [guess.blocked, guess.type])]
    names = [each.id for each in (*used, *guess.rest)] + [each for _, ids in guess.mapped.values() for each in ids]
    assert sorted({each.id for each in columns if len(each.id) <= 100}) == sorted(names)
    assert not has_delivery_addresses("Profit_Debtor", columns)
