"""The stand-in on a real port, and the vendor's own client pointed at it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import mailchimp_marketing
import pytest
import requests
from mailchimp_marketing.api_client import ApiClientError

from sandbox.mailchimp import API_KEY, MailchimpService
from sandbox.server import SandboxServer

LIST = "a1b2c3d4e5"


@dataclass
class World:
    """An audience over HTTP: ``lists`` is the vendor's client, ``control`` the hands behind it."""

    server: SandboxServer
    lists: Any = field(init=False)
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = mailchimp_marketing.Client({"api_key": API_KEY, "timeout": (5, 30)})
        self.client.api_client.host = self.server.url
        self.lists = self.client.lists

    def http(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """One bare request, with the right key unless another ``auth`` is given."""
        kwargs.setdefault("auth", ("anybody", API_KEY))
        return requests.request(method, self.server.url + path, timeout=10, **kwargs)

    def control(self, verb: str, **arguments: Any) -> Any:
        """Carry out a control verb over HTTP."""
        answer = requests.post(f"{self.server.root_url}/_control/{verb}", json=arguments, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def seed(self, address: str, **more: Any) -> str:
        """Put one member in; the answer is its hash."""
        self.control("seed_members", members=[{"email_address": address, **more}])
        return self.hash(address)

    def hash(self, address: str) -> str:
        """The subscriber hash of an address."""
        return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()

    def get(self, address: str) -> dict[str, Any]:
        """A member as the client sees it."""
        member: dict[str, Any] = self.lists.get_list_member(LIST, self.hash(address))
        return member

    def put(self, address: str, **body: Any) -> dict[str, Any]:
        """PUT at the hash of an address."""
        member: dict[str, Any] = self.lists.set_list_member(LIST, self.hash(address), body)
        return member

    def patch(self, address: str, **body: Any) -> dict[str, Any]:
        """PATCH at the hash of an address."""
        member: dict[str, Any] = self.lists.update_list_member(LIST, self.hash(address), body)
        return member

    def post(self, address: str, *, status: str = "subscribed", **body: Any) -> dict[str, Any]:
        """POST a member."""
        sent = {"email_address": address, "status": status, **body}
        member: dict[str, Any] = self.lists.add_list_member(LIST, sent)
        return member

    def batch(self, *members: dict[str, Any], update_existing: bool = True, **query: str) -> dict[str, Any]:
        """POST a batch."""
        body = {"members": list(members), "update_existing": update_existing}
        answer: dict[str, Any] = self.lists.batch_list_members(LIST, body, **query)
        return answer

    def field(self, tag: str, kind: str, **more: Any) -> dict[str, Any]:
        """Make a merge field."""
        body = {"tag": tag, "name": tag.title(), "type": kind, **more}
        made: dict[str, Any] = self.lists.add_list_merge_field(LIST, body)
        return made

    def switch(self, name: str, value: object) -> None:
        """Turn a switch."""
        self.control("switch", name=name, value=value)

    def at(self, moment: str) -> None:
        """Stop the clock."""
        self.control("clock", at=moment)

    def writes(self) -> list[dict[str, Any]]:
        """Every write that had an effect."""
        rows: list[dict[str, Any]] = self.control("writes")["writes"]
        return rows


def problem(refused: pytest.ExceptionInfo[ApiClientError]) -> dict[str, Any]:
    """The problem document that the client hands over as raw text."""
    assert isinstance(refused.value.text, str), "problem+json is not parsed by the client"
    document: dict[str, Any] = json.loads(refused.value.text)
    return document


@pytest.fixture(scope="package")
def _server() -> Iterator[SandboxServer]:
    with SandboxServer(MailchimpService()) as server:
        yield server


@pytest.fixture
def world(_server: SandboxServer) -> World:
    """An audience with nobody in it."""
    requests.post(f"{_server.root_url}/_control/reset", timeout=10).raise_for_status()
    return World(_server)
