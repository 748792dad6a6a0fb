"""E-mail addresses as Mailchimp judges them: syntax, fake domains, role addresses, and the subscriber hash."""

from __future__ import annotations

import hashlib
import re

from sandbox.mailchimp import problem

_SYNTAX = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([^\W_]([\w-]*[^\W_])?\.)+[^\W\d_]([\w-]*[^\W_])?",
)
_LONGEST = 254
_FAKE = frozenset(
    {"example.com", "example.org", "example.net", "test.com", "test.test", "fake.com", "domain.com", "mailinator.com"},
)
_ROLES = frozenset(
    {
        "abuse",
        "admin",
        "billing",
        "compliance",
        "devnull",
        "dns",
        "ftp",
        "hostmaster",
        "inoc",
        "ispfeedback",
        "ispsupport",
        "list",
        "list-request",
        "maildaemon",
        "noc",
        "no-reply",
        "noreply",
        "null",
        "phish",
        "phishing",
        "popmaster",
        "postmaster",
        "privacy",
        "registrar",
        "root",
        "security",
        "spam",
        "support",
        "sysadmin",
        "tech",
        "undisclosed-recipients",
        "unsubscribe",
        "usenet",
        "uucp",
        "webmaster",
        "www",
    },
)


def subscriber_hash(address: str) -> str:
    """Hash an address as Mailchimp does: MD5 of its lower-case form."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


def accepted(raw: str, *, roles_refused: bool = False) -> str:
    """Judge an address; the answer is the address without the blanks round it.

    :param roles_refused: refuse ``abuse@`` and the like, as imports do.
    """
    address = raw.strip()
    if not address:
        raise problem.not_validated(("email_address", "This value should not be blank."))
    if len(address) > _LONGEST or not _SYNTAX.fullmatch(address):
        raise problem.invalid("Please provide a valid email address.")
    local, _, domain = address.lower().rpartition("@")
    if domain in _FAKE:
        raise problem.looks_fake(address)
    if roles_refused and local in _ROLES:
        detail = f"{address} is an invalid email address and cannot be imported."
        raise problem.invalid(detail)
    return address
