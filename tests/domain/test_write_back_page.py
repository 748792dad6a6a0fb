"""What the pages on write-back show can be used, and they name every fact and every record."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import parse_sync
from afas_mailchimp.write_back_settings import RECORDS, BackField, Fact
from sandbox.afas.update_schema import fields_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "write-back.md").read_text(encoding="utf-8")
DUTCH_PAGE = (ROOT / "docs" / "nl" / "terugkoppelen.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "dags" / "syncs" / "customers.yaml").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE + DUTCH_PAGE, flags=re.MULTILINE | re.DOTALL)
RELAY = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
PRIVATE = b"type=unsubscribe&data%5Bemail%5D=jan%40bakkerij-de-korenaar.example"


def with_example(block: str) -> SyncFile:
    """The example file with this block, read from a connector that shows the present values."""
    content: dict[str, Any] = {**yaml.safe_load(EXAMPLE), **yaml.safe_load(block)}
    return parse_sync(yaml.safe_dump(content), file="customers.yaml")


@pytest.mark.parametrize("block", BLOCKS, ids=[f"block {number}" for number, _ in enumerate(BLOCKS, start=1)])
def test_every_example_is_a_valid_file(block: str) -> None:
    """A block copied from a page fits the example file."""
    assert with_example(block).write_back


def test_every_way_to_name_a_record_has_an_example() -> None:
    """Each UpdateConnector, a contact in both ways, and each kind of record stands in a block."""
    found = [record for block in BLOCKS for back in with_example(block).write_back.values() for record in back.records]
    ways = {
        record.columns
        for block in BLOCKS
        for back in with_example(block).write_back.values()
        for record in back.records.values()
        if record.update == "KnContact"
    }

    assert {*found} == {*RECORDS}
    assert ways == {("OrgNumber", "PerNumber"), ("ContactId", "Type")}


def test_ids_of_fields_are_those_of_afas() -> None:
    """What a block calls by an id, and not by the label of a free field, is in AFAS's own list for that record."""
    targets = {
        (record.update, target)
        for block in BLOCKS
        for back in with_example(block).write_back.values()
        for name, record in back.records.items()
        for field in back.fields.values()
        if (target := field.target(name)) and re.fullmatch(r"[A-Z][a-z]+[A-Z][a-z0-9]", target)
    }

    assert ("KnPerson", "FiNm") in targets
    assert {(update, field) for update, field in targets if field not in fields_of(update, "O12345AA", ())} == set()


def test_the_commented_example_is_valid() -> None:
    """The example at the end of the sync file works when its comment signs go."""
    lines = EXAMPLE.partition("# write_back:")[1:]
    block = "".join(lines).partition("\n\n")[0].replace("\n# ", "\n").removeprefix("# ")
    assert set(with_example(block).write_back["debtors"].facts.values()) == {Fact.STATUS, Fact.BOUNCED}


@pytest.mark.parametrize("name", [*Fact, *RECORDS, *sorted({*BackField.model_fields} - {"origin"})])
def test_every_word_is_explained(name: str) -> None:
    """A fact, a kind of record or a setting that can be configured stands on the page."""
    assert re.search(rf"`{name}\b", PAGE)


@pytest.mark.parametrize("page", [PAGE, DUTCH_PAGE], ids=["English", "Dutch"])
def test_both_pages_name_what_a_person_decides(page: str) -> None:
    """The limit, the way back and the values that may be emptied are told to engineers and operators alike."""
    assert {"max_write_back", "person_may_return", "may_clear"} <= set(re.findall(r"\w+", page))


class Airflow(BaseHTTPRequestHandler):
    """The two calls of Airflow that the relay makes."""

    asked: list[tuple[str, str | None, Any]]

    def do_POST(self) -> None:
        """Remember what was asked, and say that it is done."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, self.headers["Authorization"], json.loads(body)))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b'{"access_token": "a-token"}')

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def relay(airflow: str) -> Iterator[str]:
    """The relay of the page as a process of its own; its address with the secret."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = {"AIRFLOW": airflow, "SYNC": "customers", "SECRET": "geheim", "PORT": str(port), "no_proxy": "*"}
    login = {"AIRFLOW_USER": "relay", "AIRFLOW_PASSWORD": "secret"}
    process = subprocess.Popen([sys.executable, "-c", *RELAY], env={**os.environ, **names, **login})
    try:
        for _ in range(500):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/geheim"
    finally:
        process.kill()
        process.wait()


def test_the_relay_starts_one_run_and_passes_nothing_on() -> None:
    """Two notices at once start one run, with an empty configuration; a wrong address starts none."""
    asked: list[tuple[str, str | None, Any]] = []
    handler = type("Asked", (Airflow,), {"asked": asked})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with relay(f"http://127.0.0.1:{server.server_port}") as url:
            with pytest.raises(urllib.error.HTTPError, match="404"):
                direct.open(url + "x", data=PRIVATE, timeout=10)
            assert not asked
            for _ in range(2):
                assert direct.open(url, data=PRIVATE, timeout=10).status == 200
            for _ in range(500):
                if len(asked) == 2:
                    break
                time.sleep(0.02)
        server.shutdown()

    assert asked == [
        ("/auth/token", None, {"username": "relay", "password": "secret"}),
        ("/api/v2/dags/afas_mailchimp_sync_customers/dagRuns", "Bearer a-token", {"logical_date": None, "conf": {}}),
    ]
