"""Delivery addresses over HTTP: read whole, for some debtors, or by what changed; then in a whole run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from pendulum import DateTime

from afas_mailchimp.amsterdam_time import Window
from afas_mailchimp.errors import ConfigurationError, SyncError
from hooks.afas import AfasHook
from operators.afas_mailchimp_delivery import DeliveryAddresses
from sandbox.afas import DEFAULT_TOKEN
from tests.integration.importing.world import EXTRA, JAN, KEES, PIET, World

CONNECTOR = "Profit_Deliveryaddress"
BLOCK: dict[str, Any] = {"connector": CONNECTOR, "prefer": {"field": "Adrestype_code_2", "values": ["AFL"]}}
VISITING = {"AddressLine1": "Stadsring 69", "AddressLine3": "3811 HN  AMERSFOORT"}


@pytest.fixture
def town(world: World) -> World:
    """Two debtors with a visiting address and one without; the first has two delivery addresses."""
    world.settings["sources"]["debtors"]["delivery_address"] = BLOCK
    world.debtor("10001", JAN, **VISITING)
    world.debtor("10002", PIET, **VISITING)
    world.debtor("10003", KEES)
    delivery(world, 901, "10001", street="Kade")
    delivery(world, 902, "10001", street="Haven")
    return world


def delivery(world: World, number: int, debtor: str, *, kind: str = "AFL", **changes: Any) -> None:
    """Give a debtor an address."""
    owners = {row["DebtorId"]: row["BcCo"] for row in world.afas.call("rows", connector=EXTRA)}
    row = {"street": "Kade", "number": 7, "addition": "A", "postcode": "8321 AA", "city": "URK", **changes}
    row |= {"id": number, "owner": owners[debtor], "kind": kind}
    world.afas.call("insert", table="address", row=row, at=world.just_now)


@pytest.fixture
def afas(world: World) -> Iterator[AfasHook]:
    """A hook of the test's own."""
    assert world
    with closing(AfasHook()) as hook:
        yield hook


def addresses(world: World, afas: AfasHook) -> DeliveryAddresses:
    """What the import uses for the debtors."""
    return DeliveryAddresses(afas, world.sync.sources["debtors"], "debtors")


def street(found: object) -> str | None:
    """Street and number of a value."""
    return str(found["addr1"]) if isinstance(found, dict) else None


def test_all_of_them(town: World, afas: AfasHook) -> None:
    """One address for each debtor, with every part that Mailchimp wants."""
    found = addresses(town, afas)

    found.load_all()
    calls = afas.calls

    assert {"addr1": "Kade 7 A", "city": "URK", "state": "-", "zip": "8321 AA", "country": "NL"} == (
        found.value_for("10001")
    )
    assert "Stadsring 69" == street(found.value_for("10002"))
    assert [None, None] == [found.value_for("10003"), found.value_for("99999")]
    assert calls == afas.calls


def test_pages_lose_none(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two rows give the same as one page: Adres_ID orders them."""
    with closing(AfasHook()) as plain:
        whole = addresses(town, plain)
        whole.load_all()
        host = plain.identity
    connection = {"conn_type": "afas", "host": host, "password": DEFAULT_TOKEN, "extra": {"page_size": 2}}
    monkeypatch.setenv("AIRFLOW_CONN_AFAS_DEFAULT", json.dumps(connection))
    for number in range(910, 917):
        delivery(town, number, "10003", street=f"Laan {number}")

    with closing(AfasHook()) as hook:
        paged = addresses(town, hook)
        paged.load_all()

        assert hook.calls > 5
        assert "Laan 910 7 A" == street(paged.value_for("10003"))
        assert [whole.value_for(key) for key in ("10001", "10002")] == [
            paged.value_for(key) for key in ("10001", "10002")
        ]


def test_only_some_debtors(town: World, afas: AfasHook) -> None:
    """A second look forgets the first: the address may be another one now, or gone."""
    found = addresses(town, afas)
    found.load_for(["10001", "10003", "10001", " "])
    first = [street(found.value_for(key)) for key in ("10001", "10003")]
    town.afas.call("delete", table="address", key=901)
    delivery(town, 903, "10003", street="Dijk")

    found.load_for(["10001", "10003"])

    assert ["Kade 7 A", None] == first
    assert ["Haven 7 A", "Dijk 7 A"] == [street(found.value_for(key)) for key in ("10001", "10003")]


def test_many_debtors_in_few_calls(town: World, afas: AfasHook) -> None:
    """A question holds as many keys as fit, not one."""
    keys = [str(key) for key in range(10001, 10061)]
    afas.fields(CONNECTOR)
    before = afas.calls

    addresses(town, afas).load_for(keys)

    assert afas.calls - before < len(keys) / 2


def test_debtor_that_was_not_read_is_asked_for(town: World, afas: AfasHook) -> None:
    """Taking it for one without an address would write the fall-back over the right one."""
    found = addresses(town, afas)
    found.load_for(["10002"])

    assert "Kade 7 A" == street(found.value_for("10001"))


def test_what_changed_in_a_window(town: World, afas: AfasHook) -> None:
    """Any of both dates counts: the address's own and that of whom it belongs to."""
    hour = town.now.add(hours=2)
    town.at(hour)
    town.afas.call("mutate", table="address", key=902, set={"number": 8}, at=_wall(hour))
    town.change(EXTRA, "10003", DebtorName="Ander")
    window = Window(start=_naive(hour.subtract(minutes=30)), end=_naive(hour.add(minutes=30)), watermark=_naive(hour))
    before = Window(start=window.end, end=_naive(hour.add(minutes=60)), watermark=_naive(hour))

    found = addresses(town, afas)

    assert {"10001", "10003"} == found.changed(window)
    assert set() == found.changed(before)


def test_connector_without_dates_has_no_changes(town: World, afas: AfasHook) -> None:
    """Without a modified column only full reloads see addresses that move."""
    town.settings["sources"]["debtors"]["delivery_address"] = {**BLOCK, "modified": []}
    calls = afas.calls
    window = Window(start=_naive(town.now), end=_naive(town.now), watermark=_naive(town.now))

    assert set() == addresses(town, afas).changed(window)
    assert calls == afas.calls


def test_failed_reading_is_no_empty_reading(town: World, afas: AfasHook) -> None:
    """A reading that breaks off must never look like debtors without addresses."""
    found = addresses(town, afas)
    town.afas.fail("500", count=None, match=CONNECTOR, message="De connector is geblokkeerd.")

    with pytest.raises(SyncError):
        found.load_all()


def test_preflight_checks_the_connector(town: World) -> None:
    """A wrong column of the delivery connector is told like one of a source."""
    town.settings["sources"]["debtors"]["delivery_address"] = {**BLOCK, "match": "DebiteurId"}

    with pytest.raises(ConfigurationError) as caught:
        town.preflight()

    assert "sources.debtors.delivery_address: AFAS connector Profit_Deliveryaddress" in str(caught.value)
    assert "did you mean 'DebiteurID'?" in str(caught.value)


def test_preflight_names_a_connector_that_may_not_be_read(town: World) -> None:
    """The app connector must list the delivery connector too."""
    town.afas.call("connector", name=CONNECTOR, authorised=False)

    with pytest.raises(SyncError) as caught:
        town.preflight()

    assert CONNECTOR in str(caught.value)


def test_address_that_moves_reaches_the_member(town: World) -> None:
    """Only the date of the address moves: an incremental run sees it, and a full one then finds nothing."""
    town.run()
    town.afas.call("mutate", table="address", key=901, set={"street": "Pier"}, at=town.just_now)

    report = town.run()

    assert ("incremental", 1) == (report["mode"], report["updated"])
    assert "Pier 7 A" == street(town.members()[JAN]["merge_fields"]["ADDRESS"])
    assert 3 == town.run(full_reload=True)["unchanged"]


def test_a_whole_run(town: World, caplog: pytest.LogCaptureFixture) -> None:
    """The delivery address is written, the mapped lines where there is none; no address reaches a log."""
    caplog.set_level(logging.DEBUG)

    report = town.run()

    members = {address: member["merge_fields"]["ADDRESS"] for address, member in town.members().items()}
    assert ["Kade 7 A", "Stadsring 69", None] == [street(members[address]) for address in (JAN, PIET, KEES)]
    assert 3 == report["created"]
    assert "Kade" not in caplog.text
    assert "8321" not in caplog.text


def _wall(moment: DateTime) -> str:
    return moment.in_timezone("Europe/Amsterdam").format("YYYY-MM-DDTHH:mm:ss")


def _naive(moment: DateTime) -> datetime:
    return datetime.fromisoformat(_wall(moment))
