"""MailchimpHook over HTTP: reading an audience, and each kind of write apart."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from afas_mailchimp.audience import (
    Member,
    MemberStatus,
    MemberUpdate,
    MergeField,
    NewMember,
    Refusal,
    RefusedItem,
)
from afas_mailchimp.errors import ConfigurationError, RefusedError, SyncError, TemporaryError
from afas_mailchimp.findings import NewField
from hooks.mailchimp import MailchimpHook
from sandbox.mailchimp import API_KEY
from tests.integration.conftest import LIST, Canned, Connect, Patience, Stand

OPTED_IN = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
SUBSCRIBED = MemberStatus.SUBSCRIBED


def _address(number: int) -> str:
    return f"klant{number}@bakkerij-de-korenaar.example"


def _id(address: str) -> str:
    return hashlib.md5(address.lower().encode()).hexdigest()


def _new(address: str, **values: object) -> NewMember:
    return NewMember(
        id=_id(address),
        address=address,
        status=SUBSCRIBED,
        merge_fields=values,
        opted_in_at=OPTED_IN,  # type: ignore[arg-type]
    )


def _update(address: str, **values: object) -> MemberUpdate:
    return MemberUpdate(id=_id(address), address=address, merge_fields=values)  # type: ignore[arg-type]


def _seed(stand: Stand, count: int, *, changed: str | None = None, status: str = "subscribed") -> list[str]:
    moments = [
        changed or f"2026-01-{1 + number // 3600:02}T{number // 60 % 24:02}:{number % 60:02}:00+00:00"
        for number in range(count)
    ]
    members = [
        {"email_address": _address(number), "status": status, "last_changed": moment, "merge_fields": {"FNAME": "Jan"}}
        for number, moment in enumerate(moments)
    ]
    stand.control.seed(members=members)
    return [_id(_address(number)) for number in range(count)]


def _read(hook: MailchimpHook, *tags: str, status: MemberStatus = SUBSCRIBED) -> list[Member]:
    return [member for page in hook.members(LIST, status=status, tags=tags) for member in page]


# ---- audience and merge fields


def test_the_audience(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """What would hurt when writing is read from the audience."""
    mailchimp.control.call("list_settings", double_optin=True)

    found = mailchimp_hook.audience(LIST)

    assert (LIST, True, False) == (found.id, found.double_optin, found.marketing_permissions)


@pytest.mark.parametrize(
    ("list_id", "sentence"),
    [
        pytest.param("ffffffffff", "does not know this audience", id="unknown"),
        pytest.param("lists/../x", "list_id in the sync file", id="not an id"),
    ],
)
def test_an_audience_that_is_not_there(mailchimp_hook: MailchimpHook, list_id: str, sentence: str) -> None:
    """A wrong list_id is a mistake in the sync file, whatever is done with it."""
    with pytest.raises(ConfigurationError, match=sentence):
        mailchimp_hook.merge_fields(list_id)


def test_more_than_ten_merge_fields(mailchimp_hook: MailchimpHook) -> None:
    """Mailchimp shows ten unless asked for more."""
    for number in range(12):
        mailchimp_hook.create_merge_field(LIST, NewField(tag=f"VELD{number}", name=f"Veld {number}", type="text"))

    tags = {each.tag for each in mailchimp_hook.merge_fields(LIST)}

    assert {f"VELD{number}" for number in range(12)} <= tags


def test_a_new_merge_field_is_nobodys_business(mailchimp_hook: MailchimpHook) -> None:
    """Fields that we make are hidden from subscribers and not required; options and help go along."""
    made = mailchimp_hook.create_merge_field(
        LIST, NewField(tag="SOORT", name="Soort", type="dropdown", help_text="Uit AFAS", choices=("ORG", "PER"))
    )

    expected = MergeField(
        merge_id=made.merge_id,
        tag="SOORT",
        name="Soort",
        type="dropdown",
        required=False,
        public=False,
        help_text="Uit AFAS",
        choices=("ORG", "PER"),
    )
    assert expected == made
    assert expected in mailchimp_hook.merge_fields(LIST)


def test_a_tag_that_came_back_otherwise(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Mailchimp may cut a long tag: writing to the one asked for would be ignored without a word."""
    mailchimp.control.call("switch", name="long_tag", value="cut")

    with pytest.raises(ConfigurationError, match="choose another tag"):
        mailchimp_hook.create_merge_field(LIST, NewField(tag="KLANTNUMMERS", name="Nummers", type="text"))


def test_a_merge_field_whose_answer_was_lost(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """The second try finds what the first one made."""
    mailchimp.control.fail("reset_after", match="POST /lists")

    assert "AFASID" == mailchimp_hook.create_merge_field(LIST, NewField(tag="AFASID", name="AFAS", type="text")).tag
    with pytest.raises(RefusedError):
        mailchimp_hook.create_merge_field(LIST, NewField(tag="AFASID", name="AFAS", type="number"))


# ---- reading members


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_every_member_comes_once(mailchimp: Stand, mailchimp_hook: MailchimpHook, count: int) -> None:
    """Whatever their number, members are read once each."""
    expected = _seed(mailchimp, count)

    assert sorted(expected) == sorted(member.id for member in _read(mailchimp_hook))


def test_members_that_changed_in_one_second(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A batch gives many members one time, in which Mailchimp's order is another one in each answer."""
    same = _seed(mailchimp, 1500, changed="2026-01-02T03:04:05+00:00")
    others = [
        {"email_address": f"ander{n}@thuis.example", "last_changed": f"2026-01-02T03:04:{n:02}+00:00"}
        for n in (4, 5, 6)
    ]
    mailchimp.control.seed(members=others)

    found = [member.id for member in _read(mailchimp_hook)]

    assert sorted([*same, *(_id(f"ander{number}@thuis.example") for number in (4, 5, 6))]) == sorted(found)


@pytest.mark.parametrize("changed", [None, "2026-01-02T03:04:05+00:00"], ids=["many moments", "one second"])
def test_one_who_leaves_hides_nobody(mailchimp: Stand, mailchimp_hook: MailchimpHook, changed: str | None) -> None:
    """Whoever unsubscribes while we read moves the others up, across the border of a page."""
    expected = _seed(mailchimp, 1300, changed=changed)

    pages = mailchimp_hook.members(LIST, status=SUBSCRIBED, tags=())
    found = [member.id for member in next(pages)]
    gone = [_address(expected.index(each)) for each in found[:5]]
    for address in gone:
        mailchimp.control.call("unsubscribe", email=address)
    found += [member.id for page in pages for member in page]

    assert sorted(expected) == sorted(found)


def test_one_who_changes_while_we_read_comes_once(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A change moves a member to the end, where it is met again."""
    expected = _seed(mailchimp, 1300)

    pages = mailchimp_hook.members(LIST, status=SUBSCRIBED, tags=())
    found = [member.id for member in next(pages)]
    mailchimp.control.call("person_edits", email=_address(expected.index(found[0])), merge_fields={"FNAME": "Piet"})
    found += [member.id for page in pages for member in page]

    assert sorted(expected) == sorted(found)


def test_an_audience_that_never_holds_still(canned: Canned, connect: Connect) -> None:
    """If Mailchimp counts more than it shows, somebody would be taken for absent: that is an error, not an end."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    canned.says(200, {"members": [], "total_items": 3}, Content_Type="application/json")

    with pytest.raises(TemporaryError, match="kept changing"):
        _read(MailchimpHook())


def test_a_filter_on_time_that_is_ignored(canned: Canned, connect: Connect) -> None:
    """Mailchimp ignores a time that it cannot read: then the same page would come for ever."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    members = [
        {"id": _id(_address(n)), "status": "subscribed", "last_changed": f"2026-01-01T00:00:0{n}+00:00"}
        for n in (1, 2, 3)
    ]
    canned.says(200, {"members": members, "total_items": 9}, Content_Type="application/json")

    with pytest.raises(SyncError, match="did not sort or narrow"):
        _read(MailchimpHook())


def test_only_what_is_used_is_asked_for(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Addresses are not fetched: the hash that Mailchimp made says who it is. Of merge fields the wanted ones stay."""
    _seed(mailchimp, 1)

    [member] = _read(mailchimp_hook, "FNAME", "AFASID")

    [asked] = [parse_qs(query) for query in mailchimp.queries("/members")]
    assert {"FNAME": "Jan"} == member.merge_fields
    assert datetime(2026, 1, 1, tzinfo=UTC) == member.last_changed
    assert not any("email" in name or "name" in name.split(".")[-1] for name in asked["fields"][0].split(","))


@pytest.mark.parametrize("status", list(MemberStatus))
def test_each_status_apart(mailchimp: Stand, mailchimp_hook: MailchimpHook, status: MemberStatus) -> None:
    """Whether archived members are listed unless asked for is not certain: each status is asked for."""
    _seed(mailchimp, 2, status=status.value)

    assert [status] * 2 == [member.status for member in _read(mailchimp_hook, status=status)]


def test_one_member(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A member is looked up by hash; an address never stands in a URL."""
    [known] = _seed(mailchimp, 1)

    found = mailchimp_hook.member(LIST, known)

    assert found is not None
    assert (known, SUBSCRIBED) == (found.id, found.status)
    assert mailchimp_hook.member(LIST, "0" * 32) is None
    with pytest.raises(ValueError, match="by the MD5 hash"):
        mailchimp_hook.member(LIST, _address(0))


# ---- writing members


def test_create(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """New members get their status, fields and time of opting in."""
    mailchimp_hook.create_merge_field(LIST, NewField(tag="AFASID", name="AFAS", type="text"))

    answer = mailchimp_hook.create_members(LIST, [_new(_address(n), FNAME="Zoë", AFASID=f"c:d:{n}") for n in (1, 2)])

    stored = {row["id"]: row for row in mailchimp.control.dump()["members"]}
    assert ((), ()) == (answer.updated, answer.refused)
    assert {_id(_address(1)), _id(_address(2))} == {member.id for member in answer.created} == set(stored)
    assert ("Zoë", "c:d:1") == tuple(stored[_id(_address(1))]["merge_fields"][tag] for tag in ("FNAME", "AFASID"))
    assert OPTED_IN == answer.created[0].opted_in_at


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "pending", "transactional"])
def test_create_changes_nobody_who_exists(mailchimp: Stand, mailchimp_hook: MailchimpHook, status: str) -> None:
    """A status in a write can sign people up again: whoever exists is refused, and stays as he is."""
    [known] = _seed(mailchimp, 1, status=status)
    before = mailchimp.control.dump()["members"]

    answer = mailchimp_hook.create_members(LIST, [_new(f" {_address(0).upper()} ", FNAME="Piet")])

    assert (RefusedItem(_id(f" {_address(0)} "), Refusal.EXISTS),) == answer.refused
    assert before == mailchimp.control.dump()["members"]
    assert known == before[0]["id"]


def test_update_sends_no_status(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Fields of somebody who unsubscribed are written, and he stays unsubscribed."""
    known = _seed(mailchimp, 2, status="unsubscribed")

    answer = mailchimp_hook.update_members(LIST, [_update(_address(n), FNAME="Piet", LNAME="") for n in (0, 1)])

    assert [(each, MemberStatus.UNSUBSCRIBED) for each in known] == [(m.id, m.status) for m in answer.updated]
    assert ["Piet", "Piet"] == [row["merge_fields"]["FNAME"] for row in mailchimp.control.dump()["members"]]


def test_an_update_that_made_somebody_is_visible(mailchimp_hook: MailchimpHook) -> None:
    """An address that vanished meanwhile comes back as created: the caller must see that."""
    answer = mailchimp_hook.update_members(LIST, [_update(_address(0), FNAME="Piet")])

    assert [_id(_address(0))] == [member.id for member in answer.created]


def test_each_item_is_matched_and_classified(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """The answer is 200 also when items failed: each is told by kind, and the vendor's text is dropped."""
    _seed(mailchimp, 4)
    mailchimp.control.call("unsubscribe", email=_address(1))
    mailchimp.control.call("forget", email=_address(2))
    mailchimp.control.call("many_lists", email="druk@thuis.example")
    members = [
        _new("goed@thuis.example"),
        _new(_address(0)),
        _new(_address(2)),
        _new("jan@example.com"),
        _new("geen-adres"),
        _new("druk@thuis.example"),
        _new("adres@thuis.example", FNAME={"addr1": "x"}),
    ]

    answer = mailchimp_hook.create_members(LIST, members)

    assert [_id("goed@thuis.example")] == [member.id for member in answer.created]
    assert {
        _id(_address(0)): Refusal.EXISTS,
        _id(_address(2)): Refusal.FORGOTTEN,
        _id("jan@example.com"): Refusal.LOOKS_FAKE,
        _id("geen-adres"): Refusal.BAD_ADDRESS,
        _id("druk@thuis.example"): Refusal.MANY_LISTS,
        _id("adres@thuis.example"): Refusal.MERGE_FIELDS,
    } == {item.id: item.refusal for item in answer.refused}


def test_refused_merge_values_in_another_language(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Messages about fields come in the language of the account, so nothing hangs on their words."""
    mailchimp.control.call("switch", name="language", value="de")
    mailchimp_hook.create_merge_field(LIST, NewField(tag="AANTAL", name="Aantal", type="number"))

    answer = mailchimp_hook.create_members(LIST, [_new(_address(0), AANTAL="veel")])

    assert (RefusedItem(_id(_address(0)), Refusal.MERGE_FIELDS),) == answer.refused


def test_required_fields_do_not_stop_a_member(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A marketer can make a field required at any time; every write says to skip that."""
    [known] = _seed(mailchimp, 1)
    field = next(each for each in mailchimp_hook.merge_fields(LIST) if each.tag == "LNAME")
    mailchimp_hook.get_conn().lists(
        "update_list_merge_field", LIST, field.merge_id, {"name": "Naam", "required": True}, doing="making it required"
    )

    answer = mailchimp_hook.create_members(LIST, [_new(_address(7), FNAME="Jan")])

    assert [_id(_address(7))] == [member.id for member in answer.created]
    assert known == mailchimp_hook.write_merge_fields(LIST, known, {"FNAME": "Piet"}).id


@pytest.mark.parametrize(
    ("switches", "members", "refusal"),
    [
        pytest.param({}, ["a@thuis.example", "A@thuis.example"], Refusal.DUPLICATE, id="twice in one call"),
        pytest.param({"batch_schema_errors": "request"}, [""], Refusal.BAD_ADDRESS, id="blank address"),
    ],
)
def test_a_chunk_that_is_refused_as_a_whole(
    mailchimp: Stand, mailchimp_hook: MailchimpHook, switches: dict[str, object], members: list[str], refusal: Refusal
) -> None:
    """The caller can halve the chunk, and knows the kind."""
    for name, value in switches.items():
        mailchimp.control.call("switch", name=name, value=value)

    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.create_members(LIST, [_new(address) for address in members])

    assert (400, refusal) == (caught.value.status, caught.value.refusal)


def test_an_item_that_the_answer_is_silent_about(canned: Canned, connect: Connect) -> None:
    """Nothing may be taken for done that Mailchimp did not confirm."""
    connect("mailchimp_default", conn_type="mailchimp", host=f"{canned.url}/3.0", password=API_KEY)
    canned.says(200, {"new_members": [], "updated_members": [], "errors": []}, Content_Type="application/json")

    answer = MailchimpHook().create_members(LIST, [_new(_address(0))])

    assert (RefusedItem(_id(_address(0)), Refusal.OTHER),) == answer.refused


def test_a_status_that_must_be_sent_is_told(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Should Mailchimp refuse items without status, the caller writes one by one."""
    _seed(mailchimp, 1)
    mailchimp.control.call("switch", name="batch_missing_status", value="refuse")

    answer = mailchimp_hook.update_members(LIST, [_update(_address(0), FNAME="Piet")])

    assert [Refusal.STATUS_REQUIRED] == [item.refusal for item in answer.refused]


def test_the_size_of_a_batch(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """500 go, 501 are a mistake of ours, none needs no call."""
    assert 500 == len(mailchimp_hook.create_members(LIST, [_new(_address(n)) for n in range(500)]).created)
    with pytest.raises(ValueError, match="at most 500"):
        mailchimp_hook.create_members(LIST, [_new(_address(n)) for n in range(501)])
    assert () == mailchimp_hook.update_members(LIST, []).updated
    assert 1 == mailchimp_hook.calls


def test_unsubscribe_writes_a_status_alone(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """An opt-out lowers, and touches no field."""
    [known] = _seed(mailchimp, 1)

    assert MemberStatus.UNSUBSCRIBED is mailchimp_hook.unsubscribe(LIST, known).status
    assert [["status"]] == [write["changed"] for write in mailchimp.control.call("writes")["writes"]]


def test_merge_fields_of_one_member(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Fields are written without a status; a member that is not there is told."""
    [known] = _seed(mailchimp, 1, status="unsubscribed")

    found = mailchimp_hook.write_merge_fields(LIST, known, {"FNAME": "Piet"})

    assert (MemberStatus.UNSUBSCRIBED, "Piet") == (found.status, found.merge_fields["FNAME"])
    with pytest.raises(RefusedError) as caught:
        mailchimp_hook.write_merge_fields(LIST, "0" * 32, {"FNAME": "Piet"})
    assert Refusal.NOT_FOUND == caught.value.refusal


def test_archive(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A member is archived once; what cannot be archived, or is not there, is told apart."""
    [known] = _seed(mailchimp, 1)

    mailchimp_hook.archive(LIST, known)

    assert "archived" == mailchimp.control.dump()["members"][0]["status"]
    for member_id, refusal in ((known, Refusal.CANNOT_ARCHIVE), ("0" * 32, Refusal.NOT_FOUND)):
        with pytest.raises(RefusedError) as caught:
            mailchimp_hook.archive(LIST, member_id)
        assert refusal == caught.value.refusal


@pytest.mark.parametrize("kind", ["reset_after", "500_after", "empty"])
def test_an_archiving_whose_answer_was_lost(mailchimp: Stand, mailchimp_hook: MailchimpHook, kind: str) -> None:
    """The second try is refused because the first one worked: that is a success."""
    [known] = _seed(mailchimp, 1)
    mailchimp.control.fail(kind, match="DELETE")

    mailchimp_hook.archive(LIST, known)

    assert "archived" == mailchimp.control.dump()["members"][0]["status"]


@pytest.mark.parametrize("kind", ["reset_after", "500_after", "truncated", "empty"])
def test_a_batch_whose_answer_was_lost(mailchimp: Stand, mailchimp_hook: MailchimpHook, kind: str) -> None:
    """The second try finds the members there: the caller is told that they exist, and nobody is there twice."""
    mailchimp.control.fail(kind, match="POST /lists")

    answer = mailchimp_hook.create_members(LIST, [_new(_address(n)) for n in (1, 2)])

    assert [Refusal.EXISTS] * 2 == [item.refusal for item in answer.refused]
    assert 2 == len(mailchimp.control.dump()["members"])


# ---- tags


def test_tags_in_bulk(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """A tag is made where missing, found whatever its capitals, and given to 500 members in a call."""
    _seed(mailchimp, 700)

    tag = mailchimp_hook.tag_id(LIST, "Debiteur")
    mailchimp_hook.add_to_tag(LIST, tag, [_address(number) for number in range(701)])

    [segment] = mailchimp.control.dump()["segments"]
    assert ("Debiteur", 700) == (segment["name"], len(segment["members"]))
    calls = mailchimp_hook.calls
    assert tag == mailchimp_hook.tag_id(LIST, " debiteur ")
    assert calls == mailchimp_hook.calls
    assert tag == MailchimpHook().tag_id(LIST, "DEBITEUR")


def test_a_tag_whose_answer_was_lost(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """The second try finds what the first one made."""
    mailchimp.control.fail("reset_after", match=f"POST /lists/{LIST}/segments")

    tag = mailchimp_hook.tag_id(LIST, "contact")

    assert [tag] == [segment["id"] for segment in mailchimp.control.dump()["segments"]]


# ---- the rest


def test_the_clock_is_that_of_mailchimp(mailchimp_hook: MailchimpHook) -> None:
    """Whether a member is older than this run is judged by Mailchimp's own clock."""
    found = mailchimp_hook.clock()

    assert timedelta(0) == found.utcoffset()
    assert abs(datetime.now(UTC) - found) < timedelta(minutes=1)


@pytest.mark.parametrize(("extra", "expected"), [({}, 5), ({"connections": 2}, 2), ({"connections": "10"}, 10)])
def test_connections_are_bounded(
    mailchimp: Stand, connect: Connect, patience: Patience, extra: dict[str, object], expected: int
) -> None:
    """Ten connections are all that an account has: whatever the threads, no more than allowed are open."""
    connect("mailchimp_default", conn_type="mailchimp", host=mailchimp.url, password=API_KEY, extra=extra)
    hook = MailchimpHook(retry=patience.rule())
    mailchimp.control.latency(per_call=0.02)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: hook.audience(LIST), range(30)))

    assert expected == hook.connections
    assert mailchimp.control.stats()["peak_in_flight"] <= expected
    assert [] == patience.slept


def test_threads_do_not_mix_answers(mailchimp: Stand, mailchimp_hook: MailchimpHook) -> None:
    """Ten threads share one client."""
    known = _seed(mailchimp, 40)

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda each: mailchimp_hook.member(LIST, each), known))

    assert known == [member.id for member in found if member]
