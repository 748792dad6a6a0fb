"""The three address lines of AFAS → a Mailchimp ADDRESS with every part that Mailchimp wants, or none at all.

Line 1 ``Stadsring 69``, line 3 ``3811 HN  AMERSFOORT`` (two blanks), line 4 the country, empty within the Netherlands.
"""

from __future__ import annotations

import functools
import re

from babel import Locale

HOME = "NL"
NO_STATE = "-"
"""Mailchimp refuses an address without a state; the Netherlands have none."""

DUTCH = re.compile(r"(?P<zip>[1-9]\d{3}\s?[A-Za-z]{2})\s+(?P<city>\S.*)")
FOREIGN = re.compile(r"(?:(?:[A-Z]{1,3})[-\s])?(?P<zip>\d[\d\s-]{2,8}\d)\s+(?P<city>\D.*)")
BRITISH = re.compile(r"(?P<city>.+?),?\s+(?P<zip>[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})")

LANGUAGES = ("nl", "en", "de", "fr")
USUAL_SHORTHAND = {
    "holland": "NL",
    "the netherlands": "NL",
    "engeland": "GB",
    "vk": "GB",
    "uk": "GB",
    "amerika": "US",
    "usa": "US",
}
CAR_PLATES = {
    "A": "AT",
    "B": "BE",
    "D": "DE",
    "F": "FR",
    "E": "ES",
    "I": "IT",
    "L": "LU",
    "P": "PT",
    "S": "SE",
    "N": "NO",
}
"""AFAS's own country codes are those of number plates, not ISO."""


def postal_address(street: str | None, place: str | None, country: str | None = None) -> dict[str, str] | None:
    """Build the address object.

    :return: ``{addr1, city, state, zip, country}``, all filled; None when a part is missing or unreadable.
    """
    line, town = _tidy(street), _tidy(place)
    code = country_code(country)
    if not line or not town or not code:
        return None
    patterns = (DUTCH,) if code == HOME else (BRITISH, FOREIGN) if code == "GB" else (FOREIGN,)
    for pattern in patterns:
        found = pattern.fullmatch(town)
        if found:
            zip_code = _dutch_zip(found["zip"]) if code == HOME else _tidy(found["zip"])
            return {"addr1": line, "city": _tidy(found["city"]), "state": NO_STATE, "zip": zip_code, "country": code}
    return None


def country_code(name: str | None) -> str | None:
    """ISO code of a country as AFAS writes it; blank is the Netherlands, an unknown name is None."""
    wanted = _tidy(name)
    if not wanted:
        return HOME
    return CAR_PLATES.get(wanted) or _codes().get(wanted.casefold())


@functools.cache
def _codes() -> dict[str, str]:
    names = dict(USUAL_SHORTHAND)
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():  # noqa: PLR2004 - ISO 3166-1 alpha-2; the others are continents
                names.setdefault(name.casefold(), code)
                names.setdefault(code.casefold(), code)
    return names


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


def _dutch_zip(text: str) -> str:
    compact = text.replace(" ", "").upper()
    return f"{compact[:4]} {compact[4:]}"
