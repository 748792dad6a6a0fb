"""The mark of an Airflow in a help text: what a person wrote stays, each owner has one, the newest stands last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.instance_mark import LONGEST, marks_of, warning, with_mark

OWN = "Set by the AFAS link."
names = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
marks = st.from_regex(r"[0-9a-f]{8}", fullmatch=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "[Airflow customers=0a1b2c3d]", id="empty"),
        pytest.param(OWN, f"{OWN} [Airflow customers=0a1b2c3d]", id="a person's text stays"),
        pytest.param(f"{OWN} [Airflow customers=ffff0000]", f"{OWN} [Airflow customers=0a1b2c3d]", id="replaced"),
        pytest.param("[Airflow leads=11112222]", "[Airflow leads=11112222 customers=0a1b2c3d]", id="beside another"),
        pytest.param("[Airflow customers=1 leads=2]", "[Airflow leads=2 customers=0a1b2c3d]", id="the newest last"),
        pytest.param("[Airflow ???]", "[Airflow customers=0a1b2c3d]", id="rubbish goes"),
        pytest.param("Say [Airflow] once", "Say [Airflow] once [Airflow customers=0a1b2c3d]", id="no mark at the end"),
    ],
)
def test_with_mark(before: str, after: str) -> None:
    """One row for each thing that can stand there."""
    assert with_mark(before, "customers", "0a1b2c3d") == after


@given(st.text(max_size=80), st.lists(st.tuples(names, marks), min_size=1, max_size=12))
def test_the_last_mark_can_always_be_read(text: str, written: list[tuple[str, str]]) -> None:
    """Whatever a person wrote, and however many owners there are; and the text stays short."""
    for owner, instance in written:
        text = with_mark(text, owner, instance)

    assert marks_of(text)[written[-1][0]] == written[-1][1]
    assert len(text) <= LONGEST
    assert with_mark(text, *written[-1]) == text


@pytest.mark.parametrize(
    ("help_text", "warned"),
    [
        pytest.param("", False, id="nobody's"),
        pytest.param("[Airflow customers=0a1b2c3d]", False, id="ours"),
        pytest.param("[Airflow customers=ffff0000]", True, id="another's"),
        pytest.param("[Airflow leads=ffff0000]", False, id="of another owner"),
    ],
)
def test_when_it_warns(help_text: str, warned: bool) -> None:
    """Only of another Airflow with the same owner."""
    sentence = warning(help_text, "customers", "0a1b2c3d", sync="klanten")

    assert (sentence is not None) == warned
    if sentence:
        assert "ffff0000" in sentence
        assert "sync klanten" in sentence
