"""The second net under every log line and error of a task: takes out what looks like a person.

The first net is that nobody writes such a thing. This one is coarse: better a number too many gone than a person left.
Names are beyond it.
"""

from __future__ import annotations

import re

from afas_mailchimp.personal_patterns import find_personal

REMOVED = "[removed]"
DROPPED = "[a line that looked like it held a person's data]"

_RULES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # A query has filter values in it; a path below members has the hash of an address.
        r"(?<=\?)[^\s\"'<>]*[=%&][^\s\"'<>]*",
        r"(?<=/members/)[^\s/?\"'<>]+",
        r"[^\s\"'<>(),:;=/]{1,64}(?:@|%40)[\w.-]+\.[a-z]{2,24}",
        # Digests of an address: md5, sha1, sha256.
        r"(?<![0-9a-z])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-z])",
        r"(?<![\w.:+-])(?:\+|00|\(?0)[1-9](?:[ ()./-]?\d){7,12}(?![\w:])",
        r"(?<![\w.-])[1-9]\d{3} ?[a-z]{2}(?= [A-Z]|[\"',;])",
    )
)


def redact(text: str) -> str:
    """Return a text without what looks like an address, its digest, a phone number, a postcode or a query."""
    for rule in _RULES:
        text = rule.sub(REMOVED, text)
    # What the proof would still find, in whatever spelling, costs the line.
    return DROPPED if find_personal(text) else text
