"""The address is the identity in Mailchimp: find the first valid one in what AFAS has, and its subscriber hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from email_validator import EmailNotValidError, validate_email

SEPARATORS = re.compile(r"[;,|]|\s/\s")
"""What people put between two addresses in one field."""

IN_BRACKETS = re.compile(r"<([^<>]+)>")


def first_valid_address(text: str | None) -> str | None:
    """Normalise the first valid address in a field.

    :param text: a field of AFAS: blank, one address, or several with ``;`` ``,`` ``|`` or blanks between them.
    :return: trimmed, lower-cased, domain as ASCII (IDNA); None when there is none. Local parts outside ASCII are not
        accepted: Mailchimp's lower-casing of them is not documented, so their identity would be a guess.
    """
    if not text or "@" not in text:
        return None
    for candidate in _candidates(text):
        try:
            found = validate_email(candidate, check_deliverability=False, allow_smtputf8=False, strict=True)
        except EmailNotValidError:
            continue
        return f"{found.local_part}@{found.ascii_domain}".lower()
    return None


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
