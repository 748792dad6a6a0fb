"""Faults on order: a queue and a seeded chance, for all requests or those whose ``METHOD path`` contains a text."""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.wire import Request, Response, Service

PROBLEM_TYPE = "https://mailchimp.com/developer/marketing/docs/errors/"
PROXY_TITLES = {400: "Bad Request", 403: "Access Denied"}
PROXY_PAGE = (
    "<HTML><HEAD>\n<TITLE>{title}</TITLE>\n</HEAD><BODY>\n<H1>{title}</H1>\n \n"
    "The request could not be satisfied.<P>\nReference&#32;&#35;18&#46;5d1c1602&#46;1700000000&#46;2a6f3c1\n"
    "</BODY>\n</HTML>\n"
)


class FaultKind(StrEnum):
    """Everything that can go wrong between a client and a service; ``_after`` means that the effect did happen."""

    TOO_MANY = "429"
    BARE_403 = "403_empty"
    BARE_429 = "429_empty"
    UNAUTHORISED = "401"
    ERROR = "500"
    ERROR_AFTER = "500_after"
    MAINTENANCE = "503"
    RESET = "reset"
    RESET_AFTER = "reset_after"
    SLOW = "slow"
    TRUNCATED = "truncated"
    CUT_JSON = "cut_json"
    HTML = "html"
    EMPTY = "empty"


BARE = {FaultKind.BARE_403: 403, FaultKind.BARE_429: 429}
AFTER_EFFECT = frozenset({
    FaultKind.ERROR_AFTER,
    FaultKind.RESET_AFTER,
    FaultKind.SLOW,
    FaultKind.TRUNCATED,
    FaultKind.CUT_JSON,
    FaultKind.EMPTY,
})


@dataclass(slots=True)
class Fault:
    """One order.

    :param count: how many matching requests it hits; None means every one.
    :param probability: chance for each matching request, drawn from a generator of its own seeded with ``seed``.
    :param match: only requests whose ``METHOD path`` contains this text (case-insensitive).
    :param query: only requests whose decoded query string contains this text.
    :param skip: matching requests that pass unharmed before it begins.
    :param seconds: how long ``slow`` takes; what ``503`` says in Retry-After.
    :param status: HTTP status of ``html``.
    :param message: error text for ``500`` where the service has a place for it.
    """

    kind: FaultKind
    count: int | None = 1
    probability: float = 1.0
    match: str = ""
    query: str = ""
    skip: int = 0
    seconds: float | None = None
    status: int = 502
    message: str = ""
    seed: int = 0
    hits: int = 0
    chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    @classmethod
    def from_json(cls, order: Mapping[str, object]) -> Fault:
        """Read an order; a name or a kind that does not exist is refused."""
        names = tuple(name for name in cls.__dataclass_fields__ if name not in {"hits", "chance"})
        unknown = sorted(set(order) - set(names))
        if unknown:
            msg = f"unknown in a fault: {', '.join(unknown)}; known: {', '.join(names)}"
            raise ValueError(msg)
        kinds = [kind.value for kind in FaultKind]
        if str(order.get("kind")) not in kinds:
            msg = f"kind {order.get('kind')!r} is not one of {', '.join(kinds)}"
            raise ValueError(msg)
        values: dict[str, object] = {**order, "kind": FaultKind(str(order["kind"]))}
        if "count" not in order and "probability" in order:
            values["count"] = None
        return cls(**values)  # type: ignore[arg-type]

    def as_json(self) -> dict[str, object]:
        """Describe the order as it stands now."""
        names = ("kind", "count", "probability", "match", "query", "skip", "seconds", "status", "message", "hits")
        return {name: getattr(self, name) for name in names}

    def strikes(self, request: Request) -> bool:
        """Decide for one request, and use up what it costs."""
        if self.match.lower() not in f"{request.method} {request.path}".lower() or self.count == 0:
            return False
        if self.query and self.query not in "&".join(f"{name}={value}" for name, value in request.query):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1.0 and self.chance.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        self.hits += 1
        return True


class FaultBook:
    """The orders of one server; the first that strikes a request is carried out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put an order behind the others."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._faults.clear()

    def as_json(self) -> list[dict[str, object]]:
        """All orders, also those used up, with how often each struck."""
        with self._lock:
            return [fault.as_json() for fault in self._faults]

    def strike(self, request: Request) -> Fault | None:
        """Take the fault that hits this request, if any."""
        with self._lock:
            return next((fault for fault in self._faults if fault.strikes(request)), None)


def fault_response(service: Service, fault: Fault) -> Response:
    """Build the answer of a fault in the manner of the service.

    A service may have its own ``fault_response(kind, seconds, message)`` that answers a Response or None; what it
    leaves open is answered as problem details (RFC 7807), the form that Mailchimp uses.
    """
    if fault.kind is FaultKind.HTML:
        title = PROXY_TITLES.get(fault.status, "Bad Gateway")
        page = PROXY_PAGE.format(title=title).encode()
        return Response(fault.status, page, {"Content-Type": "text/html"})
    if fault.kind in BARE:
        return Response(BARE[fault.kind])
    own = getattr(service, "fault_response", None)
    if own is not None:
        answer = own(fault.kind.value, fault.seconds, fault.message)
        if isinstance(answer, Response):
            return answer
    return _problem(fault)


def half(body: bytes) -> bytes:
    """Return the first half of an answer."""
    return body[: len(body) // 2]


def _problem(fault: Fault) -> Response:
    if fault.kind is FaultKind.MAINTENANCE:
        seconds = 7200 if fault.seconds is None else fault.seconds
        return Response(503, b"", {"Retry-After": f"{seconds:g}"})
    status, title, detail = {
        FaultKind.TOO_MANY: (
            429,
            "Too Many Requests",
            "You have exceeded the limit of 10 simultaneous connections.",
        ),
        FaultKind.UNAUTHORISED: (
            401,
            "API Key Invalid",
            "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
        ),
    }.get(
        fault.kind,
        (500, "Internal Server Error", "A deep, internal error has occurred during the processing of your request."),
    )
    instance = str(uuid.UUID(int=random.Random(fault.hits).getrandbits(128), version=4))  # noqa: S311 - not a secret
    body = {
        "type": PROBLEM_TYPE,
        "title": title,
        "status": status,
        "detail": fault.message or detail,
        "instance": instance,
    }
    headers = {"Content-Type": "application/problem+json; charset=utf-8", "X-Request-Id": instance}
    return Response(status, json.dumps(body).encode(), headers)
