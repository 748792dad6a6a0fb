"""The address is the identity in Mailchimp: find the first valid one in what AFAS has, and its subscriber hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

SEPARATORS = re.compile(r"[;,|]|\s/\s")
"""What people put between two addresses in one field."""

LONGEST_PLAIN, LONGEST_LOCAL = 128, 64

_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.ASCII)
_RESERVED = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)

IN_BRACKETS = re.compile(r"<([^<>]+)>")


def first_valid_address(text: str | None) -> str | None:
    """Normalise the first valid address in a field.

    :param text: a field of AFAS: blank, one address, or several with ``;`` ``,`` ``|`` or blanks between them.
    :return: trimmed, lower-cased, domain as ASCII (IDNA); None when there is none. Local parts outside ASCII are not
        accepted: Mailchimp's lower-casing of them is not documented, so their identity would be a guess.
    """
    if not text or "@" not in text:
        return None
    plain = text.strip().lower()
    if _is_plain(plain):
        return plain
    return by_the_library(text)


def by_the_library(text: str) -> str | None:
    """Normalise the first valid address by the rules of email-validator, which cost twenty times the plain case."""
    for candidate in _candidates(text):
        try:
            found = validate_email(candidate, check_deliverability=False, allow_smtputf8=False, strict=True)
        except EmailNotValidError:
            continue
        return f"{found.local_part}@{found.ascii_domain}".lower()
    return None


def _is_plain(address: str) -> bool:
    """Whether an address is of the kind that nearly all are, and that the library accepts as it is."""
    if len(address) > LONGEST_PLAIN or not _PLAIN.fullmatch(address):
        return False
    at = address.index("@")
    if at > LONGEST_LOCAL or address.find("--", at) >= 0:
        return False
    return address[address.rindex(".") + 1 :] not in _RESERVED


def subscriber_hash(address: str) -> str:
    """Mailchimp's id of an address: MD5 of the lower-cased text (mailchimp-api, Members)."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


def _candidates(text: str) -> Iterator[str]:
    for part in SEPARATORS.split(text):
        named = IN_BRACKETS.search(part)
        words = [named[1]] if named else part.split()
        # ``jan jansen@…`` is a slip of the pen, not the address jansen@…, which may be somebody else's.
        if len(words) > 1 and sum("@" in word for word in words) < 2:  # noqa: PLR2004 - two addresses
            continue
        for word in words:
            if "@" in word:
                yield word.removeprefix("mailto:")
