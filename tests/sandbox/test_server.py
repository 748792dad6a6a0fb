"""The server below every stand-in: connections, limits, time and faults."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.client import Control
from sandbox.server import SandboxServer
from sandbox.wire import Request, Response, UnknownVerbError


class Counter:
    """A service that counts what reached it."""

    name = "counter"
    base_path = "/Count"
    max_connections = 3

    def __init__(self) -> None:
        self.effects = 0
        self.seen: list[Request] = []
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        with self._lock:
            self.effects += 1
            self.seen.append(request)
        if request.path == "/breaks":
            raise RuntimeError
        if request.path == "/gone":
            return Response(204)
        return Response(200, b'{"value":"' + b"x" * 4000 + b'"}', {"Content-Type": "application/json"}, units=10)

    def too_many_connections(self) -> Response:
        return Response(429, b"three at most")

    def reset(self) -> None:
        self.effects = 0
        self.seen.clear()

    def control(self, verb: str, arguments: Mapping[str, object]) -> object:
        if verb != "echo":
            raise UnknownVerbError(verb, ["echo"])
        return dict(arguments)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A counting service on a free port."""
    with SandboxServer(Counter()) as running:
        yield running


@pytest.fixture
def control(server: SandboxServer) -> Control:
    """Its control surface."""
    return Control(server.root_url)


def effects(server: SandboxServer) -> int:
    """How many requests had an effect."""
    assert isinstance(server.service, Counter)
    return server.service.effects


def test_connection_stays_open(server: SandboxServer) -> None:
    """Requests of one client go over one connection, also after an answer without a body."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server.root_url.rpartition(":")[2]), timeout=5)
    ports = set()
    for path in ("/Count/a", "/Count/gone", "/Count/b"):
        connection.request("POST", path, b"body")
        connection.getresponse().read()
        ports.add(connection.sock.getsockname())
    connection.close()

    assert 1 == len(ports)
    assert 3 == effects(server)


def test_base_path_is_case_insensitive(server: SandboxServer) -> None:
    """AFAS writes its own path in more than one way."""
    assert 200 == requests.get(server.root_url + "/COUNT/x", timeout=5).status_code


@pytest.mark.parametrize("path", ["/", "/Counter/x", "/other", "/_controls/reset"])
def test_other_paths_are_not_there(server: SandboxServer, path: str) -> None:
    """A request outside the base path and the control surface is a 404 without an effect."""
    assert 404 == requests.get(server.root_url + path, timeout=5).status_code
    assert 0 == effects(server)


def test_request_arrives_decoded_and_as_sent(server: SandboxServer) -> None:
    """A service sees the decoded path and query, and what was sent."""
    requests.post(server.url + "/a%2Fb c?x=1+2&x=%3B&y=", data=b"\x00body", headers={"X-Own": "z"}, timeout=5)
    assert isinstance(server.service, Counter)
    request = server.service.seen[0]

    assert ("POST", "/a/b c", "/a%2Fb%20c") == (request.method, request.path, request.raw_path)
    assert [("x", "1 2"), ("x", ";"), ("y", "")] == list(request.query)
    assert "x=1+2&x=%3B&y=" == request.raw_query
    assert (b"\x00body", "z") == (request.body, request.headers["x-own"])


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("identity", None)])
def test_gzip_only_when_asked(server: SandboxServer, accepted: str, encoding: str | None) -> None:
    """A body is compressed for a client that accepts it, and for no other."""
    response = requests.get(server.url + "/x", headers={"Accept-Encoding": accepted}, timeout=5)

    assert encoding == response.headers.get("Content-Encoding")
    assert 4000 == len(response.json()["value"])


def test_broken_service_is_a_plain_500(server: SandboxServer) -> None:
    """A mistake of the stand-in itself is answered, and cannot be taken for one of the vendor."""
    response = requests.get(server.url + "/breaks", timeout=5)

    assert (500, "text/plain") == (response.status_code, response.headers["Content-Type"])


def test_requests_beyond_the_limit_are_refused(server: SandboxServer, control: Control) -> None:
    """A request above the number allowed in flight gets the service's refusal and has no effect."""
    control.latency(per_call=0.3)
    with ThreadPoolExecutor(5) as pool:
        statuses = sorted(pool.map(lambda _: requests.get(server.url + "/x", timeout=5).status_code, range(5)))

    assert [200, 200, 200, 429, 429] == statuses
    assert 3 == effects(server)
    assert control.stats()["peak_in_flight"] >= 4


def test_serial_clients_never_meet_themselves(server: SandboxServer, control: Control) -> None:
    """As many clients as allowed, each going on at once, are never refused."""

    def work(_: int) -> set[int]:
        with requests.Session() as session:
            return {session.get(server.url + "/gone", timeout=5).status_code for _ in range(100)}

    with ThreadPoolExecutor(3) as pool:
        assert [{204}] * 3 == list(pool.map(work, range(3)))
    assert control.stats()["peak_in_flight"] <= 3


def test_latency_is_charged_by_call_and_unit(server: SandboxServer, control: Control) -> None:
    """An answer takes the time of the call and that of each row in it."""
    control.latency(per_call=0.05, per_unit=0.01)
    started = time.monotonic()
    requests.get(server.url + "/x", timeout=5)

    assert 0.15 <= time.monotonic() - started < 1.0
    assert 0.15 <= control.log()[0]["seconds"]


@pytest.mark.parametrize(
    ("kind", "status", "effect"),
    [
        ("429", 429, 0),
        ("403_empty", 403, 0),
        ("429_empty", 429, 0),
        ("cut_json", 200, 1),
        ("401", 401, 0),
        ("500", 500, 0),
        ("500_after", 500, 1),
        ("503", 503, 0),
        ("html", 502, 0),
        ("empty", 200, 1),
    ],
)
def test_fault_answers_once(server: SandboxServer, control: Control, kind: str, status: int, effect: int) -> None:
    """A fault hits as many requests as ordered, with or without the effect having happened."""
    control.fail(kind)
    statuses = [requests.get(server.url + "/x", timeout=5).status_code for _ in range(2)]

    assert [status, 200] == statuses
    assert effect + 1 == effects(server)
    assert [kind, None] == [entry["fault"] for entry in control.log()]


@pytest.mark.parametrize(("kind", "effect"), [("reset", 0), ("reset_after", 1)])
def test_reset_cuts_the_connection(server: SandboxServer, control: Control, kind: str, effect: int) -> None:
    """A reset is a real one, before or after the effect."""
    control.fail(kind)
    connection = http.client.HTTPConnection("127.0.0.1", int(server.root_url.rpartition(":")[2]), timeout=5)
    connection.request("GET", "/Count/x")

    with pytest.raises(ConnectionResetError):
        connection.getresponse()
    assert effect == effects(server)
    assert 0 == control.log()[0]["status"]


def test_truncated_body_is_noticed_by_a_client(server: SandboxServer, control: Control) -> None:
    """A cut body is shorter than announced, and its effect happened."""
    control.fail("truncated")

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        requests.get(server.url + "/x", headers={"Accept-Encoding": "identity"}, timeout=5)
    assert 1 == effects(server)


def test_slow_answer_passes_a_clients_time_out(server: SandboxServer, control: Control) -> None:
    """A slow answer makes a client give up although the effect happened."""
    control.fail("slow", seconds=0.5)

    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(server.url + "/x", timeout=0.1)
    assert 1 == effects(server)


def test_html_fault_has_the_status_asked_for(server: SandboxServer, control: Control) -> None:
    """A page of a proxy comes with the status ordered and is no JSON."""
    control.fail("html", status=400)
    response = requests.get(server.url + "/x", timeout=5)

    assert (400, "text/html") == (response.status_code, response.headers["Content-Type"])
    assert "Reference" in response.text


def test_bare_403_has_no_body(server: SandboxServer, control: Control) -> None:
    """Throttling can be a 403 with nothing in it."""
    control.fail("403_empty")

    assert b"" == requests.get(server.url + "/x", timeout=5).content


def test_stop_frees_port_and_cuts_connections(server: SandboxServer) -> None:
    """After stop nothing listens, and a client with an open connection is told."""
    port = int(server.root_url.rpartition(":")[2])
    open_one = socket.create_connection(("127.0.0.1", port), timeout=5)
    open_one.sendall(b"GET /Count/gone HTTP/1.1\r\nHost: x\r\n\r\n")
    open_one.recv(1000)
    server.stop()

    assert b"" == open_one.recv(1000)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    open_one.close()


def test_units_may_cost_for_one_method_alone(server: SandboxServer, control: Control) -> None:
    """Writing members takes time for each, reading them does not: then only that method is charged by unit."""
    control.latency(per_call=0.01, per_unit=5.0, unit_method="POST")
    started = time.monotonic()

    requests.get(server.url + "/x", timeout=5)

    assert 0.01 <= time.monotonic() - started < 1.0
