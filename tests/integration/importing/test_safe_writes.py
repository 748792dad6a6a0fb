"""What makes each kind of write safe: races between reading and writing, and a kill between any two calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
import yaml

from afas_mailchimp.audience import BatchAnswer, Member, MemberStatus, MemberUpdate, Refusal
from afas_mailchimp.decisions import Decider
from afas_mailchimp.errors import RefusedError, SafetyStop
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import parse_sync
from hooks.afas_mailchimp_transport import Transport
from hooks.mailchimp import MailchimpHook
from operators import afas_mailchimp_both_sides, afas_mailchimp_run
from operators.afas_mailchimp_chunks import ChunkSender, halving
from tests.integration.importing.test_faults import CHANGES, COMES, GOES, SAYS_NO, STAYS, audience, busy  # noqa: F401
from tests.integration.importing.world import EXTRA, SYNC, World

JAN, PIET = "jan@korenaar.example", "piet@korenaar.example"


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen once, after the audience was read and before anything is written."""

    def arrange(happening: Callable[[], object]) -> None:
        real = afas_mailchimp_run.read_audience
        waiting = [happening]

        def reading(*args: Any, **more: Any) -> None:
            real(*args, **more)
            if waiting:
                waiting.pop()()

        for module in (afas_mailchimp_run, afas_mailchimp_both_sides):
            monkeypatch.setattr(module, "read_audience", reading)

    return arrange


@pytest.fixture
def loaded(world: World) -> World:
    """Two members."""
    world.debtor("10001", JAN)
    world.debtor("10002", PIET)
    world.at(world.now.add(hours=1))
    world.run()
    return world


def test_archived_while_we_read(world: World, meanwhile: Callable[..., None]) -> None:
    """Our create wakes up a member that a person archived a moment ago: it is archived again at once, and reported."""
    world.preflight()
    old = {"email_address": JAN, "status": "archived", "merge_fields": {"FNAME": "Jan"}}
    meanwhile(lambda: world.mailchimp.call("seed_members", members=[old]))
    world.debtor("10001", JAN)

    report = world.run()

    assert {JAN: "archived"} == world.statuses()
    assert {"archived_by_a_person": 1} == report["sources"]["debtors"]["reasons"]
    assert 1 == report["notices"]["came_back_and_was_archived_again"]


def test_signed_up_while_we_read(world: World, meanwhile: Callable[..., None]) -> None:
    """Somebody signs up by the form meanwhile: "exists" changes nothing, the row is looked up and decided again."""
    world.preflight()
    new = {"email_address": JAN, "status": "pending", "merge_fields": {"FNAME": "Jan"}}
    meanwhile(lambda: world.mailchimp.call("seed_members", members=[new]))
    world.debtor("10001", JAN)

    report = world.run()

    assert {JAN: "pending"} == world.statuses()
    assert ("customers:debtors:10001+", 1, 1) == (world.key_of(JAN), report["adopted"], report["updated"])
    assert 0 == world.run(full_reload=True)["written"]


def test_opted_out_while_we_read(loaded: World, meanwhile: Callable[..., None]) -> None:
    """An opt-out between reading and writing stays, and is counted."""
    meanwhile(lambda: loaded.mailchimp.call("unsubscribe", email=JAN, by="user"))
    loaded.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    report = loaded.run(full_reload=True)

    assert "unsubscribed" == loaded.statuses()[JAN]
    assert 1 == report["notices"]["opted_out_while_writing"]


def test_member_that_vanished_while_we_read(loaded: World, meanwhile: Callable[..., None]) -> None:
    """The subscriber changed the address: our update creates the old one anew; archived at once, the run stops."""
    meanwhile(
        lambda: loaded.mailchimp.call("person_changes_address", email=JAN, new_email="jan.nieuw@korenaar.example")
    )
    loaded.change(EXTRA, "10001", DebtorName="Nieuwe naam")
    watermark = loaded.watermark()

    with pytest.raises(SafetyStop, match="member of debtors:10001 vanished"):
        loaded.run(full_reload=True)
    report = loaded.run(full_reload=True)

    assert {JAN: "archived", "jan.nieuw@korenaar.example": "subscribed", PIET: "subscribed"} == loaded.statuses()
    assert watermark is not None
    assert ["debtors:10001"] == report["keys"]["address_changed_by_subscriber"]


def test_signed_up_again_while_we_read(loaded: World, meanwhile: Callable[..., None]) -> None:
    """The person signs up again by the form between our reading and our write: that is the person's own, and stays."""

    def sign_up() -> None:
        loaded.mailchimp.call("person_signs_up", email=JAN)
        loaded.at(loaded.now.add(minutes=1))

    loaded.mailchimp.call("unsubscribe", email=JAN, by="user")
    meanwhile(sign_up)
    loaded.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    report = loaded.run(full_reload=True)

    assert "subscribed" == loaded.statuses()[JAN]
    assert 1 == report["updated"]


def test_status_that_went_up_within_our_write_stops_the_run(loaded: World, meanwhile: Callable[..., None]) -> None:
    """An opt-in that is not earlier than our write may be our doing: lowered again at once, and the run stops."""
    loaded.mailchimp.call("unsubscribe", email=JAN, by="user")
    meanwhile(lambda: loaded.mailchimp.call("person_signs_up", email=JAN))
    loaded.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    with pytest.raises(SafetyStop, match=r"update of the member of debtors:10001 \(last known as 'unsubscribed'\)"):
        loaded.run(full_reload=True)

    assert "unsubscribed" == loaded.statuses()[JAN]


def test_member_that_vanished_while_it_was_tagged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the note that tags were set is a write without a status: what it creates anew is archived, the run stops."""
    real = MailchimpHook.add_to_tag

    def tagging(self: MailchimpHook, *args: Any) -> None:
        real(self, *args)
        world.mailchimp.call("person_changes_address", email=JAN, new_email="jan.nieuw@korenaar.example")

    monkeypatch.setattr(MailchimpHook, "add_to_tag", tagging)
    world.debtor("10001", JAN)

    with pytest.raises(SafetyStop, match="member of debtors:10001 vanished"):
        world.run()

    assert {JAN: "archived", "jan.nieuw@korenaar.example": "subscribed"} == world.statuses()


def test_tags_are_noted_where_a_batch_wants_a_status(world: World) -> None:
    """The note goes by PATCH then: a second full reload has nothing to write."""
    world.mailchimp.call("switch", name="batch_missing_status", value="refuse")
    world.debtor("10001", JAN)
    world.run()

    assert 0 == world.run(full_reload=True)["written"]


def test_opt_out_that_had_no_effect_is_no_opt_out() -> None:
    """An answer of success that still shows a mailable member is told as refused, not counted as done."""
    hook = Mock(spec=MailchimpHook)
    sender = ChunkSender(hook, Mock(spec=Decider, sync=parse_sync_file()), {})
    hook.unsubscribe.side_effect = [
        Member("00" * 16, MemberStatus.SUBSCRIBED, {}),
        Member("00" * 16, MemberStatus.UNSUBSCRIBED, {}),
    ]

    assert [Refusal.OTHER, None] == [sender.opt_out("00" * 16), sender.opt_out("00" * 16)]


def parse_sync_file() -> SyncFile:
    """The sync of the other tests, without a world."""
    return parse_sync(yaml.safe_dump(SYNC, sort_keys=False), file="customers.yaml")


def test_update_that_wakes_up_an_archived_member(loaded: World, meanwhile: Callable[..., None]) -> None:
    """Archived by a person while we read; should our update wake it up, it is archived again at once."""
    loaded.mailchimp.call("switch", name="batch_missing_status", value="resurrect")
    meanwhile(lambda: loaded.mailchimp.call("archive", email=JAN))
    loaded.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    with pytest.raises(SafetyStop, match="update of the member of debtors:10001"):
        loaded.run(full_reload=True)

    assert "archived" == loaded.statuses()[JAN]


def test_batch_that_wants_a_status(loaded: World) -> None:
    """Should Mailchimp refuse items without status, each member is written by a call of its own."""
    loaded.mailchimp.call("switch", name="batch_missing_status", value="refuse")
    loaded.mailchimp.call("unsubscribe", email=PIET, by="user")
    loaded.change(EXTRA, "10001", DebtorName="Nieuwe naam")
    loaded.change(EXTRA, "10002", DebtorName="Andere naam")

    report = loaded.run()

    assert 2 == report["updated"]
    assert ["Nieuwe naam", "Andere naam"] == [loaded.members()[who]["merge_fields"]["COMPANY"] for who in (JAN, PIET)]
    assert {JAN: "subscribed", PIET: "unsubscribed"} == loaded.statuses()


def test_chunk_that_is_refused_whole_is_halved() -> None:
    """One item that spoils a chunk is found; all others are written."""
    items = [MemberUpdate(f"{number:032x}", f"nr{number}@korenaar.example", {}) for number in range(100)]
    written: list[str] = []

    def call(part: list[MemberUpdate]) -> BatchAnswer:
        if any(item is items[37] for item in part):
            raise RefusedError("no", status=400, refusal=Refusal.OTHER)
        written.extend(item.id for item in part)
        return BatchAnswer((), (), ())

    answer = halving(call, items)

    assert [items[37].id] == [refused.id for refused in answer.refused]
    assert {item.id for item in items} - {items[37].id} == set(written)
    assert 99 == len(written)


class KilledError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("call", range(1, 30))
def test_killed_at_any_call(busy: World, monkeypatch: pytest.MonkeyPatch, call: int) -> None:  # noqa: F811 - fixture
    """Killed before or after the effect of any call, then run again: the same audience, nobody's status ever raised."""
    real, count = Transport._exchange, [0]

    def exchange(self: Transport, request: Any) -> Any:
        count[0] += 1
        if count[0] == call:
            raise KilledError
        answer = real(self, request)
        if count[0] == call + 1:
            raise KilledError
        return answer

    monkeypatch.setattr(Transport, "_exchange", exchange)
    watermark = busy.watermark()
    killed = 0
    for _ in range(3):
        try:
            busy.run(full_reload=True)
        except KilledError:
            killed += 1
            assert watermark == busy.watermark()
        watermark = busy.watermark()

    found = audience(busy)

    assert killed or count[0] > call
    assert 0 == busy.run(full_reload=True)["written"]
    assert {
        STAYS: "subscribed",
        CHANGES: "subscribed",
        SAYS_NO: "unsubscribed",
        GOES: "archived",
        COMES: "subscribed",
    } == {address: status for address, (status, _, _) in found.items()}
    assert ["debiteur"] == found[COMES][2]
    order = list(MemberStatus)
    raised = [w for w in busy.writes() if w["before"] in order and order.index(w["after"]) < order.index(w["before"])]
    assert [] == raised
