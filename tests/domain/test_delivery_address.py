"""One debtor has many addresses: which one is taken."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from afas_mailchimp.delivery_choice import DeliveryChooser
from afas_mailchimp.getconnector import Cell
from afas_mailchimp.settings import DeliveryAddress

PREFER = {"prefer": {"field": "Adrestype_code_2", "values": ["AFL", "PST"]}}


def address(number: Cell, kind: str | None = None, **changes: Cell) -> dict[str, Cell]:
    """An invented address; its street tells its id."""
    return {
        "Adres_ID": number,
        "DebiteurID": "10001",
        "Adrestype_code_2": kind,
        "A_Straat": f"Kade {number}",
        "A_Huisnummer": 1,
        "A_Toev_Huisnr.": None,
        "A_Postcode": "8321 AA",
        "A_Woonplaats": "URK",
        "A_Land": "NL",
        **changes,
    }


def chooser(block: dict[str, Any], *rows: dict[str, Cell]) -> DeliveryChooser:
    """A chooser that was shown these addresses."""
    delivery = DeliveryAddress.model_validate(block)
    made = DeliveryChooser(delivery)
    for row in rows:
        made.add([row[column] for column in delivery.columns])
    return made


def street(found: object) -> str | None:
    """The street of a value, without the house number."""
    return str(found["addr1"]).removesuffix(" 1") if isinstance(found, dict) else None


@pytest.mark.parametrize(
    ("block", "rows", "wanted"),
    [
        pytest.param({}, [address(7), address(5), address(12)], "Kade 5", id="no preference: the lowest id"),
        pytest.param({}, [address(100), address(20)], "Kade 20", id="ids are numbers, not text"),
        pytest.param({}, [address("b"), address("a")], "Kade a", id="ids that are text"),
        pytest.param(PREFER, [address(5, "ADR"), address(7, "AFL")], "Kade 7", id="first preference before lower id"),
        pytest.param(PREFER, [address(5, "PST"), address(7, "AFL")], "Kade 7", id="first before second preference"),
        pytest.param(PREFER, [address(5, "ADR"), address(7, "PST")], "Kade 7", id="second preference before none"),
        pytest.param(PREFER, [address(9, "AFL"), address(7, "AFL")], "Kade 7", id="equals: the lowest id"),
        pytest.param(PREFER, [address(9, " afl ")], "Kade 9", id="value in other case"),
        pytest.param(PREFER, [address(9, "ADR"), address(8, None)], "Kade 8", id="none preferred: the lowest id"),
        pytest.param(
            PREFER,
            [address(7, "AFL", A_Postcode=None), address(9, "ADR")],
            "Kade 9",
            id="half an address is passed over",
        ),
        pytest.param(PREFER, [address(7, "AFL", A_Woonplaats="(replaced)")], None, id="column that AFAS does not know"),
        pytest.param({}, [address(7, A_Straat=None)], None, id="no usable one"),
        pytest.param({}, [address(7, DebiteurID=None)], None, id="of nobody"),
        pytest.param({}, [address(7, DebiteurID="10002")], None, id="of another debtor"),
        pytest.param({}, [], None, id="none at all"),
    ],
)
def test_which_address(block: dict[str, Any], rows: list[dict[str, Cell]], wanted: str | None) -> None:
    """The same one whatever the order in which AFAS sends them."""
    found = {street(chooser(block, *order).value_for("10001")) for order in itertools.permutations(rows)}

    assert {wanted} == found


def test_keys_meet_in_any_form() -> None:
    """Blanks around a key, other case, and a number where the debtor has text, are no other debtor."""
    rows = [address(1, DebiteurID="D-0007 "), address(2, DebiteurID=10002)]

    made = chooser({}, *rows)

    assert "Kade 1" == street(made.value_for("d-0007"))
    assert "Kade 2" == street(made.value_for("10002"))
    assert made.value_for("0010002") is None


def test_forgotten_debtor() -> None:
    """What was known of a debtor does not outlive a new look at its addresses."""
    made = chooser({}, address(1), address(2, DebiteurID="10002"))

    made.forget("10001")

    assert made.value_for("10001") is None
    assert 1 == len(made)


def test_nothing_shows_an_address() -> None:
    """A chooser can be printed without showing where anybody lives."""
    assert "Kade" not in repr(chooser({}, address(1)))
