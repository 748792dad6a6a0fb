"""Members that are not ours, or no longer: an audience of before us, other lists, sources, syncs, and marketers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from afas_mailchimp.errors import ConfigurationError, SafetyStop, SyncError
from afas_mailchimp.findings import NewField
from hooks.mailchimp import MailchimpHook
from tests.integration.importing.local import (
    JAN,
    KEES,
    NEW,
    PIET,
    LocalWorld,
    Stages,
    both_kinds,
    in_sync,
    ready,
    stages,
)
from tests.integration.importing.world import CONTACTS, EXTRA, many

STATUSES = ("subscribed", "subscribed", "unsubscribed", "cleaned", "transactional", "pending")
MANY = 1000


@pytest.fixture(scope="module")
def shared() -> Iterator[Stages]:
    """One world for all tests here."""
    with stages(ready) as made:
        yield made


@pytest.fixture
def world(shared: Stages) -> LocalWorld:
    """Both sides empty."""
    world, empty, _ = shared
    empty()
    return world


@pytest.fixture
def small(shared: Stages) -> LocalWorld:
    """Two debtors and a contact, loaded."""
    world, _, loaded = shared
    loaded()
    return world


def archived(world: LocalWorld) -> int:
    """How many members are archived."""
    return list(world.statuses().values()).count("archived")


# ---- an audience that was there before us


def crowd(world: LocalWorld, count: int) -> LocalWorld:
    """So many members of before us at the addresses of as many debtors, and fifty strangers."""
    members = []
    for number in range(count):
        address = f"klant{number}@korenaar.example"
        world.debtor(str(20000 + number), address)
        fields = {"FNAME": f"Voornaam {number}"}
        members.append({"email_address": address, "status": STATUSES[number % 6], "merge_fields": fields})
    world.mailchimp.call("seed_members", members=members)
    world.mailchimp.call("seed_members", count=50)
    return world


def test_existing_audience_is_adopted(world: LocalWorld) -> None:
    """A dry run counts the adoptions; then each keeps its status and what AFAS does not know, and none is archived."""
    crowd(world, MANY)
    before = world.statuses()

    foretold = world.run(dry_run=True)
    report = world.run()

    assert (MANY, 0) == (foretold["adopted"], foretold["created"])
    assert (MANY, MANY, 0, 0) == tuple(report[name] for name in ("adopted", "updated", "created", "archived"))
    assert before == world.statuses()
    members = world.members()
    assert {f"customers:debtors:{20000 + number}+" for number in range(MANY)} | {""} == {
        each["merge_fields"]["AFASID"] for each in members.values()
    }
    assert "Voornaam 7" == members["klant7@korenaar.example"]["merge_fields"]["FNAME"]
    assert 0 == world.import_only(full_reload=True)["written"]


def test_existing_audience_is_not_adopted(world: LocalWorld) -> None:
    """``adopt: false``: a dry run and the run skip every row with the reason, and no member is written."""
    crowd(world, 200)
    world.settings["audience"]["adopt"] = False
    world.preflight()
    before, calls = world.members(), sum(world.attempts.calls.values())

    reports = [world.import_only(dry_run=dry) for dry in (True, False)]

    for report in reports:
        assert {"member_not_ours": 200} == report["sources"]["debtors"]["reasons"]
        assert (25, 0, 0) == (len(report["keys"]["member_not_ours"]), report["written"], report["adopted"])
    assert (before, calls) == (world.members(), sum(world.attempts.calls.values()))


def test_adopted_members_are_released_when_their_rows_go(world: LocalWorld) -> None:
    """Half of AFAS is deleted: no limit is touched, since nobody of before us is ever archived."""
    crowd(world, 120).run()
    before = world.statuses()
    for number in range(0, 120, 2):
        world.afas.call("delete", connector=EXTRA, key=str(20000 + number))

    report = world.run(full_reload=True)

    assert (0, before) == (report["archived"], world.statuses())
    mailable = sum(STATUSES[number % 6] in {"subscribed", "transactional"} for number in range(0, 120, 2))
    assert mailable == report["released"]
    assert in_sync(world)


# ---- the sync file or a connection names something else


def test_another_list_archives_nothing(world: LocalWorld) -> None:
    """Members with old keys of ours in a list that the file names anew stay there; those of AFAS come in."""
    many(world, 5)
    old = world.mailchimp
    world.another_audience("b2b2b2b2b2")
    with closing(MailchimpHook()) as hook:
        for tag in ("AFASID", "AFASSUM"):
            hook.create_merge_field("b2b2b2b2b2", NewField(tag=tag, name=tag, type="text"))
    gone = {"email_address": JAN, "status": "subscribed", "merge_fields": {"AFASID": "customers:debtors:1"}}
    world.mailchimp.call("seed_members", members=[gone])

    report = world.run()

    assert ("full", "the configuration changed", 5) == (report["mode"], report["why"], report["created"])
    assert {"subscribed": 6} == Counter(world.statuses().values())
    assert {"subscribed"} == {member["status"] for member in old.dump()["members"]}


def test_another_afas_environment_archives_nothing(world: LocalWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test environment with three customers: the members of forty others stay, in that run and by limit after it."""
    many(world)
    world.another_afas(monkeypatch)
    for number in range(3):
        world.debtor(str(20000 + number), f"klant{number}@korenaar.example")
    world.contact(7, KEES)

    report = world.run()

    assert ("full", "the configuration changed", 0) == (report["mode"], report["why"], report["archived"])
    with pytest.raises(SafetyStop, match="37 of 41 members"):
        world.run(full_reload=True)
    assert {"subscribed": 41} == Counter(world.statuses().values())


@pytest.mark.parametrize(("out", "stops"), [(2, False), (10, True)], ids=["few", "many"])
def test_changed_filter(world: LocalWorld, out: int, *, stops: bool) -> None:
    """Whom the new filter keeps out is archived in the full reload that follows, unless it is too many."""
    world.settings["sources"]["debtors"]["filter"] = {"Blocked": [True, False]}
    many(world)
    for number in range(out):
        world.afas.call("update_row", connector=EXTRA, key=str(20000 + number), set={"Blocked": True}, touch=False)
    world.settings["sources"]["debtors"]["filter"] = {"Blocked": False}

    if stops:
        with pytest.raises(SafetyStop, match="10 of 40 members"):
            world.run()
        assert 0 == archived(world)
        world.run(full_reload=True, max_archive_percent=25)
    else:
        assert "the configuration changed" == world.run()["why"]

    assert out == archived(world)
    assert in_sync(world)


def test_filter_that_lets_nobody_through(world: LocalWorld) -> None:
    """A mistake in the filter keeps everybody out: stopped by the limit, with nobody archived."""
    many(world)
    world.settings["sources"]["debtors"]["filter"] = {"Klantgroep": "bestaat niet"}

    with pytest.raises(SafetyStop, match="40 of 40 members"):
        world.run()

    assert {"subscribed": 40} == Counter(world.statuses().values())


@pytest.mark.parametrize(("contacts", "stops"), [(2, False), (6, True)], ids=["few", "many"])
def test_removed_source(world: LocalWorld, contacts: int, *, stops: bool) -> None:
    """A source is taken out of the file: its members are archived, unless they are too many."""
    for number in range(contacts):
        world.contact(number + 1, f"contact{number}@korenaar.example")
    many(world)
    del world.settings["sources"]["contacts"]

    if stops:
        with pytest.raises(SafetyStop, match="6 of 46 members"):
            world.run()
        assert 0 == archived(world)
        world.run(full_reload=True, max_archive_percent=14)
    else:
        world.run()

    assert contacts == archived(world)
    assert in_sync(world)


def test_member_of_a_removed_source_goes_over_to_another_one(small: LocalWorld) -> None:
    """The source goes, and another one has a row with the address: the member stays, with that row's key."""
    small.contact(8, JAN, Voornaam="Jan")
    small.run()
    del small.settings["sources"]["debtors"]

    small.run()

    assert {JAN: ("subscribed", "customers:contacts:8"), PIET: "archived"} == {
        JAN: small.gist()[JAN],
        PIET: small.statuses()[PIET],
    }
    assert in_sync(small)


def test_renamed_source(world: LocalWorld) -> None:
    """A source gets another name: its members get keys with the new name, nobody is created or archived."""
    many(world)
    world.mailchimp.call("unsubscribe", email="klant3@korenaar.example", by="user")
    before, sources = world.statuses(), world.settings["sources"]
    world.settings["sources"] = {"klanten": sources["debtors"], "contacts": sources["contacts"]}

    report = world.run()

    assert (0, 0, 40, 0) == tuple(report[name] for name in ("created", "archived", "updated", "adopted"))
    assert before == world.statuses()
    assert "customers:klanten:20003" == world.key_of("klant3@korenaar.example")
    assert ["debiteur"] == world.tags_of("klant4@korenaar.example")
    assert in_sync(world)


def test_renamed_sync_with_its_old_owner(small: LocalWorld) -> None:
    """``audience.owner`` keeps the members when the sync gets another name: nothing has to be written."""
    before = small.gist()
    small.settings["name"] = "klanten"
    small.settings["audience"]["owner"] = "customers"

    report = small.run()

    assert (0, 0, before) == (report["written"], report["archived"], small.gist())
    assert in_sync(small)


def test_renamed_sync_is_another_owner(small: LocalWorld) -> None:
    """Without it the members are another sync's: told, and left alone."""
    before = small.gist()
    small.settings["name"] = "klanten"

    report = small.run()

    assert {"member_of_another_sync"} == set(report["keys"])
    assert (0, before) == (report["written"], small.gist())


# ---- two syncs on one audience


@pytest.fixture
def sisters(world: LocalWorld) -> tuple[LocalWorld, LocalWorld]:
    """One sync for debtors and one for contacts, each with members in one audience, loaded."""
    world.debtor("10001", JAN)
    world.debtor("10002", PIET)
    world.contact(7, KEES, Voornaam="Kees")
    sources = world.settings["sources"]
    one = world.sister(sources={"debtors": sources["debtors"]})
    other = world.sister(name="contactpersonen", sources={"contacts": sources["contacts"]})
    for each in (one, other):
        each.run()
    return one, other


@both_kinds
def test_two_syncs_leave_each_other_alone(sisters: tuple[LocalWorld, LocalWorld], *, full: bool) -> None:
    """Each has its own members; a row that leaves one of them touches nobody of the other."""
    one, other = sisters
    one.change(EXTRA, "10002", Blocked=True)

    reports = [each.run(full_reload=full) for each in (one, other)]

    assert [1, 0] == [report["archived"] for report in reports]
    assert {
        JAN: ("subscribed", "customers:debtors:10001"),
        PIET: ("archived", "customers:debtors:10002-s"),
        KEES: ("subscribed", "contactpersonen:contacts:7"),
    } == one.gist()
    assert all(in_sync(each) for each in sisters)


@both_kinds
def test_two_syncs_with_one_address(sisters: tuple[LocalWorld, LocalWorld], *, full: bool) -> None:
    """Who was first has the member; the other one says so, and does nothing to it, also when its own row leaves."""
    one, other = sisters
    other.contact(8, JAN, Voornaam="Jan")
    before = one.members()[JAN]

    report = other.run(full_reload=full)
    one.run(full_reload=full)
    other.change(CONTACTS, 8, Blocked=True)
    left = other.run(full_reload=full)

    assert ["contacts:8"] == report["keys"]["member_of_another_sync"]
    assert (0, before) == (left["archived"], one.members()[JAN])
    assert all(in_sync(each) for each in sisters)


@both_kinds
def test_no_in_one_sync_and_a_member_of_the_other(sisters: tuple[LocalWorld, LocalWorld], *, full: bool) -> None:
    """A row moves to an address of the other sync: that member stays as it is, and the row says why it is not in."""
    one, _ = sisters
    before = one.members()[KEES]
    one.change(EXTRA, "10001", Email=KEES)

    report = one.run(full_reload=full)

    assert before == one.members()[KEES]
    assert ["debtors:10001"] == report["keys"]["member_of_another_sync"]
    assert all(in_sync(each) for each in sisters)


# ---- a marketer and our key field


def settled(world: LocalWorld) -> None:
    """Runs of both kinds, each of which may stop, but may not archive anybody or raise a status."""
    before = world.statuses()
    for full in (False, True):
        try:
            world.run(full_reload=full)
        except SyncError:
            continue
    assert before == world.statuses()
    assert [] == world.raised()


@pytest.mark.parametrize("value", ["", "A-klant", "customers:debtors:20000", "customers:debtors:99999"])
@both_kinds
def test_marketer_overwrites_every_key(world: LocalWorld, value: str, *, full: bool) -> None:
    """Emptied, or filled with whatever: nobody is archived or made anew, and no status changes."""
    many(world, 30)
    world.mailchimp.call("unsubscribe", email="klant5@korenaar.example", by="user")
    world.mailchimp.call("marketer_overwrites", tag="AFASID", value=value)
    world.change(EXTRA, "20001", DebtorName="Nieuwe naam")
    contacts = {member["contact_id"] for member in world.members().values()}

    before = world.statuses()
    try:
        world.run(full_reload=full)
    except SyncError:
        assert before == world.statuses()

    settled(world)
    assert before == world.statuses()
    assert contacts == {member["contact_id"] for member in world.members().values()}


@pytest.mark.parametrize("value", ["", "A-klant"])
def test_lost_keys_stop_a_full_reload(world: LocalWorld, value: str) -> None:
    """Every key is emptied or overwritten with something of the marketer's: the run stops before it writes."""
    many(world)
    world.mailchimp.call("marketer_overwrites", tag="AFASID", value=value)
    before = len(world.writes())

    with pytest.raises(SafetyStop, match=r"40 of 40 members .* have lost their key in merge field AFASID"):
        world.run(full_reload=True)

    assert before == len(world.writes())


@both_kinds
def test_some_keys_are_emptied(world: LocalWorld, *, full: bool) -> None:
    """Fewer than half: those members are adopted again, nothing of them is lost, and none is archived later."""
    many(world)
    world.run()
    before, tags = world.statuses(), world.tags_of("klant1@korenaar.example")
    emptied = [f"klant{number}@korenaar.example" for number in range(10)]
    world.mailchimp.call("marketer_overwrites", tag="AFASID", value="", emails=emptied)
    world.change(EXTRA, "20001", DebtorName="Nieuwe naam")

    report = world.run(full_reload=full)
    if not full:
        world.run(full_reload=True)

    assert (10 if full else 1) == report["adopted"]
    assert (before, tags) == (world.statuses(), world.tags_of("klant1@korenaar.example"))
    assert {"customers:debtors:20001+", "customers:debtors:20011"} == {
        world.key_of(f"klant{number}@korenaar.example") for number in (1, 11)
    }
    assert in_sync(world)


@both_kinds
def test_some_keys_are_overwritten(world: LocalWorld, *, full: bool) -> None:
    """What a marketer wrote over our key is the marketer's: the member is not ours any more, told, and left alone."""
    many(world)
    lost = "klant1@korenaar.example"
    world.mailchimp.call("marketer_overwrites", tag="AFASID", value="A-klant", emails=[lost])
    world.change(EXTRA, "20001", DebtorName="Nieuwe naam")

    report = world.run(full_reload=full)

    assert ("subscribed", "A-klant") == world.gist()[lost]
    assert ["debtors:20001"] == report["keys"]["member_not_ours"]
    assert in_sync(world)


@both_kinds
def test_marketer_copies_a_member(small: LocalWorld, *, full: bool) -> None:
    """An import brings our key to a second address: it stays as long as the row does, and stops nothing."""
    small.mailchimp.call("marketer_copies", email=JAN, new_email=NEW)
    small.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    small.run(full_reload=full)

    assert {JAN: "subscribed", PIET: "subscribed", KEES: "subscribed", NEW: "subscribed"} == small.statuses()
    assert "Nieuwe naam" == small.members()[JAN]["merge_fields"]["COMPANY"]
    assert in_sync(small)


@both_kinds
def test_no_reaches_the_copy_of_a_member_too(small: LocalWorld, *, full: bool) -> None:
    """The row behind both says no: neither the member nor its copy gets mail any more."""
    small.mailchimp.call("marketer_copies", email=JAN, new_email=NEW)
    small.at(small.now.add(hours=1))
    small.change(EXTRA, "10001", Nieuwsbrief=False)

    small.run(full_reload=full)
    small.run(full_reload=True)

    assert "unsubscribed" == small.statuses()[JAN] == small.statuses()[NEW]
    assert in_sync(small)


DELETED: dict[str, Callable[[LocalWorld], Any]] = {
    tag: lambda world, tag=tag: world.mailchimp.call("marketer_deletes_merge_field", tag=tag)
    for tag in ("AFASID", "AFASSUM", "COMPANY")
}


@both_kinds
def test_marketer_deletes_our_key_field(small: LocalWorld, *, full: bool) -> None:
    """Preflight stops, whatever the kind of run: nothing is written and the field is not made anew."""
    DELETED["AFASID"](small)
    small.change(EXTRA, "10001", Blocked=True)
    before = small.everything()

    with pytest.raises(ConfigurationError, match="AFASID is gone from the audience"):
        small.run(full_reload=full)

    assert before == small.everything()


@both_kinds
def test_marketer_deletes_our_digest_field(small: LocalWorld, *, full: bool) -> None:
    """Who is who is still known: nobody is archived or made anew, and every digest is there again after a full run."""
    DELETED["AFASSUM"](small)
    before = small.gist()
    small.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    small.run(full_reload=full)
    small.run(full_reload=True)

    assert before == small.gist()
    assert all(member["merge_fields"]["AFASSUM"] for member in small.members().values())
    assert in_sync(small)


@both_kinds
def test_marketer_deletes_a_mapped_field(small: LocalWorld, *, full: bool) -> None:
    """It is made again, and a full reload fills it."""
    DELETED["COMPANY"](small)

    small.run(full_reload=full)
    small.run(full_reload=True)

    assert "Firma 10001" == small.members()[JAN]["merge_fields"]["COMPANY"]
    assert in_sync(small)
