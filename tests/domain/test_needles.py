"""Every form in which a value can hide is looked for."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.needles import Form, needles, parse_values

ADDRESS = "Zoë.de-Vries+nieuws@korenaar.example"


def found(value: str, content: bytes) -> set[Form]:
    """Forms of one value that stand in some bytes."""
    lowered = content.lower()
    return {needle.form for needle in needles(parse_values([value])) if needle.text in lowered}


@pytest.mark.parametrize(
    ("content", "form"),
    [
        pytest.param(ADDRESS.upper().encode(), Form.PLAIN, id="capitals"),
        pytest.param("Zoe\u0308.de-Vries+nieuws@korenaar.example".encode(), Form.PLAIN, id="letter and accent apart"),
        pytest.param(json.dumps({"x": ADDRESS}).encode(), Form.ESCAPED, id="JSON"),
        pytest.param(json.dumps(json.dumps(ADDRESS)).encode(), Form.ESCAPED, id="JSON in JSON"),
        pytest.param(ascii(ADDRESS).encode(), Form.ESCAPED, id="Python's escapes"),
        pytest.param(quote(ADDRESS).encode(), Form.URL, id="in a path"),
        pytest.param(quote_plus(ADDRESS).encode(), Form.URL, id="in a query"),
        pytest.param(quote(quote(ADDRESS, safe=""), safe="").encode(), Form.URL, id="encoded twice"),
        pytest.param(quote(ADDRESS).replace("%C3%AB", "%c3%ab").encode(), Form.URL, id="small hexadecimals"),
        pytest.param(base64.b64encode(f"a:{ADDRESS}:b".encode()), Form.BASE64, id="in base64"),
        pytest.param(base64.urlsafe_b64encode(f"??>{ADDRESS}".encode()), Form.BASE64, id="in base64 for URLs"),
        pytest.param(hashlib.md5(ADDRESS.lower().encode()).hexdigest().encode(), Form.MD5, id="Mailchimp's hash"),
        pytest.param(hashlib.sha1(ADDRESS.lower().encode()).hexdigest().upper().encode(), Form.SHA1, id="SHA-1"),
        pytest.param(hashlib.sha256(ADDRESS.lower().encode()).hexdigest().encode(), Form.SHA256, id="SHA-256"),
        pytest.param(
            base64.b64encode(hashlib.sha256(ADDRESS.lower().encode()).digest()), Form.SHA256, id="a digest in base64"
        ),
    ],
)
def test_forms(content, form):
    """Found by that form, and by no other that would mislead a person."""
    assert form in found(ADDRESS, b"before " + content + b" behind")


@pytest.mark.parametrize(
    ("value", "content", "form"),
    [
        pytest.param("Jansen & Zn 'A/B'", b"%27A/B%27", None, id="not half of it"),
        pytest.param("Jansen & Zn", b"<td>Jansen &amp; Zn</td>", Form.ESCAPED, id="HTML"),
        pytest.param("Els d'Arcy", b"VALUES ('Els d''Arcy')", Form.ESCAPED, id="SQL"),
        pytest.param("Els d'Arcy", b"?n=Els%20d'Arcy", Form.URL, id="JavaScript's URL"),
        pytest.param("Korenaar A/B", b"/Korenaar%20A/B", Form.URL, id="a path with slashes"),
        pytest.param(
            "Zo\u00eb de Vries", repr("Zo\u00eb de Vries".encode()).encode(), Form.ESCAPED, id="a log of bytes"
        ),
        pytest.param("Zo\u00eb de Vries", "Zo\u00eb de Vries".encode("latin-1"), Form.LATIN1, id="Latin-1"),
        pytest.param("Zo\u00eb de Vries", "Zo\u00eb de Vries".encode("utf-16"), Form.UTF16, id="UTF-16"),
    ],
)
def test_forms_of_other_programs(value, content, form):
    """What HTML, SQL, browsers and Windows make of a name is found."""
    assert found(value, content) == ({form} if form else set())


@pytest.mark.parametrize("number", ["030 - 123 45 67", "0301234567", "+31 (0)30-1234567", "+31301234567"])
@pytest.mark.parametrize("written", ["0301234567", "+31301234567", "0031301234567", "31301234567"])
def test_phone_numbers_are_found_in_another_spelling(number, written):
    """Digits decide."""
    assert found(number, written.encode())


def test_a_key_is_a_key():
    """It is looked for as it is, and called so."""
    assert found("key: 10001", b"debtors:10001") == {Form.KEY}


@pytest.mark.parametrize("line", ["Jan", "key:", " ab "])
def test_what_would_be_found_anywhere_is_refused(line):
    """One sentence that names the place in the list, and not the value."""
    with pytest.raises(ConfigurationError, match="Value 2 ") as caught:
        parse_values(["jan@korenaar.example", "# a remark", "", line])

    assert "Jan" not in str(caught.value)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=7), st.binary(max_size=9), st.binary(max_size=9))
def test_base64_at_any_place(value, before, behind):
    """Whatever stands around it, what is long enough is found in base64."""
    text = value.strip()
    if len(text.encode()) >= 9 and not text.startswith("#") and text.casefold()[:4] != "key:" and "\n" not in text:
        content = base64.b64encode(before + text.encode() + behind)
        assert Form.BASE64 in found(text, content)
