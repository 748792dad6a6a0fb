"""AFAS's address lines, or its separate parts → a Mailchimp ADDRESS with every part that Mailchimp wants, or none.

Line 1 ``Stadsring 69``, line 3 ``3811 HN  AMERSFOORT`` (two blanks), line 4 the country, empty within the Netherlands.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from babel import Locale

from afas_mailchimp.cells import tidy
from afas_mailchimp.getconnector import Cell

HOME = "NL"
NO_STATE = "-"
"""Mailchimp refuses an address without a state; the Netherlands have none."""

DUTCH_ZIP = re.compile(r"[1-9]\d{3}\s?[A-Za-z]{2}")
DUTCH = re.compile(rf"(?P<zip>{DUTCH_ZIP.pattern})\s+(?P<city>\S.*)")
DIGITS_FIRST = re.compile(r"(?:[A-Z]{1,3}[-\s])?(?P<zip>\d[\d\s-]{1,8}\d)\s+(?P<city>\D.*)")
BRITISH = re.compile(r"(?P<city>.+?),?\s+(?P<zip>[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})")
COUNTRY_BEFORE_ZIP = re.compile(r"^[A-Z]{1,3}[-\s](?=\d)")
TWO_BLANKS = re.compile(r"\s{2,}")
"""AFAS's own border between postcode and place."""

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
    """Build the address object from AFAS's lines 1, 3 and 4.

    :return: ``{addr1, city, state, zip, country}``, all filled; None when a part is missing or unreadable.
    """
    code = country_code(country)
    if code is None:
        return None
    zip_code, city = _divide(str(place or "").strip(), code)
    return _whole(tidy(street), zip_code, city, code)


def address_of_parts(cells: Sequence[Cell]) -> dict[str, str] | None:
    """Build the address object from street, number, addition, postcode, city and country.

    :return: as ``postal_address``.
    """
    street, number, addition, zip_code, city, country = map(tidy, cells)
    code = country_code(country)
    if code is None or not street or (code == HOME and not DUTCH_ZIP.fullmatch(zip_code)):
        return None
    house = "" if number == "0" else number
    return _whole(" ".join(filter(None, (street, house, addition))), zip_code, city, code)


def country_code(name: str | None) -> str | None:
    """ISO code of a country as AFAS writes it; blank is the Netherlands, an unknown name is None."""
    wanted = tidy(name)
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


def _divide(place: str, country: str) -> tuple[str, str]:
    """Part a line into postcode and city; both empty where it cannot be read."""
    line = tidy(place)
    if country == HOME:
        found = DUTCH.fullmatch(line)
        return (found["zip"], found["city"]) if found else ("", "")
    # Two blanks say where the border is, whatever the country's postcodes look like.
    if len(parts := TWO_BLANKS.split(place)) == 2:  # noqa: PLR2004
        codes = [part for part in parts if any(map(str.isdigit, part))]
        if len(codes) == 1:
            (city,) = (part for part in parts if part is not codes[0])
            return COUNTRY_BEFORE_ZIP.sub("", tidy(codes[0])), tidy(city)
    for pattern in (BRITISH, DIGITS_FIRST) if country == "GB" else (DIGITS_FIRST,):
        if found := pattern.fullmatch(line):
            return found["zip"], found["city"]
    return "", ""


def _whole(street: str, zip_code: str, city: str, country: str) -> dict[str, str] | None:
    if not street or not zip_code or not city:
        return None
    if country == HOME:
        compact = zip_code.replace(" ", "").upper()
        zip_code = f"{compact[:4]} {compact[4:]}"
    return {"addr1": street, "city": city, "state": NO_STATE, "zip": zip_code, "country": country}
