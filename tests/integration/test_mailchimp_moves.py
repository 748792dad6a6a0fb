"""MailchimpHook over HTTP: a member moves, comes back, loses a tag; and what becomes of an answer that got lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from afas_mailchimp.audience import MemberStatus, NewMember, Refusal
from afas_mailchimp.errors import RefusedError, SyncError, TemporaryError
from afas_mailchimp.findings import NewField
from hooks.afas_mailchimp_mailchimp_answers import refusal_of
from hooks.mailchimp import MailchimpHook
from sandbox.mailchimp import API_KEY
from tests.integration.conftest import LIST, Canned, Connect, Stand
from tests.integration.leaks import copied, everything_said, found_in

OLD, NEW, THIRD = "jan@oude-molen.example", "jan@nieuwe-molen.example", "piet@derde-molen.example"
KEY = "customers:debtors:10001"
OPTED_IN = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
LOST = ["reset_after", "500_after", "truncated", "empty"]


def _id(address: str) -> str:
    return hashlib.md5(address.lower().encode()).hexdigest()


SECRETS = ("molen", _id(OLD), _id(NEW), _id(THIRD), API_KEY[:16], "Zoë")


@pytest.fixture
def audience(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> Stand:
    """An audience with our key field and one member of ours."""
    mailchimp_hook.create_merge_field(LIST, NewField(tag="AFASID", name="AFAS", type="text"))
    _seed(mailchimp, OLD, AFASID=KEY, FNAME="Jan")
    mailchimp.control.clear_log()
    return mailchimp


def _seed(stand: Stand, address: str, *, status: str = "subscribed", **values: str) -> None:
    stand.control.seed(members=[{"email_address": address, "status": status, "merge_fields": values}])


def _rows(stand: Stand) -> dict[str, dict[str, object]]:
    return {row["email_address"]: row for row in stand.control.dump()["members"]}


def _returning(address: str = OLD, *, status: str = "subscribed", opted_in_at: datetime | None = OPTED_IN) -> NewMember:
    return NewMember(
        id=_id(address),
        address=address,
        status=MemberStatus(status),
        merge_fields={"AFASID": KEY, "FNAME": "Zoë"},
        opted_in_at=opted_in_at,
    )


# ---- the address of a member


@pytest.mark.parametrize("status", list(MemberStatus))
def test_the_address_of_a_member(mailchimp: Stand, mailchimp_hook: MailchimpHook, status: MemberStatus) -> None:
    """A member in any status, archived too, has an address; nothing but the address is asked for."""
    _seed(mailchimp, OLD, status=status.value)

    assert OLD == mailchimp_hook.address_of(LIST, _id(OLD))
    assert mailchimp_hook.address_of(LIST, _id(NEW)) is None
    assert ["fields=email_address"] * 2 == mailchimp.queries("/members/")


# ---- moving


def test_a_move_keeps_who_it_is(audience: Stand, mailchimp_hook: MailchimpHook) -> None:
    """An address changed at the old hash keeps contact, opt-in time and status: the history goes along."""
    before = _rows(audience)[OLD]

    moved = mailchimp_hook.move(LIST, _id(OLD), address=NEW, values={"AFASID": KEY, "FNAME": "Zoë"})

    after = _rows(audience)[NEW]
    same = ("contact_id", "timestamp_opt", "status", "tags")
    assert (_id(NEW), MemberStatus.SUBSCRIBED, "Zoë") == (moved.id, moved.status, moved.merge_fields["FNAME"])
    assert [before[name] for name in same] == [after[name] for name in same]
    assert OLD not in _rows(audience)


def test_a_move_is_one_call_without_a_status(audience: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A status in a write can sign people up again, so a move has none, and it needs one call."""
    mailchimp_hook.move(LIST, _id(OLD), address=NEW, values={"AFASID": KEY, "FNAME": "Zoë"})

    assert ["PATCH"] == [entry["method"] for entry in audience.control.log()]
    [write] = audience.control.call("writes")["writes"]
    assert ["email_address", "merge_fields.FNAME"] == write["changed"]


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "pending", "transactional", "archived"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_only_subscribed_members_move(
    audience: Stand, mailchimp_hook: MailchimpHook, status: str, language: str
) -> None:
    """Mailchimp changes the address of a subscribed member only, and says so in the language of the account."""
    audience.control.call("switch", name="language", value=language)
    _seed(audience, THIRD, status=status)

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.move(LIST, _id(THIRD), address=NEW, values={"AFASID": KEY})

    assert Refusal.NOT_SUBSCRIBED == caught.value.refusal
    assert {OLD, THIRD} == set(_rows(audience))


@pytest.mark.parametrize(
    ("problem", "refusal"),
    [
        pytest.param({"errors": [{"field": "email address", "message": "Der Status …"}]}, "not_subscribed", id="field"),
        pytest.param({"detail": "You can only update email addresses for…"}, "not_subscribed", id="detail"),
        pytest.param({"errors": [{"field": "email_address", "message": "x"}]}, "address_not_accepted", id="address"),
    ],
)
def test_the_refusal_of_a_move_by_its_form(problem: dict[str, object], refusal: str) -> None:
    """The field of that refusal is called "email address", with a blank, in every language."""
    assert refusal == refusal_of({"title": "Invalid Resource", "status": 400, **problem})


@pytest.mark.parametrize(
    "problem",
    [
        pytest.param({"detail": "So geht das nicht."}, id="words that nobody knows"),
        pytest.param({"errors": [{"field": "email_address", "message": "So nicht."}]}, id="the name of the schema"),
        pytest.param({"detail": "Your merge fields were invalid."}, id="called a merge field"),
        pytest.param({"title": "Member In Compliance State"}, id="called compliance"),
    ],
)
@pytest.mark.parametrize("status", ["unsubscribed", "subscribed"])
def test_an_unclear_refusal_of_a_move_is_looked_into(
    canned: Canned, connect: Connect, problem: dict[str, object], status: str
) -> None:
    """However a move is refused: what the member's status is now decides whether that is why."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    canned.says(400, {"title": "Invalid Resource", "status": 400, **problem}, Content_Type="application/problem+json")
    canned.says(200, {"id": _id(OLD), "status": status, "merge_fields": {}}, Content_Type="application/json")

    with pytest.raises(RefusedError) as caught:
        MailchimpHook().move(LIST, _id(OLD), address=NEW, values={"AFASID": KEY})

    assert (caught.value.refusal == Refusal.NOT_SUBSCRIBED) is (status == "unsubscribed")


@pytest.mark.parametrize("status", list(MemberStatus))
def test_nobody_moves_onto_somebody(audience: Stand, mailchimp_hook: MailchimpHook, status: MemberStatus) -> None:
    """An address that is in the audience in any status refuses the move, and neither of the two changes."""
    _seed(audience, NEW, status=status.value)
    before = _rows(audience)

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.move(LIST, _id(OLD), address=NEW, values={"AFASID": KEY, "FNAME": "Zoë"})

    assert Refusal.EXISTS == caught.value.refusal
    assert before == _rows(audience)


def test_what_else_a_move_is_refused_for(audience: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Absent members, deleted, fake and broken addresses are told apart as when creating, and nothing is written."""
    _seed(audience, THIRD)
    audience.control.call("forget", email=THIRD)
    before, refusals = _rows(audience), []

    for member, address in ((NEW, THIRD), (OLD, THIRD), (OLD, "jan@example.com"), (OLD, "geen-adres")):
        with pytest.raises(RefusedError) as caught:
            mailchimp_hook.move(LIST, _id(member), address=address, values={"AFASID": KEY})
        refusals.append(caught.value.refusal)

    assert [Refusal.NOT_FOUND, Refusal.FORGOTTEN, Refusal.LOOKS_FAKE, Refusal.BAD_ADDRESS] == refusals
    assert before == _rows(audience)


@pytest.mark.parametrize("kind", LOST)
def test_a_move_whose_answer_was_lost(audience: Stand, mailchimp_hook: MailchimpHook, kind: str) -> None:
    """The old hash is gone at once after a move, so the second try finds nobody there: then the new address tells."""
    audience.control.fail(kind, match="PATCH")

    moved = mailchimp_hook.move(LIST, _id(OLD), address=NEW, values={"AFASID": KEY, "FNAME": " Zoë ", "LNAME": ""})

    assert (_id(NEW), MemberStatus.SUBSCRIBED) == (moved.id, moved.status)
    assert [NEW] == list(_rows(audience))
    assert 1 == len(audience.control.call("writes")["writes"])


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param(None, id="nobody"),
        pytest.param({"AFASID": "customers:debtors:10002"}, id="another key"),
        pytest.param({}, id="no key"),
    ],
)
def test_a_lost_move_is_not_claimed_without_proof(
    audience: Stand, mailchimp_hook: MailchimpHook, stranger: dict[str, str] | None
) -> None:
    """Nobody at the old hash after an unsure try: only a member with the sent values shows that the move was done."""
    audience.control.call("forget", email=OLD)
    if stranger is not None:
        _seed(audience, NEW, **stranger)
    audience.control.fail("500", match="PATCH")

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.move(LIST, _id(OLD), address=NEW, values={"AFASID": KEY})

    assert Refusal.NOT_FOUND == caught.value.refusal


# ---- coming back


def test_an_archived_member_comes_back(audience: Stand, mailchimp_hook: MailchimpHook) -> None:
    """POST wakes an archived member with the status and opt-in time that are sent; other fields stay."""
    mailchimp_hook.archive(LIST, _id(OLD))
    contact = _rows(audience)[OLD]["contact_id"]

    back = mailchimp_hook.return_member(LIST, _returning())

    assert (_id(OLD), MemberStatus.SUBSCRIBED, OPTED_IN) == (back.id, back.status, back.opted_in_at)
    assert (contact, "Zoë") == (_rows(audience)[OLD]["contact_id"], back.merge_fields["FNAME"])


def test_no_opt_in_time_is_invented(audience: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Who comes back, or starts, unsubscribed opted in to nothing: no time is sent."""
    mailchimp_hook.archive(LIST, _id(OLD))
    sent = _returning(status="unsubscribed", opted_in_at=None)

    back = mailchimp_hook.return_member(LIST, sent)
    new = mailchimp_hook.create_members(
        LIST, [NewMember(_id(NEW), NEW, MemberStatus.UNSUBSCRIBED, {"AFASID": KEY}, None)]
    )

    assert MemberStatus.UNSUBSCRIBED is back.status
    assert [(_id(NEW), MemberStatus.UNSUBSCRIBED)] == [(each.id, each.status) for each in new.created]
    assert all(each.opted_in_at != OPTED_IN for each in (back, *new.created))


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "pending", "transactional"])
def test_only_archived_members_come_back(audience: Stand, mailchimp_hook: MailchimpHook, status: str) -> None:
    """Whoever is there in another status is refused and stays as he is: that is why it is POST and not PUT."""
    _seed(audience, NEW, status=status)
    before = _rows(audience)

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.return_member(LIST, _returning(NEW))

    assert caught.value.refusal in {Refusal.EXISTS, Refusal.COMPLIANCE}
    assert before == _rows(audience)


def test_an_opt_out_outlives_the_archive(audience: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Who opted out before being archived cannot be subscribed again by us."""
    audience.control.call("unsubscribe", email=OLD)
    mailchimp_hook.archive(LIST, _id(OLD))

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.return_member(LIST, _returning())

    assert Refusal.COMPLIANCE == caught.value.refusal
    assert "archived" == _rows(audience)[OLD]["status"]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "pending"])
def test_a_return_whose_answer_was_lost(audience: Stand, mailchimp_hook: MailchimpHook, kind: str, status: str) -> None:
    """The second try is refused because the member is there, as the first one left it: that is a success."""
    mailchimp_hook.archive(LIST, _id(OLD))
    audience.control.fail(kind, match=f"POST /lists/{LIST}/members")

    back = mailchimp_hook.return_member(LIST, _returning(status=status))

    assert (status, "Zoë") == (back.status.value, back.merge_fields["FNAME"])
    assert [status] == [row["status"] for row in _rows(audience).values()]


@pytest.mark.parametrize(
    ("status", "values"),
    [
        pytest.param("pending", {"AFASID": KEY, "FNAME": "Zoë"}, id="another status"),
        pytest.param("subscribed", {"AFASID": KEY, "FNAME": "Jan"}, id="another value"),
    ],
)
def test_a_lost_return_is_not_claimed_without_proof(
    audience: Stand, mailchimp_hook: MailchimpHook, status: str, values: dict[str, str]
) -> None:
    """Somebody who is there otherwise than we sent was not brought back by us."""
    _seed(audience, NEW, status=status, **values)
    audience.control.fail("500", match=f"POST /lists/{LIST}/members")

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.return_member(LIST, _returning(NEW))

    assert Refusal.EXISTS == caught.value.refusal


# ---- tags


@pytest.mark.parametrize("kind", [None, *LOST])
def test_tags_are_taken(audience: Stand, mailchimp_hook: MailchimpHook, kind: str | None) -> None:
    """The answer is 204 whether it did something or not: what counts is that these tags are gone, and no others."""
    for name in ("Debiteur", "Klant", "Vriend"):
        mailchimp_hook.add_to_tag(LIST, mailchimp_hook.tag_id(LIST, name), [OLD])
    if kind:
        audience.control.fail(kind, match="/tags")

    mailchimp_hook.remove_tags(LIST, _id(OLD), ["debiteur", " Klant ", "klant", "Onbekend", " "])

    assert ["Vriend"] == [tag["name"] for tag in _rows(audience)[OLD]["tags"]]
    assert {"Debiteur", "Klant", "Vriend"} == {segment["name"] for segment in audience.control.dump()["segments"]}


def test_tags_of_nobody(audience: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A member that is not there is told; no tags to take is no call."""
    mailchimp_hook.remove_tags(LIST, _id(NEW), [" "])
    assert [] == audience.control.log()

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.remove_tags(LIST, _id(NEW), ["Debiteur"])

    assert Refusal.NOT_FOUND == caught.value.refusal


# ---- nothing of anybody is said

NAME = {"FNAME": "Zoë"}
"""By name: the lines of this file stand in tracebacks too."""

CALLS: dict[str, Callable[[MailchimpHook], object]] = {
    "address": lambda hook: hook.address_of(LIST, _id(OLD)),
    "move": lambda hook: hook.move(LIST, _id(OLD), address=NEW, values=NAME),
    "move onto somebody": lambda hook: hook.move(LIST, _id(OLD), address=THIRD, values=NAME),
    "move of nobody": lambda hook: hook.move(LIST, "0" * 32, address=NEW, values=NAME),
    "return": lambda hook: hook.return_member(LIST, _returning()),
    "tags": lambda hook: hook.remove_tags(LIST, _id(OLD), ["Debiteur"]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("fault", [None, "500", "reset", "truncated", "html"])
def test_good_and_bad_ends_leak_nothing(
    audience: Stand,
    mailchimp_hook: MailchimpHook,
    all_logs: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    call: Callable[[MailchimpHook], object],
    fault: str | None,
) -> None:
    """No address, hash, name or key in an error, its causes, or a log line; the error can be pickled."""
    _seed(audience, THIRD)
    if fault:
        audience.control.fail(fault, count=None)

    error: SyncError | None = None
    try:
        call(mailchimp_hook)
    except SyncError as raised:
        error = raised

    # An answer without a body has nothing that could be cut off.
    assert isinstance(error, TemporaryError) or not fault or audience.control.log()[-1]["status"] == 204
    assert error is None or repr(error) == repr(copied(error))
    assert [] == found_in(everything_said(error, all_logs) + "".join(capfd.readouterr()), SECRETS)
