"""The invented customers: repeatable, clean where promised, nasty where promised."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from sandbox.afas.nasty import SAME_SECOND_ROWS
from sandbox.client import ControlRefusedError
from tests.sandbox.afas_client import CONTACTS, DEBTORS, EXTRA, Afas


def all_rows(afas: Afas, connector: str) -> dict[object, dict[str, object]]:
    """Every row of a connector by its key."""
    rows = afas.control.call("rows", connector=connector)
    return {next(iter(row.values())): row for row in rows}


def test_same_number_gives_the_same_rows(afas: Afas) -> None:
    """A seed repeats itself, and another one does not."""
    dumps = []
    for number in (1, 1, 2):
        afas.control.reset()
        afas.control.seed(debtors=40, contacts=20, seed=number, nasty=True)
        dumps.append(afas.control.dump()["tables"])

    assert dumps[0] == dumps[1]
    assert dumps[0] != dumps[2]


def test_seed_gives_as_many_rows_as_asked(afas: Afas) -> None:
    """Counts are exact, and the answer says how many of each type."""
    answer = afas.control.seed(debtors=200, contacts=80, seed=3)
    debtors, contacts = all_rows(afas, DEBTORS), all_rows(afas, CONTACTS)

    assert (200, 80) == (len(debtors), len(contacts))
    assert answer["debtors_by_type"] == Counter(row["Type"] for row in debtors.values())
    assert answer["contacts_by_type"] == Counter(row["Type"] for row in contacts.values())
    assert {"ORG", "PER"} == set(answer["debtors_by_type"])


def test_seed_without_nasty_is_clean(afas: Afas) -> None:
    """Every row has an address of its own at a reserved domain, dates in order, and is not blocked."""
    afas.control.seed(debtors=400, contacts=100, seed=3)
    rows = [(row, "Email") for row in all_rows(afas, DEBTORS).values()]
    rows += [(row, "MailWork") for row in all_rows(afas, CONTACTS).values()]
    addresses = [str(row[column]).lower() for row, column in rows]

    assert 500 == len(set(addresses))
    assert all(address.endswith(".example") and address.isascii() and " " not in address for address in addresses)
    assert all(str(row["CreateDate"]) <= str(row["DateModified"]) for row, _ in rows)
    assert not any(row["Blocked"] for row, _ in rows)


def test_seed_has_dutch_names(afas: Afas) -> None:
    """Prefixes and diacritics occur among the ordinary people."""
    afas.control.seed(debtors=400, contacts=0, seed=3)
    names = " ".join(str(row["DebtorName"]) for row in all_rows(afas, EXTRA).values())

    assert all(part in names for part in (" van der ", " in 't ", "ü", "é"))


def test_seed_wants_empty_tables(afas: Afas) -> None:
    """A second seed on top of the first would break its promises, so it is refused."""
    afas.control.seed(debtors=1)

    with pytest.raises(ControlRefusedError, match="reset first"):
        afas.control.seed(debtors=1)


def test_nasty_rows_are_found_by_name(afas: Afas) -> None:
    """Each difficult row is what its name says."""
    nasty = afas.control.seed(debtors=5, contacts=5, seed=1, nasty=True)["nasty"]
    debtors = all_rows(afas, EXTRA)

    def of(label: str) -> dict[str, object]:
        return debtors[nasty["debtors"][label][0]]

    assert of("empty_email")["Email"] is None
    assert "   " == of("blank_email")["Email"]
    assert 2 == str(of("two_addresses_semicolon")["Email"]).count("@")
    assert 300 == len(str(of("name_of_300")["DebtorName"]))
    assert 80 == len(str(all_rows(afas, "Profit_Debtor")[of("name_of_300")["DebtorId"]]["DebtorName"]))
    assert "🌷" in str(of("emoji")["DebtorName"])
    assert ("België", "Duitsland") == (of("belgium")["AddressLine4"], of("germany")["AddressLine4"])
    assert "3811 HN  " == of("missing_city")["AddressLine3"]
    assert of("missing_postcode_and_city")["AddressLine3"] is None
    assert of("blocked")["Blocked"] is True
    assert of("no_modified")["DateModified"] is None
    assert {"00042", "D-0007", "d-0008"} <= set(debtors)
    assert 8 == len({of(label)["TelNr"] for label in nasty["debtors"] if label.startswith("phone_")})


def test_nasty_rows_share_addresses(afas: Afas) -> None:
    """Two debtors, and a debtor and a contact, have one address in other spelling."""
    nasty = afas.control.seed(nasty=True)["nasty"]
    debtors, contacts = all_rows(afas, DEBTORS), all_rows(afas, CONTACTS)
    pair = [str(debtors[key]["Email"]) for key in nasty["debtors"]["shared_between_debtors"]]
    debtor = str(debtors[nasty["debtors"]["shared_with_contact"][0]]["Email"])
    contact = str(contacts[nasty["contacts"]["shared_with_debtor"][0]]["MailWork"])

    assert pair[0] != pair[1]
    assert pair[0].strip().lower() == pair[1].strip().lower()
    assert debtor != contact
    assert debtor.lower() == contact.lower()


def test_nasty_rows_share_a_second(afas: Afas) -> None:
    """Many rows changed in one second, at different fractions of it, so that some are shown in the next."""
    nasty = afas.control.seed(nasty=True)["nasty"]
    debtors = all_rows(afas, DEBTORS)
    shown = Counter(debtors[key]["DateModified"] for key in nasty["debtors"]["same_second"])

    assert SAME_SECOND_ROWS == shown.total()
    assert {"2026-05-02T09:30:15Z", "2026-05-02T09:30:16Z"} == set(shown)


def test_20_000_rows_in_seconds(afas: Afas) -> None:
    """Seeding and reading a large environment is quick enough for benches."""
    started = time.monotonic()
    afas.control.seed(debtors=20_000, contacts=1_000, seed=1)
    found = sum(len(afas.rows(skip=skip, take=10_000, orderbyfieldids="DebtorId")) for skip in (0, 10_000))

    assert 20_000 == found
    assert time.monotonic() - started < 15
