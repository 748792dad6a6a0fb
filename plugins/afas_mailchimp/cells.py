"""One cell of a row as text, and when two of them mean the same."""

from __future__ import annotations

import re

from afas_mailchimp.getconnector import Cell

UNKNOWN_DEFINITION = "(replaced)"
"""What AFAS shows in a column whose definition it does not know (copied from another environment): not a value."""

CONTROL = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")


def text_of(cell: Cell) -> str:
    """Trimmed text on one line; yes/no columns become ``true`` and ``false``, whole decimals lose ``.0``.

    What Mailchimp does with line breaks and control characters is not known, so each run of them becomes a blank.
    """
    if isinstance(cell, str):
        return (cell if cell.isprintable() else CONTROL.sub(" ", cell)).strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


def tidy(cell: Cell) -> str:
    """Text with single blanks, for values whose inner blanks mean nothing."""
    return " ".join(text_of(cell).split())


def same(cell: Cell) -> str:
    """One form for values that a person means alike: ``PRS`` and ``prs ``, 1 and 1.0, true and ``True``."""
    if cell is None:
        return ""
    if cell is True or cell is False:
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip().casefold()
