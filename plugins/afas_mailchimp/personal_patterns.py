"""Patterns of people in text: e-mail addresses, Dutch phone numbers, Dutch postcodes.

Strict on purpose: what Airflow and our runs may keep (moments, run ids, digests, AFAS keys, byte counts) must not look
like a person, or nobody would believe a finding. So names and hashes, which look like any other word, are no patterns:
whoever wants to search for those gives a list of values to the scan. A key of ten digits that begins like an area
code cannot be told from a phone number, and counts as one.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum


class Kind(StrEnum):
    """What a text looks like."""

    EMAIL = "email"
    PHONE = "phone"
    POSTCODE = "postcode"


_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+-]{1,64}(?:@|%40)(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?![\w@-])", re.IGNORECASE)

# The country's code, or a nought and the digit of an area or of mobile numbers; in between one space or hyphen.
_PHONE = re.compile(
    r"(?<![\w+.:/-])(?!\d\d-\d\d-\d{4})"
    r"(?:(?:\+|00|%2B)31[ -]?(?:\(0\)[ -]?)?[1-9]|\(?0[1-9])"
    r"(?:\)?[ -]?\d){8}(?![\w-]|[.:]\d)",
    re.IGNORECASE,
)

# With the space that belongs there: 1234AB might be any code.
_POSTCODE = re.compile(r"(?<![\w.:/-])[1-9]\d{3}(?: |%20|\+)(?!S[ADS]\b|[KMGT]B\b|OK\b|ID\b|MS\b)[A-Z]{2}(?![\w-])")


def find_personal(text: str) -> Counter[Kind]:
    """Count what looks like a person, by kind.

    :return: nothing where nothing was found; never what it was.
    """
    found: Counter[Kind] = Counter()
    for kind, pattern in ((Kind.EMAIL, _EMAIL), (Kind.PHONE, _PHONE), (Kind.POSTCODE, _POSTCODE)):
        count = sum(1 for _ in pattern.finditer(text))
        if count:
            found[kind] = count
    return found
