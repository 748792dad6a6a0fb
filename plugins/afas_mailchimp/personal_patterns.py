"""Patterns of people in text: e-mail addresses, Dutch phone numbers, Dutch postcodes.

Strict on purpose: what Airflow and our runs may keep (moments, run ids, digests, AFAS keys, byte counts) must not look
like a person, or nobody would believe a finding. So names and hashes, which look like any other word, are no patterns:
whoever wants to search for those gives a list of values to the scan. What cannot be told apart, and how it is taken:

* ten digits that are a valid Dutch number count as one, also where they are a key; behind a colon
  (``debtors:0612345678``) they are a key, unless a word like ``tel`` stands there;
* a postcode has a space in it and two capitals that are no unit and no word of SQL (``2026 IN``, ``1234 OR``), at the
  price of the few postcodes that end like that;
* who logs in at a server (``celery@host.example``, ``scheme://user@host``) is no address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import unquote


class Kind(StrEnum):
    """What a text looks like."""

    EMAIL = "email"
    PHONE = "phone"
    POSTCODE = "postcode"


# From the @ on: the rarest character first is many times faster than the local part first.
_EMAIL = re.compile(r"@(?<=[\w.!#$&'*+=?^{|}~/-]@)(?:[^\W_][\w-]{0,62}\.)+[^\W\d_]{2,24}(?![^\W_]|@)")
_LOCAL_PART = re.compile(r"(?P<server>://[^\s/@\"'<>]*|\bcelery)$|[^\W_][^\s@,;:<>()\"\\/]*$", re.IGNORECASE)

_AROUND = r"\)?[ +]?[-./\u2010-\u2015]?[ +]?"
_BETWEEN = r"[ .+-]?"
_PHONE = re.compile(
    r"[+(0](?<![\w+./-].)(?<!\d:.)"
    # A date: 06-12-2026.
    r"(?!\d[-. /](?:0\d|1[0-2])[-. /](?:19|20)\d\d(?!\d))"
    rf"(?:(?<=\+)31{_BETWEEN}(?:\(0\)[ ]?)?|(?<=0)031{_BETWEEN}|(?<=\()\+31\)[ ]?|(?<=\()0|(?<=0))"
    rf"(?:6{_AROUND}\d(?:{_BETWEEN}\d){{7}}|(?:[1-57]\d|8[4-8]){_AROUND}\d(?:{_BETWEEN}\d){{6}}|"
    rf"[1-5]\d\d{_AROUND}\d(?:{_BETWEEN}\d){{5}})"
    r"(?![\w=+]|[-.:/]\d)"
)
_CALLED = re.compile(r"(?:tel|foon|phone|mob|fax|gsm)\w*[\"']?:$", re.IGNORECASE)

_POSTCODE = re.compile(
    r"[1-9](?:(?<![\w./:-].)|(?<=NL-.)|(?<=[^\W\d_]:.))\d{3}[ +](?!S[ADS]\b|[KMGT]B\b|[AP]M\b|"
    r"(?:AS|AT|BY|DO|ID|IF|IN|IS|MS|NO|OF|OK|ON|OR|TO)\b)[A-Z]{2}(?![\w-])"
)

_QUOTED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPED = re.compile(r"\\+(?:[nrt]|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")


def find_personal(text: str) -> Counter[Kind]:
    """Count what looks like a person, by kind.

    :param text: as it stands in a log or a table: URL-encoding, twice too, and JSON's escapes are undone first.
    :return: nothing where nothing was found; never what it was.
    """
    readable = _readable(text)
    found = {
        Kind.EMAIL: sum(1 for _ in _emails(readable)),
        Kind.PHONE: sum(1 for _ in _phones(readable)),
        Kind.POSTCODE: sum(1 for _ in _POSTCODE.finditer(readable)),
    }
    return Counter({kind: count for kind, count in found.items() if count})


def _readable(text: str) -> str:
    r"""Undo what would glue a letter or a digit to a value, as in ``%220612345678`` and in JSON's ``\n0612345678``."""
    for _ in range(2):
        if "%" in text:
            text = _QUOTED.sub(lambda found: unquote(found[0]), text)
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1] or found[2] or "20", 16)), text)
    return text.replace("\xa0", " ")


def _emails(text: str) -> Iterator[int]:
    for found in _EMAIL.finditer(text):
        local = _LOCAL_PART.search(text, max(found.start() - 128, 0), found.start())
        if local and not local["server"]:
            yield found.start()


def _phones(text: str) -> Iterator[int]:
    # Heavy, and seldom needed: every task and every DAG file has this module behind it.
    import phonenumbers  # noqa: PLC0415

    for found in _PHONE.finditer(text):
        before = text[max(found.start() - 16, 0) : found.start()]
        if found[0].isdigit() and before.endswith(":") and not _CALLED.search(before):
            continue
        digits = re.sub(r"\D", "", found[0].replace("(0)", ""))
        number = phonenumbers.PhoneNumber(country_code=31, national_number=int(digits[-9:]))
        if phonenumbers.is_valid_number_for_region(number, "NL"):
            yield found.start()
