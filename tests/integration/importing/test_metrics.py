"""Figures over a real StatsD socket, sent by Airflow's own client; a receiver that is away fails nothing."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
from airflow.sdk._shared.observability.metrics.statsd_logger import get_statsd_logger
from airflow.sdk.observability import stats
from statsd import StatsClient

from afas_mailchimp.errors import SafetyStop
from tests.integration.importing.world import JAN, PIET, World


@pytest.fixture
def sent_by() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Let tasks send by a client; afterwards by none."""
    yield lambda factory: stats.initialize(factory=factory, export_legacy_names=False)
    stats.initialize(factory=NoStatsLogger, export_legacy_names=True)


@pytest.fixture
def statsd(sent_by: Callable[[Callable[[], Any]], None]) -> Iterator[socket.socket]:
    """A StatsD server, as far as it listens; tags are in the names, as docs/metrics.md says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        server.setblocking(False)
        host, port = server.getsockname()
        sent_by(
            lambda: get_statsd_logger(
                stats_class=StatsClient,
                host=host,
                port=port,
                prefix="airflow",
                influxdb_tags_enabled=True,
                statsd_influxdb_enabled=True,
            )
        )
        yield server


def lines(server: socket.socket) -> dict[str, str]:
    """What has arrived: value and type by name with tags."""
    found = []
    while True:
        try:
            found.append(server.recv(65_535).decode())
        except BlockingIOError:
            return dict(line.split(":", 1) for line in found)


def test_a_run_is_told(world: World, statsd: socket.socket) -> None:
    """Rows, members, calls, the watermark; no key and no address."""
    world.debtor("10001", JAN)
    world.debtor("10002", "geen adres")
    report = world.run()

    found = lines(statsd)
    rows = "airflow.afas_mailchimp.rows,sync=customers,task=import_customers,source=debtors,outcome"
    assert found[f"{rows}=created"] == "1|c"
    assert found[f"{rows}=invalid"] == "1|c"
    assert found["airflow.afas_mailchimp.audience,sync=customers,status=subscribed"] == "1|g"
    calls = "airflow.afas_mailchimp.last_run.api_calls,sync=customers,task=import_customers,api=mailchimp"
    assert found[calls] == f"{report['api_calls']['mailchimp']}|g"
    assert any(name.endswith("task=preflight,result=success") for name in found)
    assert not any(text in "\n".join((*found, *found.values())) for text in ("1000", "@", "korenaar"))


def test_a_stop_is_told_with_its_kind(world: World, statsd: socket.socket) -> None:
    """So that somebody can be called for one kind and not for another."""
    world.settings["limits"] = {"max_created": 0}
    world.debtor("10001", JAN)
    with pytest.raises(SafetyStop):
        world.run()

    found = lines(statsd)
    assert any(name.endswith("task=import_customers,result=SafetyStop") for name in found)
    assert [value for name, value in found.items() if "last_run.failed" in name and "import" in name] == ["1|g"]


class Broken:
    """A client whose receiver is away."""

    def __getattr__(self, _: str) -> Any:
        raise ConnectionRefusedError(PIET)


def test_a_receiver_that_is_away_fails_nothing(
    world: World, sent_by: Callable[[Callable[[], Any]], None], caplog: pytest.LogCaptureFixture
) -> None:
    """One warning, without the text of the error, and the run goes on."""
    sent_by(Broken)
    world.debtor("10001", JAN)
    with caplog.at_level(logging.WARNING):
        report = world.run()

    assert report["created"] == 1
    assert "could not be sent to monitoring (ConnectionRefusedError)" in caplog.text
    assert PIET not in caplog.text
