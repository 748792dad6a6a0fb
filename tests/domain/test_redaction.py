"""The second net: what it takes out of a line, and what a line must keep to be of use."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.personal_patterns import find_personal
from afas_mailchimp.redaction import REMOVED, redact
from tests.domain.test_personal_patterns import PEOPLE

ADDRESS = "jan@korenaar.example"
DIGEST = hashlib.md5(ADDRESS.encode()).hexdigest()

TAKEN = {
    "an address": (f"mailed {ADDRESS}.", f"mailed {REMOVED}."),
    "an address in quotes": (f"KeyError: '{ADDRESS}'", f"KeyError: '{REMOVED}'"),
    "a query": ("GET /x?filterfieldids=Email&filtervalues=jan HTTP/1.1", f"GET /x?{REMOVED} HTTP/1.1"),
    "a hash in a path": (f"/3.0/lists/a1b2c3d4e5/members/{DIGEST}", f"/3.0/lists/a1b2c3d4e5/members/{REMOVED}"),
    "a hash in a sentence": (f"member {DIGEST} was refused", f"member {REMOVED} was refused"),
    "a SHA-256": (hashlib.sha256(b"x").hexdigest(), REMOVED),
    "a phone number": ("calls 06-12345678 now", f"calls {REMOVED} now"),
    "a foreign number": ("calls +49 30 1234567 now", f"calls {REMOVED} now"),
    "a postcode": ('"zip": "3512 AB"', f'"zip": "{REMOVED}"'),
}

LEFT = [
    "Reading Profit_Debtor_App: 5000 rows, 1.2 s, watermark 2026-11-23T12:33:10",
    "created 20000, updated 12, archived 3 (limit 5 %)",
    "debtors:10001, contacts:20001 were refused: email_missing",
    "manual__2026-11-23T12:33:10.123456+00:00",
    "HTTP 503, next try in 120 s (2 of 5)",
    "/opt/airflow/plugins/hooks/afas.py:120 (read_page)",
]


@pytest.mark.parametrize(("text", "expected"), TAKEN.values(), ids=TAKEN)
def test_taken_out(text, expected):
    """Only that, so that the rest still tells what happened."""
    assert redact(text) == expected


@pytest.mark.parametrize("text", LEFT)
def test_left(text):
    """What an operator needs."""
    assert redact(text) == text


@pytest.mark.parametrize("text", [text for text, _ in PEOPLE.values()], ids=PEOPLE)
def test_everything_that_the_proof_finds(text):
    """In whatever spelling: a line that cannot be mended is dropped."""
    assert not find_personal(redact(text))


@given(
    st.sampled_from([ADDRESS, "Jan.de.Vries+x@post.korenaar.example", "0612345678", "+31301234567", "030 123 45 67"]),
    st.text(alphabet=" \"'(){},=\n", max_size=3),
    st.text(alphabet=" \"'(){},\n", max_size=3),
)
def test_nothing_that_the_proof_would_find_gets_through(value, before, behind):
    """The net is wider than the search."""
    assert not find_personal(redact(f"{before}{value}{behind}"))
