"""Alerts over real connections: a mail server and a web hook on this machine, and an operator that never fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from afas_mailchimp.errors import SyncError
from demo.processes import free_port
from hooks.afas_mailchimp_alerts import AlertsHook
from operators.afas_mailchimp_alert import AlertOperator
from tests.integration.conftest import Canned, Connect
from tests.integration.importing.local import local_world
from tests.integration.importing.world import SYNC, Variables
from tests.integration.in_context import AlertContext


class Mailbox:
    """Keeps what a mail server was given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Take a mail."""
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mail server on a port of its own."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    yield box, server.port
    server.stop()


def test_by_mail(mailbox: tuple[Mailbox, int], connect: Connect) -> None:
    """Subject and text arrive as they were written, Dutch letters included."""
    box, port = mailbox
    path = f"mailto://127.0.0.1:{port}?from=airflow@bedrijf.example&to=beheer@bedrijf.example&mode=insecure"
    connect("alerts", conn_type="apprise", extra={"config": {"path": path}})

    AlertsHook("alerts").send("AFAS → Mailchimp, klanten: de run is mislukt", "Eén regel.\n\nhttps://airflow.example")

    (to, mail) = box.mails[0]
    assert to == ["beheer@bedrijf.example"]
    assert mail["Subject"] == "AFAS → Mailchimp, klanten: de run is mislukt"
    assert "Eén regel." in mail.get_body(("plain", "html")).get_content()


def test_by_web_hook(canned: Canned, connect: Connect) -> None:
    """Several receivers in one connection, each told."""
    canned.says(200, b"{}")
    canned.says(200, b"{}")
    host = canned.url.removeprefix("http://").split("/")[0]
    config = [{"path": f"json://{host}/one"}, {"path": f"json://{host}/two"}]
    connect("alerts", conn_type="apprise", extra={"config": config})

    AlertsHook("alerts").send("titel", "tekst")

    assert {"/one", "/two"} == {path for _, path, _ in canned.asked}


@pytest.mark.parametrize(
    "path",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#beheer",
        "workflows://prod-12.westeurope.logic.azure.com/643e69f83c8944/8YgeruKgBnRjvvFGLLsIYXQcbqAEZJ49b2",
        "mailtos://gebruiker:geheim@mail.example?to=beheer@bedrijf.example",
    ],
    ids=["Slack", "Teams", "mail"],
)
def test_the_documented_addresses_are_understood(path: str) -> None:
    """What docs/alerts.md shows; nothing is sent to them."""
    import apprise  # noqa: PLC0415 - heavy

    assert apprise.Apprise.instantiate(path) is not None


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({}, id="no config"),
        pytest.param({"config": "nothing"}, id="no JSON"),
        pytest.param({"config": {"path": "geheim://nergens"}}, id="an address of nothing"),
        pytest.param({"config": {"path": "mailto://geheim"}}, id="a mail to nobody"),
        pytest.param({"config": [1]}, id="a list of numbers"),
        pytest.param({"config": {"path": "json://127.0.0.1:9/geheim"}}, id="nobody there"),
    ],
)
def test_one_sentence_without_the_secret(
    extra: dict[str, Any], connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is wrong with a connection: its name is told, not what is in it."""
    connect("alerts", conn_type="apprise", extra=extra)

    with caplog.at_level(logging.DEBUG), pytest.raises(SyncError, match="'alerts'") as refused:
        AlertsHook("alerts").send("titel", "tekst")

    assert "geheim" not in str(refused.value) + caplog.text


def test_a_connection_that_is_missing() -> None:
    """Told like any other missing connection."""
    with pytest.raises(SyncError, match="no connection 'nowhere'"):
        AlertsHook("nowhere").send("titel", "tekst")


def test_preflight_warns_when_nobody_would_be_told(connect: Connect) -> None:
    """While all is well, and not at the first failure."""
    with local_world() as world:
        world.settings["alerts"] = {"to": ["alerts", "nowhere"]}
        connect("alerts", conn_type="apprise", extra={"config": {"path": "json://127.0.0.1:9"}})
        found = [text for text in world.preflight()["warnings"] if "alerts.to" in text]

    assert len(found) == 1
    assert "'nowhere'" in found[0]


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch, connect: Connect, canned: Canned) -> AlertContext:
    """A sync with alerts to a web hook, and Variables in memory."""
    connect("alerts", conn_type="apprise", extra={"config": {"path": f"json://{canned.url.split('/')[2]}/hook"}})
    variables = Variables()
    for name, call in (("get", variables.read), ("set", variables.write), ("delete", variables.drop)):
        monkeypatch.setattr(f"operators.afas_mailchimp_state.Variable.{name}", call)
    return AlertContext({**SYNC, "alerts": {"to": "alerts", "language": "en"}}, variables)


def test_told_once_and_taken_back(context: AlertContext, canned: Canned) -> None:
    """Failed twice: one message; then well: one more, and nothing stays in Airflow's Variables."""
    canned.says(200, b"{}")
    assert context.run(AlertOperator, import_customers="failed")["told"] == ["failed begun"]
    assert list(context.variables) == ["afas_mailchimp.customers.alerts"]
    assert context.run(AlertOperator, import_customers="failed")["told"] == []
    canned.says(200, b"{}")
    assert context.run(AlertOperator, import_customers="success")["told"] == ["failed well"]
    assert dict(context.variables) == {}

    told = [json.loads(each) for each in canned.bodies]
    assert ["customers: the run failed" in each["title"] for each in told] == [True, False]
    assert "well again" in told[1]["title"]
    assert "import_customers" in told[0]["message"]


def test_who_does_not_answer_is_told_later(context: AlertContext, canned: Canned) -> None:
    """The task ends well and says so; the next run tells it."""
    canned.says(500, b"{}")
    canned.says(200, b"{}")
    found = context.run(AlertOperator, preflight="failed", import_customers="upstream_failed")
    assert found == {"told": [], "not_told": ["failed begun"]}
    assert dict(context.variables) == {}

    canned.says(200, b"{}")
    assert context.run(AlertOperator, preflight="failed", import_customers="upstream_failed")["told"] == [
        "failed begun"
    ]


def test_rejects_and_lag(context: AlertContext, canned: Canned) -> None:
    """By the report of the import, and by the watermarks."""
    for _ in range(2):
        canned.says(200, b"{}")
    context.variables["afas_mailchimp.customers.debtors.watermark"] = "2026-01-01T08:00:00"
    report = {"sources": {"debtors": {"read": 100, "rejected": 5, "invalid": 30}}}

    found = context.run(AlertOperator, report=report, import_customers="success")

    assert found["told"] == ["rejected begun", "lag begun"]


def test_a_dry_run_tells_nothing(context: AlertContext, canned: Canned) -> None:
    """Somebody looks at it anyway."""
    assert context.run(AlertOperator, {"dry_run": True}, import_customers="failed")["told"] == []
    assert canned.asked == []
