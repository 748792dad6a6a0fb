"""The short way for plain Dutch numbers is the library's answer, sooner: no text is read by one and not the other."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afas_mailchimp import phone_number
from afas_mailchimp.phone_number import by_the_library, normal_number

areas = st.sampled_from([
    "33",
    "10",
    "20",
    "6",
    "61",
    "800",
    "900",
    "88",
    "85",
    "970",
    "14",
    "84",
    "97",
    "66",
    "182",
    "9",
])
spaced = st.text("0123456789 -", min_size=5, max_size=14)


@given(st.one_of(
    st.builds("{}{}{}{}".format, st.sampled_from(["0", "+31", "0031", "+31 ", "0-", "(0", "+310", "(+31) ", ""]), areas,
              st.sampled_from(["", "-", " ", ") ", ")", "/"]), spaced),
    st.text("0123456789 -+()/.x", max_size=16),
    st.from_regex(r"\(0[0-9]{1,4}\)[ -]?[0-9]{5,8}", fullmatch=True),
    st.from_regex(r"(0|\+31|0031)[ -]?[1-9]([ -]?[0-9]){8}", fullmatch=True),
))  # fmt: skip
@settings(max_examples=300)
@example("033-2981234")
@example("06 12 34 56 78")
@example("+31 332981234\n")
@example("0900-1234567")
@example("\u0660\u0663\u0663-2981234")
@example("0332981234 ")
def test_both_ways_agree(text):
    """Whatever somebody typed."""
    assert normal_number(text) == by_the_library(text, "NL")


@pytest.mark.parametrize(
    "text", ["033-2981234", "(033) 298 1234", "06 12 34 56 78", "+31332981234", "0031 33 298 12 34", "0182-123456"]
)
def test_most_numbers_take_the_short_way(text, monkeypatch):
    """Otherwise this would be no faster than before."""
    monkeypatch.setattr(phone_number, "by_the_library", lambda *_: pytest.fail("the library was asked"))
    assert normal_number(text)
