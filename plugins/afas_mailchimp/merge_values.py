"""Columns of a row → values of merge fields. A value that cannot be used is left blank and noted, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from afas_mailchimp.amsterdam_time import parse_modified
from afas_mailchimp.audience import MergeValue
from afas_mailchimp.getconnector import Cell
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.phone_number import normal_number
from afas_mailchimp.postal_address import postal_address
from afas_mailchimp.settings import FieldKind, FieldMapping

TEXT_LENGTH = 255
"""Mailchimp's length of a text merge value; longer text is cut here, with a notice."""

Values = tuple[MergeValue, ...]
Result = tuple[MergeValue, Notice | None]


def text_value(cells: Sequence[Cell]) -> Result:
    """Trimmed text; yes/no columns become ``true`` and ``false``, since Mailchimp has no booleans."""
    text = _text(cells[0])
    if len(text) > TEXT_LENGTH:
        return text[:TEXT_LENGTH].rstrip(), Notice.TEXT_CUT
    return text, None


def phone_value(cells: Sequence[Cell]) -> Result:
    """E.164, blank with a notice when AFAS has something that is no number."""
    text = _text(cells[0])
    number = normal_number(text) if text else None
    return (number or "", None) if number or not text else ("", Notice.PHONE_LEFT_OUT)


def date_value(cells: Sequence[Cell]) -> Result:
    """The day, as ``YYYY-MM-DD``: what Mailchimp gives back whatever the field's date format."""
    text = _text(cells[0])
    moment = parse_modified(text)
    return (moment.date().isoformat(), None) if moment else ("", Notice.DATE_LEFT_OUT if text else None)


def number_value(cells: Sequence[Cell]) -> Result:
    """A JSON number."""
    cell = cells[0]
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _plain(float(cell)), None
    text = _text(cell)
    try:
        return _plain(float(text.replace(",", "."))) if text else "", None
    except ValueError:
        return "", Notice.NUMBER_LEFT_OUT


def address_value(cells: Sequence[Cell]) -> Result:
    """All parts that Mailchimp wants, or blank with a notice."""
    lines = [_text(cell) for cell in cells]
    if not any(lines[:2]):
        return "", None
    address = postal_address(*lines)
    return (address, None) if address else ("", Notice.ADDRESS_LEFT_OUT)


MAKERS: Mapping[FieldKind, Callable[[Sequence[Cell]], Result]] = {
    FieldKind.TEXT: text_value,
    FieldKind.PHONE: phone_value,
    FieldKind.DATE: date_value,
    FieldKind.NUMBER: number_value,
    FieldKind.ADDRESS: address_value,
}


def map_values(
    row: Sequence[Cell], mappings: Sequence[tuple[FieldMapping, tuple[int, ...]]]
) -> tuple[Values, tuple[Notice, ...]]:
    """Make the values of all merge fields of a row.

    :param mappings: each mapping with the positions of its columns in the row.
    """
    values, notices = [], []
    for mapping, positions in mappings:
        value, notice = MAKERS[mapping.kind]([row[position] for position in positions])
        values.append(value)
        if notice:
            notices.append(notice)
    return tuple(values), tuple(notices)


def comparable(value: object) -> object:
    """One form for values that mean the same: Mailchimp gives empty numbers as text, and addresses with more keys."""
    if isinstance(value, Mapping):
        parts = tuple(
            str(value.get(part) or "").strip() for part in ("addr1", "addr2", "city", "state", "zip", "country")
        )
        return parts if any(parts) else ""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return _plain(float(value))
    return str(value).strip()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell).strip()


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number
