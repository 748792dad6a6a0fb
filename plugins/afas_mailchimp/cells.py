"""One cell of a row as text, and when two of them mean the same."""

from __future__ import annotations

import unicodedata

from afas_mailchimp.getconnector import Cell

UNKNOWN_DEFINITION = "(replaced)"
"""What AFAS shows in a column whose definition it does not know (copied from another environment): not a value."""


def text_of(cell: Cell) -> str:
    """Text on one line with single blanks; yes/no columns become ``true`` and ``false``, whole decimals lose ``.0``.

    AFAS pads and doubles blanks; what Mailchimp does with line breaks and control characters is not known.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    return " ".join(text.split())


def same(cell: Cell) -> str:
    """One form for values that a person means alike: ``PRS`` and ``prs ``, 1 and 1.0, true and ``True``."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip().casefold()
