"""The page for the AFAS consultant names columns that exist, and dates that the program warns at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from afas_mailchimp.checks import TOKEN_WARNING
from afas_mailchimp.delivery_settings import DeliveryAddress
from sandbox.afas.connectors import standard_connectors
from sandbox.afas.update_schema import fields_of

PAGE = (Path(__file__).parents[2] / "docs" / "nl" / "afas-inrichting.md").read_text(encoding="utf-8")
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
    assert re.search(rf"vanaf {TOKEN_WARNING.days}\s+dagen ervoor", PAGE)


@pytest.mark.parametrize(("connector", "column"), [("KnOrganisation", 0), ("KnPerson", 1), ("KnContact", 2)])
def test_fields_that_are_written(connector: str, column: int) -> None:
    """What the page says can be written is what that UpdateConnector takes."""
    named = {field for row in WRITTEN for field in re.findall(r"\b[A-Z][A-Za-z0-9]+", row[column])}

    assert len(named) >= 2
    assert named <= set(fields_of(connector, "O12345AA", ()))
