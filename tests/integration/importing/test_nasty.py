"""Two thousand customers, nasty ones among them: what becomes of each is said by name; nothing of them leaks."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from tests.integration.importing.world import CONTACTS, EXTRA, World


class Load:
    """One first load of 2,000 rows, with what each row and member looked like afterwards."""

    def __init__(self, world: World) -> None:
        world.settings["sources"]["contacts"]["filter"] = {"Type": ["PRS", "AFD", "PER"], "Blocked": False}
        seeded = world.afas.seed(debtors=1500, contacts=500, seed=11, nasty=True)
        self.nasty = seeded["nasty"]
        self.rows = {
            **{("debtors", str(row["DebtorId"])): row for row in world.afas.call("rows", connector=EXTRA)},
            **{("contacts", str(row["ContactId"])): row for row in world.afas.call("rows", connector=CONTACTS)},
        }
        self.report = world.run()
        self.members = world.members()

    def keys(self, source: str, label: str) -> list[str]:
        """Keys of the nasty rows with a name."""
        return [str(key) for key in self.nasty[source][label]]

    def member_of(self, source: str, label: str) -> dict[str, Any] | None:
        """The member that carries a nasty row's key."""
        (key,) = self.keys(source, label)
        return next(
            (m for m in self.members.values() if self._key(m) in {f"customers:{source}:{key}", _encoded(source, key)}),
            None,
        )

    @staticmethod
    def _key(member: dict[str, Any]) -> str:
        return str(member["merge_fields"]["AFASID"])


def _encoded(source: str, key: str) -> str:
    return f"customers:{source}:{key.replace('-', '%2D')}"


@pytest.fixture(scope="module")
def remembered() -> dict[str, Load]:
    """One load for all tests of this file."""
    return {}


@pytest.fixture
def load(world: World, remembered: dict[str, Load]) -> Load:
    """The load, made once."""
    if "load" not in remembered:
        remembered["load"] = Load(world)
    return remembered["load"]


@pytest.mark.parametrize(
    ("source", "label", "reason"),
    [
        pytest.param("debtors", "empty_email", "email_missing", id="empty e-mail"),
        pytest.param("debtors", "blank_email", "email_missing", id="blank e-mail"),
        pytest.param("debtors", "invalid_no_at", "email_invalid", id="no at sign"),
        pytest.param("debtors", "invalid_double_at", "email_invalid", id="two at signs"),
        pytest.param("debtors", "invalid_inner_blank", "email_invalid", id="blank inside"),
        pytest.param("debtors", "invalid_empty_label", "email_invalid", id="two dots"),
        pytest.param("debtors", "invalid_long_local_part", "email_invalid", id="local part of 65"),
        pytest.param("contacts", "contact_empty_email", "email_missing", id="contact without e-mail"),
        pytest.param("contacts", "contact_invalid", "email_invalid", id="contact with words for an e-mail"),
    ],
)
def test_invalid_rows_are_listed_by_key(load: Load, source: str, label: str, reason: str) -> None:
    """Each is in the report under its reason, by AFAS key."""
    assert {f"{source}:{key}" for key in load.keys(source, label)} <= set(load.report["keys"][reason])
    assert load.member_of(source, label) is None


@pytest.mark.parametrize(
    ("source", "label", "address", "tag", "value"),
    [
        pytest.param(
            "debtors",
            "two_addresses_semicolon",
            "eerste.puntkomma@nasty.example",
            None,
            None,
            id="two addresses: the first",
        ),
        pytest.param(
            "debtors",
            "two_addresses_comma_first_invalid",
            "tweede.komma@nasty.example",
            None,
            None,
            id="first invalid: the second",
        ),
        pytest.param("debtors", "two_addresses_slash", "eerste.streep@nasty.example", None, None, id="slash between"),
        pytest.param("debtors", "surrounding_blanks", "omringd@nasty.example", None, None, id="blanks around"),
        pytest.param("debtors", "upper_case", "hoofdletters@nasty.example", None, None, id="capitals"),
        pytest.param(
            "debtors",
            "diacritics",
            "diakrieten@nasty.example",
            "COMPANY",
            "Café Señor Ünlü & Zn., Brasserie 't Øertje",
            id="diacritics",
        ),
        pytest.param(
            "debtors", "emoji", "emoji@nasty.example", "COMPANY", "Bloemen 🌷 & Ballonnen 🎈👩\u200d🌾", id="emoji"
        ),
        pytest.param("debtors", "no_name", "naamloos@nasty.example", "COMPANY", "", id="no name"),
        pytest.param(
            "debtors", "phone_zero_in_brackets", "tel1@nasty.example", "PHONE", "+31334612345", id="phone +31 (0)"
        ),
        pytest.param("debtors", "phone_mobile", "tel2@nasty.example", "PHONE", "+31612345678", id="phone 06-"),
        pytest.param("debtors", "phone_double_zero", "tel3@nasty.example", "PHONE", "+31334612345", id="phone 0031"),
        pytest.param("debtors", "phone_word", "tel5@nasty.example", "PHONE", "", id="phone in words"),
        pytest.param("debtors", "phone_zeros", "tel7@nasty.example", "PHONE", "", id="phone of zeros"),
        pytest.param("debtors", "missing_city", "stad@nasty.example", "ADDRESS", "", id="no city: no address"),
        pytest.param("debtors", "no_address", "adresloos@nasty.example", "ADDRESS", "", id="no address"),
        pytest.param(
            "debtors",
            "no_modified",
            "ongewijzigd@nasty.example",
            None,
            None,
            id="no modified date: read by the full reload",
        ),
        pytest.param(
            "debtors", "leading_zeros", "nullen@nasty.example", "AFASID", "customers:debtors:00042", id="key with zeros"
        ),
        pytest.param(
            "debtors",
            "letters_in_key",
            "letters@nasty.example",
            "AFASID",
            "customers:debtors:D%2D0007",
            id="key with a dash",
        ),
        pytest.param("contacts", "contact_emoji", "contact.emoji@nasty.example", None, None, id="contact with emoji"),
        pytest.param("contacts", "contact_without_person", "afdeling@nasty.example", "FNAME", "", id="department"),
    ],
)
def test_nasty_rows_that_become_members(
    load: Load, source: str, label: str, address: str, tag: str | None, value: object
) -> None:
    """Each is a member at the right address with the right value."""
    member = load.member_of(source, label)

    assert member is not None
    assert address == member["email_address"].lower()
    assert "subscribed" == member["status"]
    assert tag is None or value == member["merge_fields"][tag]


def test_long_name_is_cut_and_counted(load: Load) -> None:
    """300 characters become 255, and the report says so."""
    member = load.member_of("debtors", "name_of_300")

    assert member is not None
    assert 250 < len(member["merge_fields"]["COMPANY"]) <= 255
    assert 1 == load.report["notices"]["text_cut_to_255"]


def test_shared_addresses(load: Load) -> None:
    """Of two debtors the later changed wins; a debtor wins over a contact; each address is one member."""
    first, second = load.keys("debtors", "shared_between_debtors")
    (debtor,) = load.keys("debtors", "shared_with_contact")

    assert f"customers:debtors:{second}" == load.members["gedeeld@nasty.example"]["merge_fields"]["AFASID"]
    assert first != second
    assert f"customers:debtors:{debtor}" == load.members["inkoop.gedeeld@nasty.example"]["merge_fields"]["AFASID"]


def test_all_rows_of_one_second_arrive(load: Load) -> None:
    """25 rows changed within one second: none is missed."""
    keys = load.keys("debtors", "same_second")

    there = {member["merge_fields"]["AFASID"] for member in load.members.values()}

    assert 25 == len(keys)
    assert {f"customers:debtors:{key}" for key in keys} <= there


def test_totals(load: Load) -> None:
    """Every row of AFAS was read once, and every member stands for one row."""
    assert len(load.rows) == load.report["read"]
    assert len(load.members) == load.report["created"]
    assert 2000 < load.report["read"]
    assert {} == {k: v for k, v in load.report["sources"]["debtors"].items() if k == "rejected" and v}


def test_nothing_personal_leaks(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No address, name or number is in a log line (at DEBUG), on the console, in the report or in a Variable."""
    with caplog.at_level(logging.DEBUG):
        load = Load(world)
        someone = next(key for key in map(load._key, load.members.values()) if key.startswith("customers:debtors:1"))
        world.change(EXTRA, someone.rpartition(":")[2], DebtorName="Geheime Naam B.V.")
        second = world.run()
    everything = "\n".join([
        caplog.text,
        *capfd.readouterr(),
        json.dumps([load.report, second]),
        json.dumps(world.variables),
    ])

    personal = set()
    for row in load.rows.values():
        for column in ("Email", "MailWork", "DebtorName", "Name", "AddressLine1", "TelNr", "TelWork", "Achternaam"):
            value = str(row.get(column) or "").strip()
            if len(value) > 5:
                personal.add(value)
    for member in load.members.values():
        personal |= {member["email_address"], member["id"], str(member["merge_fields"].get("PHONE") or member["id"])}

    assert 1 == second["updated"]
    assert len(personal) > 5000
    assert [] == sorted(value for value in personal if value in everything)
