"""MailchimpHook for write-back, over HTTP: who changed, with what, and when somebody opted out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.errors import ConfigurationError, SyncError
from afas_mailchimp.member_news import Detail, MemberNews
from hooks.mailchimp import MailchimpHook
from sandbox.mailchimp import API_KEY
from tests.integration.conftest import LIST, Canned, Connect, Stand
from tests.integration.leaks import found_in

SINCE = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
ASKABLE = frozenset(MemberStatus) - {MemberStatus.ARCHIVED}
JAN = "jan@bakkerij-de-korenaar.example"


def _address(number: int) -> str:
    return f"klant{number}@bakkerij-de-korenaar.example"


def _id(address: str) -> str:
    return hashlib.md5(address.lower().encode()).hexdigest()


def _member(address: str, seconds: int, **more: object) -> dict[str, object]:
    changed = (SINCE + timedelta(seconds=seconds)).isoformat()
    return {"email_address": address, "last_changed": changed, **more}


def _news(
    hook: MailchimpHook,
    *tags: str,
    since: datetime | None = SINCE,
    statuses: Collection[MemberStatus] = ASKABLE,
    details: Collection[Detail] = (),
) -> list[MemberNews]:
    pages = hook.news(LIST, since=since, statuses=statuses, tags=tags, details=details)
    return [each for page in pages for each in page]


def _addresses(found: list[MemberNews]) -> list[str]:
    return [each.address for each in found]


@pytest.fixture
def pages_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pages, so that few members make many."""
    monkeypatch.setattr("hooks.mailchimp.PAGE", 3)
    monkeypatch.setattr("hooks.afas_mailchimp_mailchimp_paging.OVERLAP", 1)


# ---- since when


@pytest.mark.parametrize(
    "statuses", [pytest.param(ASKABLE, id="several"), pytest.param({MemberStatus.SUBSCRIBED}, id="one")]
)
@pytest.mark.parametrize(
    "since",
    [
        pytest.param(SINCE, id="whole second"),
        pytest.param(SINCE.replace(microsecond=999_999), id="part of a second"),
        pytest.param(SINCE.astimezone(timezone(timedelta(hours=1))), id="another zone"),
    ],
)
def test_the_second_itself_is_not_news(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, since: datetime, statuses: Collection[MemberStatus]
) -> None:
    """A change in the second asked for is known; one a second later is news."""
    mailchimp.control.seed(members=[_member(_address(n), n - 1) for n in range(4)])

    assert [_address(2), _address(3)] == _addresses(_news(mailchimp_hook, since=since, statuses=statuses))


def test_an_overlap_repeats_and_loses_nothing(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Who changed in the last second seen, after it was read, is found by going back two seconds."""
    mailchimp.control.seed(members=[_member(_address(1), 5)])
    [first] = _news(mailchimp_hook)
    mailchimp.control.seed(members=[_member(_address(2), 5)])

    assert first.last_changed is not None
    assert [] == _news(mailchimp_hook, since=first.last_changed)
    again = _news(mailchimp_hook, since=first.last_changed - timedelta(seconds=2))
    assert sorted([_address(1), _address(2)]) == sorted(_addresses(again))


@pytest.mark.parametrize(
    "statuses", [pytest.param(ASKABLE, id="several"), pytest.param({MemberStatus.CLEANED}, id="one")]
)
def test_no_news_costs_one_call(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, statuses: Collection[MemberStatus]
) -> None:
    """A run every minute is cheap when nothing happened."""
    mailchimp.control.seed(members=[_member(_address(n), 0, status="cleaned") for n in range(5)])

    assert [] == _news(mailchimp_hook, statuses=statuses)
    assert 1 == mailchimp_hook.calls


@pytest.mark.parametrize(
    ("since", "statuses", "readings"),
    [
        pytest.param(SINCE, ASKABLE, [None], id="several, changed"),
        pytest.param(SINCE, {MemberStatus.UNSUBSCRIBED}, ["unsubscribed"], id="one, changed"),
        pytest.param(
            SINCE, {MemberStatus.UNSUBSCRIBED, MemberStatus.ARCHIVED}, ["unsubscribed"], id="archived as well"
        ),
        pytest.param(None, {MemberStatus.UNSUBSCRIBED, MemberStatus.CLEANED}, ["unsubscribed", "cleaned"], id="all"),
        pytest.param(SINCE, {MemberStatus.ARCHIVED}, [], id="archived alone"),
        pytest.param(SINCE, (), [], id="none"),
    ],
)
def test_how_many_readings(
    mailchimp: Stand,
    mailchimp_hook: MailchimpHook,
    since: datetime | None,
    statuses: Collection[MemberStatus],
    readings: list[str | None],
) -> None:
    """What changed comes in one reading, everything status by status; archived members are never asked for."""
    _news(mailchimp_hook, since=since, statuses=statuses)

    asked = [parse_qs(query) for query in mailchimp.queries("/members")]
    assert readings == [each.get("status", [None])[0] for each in asked]
    assert all(("since_last_changed" in each) is (since is not None) for each in asked)


@pytest.mark.parametrize("since", [SINCE, None], ids=["changed", "all"])
@pytest.mark.parametrize("status", list(MemberStatus))
def test_each_status_apart(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, status: MemberStatus, since: datetime | None
) -> None:
    """Only members with a status asked for come; archived ones never, also where Mailchimp lists them."""
    mailchimp.control.call("switch", name="archived_in_list", value=True)
    mailchimp.control.seed(
        members=[_member(_address(n), 1 + n, status=each.value) for n, each in enumerate(MemberStatus)]
    )

    expected = [status] if status in ASKABLE else []
    assert expected == [each.status for each in _news(mailchimp_hook, since=since, statuses={status})]
    both = _news(mailchimp_hook, since=since, statuses={status, MemberStatus.PENDING, MemberStatus.ARCHIVED})
    assert {*expected, MemberStatus.PENDING} == {each.status for each in both}


@pytest.mark.parametrize(
    "statuses", [pytest.param(ASKABLE, id="several"), pytest.param({MemberStatus.SUBSCRIBED}, id="one")]
)
def test_a_moment_that_is_ignored(canned: Canned, connect: Connect, statuses: Collection[MemberStatus]) -> None:
    """Mailchimp ignores a time that it cannot read: the whole audience must not pass for changed."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    old = {"id": _id(JAN), "email_address": JAN, "status": "subscribed", "last_changed": "2026-03-01T09:59:59+00:00"}
    canned.says(200, {"members": [old], "total_items": 1}, Content_Type="application/json")

    with pytest.raises(SyncError, match="did not change since the moment asked for") as raised:
        _news(MailchimpHook(), statuses=statuses)

    assert [] == found_in(str(raised.value), [JAN, _id(JAN)])


def test_a_border_that_is_not_exclusive(canned: Canned, connect: Connect) -> None:
    """Should Mailchimp return the second itself, it is no news, and no reason to stop either."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    known = {"id": _id(JAN), "email_address": JAN, "status": "subscribed", "last_changed": SINCE.isoformat()}
    canned.says(200, {"members": [known], "total_items": 1}, Content_Type="application/json")

    assert [] == _news(MailchimpHook())


def test_a_moment_without_a_zone(mailchimp_hook: MailchimpHook) -> None:
    """It would be read as the time of whatever machine this is."""
    with pytest.raises(ValueError, match="with a zone"):
        _news(mailchimp_hook, since=SINCE.replace(tzinfo=None))


# ---- many, and while they change


@pytest.mark.usefixtures("pages_of_three")
@pytest.mark.parametrize("since", [SINCE, None], ids=["changed", "all"])
@pytest.mark.parametrize("apart", [1, 0], ids=["many moments", "one second"])
def test_more_than_a_page(mailchimp: Stand, mailchimp_hook: MailchimpHook, since: datetime | None, apart: int) -> None:
    """All come, each once, however many share a second; the moment asked for holds for each page."""
    statuses = ("subscribed", "unsubscribed", "archived")
    mailchimp.control.call("switch", name="archived_in_list", value=True)
    mailchimp.control.seed(
        members=[_member(_address(n), 1 + n * apart, status=statuses[n % 3]) for n in range(24)]
        + [_member(_address(n), -5) for n in range(100, 110)]
    )

    found = _addresses(_news(mailchimp_hook, since=since))

    expected = [_address(n) for n in range(24) if n % 3 != 2]
    if since is None:
        expected += [_address(n) for n in range(100, 110)]
    assert sorted(expected) == sorted(found)


@pytest.mark.usefixtures("pages_of_three")
def test_who_changes_while_it_is_read(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Nobody is hidden by others who move on; who changes comes once now, and is news again afterwards."""
    mailchimp.control.seed(members=[_member(_address(n), 1 + n) for n in range(12)])
    mailchimp.control.call(
        "after_requests",
        count=2,
        actions=[
            {"verb": "unsubscribe", "arguments": {"email": _address(0)}},
            {"verb": "person_edits", "arguments": {"email": _address(11), "merge_fields": {"FNAME": "Piet"}}},
            {"verb": "archive", "arguments": {"email": _address(10)}},
        ],
    )

    found = _news(mailchimp_hook)
    later = _news(mailchimp_hook, since=SINCE + timedelta(seconds=60))

    assert sorted(_address(n) for n in range(12) if n != 10) == sorted(_addresses(found))
    assert sorted([_address(0), _address(11)]) == sorted(_addresses(later))


@pytest.mark.usefixtures("pages_of_three")
def test_a_second_reading_has_the_same_beginning(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Somebody counted who leaves unseen makes a new reading, of what changed and not of everything."""
    mailchimp.control.seed(members=[_member(_address(n), 1 + n if n < 12 else -9) for n in range(40)])
    actions = [{"verb": "archive", "arguments": {"email": _address(10)}}]
    mailchimp.control.call("after_requests", count=1, actions=actions)

    found = _addresses(_news(mailchimp_hook))

    beginning = SINCE.isoformat()
    asked = [parse_qs(query)["since_last_changed"][0] for query in mailchimp.queries("/members")]
    assert [_address(n) for n in range(12) if n != 10] == found
    assert 2 == asked.count(beginning)
    assert beginning == min(asked)


@pytest.mark.parametrize(
    ("status", "verb", "readings"),
    [
        pytest.param("subscribed", "unsubscribe", 3, id="unsubscribes"),
        pytest.param("pending", "person_signs_up", 1, id="confirms"),
    ],
)
def test_who_moves_between_two_readings(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, status: str, verb: str, readings: int
) -> None:
    """When everything is read status by status, a member who moves on is met twice and comes once."""
    mailchimp.control.seed(members=[_member(JAN, 1, status=status)])
    mailchimp.control.call("after_requests", count=readings, actions=[{"verb": verb, "arguments": {"email": JAN}}])

    [found] = _news(mailchimp_hook, since=None)

    assert (JAN, status) == (found.address, found.status)
    assert status != mailchimp.control.dump()["members"][0]["status"]


# ---- what is asked for


def test_only_what_is_needed(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Without fields and details neither is fetched."""
    mailchimp.control.seed(members=[_member(JAN, 1, merge_fields={"FNAME": "Jan"})])

    [found] = _news(mailchimp_hook)

    [asked] = [parse_qs(query) for query in mailchimp.queries("/members")]
    names = ("id", "email_address", "status", "timestamp_opt", "last_changed")
    assert {"total_items", *(f"members.{name}" for name in names)} == set(asked["fields"][0].split(","))
    assert ({}, {}) == (found.merge_fields, found.details)


@pytest.mark.parametrize(
    ("detail", "name", "expected"),
    [
        pytest.param(Detail.LANGUAGE, "language", "nl", id="language"),
        pytest.param(Detail.RATING, "member_rating", 4, id="rating"),
        pytest.param(Detail.OPEN_RATE, "stats", 0.25, id="open rate"),
        pytest.param(Detail.CLICK_RATE, "stats", 0, id="no clicks is a figure"),
        pytest.param(Detail.REASON, "unsubscribe_reason", "Te veel mail", id="reason"),
    ],
)
def test_each_detail(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, detail: Detail, name: str, expected: object
) -> None:
    """A detail is fetched when it is asked for, and then alone."""
    mailchimp.control.seed(members=[_member(JAN, 1)])
    mailchimp.control.call("unsubscribe", email=JAN, reason="Te veel mail")
    mailchimp.control.call("mailchimp_figures", email=JAN, member_rating=4, avg_open_rate=0.25, language="nl")

    [found] = _news(mailchimp_hook, details={detail})

    [asked] = [parse_qs(query) for query in mailchimp.queries("/members")]
    optional = {f"members.{each}" for each in ("language", "member_rating", "stats", "unsubscribe_reason")}
    assert {detail: expected} == found.details
    assert {f"members.{name}"} == optional & set(asked["fields"][0].split(","))


def test_what_is_blank_is_absent(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """No language, no reason, and a merge field that the audience does not have: nothing to write back."""
    mailchimp.control.seed(members=[_member(JAN, 1, merge_fields={"FNAME": "Jan"})])

    [found] = _news(mailchimp_hook, "FNAME", "LNAME", "WEG", details=set(Detail))

    assert {"FNAME": "Jan", "LNAME": ""} == found.merge_fields
    assert {Detail.RATING: 2, Detail.OPEN_RATE: 0, Detail.CLICK_RATE: 0} == found.details


def test_the_times(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Both times are in UTC; one that Mailchimp does not have is none."""
    opted_in = "2025-12-31T23:30:00+00:00"
    mailchimp.control.seed(members=[_member(JAN, 1, timestamp_opt=opted_in), _member(_address(1), 2, timestamp_opt="")])

    found = _news(mailchimp_hook)

    assert [datetime.fromisoformat(opted_in), None] == [each.opted_in_at for each in found]
    assert [SINCE + timedelta(seconds=n) for n in (1, 2)] == [each.last_changed for each in found]


def test_nobody_is_shown(mailchimp: Stand, mailchimp_hook: MailchimpHook, all_logs: pytest.LogCaptureFixture) -> None:
    """Neither a representation nor a log nor a URL has an address, a name or what somebody said."""
    mailchimp.control.seed(members=[_member(JAN, 1, merge_fields={"FNAME": "Johannes"})])
    mailchimp.control.call("unsubscribe", email=JAN, reason="Te veel mail")

    found = _news(mailchimp_hook, "FNAME", details=set(Detail))
    mailchimp_hook.opted_out_at(LIST, found[0].id)

    urls = [f"{entry['path']}?{entry['query']}" for entry in mailchimp.control.log()]
    secrets = [JAN, "bakkerij-de-korenaar", "Johannes", "Te veel mail"]
    assert (JAN, "Johannes", "Te veel mail") == (
        found[0].address,
        found[0].merge_fields["FNAME"],
        found[0].details[Detail.REASON],
    )
    assert [] == found_in("\n".join([repr(found), all_logs.text]), secrets)
    # Mailchimp names a member by a hash of the address, so that one is in a URL, and nothing else.
    assert [] == found_in("\n".join(urls).replace(_id(JAN), ""), secrets)
    assert [] == found_in(repr(found), [_id(JAN)])


def test_an_audience_that_is_not_there(mailchimp_hook: MailchimpHook) -> None:
    """A wrong list_id is a mistake in the sync file here as well."""
    with pytest.raises(ConfigurationError, match="does not know this audience"):
        next(mailchimp_hook.news("ffffffffff", since=SINCE, statuses=ASKABLE, tags=(), details=()))


# ---- when somebody opted out


def test_the_latest_opt_out(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Of several the latest counts, whatever their order; nothing else about the member is fetched."""
    mailchimp.control.call("switch", name="unsorted_order", value="shuffled")
    mailchimp.control.seed(members=[_member(JAN, 1)])
    for day in range(1, 13):
        mailchimp.control.call("clock", at=f"2026-02-{day:02}T10:00:00+00:00")
        mailchimp.control.call("unsubscribe", email=JAN)
        mailchimp.control.call("person_signs_up", email=JAN)

    assert datetime(2026, 2, 12, 10, tzinfo=UTC) == mailchimp_hook.opted_out_at(LIST, _id(JAN))

    [asked] = [parse_qs(query) for query in mailchimp.queries("/activity-feed")]
    assert ["unsub"] == asked["activity_filters"]
    assert ["activity.activity_type,activity.created_at_timestamp"] == asked["fields"]


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed"])
def test_no_opt_out_is_told(mailchimp: Stand, mailchimp_hook: MailchimpHook, status: str) -> None:
    """Who never unsubscribed, was imported so, or is not there has no such moment."""
    mailchimp.control.seed(members=[_member(JAN, 1, status=status)])

    assert mailchimp_hook.opted_out_at(LIST, _id(JAN)) is None
    assert mailchimp_hook.opted_out_at(LIST, "0" * 32) is None
    with pytest.raises(ValueError, match="by the MD5 hash"):
        mailchimp_hook.opted_out_at(LIST, JAN)


def test_other_activities_are_no_opt_out(canned: Canned, connect: Connect) -> None:
    """Should the filter be ignored, an open is not taken for an opt-out, and what cannot be read is left out."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    activity = [
        {"activity_type": "open", "created_at_timestamp": "2026-02-03T10:00:00+00:00"},
        {"activity_type": "unsub", "created_at_timestamp": "2026-02-01T10:00:00+00:00"},
        {"activity_type": "unsub", "created_at_timestamp": ""},
    ]
    canned.says(200, {"activity": activity}, Content_Type="application/json")

    assert datetime(2026, 2, 1, 10, tzinfo=UTC) == MailchimpHook().opted_out_at(LIST, _id(JAN))
