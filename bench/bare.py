"""What the import is compared with: nothing but the calls, written as one would without the package.

``python -m bench.bare sequential|pool|read ROWS`` prints seconds as JSON; addresses and keys come from the environment.

* ``sequential``: the official client in a loop, a batch of 500 after the other.
* ``pool``: the same batches from ten threads.
* ``read``: all rows of AFAS five pages at a time and all members ten pages at a time, parsed and thrown away.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from bench.model import AFAS_AT_ONCE, BATCH, CONNECTIONS, MEMBERS_PAGE, PAGE

LIST = os.environ.get("BENCH_LIST", "a1b2c3d4e5")


def batches(rows: int) -> list[list[dict[str, Any]]]:
    """Bodies of as many new members as the import would write, at addresses of their own."""
    members = [
        {
            "email_address": f"los{number}@vergelijking.example",
            "status": "subscribed",
            "merge_fields": {"FNAME": "Jan", "LNAME": "Jansen", "PHONE": "+31332981234"},
        }
        for number in range(rows)
    ]
    return [members[start : start + BATCH] for start in range(0, rows, BATCH)]


def sequential(rows: int) -> None:
    """A loop around ``batch_list_members`` of the official client."""
    import mailchimp_marketing  # noqa: PLC0415 - only here

    connection = _connection("MAILCHIMP_DEFAULT")
    client = mailchimp_marketing.Client({"api_key": connection["password"], "timeout": 300})
    client.api_client.host = connection["host"]
    for body in batches(rows):
        client.lists.batch_list_members(LIST, {"members": body, "update_existing": False})


def pool(rows: int) -> None:
    """The same batches from as many threads as Mailchimp allows connections."""
    connection = _connection("MAILCHIMP_DEFAULT")
    send = _in_sessions(("x", connection["password"]))

    def one(body: Sequence[dict[str, Any]]) -> None:
        data = json.dumps({"members": body, "update_existing": False}).encode()
        send("POST", f"{connection['host']}/lists/{LIST}", data=data).json()

    _each(one, batches(rows), CONNECTIONS)


def read(rows: int) -> None:
    """Both sides at once: pages by their place, which is not safe while others write, but as fast as it goes."""
    afas, mailchimp = _connection("AFAS_DEFAULT"), _connection("MAILCHIMP_DEFAULT")
    token = base64.b64encode(f"<token><version>1</version><data>{afas['password']}</data></token>".encode()).decode()
    from_afas = _in_sessions(None, {"Authorization": f"AfasToken {token}"})
    from_mailchimp = _in_sessions(("x", mailchimp["password"]))
    names = ("id", "status", "merge_fields", "timestamp_opt", "timestamp_signup", "last_changed")
    fields = ",".join(("total_items", *(f"members.{name}" for name in names)))

    def page(number: int) -> None:
        where = f"skip={number * PAGE}&take={PAGE}&orderbyfieldids=DebtorId"
        from_afas("GET", f"{afas['host']}/connectors/Profit_Debtor_App?{where}").json()

    def members(number: int) -> None:
        where = f"count={MEMBERS_PAGE}&offset={number * MEMBERS_PAGE}&sort_field=last_changed&sort_dir=ASC"
        from_mailchimp("GET", f"{mailchimp['host']}/lists/{LIST}/members?{where}&fields={fields}").json()

    with ThreadPoolExecutor(2) as both:
        for side in (
            both.submit(_each, page, range(-(-rows // PAGE)), AFAS_AT_ONCE),
            both.submit(_each, members, range(-(-rows // MEMBERS_PAGE)), CONNECTIONS),
        ):
            side.result()


def _each(call: Callable[[Any], None], items: Sequence[Any], at_once: int) -> None:
    with ThreadPoolExecutor(at_once) as threads:
        for _ in threads.map(call, items):
            pass


def _in_sessions(auth: tuple[str, str] | None, headers: dict[str, str] | None = None) -> Callable[..., Any]:
    """A session for each thread, kept alive."""
    local = threading.local()

    def send(method: str, url: str, **more: Any) -> requests.Response:
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.session.auth = auth
            local.session.headers.update(headers or {})
        answer: requests.Response = local.session.request(method, url, timeout=300, **more)
        answer.raise_for_status()
        return answer

    return send


def _connection(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(os.environ[f"AIRFLOW_CONN_{name}"])
    return found


if __name__ == "__main__":
    kinds = {"sequential": sequential, "pool": pool, "read": read}
    began = time.monotonic()
    kinds[sys.argv[1]](int(sys.argv[2]))
    sys.stdout.write(f"{json.dumps({'wall': time.monotonic() - began})}\n")
