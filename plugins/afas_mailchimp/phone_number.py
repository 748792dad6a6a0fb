"""Dutch (and other) phone numbers in any spelling → E.164, by Google's libphonenumber."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import phonenumbers

_DIALLED = re.compile(r"[+(\d][\d\s()+./\\\-\u2010-\u2015]*\d")
"""A run of what can be dialled: words before, between and behind numbers ("tst 12", "Jan:") are no part of one."""

_BETWEEN = re.compile(r"\s*[/\\]\s*")
"""Stands between two numbers, or behind an area code."""


@functools.lru_cache(maxsize=4096)
def normal_number(text: str, *, region: str = "NL") -> str | None:
    """Read a number as people write it; of several in one field the first usable one.

    :param region: ISO country whose numbers may be written without a country code.
    :return: such as ``+31332981234``; None when there is no valid number.
    """
    return next((found for piece in _pieces(text) if (found := _read(piece, region))), None)


def _pieces(text: str) -> Iterator[str]:
    # The library would read letters as the digits under them on a keypad, and so invent numbers.
    for found in _DIALLED.finditer(text):
        yield found[0]
        yield from _BETWEEN.split(found[0])


def _read(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
