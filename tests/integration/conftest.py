"""Running stand-ins with connections to them, and a server that says what a test tells it to."""

from __future__ import annotations

import http.server
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from hooks.afas import AfasHook
from hooks.afas_mailchimp_transport import Retry
from hooks.mailchimp import MailchimpHook
from sandbox.afas import DEFAULT_TOKEN, AfasService
from sandbox.client import Control
from sandbox.mailchimp import API_KEY, MailchimpService
from sandbox.server import SandboxServer

LIST = "a1b2c3d4e5"
XML_TOKEN = f"<token><version>1</version><data>{DEFAULT_TOKEN}</data></token>"


@dataclass(frozen=True)
class Stand:
    """A stand-in that runs."""

    url: str
    control: Control

    def queries(self, path: str) -> list[str]:
        """Decoded query strings of the requests whose path contains a text, oldest first."""
        return [str(entry["query"]) for entry in self.control.log() if path in str(entry["path"])]


@dataclass
class Patience:
    """A retry rule that never waits, and remembers what it would have waited."""

    slept: list[float] = field(default_factory=list)

    def rule(self, **settings: object) -> Retry:
        return Retry(sleep=self.slept.append, **settings)  # type: ignore[arg-type]


@dataclass
class Canned:
    """A server that gives prepared answers in turn (the last one again and again) and keeps what it was asked."""

    url: str
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    ports: set[int] = field(default_factory=set)

    def says(self, status: int, body: object = b"", **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, data))


Connect = Callable[..., None]


@pytest.fixture(scope="session")
def afas_server() -> Iterator[SandboxServer]:
    """One AFAS for all tests."""
    with SandboxServer(AfasService()) as server:
        yield server


@pytest.fixture(scope="session")
def mailchimp_server() -> Iterator[SandboxServer]:
    """One Mailchimp for all tests."""
    with SandboxServer(MailchimpService(list_id=LIST)) as server:
        yield server


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Define a connection in the way of a deployment: by environment variable."""

    def define(conn_id: str, **values: object) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(values))

    return define


@pytest.fixture
def afas(afas_server: SandboxServer, connect: Connect) -> Stand:
    """AFAS, empty, with its connection."""
    connect("afas_default", conn_type="afas", host=afas_server.url, password=XML_TOKEN)
    stand = Stand(afas_server.url, Control(afas_server.root_url))
    stand.control.reset()
    return stand


@pytest.fixture
def mailchimp(mailchimp_server: SandboxServer, connect: Connect) -> Stand:
    """Mailchimp, empty, with its connection."""
    connect("mailchimp_default", conn_type="mailchimp", host=mailchimp_server.url, password=API_KEY)
    stand = Stand(mailchimp_server.url, Control(mailchimp_server.root_url))
    stand.control.reset()
    return stand


@pytest.fixture
def patience() -> Patience:
    """Nobody waits in a test."""
    return Patience()


@pytest.fixture
def afas_hook(afas: Stand, patience: Patience) -> Iterator[AfasHook]:
    """A hook on the AFAS stand-in."""
    hook = AfasHook(retry=patience.rule())
    yield hook
    hook.close()


@pytest.fixture
def mailchimp_hook(mailchimp: Stand, patience: Patience) -> Iterator[MailchimpHook]:
    """A hook on the Mailchimp stand-in."""
    hook = MailchimpHook(retry=patience.rule())
    yield hook
    hook.close()


@pytest.fixture
def all_logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs, down to DEBUG."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def canned() -> Iterator[Canned]:
    """A server with prepared answers, for what the stand-ins cannot be made to say."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            told.asked.append((self.command, self.path, dict(self.headers.items())))
            told.ports.add(self.client_address[1])
            status, headers, body = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - looked up by name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = Canned(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()
