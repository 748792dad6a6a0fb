"""A client of the control surface, for tests and the demo. Standard library only."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.control import PREFIX


class ControlRefusedError(Exception):
    """The control surface did not accept an order; the text is its answer."""


class Control:
    """Orders for one server.

    :param root_url: address without base path, such as ``http://127.0.0.1:8901``.
    """

    def __init__(self, root_url: str, *, timeout: float = 120.0) -> None:
        self._address = urlsplit(root_url)
        self._timeout = timeout

    def call(self, verb: str, /, **arguments: Any) -> Any:
        """Carry out any verb, such as those of the service itself."""
        return self._send("POST", verb, arguments)

    def reset(self) -> None:
        """Empty the service, and forget faults, latency and log."""
        self._send("POST", "reset", {})

    def seed(self, **arguments: Any) -> Any:
        """Fill the service with invented people."""
        return self.call("seed", **arguments)

    def fail(self, kind: str, **order: Any) -> Any:
        """Order a fault: kind, and count, probability, match, query, skip, seconds, status, message, seed."""
        return self._send("POST", "faults", {"kind": kind, **order})

    def faults(self) -> list[dict[str, Any]]:
        """All orders, with how often each struck."""
        answer: list[dict[str, Any]] = self._send("GET", "faults")
        return answer

    def clear_faults(self) -> None:
        """Forget all orders for faults."""
        self._send("DELETE", "faults")

    def latency(self, *, per_call: float = 0.0, per_unit: float = 0.0, unit_method: str = "") -> None:
        """Set how long answers take, in seconds.

        :param unit_method: only requests of this HTTP method cost ``per_unit``; empty means all.
        """
        self._send("POST", "latency", {"per_call": per_call, "per_unit": per_unit, "unit_method": unit_method})

    def log(self) -> list[dict[str, Any]]:
        """The last requests, oldest first."""
        answer: list[dict[str, Any]] = self._send("GET", "log")
        return answer

    def counts(self) -> dict[str, int]:
        """Requests by ``METHOD path status``."""
        answer: dict[str, int] = self._send("GET", "log", query={"view": "counts"})
        return answer

    def clear_log(self) -> None:
        """Start log and statistics again."""
        self._send("DELETE", "log")

    def stats(self) -> dict[str, Any]:
        """Totals since the last clear."""
        answer: dict[str, Any] = self._send("GET", "stats")
        return answer

    def dump(self) -> Any:
        """The whole state of the service."""
        return self._send("GET", "dump")

    def _send(
        self,
        method: str,
        verb: str,
        body: object | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        path = f"{PREFIX}/{verb}" + (f"?{urlencode(query)}" if query else "")
        connection = http.client.HTTPConnection(
            self._address.hostname or "127.0.0.1", self._address.port, timeout=self._timeout
        )
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode())
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise ControlRefusedError(f"{method} {verb}: {response.status} {text.decode(errors='replace')}")
        return json.loads(text)
