"""The control surface ``/_control/<verb>`` of every server: faults, latency, log, statistics, and the service's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from sandbox.faults import Fault, FaultBook
from sandbox.journal import Journal
from sandbox.wire import Request, Response, Service, UnknownVerbError

PREFIX = "/_control"


@dataclass(slots=True)
class Latency:
    """How long an answer takes, its computing included: for the call, and for each row or member in it.

    :param unit_method: only requests of this HTTP method cost ``per_unit``; empty means all.
    """

    per_call: float = 0.0
    per_unit: float = 0.0
    unit_method: str = ""

    def seconds(self, units: int, method: str) -> float:
        """Time for an answer that carries ``units``."""
        return self.per_call + (self.per_unit * units if self.unit_method in {"", method} else 0.0)


class ControlSurface:
    """Answers control requests; everything in and out is JSON."""

    def __init__(self, *, service: Service, faults: FaultBook, journal: Journal, latency: Latency) -> None:
        self._service = service
        self._faults = faults
        self._journal = journal
        self._latency = latency
        self._verbs: dict[str, Callable[[str, Mapping[str, object]], object]] = {
            "reset": lambda method, _: self._reset(method),
            "faults": self._faults_verb,
            "latency": self._latency_verb,
            "log": self._log,
            "stats": lambda method, _: self._stats(method),
        }

    def answer(self, request: Request) -> Response:
        """Carry out one control request; ``request.path`` is the verb with a slash before it."""
        verb = request.path.strip("/")
        try:
            result = self._carry_out(request, verb)
        except UnknownVerbError as error:
            known = sorted({*self._verbs, *error.known, *getattr(self._service, "verbs", ())})
            return _json(404, {"error": f"unknown control verb {verb!r}", "known": known})
        except LookupError as error:
            known = sorted({*self._verbs, *getattr(self._service, "verbs", ())})
            return _json(404, {"error": str(error), "known": known})
        except (ValueError, TypeError, AttributeError) as error:
            return _json(400, {"error": str(error)})
        return _json(200, result)

    def _carry_out(self, request: Request, verb: str) -> object:
        arguments: object = json.loads(request.body) if request.body.strip() else dict(request.query)
        own = self._verbs.get(verb)
        if own is not None:
            orders = arguments if isinstance(arguments, list) else [arguments]
            results = [own(request.method, order) for order in orders]
            return results[-1] if results else None
        if not isinstance(arguments, dict):
            msg = "the body of a control request is one JSON object"
            raise TypeError(msg)
        return self._service.control(verb, arguments)

    def _reset(self, method: str) -> object:
        _expect(method, "POST", "DELETE")
        self._service.reset()
        self._faults.clear()
        self._latency_verb("DELETE", {})
        self._journal.clear()
        return {"reset": True}

    def _faults_verb(self, method: str, arguments: Mapping[str, object]) -> object:
        if method == "DELETE":
            self._faults.clear()
        elif method == "POST":
            self._faults.add(Fault.from_json(arguments))
        return self._faults.as_json()

    def _latency_verb(self, method: str, arguments: Mapping[str, object]) -> object:
        if method == "POST":
            unknown = sorted(set(arguments) - {"per_call", "per_unit", "unit_method"})
            if unknown:
                msg = f"unknown in latency: {', '.join(unknown)}; known: per_call, per_unit, unit_method"
                raise ValueError(msg)
            self._latency.unit_method = str(arguments.get("unit_method", ""))
            self._latency.per_call = float(str(arguments.get("per_call", 0)))
            self._latency.per_unit = float(str(arguments.get("per_unit", 0)))
        elif method == "DELETE":
            self._latency.per_call = self._latency.per_unit = 0.0
        return asdict(self._latency)

    def _log(self, method: str, arguments: Mapping[str, object]) -> object:
        if method == "DELETE":
            self._journal.clear()
        return self._journal.counts() if arguments.get("view") == "counts" else self._journal.log()

    def _stats(self, method: str) -> object:
        if method == "DELETE":
            self._journal.clear()
        return {**self._journal.stats(), "max_connections": self._service.max_connections}


def _expect(method: str, *allowed: str) -> None:
    if method not in allowed:
        msg = f"use {' or '.join(allowed)} for this verb"
        raise ValueError(msg)


def _json(status: int, value: object) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, {"Content-Type": "application/json; charset=utf-8"})
