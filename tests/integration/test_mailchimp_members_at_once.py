"""All members of an audience, several pages at once: as many calls as pages, and nobody hidden by a change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from afas_mailchimp.audience import Member, MemberStatus
from hooks.mailchimp import MailchimpHook
from tests.integration.conftest import LIST, Stand

PAGE = 10
LONG_AGO = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def small_pages(mailchimp_hook: MailchimpHook, monkeypatch: pytest.MonkeyPatch) -> MailchimpHook:
    """Pages of ten."""
    monkeypatch.setattr("hooks.mailchimp.PAGE", PAGE)
    monkeypatch.setattr("hooks.afas_mailchimp_mailchimp_paging.OVERLAP", 1)
    return mailchimp_hook


def _address(number: int) -> str:
    return f"lid{number}@thuis.example"


def _id(address: str) -> str:
    return hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()


def _seed(stand: Stand, count: int, *, in_a_second: int = 1) -> list[str]:
    members = [
        {
            "email_address": _address(number),
            "last_changed": (LONG_AGO + timedelta(seconds=number // in_a_second)).isoformat(),
        }
        for number in range(count)
    ]
    stand.control.seed(members=members)
    stand.control.clear_log()
    return [_id(_address(number)) for number in range(count)]


def _pages(hook: MailchimpHook) -> Iterator[tuple[Member, ...]]:
    return hook.members(LIST, status=MemberStatus.SUBSCRIBED, tags=())


def _ids(hook: MailchimpHook) -> list[str]:
    return [member.id for page in _pages(hook) for member in page]


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (1, 1), (10, 1), (11, 2), (95, 10), (100, 10), (101, 11)])
def test_as_many_calls_as_pages(mailchimp: Stand, small_pages: MailchimpHook, count: int, calls: int) -> None:
    """Of an audience that holds still: no look at where pages begin, no empty page at the end."""
    expected = _seed(mailchimp, count)

    found = _ids(small_pages)

    assert sorted(expected) == sorted(found)
    assert calls == len(mailchimp.queries("members"))


def test_no_more_connections_than_allowed(mailchimp: Stand, small_pages: MailchimpHook) -> None:
    """The default is five of Mailchimp's ten."""
    _seed(mailchimp, 300)
    mailchimp.control.latency(per_call=0.02)

    _ids(small_pages)

    assert 5 == mailchimp.control.stats()["peak_in_flight"]


def test_ties_on_borders_cost_a_call_each(mailchimp: Stand, small_pages: MailchimpHook) -> None:
    """Members of one second come in any order; where such a second lies on a border, it alone is read again."""
    expected = _seed(mailchimp, 100, in_a_second=4)

    found = _ids(small_pages)

    assert sorted(expected) == sorted(found)
    assert len(mailchimp.queries("members")) <= 10 + 5


@pytest.mark.parametrize("behind", [1, 2, 3, 6])
@pytest.mark.parametrize(
    "verbs",
    [
        pytest.param([("unsubscribe", "email")], id="one leaves"),
        pytest.param([("person_edits", "email")], id="one changes"),
        pytest.param([("person_signs_up", "email")], id="one joins"),
        pytest.param([("unsubscribe", "email"), ("person_signs_up", "email")], id="one leaves and one joins"),
        pytest.param([("forget", "email"), ("person_edits", "email")], id="one is deleted and one changes"),
    ],
)
def test_changes_meanwhile_hide_nobody(
    mailchimp: Stand, small_pages: MailchimpHook, behind: int, verbs: list[tuple[str, str]]
) -> None:
    """A change shifts the others across the borders of pages; whoever was and stays there is read all the same."""
    expected = _seed(mailchimp, 75)
    who = {"unsubscribe": 3, "forget": 4, "person_edits": 5, "person_signs_up": 900}
    extra = {"person_edits": {"merge_fields": {"FNAME": "Piet"}}}
    actions = [{"verb": verb, "arguments": {name: _address(who[verb]), **extra.get(verb, {})}} for verb, name in verbs]
    mailchimp.control.call("after_requests", count=behind, actions=actions)

    found = _ids(small_pages)

    touched = {_id(_address(who[verb])) for verb, _ in verbs}
    assert set(expected) - touched <= set(found)
    assert len(found) == len(set(found))


def test_what_is_not_taken_is_not_read(mailchimp: Stand, small_pages: MailchimpHook) -> None:
    """Pages are read ahead, five at most: who is slow to take them holds no whole audience in memory."""
    _seed(mailchimp, 400)
    pages = _pages(small_pages)
    next(pages), next(pages)

    asked = len(mailchimp.queries("members"))
    pages.close()  # type: ignore[attr-defined]

    assert asked <= 1 + 6
