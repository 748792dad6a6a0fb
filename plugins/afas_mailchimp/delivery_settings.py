"""The block ``delivery_address``: a debtor's address from a connector of its own, where one debtor has many."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from afas_mailchimp.setting_types import ColumnId, Columns, ConnectorId, MergeTag, Scalars, Settings

PARTS = ("street", "number", "addition", "postcode", "city", "country")


def _six(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != len(PARTS):
        message = f"address takes six columns: {', '.join(PARTS)}"
        raise ValueError(message)
    return value


class Preference(Settings):
    """Which address of a debtor is taken first: that with the earliest listed value; then the lowest id.

    :param values: in order of preference; an address with another value comes behind all of them.
    """

    field: ColumnId = "Adrestype_code_2"
    values: Scalars


class DeliveryAddress(Settings):
    """Where delivery addresses are, and how they belong to the rows of a source. The defaults are the standard's.

    :param match: column with the key of the source's row.
    :param modified: dates that move when the address changes.
    :param id: column that orders the addresses: of equals the lowest is taken.
    """

    connector: ConnectorId = "Profit_Deliveryaddress"
    match: ColumnId = "DebiteurID"
    address: Annotated[tuple[ColumnId, ...], BeforeValidator(_six)] = (
        "A_Straat",
        "A_Huisnummer",
        "A_Toev_Huisnr.",
        "A_Postcode",
        "A_Woonplaats",
        "A_Land",
    )
    merge_field: MergeTag = "ADDRESS"
    modified: Columns = ("Gewijzigd_op", "Gewijzigd_op_2")
    id: ColumnId = "Adres_ID"
    prefer: Preference | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that choosing and making an address needs, each once, in a fixed order."""
        preferred = (self.prefer.field,) if self.prefer else ()
        return tuple(dict.fromkeys((self.id, self.match, *preferred, *self.address)))
