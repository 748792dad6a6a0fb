"""The short way for plain addresses is the library's answer, sooner: no text may be taken by one and not the other."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afas_mailchimp import email_address
from afas_mailchimp.email_address import by_the_library, first_valid_address

LETTERS = "abzAZ019_.+-'@ é"
DOMAINS = [
    "nl",
    "example",
    "test",
    "local",
    "co.uk",
    "arpa",
    "n-l",
    "1",
    "x--y.nl",
    "-a.nl",
    "a-.nl",
    "xn--bcher-kva.nl",
]

local = st.text(LETTERS, max_size=70)
label = st.text("abzAZ09-_", max_size=66)


@given(st.one_of(
    st.emails(),
    st.text(LETTERS, max_size=40),
    st.builds("{}@{}.{}".format, local, label, st.sampled_from(DOMAINS)),
    st.builds("{}@{}.{}.nl".format, local, label, label),
    st.builds(" {}@Korenaar.{} ".format, st.text("ab.-+_", max_size=70), st.sampled_from(DOMAINS)),
))  # fmt: skip
@settings(max_examples=150)
@example(f"{'a' * 64}@korenaar.example")
@example(f"{'a' * 65}@korenaar.example")
@example(f"jan@{'a' * 63}.nl")
@example(f"jan@{'a' * 64}.nl")
@example(f"jan@{'abcdefghi.' * 30}nl")
@example("jan.@korenaar.example")
@example(".jan@korenaar.example")
@example("ja..n@korenaar.example")
@example("jan@korenaar.example\n")
@example("jan@korenaar.example\x00")
@example("jan@KORENAAR.EXAMPLE; els@korenaar.example")
@example("jan@a.test")
@example("jan@ab--cd.example")
@example("\u017fan@korenaar.example")
def test_both_ways_agree(text):
    """Whatever somebody typed."""
    assert first_valid_address(text) == by_the_library(text)


@pytest.mark.parametrize(
    "text", ["jan@korenaar.example", " Jan.de-Vries+nieuws@post.korenaar.example ", "info_1@a-b.example"]
)
def test_plain_ones_need_no_library(text, monkeypatch):
    """Else the short way would be no short way."""
    monkeypatch.setattr(email_address, "by_the_library", None)

    assert first_valid_address(text) == text.strip().lower()
