"""Both sides go on living while a run reads them: no row is missed, none counted twice, nobody taken for gone."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from typing import Any

import pendulum
import pytest
from airflow.sdk.exceptions import AirflowRescheduleException

from afas_mailchimp.errors import ConfigurationError, SafetyStop, SyncError, TemporaryError
from sandbox.server import SandboxServer
from tests.integration.importing.world import CONTACTS, EXTRA, LIST_ID, World, many

PAGE = 3
SURVEY, SECOND = 2, 7
"""Reads of twelve debtors in pages of three: behind the second page of the survey, and of the second reading."""
NEW = "nieuw@korenaar.example"


def address(number: int) -> str:
    """The address of one of the debtors."""
    return f"klant{number}@korenaar.example"


@pytest.fixture
def paged(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Small pages on both sides, so that much can happen between them; twelve debtors in AFAS, not loaded yet."""
    connection = {**json.loads(os.environ["AIRFLOW_CONN_AFAS_DEFAULT"]), "extra": {"page_size": PAGE}}
    monkeypatch.setenv("AIRFLOW_CONN_AFAS_DEFAULT", json.dumps(connection))
    monkeypatch.setattr("operators.afas_mailchimp_reading.WINDOW_PAGE", PAGE)
    monkeypatch.setattr("hooks.mailchimp.PAGE", PAGE)
    monkeypatch.setattr("hooks.afas_mailchimp_mailchimp_paging.OVERLAP", 1)
    for number in range(12):
        world.debtor(str(10001 + number), address(number))
    return world


@pytest.fixture
def loaded(paged: World) -> World:
    """The same twelve, loaded, long ago."""
    paged.run()
    paged.at(paged.now.add(days=1))
    paged.run()
    return paged


def in_afas(world: World) -> dict[str, str]:
    """Name by address of every debtor that takes part, as AFAS has it now."""
    rows = world.afas.call("rows", connector=EXTRA)
    return {row["Email"]: row["DebtorName"] for row in rows if row["Email"] and not row["Blocked"]}


def in_mailchimp(world: World) -> dict[str, str]:
    """Name by address of every member that gets mail."""
    members = world.members().items()
    return {at: member["merge_fields"]["COMPANY"] for at, member in members if member["status"] == "subscribed"}


def meanwhile(world: World, count: int, *actions: tuple[str, dict[str, Any]]) -> None:
    """Let AFAS change behind so many pages of debtors."""
    orders = [{"verb": verb, "arguments": arguments} for verb, arguments in actions]
    world.afas.call("after_requests", count=count, connector=EXTRA, actions=orders)


def between_member_pages(world: World, count: int, *actions: tuple[str, dict[str, Any]]) -> None:
    """Let Mailchimp change behind so many pages of members."""
    orders = [{"verb": verb, "arguments": arguments} for verb, arguments in actions]
    world.mailchimp.call("after_requests", count=count, actions=orders)


def insert(key: str, email: str) -> tuple[str, dict[str, Any]]:
    """A debtor that comes."""
    row = {"DebtorId": key, "Email": email, "DebtorName": f"Firma {key}", "Blocked": False}
    return "insert", {"connector": EXTRA, "row": row}


def update(key: str, **columns: Any) -> tuple[str, dict[str, Any]]:
    """A debtor that changes."""
    return "update_row", {"connector": EXTRA, "key": key, "set": columns}


def delete(key: str) -> tuple[str, dict[str, Any]]:
    """A debtor that goes."""
    return "delete", {"connector": EXTRA, "key": key}


def restrict(*keys: str) -> tuple[str, dict[str, Any]]:
    """The user behind the token may see these rows alone; AFAS says nothing about the others."""
    return "connector", {"name": EXTRA, "restrict": {"column": "DebtorId", "values": list(keys)}}


def converges(world: World) -> None:
    """Full reloads make both sides equal, and the last of them finds nothing to write."""
    world.run(full_reload=True)
    last = world.run(full_reload=True)

    assert in_afas(world) == in_mailchimp(world)
    assert 0 == last["written"]


def created_twice(world: World) -> list[str]:
    """Members that came into being more than once."""
    born = [write["member"] for write in world.writes() if write["before"] == "absent"]
    return sorted({member for member in born if born.count(member) > 1})


# ---- AFAS changes between two pages

CHANGES = {
    "a row comes before the border": [insert("10000", NEW)],
    "a row comes behind the border": [insert("100065", NEW)],
    "a row goes before the border": [delete("10002")],
    "a row goes behind the border": [delete("10008")],
    "the row at the border goes": [delete("10006")],
    "a read row changes": [update("10002", DebtorName="Nieuwe naam")],
    "an unread row changes": [update("10008", DebtorName="Nieuwe naam")],
    "a key goes and another comes": [delete("10002"), insert("10099", address(1))],
    "everything at once": [
        insert("10000", NEW),
        delete("10003"),
        update("10002", DebtorName="Andere naam"),
        update("10009", DebtorName="Nieuwe naam"),
        delete("10011"),
    ],
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("behind", [SURVEY, SECOND], ids=["survey", "second reading"])
def test_afas_changes_while_everything_is_read(
    loaded: World, behind: int, changes: list[tuple[str, dict[str, Any]]]
) -> None:
    """AFAS has no snapshot: what changes between two pages is met in this run or the next, and never twice."""
    meanwhile(loaded, behind, *changes)

    report = loaded.run(full_reload=True)
    loaded.run()
    there = in_mailchimp(loaded)

    # Who is gone from AFAS leaves in a full reload alone; all others are there, as AFAS has them.
    assert in_afas(loaded).items() <= there.items()
    assert 11 <= report["sources"]["debtors"]["read"] <= 13
    assert [] == created_twice(loaded)
    converges(loaded)


@pytest.mark.parametrize("behind", [SURVEY, SECOND], ids=["survey", "second reading"])
@pytest.mark.parametrize("key", ["10002", "10008"], ids=["read", "unread"])
def test_an_address_changes_while_everything_is_read(loaded: World, behind: int, key: str) -> None:
    """A row whose address changes between two readings is one member in the end, not two and not none."""
    meanwhile(loaded, behind, update(key, Email=NEW))

    loaded.run(full_reload=True)
    loaded.run()

    converges(loaded)
    assert 12 == len(in_mailchimp(loaded))
    assert [] == created_twice(loaded)


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_afas_changes_while_a_window_is_read(loaded: World, changes: list[tuple[str, dict[str, Any]]]) -> None:
    """What changes after a window was fixed lies in the next one, also when it was read already."""
    for number in range(12):
        loaded.change(EXTRA, str(10001 + number), DebtorName=f"Tweede naam {number}")
    meanwhile(loaded, SURVEY, *changes)

    loaded.run()
    loaded.run()

    assert in_afas(loaded).items() <= in_mailchimp(loaded).items()
    assert [] == created_twice(loaded)
    converges(loaded)


# ---- seconds


def test_thousands_of_rows_in_one_second(
    world: World, servers: tuple[SandboxServer, SandboxServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import in AFAS gives thousands of rows one second: pages go by key, so none is missed or comes twice."""
    afas, _ = servers
    keys = [str(20000 + number) for number in range(2100)]
    for key in keys:
        row = {"DebtorId": key, "Email": f"k{key}@korenaar.example", "DebtorName": key, "Blocked": False}
        afas.service.control("insert", {"connector": EXTRA, "row": row, "at": world.just_now})
    world.run()
    world.at(world.now.add(days=1))
    world.run()
    moment = f"{world.just_now}.500"
    for key in keys:
        change = {"connector": EXTRA, "key": key, "set": {"DebtorName": f"Nieuw {key}"}, "at": moment}
        afas.service.control("update_row", change)
    monkeypatch.setattr("operators.afas_mailchimp_reading.WINDOW_PAGE", 1000)

    report = world.run()

    counts = report["sources"]["debtors"]
    assert ("incremental", 2100, 2100) == (report["mode"], counts["read"], counts["updated"])
    assert in_afas(world) == in_mailchimp(world)
    assert 0 == world.run(full_reload=True)["written"]


@pytest.mark.parametrize("rounding", ["half-up", "truncate"])
@pytest.mark.parametrize("moment", ["59.499", "59.500", "59.999", "60.000", "60.499", "60.500"])
def test_rounded_seconds_at_the_border_of_windows(paged: World, rounding: str, moment: str) -> None:
    """AFAS shows whole seconds and compares stored fractions: a row around the end of a window is in one of the two."""
    paged.afas.call("settings", rounding=rounding)
    paged.run()
    paged.at(pendulum.parse("2026-06-03T08:01:00Z"))
    wall = pendulum.parse("2026-06-03T10:00:00").add(seconds=float(moment)).naive().isoformat(timespec="milliseconds")
    paged.afas.call("update_row", connector=EXTRA, key="10005", set={"DebtorName": "Nieuwe naam"}, at=wall)

    paged.run()
    paged.at(pendulum.parse("2026-06-03T08:16:00Z"))
    paged.run()

    assert "Nieuwe naam" == in_mailchimp(paged)[address(4)]


@pytest.mark.parametrize("late", [1, 60, 540])
def test_a_row_that_is_committed_late(loaded: World, late: int) -> None:
    """A date is set when a change begins and seen when it is committed: the overlap covers what came in between."""
    began = loaded.now.subtract(seconds=late).in_timezone("Europe/Amsterdam").format("YYYY-MM-DDTHH:mm:ss")
    loaded.run()
    loaded.afas.call("update_row", connector=EXTRA, key="10005", set={"DebtorName": "Nieuwe naam"}, at=began)

    loaded.run()

    assert "Nieuwe naam" == in_mailchimp(loaded)[address(4)]


# ---- the two nights on which the clock is changed

NIGHTS = {
    "the hour that exists twice": "2026-10-24T23:20:00Z",
    "the hour that never exists": "2026-03-28T23:50:00Z",
}


@pytest.mark.parametrize("evening", NIGHTS.values(), ids=NIGHTS)
@pytest.mark.parametrize("minutes", [20, 60])
def test_runs_across_a_change_of_the_clock(paged: World, evening: str, minutes: int) -> None:
    """AFAS's times are wall times: across the changed hour each new row is there after the next run, none is lost."""
    now = pendulum.parse(evening)
    paged.at(now.subtract(hours=2))
    paged.run()
    missing, marks = [], [paged.watermark()]
    for number in range(240 // minutes):
        for seconds in (0, minutes * 30):
            paged.at(now.add(minutes=number * minutes, seconds=seconds))
            name, arguments = insert(f"2{number:03}{seconds:03}", f"n{number}s{seconds}@korenaar.example")
            paged.afas.call(name, **arguments)
        paged.at(now.add(minutes=(number + 1) * minutes))
        report = paged.run()
        marks.append(paged.watermark())
        missing += sorted(set(in_afas(paged)) - set(in_mailchimp(paged)))
        assert "incremental" == report["mode"]

    assert [] == missing
    assert sorted(marks) == marks
    assert marks[-1] > marks[0]
    assert 0 == paged.run(full_reload=True)["written"]


@pytest.mark.parametrize("at", ["2026-10-25T00:40:00Z", "2026-10-25T01:10:00Z"], ids=["first time", "second time"])
def test_changed_while_read_in_the_doubled_hour(paged: World, at: str) -> None:
    """Half past two comes twice: what is changed in the second one while the first was read is not lost."""
    paged.at(pendulum.parse(at).subtract(hours=3))
    paged.run()
    paged.at(pendulum.parse(at))
    for number in range(12):
        paged.change(EXTRA, str(10001 + number), DebtorName=f"Tweede naam {number}")
    meanwhile(paged, SURVEY, update("10001", DebtorName="Derde naam"), insert("10000", NEW))

    paged.run()
    paged.at(pendulum.parse(at).add(hours=1))
    paged.run()

    assert in_afas(paged) == in_mailchimp(paged)
    assert 0 == paged.run(full_reload=True)["written"]


# ---- people and marketers while members are read

PEOPLE: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "a person leaves": [("unsubscribe", {"email": address(1)})],
    "a person edits": [("person_edits", {"email": address(1), "merge_fields": {"FNAME": "Zelf"}})],
    "a stranger comes": [("person_signs_up", {"email": "vreemd@elders.example"})],
    "one of ours comes back": [("person_signs_up", {"email": address(11)})],
    "somebody of AFAS comes himself": [("person_signs_up", {"email": NEW})],
    "an address bounces": [("clean", {"email": address(2)})],
    "a marketer archives": [("archive", {"email": address(3)})],
    "all of it": [
        ("unsubscribe", {"email": address(1)}),
        ("unsubscribe", {"email": address(5)}),
        ("person_signs_up", {"email": address(11)}),
        ("person_signs_up", {"email": NEW}),
        ("clean", {"email": address(2)}),
        ("archive", {"email": address(3)}),
    ],
}


@pytest.mark.parametrize("people", PEOPLE.values(), ids=PEOPLE)
@pytest.mark.parametrize("page", [1, 4])
def test_members_change_while_they_are_read(loaded: World, page: int, people: list[tuple[str, dict[str, Any]]]) -> None:
    """Members have no snapshot either: nobody is made twice or archived by us, and no opt-out or sign-up is undone."""
    loaded.mailchimp.call("unsubscribe", email=address(11))
    loaded.debtor("10050", NEW)
    loaded.change(EXTRA, "10002", DebtorName="Nieuwe naam")
    loaded.change(EXTRA, "10006", DebtorName="Nieuwe naam")
    between_member_pages(loaded, page, *people)
    since = len(loaded.writes())

    loaded.run(full_reload=True)

    done = loaded.writes()[since:]
    by_people = {write["member"]: write["after"] for write in done if write["by"] != "api"}
    now = {member["id"]: member["status"] for member in loaded.members().values()}
    assert by_people == {member: now[member] for member in by_people}
    assert [] == [write for write in done if write["by"] == "api" and write["kind"] == "archive"]
    assert {"absent", "subscribed"} >= {w["before"] for w in done if w["by"] == "api" and w["after"] == "subscribed"}
    assert [] == created_twice(loaded)
    assert len(loaded.members()) == 13 + any("vreemd" in str(each) for each in people)
    loaded.run(full_reload=True)
    assert by_people == {each["id"]: each["status"] for each in loaded.members().values() if each["id"] in by_people}
    assert 0 == loaded.run(full_reload=True)["written"]


def test_a_member_that_moves_between_pages(loaded: World) -> None:
    """A subscriber who changes the address while members are read is not made anew at the old one."""
    mine = "zelf@elders.example"
    between_member_pages(loaded, 2, ("person_changes_address", {"email": address(6), "new_email": mine}))

    for _ in range(2):
        try:
            loaded.run(full_reload=True)
        except SafetyStop:
            continue

    mailable = {at for at, status in loaded.statuses().items() if status == "subscribed"}
    assert mine in mailable
    assert address(6) not in mailable


# ---- readings that break off, rights that shrink

BREAKS = {
    "survey": ("afas", f"GET /connectors/{EXTRA}", 1),
    "second reading": ("afas", f"GET /connectors/{EXTRA}", 6),
    "last empty page": ("afas", f"GET /connectors/{EXTRA}", 4),
    "members": ("mailchimp", f"GET /lists/{LIST_ID}/members", 1),
    "archived members": ("mailchimp", f"GET /lists/{LIST_ID}/members", 7),
}


@pytest.mark.parametrize("place", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("kind", ["truncated", "reset", "503"])
def test_a_reading_that_breaks_off(loaded: World, place: tuple[str, str, int], kind: str) -> None:
    """What cannot be read whole fails or is put off: nobody is archived, no watermark moves, the next run does it."""
    system, match, skip = place
    loaded.afas.call("delete", connector=EXTRA, key="10012")
    loaded.change(EXTRA, "10001", DebtorName="Nieuwe naam")
    watermark = loaded.watermark()
    server = getattr(loaded, system)
    server.fail(kind, match=match, skip=skip, count=None, **({"seconds": 7200} if kind == "503" else {}))

    with pytest.raises(AirflowRescheduleException if kind == "503" else TemporaryError):
        loaded.run(full_reload=True)

    assert watermark == loaded.watermark()
    assert {"subscribed"} == set(loaded.statuses().values())
    server.clear_faults()
    loaded.run()
    assert "Nieuwe naam" == in_mailchimp(loaded)[address(0)]
    converges(loaded)


@pytest.mark.parametrize("full_reload", [True, False], ids=["full", "incremental"])
@pytest.mark.parametrize(
    "becomes",
    [
        pytest.param({"blocked": True}, id="blocked"),
        pytest.param({"authorised": False}, id="no longer authorised"),
    ],
)
@pytest.mark.parametrize("unauthorised", ["401", "500"])
def test_a_connector_that_is_taken_away(
    loaded: World, becomes: dict[str, Any], unauthorised: str, *, full_reload: bool
) -> None:
    """A connector that AFAS blocks, or that the token loses, between two pages ends the run with what to do."""
    loaded.afas.call("settings", unauthorised=unauthorised)
    for number in range(12):
        loaded.change(EXTRA, str(10001 + number), DebtorName=f"Tweede naam {number}")
    watermark = loaded.watermark()
    meanwhile(loaded, 2, ("connector", {"name": EXTRA, **becomes}))

    with pytest.raises(ConfigurationError, match="GetConnector") as caught:
        loaded.run(full_reload=full_reload)

    assert "korenaar" not in str(caught.value)
    assert watermark == loaded.watermark()
    assert {"subscribed"} == set(loaded.statuses().values())
    loaded.afas.call("connector", name=EXTRA, blocked=False, authorised=True)
    loaded.run()
    assert in_afas(loaded) == in_mailchimp(loaded)


@pytest.mark.parametrize(
    ("count", "visible"),
    [
        pytest.param(12, 0, id="nothing of a few"),
        pytest.param(40, 0, id="nothing of many"),
        pytest.param(40, 37, id="most of many"),
    ],
)
def test_rights_that_shrank_before_the_run(world: World, count: int, visible: int) -> None:
    """The user's own filter in AFAS hides rows without a word: what is hidden is not taken for gone."""
    many(world, count)
    watermark = world.watermark()
    name, arguments = restrict(*(str(20000 + number) for number in range(visible)))
    world.afas.call(name, **arguments)

    with pytest.raises(SafetyStop):
        world.run(full_reload=True)

    assert ({"subscribed"}, watermark) == (set(world.statuses().values()), world.watermark())
    assert count == len(world.members())


@pytest.fixture
def changed(paged: World) -> Callable[[int], None]:
    """So many debtors, loaded, and each of them changed an hour ago: out of reach of the next run's overlap."""

    def prepare(count: int) -> None:
        for number in range(12):
            paged.afas.call("delete", connector=EXTRA, key=str(10001 + number))
        many(paged, count)
        paged.at(paged.now.add(days=1))
        paged.run()
        for number in range(count):
            paged.change(EXTRA, str(20000 + number), DebtorName=f"Tweede naam {number}")
        paged.at(paged.now.add(hours=1))

    return prepare


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(0, id="none"),
        pytest.param(1, id="one", marks=pytest.mark.long),
        pytest.param(30, id="half"),
        pytest.param(50, id="most", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("behind", [1, 22, 32], ids=["survey", "later in the survey", "second reading"])
def test_rights_that_shrink_between_pages_of_many_rows(
    paged: World, changed: Callable[[int], None], behind: int, left: int
) -> None:
    """A token that sees fewer rows from one page to the next: nobody is archived, and no change is passed over."""
    changed(60)
    meanwhile(paged, behind, restrict("nobody", *(str(20000 + number) for number in range(left))))

    with pytest.raises(SyncError):
        paged.run(full_reload=True)

    assert {"subscribed"} == set(paged.statuses().values())
    paged.afas.call("connector", name=EXTRA, restrict={})
    paged.run()
    assert in_afas(paged) == in_mailchimp(paged)


@pytest.mark.parametrize("left", [0, 1, 6, 11], ids=["none", "one", "half", "all but one"])
def test_no_watermark_passes_rows_that_were_not_read_again(
    paged: World, changed: Callable[[int], None], left: int
) -> None:
    """Of a few rows too: what the survey saw and the second reading did not may have changed, so the mark waits."""
    changed(12)
    # The survey of four pages takes ten calls: the first page, five looks for a cut, and two stretches.
    meanwhile(paged, 11, restrict("nobody", *(str(20000 + number) for number in range(left))))

    with contextlib.suppress(SyncError):
        paged.run(full_reload=True)
    paged.afas.call("connector", name=EXTRA, restrict={})
    paged.run()

    assert {"subscribed"} == set(paged.statuses().values())
    assert in_afas(paged) == in_mailchimp(paged)


def test_a_second_reading_without_a_row_archives_nobody(paged: World, changed: Callable[[int], None]) -> None:
    """A source of a few rows that fell silent behind its first page is a lost right, not a company that left."""
    changed(12)
    meanwhile(paged, 1, restrict("nobody"))

    with contextlib.suppress(SyncError):
        paged.run(full_reload=True)

    assert {"subscribed"} == set(paged.statuses().values())


def test_no_rows_in_a_window_is_no_news(loaded: World) -> None:
    """An incremental run never concludes anything from rows that are not there."""
    for name in (EXTRA, CONTACTS):
        key = "DebtorId" if name == EXTRA else "ContactId"
        values = ["nobody"] if name == EXTRA else [-1]
        loaded.afas.call("connector", name=name, restrict={"column": key, "values": values})

    report = loaded.run()

    assert (0, 0) == (report["written"], report["archived"])
    assert {"subscribed"} == set(loaded.statuses().values())


@pytest.mark.parametrize("behind", [0, 2], ids=["before the run", "between two pages"])
def test_what_a_window_did_not_show_comes_with_the_full_reload(
    paged: World, changed: Callable[[int], None], behind: int
) -> None:
    """AFAS hides rows without a word, so an incremental run cannot know of them: the full reload makes it right."""
    changed(12)
    hide = restrict(*(str(20000 + number) for number in range(3)))
    if behind:
        meanwhile(paged, behind, hide)
    else:
        paged.afas.call(hide[0], **hide[1])

    paged.run()
    assert {"subscribed"} == set(paged.statuses().values())
    paged.afas.call("connector", name=EXTRA, restrict={})

    converges(paged)
