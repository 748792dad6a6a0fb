"""A fresh world for each test of the import; the two servers live as long as the session."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from hooks import afas_mailchimp_transport
from sandbox.afas import DEFAULT_TOKEN, AfasService
from sandbox.client import Control
from sandbox.mailchimp import API_KEY, MailchimpService
from sandbox.server import SandboxServer
from tests.integration.importing.world import JAN, KEES, PIET, Variables, World


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[SandboxServer, SandboxServer]]:
    """Both stand-ins, each in a thread of its own."""
    with SandboxServer(AfasService()) as afas, SandboxServer(MailchimpService()) as mailchimp:
        yield afas, mailchimp


@pytest.fixture
def world(servers: tuple[SandboxServer, SandboxServer], monkeypatch: pytest.MonkeyPatch) -> World:
    """Both stand-ins empty, connections to them, no waiting between tries."""
    afas, mailchimp = servers
    for name, conn_type, server, password in (
        ("AFAS_DEFAULT", "afas", afas, DEFAULT_TOKEN),
        ("MAILCHIMP_DEFAULT", "mailchimp", mailchimp, API_KEY),
    ):
        connection = {"conn_type": conn_type, "host": server.url, "password": password}
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
    variables = Variables()
    monkeypatch.setattr("operators.afas_mailchimp_state.Variable.get", variables.read)
    monkeypatch.setattr("operators.afas_mailchimp_state.Variable.set", variables.write)
    monkeypatch.setattr("operators.afas_mailchimp_state.Variable.delete", variables.drop)
    monkeypatch.setattr(afas_mailchimp_transport.time, "sleep", lambda _seconds: None)
    made = World(Control(afas.root_url), Control(mailchimp.root_url), variables)
    made.afas.reset()
    made.mailchimp.reset()
    made.at(made.now)
    return made


@pytest.fixture
def small(world: World) -> World:
    """Two debtors and a contact, loaded."""
    world.debtor("10001", JAN, TelNr="033-4612345", AddressLine1="Stadsring 69", AddressLine3="3811 HN  AMERSFOORT")
    world.debtor("10002", PIET)
    world.contact(7, KEES, Voornaam="Kees", Achternaam="van der Meer")
    world.at(world.now.add(hours=1))
    world.run()
    return world
