"""Texts of Mailchimp about one field. The account's language decides, so nobody may classify by them."""

from __future__ import annotations

from typing import Final

ANY_OF: Final = "Data did not match any of the schemas described in anyOf."

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "required": ("Please enter a value", "Bitte gib einen Wert ein."),
    "number": ("Please enter a number", "Bitte gib eine Zahl ein."),
    "date": ("Please enter the date", "Bitte gib das Datum ein."),
    "birthday": (
        "Please enter a month (01-12) and a day (01-31)",
        "Bitte gib einen Monat (01-12) und einen Tag (01-31) ein.",
    ),
    "address": ("Please enter a complete address", "Bitte gib eine vollständige Adresse ein."),
    "phone": ("Please enter a valid phone number", "Bitte gib eine gültige Telefonnummer ein."),
    "zip": ("Please enter a valid zip code", "Bitte gib eine gültige Postleitzahl ein."),
    "url": ("Please enter a valid URL", "Bitte gib eine gültige URL ein."),
    "long": ("Please enter no more than 255 characters", "Bitte gib höchstens 255 Zeichen ein."),
    "choice": (
        "Value must be one of: {choices} (not {value})",
        "Der Wert muss einer von {choices} sein (nicht {value})",
    ),
}


def text(name: str, language: object, **values: str) -> str:
    """Word a message in the language of the account."""
    english, german = _TEXTS[name]
    return (german if language == "de" else english).format(**values)
