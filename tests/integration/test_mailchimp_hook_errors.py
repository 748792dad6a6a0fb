"""MailchimpHook when Mailchimp refuses, fails or is away: what is tried again, what is said, what is never said."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from afas_mailchimp.audience import MemberStatus, NewMember, Refusal
from afas_mailchimp.errors import ConfigurationError, RefusedError, SyncError, TemporaryError
from hooks.afas_mailchimp_mailchimp_answers import refusal_of
from hooks.mailchimp import MailchimpHook
from sandbox.mailchimp import API_KEY
from tests.integration.conftest import LIST, Canned, Connect, Patience, Stand
from tests.integration.leaks import copied, everything_said, found_in

ADDRESS = "jan@bakkerij-de-korenaar.example"
HASH = hashlib.md5(ADDRESS.encode()).hexdigest()
SECRETS = (ADDRESS, "korenaar", HASH, API_KEY, API_KEY[:16], "YWlyZmxvdzo", "Zoë")
JAN = NewMember(
    id=HASH,
    address=ADDRESS,
    status=MemberStatus.SUBSCRIBED,
    merge_fields={"FNAME": "Zoë"},
    opted_in_at=datetime(2026, 1, 1, tzinfo=UTC),
)

PASSING = [
    pytest.param({"kind": "429"}, id="429"),
    pytest.param({"kind": "403_empty"}, id="403 without a body"),
    pytest.param({"kind": "html", "status": 403}, id="HTML 403 of the firewall"),
    pytest.param({"kind": "html", "status": 502}, id="HTML 502"),
    pytest.param({"kind": "html", "status": 200}, id="HTML 200"),
    pytest.param({"kind": "500"}, id="500"),
    pytest.param({"kind": "503", "seconds": 3}, id="503 without a body"),
    pytest.param({"kind": "reset"}, id="reset"),
    pytest.param({"kind": "truncated"}, id="truncated"),
    pytest.param({"kind": "empty"}, id="empty 200"),
]


def _says(canned: Canned, connect: Connect, status: int, title: str, detail: str) -> MailchimpHook:
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    body = {"title": title, "status": status, "detail": detail}
    canned.says(status, body, Content_Type="application/problem+json; charset=utf-8")
    return MailchimpHook()


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, patience: Patience, fault: dict[str, object]
) -> None:
    """The official client would return some of these as a result: none is taken for success."""
    mailchimp.control.seed(members=[{"email_address": ADDRESS}])
    mailchimp.control.fail(**{"count": 2, **fault})

    found = mailchimp_hook.member(LIST, HASH)

    assert found is not None
    assert HASH == found.id
    assert 2 == len(patience.slept)


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_ends_after_six_tries(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, patience: Patience, all_logs, capfd, fault: dict[str, object]
) -> None:
    """Tries are bounded; the error can be pickled (the client's own cannot), and says nothing of anybody."""
    mailchimp.control.fail(**{"count": None, **fault})

    with pytest.raises(TemporaryError) as caught:
        mailchimp_hook.create_members(LIST, [JAN])

    assert (5, 6) == (len(patience.slept), mailchimp_hook.calls)
    assert str(caught.value) == str(copied(caught.value))
    assert [] == found_in(everything_said(caught.value, all_logs) + "".join(capfd.readouterr()), SECRETS)


def test_a_long_wait_is_left_to_the_scheduler(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, patience: Patience
) -> None:
    """Nobody sleeps for an hour inside a task."""
    mailchimp.control.fail("503", seconds=3600, count=None)

    with pytest.raises(TemporaryError) as caught:
        mailchimp_hook.audience(LIST)

    assert (3600.0, []) == (caught.value.retry_after, patience.slept)


@pytest.mark.parametrize(
    ("status", "problem", "sentence"),
    [
        pytest.param(401, ("API Key Invalid", "Your API key may be invalid"), "does not accept the API key", id="key"),
        pytest.param(
            403, ("Forbidden", "The API key provided is linked to datacenter 'us6'"), "another Mailchimp data", id="dc"
        ),
        pytest.param(
            403, ("User action not permitted", "User does not have access"), "may not do this", id="role without rights"
        ),
        pytest.param(
            403, ("Forbidden", "API Access has been disabled for this account."), "switched off", id="account"
        ),
        pytest.param(402, ("Payment Required", "Payment is required"), "switched off", id="payment"),
        pytest.param(404, ("Resource Not Found", "could not be found"), "does not know this audience", id="audience"),
    ],
)
def test_what_a_person_must_mend_is_said_at_once(
    canned: Canned, connect: Connect, all_logs, status: int, problem: tuple[str, str], sentence: str
) -> None:
    """One sentence that says what to do, and one call."""
    hook = _says(canned, connect, status, problem[0], f"{problem[1]} {ADDRESS}")

    with pytest.raises(ConfigurationError, match=sentence) as caught:
        hook.create_members(LIST, [JAN])

    assert 1 == hook.calls
    assert str(caught.value) == str(copied(caught.value))
    assert [] == found_in(everything_said(caught.value, all_logs), SECRETS)


@pytest.mark.parametrize(
    ("detail", "title", "refusal"),
    [
        pytest.param(
            "{} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.",
            "Member In Compliance State",
            Refusal.COMPLIANCE,
            id="compliance",
        ),
        pytest.param(
            "{} is already a list member in compliance state due to unsubscribe, bounce, or compliance review",
            "Invalid Resource",
            Refusal.COMPLIANCE,
            id="compliance, as POST says it",
        ),
        pytest.param(
            "{} was permanently deleted and cannot be re-imported.",
            "Forgotten Email Not Subscribed",
            Refusal.FORGOTTEN,
            id="forgotten",
        ),
        pytest.param("{} is already a list member.", "Member Exists", Refusal.EXISTS, id="exists"),
        pytest.param("{} looks fake or invalid, please", "Invalid Resource", Refusal.LOOKS_FAKE, id="fake"),
        pytest.param("{} has signed up to a lot of lists very", "Invalid Resource", Refusal.MANY_LISTS, id="many"),
        pytest.param("Please provide a valid email address.", "Invalid Resource", Refusal.BAD_ADDRESS, id="address"),
        pytest.param("Your merge fields were invalid.", "Invalid Resource", Refusal.MERGE_FIELDS, id="merge fields"),
        pytest.param("Something about {} that is new", "Invalid Resource", Refusal.OTHER, id="anything else"),
    ],
)
def test_refusals_are_kept_by_kind_alone(
    canned: Canned, connect: Connect, all_logs, detail: str, title: str, refusal: Refusal
) -> None:
    """The vendor's text repeats the address; what is kept is the kind."""
    hook = _says(canned, connect, 400, title, detail.format(ADDRESS))

    with pytest.raises(RefusedError) as caught:
        hook.unsubscribe(LIST, HASH)

    assert (400, refusal) == (caught.value.status, caught.value.refusal)
    assert repr(caught.value) == repr(copied(caught.value))
    assert [] == found_in(everything_said(caught.value, all_logs), SECRETS)


@pytest.mark.parametrize(
    ("field", "refusal"),
    [
        ("merge_fields.FNAME", Refusal.MERGE_FIELDS),
        ("members.3.merge_fields.LTV", Refusal.MERGE_FIELDS),
        ("LNAME", Refusal.MERGE_FIELDS),
        ("email_address", Refusal.BAD_ADDRESS),
        ("status", Refusal.STATUS_REQUIRED),
        ("members.0", Refusal.OTHER),
        ("", Refusal.OTHER),
    ],
)
def test_refusals_by_the_field(field: str, refusal: Refusal) -> None:
    """A violation of the schema has one text for all: the field tells which it was."""
    text = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."

    assert refusal == refusal_of({"detail": text, "errors": [{"field": field, "message": "x"}]})
    assert refusal == refusal_of({"error": text, "error_code": "ERROR_GENERIC", "field": field})


def test_the_word_server_is_not_replaced(canned: Canned, connect: Connect) -> None:
    """The official client puts the data centre wherever a URL says ``server``."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/server", password=API_KEY)
    canned.says(200, {"id": "server1", "name": "x"}, Content_Type="application/json")

    MailchimpHook().audience("server1")

    assert canned.asked[0][1].startswith("/server/lists/server1?")


def test_a_good_answer_that_calls_itself_something_else(canned: Canned, connect: Connect) -> None:
    """The client parses only what has the right Content-Type; what it is decides, not what it says."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    canned.says(200, {"id": "a1b2c3", "name": "Klanten"}, Content_Type="text/html")

    assert "Klanten" == MailchimpHook().audience("a1b2c3").name


def test_connections_are_kept_and_redirects_are_not_followed(canned: Canned, connect: Connect) -> None:
    """The client opens a connection per call and goes wherever an answer points; we do neither."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    canned.says(200, {"id": "a1b2c3"}, Content_Type="application/json")
    canned.says(200, {"id": "a1b2c3"}, Content_Type="application/json")
    canned.says(307, Location=f"{canned.url}/elsewhere")
    hook = MailchimpHook()
    hook.audience("a1b2c3")
    hook.audience("a1b2c3")

    with pytest.raises(ConfigurationError, match="redirect"):
        hook.audience("a1b2c3")

    assert 1 == len(canned.ports)
    assert not any("elsewhere" in path for _, path, _ in canned.asked)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}], ids=["not a number", "not JSON"])
def test_what_cannot_be_sent_is_an_error_of_ours(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, all_logs, value: object
) -> None:
    """It is said before the call, without the value; nothing is sent."""
    member = NewMember(
        id=HASH,
        address=ADDRESS,
        status=MemberStatus.SUBSCRIBED,
        merge_fields={"LTV": value},  # type: ignore[dict-item]
        opted_in_at=JAN.opted_in_at,
    )

    with pytest.raises(SyncError) as caught:
        mailchimp_hook.create_members(LIST, [member])

    assert type(caught.value) is SyncError
    assert [] == mailchimp.control.log()
    assert [] == found_in(everything_said(caught.value, all_logs), SECRETS)


def test_good_calls_leak_nothing(mailchimp: Stand, mailchimp_hook: MailchimpHook, all_logs, capfd) -> None:
    """Also when all goes well: no URL with a hash, no body, no key, at DEBUG either."""
    answer = mailchimp_hook.create_members(LIST, [JAN])
    mailchimp_hook.member(LIST, HASH)
    mailchimp_hook.unsubscribe(LIST, HASH)
    mailchimp_hook.archive(LIST, HASH)

    assert [] == found_in(everything_said(None, all_logs) + "".join(capfd.readouterr()), SECRETS)
    assert [] == found_in(repr(JAN), [ADDRESS, "Zoë"])
    assert [] == found_in(repr(answer), [ADDRESS])
