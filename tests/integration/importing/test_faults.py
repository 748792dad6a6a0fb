"""Failures of the line itself over real sockets, in each phase; all the others are in ``tests/integration/faults``."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from afas_mailchimp.errors import SyncError
from hooks import afas_mailchimp_transport
from tests.integration.importing.world import EXTRA, LIST_ID, World

STAYS, CHANGES, SAYS_NO, GOES, COMES = (
    f"{name}@korenaar.example" for name in ("blijft", "verandert", "nee", "weg", "nieuw")
)

PHASES = {
    "preflight asks AFAS": ("afas", "GET /metainfo", 0),
    "survey": ("afas", "GET /connectors", 0),
    "second reading": ("afas", "GET /connectors", 4),
    "audience is read": ("mailchimp", f"GET /lists/{LIST_ID}/members", 0),
    "archived members are read": ("mailchimp", f"GET /lists/{LIST_ID}/members", 5),
    "create": ("mailchimp", f"POST /lists/{LIST_ID}", 0),
    "opt-out and mark": ("mailchimp", f"PATCH /lists/{LIST_ID}/members", 0),
    "mark": ("mailchimp", f"PATCH /lists/{LIST_ID}/members", 1),
    "tags": ("mailchimp", f"/lists/{LIST_ID}/segments", 0),
    "archive": ("mailchimp", f"DELETE /lists/{LIST_ID}/members", 0),
}
HARMLESS = {("archive", "truncated")}
"""An answer without a body cannot be cut."""

KINDS = ("reset", "reset_after", "truncated")


@pytest.fixture
def busy(world: World) -> World:
    """A loaded audience, and one of each kind of change waiting in AFAS."""
    world.debtor("10001", STAYS)
    world.debtor("10002", CHANGES)
    world.debtor("10003", SAYS_NO)
    world.debtor("10004", GOES)
    world.at(world.now.add(hours=1))
    world.run()
    world.change(EXTRA, "10002", DebtorName="Nieuwe naam")
    world.change(EXTRA, "10003", Nieuwsbrief=False)
    world.afas.call("delete", connector=EXTRA, key="10004")
    world.debtor("10005", COMES, TelNr="033-4612345")
    world.mailchimp.clear_log()
    return world


def audience(world: World) -> dict[str, Any]:
    """What counts of every member: status, AFAS's values, key, tags."""
    return {
        address: (
            member["status"],
            {tag: value for tag, value in member["merge_fields"].items() if tag != "AFASSUM"},
            sorted(tag["name"] for tag in member["tags"]),
        )
        for address, member in world.members().items()
    }


def test_undisturbed(busy: World) -> None:
    """What the run does without any failure: the measure for the others."""
    busy.run(full_reload=True)

    found = audience(busy)

    assert {
        STAYS: "subscribed",
        CHANGES: "subscribed",
        SAYS_NO: "unsubscribed",
        GOES: "archived",
        COMES: "subscribed",
    } == {address: status for address, (status, _, _) in found.items()}
    assert (["debiteur"], "+31334612345") == (found[COMES][2], found[COMES][1]["PHONE"])
    assert "Nieuwe naam" == found[CHANGES][1]["COMPANY"]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_failure(busy: World, phase: str, kind: str, *, lasting: bool) -> None:
    """A failure that passes is survived; one that lasts ends in one clear error, and the next run makes it right."""
    system, match, skip = PHASES[phase]
    server = getattr(busy, system)
    server.fail(kind, match=match, skip=skip, count=None if lasting else 1)
    watermark = busy.watermark()

    failed = None
    try:
        busy.run(full_reload=True)
    except SyncError as error:
        failed = error
    if failed is not None:
        assert watermark == busy.watermark()
        assert "korenaar" not in f"{failed!r} {failed.__cause__!r} {failed.__context__!r}"
    struck = sum(order["hits"] for order in server.faults())
    server.clear_faults()
    busy.run(full_reload=True)

    found = audience(busy)
    last = busy.run(full_reload=True)

    assert struck
    assert failed is not None or not lasting or (phase, kind) in HARMLESS
    assert failed is None or str(failed)
    assert {
        STAYS: "subscribed",
        CHANGES: "subscribed",
        SAYS_NO: "unsubscribed",
        GOES: "archived",
        COMES: "subscribed",
    } == {address: status for address, (status, _, _) in found.items()}
    assert (["debiteur"], "+31334612345") == (found[COMES][2], found[COMES][1]["PHONE"])
    assert "Nieuwe naam" == found[CHANGES][1]["COMPANY"]
    assert 0 == last["written"]


def test_every_status_only_went_down(busy: World) -> None:
    """Over a run in which every tenth answer fails: nobody's status ever went up."""
    order = {"archived": 0, "cleaned": 1, "unsubscribed": 2, "transactional": 3, "pending": 4, "subscribed": 5}
    for server in (busy.afas, busy.mailchimp):
        server.fail("reset_after", probability=0.1, seed=7, count=None)
    for _ in range(6):
        try:
            busy.run(full_reload=True)
        except SyncError:
            continue
    busy.afas.clear_faults()
    busy.mailchimp.clear_faults()
    busy.run(full_reload=True)

    raised = [
        write
        for write in busy.writes()
        if write["before"] in order and order.get(write["after"], -1) > order[write["before"]]
    ]

    assert [] == raised
    assert 0 == busy.run(full_reload=True)["written"]


def test_an_answer_that_comes_too_late(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk that takes effect after we stopped waiting is found on the next try, and nobody is created twice."""
    monkeypatch.setattr(afas_mailchimp_transport, "SOCKET_SECONDS", 0.3)
    busy.mailchimp.fail("slow", match=f"POST /lists/{LIST_ID}", seconds=1.0)
    monkeypatch.setattr(afas_mailchimp_transport.time, "sleep", threading.Event().wait)
    report = busy.run(full_reload=True)
    creations = [write for write in busy.writes() if write["before"] == "absent" and write["kind"] == "batch"]

    assert 1 == busy.mailchimp.faults()[0]["hits"]
    assert "subscribed" == busy.statuses()[COMES]
    assert 5 == len(busy.statuses())
    assert 0 == report["rejected"]
    assert 0 == busy.run(full_reload=True)["written"]
    assert len({write["member"] for write in creations}) == len(creations)
