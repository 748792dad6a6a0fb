"""The control surface and its client."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.client import Control, ControlRefusedError
from tests.sandbox.afas_client import Afas

ROOT = Path(__file__).parents[2]


def statuses(afas: Afas, count: int, path: str = "/metainfo") -> list[int]:
    """Statuses of so many calls."""
    return [afas.get(path).status_code for _ in range(count)]


def test_unknown_verb_lists_the_known_ones(afas: Afas) -> None:
    """A verb that does not exist is a 404 that names those that do, of the server and of the service."""
    response = requests.post(afas.server.root_url + "/_control/sed", json={}, timeout=5)

    assert 404 == response.status_code
    assert {"reset", "faults", "log", "seed", "mutate"} <= set(response.json()["known"])


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        pytest.param("faults", {"kind": "boom"}, id="unknown kind"),
        pytest.param("faults", {"kind": "500", "cuont": 2}, id="unknown name in a fault"),
        pytest.param("latency", {"per_row": 1}, id="unknown name in latency"),
        pytest.param("seed", {"debtor": 3}, id="unknown name in seed"),
        pytest.param("clock", {"at": "2026-01-01T00:00:00"}, id="clock without a zone"),
        pytest.param("clock", ["at"], id="list for an object"),
    ],
)
def test_wrong_order_is_refused(afas: Afas, verb: str, body: object) -> None:
    """A slip in an order is a 400 with a reason, never silence."""
    response = requests.post(f"{afas.server.root_url}/_control/{verb}", json=body, timeout=5)

    assert 400 == response.status_code
    assert response.json()["error"]


def test_broken_json_is_refused(afas: Afas) -> None:
    """An order that is no JSON is a 400."""
    assert 400 == requests.post(afas.server.root_url + "/_control/seed", data="{", timeout=5).status_code


def test_client_raises_what_was_refused(afas: Afas) -> None:
    """The client does not swallow a refusal."""
    with pytest.raises(ControlRefusedError, match="unknown in seed"):
        afas.control.seed(debtor=1)


def test_fault_matches_method_and_path(afas: Afas) -> None:
    """A fault may be for some requests only."""
    afas.control.fail("500", count=9, match="GET /metainfo/get")

    assert [200] == statuses(afas, 1)
    assert [500] == statuses(afas, 1, "/metainfo/get/Profit_Debtor")


def test_fault_matches_query(afas: Afas) -> None:
    """A fault may be for one page only."""
    afas.control.fail("500", query="skip=200")

    assert 200 == afas.get("/connectors/Profit_Debtor", skip=100).status_code
    assert 500 == afas.get("/connectors/Profit_Debtor", skip=200).status_code


def test_fault_begins_after_some_requests(afas: Afas) -> None:
    """A fault may wait for its turn, to fail in the middle of a run."""
    afas.control.fail("500", count=2, skip=2)

    assert [200, 200, 500, 500, 200] == statuses(afas, 5)


def test_faults_queue_up(afas: Afas) -> None:
    """Several orders are carried out one after the other."""
    requests.post(
        afas.server.root_url + "/_control/faults", json=[{"kind": "503"}, {"kind": "429", "count": 2}], timeout=5
    )

    assert [503, 429, 429, 200] == statuses(afas, 4)
    assert [1, 2] == [fault["hits"] for fault in afas.control.faults()]


def test_probability_is_repeatable(afas: Afas) -> None:
    """A chance with a seed fails the same requests each time, and does not run out."""
    runs = []
    for _ in range(2):
        afas.control.clear_faults()
        afas.control.fail("500", probability=0.5, seed=7)
        runs.append(statuses(afas, 30))

    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])


def test_clear_faults_ends_them(afas: Afas) -> None:
    """Faults stop when they are cleared."""
    afas.control.fail("500", count=None)
    before = statuses(afas, 2)
    afas.control.clear_faults()

    assert [500, 500, 200] == before + statuses(afas, 1)


def test_maintenance_has_the_documented_form(afas: Afas) -> None:
    """A 503 of AFAS asks for two hours in header and JSON body, under an XML content type."""
    afas.control.fail("503")
    response = afas.get("/metainfo")

    assert "7200" == response.headers["Retry-After"]
    assert (7200, "503") == (response.json()["retry_after"], response.json()["error"]["code"])
    assert "application/xml; charset=utf-8" == response.headers["Content-Type"]


def test_maintenance_waits_as_ordered(afas: Afas) -> None:
    """Retry-After can be made short for a test."""
    afas.control.fail("503", seconds=1)

    assert "1" == afas.get("/metainfo").headers["Retry-After"]


def test_fault_500_is_in_afas_shape(afas: Afas) -> None:
    """A 500 has AFAS's three keys and can carry one of its texts."""
    afas.control.fail("500", message="Command timeout expired.")
    body = afas.get("/metainfo").json()

    assert "Command timeout expired." == body["externalMessage"]
    assert {"externalMessage", "errorNumber", "profitLogReference"} == set(body)


def test_log_tells_every_request(afas: Afas) -> None:
    """The log has method, path, query, status and time; the counts take them together."""
    afas.get("/metainfo")
    afas.get("/connectors/Profit_Debtor", take=5)
    afas.get("/connectors/Nothing")
    entries = afas.control.log()

    assert [("/metainfo", "", 200), ("/connectors/Profit_Debtor", "take=5", 200), ("/connectors/Nothing", "", 401)] == [
        (entry["path"], entry["query"], entry["status"]) for entry in entries
    ]
    assert all(entry["method"] == "GET" and entry["seconds"] >= 0 for entry in entries)
    assert 1 == afas.control.counts()["GET /connectors/Profit_Debtor 200"]


def test_clear_log_starts_again(afas: Afas) -> None:
    """Log and statistics can be started again without emptying the service."""
    afas.debtor("1")
    afas.get("/metainfo")
    afas.control.clear_log()

    assert [] == afas.control.log()
    assert 0 == afas.control.stats()["requests"]
    assert ["1"] == afas.keys()


def test_reset_forgets_everything(afas: Afas) -> None:
    """After reset there are no rows, faults, latency, settings or log of before."""
    afas.debtor("1")
    afas.control.call("settings", rounding="truncate", unauthorised="500")
    afas.control.call("connector", name="Profit_Debtor_App", blocked=True)
    afas.control.fail("500", count=None)
    afas.control.latency(per_call=5)
    afas.control.reset()

    assert [] == afas.control.faults()
    assert [] == afas.control.log()
    assert [] == afas.keys()
    assert "half-up" == afas.control.dump()["settings"]["rounding"]


def test_both_start_from_the_command_line() -> None:
    """``python -m sandbox`` prints addresses and secrets, serves seeded rows, and ends when told."""
    command = [sys.executable, "-m", "sandbox", "--afas-port", "0", "--mailchimp-port", "0", "--debtors", "7"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(7)]
            addresses = {line.split()[0]: line.split()[1] for line in lines if "http" in line}
            control = Control(addresses["AFAS"].removesuffix("/ProfitRestServices"))
            rows = control.call("rows", connector="Profit_Debtor_App")
            [key] = [line.split()[2].strip(",") for line in lines if "API key" in line]
            ping = requests.get(addresses["Mailchimp"] + "/ping", auth=("any", key), timeout=5)
        finally:
            process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(10)

    assert 7 == len(rows)
    assert 200 == ping.status_code


def test_help_shows_the_options() -> None:
    """``--help`` names the options and an example for the control surface."""
    command = [sys.executable, "-m", "sandbox", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert all(name in text for name in ("--afas-port", "--mailchimp-port", "--seed", "--nasty", "_control/seed"))
