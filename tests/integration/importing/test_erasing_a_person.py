"""The right to be forgotten, against both stand-ins: who is deleted, who is not, and that nobody ever comes back."""

from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any

import pytest

from afas_mailchimp.audience import Refusal
from afas_mailchimp.errors import ConfigurationError, RefusedError, SafetyStop, TemporaryError
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import FoundFile
from hooks.mailchimp import MailchimpHook
from operators.afas_mailchimp_erase import ErasePersonOperator
from operators.afas_mailchimp_import import REPORT_KEY
from sandbox.client import Control
from sandbox.mailchimp import API_KEY, MailchimpService
from sandbox.server import SandboxServer
from tests.integration.importing.local import LocalWorld
from tests.integration.importing.test_leaving import ANNA, PIET
from tests.integration.importing.world import EXTRA

FOR_REAL = {"source": "debtors", "key": "10002", "dry_run": False, "confirm": "10002"}
DRY = {"source": "debtors", "key": "10002"}


def erase(world: LocalWorld, *syncs: Any, **given: Any) -> dict[str, Any]:
    """Run the task as its DAG would."""
    found = [FoundFile(sync.name, sync, None) for sync in (world.sync, *syncs)]
    task = ErasePersonOperator(task_id="erase", found=found)
    certificate: dict[str, Any] = task.execute(world._context(given, scheduled=False))
    text = json.dumps(certificate)
    assert "@" not in text
    assert "korenaar" not in text
    return certificate


def answers(certificate: dict[str, Any]) -> dict[str, int]:
    """What happened in the first audience."""
    found: dict[str, int] = certificate["audiences"][0]["answers"]
    return found


def forgotten(world: LocalWorld) -> list[str]:
    """Addresses that Mailchimp will refuse for ever."""
    found: list[str] = world.mailchimp.call("dump")["forgotten"]
    return found


def test_a_dry_run_tells_and_does_nothing(small):
    """The default: what would happen, and no trace of it."""
    small.run()
    before, variables = small.mailchimp.call("dump"), dict(small.variables)

    certificate = erase(small, **DRY)

    assert answers(certificate) == {"would_be_deleted": 1}
    assert certificate["rows_in_afas"] == 1
    assert small.mailchimp.call("dump") == before
    assert small.variables == variables


def test_erased_and_never_back(small):
    """Deleted for good, and no import brings the row in again, whatever its address is then."""
    small.run()

    certificate = erase(small, **FOR_REAL)

    assert (answers(certificate), certificate["tombstones"]) == ({"deleted": 1}, ["customers"])
    assert forgotten(small) == [PIET]
    assert json.loads(small.variables["afas_mailchimp.customers.erased"]) == ["debtors:10002"]
    small.change(EXTRA, "10002", Email="piet@elders.example")
    for full in (False, True, False):
        report = small.run(full_reload=full)
        assert report["rejected"] == 0
        assert not {PIET, "piet@elders.example"} & set(small.statuses())


def test_again_finds_nothing_left(small):
    """Run twice by mistake: the second certificate says so, and asks whether the key is right."""
    small.run()
    erase(small, **FOR_REAL)

    certificate = erase(small, **FOR_REAL)

    assert answers(certificate) == {"was_not_there": 1}
    small.afas.call("delete", connector=EXTRA, key="10002")
    certificate = erase(small, **FOR_REAL)
    assert answers(certificate) == {}
    assert "mistyped" in " ".join(certificate["remarks"]["en"])


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "archived"])
def test_the_row_has_gone_from_afas(small, status):
    """The member is found by its key, in whatever status."""
    small.run()
    if status in {"unsubscribed", "archived"}:
        small.mailchimp.call({"unsubscribed": "unsubscribe", "archived": "archive"}[status], email=PIET)
    if status == "cleaned":
        small.mailchimp.call("clean", email=PIET)
    small.afas.call("delete", connector=EXTRA, key="10002")

    certificate = erase(small, **FOR_REAL)

    assert certificate["rows_in_afas"] == 0
    assert certificate["audiences"][0]["found_by_key"] == 1
    assert forgotten(small) == [PIET]


def test_an_address_that_the_import_has_not_seen_yet(small):
    """The row moved since the last run: the member at the old address and whoever is at the new one both go."""
    small.run()
    small.mailchimp.call("person_signs_up", email="piet@elders.example")
    small.change(EXTRA, "10002", Email="Piet@Elders.example")

    certificate = erase(small, **FOR_REAL)

    assert answers(certificate) == {"deleted": 2}
    assert sorted(forgotten(small)) == sorted([PIET, "piet@elders.example"])


def test_a_shared_address(small):
    """The member carries another row's key: it goes, and the other key is listed."""
    small.debtor("10009", PIET.upper())
    small.contact(77, PIET)
    small.run()

    certificate = erase(small, **FOR_REAL)

    assert certificate["other_keys"] == ["contacts:77", "debtors:10009"]
    assert forgotten(small) == [PIET]
    assert "come back" in " ".join(certificate["remarks"]["en"])
    report = small.run(full_reload=True)
    assert report["rejected"] == 0
    assert PIET not in small.statuses()


def test_other_people_stay(small):
    """Nobody else is touched: members, keys and statuses are what they were."""
    small.contact(8, ANNA)
    small.run()
    before = small.members()

    erase(small, **FOR_REAL)

    before.pop(PIET)
    assert small.members() == before


def test_refused_by_mailchimp(small, monkeypatch):
    """The run is red and says so; the tombstone stands, and the next run ends it."""
    small.run()

    def refuse(*_: object) -> bool:
        raise RefusedError("Mailchimp refused.", status=400, refusal=Refusal.OTHER)

    with monkeypatch.context() as patched:
        patched.setattr(MailchimpHook, "delete_for_good", refuse)
        with pytest.raises(SafetyStop, match="refused 1 deletion"):
            erase(small, **FOR_REAL)

    assert answers(small.pushed[REPORT_KEY]) == {"refused_by_mailchimp": 1}
    assert "debtors:10002" in small.variables["afas_mailchimp.customers.erased"]
    assert answers(erase(small, **FOR_REAL)) == {"deleted": 1}


def test_the_answer_got_lost(small):
    """The first try had its effect: the second finds nobody, which is a success."""
    small.run()
    small.mailchimp.fail("reset_after", match="delete-permanent")

    assert answers(erase(small, **FOR_REAL)) == {"deleted": 1}
    assert forgotten(small) == [PIET]


@pytest.mark.parametrize(("answers_of_airflow", "named"), [([1, 1, 0], []), ([1] * 9, ["customers"])])
def test_waits_for_an_import_that_began_before(small, monkeypatch, answers_of_airflow, named):
    """Nobody is deleted under an import that does not know of the tombstone; one that never ends is named."""
    small.run()
    asked: list[tuple[str, bool]] = []

    def count(dag_id: str, states: list[str]) -> int:
        assert (dag_id, states) == ("afas_mailchimp_sync_customers", ["running"])
        asked.append(("debtors:10002" in small.variables["afas_mailchimp.customers.erased"], bool(forgotten(small))))
        return answers_of_airflow[len(asked) - 1]

    clock = SimpleNamespace(monotonic=lambda: 200.0 * len(asked), sleep=lambda _: None)
    monkeypatch.setattr("operators.afas_mailchimp_erase.time", clock)
    context = small._context(FOR_REAL, scheduled=False)
    context["ti"].get_dr_count = count
    task = ErasePersonOperator(task_id="erase", found=[FoundFile("customers", small.sync, None)])

    certificate = task.execute(context)

    assert certificate["imports_that_ran_meanwhile"] == named
    assert set(asked) == {(True, False)}
    assert len(asked) > 2
    assert forgotten(small) == [PIET]


def test_an_import_that_began_before(small):
    """It does not know of the tombstone; Mailchimp refuses what it writes, which counts as erased."""
    small.run()
    small.change(EXTRA, "10002", DebtorName="Nieuwe naam")
    erase(small, **FOR_REAL)
    del small.variables["afas_mailchimp.customers.erased"]

    report = small.run()

    assert report["sources"]["debtors"]["reasons"] == {"erased_on_request": 1}
    assert PIET not in small.statuses()


@pytest.mark.parametrize(
    "given", [{"source": "debtors", "key": PIET}, {**FOR_REAL, "confirm": ""}, {**DRY, "sourse": 1}]
)
def test_what_is_refused_changes_nothing(small, given):
    """No tombstone, no deletion, one sentence."""
    small.run()
    before = small.mailchimp.call("dump")

    with pytest.raises(ConfigurationError) as caught:
        erase(small, **given)

    assert PIET not in str(caught.value)
    assert small.mailchimp.call("dump") == before
    assert "afas_mailchimp.customers.erased" not in small.variables


def test_nothing_is_begun_while_afas_is_silent(small):
    """No import runs without AFAS either; the next try does all of it."""
    small.run()
    small.afas.fail("503", match="connectors", count=None, seconds=3)

    with pytest.raises(TemporaryError):
        erase(small, **FOR_REAL)

    small.afas.clear_faults()
    assert forgotten(small) == []
    assert "afas_mailchimp.customers.erased" not in small.variables
    assert answers(erase(small, **FOR_REAL)) == {"deleted": 1}


@pytest.mark.parametrize(
    ("source", "key", "spelled"),
    [pytest.param("debtors", "d-0007", "D-0007", id="capitals"), pytest.param("contacts", "007", "7", id="zeros")],
)
def test_a_key_that_afas_writes_in_another_way(small, source, key, spelled):
    """AFAS finds the row, but the tombstone would keep nobody out: nothing is done, and the spelling is told."""
    small.debtor("D-0007", "d7@korenaar.example")
    small.run()
    before = (small.mailchimp.dump(), dict(small.variables))

    with pytest.raises(ConfigurationError, match=f"writes this key as '{spelled}'"):
        erase(small, source=source, key=key, dry_run=False, confirm=key)

    assert (small.mailchimp.dump(), dict(small.variables)) == before
    erase(small, source=source, key=spelled, dry_run=False, confirm=spelled)
    assert json.loads(small.variables["afas_mailchimp.customers.erased"]) == [f"{source}:{spelled}"]


def test_a_key_that_means_two_people(small):
    """Another sync reads the source by another column: it is not guessed whose number it is."""
    settings = copy.deepcopy(small.settings)
    settings["name"], settings["sources"]["debtors"]["key"] = "other", "BcCo"
    other = SyncFile.model_validate(settings)
    small.run()

    with pytest.raises(ConfigurationError, match="customers, other read this source from different AFAS"):
        erase(small, other, **FOR_REAL)
    assert forgotten(small) == []

    certificate = erase(small, other, **FOR_REAL, sync="customers")
    assert (forgotten(small), certificate["tombstones"]) == ([PIET], ["customers"])
    assert "afas_mailchimp.other.erased" not in small.variables


def test_keys_due_for_another_try_are_dropped(small):
    """The memory of refused rows is kept for days: not of somebody who is erased."""
    moment = "2026-11-22T10:00:00+00:00"
    memory = json.dumps({"debtors:10002": [1, moment, moment], "debtors:10001": [1, moment, moment]})
    for name in ("retry", "write_back.retry"):
        small.variables[f"afas_mailchimp.customers.{name}"] = memory

    erase(small, **FOR_REAL)

    for name in ("retry", "write_back.retry"):
        assert list(json.loads(small.variables[f"afas_mailchimp.customers.{name}"])) == ["debtors:10001"]


@pytest.fixture
def second(small, monkeypatch):
    """An audience in another account, fed by a sync that has not the source; Piet is in it by himself."""
    with SandboxServer(MailchimpService(list_id="brief12345")) as server:
        connection = {"conn_type": "mailchimp", "host": server.url, "password": API_KEY}
        monkeypatch.setenv("AIRFLOW_CONN_MAILCHIMP_BRIEF", json.dumps(connection))
        control = Control(server.root_url)
        control.call("person_signs_up", email=PIET)
        settings = copy.deepcopy(small.settings)
        settings["name"] = "brief"
        settings["audience"] |= {"connection": "mailchimp_brief", "list_id": "brief12345"}
        settings["sources"] = {"contacts": settings["sources"]["contacts"]}
        yield SyncFile.model_validate(settings), control


def test_every_audience_of_the_sync_files(small, second):
    """Also one whose sync has not the source, where only the address tells who it is."""
    sync, control = second

    certificate = erase(small, sync, **FOR_REAL)

    assert [(each["syncs"], each["answers"]) for each in certificate["audiences"]] == [
        (["brief"], {"deleted": 1}),
        (["customers"], {"deleted": 1}),
    ]
    assert certificate["tombstones"] == ["customers"]
    assert (forgotten(small), control.call("dump")["forgotten"]) == ([PIET], [PIET])


@pytest.mark.parametrize("after", [0, 1])
def test_killed_on_the_way_and_run_again(small, second, monkeypatch, after):
    """The row has gone from AFAS, so the address is known by the member with the key alone: that one goes last."""
    sync, control = second
    small.afas.call("delete", connector=EXTRA, key="10002")
    original, done = MailchimpHook.delete_for_good, []

    def killed(*arguments: Any) -> bool:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(original(*arguments))
        return True

    with monkeypatch.context() as patched:
        patched.setattr(MailchimpHook, "delete_for_good", killed)
        with pytest.raises(KeyboardInterrupt):
            erase(small, sync, **FOR_REAL)
    erase(small, sync, **FOR_REAL)

    assert (forgotten(small), control.call("dump")["forgotten"]) == ([PIET], [PIET])


MARK = {
    "debtors": {
        "type": "Type",
        "organisation": {"update": "KnOrganisation", "key": "BcCo"},
        "person": {"update": "KnPerson", "key": "BcCo"},
        "fields": {"erased": {"to": "E-mail onjuist", "current": "EmailOnjuist"}},
    }
}


def test_a_mark_in_afas(small):
    """Where the sync file has a field for it, the record says that the person was erased; once is enough."""
    small.settings["write_back"] = MARK
    small.run()

    assert [each["answer"] for each in erase(small, **DRY)["mark_in_afas"]] == ["would_be_written"]
    first, second = erase(small, **FOR_REAL), erase(small, **FOR_REAL)

    rows = {row["DebtorId"]: row["EmailOnjuist"] for row in small.afas.call("rows", connector=EXTRA)}
    assert (rows["10002"], rows["10001"]) == (True, False)
    assert [each["answer"] for each in first["mark_in_afas"]] == ["written"]
    assert [each["answer"] for each in second["mark_in_afas"]] == ["was_there"]


def test_a_mark_that_has_no_field(small):
    """A mistake in the sync file is told before anybody is deleted: a certificate must not get lost by it."""
    small.run()
    small.settings["write_back"] = copy.deepcopy(MARK)
    small.settings["write_back"]["debtors"]["fields"]["erased"]["to"] = "Vergeten?"

    with pytest.raises(ConfigurationError, match="no field with id or label 'Vergeten"):
        erase(small, **FOR_REAL)
    assert forgotten(small) == []

    small.settings["write_back"] = MARK
    assert answers(erase(small, **FOR_REAL)) == {"deleted": 1}


def test_no_run_of_a_sync_writes_the_mark(small):
    """Only the erasure does: a member that is unsubscribed, bounced or gone is not an erased one."""
    small.settings["write_back"] = MARK
    small.mailchimp.call("clean", email=PIET)
    small.run()
    small.run(full_reload=True)

    assert not any(row["EmailOnjuist"] for row in small.afas.call("rows", connector=EXTRA))
