"""The page for the AFAS consultant names columns that exist, and dates that the program warns at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from afas_mailchimp.delivery_settings import DeliveryAddress
from afas_mailchimp.token_end import WARN_BEFORE
from sandbox.afas.connectors import standard_connectors
from sandbox.afas.update_schema import fields_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "nl" / "afas-inrichting.md").read_text(encoding="utf-8")
CELL = r"([^|\n]*)\|"
WRITTEN = re.findall(rf"^\|[^|\n]+\|{CELL}{CELL}{CELL}[^|\n]+\|$", PAGE, flags=re.MULTILINE)
NAMED = dict(re.findall(r"^\| `(Profit_\w+)`[^|]*\| ([^|]+) \|$", PAGE, flags=re.MULTILINE))


@pytest.mark.parametrize("connector", ["Profit_Debtor_App", "Profit_Contacts_App"])
def test_least_columns(connector: str) -> None:
    """What the consultant is asked for is what the connectors are known to have."""
    assert [column.id for column in standard_connectors()[connector].columns] == NAMED[connector].split(", ")


def test_columns_of_delivery_addresses() -> None:
    """Of those the page asks for what the block uses, and no more."""
    block = DeliveryAddress()
    named = NAMED["Profit_Deliveryaddress"].split(", ")

    assert {*block.columns, *block.modified, "Adrestype_code_2"} == set(named)
    assert set(named) <= {column.id for column in standard_connectors()["Profit_Deliveryaddress"].columns}


def test_days_before_a_token_ends() -> None:
    """The page says how early preflight warns."""
    assert re.search(rf"vanaf {WARN_BEFORE}\s+dagen ervoor", PAGE)


def _sentences(page: str) -> list[str]:
    """Beginnings of the sentences that a page about signing in explains."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^\| `([A-Z][^`…(]+?) ?[…(`]", text, flags=re.MULTILINE)


def test_sentences_about_signing_in() -> None:
    """Both pages explain the same sentences, and the program still says them."""
    english, dutch = _sentences("afas-sign-in.md"), _sentences("nl/afas-aanmelden.md")
    modules = (
        "hooks/afas_mailchimp_afas_sign_in.py",
        "hooks/afas_mailchimp_afas_values.py",
        "afas_mailchimp/token_end.py",
    )
    code = "".join((ROOT / "plugins" / module).read_text(encoding="utf-8") for module in modules)

    assert len(english) >= 8
    assert english == dutch
    assert [] == [sentence for sentence in english if sentence not in code]


@pytest.mark.parametrize(
    ("page", "words"), [("afas-sign-in.md", "from {} days before"), ("nl/afas-aanmelden.md", "vanaf {} dagen ervoor")]
)
def test_figures_about_signing_in(page: str, words: str) -> None:
    """How early is warned, and how early a token is renewed, is what the pages say."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    code = (ROOT / "plugins" / "hooks" / "afas_mailchimp_afas_sign_in.py").read_text(encoding="utf-8")
    renewed = re.search(r"^RENEW_BEFORE = (\d+)", code, flags=re.MULTILINE)

    assert words.format(WARN_BEFORE) in text
    assert renewed is not None
    assert re.search(rf"\b{renewed[1]} second", text)


@pytest.mark.parametrize(("connector", "column"), [("KnOrganisation", 0), ("KnPerson", 1), ("KnContact", 2)])
def test_fields_that_are_written(connector: str, column: int) -> None:
    """What the page says can be written is what that UpdateConnector takes."""
    named = {field for row in WRITTEN for field in re.findall(r"\b[A-Z][A-Za-z0-9]+", row[column])}

    assert len(named) >= 2
    assert named <= set(fields_of(connector, "O12345AA", ()))
