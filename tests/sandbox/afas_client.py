"""The least of an AFAS client, for the tests of the stand-in."""

from __future__ import annotations

import base64
from typing import Any, Self

import requests

from sandbox.afas import DEFAULT_TOKEN
from sandbox.client import Control
from sandbox.server import SandboxServer

XML_TOKEN = f"<token><version>1</version><data>{DEFAULT_TOKEN}</data></token>"
AUTHORIZATION = "AfasToken " + base64.b64encode(XML_TOKEN.encode()).decode()
DEBTORS, EXTRA, CONTACTS = "Profit_Debtor_App", "Profit_Debtor_App_Extra", "Profit_Contacts_App"


class Afas:
    """Calls with the right token; answers are not judged."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.control = Control(server.root_url)
        self.session = requests.Session()
        self.session.headers["Authorization"] = AUTHORIZATION

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.session.close()

    def get(self, path: str, **parameters: Any) -> requests.Response:
        """Ask for a path below the base address."""
        return self.session.get(self.server.url + path, params=parameters, timeout=10)

    def rows(self, connector: str = DEBTORS, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of one page."""
        response = self.get(f"/connectors/{connector}", **parameters)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()["rows"]
        return rows

    def keys(self, connector: str = DEBTORS, **parameters: Any) -> list[Any]:
        """First column of one page."""
        return [next(iter(row.values())) for row in self.rows(connector, **parameters)]

    def debtor(self, key: str, *, at: str = "2026-03-01T10:00:00", **columns: Any) -> None:
        """Add a debtor."""
        self.control.call("insert", connector=EXTRA, row={"DebtorId": key, **columns}, at=at)
