"""Every form in which a value may stand somewhere: plain, escaped, URL-encoded, base64, hashed; a number as digits.

All forms are bytes with ASCII letters in lower case, for a search in bytes that were lowered likewise. Base64 loses its
capitals that way; forms of eight characters and more do not occur by chance.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, quote_plus

from afas_mailchimp.errors import ConfigurationError

SHORTEST = 5
_SHORTEST_BASE64 = 8
_NATIONAL = 9
"""Digits of a Dutch number without its nought."""

_KEY = "key:"


class Form(StrEnum):
    """How a value was written where it was found."""

    PLAIN = "plain"
    ESCAPED = "escaped"
    LATIN1 = "latin-1"
    UTF16 = "utf-16"
    URL = "url-encoded"
    BASE64 = "base64"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    KEY = "AFAS key"


@dataclass(frozen=True, slots=True)
class Needle:
    """One form of one value.

    :param number: of the value in the list, from 1; a result names it, never the value.
    :param text: what to look for, lowered.
    """

    number: int
    form: Form
    text: bytes


def parse_values(lines: Iterable[str]) -> list[tuple[int, str, bool]]:
    """Read a list of values, one a line; ``key: 10001`` is an AFAS key; blank lines and ``#`` are left out.

    :return: number, value, and whether it is a key.
    :raises ConfigurationError: a value is so short that it would be found anywhere; the sentence names its number only.
    """
    found: list[tuple[int, str, bool]] = []
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        key = text.casefold().startswith(_KEY)
        value = text[len(_KEY) :].strip() if key else text
        number = len(found) + 1
        if not value or (len(value) < SHORTEST and not key):
            raise ConfigurationError(
                f"Value {number} of the list is shorter than {SHORTEST} characters: it would be found anywhere. Write "
                "more of it, or key: in front of an AFAS key."
            )
        found.append((number, value, key))
    return found


def needles(values: Iterable[tuple[int, str, bool]]) -> Iterator[Needle]:
    """Return every form of every value, each once."""
    seen: set[tuple[int, bytes]] = set()
    for number, value, key in values:
        forms = [(Form.KEY, value.encode())] if key else _forms(value)
        for form, text in forms:
            lowered = text.lower()
            if (number, lowered) not in seen:
                seen.add((number, lowered))
                yield Needle(number, form, lowered)


def _forms(value: str) -> Iterator[tuple[Form, bytes]]:
    spelled = dict.fromkeys(each for text in (value, *_digits(value)) for each in _spellings(text))
    for text in spelled:
        yield Form.PLAIN, text.encode()
    for text in spelled:
        yield from ((Form.ESCAPED, each.encode()) for each in _escaped(text))
        # A path keeps its slashes, JavaScript keeps what is in the last one.
        once = quote(text, safe="")
        for encoded in (
            once,
            quote_plus(text),
            quote(text, safe="@"),
            quote(text),
            quote(text, safe="!'()*"),
            quote(once),
        ):
            yield Form.URL, encoded.encode()
        with contextlib.suppress(UnicodeEncodeError):
            yield Form.LATIN1, text.encode("latin-1")
        yield from ((Form.UTF16, text.encode(each)) for each in ("utf-16-le", "utf-16-be"))
    for text in spelled:
        yield from ((Form.BASE64, each) for each in _base64(text.encode()))
    for text in {value.strip(), value.strip().lower()}:
        for form in (Form.MD5, Form.SHA1, Form.SHA256):
            digest = hashlib.new(form, text.encode(), usedforsecurity=False)
            yield form, digest.hexdigest().encode()
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield form, encode(digest.digest()).rstrip(b"=")


def _escaped(text: str) -> Iterator[str]:
    """Return what JSON (once and twice), Python, a log of bytes, HTML and SQL make of it."""
    once = json.dumps(text)[1:-1]
    yield from (once, json.dumps(once)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield from (ascii(text)[1:-1], repr(text.encode())[2:-1], html.escape(text), text.replace("'", "''"))


def _spellings(text: str) -> Iterator[str]:
    """Letters outside ASCII have no case in bytes, and two spellings each."""
    for cased in (text, text.lower(), text.upper()):
        yield unicodedata.normalize("NFC", cased)
        yield unicodedata.normalize("NFD", cased)


def _digits(value: str) -> Iterator[str]:
    """Other spellings of a phone number."""
    if not re.fullmatch(r"[+0-9(][0-9 ()./+-]{7,24}", value.strip()):
        return
    digits = re.sub(r"\D", "", value.replace("(0)", ""))
    if len(digits) >= _NATIONAL:
        yield digits
        yield digits[-_NATIONAL:]


def _base64(raw: bytes) -> Iterator[bytes]:
    """Return what stands in base64 of any text that has these bytes in it, at each of the three places they may begin.

    The first and last character depend on the neighbours, so they are left out.
    """
    for before in range(3):
        first = -(-before * 8 // 6)
        whole = (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inside = encode(b"\0" * before + raw)[first:whole]
            if len(inside) >= _SHORTEST_BASE64:
                yield inside
