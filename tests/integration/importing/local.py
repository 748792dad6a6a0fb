"""The world of the import tests in one process: many situations in little time, and every writing call is seen."""

from __future__ import annotations

import copy
import functools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pytest
import yaml

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import parse_sync
from hooks import afas_mailchimp_transport
from sandbox.afas import AfasService
from sandbox.mailchimp import MailchimpService
from sandbox.mailchimp.control import Control as MailchimpVerbs
from sandbox.wire import Service
from tests.integration.importing.history_world import MortalVariables
from tests.integration.importing.in_process import (
    InProcessAdapter,
    Killed,
    Lifeline,
    LocalServer,
    plugged_in,
    stand_ins,
)
from tests.integration.importing.world import JAN, KEES, PIET, World

ANNA, LOTTE = "anna@korenaar.example", "lotte@korenaar.example"
NEW = "nieuw@korenaar.example"

both_kinds = pytest.mark.parametrize("full", [True, False], ids=["full", "incremental"])

COUNTED = ("archived", "moved", "returned", "adopted", "released")
FORETOLD = ("mode", "why", "sources", "written", *COUNTED, "overwritten", "audience", "notices", "keys", "problems")
"""What of a report a dry run has to tell before."""


class WriteCounter:
    """Counts the calls that could change the audience."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def before(self) -> None:
        """A writing call begins."""

    def after(self, request: Any) -> None:
        """Count it."""
        self.calls[request.method] += 1


@functools.cache
def parsed(settings: str) -> SyncFile:
    """A sync file, read once in a session: reading YAML takes half of the time of a small run."""
    return parse_sync(yaml.safe_dump(json.loads(settings), sort_keys=False), file="customers.yaml")


@dataclass
class LocalWorld(World):
    """A world in one process, whose two sides can be exchanged for others."""

    lifeline: Lifeline = field(default_factory=Lifeline)
    attempts: WriteCounter = field(default_factory=WriteCounter)
    afas: LocalServer
    mailchimp: LocalServer

    @property
    def sync(self) -> SyncFile:
        """The sync as its file would give it."""
        return parsed(json.dumps(self.settings))

    def another_audience(self, list_id: str) -> None:
        """Let the sync file name another audience, which is empty."""
        self.settings["audience"]["list_id"] = list_id
        self.mailchimp = LocalServer(MailchimpService(list_id=list_id), self.lifeline)
        self.mailchimp.watcher = self.attempts
        self.at(self.now)

    def another_afas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the connection name another environment, which is empty."""
        self.afas = LocalServer(AfasService(), self.lifeline)
        host = "http://127.0.0.1:8909/ProfitRestServices"
        token = json.loads(os.environ["AIRFLOW_CONN_AFAS_DEFAULT"])["password"]
        connection = {"conn_type": "afas", "host": host, "password": token}
        monkeypatch.setenv("AIRFLOW_CONN_AFAS_DEFAULT", json.dumps(connection))
        self.at(self.now)

    def sister(self, **settings: Any) -> LocalWorld:
        """Another sync between the same two sides."""
        made = copy.copy(self)
        made.settings, made.pushed = {**copy.deepcopy(self.settings), **settings}, {}
        return made

    def remember(self) -> Callable[[], None]:
        """Answer what brings both sides, the Variables and the time back to what they are now."""
        servers, variables, now = (self.afas, self.mailchimp), dict(self.variables), self.now
        kept, settings = [_copied(server.service) for server in servers], copy.deepcopy(self.settings)

        def back() -> None:
            for server, service in zip(servers, kept, strict=True):
                server.service = _copied(service)
            self.afas, self.mailchimp = servers
            self.settings = copy.deepcopy(settings)
            self.lifeline.begin()
            self.variables.clear()
            self.variables.update(variables)
            self.at(now)

        return back

    def everything(self) -> str:
        """All that exists on both sides and in the Variables, to compare."""
        return json.dumps([self.afas.dump(), self.mailchimp.dump(), dict(self.variables)], sort_keys=True, default=str)

    def tags_of(self, address: str) -> list[str]:
        """Tags of a member."""
        return sorted(tag["name"] for tag in self.members()[address]["tags"])

    def gist(self) -> dict[str, tuple[str, str]]:
        """Status and key of every member."""
        members = self.members().items()
        return {address: (each["status"], each["merge_fields"].get("AFASID", "")) for address, each in members}

    def raised(self) -> list[dict[str, Any]]:
        """Writes of ours after which a member gets more mail than before; who comes back from us is left out."""
        order = list(MemberStatus)
        ours = [each for each in self.writes() if each["by"] == "api" and each["before"] in order]
        return [
            each
            for each in ours
            if each["after"] in order and order.index(each["after"]) < order.index(each["before"])
            if not str(each["before_values"].get("AFASID", "")).endswith(("-s", "-t"))
        ]


def _copied(service: Service) -> Service:
    memo: dict[int, Any] = {id(each): each for each in _locks(service)}
    made = copy.deepcopy(service, memo)
    if isinstance(made, MailchimpService):
        # Its verbs hold on to the audience that they were made for.
        made._control = MailchimpVerbs(made._audience)
    return made


def _locks(thing: object, depth: int = 3) -> Iterator[object]:
    """Locks within a service; they cannot be copied, and one for all copies does."""
    for value in vars(thing).values() if hasattr(thing, "__dict__") else ():
        if type(value).__module__ == "_thread":
            yield value
        elif depth:
            yield from _locks(value, depth - 1)


def _plain(harden: Any) -> Any:
    def without_environment(session: Any) -> Any:
        session.trust_env = False
        return harden(session)

    return without_environment


@contextmanager
def local_world() -> Iterator[LocalWorld]:
    """A fresh world, plugged in until the end of the block."""
    afas, mailchimp, lifeline = stand_ins()
    variables = MortalVariables(lifeline)
    world = LocalWorld(afas, mailchimp, variables, lifeline=lifeline)
    mailchimp.watcher = world.attempts
    harden = _plain(afas_mailchimp_transport.harden)
    with ExitStack() as stack:
        stack.enter_context(plugged_in(afas, mailchimp))
        for target, replaced in (
            ("hooks.afas.pooled_adapter", lambda _: InProcessAdapter(world.afas)),
            ("hooks.mailchimp.pooled_adapter", lambda _: InProcessAdapter(world.mailchimp)),
            ("hooks.afas.harden", harden),
            ("hooks.mailchimp.harden", harden),
            ("operators.afas_mailchimp_state.Variable.get", variables.read),
            ("operators.afas_mailchimp_state.Variable.set", variables.write),
            ("operators.afas_mailchimp_state.Variable.delete", variables.delete),
        ):
            stack.enter_context(mock.patch(target, replaced))
        world.at(world.now)
        yield world


Stages = tuple[LocalWorld, Callable[[], None], Callable[[], None]]
"""A world for many tests, and what brings it to two of its moments."""


@contextmanager
def stages(prepare: Callable[[LocalWorld], Any], first: Callable[[LocalWorld], Any] | None = None) -> Iterator[Stages]:
    """A world that is prepared once for many tests.

    :param prepare: what happens between the first moment and the second.
    :param first: what happens before the first one.
    """
    with local_world() as world:
        if first:
            first(world)
        begin = world.remember()
        prepare(world)
        yield world, begin, world.remember()


def in_sync(world: World) -> bool:
    """Neither kind of run finds anything to write."""
    before = len(world.writes())
    reports = [world.import_only(), world.import_only(full_reload=True)]
    return [0, 0] == [report["written"] for report in reports] and before == len(world.writes())


def ready(world: LocalWorld) -> LocalWorld:
    """Two debtors and a contact, loaded; an hour goes by before, so that AFAS's dates are not new any more."""
    world.debtor("10001", JAN, TelNr="033-4612345", AddressLine1="Stadsring 69", AddressLine3="3811 HN  AMERSFOORT")
    world.debtor("10002", PIET)
    world.contact(7, KEES, Voornaam="Kees", Achternaam="van der Meer")
    world.at(world.now.add(hours=1))
    world.run()
    return world


__all__ = [
    "ANNA",
    "COUNTED",
    "FORETOLD",
    "JAN",
    "KEES",
    "LOTTE",
    "NEW",
    "PIET",
    "Killed",
    "LocalWorld",
    "Stages",
    "both_kinds",
    "in_sync",
    "local_world",
    "ready",
    "stages",
]
