"""One HTTP/1.1 server for any stand-in: a thread in tests, a process in the demo, curl by hand."""

from __future__ import annotations

import gzip
import http
import http.server
import logging
import socket
import struct
import sys
import threading
import time
from dataclasses import replace
from typing import Self
from urllib.parse import parse_qsl, unquote

from sandbox.control import PREFIX, ControlSurface, Latency
from sandbox.faults import AFTER_EFFECT, Fault, FaultBook, FaultKind, fault_response, half
from sandbox.journal import Journal
from sandbox.wire import Request, Response, Service

_LOG = logging.getLogger(__name__)
_RESET_AT_ONCE = struct.pack("ii", 1, 0)
_GZIP_FROM = 1024


class SandboxServer:
    """A service on a port of its own, with latency, faults, a connection limit and a control surface.

    :param port: 0 takes a free one.
    """

    def __init__(self, service: Service, port: int = 0, *, host: str = "127.0.0.1") -> None:
        self.service = service
        self.faults = FaultBook()
        self.journal = Journal()
        self.latency = Latency()
        self.control = ControlSurface(service=service, faults=self.faults, journal=self.journal, latency=self.latency)
        self._listener = _Listener((host, port), _Handler)
        self._listener.sandbox = self
        self._thread: threading.Thread | None = None

    @property
    def root_url(self) -> str:
        """Address without the base path; the control surface is below it."""
        host, port = self._listener.server_address[:2]
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else str(host)}:{port}"  # noqa: S104 - compared, not bound

    @property
    def url(self) -> str:
        """Address that a client of the service is given."""
        return self.root_url + self.service.base_path

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, name=self.service.name, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and cut the connections that are open."""
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._thread = None
        self._listener.server_close()
        self._listener.cut_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def respond(self, request: Request, fault: Fault | None, *, rank: int) -> Response:
        """Answer one request of a client, as far as the order for a fault lets it get."""
        if rank > self.service.max_connections:
            return self.service.too_many_connections()
        kind = fault.kind if fault else None
        began = time.monotonic()
        if fault is None or kind in AFTER_EFFECT:
            response = self._handle(request)
        else:
            response = fault_response(self.service, fault)
        pause = self.latency.seconds(response.units, request.method) - (time.monotonic() - began)
        if fault is not None and kind is FaultKind.SLOW:
            pause = max(pause, 0.0) + (1.0 if fault.seconds is None else fault.seconds)
        if pause > 0:
            time.sleep(pause)
        if fault is not None and kind is FaultKind.ERROR_AFTER:
            return fault_response(self.service, fault)
        if kind is FaultKind.EMPTY:
            return Response(200, b"", {"Content-Type": "application/json; charset=utf-8"})
        return replace(response, body=half(response.body)) if kind is FaultKind.CUT_JSON else response

    def _handle(self, request: Request) -> Response:
        try:
            return self.service.handle(request)
        except Exception:  # noqa: BLE001 - whatever broke, a client must have an answer
            _LOG.exception("the stand-in %s broke on %s", self.service.name, request.method)
            return Response(500, b"the stand-in itself broke, see its log", {"Content-Type": "text/plain"})


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True
    sandbox: SandboxServer

    def __init__(self, address: tuple[str, int], handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # HTTPServer.server_bind asks a name server for the host's full name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's
        if not isinstance(sys.exception(), OSError):
            _LOG.exception("a connection ended badly")

    def cut_connections(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the journal keeps the requests."""

    def answer(self) -> None:
        """Answer one request of whatever method."""
        sandbox = self.server.sandbox
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._send(Response(411))
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        raw_path, _, raw_query = self.path.partition("?")
        base = next((b for b in (PREFIX, sandbox.service.base_path) if _is_below(raw_path, b)), None)
        if base is None:
            self._send(Response(404))
            return
        request = Request(
            method=self.command,
            path=unquote(raw_path[len(base) :]),
            raw_path=raw_path[len(base) :],
            query=parse_qsl(raw_query, keep_blank_values=True),
            raw_query=raw_query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        if base == PREFIX:
            self._send(sandbox.control.answer(request))
        else:
            self._serve(request)

    def _serve(self, request: Request) -> None:
        sandbox = self.server.sandbox
        flight = sandbox.journal.enter(request)
        fault = sandbox.faults.strike(request)
        kind = fault.kind if fault else None
        reset = kind in {FaultKind.RESET, FaultKind.RESET_AFTER}
        response = Response(0) if kind is FaultKind.RESET else sandbox.respond(request, fault, rank=flight.rank)
        # A request stops counting before its answer leaves, or a client that goes on at once would meet itself.
        status = 0 if reset else response.status
        sandbox.journal.leave(flight, status=status, fault=kind, size=len(response.body))
        if reset:
            self._reset()
        else:
            self._send(response, cut=kind is FaultKind.TRUNCATED)

    def _send(self, response: Response, *, cut: bool = False) -> None:
        body = response.body
        headers = {"Date": self.date_time_string(), **response.headers}
        if len(body) >= _GZIP_FROM and "gzip" in self.headers.get("Accept-Encoding", "").lower():
            body = gzip.compress(body, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
        if response.status not in {204, 304}:
            headers["Content-Length"] = str(len(body))
        if cut:
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        try:
            self.wfile.write(head if self.command == "HEAD" else head + body)
        except OSError:
            self.close_connection = True

    def _reset(self) -> None:
        self.close_connection = True
        self.server.connections.discard(self.connection)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
        socket.close(self.connection.detach())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815 - looked up by name


def _is_below(path: str, base: str) -> bool:
    return path.lower().startswith(base.lower()) and path[len(base) : len(base) + 1] in {"", "/"}


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
