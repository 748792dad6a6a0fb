"""Which names of columns give sensitive data away, and which only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.sensitive_words import Danger, danger_of
from sandbox.afas.connectors import standard_connectors

FOUND = [
    ("BSN", Danger.NATIONAL_ID),
    ("BSNnummer", Danger.NATIONAL_ID),
    ("bsn_nr", Danger.NATIONAL_ID),
    ("Burgerservicenummer (BSN)", Danger.NATIONAL_ID),
    ("SoFi-nummer", Danger.NATIONAL_ID),
    ("SoSe", Danger.NATIONAL_ID),
    ("Fiscaal nummer", Danger.NATIONAL_ID),
    ("Social security no.", Danger.NATIONAL_ID),
    ("DateBirth", Danger.BIRTH),
    ("DaBi", Danger.BIRTH),
    ("Geb.datum", Danger.BIRTH),
    ("DATE_OF_BIRTH", Danger.BIRTH),
    ("Geboorteplaats partner", Danger.BIRTH),
    ("Leeftijdscategorie", Danger.BIRTH),
    ("Age", Danger.BIRTH),
    ("IBAN", Danger.BANK),
    ("IBANNr", Danger.BANK),
    ("Rekeningnummer", Danger.BANK),
    ("Bankrekening (debiteur)", Danger.BANK),
    ("Bank account", Danger.BANK),
    ("Creditcardnummer", Danger.BANK),
    ("Paspoortnummer", Danger.DOCUMENT),
    ("ID-kaart", Danger.DOCUMENT),
    ("Passport number", Danger.DOCUMENT),
    ("Gender", Danger.GENDER),
    ("Geslacht", Danger.GENDER),
    ("ViGe", Danger.GENDER),
    ("Nationality", Danger.ORIGIN),
    ("2e nationaliteit", Danger.ORIGIN),
    ("Burgerlijke staat", Danger.MARITAL),
    ("MaritalStatus", Danger.MARITAL),
    ("Ziekteverzuim", Danger.HEALTH),
    ("Health status", Danger.HEALTH),
    ("Absence", Danger.HEALTH),
    ("Brutosalaris", Danger.PAY),
    ("Salary", Danger.PAY),
    ("Wachtwoord portal", Danger.CREDENTIAL),
    ("PasswordHash", Danger.CREDENTIAL),
    ("Religie", Danger.BELIEF),
    ("Trade union", Danger.BELIEF),
    ("Seksuele geaardheid", Danger.SEXUALITY),
    ("Foto", Danger.LIKENESS),
    ("Pasfoto's", Danger.LIKENESS),
    ("Verklaring omtrent gedrag", Danger.CRIMINAL),
]
HARMLESS = [
    pytest.param("Blocked", id="lock: blocked for delivery"),
    pytest.param("Bankrelatie", id="a relation that is a bank, no account"),
    pytest.param("Verzamelrekening", id="ledger account"),
    pytest.param("Automatische incasso", id="a way of paying"),
    pytest.param("Grootboekrekening", id="ledger account by its name"),
    pytest.param("Geslachtsnaam", id="surname, no gender"),
    pytest.param("Geboortenaam", id="surname at birth"),
    pytest.param("Ziekenhuis", id="a hospital is no illness"),
    pytest.param("Healthcare", id="a branch of industry"),
    pytest.param("Fotograaf", id="a profession"),
    pytest.param("Secretaresse", id="a function, no secret"),
    pytest.param("Libanon", id="iban inside a country"),
    pytest.param("Sexbierum", id="a village"),
    pytest.param("Package", id="age inside a word"),
    pytest.param("Messages", id="age inside a plural"),
    pytest.param("Incoming", id="income inside a word"),
    pytest.param("Loonbedrijf", id="a branch of industry with wages in its name"),
    pytest.param("Kerkstraat", id="a street"),
    pytest.param("Land", id="where somebody lives"),
    pytest.param("KvK-nummer", id="number of a company"),
    pytest.param("Btw-nummer", id="tax number of a company"),
    pytest.param("Kredietlimiet", id="a condition of trade"),
    pytest.param("", id="nothing"),
    pytest.param("(…)", id="no letter in it"),
]


@pytest.mark.parametrize(("name", "danger"), FOUND, ids=[name for name, _ in FOUND])
def test_name_gives_it_away(name: str, danger: Danger) -> None:
    """However it is written, in Dutch, in English or as AFAS's own id."""
    assert danger == danger_of(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_name_only_looks_like_it(name: str) -> None:
    """A false alarm costs the trust in all others."""
    assert danger_of(name) is None


@pytest.mark.parametrize(
    ("names", "danger"),
    [
        pytest.param(("U0042", "Geboortedatum"), Danger.BIRTH, id="a label over an id that says nothing"),
        pytest.param(("DateBirth", "Datum"), Danger.BIRTH, id="an id over a label that says nothing"),
        pytest.param(("Gender", "Burgerservicenummer"), Danger.NATIONAL_ID, id="the worst first"),
        pytest.param(("DebtorId", "Debiteurnummer"), None, id="neither"),
    ],
)
def test_id_and_label_are_looked_at(names: tuple[str, ...], danger: Danger | None) -> None:
    """The author of a connector chooses the id; AFAS's own label stays."""
    assert danger == danger_of(*names)


def test_standard_connectors() -> None:
    """Of all columns of the connectors that a sync reads, one is sensitive."""
    found = {
        f"{connector.name}.{column.id}"
        for connector in standard_connectors().values()
        for column in connector.columns
        if danger_of(column.id, column.label)
    }

    assert {"Profit_Debtor.IBAN"} == found


@given(st.sampled_from(FOUND), st.sampled_from(["", "_", " ", ".", "-", "/"]), st.sampled_from(["Klant", "Extra", "2"]))
def test_words_beside_it_change_nothing(row: tuple[str, Danger], sign: str, other: str) -> None:
    """A name stays what it is in capitals, with accents, and with a word behind or before it."""
    name, _ = row

    assert danger_of(f"{name}{sign or ' '}{other}")
    assert danger_of(f"{other}{sign or ' '}{name}")
    assert danger_of(name.upper())
    assert danger_of("".join(f"{letter}\u0301" if letter in "aeiou" else letter for letter in name))


@given(st.text(max_size=80))
def test_any_text_is_taken(name: str) -> None:
    """AFAS's labels are free text: whatever they hold, there is an answer, and capitals do not change it much."""
    assert danger_of(name) in {None, *Danger}
