"""The key and base fields: what we write reads back as what it was, and nothing else is taken for ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.member_key import Base, MemberKey, digest, parse_base, parse_member_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("customers:debtors:10001", MemberKey("customers", "debtors", "10001"), id="plain"),
        pytest.param(
            "customers:debtors:10001+", MemberKey("customers", "debtors", "10001", adopted=True), id="adopted"
        ),
        pytest.param(
            "customers:debtors:10001-s",
            MemberKey("customers", "debtors", "10001", archived_from=MemberStatus.SUBSCRIBED),
            id="archived while subscribed",
        ),
        pytest.param(
            "customers:debtors:10001+-t",
            MemberKey("customers", "debtors", "10001", adopted=True, archived_from=MemberStatus.TRANSACTIONAL),
            id="adopted and archived while transactional",
        ),
    ],
)
def test_forms(text: str, key: MemberKey) -> None:
    """The forms of the design, both ways."""
    assert key == parse_member_key(text)
    assert text == str(key)


@pytest.mark.parametrize(
    "text", ["", "10001", "customers:debtors:", "customers:debtors:1:2", "Klant 5", "a:b:c-x", None, 5]
)
def test_foreign_text_is_not_ours(text: object) -> None:
    """What a person typed into the field is never taken for our key."""
    assert parse_member_key(text) is None


@given(
    key=st.text(min_size=1, max_size=16), adopted=st.booleans(), mark=st.sampled_from([None, MemberStatus.SUBSCRIBED])
)
def test_any_afas_key_survives(key: str, *, adopted: bool, mark: MemberStatus | None) -> None:
    """AFAS keys may hold blanks, dashes, colons or letters: they come back as they were."""
    written = MemberKey("customers", "debtors", key, adopted=adopted, archived_from=mark)

    assert written == parse_member_key(str(written))


def test_base_reads_back() -> None:
    """A base keeps address digest, opt-in time and tag digest; a spoilt one is none."""
    base = Base(address=digest("jan@korenaar.example"), opted_in_at=datetime(2026, 3, 1, tzinfo=UTC), tags=digest("a"))

    assert base == parse_base(str(base))
    assert parse_base("") is None
    assert parse_base("weg ermee") is None
    assert parse_base("a:00 o:zz") == Base(address="00")
    assert "korenaar" not in str(base)
