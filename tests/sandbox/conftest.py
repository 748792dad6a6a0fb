"""A running AFAS stand-in, emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.afas import AfasService
from sandbox.server import SandboxServer
from tests.sandbox.afas_client import Afas


@pytest.fixture(scope="session")
def afas_server() -> Iterator[SandboxServer]:
    """One server for all tests."""
    with SandboxServer(AfasService()) as server:
        yield server


@pytest.fixture
def afas(afas_server: SandboxServer) -> Iterator[Afas]:
    """The stand-in, empty and without faults."""
    with Afas(afas_server) as client:
        client.control.reset()
        yield client
