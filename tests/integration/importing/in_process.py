"""Both stand-ins without sockets: a requests adapter hands each prepared request straight to the service object.

Everything else is the real thing: operators, hooks, the official client. What is drawn (faults, kills, somebody who
acts between two calls) hits the same call every time, because nothing runs in parallel here.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Protocol, Self
from unittest import mock
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from sandbox.afas import DEFAULT_TOKEN, AfasService
from sandbox.faults import AFTER_EFFECT, FaultBook, FaultKind, fault_response, half
from sandbox.faults import Fault as FaultOrder
from sandbox.mailchimp import API_KEY, MailchimpService
from sandbox.wire import Request, Response, Service

HOSTS = {"afas": "http://127.0.0.1:8901", "mailchimp": "http://127.0.0.1:8902"}


class Killed(BaseException):
    """The process ended here, as after a kill -9."""


class Lifeline:
    """Counts the calls of a run, ends the process at one of them, or lets somebody act before one of them.

    A call is counted among all calls, and once more among those that write.
    """

    def __init__(self) -> None:
        self.dead = False
        self._calls: Counter[bool] = Counter()
        self._kill: tuple[int, bool, bool] | None = None
        self._act: tuple[int, bool, Callable[[], None]] | None = None

    def begin(self) -> None:
        """A new process, which nothing will happen to."""
        self.dead, self._kill, self._act = False, None, None
        self._calls.clear()

    def kill(self, at: int, *, writing: bool, after: bool) -> None:
        """End the process at this call (or writing call), before or after its effect."""
        self._kill = at, writing, after

    def act(self, at: int, action: Callable[[], None], *, writing: bool) -> None:
        """Do something right before this call (or writing call)."""
        self._act = at, writing, action

    def before(self, *, writing: bool) -> None:
        """A call begins."""
        if self.dead:
            raise Killed
        self._calls[False] += 1
        self._calls[True] += writing
        if self._act and self._meets(*self._act[:2], writing=writing):
            action, self._act = self._act[2], None
            action()
        self._die(writing=writing, after=False)

    def after(self, *, writing: bool) -> None:
        """A call had its effect."""
        self._die(writing=writing, after=True)

    def _die(self, *, writing: bool, after: bool) -> None:
        if self._kill and self._kill[2] == after and self._meets(*self._kill[:2], writing=writing):
            self.dead = True
            raise Killed

    def _meets(self, at: int, among_writes: bool, *, writing: bool) -> bool:
        return self._calls[among_writes] == at and (writing or not among_writes)


class Watcher(Protocol):
    """Sees the audience right before and right after each writing call."""

    def before(self) -> None:
        """A writing call begins."""

    def after(self, request: Request) -> None:
        """It had its effect, or none."""


class LocalServer:
    """A stand-in in this process, with the orders that ``sandbox.client.Control`` has."""

    def __init__(self, service: Service, lifeline: Lifeline) -> None:
        self.service, self.lifeline = service, lifeline
        self.faults = FaultBook()
        self.watcher: Watcher | None = None
        self.struck: Counter[str] = Counter()
        self.answered = 0

    def call(self, verb: str, /, **arguments: Any) -> Any:
        """Carry out a control verb."""
        return self.service.control(verb, arguments)

    def reset(self) -> None:
        """Empty the service, and forget faults."""
        self.service.reset()
        self.faults.clear()

    def fail(self, kind: str, **order: Any) -> None:
        """Order a fault."""
        self.faults.add(FaultOrder.from_json({"kind": kind, **order}))

    def clear_faults(self) -> None:
        """Forget all orders for faults."""
        self.faults.clear()

    def dump(self) -> Any:
        """The whole state of the service."""
        return self.service.control("dump", {})

    def answer(self, request: Request, *, patience: float = float("inf")) -> Response | None:
        """Answer one request; None is a connection that broke.

        :param patience: seconds that the client waits; a slower answer has its effect, and nobody hears it.
        """
        writing = request.method != "GET"
        self.lifeline.before(writing=writing)
        self.answered += 1
        fault = self.faults.strike(request)
        kind = fault.kind if fault else None
        if fault:
            self.struck[fault.kind] += 1
        if kind is FaultKind.RESET:
            return None
        if fault and kind not in AFTER_EFFECT and kind is not FaultKind.RESET_AFTER:
            return fault_response(self.service, fault)
        response = self._handle(request)
        self.lifeline.after(writing=writing)
        if fault and kind is FaultKind.ERROR_AFTER:
            return fault_response(self.service, fault)
        if kind is FaultKind.EMPTY:
            return Response(200, b"", {"Content-Type": "application/json; charset=utf-8"})
        if fault and kind is FaultKind.SLOW and (fault.seconds or 0.0) > patience:
            raise requests.ReadTimeout
        if kind is FaultKind.CUT_JSON:
            return replace(response, body=half(response.body))
        return None if kind in {FaultKind.RESET_AFTER, FaultKind.TRUNCATED} else response

    def _handle(self, request: Request) -> Response:
        if self.watcher is None or request.method == "GET":
            return self.service.handle(request)
        self.watcher.before()
        response = self.service.handle(request)
        self.watcher.after(request)
        return response


class InProcessAdapter(BaseAdapter):
    """Carries requests to a ``LocalServer``."""

    def __init__(self, server: LocalServer) -> None:
        super().__init__()
        self.server = server

    def send(
        self, request: requests.PreparedRequest, *_: object, timeout: Any = None, **__: object
    ) -> requests.Response:
        """Answer a prepared request."""
        parts = urlsplit(request.url or "")
        raw_path = parts.path[len(self.server.service.base_path) :]
        body = request.body or b""
        answer = self.server.answer(
            Request(
                method=request.method or "",
                path=unquote(raw_path),
                raw_path=raw_path,
                query=parse_qsl(parts.query, keep_blank_values=True),
                raw_query=parts.query,
                headers={name.lower(): str(value) for name, value in request.headers.items()},
                body=body.encode() if isinstance(body, str) else bytes(body),
            ),
            patience=timeout[1] if timeout else float("inf"),
        )
        if answer is None:
            raise requests.ConnectionError(request=request)
        response = requests.Response()
        response.status_code, response.headers = answer.status, CaseInsensitiveDict(answer.headers)
        response.url, response.request = request.url or "", request
        response._content, response._content_consumed = answer.body, True
        return response

    def close(self) -> None:
        """Nothing is open."""


class InlineExecutor:
    """Does at once what a thread would do later, so that histories repeat themselves."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def submit(self, call: Callable[..., Any], *args: Any, **more: Any) -> Future[Any]:
        """Carry out one call."""
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **more))
        except Exception as error:  # noqa: BLE001 - a future keeps whatever happened
            future.set_exception(error)
        return future

    def map(self, call: Callable[..., Any], *items: Any) -> Iterator[Any]:
        """Carry out a call for each item."""
        return iter([call(*each) for each in zip(*items, strict=True)])

    def shutdown(self, **_: object) -> None:
        """Nothing runs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def stand_ins() -> tuple[LocalServer, LocalServer, Lifeline]:
    """AFAS and Mailchimp, and the line that both hang on."""
    lifeline = Lifeline()
    return LocalServer(AfasService(), lifeline), LocalServer(MailchimpService(), lifeline), lifeline


@contextmanager
def plugged_in(afas: LocalServer, mailchimp: LocalServer) -> Iterator[None]:
    """Let the real hooks speak to these two, one call after the other, without waiting between tries."""
    connections = {
        "AFAS": {"conn_type": "afas", "host": f"{HOSTS['afas']}/ProfitRestServices", "password": DEFAULT_TOKEN},
        "MAILCHIMP": {"conn_type": "mailchimp", "host": f"{HOSTS['mailchimp']}/3.0", "password": API_KEY},
    }
    environment = {f"AIRFLOW_CONN_{name}_DEFAULT": json.dumps(values) for name, values in connections.items()}
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environment))
        for target, replaced in (
            ("hooks.afas.pooled_adapter", lambda _: InProcessAdapter(afas)),
            ("hooks.mailchimp.pooled_adapter", lambda _: InProcessAdapter(mailchimp)),
            ("hooks.afas_mailchimp_transport.time.sleep", lambda _: None),
            ("operators.afas_mailchimp_writing.ThreadPoolExecutor", InlineExecutor),
            ("operators.afas_mailchimp_both_sides.ThreadPoolExecutor", InlineExecutor),
            ("hooks.afas_mailchimp_ahead.ThreadPoolExecutor", InlineExecutor),
        ):
            stack.enter_context(mock.patch(target, replaced))
        yield
