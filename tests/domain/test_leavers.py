"""Who left how long ago, and who is due for erasure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from afas_mailchimp.audience import Member, MemberStatus
from afas_mailchimp.audience_index import AudienceIndex
from afas_mailchimp.leavers import band, leavers
from afas_mailchimp.survey import Survey
from tests.domain.samples import facts

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TERM = timedelta(days=400)


def index(*members: tuple[str, MemberStatus, int]) -> AudienceIndex:
    """An audience of members with key, status and days since their last change."""
    made = AudienceIndex(tags=(), key_field="AFASID", base_field="AFASSUM", owner="customers")
    for number, (key, status, days) in enumerate(members):
        made.add(Member(f"{number:032x}", status, {"AFASID": key}, last_changed=NOW - timedelta(days=days)))
    return made


def survey() -> Survey:
    """An AFAS with somebody else in it."""
    made = Survey()
    made.add(facts("10099", address="anders@korenaar.example"))
    return made


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, "under_1_year"), (0, "under_1_year"), (364, "under_1_year"), (365, "1_to_2_years"), (730, "over_2_years"),
     (5_000, "over_2_years")],
)  # fmt: skip
def test_bands(days, expected):
    """A clock that is ahead makes nobody old."""
    assert band(timedelta(days=days)) == expected


@pytest.mark.parametrize(
    ("key", "status", "counts"),
    [
        pytest.param("customers:debtors:1-s", MemberStatus.ARCHIVED, True, id="archived by us"),
        pytest.param("customers:debtors:1-t", MemberStatus.ARCHIVED, True, id="archived by us while transactional"),
        pytest.param("customers:debtors:1", MemberStatus.ARCHIVED, False, id="archived by a person"),
        pytest.param("others:debtors:1-s", MemberStatus.ARCHIVED, False, id="of another sync"),
        pytest.param("", MemberStatus.ARCHIVED, False, id="of nobody"),
        pytest.param("customers:debtors:1-s", MemberStatus.SUBSCRIBED, False, id="marked, not yet archived"),
        pytest.param("customers:debtors:1-s", MemberStatus.UNSUBSCRIBED, False, id="the memory of an opt-out"),
        pytest.param("customers:debtors:1-s", MemberStatus.CLEANED, False, id="the memory of a bounce"),
    ],
)
def test_who_is_a_leaver(key, status, counts):
    """Only whom we archived; an opt-out is never erased by a term."""
    found = leavers(index((key, status, 500)), survey(), now=NOW, term=TERM)

    assert found["due_for_erasure"] == counts
    assert found["by_age"]["1_to_2_years"] == counts


def test_without_a_term_nobody_is_listed():
    """Counts by age, that is all."""
    found = leavers(index(("customers:debtors:1-s", MemberStatus.ARCHIVED, 900)), Survey(), now=NOW, term=None)

    assert found == {"by_age": {"under_1_year": 0, "1_to_2_years": 0, "over_2_years": 1}}


def test_who_came_back_is_no_leaver_any_more():
    """A later sight of the same member replaces the earlier one."""
    made = index(("customers:debtors:1-s", MemberStatus.ARCHIVED, 900))
    made.add(Member(f"{0:032x}", MemberStatus.SUBSCRIBED, {"AFASID": "customers:debtors:1"}, last_changed=NOW))

    assert leavers(made, survey(), now=NOW, term=TERM)["due_for_erasure"] == 0


def test_a_source_without_rows_has_lost_its_right():
    """Not all of its people left on one day."""
    left = index(("customers:debtors:1-s", MemberStatus.ARCHIVED, 500))

    assert leavers(left, survey(), now=NOW, term=TERM)["due_for_erasure"] == 1
    assert leavers(left, Survey(), now=NOW, term=TERM)["due_for_erasure"] == 0
