"""What a server remembers of the requests it had: a bounded log, counts, and how many were in flight at once."""

from __future__ import annotations

import http
import re
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from sandbox.wire import Request

LIMIT = 20_000
_HASH = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class Flight:
    """A request on its way.

    :param rank: how many requests were in flight when this one came, itself included.
    """

    request: Request
    rank: int
    started: float = field(default_factory=time.monotonic)


class Journal:
    """Log and statistics of one server. The log of a stand-in may hold addresses: all of them are invented."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_flight = 0
        self.clear()

    def clear(self) -> None:
        """Forget the log and start the statistics again; requests in flight stay counted."""
        with self._lock:
            self._entries: deque[dict[str, object]] = deque(maxlen=LIMIT)
            self._counts: Counter[str] = Counter()
            self._peak = self._in_flight
            self._total = self._errors = self._bytes = 0
            self._dropped = 0

    def enter(self, request: Request) -> Flight:
        """Count a request that came in."""
        with self._lock:
            self._in_flight += 1
            self._peak = max(self._peak, self._in_flight)
            return Flight(request, self._in_flight)

    def leave(self, flight: Flight, *, status: int, fault: str | None, size: int) -> None:
        """Count a request that was answered (``status`` 0: its connection was reset)."""
        request = flight.request
        path = _HASH.sub("{hash}", request.path)
        entry: dict[str, object] = {
            "method": request.method,
            "path": request.path,
            "query": request.raw_query,
            "status": status,
            "seconds": round(time.monotonic() - flight.started, 6),
            "fault": fault,
        }
        with self._lock:
            self._in_flight -= 1
            self._dropped += len(self._entries) == LIMIT
            self._entries.append(entry)
            self._counts[f"{request.method} {path} {status}"] += 1
            self._total += 1
            self._bytes += size
            self._errors += status == 0 or status >= http.HTTPStatus.BAD_REQUEST

    def log(self) -> list[dict[str, object]]:
        """The last requests, oldest first."""
        with self._lock:
            return list(self._entries)

    def counts(self) -> dict[str, int]:
        """Requests by method, path (subscriber hashes taken together) and status."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def stats(self) -> dict[str, object]:
        """Totals since the last clear."""
        with self._lock:
            return {
                "requests": self._total,
                "errors": self._errors,
                "bytes": self._bytes,
                "in_flight": self._in_flight,
                "peak_in_flight": self._peak,
                "log_dropped": self._dropped,
            }
