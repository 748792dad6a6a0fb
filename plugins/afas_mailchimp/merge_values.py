"""Columns of a row → values of merge fields. A value that cannot be used is left blank and noted, never guessed."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence

from afas_mailchimp.amsterdam_time import parse_modified
from afas_mailchimp.audience import MergeValue
from afas_mailchimp.cells import UNKNOWN_DEFINITION, text_of
from afas_mailchimp.field_mapping import FieldKind, FieldMapping
from afas_mailchimp.getconnector import Cell
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.phone_number import normal_number
from afas_mailchimp.postal_address import postal_address

TEXT_LENGTH = 255
"""Mailchimp's length of a text merge value; longer text is cut here, with a notice."""

YES = frozenset({"true", "1", "ja", "j", "yes", "y", "waar"})
NO = frozenset({"false", "0", "nee", "n", "no", "onwaar"})

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_GROUPED_NUMBER = re.compile(r"[+-]?\d{1,3}(?P<group>[.,' ])\d{3}(?:(?P=group)\d{3})*(?:(?P<decimal>[.,])\d+)?")
_DOT_AND_THREE = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")

_ADDRESS_PARTS = ("addr1", "addr2", "city", "state", "zip", "country")

Values = tuple[MergeValue, ...]
Result = tuple[MergeValue, Notice | None]


def text_value(cells: Sequence[Cell]) -> Result:
    """Trimmed text on one line; yes/no columns become ``true`` and ``false``, since Mailchimp has no booleans."""
    text = text_of(cells[0])
    if len(text) > TEXT_LENGTH:
        return text[:TEXT_LENGTH].rstrip(), Notice.TEXT_CUT
    return text, None


def phone_value(cells: Sequence[Cell]) -> Result:
    """E.164, blank with a notice when AFAS has something that is no number."""
    text = text_of(cells[0])
    number = normal_number(text) if text else None
    return (number or "", None) if number or not text else ("", Notice.PHONE_LEFT_OUT)


def date_value(cells: Sequence[Cell]) -> Result:
    """The day, as ``YYYY-MM-DD``: what Mailchimp gives back whatever the field's date format."""
    text = text_of(cells[0])
    moment = parse_modified(text)
    return (moment.date().isoformat(), None) if moment else ("", Notice.DATE_LEFT_OUT if text else None)


def number_value(cells: Sequence[Cell]) -> Result:
    """A JSON number. Text is read the Dutch way (``1.234,56``) or the English one where there is one reading only."""
    cell = cells[0]
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return (_plain(float(cell)), None) if math.isfinite(cell) else ("", Notice.NUMBER_LEFT_OUT)
    text = text_of(cell).removeprefix("€").strip().removesuffix(",-")
    number = _read_number(text)
    return (number, None) if number is not None else ("", Notice.NUMBER_LEFT_OUT if text else None)


def address_value(cells: Sequence[Cell]) -> Result:
    """All parts that Mailchimp wants, or blank with a notice."""
    lines = [None if cell is None else str(cell) for cell in cells]
    if not any(line.strip() for line in lines[:2] if line):
        return "", None
    address = postal_address(*lines)
    return (address, None) if address else ("", Notice.ADDRESS_LEFT_OUT)


def yes_no_value(cells: Sequence[Cell]) -> Result:
    """``true`` or ``false`` as text: Mailchimp has no booleans."""
    text = text_of(cells[0])
    if not text:
        return "", None
    word = text.casefold()
    return ("true", None) if word in YES else ("false", None) if word in NO else ("", Notice.YES_NO_LEFT_OUT)


def choice_value(cells: Sequence[Cell], allowed: Collection[str] = ()) -> Result:
    """One of the values that the field may have, in its own spelling; Mailchimp refuses a member with another one.

    :param allowed: empty lets everything through.
    """
    text = text_of(cells[0])
    if not text or not allowed or text in allowed:
        return text, None
    alike = [choice for choice in allowed if text_of(choice).casefold() == text.casefold()]
    return (alike[0], None) if len(alike) == 1 else ("", Notice.CHOICE_LEFT_OUT)


MAKERS: Mapping[FieldKind, Callable[[Sequence[Cell]], Result]] = {
    FieldKind.TEXT: text_value,
    FieldKind.PHONE: phone_value,
    FieldKind.DATE: date_value,
    FieldKind.NUMBER: number_value,
    FieldKind.ADDRESS: address_value,
    FieldKind.YES_NO: yes_no_value,
}


def maker_of(mapping: FieldMapping, *, allowed: Collection[str] = ()) -> Callable[[Sequence[Cell]], Result]:
    """Return what makes the merge value of a mapping out of its cells.

    :param allowed: what the audience's choice field may have; without it the file's own choices count.
    """
    if mapping.kind == FieldKind.CHOICE:
        return functools.partial(choice_value, allowed=allowed or mapping.choices)
    return MAKERS[mapping.kind]


def make_value(mapping: FieldMapping, cells: Sequence[Cell], *, allowed: Collection[str] = ()) -> Result:
    """Make one merge value; parameters as of ``maker_of``."""
    return ("", Notice.COLUMN_UNKNOWN) if UNKNOWN_DEFINITION in cells else maker_of(mapping, allowed=allowed)(cells)


def comparable(value: object) -> object:
    """One form for values that mean the same: Mailchimp gives empty numbers as text, and addresses with more keys."""
    if isinstance(value, str):
        return value.strip()
    # A dictionary is asked for first: to ask for a mapping costs as much as all of the rest.
    if isinstance(value, dict | Mapping):
        parts = tuple([str(value.get(part) or "").strip() for part in _ADDRESS_PARTS])
        return parts if any(parts) else ""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return _plain(float(value))
    return str(value).strip()


def _read_number(text: str) -> int | float | None:
    # "1.234" is a thousand and more to a Dutch reader, hardly more than one to a program: nobody can tell.
    if _DOT_AND_THREE.fullmatch(text):
        return None
    if _PLAIN_NUMBER.fullmatch(text):
        return _finite(text.replace(",", "."))
    grouped = _GROUPED_NUMBER.fullmatch(text)
    if grouped is None or grouped["group"] == grouped["decimal"]:
        return None
    return _finite(text.replace(grouped["group"], "").replace(",", "."))


def _finite(text: str) -> int | float | None:
    number = float(text)
    return _plain(number) if math.isfinite(number) else None


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number
