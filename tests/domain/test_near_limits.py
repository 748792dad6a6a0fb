"""Limits that a run came near to: told from half of the limit on, until the run itself tells of it."""

from __future__ import annotations

import pytest

from afas_mailchimp.near_limits import Limit, near_limits
from afas_mailchimp.page_text import Speaker
from afas_mailchimp.page_words import Language
from tests.domain.samples import sync_of
from tests.page.seen import NOW, report

LIMITS = sync_of(limits={"max_created": 200}).limits
MANY = {"subscribed": 900, "transactional": 60, "unsubscribed": 400, "cleaned": 30, "archived": 5000}
MORE = {**MANY, "subscribed": 1400}
FEW = {"subscribed": 20}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(report(archived=40, audience=MANY), [(Limit.ARCHIVE, 40, 1000, 5)], id="four of five percent"),
        pytest.param(report(archived=24, audience=MANY), [], id="less than half"),
        pytest.param(report(archived=60, audience=MANY), [], id="above it the run says so itself"),
        pytest.param(report(archived=1, audience=FEW), [], id="a percentage of few says little"),
        pytest.param(report(archived=40), [], id="nobody knows of how many"),
        pytest.param(
            report(unsubscribed=40, audience=MANY), [(Limit.UNSUBSCRIBED, 40, 1000, 5)], id="opted out by AFAS"
        ),
        pytest.param(report(read=100, rejected=10), [(Limit.REJECTED, 10, 100, 10)], id="as many as are allowed"),
        pytest.param(report(read=25, rejected=2), [], id="few rows"),
        pytest.param(report(created=150), [(Limit.CREATED, 150, None, 200)], id="a number is no percentage"),
        pytest.param(report(read=1000, created=99), [], id="an ordinary run"),
    ],
)
def test_from_half_of_a_limit_on(made, expected):
    """The limit, what the run did, and of how many: members that it took out were among them."""
    assert [(near.limit, near.count, near.of, near.allowed) for near in near_limits(made, LIMITS)] == expected


def test_a_limit_of_none_at_all_is_never_near():
    """Zero percent and no limit have no half."""
    limits = sync_of(limits={"max_archive_percent": 0}).limits

    assert near_limits(report(archived=1, created=9000, audience=MANY), limits) == ()


@pytest.mark.parametrize(
    ("made", "language", "expected"),
    [
        (report(archived=43, audience=MORE), Language.ENGLISH, "archived 43 members (2.9%); above 5% it"),
        (report(archived=43, audience=MORE), Language.DUTCH, "archiveerde 43 leden (2,9%); boven 5%"),
        (report(created=150), Language.ENGLISH, "created 150 members; above 200 it creates none (max_created)"),
    ],
)
def test_a_near_limit_in_words(made, language, expected):
    """With its share, and what happens above it."""
    (near,) = near_limits(made, LIMITS)

    assert expected in Speaker(language, NOW).near(near)
