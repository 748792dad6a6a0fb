"""After any history on both sides: nobody's status was raised by us, and a second full reload writes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from afas_mailchimp.errors import SafetyStop, SyncError
from sandbox.afas import DEFAULT_TOKEN
from sandbox.client import Control
from sandbox.mailchimp import API_KEY
from sandbox.server import SandboxServer
from tests.integration.importing.world import CONTACTS, EXTRA, Variables, World

ADDRESSES = st.sampled_from([f"{name}@korenaar.example" for name in ("jan", "piet", "kees", "anna")])
DEBTOR_KEYS = st.sampled_from(["10001", "10002", "00003"])
CONTACT_KEYS = st.sampled_from([7, 8])
NAMES = st.sampled_from(["Bakkerij", "Slagerij", None])
STATUSES = ["archived", "cleaned", "unsubscribed", "transactional", "pending", "subscribed"]
FAULTS = st.sampled_from(["429", "500_after", "reset", "reset_after", "truncated", "empty", "html"])


class History(RuleBasedStateMachine):
    """People, marketers and AFAS users do things; runs happen in between, some of them disturbed."""

    servers: tuple[SandboxServer, SandboxServer]

    @initialize()
    def begin(self) -> None:
        """Both sides empty."""
        afas, mailchimp = self.servers
        self.world = World(Control(afas.root_url), Control(mailchimp.root_url), Variables())
        self.world.afas.reset()
        self.world.mailchimp.reset()
        # The worst that Mailchimp might do: an update without a status wakes up archived members.
        self.world.mailchimp.call("switch", name="batch_missing_status", value="resurrect")
        self.world.at(self.world.now)
        # A source without a single row stops a run, rightly; these two never go.
        self.world.debtor("99999", "vast@korenaar.example")
        self.world.contact(99, "ook.vast@korenaar.example")
        self.patched = [
            mock.patch("operators.afas_mailchimp_state.Variable.get", self.world.variables.read),
            mock.patch("operators.afas_mailchimp_state.Variable.set", self.world.variables.write),
            mock.patch("hooks.afas_mailchimp_transport.time.sleep"),
        ]
        for patch in self.patched:
            patch.start()

    def teardown(self) -> None:
        """Let the next history find nothing of this one."""
        for patch in getattr(self, "patched", ()):
            patch.stop()

    def _rows(self, connector: str) -> list[str]:
        column = "DebtorId" if connector == EXTRA else "ContactId"
        return [row[column] for row in self.world.afas.call("rows", connector=connector)]

    @rule(key=DEBTOR_KEYS, address=ADDRESSES, name=NAMES, says=st.sampled_from([True, False, None]))
    def debtor(self, key: str, address: str, name: str | None, *, says: bool | None) -> None:
        """A debtor is entered, or all of it changes (its address too)."""
        if key in self._rows(EXTRA):
            self.world.change(EXTRA, key, Email=address, DebtorName=name, Nieuwsbrief=says)
        else:
            self.world.debtor(key, address, DebtorName=name, Nieuwsbrief=says)

    @rule(key=CONTACT_KEYS, address=ADDRESSES, name=NAMES)
    def contact(self, key: int, address: str, name: str | None) -> None:
        """A contact is entered, or changes."""
        if key in self._rows(CONTACTS):
            self.world.change(CONTACTS, key, MailWork=address, Voornaam=name)
        else:
            self.world.contact(key, address, Voornaam=name)

    @rule(key=DEBTOR_KEYS, blocked=st.booleans())
    def block(self, key: str, *, blocked: bool) -> None:
        """A debtor is blocked or freed."""
        if key in self._rows(EXTRA):
            self.world.change(EXTRA, key, Blocked=blocked)

    @rule(key=DEBTOR_KEYS)
    def delete(self, key: str) -> None:
        """A debtor is deleted without a trace."""
        if key in self._rows(EXTRA):
            self.world.afas.call("delete", connector=EXTRA, key=key)

    @rule(address=ADDRESSES, what=st.sampled_from(["unsubscribe", "clean", "archive", "person_signs_up"]))
    def somebody(self, address: str, what: str) -> None:
        """A person or a marketer does something in Mailchimp."""
        if what == "person_signs_up" or self.world.statuses().get(address) == "subscribed":
            self.world.mailchimp.call(what, email=address)

    @rule(full=st.booleans())
    def run(self, *, full: bool) -> None:
        """A run; it may stop for a limit or a race, never for anything else."""
        try:
            self.world.run(full_reload=full)
        except SafetyStop:
            self.world.run(full_reload=True)

    @rule(kind=FAULTS, skip=st.integers(0, 12), full=st.booleans(), mailchimp=st.booleans())
    def disturbed_run(self, kind: str, skip: int, *, full: bool, mailchimp: bool) -> None:
        """A run in which seven answers in a row go wrong: one more than the tries of a call."""
        server = self.world.mailchimp if mailchimp else self.world.afas
        server.fail(kind, skip=skip, count=7)
        try:
            self.world.run(full_reload=full)
        except SyncError:
            pass
        finally:
            server.clear_faults()

    @rule()
    def settle(self) -> None:
        """Two full reloads: the second has nothing to write."""
        self.world.run(full_reload=True)
        before = len(self.world.writes())

        report = self.world.run(full_reload=True)

        assert report["written"] == 0
        assert before == len(self.world.writes())

    @invariant()
    def nobody_was_raised(self) -> None:
        """No write of ours ever made a status go up."""
        if not hasattr(self, "world"):
            return
        raised = [
            write
            for write in self.world.writes()
            if write["by"] == "api" and write["before"] in STATUSES and write["after"] in STATUSES
            if STATUSES.index(write["after"]) > STATUSES.index(write["before"])
        ]
        assert raised == []


@contextmanager
def connections(afas: SandboxServer, mailchimp: SandboxServer) -> Iterator[None]:
    """Connections by environment, as ``world`` has them."""
    names = {
        "AIRFLOW_CONN_AFAS_DEFAULT": {"conn_type": "afas", "host": afas.url, "password": DEFAULT_TOKEN},
        "AIRFLOW_CONN_MAILCHIMP_DEFAULT": {"conn_type": "mailchimp", "host": mailchimp.url, "password": API_KEY},
    }
    with mock.patch.dict(os.environ, {name: json.dumps(value) for name, value in names.items()}):
        yield


def test_any_history(servers: tuple[SandboxServer, SandboxServer]) -> None:
    """Random histories; ``HISTORIES`` asks for more of them than a test run has time for."""
    History.servers = servers
    asked = settings(
        max_examples=int(os.environ.get("HISTORIES", "15")),
        stateful_step_count=14,
        deadline=None,
        database=None,
        derandomize="HISTORIES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    with connections(*servers):
        run_state_machine_as_test(History, settings=asked)


def test_incremental_runs_leave_nothing_for_the_full_reload(world: World) -> None:
    """Adds and changes that move a date are all done by incremental runs: the full reload after them writes nothing."""
    world.debtor("10001", "jan@korenaar.example")
    world.run()
    for number, address in enumerate(["piet", "kees", "jan", "anna"]):
        world.debtor(str(10002 + number), f"{address}@korenaar.example", Nieuwsbrief=None if number % 2 else True)
        world.contact(number + 1, f"{address}@korenaar.example", Voornaam="Jan")
        world.change(EXTRA, "10001", DebtorName=f"Naam {number}")
        assert world.run()["mode"] == "incremental"

    assert world.run(full_reload=True)["written"] == 0


pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
