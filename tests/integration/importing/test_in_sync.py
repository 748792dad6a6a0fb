"""A full reload compares: what a run with nothing to do leaves alone, what only a full one finds; and rejects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from afas_mailchimp.errors import SafetyStop
from tests.integration.importing.local import JAN, KEES, LocalWorld, Stages, in_sync, ready, stages
from tests.integration.importing.world import EXTRA

FULL_RELOAD_AT = "afas_mailchimp.customers.full_reload_at"
RETRY = "afas_mailchimp.customers.retry"
BLOCK = {"connector": "Profit_Deliveryaddress", "prefer": {"field": "Adrestype_code_2", "values": ["AFL"]}}


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


def test_audience_in_sync_gets_no_writing_call(world: LocalWorld) -> None:
    """Tags, a delivery address, a choice, a yes or no, a date, a number, a cut text: no run finds a difference."""
    debtors = world.settings["sources"]["debtors"]
    debtors["delivery_address"], debtors["tags"] = BLOCK, ["debiteur", "afas"]
    debtors["merge_fields"] |= {
        "GROUP": {"choice": "Klantgroep", "choices": ["Horeca", "Retail"]},
        "WRONG": {"yes_no": "EmailOnjuist"},
        "NUMBER": {"number": "DebtorId"},
    }
    world.debtor("10001", JAN, Klantgroep="Horeca", EmailOnjuist=False, DebtorName="N" * 300, TelNr="06-12345678")
    world.debtor("10002", KEES, Klantgroep="Onbekend", AddressLine1="Kade 1", AddressLine3="8321 AA  URK")
    owner = world.afas.call("rows", connector=EXTRA)[0]["BcCo"]
    row = {"street": "Kade", "number": 7, "postcode": "8321 AA", "city": "URK", "owner": owner}
    world.afas.call("insert", table="address", row={"id": 901, "kind": "AFL", **row}, at=world.just_now)
    world.contact(7, "contact@korenaar.example", Voornaam="Kees", Achternaam=" van  der Meer ")
    world.run()
    before, calls = world.mailchimp.dump(), sum(world.attempts.calls.values())

    assert in_sync(world)
    assert (before, calls) == (world.mailchimp.dump(), sum(world.attempts.calls.values()))


@pytest.mark.parametrize(
    ("every", "hours_ago", "scheduled", "full"),
    [
        pytest.param("24h", 25, True, True, id="older than a day"),
        pytest.param("24h", 23, True, False, id="younger than a day"),
        pytest.param("24h", 25, False, False, id="old, and started by hand"),
        pytest.param("2h", 3, True, True, id="a shorter term"),
        pytest.param(None, 24 * 90, True, False, id="never by itself"),
    ],
)
def test_full_reload_every(
    small: LocalWorld, every: str | None, hours_ago: int, *, scheduled: bool, full: bool
) -> None:
    """A name that changed without any date moving is found by the run that becomes a full one, and by no other."""
    small.settings["full_reload_every"] = every
    moment = datetime.now(UTC) - timedelta(hours=hours_ago)
    small.variables[FULL_RELOAD_AT] = moment.isoformat(timespec="seconds")
    small.afas.call("update_row", connector=EXTRA, key="10001", set={"DebtorName": "Nieuwe naam"}, touch=False)

    report = small.run(scheduled=scheduled)

    assert ("full" if full else "incremental") == report["mode"]
    assert ("Nieuwe naam" if full else "Firma 10001") == small.members()[JAN]["merge_fields"]["COMPANY"]
    assert small.run(full_reload=True)["updated"] == (0 if full else 1)
    assert in_sync(small)


@pytest.mark.parametrize(
    ("modified", "columns", "seen"),
    [
        pytest.param(["DateModified"], {"Klantgroep": "Horeca"}, True, id="the debtor's own date"),
        pytest.param(["DateModified"], {"DebtorName": "Nieuw"}, False, id="the organisation's date, not configured"),
        pytest.param(["DateModified", "OrgModified"], {"DebtorName": "Nieuw"}, True, id="the organisation's date"),
        pytest.param(["OrgModified", "DateModified"], {"Klantgroep": "Horeca"}, True, id="in another order"),
        pytest.param(["OrgModified"], {"DebtorName": "Nieuw"}, True, id="the organisation's date alone"),
    ],
)
def test_which_changes_an_incremental_run_sees(
    world: LocalWorld, modified: list[str], columns: dict[str, Any], *, seen: bool
) -> None:
    """A change in any of the configured dates is seen at once; another one waits for the full reload."""
    debtors = world.settings["sources"]["debtors"]
    debtors["modified"] = modified
    debtors["merge_fields"] |= {"GROUP": "Klantgroep"}
    ready(world)
    world.at(world.now.add(days=1))
    world.run()
    world.change(EXTRA, "10001", **columns)

    report = world.run()

    assert ("incremental", int(seen)) == (report["mode"], report["updated"])
    assert int(not seen) == world.run(full_reload=True)["updated"]
    assert in_sync(world)


# ---- rejects


def refused(world: LocalWorld, count: int, total: int) -> None:
    """So many debtors, of whom some have an address that Mailchimp does not take, or that is none."""
    for number in range(total):
        host = "example.com" if number < count else "korenaar.example"
        world.debtor(str(20000 + number), f"klant{number}@{host}")


def test_lists_of_keys_are_capped_and_hold_no_addresses(world: LocalWorld) -> None:
    """Thirty invalid and thirty rejected rows: 25 keys of each, the full counts beside them, and nothing personal."""
    world.settings["limits"] = {"max_rejected_percent": 100}
    refused(world, 30, 60)
    for number in range(30):
        world.debtor(str(30000 + number), f"geen adres {number}")

    report = world.run()

    assert (30, 30, 30, 90) == tuple(report[name] for name in ("created", "rejected", "invalid", "read"))
    reasons = report["sources"]["debtors"]["reasons"]
    assert {"email_invalid": 30, "looks_fake": 30} == reasons
    assert {"email_invalid": 25, "looks_fake": 25} == {reason: len(keys) for reason, keys in report["keys"].items()}
    told = json.dumps(report)
    assert [] == [part for part in ("@", "korenaar", "example", "geen adres", "Firma") if part in told]


@pytest.mark.parametrize(("count", "fails"), [(3, False), (4, True)], ids=["10 percent", "13 percent"])
def test_share_of_rejects(world: LocalWorld, count: int, *, fails: bool) -> None:
    """Above the limit the run fails at its end: watermarks, retry memory and fingerprint stay as they were."""
    refused(world, count, 30)
    world.mailchimp.call("many_lists", email="klant29@korenaar.example")
    count += 1
    if fails:
        with pytest.raises(SafetyStop, match="refused 5 of 30 rows, more than max_rejected_percent = 10"):
            world.run()
    else:
        world.settings["limits"] = {"max_rejected_percent": 14}
        world.run()

    assert 30 - count == len(world.statuses())
    kept = {name for name in world.variables if name.rpartition(".")[2] in {"watermark", "retry", "fingerprint"}}
    assert fails == (kept == set())
    assert fails or ["debtors:20029"] == list(json.loads(world.variables[RETRY]))


def test_rows_are_read_again_after_too_many_rejects(world: LocalWorld) -> None:
    """Since nothing was confirmed, the next run sees every row again, and what was refused can come in then."""
    world.settings["limits"] = {"max_rejected_percent": 5}
    addresses = [f"klant{number}@korenaar.example" for number in range(30)]
    for number, address in enumerate(addresses):
        world.debtor(str(20000 + number), address)
    for address in addresses[:5]:
        world.mailchimp.call("many_lists", email=address)
    with pytest.raises(SafetyStop, match="refused 5 of 30 rows"):
        world.run()
    for address in addresses[:5]:
        world.mailchimp.call("many_lists", email=address, on=False)

    report = world.run()

    assert (5, 25, 0) == tuple(report[name] for name in ("created", "unchanged", "rejected"))
    assert in_sync(world)
