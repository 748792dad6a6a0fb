"""Each documented failure of AFAS and Mailchimp in each phase of a run: the cells of ``docs/faults.md``, tried."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time.comms import ErrorResponse

from afas_mailchimp.errors import ConfigurationError, RefusedError, SafetyStop, SyncError, WaitedTooLong
from sandbox.afas import DEFAULT_TOKEN
from sandbox.faults import Fault as Order
from sandbox.faults import FaultKind
from sandbox.mailchimp import API_KEY
from sandbox.wire import Request
from tests.integration.faults import scene
from tests.integration.faults.matrix import cells
from tests.integration.faults.table import Cell, Fault, Phase, System, Then
from tests.integration.importing.in_process import LocalServer
from tests.integration.importing.local import LocalWorld, local_world
from tests.integration.leaks import found_in

FOR_GOOD = (ConfigurationError, SafetyStop, RefusedError, WaitedTooLong)
"""What Airflow does not try again."""


@dataclass
class Moments:
    """A world, and what brings it to the moment before each task.

    :param undisturbed: what counts on both sides after a run that nothing hit.
    """

    world: LocalWorld
    before: dict[str, Callable[[], None]]
    undisturbed: dict[str, Any]


class Tripwire(Order):
    """Changes the world right before a call, and lets the call through."""

    action: Callable[[], Any]

    def strikes(self, request: Request) -> bool:
        """Whether a fault answers instead: never."""
        if super().strikes(request):
            self.action()
        return False


class _Calls(Order):
    """Notes which paths are called, and lets every call through."""

    paths: set[str]

    def strikes(self, request: Request) -> bool:
        """Whether a fault answers instead: never."""
        self.__dict__.setdefault("paths", set()).add(request.path)
        return False


@pytest.fixture(scope="module")
def moments() -> Iterator[Moments]:
    """One world for all cells."""
    with local_world() as world:
        scene.load(world)
        scene.let_work_wait(world)
        before = {}

        def keep(task: str) -> None:
            before[task] = world.remember()

        for task in scene.TASKS:
            keep(task)
            scene.run(world, tasks=(task,))
        yield Moments(world, before, scene.outcome(world))


@dataclass(frozen=True)
class Try:
    """One cell to be tried."""

    fault: Fault
    phase: Phase
    cell: Cell
    lasting: bool

    @property
    def then(self) -> Then | None:
        """What the table says."""
        return self.cell.lasting if self.lasting else self.cell.once


WHOLE = os.environ.get("FAULTS") == "all"
CORE = {"asks", "records", "survey", "looks", "create", "archive"}
"""Phases that every test run tries: one of each task and each kind of call; ``make faults`` tries all."""

TRIES = [
    pytest.param(
        Try(fault, phase, cell, lasting), id=f"{fault.system} {fault.key}, {phase.key}{', lasting' if lasting else ''}"
    )
    for fault, phase, cell, lasting in cells()
    if WHOLE or phase.key in CORE
]


@pytest.mark.parametrize("each", TRIES)
def test_cell(moments: Moments, each: Try, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run does what the table says, tells it in one sentence, loses nothing, and the next run makes all well."""
    monkeypatch.setattr("hooks.afas_mailchimp_transport.SOCKET_SECONDS", 60.0)
    world, task, server = moments.world, each.phase.task, _server(moments.world, each.phase.system)
    moments.before[task]()
    watermarks = scene.watermarks(world, task)
    order, mend = _strike(each, server)

    went = scene.run(world, tasks=(task,))

    error, report = went.failed.get(task), went.reports.get(task, {})
    logged = "\n".join(record.getMessage() for record in caplog.records)
    said = "\n".join((str(error), repr(error), repr(error and error.__context__), logged))
    assert order.hits, "the phase made no such call"
    assert each.then == _what_happened(error, report, logged)
    if each.then not in {Then.GOES_ON, Then.RETRIED}:
        assert _sentence(each.fault.sentence(each.phase)).search(said), said
    assert error is None or watermarks == scene.watermarks(world, task)
    assert [] == found_in(said, (*scene.PEOPLE, DEFAULT_TOKEN, API_KEY))

    server.clear_faults()
    if not mend():
        assert [] == world.raised()
        return
    again = scene.run(world, tasks=scene.TASKS[scene.TASKS.index(task) :])

    assert {} == again.failed
    assert _without(each.fault.lost, moments.undisturbed) == _without(each.fault.lost, scene.outcome(world))
    assert [] == world.raised()


def _server(world: LocalWorld, system: System) -> LocalServer:
    return world.afas if system is System.AFAS else world.mailchimp


def _strike(each: Try, server: LocalServer) -> tuple[Order, Callable[[], bool]]:
    """Order the fault; the second part mends it, and tells whether that can be done."""
    where = {"match": each.phase.match, "skip": each.phase.skip}
    if each.fault.verb is None:
        order = Order.from_json({**each.fault.order, **where, "count": None if each.lasting else 1})
        server.faults.add(order)
        return order, lambda: True
    verb, breaks, mends = each.fault.verb
    wire = Tripwire(FaultKind.ERROR, match=each.phase.match, skip=each.phase.skip)
    wire.action = lambda: server.call(verb, **breaks)
    server.faults.add(wire)

    def mend() -> bool:
        if mends is not None:
            server.call(verb, **mends)
        return mends is not None or bool(each.fault.lost)

    return wire, mend


def _what_happened(error: BaseException | None, report: dict[str, Any], logged: str) -> Then:
    if isinstance(error, AirflowRescheduleException):
        return Then.WAITS
    if isinstance(error, FOR_GOOD):
        return Then.STOPS
    if error is not None:
        assert isinstance(error, SyncError)
        return Then.LATER
    if report.get("rejected") or "value_not_taken_by_mailchimp" in report.get("notices", {}):
        return Then.REPORTED
    return Then.RETRIED if "try 1 failed, next in" in logged else Then.GOES_ON


def _sentence(said: str) -> re.Pattern[str]:
    """A sentence of the table; what differs is on the same line."""
    return re.compile(".+".join(re.escape(part) for part in said.rstrip("…").split("…")))


def _without(tag: str, found: dict[str, Any]) -> dict[str, Any]:
    """What counts, without the values of a merge field."""
    members = {
        address: (status, {name: value for name, value in values.items() if name != tag}, tags)
        for address, (status, values, tags) in found["members"].items()
    }
    return {**found, "members": members}


def test_undisturbed(moments: Moments) -> None:
    """What a run does that nothing hits: the measure for the others, and then nothing is left to do."""
    moments.before["preflight"]()
    calls = [_Calls(FaultKind.ERROR) for _ in System]
    moments.world.afas.faults.add(calls[0])
    moments.world.mailchimp.faults.add(calls[1])
    went = scene.run(moments.world)
    found = scene.outcome(moments.world)
    idle = scene.run(moments.world)

    assert {} == went.failed
    assert all(each.paths for each in calls)
    # Nothing is asked of Mailchimp that may take hours.
    assert not [path for path in calls[1].paths if "/batches" in path or "export" in path]
    assert scene.EXPECTED == {address: status for address, (status, _, _) in found["members"].items()}
    assert (False, True) == (found["debtors"]["10005"][0], found["debtors"]["10006"][1])
    assert "Bakkerij Nieuwe Pietersen" == found["members"][scene.CHANGES][1]["COMPANY"]
    assert (0, 0) == tuple(idle.reports[task]["written"] for task in scene.TASKS[1:])


@pytest.mark.parametrize("after", [0, 1, 2])
def test_airflow_itself_fails_at_the_end(moments: Moments, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Where Airflow cannot keep how far a run is, the run fails, and the next one finds everything done."""
    world, writes = moments.world, iter([None] * after)
    moments.before["import_customers"]()

    def write(key: str, value: str, **_: object) -> None:
        try:
            next(writes)
        except StopIteration:
            raise AirflowRuntimeError(ErrorResponse(error=ErrorType.API_SERVER_ERROR)) from None
        world.variables[key] = value

    with monkeypatch.context() as broken:
        broken.setattr("operators.afas_mailchimp_state.Variable.set", write)
        failed = scene.run(world, tasks=scene.TASKS[2:]).failed
    again = scene.run(world, tasks=scene.TASKS[2:])

    assert isinstance(failed["import_customers"], AirflowRuntimeError)
    assert {} == again.failed
    assert 0 == again.reports["import_customers"]["written"]
    assert moments.undisturbed == scene.outcome(world)
