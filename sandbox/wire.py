"""What travels between the HTTP server and a stand-in: a request, and the answer to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request below the base path of a service.

    :param path: percent-decoded, without the service's base path, such as ``/lists/a1b2c3d4e5``.
    :param raw_path: the same, not decoded.
    :param query: decoded parameters in the order sent (``+`` is a blank).
    :param raw_query: the query string as sent, without ``?``.
    :param headers: names in lower case.
    """

    method: str
    path: str
    raw_path: str
    query: Sequence[tuple[str, str]]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Response:
    """One HTTP answer.

    :param units: how many rows or members it carried; the latency model charges for them.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    units: int = 0


class Service(Protocol):
    """A stand-in as the server sees it. ``handle`` is called from many threads."""

    name: str
    base_path: str
    max_connections: int

    def handle(self, request: Request) -> Response:
        """Answer one request."""

    def too_many_connections(self) -> Response:
        """Answer to a request beyond ``max_connections``."""

    def reset(self) -> None:
        """Forget everything but the schema."""

    def control(self, verb: str, arguments: Mapping[str, object]) -> object:
        """Carry out a control verb of this service (seed, mutate, dump, set a switch); JSON in, JSON out."""


class UnknownVerbError(LookupError):
    """A control verb that a service does not have.

    :param known: the verbs it has.
    """

    def __init__(self, verb: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown control verb {verb!r}; known: {', '.join(sorted(known))}")
        self.known = tuple(sorted(known))
