"""One real Airflow and both stand-ins live through a history of runs; the tests look at what was left of each."""

from __future__ import annotations

import copy
import json
import os
import shutil
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from demo.airflow_rest import AirflowRest
from demo.embedded_airflow import ROOT, EmbeddedAirflow
from demo.stand_ins import StandIns
from tests.e2e.otlp import OtlpReceiver
from tests.e2e.receiver import Receiver

DAG = "afas_mailchimp_sync_customers"
BAD_DAG = "afas_mailchimp_sync_bad"
BRIEF_DAG = "afas_mailchimp_sync_brief"
RETENTION_DAG = "afas_mailchimp_log_retention"
ERASE_DAG = "afas_mailchimp_erase"
ERASED = "10050"
TYPED = "getypt@vergissing.example"
DEBTORS, CONTACTS = 400, 150
PHONE_CHANGES = [str(10_001 + place) for place in range(20)]
BLOCKED = ["10030", "10031"]
MOVED, MOVED_OPTED_OUT = "10032", "10034"
DELETED = "10033"
NEW = 3
EXTRA = "Profit_Debtor_App_Extra"
OPTS_OUT, BOUNCES = "10040", "10041"
LOUD = {
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_ENGINE_ARGS": '{"echo": true}',
}
"""Everybody says all they can: who looks for people in what is left must find nobody even then."""

WRITE_BACK = """
write_back:
  debtors:
    type: Type
    organisation: {update: KnOrganisation, key: BcCo}
    person: {update: KnPerson, key: BcCo}
    fields:
      status: {to: Nieuwsbrief, current: Nieuwsbrief, values: {unsubscribed: false}}
      bounced: {to: E-mail onjuist, current: EmailOnjuist}
"""


@dataclass
class Step:
    """One run of the sync, and both sides right after it.

    :param back: report of the write-back.
    :param extra: debtors with the columns that the write-back fills, by key.
    :param tasks: how each task ended.
    """

    state: str
    report: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    members: dict[str, dict[str, Any]]
    back: dict[str, Any]
    extra: dict[str, dict[str, Any]]
    tasks: dict[str, str]
    conf: dict[str, Any]


@dataclass
class History:
    """Everything that happened, by name of the step.

    :param failures: log of the task that failed, by what was wrong.
    :param tries: attempts of the task that failed, likewise.
    :param kept: copy of what Airflow had kept before anything was erased.
    :param erased_runs: ids of all runs of the sync before that.
    :param gone_at_once: whether the traces of a run that keeps nothing went without anybody asking.
    :param retention: results of the log retention, by name of the step.
    """

    home: Path
    secrets: tuple[str, ...]
    steps: dict[str, Step] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    opted_out: str = ""
    dags: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    written_by_refused: int = -1
    certificate: dict[str, Any] = field(default_factory=dict)
    kept: Path = Path()
    erased_runs: list[str] = field(default_factory=list)
    gone_at_once: bool = False
    retention: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables_after: dict[str, str] = field(default_factory=dict)
    alerted_run: str = ""
    alerts: list[dict[str, Any]] = field(default_factory=list)
    metrics: OtlpReceiver | None = None
    assets: dict[str, dict[str, Any]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def history(tmp_path_factory):
    """Live through it once; Airflow has ended when the tests look."""
    home = tmp_path_factory.mktemp("e2e")
    syncs = home / "syncs"
    syncs.mkdir()
    text = (ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8")
    schedule = next(line for line in text.splitlines() if line.startswith("schedule:"))
    text = text.replace("connector: Profit_Debtor_App\n", f"connector: {EXTRA}\n")
    (syncs / "customers.yaml").write_text(text.replace(schedule, "schedule: null") + WRITE_BACK, encoding="utf-8")
    brief = text.replace("name: customers", "name: brief").replace("days: 30, failed_days: 7", "days: 0")
    alerts = "\nalerts: {to: alerts}\n"
    (syncs / "brief.yaml").write_text(brief.replace(schedule, "schedule: null") + alerts, encoding="utf-8")
    (syncs / "bad.yaml").write_text(text.replace("audience:", "audiance:"), encoding="utf-8")
    with StandIns(home, debtors=DEBTORS, contacts=CONTACTS) as stand_ins:
        secrets = (stand_ins.said["afas_token"], stand_ins.said["api_key"])
        found = History(home / "airflow", secrets)
        with OtlpReceiver("airflow.afas_mailchimp.") as receiver:
            with EmbeddedAirflow(found.home, syncs=syncs, settings=LOUD | receiver.settings) as airflow:
                _live(airflow.rest, stand_ins, found)
            found.metrics = receiver
    return found


def _live(rest: AirflowRest, stand_ins: StandIns, found: History) -> None:
    for connection in stand_ins.connections():
        rest.add_connection(**connection)
    for dag_id in (DAG, BAD_DAG):
        rest.wait_for_dag(dag_id)
        rest.unpause(dag_id)
    found.dags = rest.dags()
    found.assets = {each["name"]: each for each in rest.call("GET", "/api/v2/assets?limit=100")["assets"]}
    bad = rest.trigger(BAD_DAG)
    found.steps["first"] = _run(rest, stand_ins)
    found.steps["nothing to do"] = _run(rest, stand_ins)
    found.opted_out = _change_things(stand_ins)
    found.steps["25 changes"] = _run(rest, stand_ins)
    stand_ins.afas.call("delete", connector="Profit_Debtor_App", key=DELETED)
    found.steps["full reload"] = _run(rest, stand_ins, full_reload=True)
    found.steps["full reload again"] = _run(rest, stand_ins, full_reload=True)
    _facts_go_back(rest, stand_ins, found)
    _wait_for_failure(rest, found, "bad file", BAD_DAG, bad)
    before = stand_ins.mailchimp.call("writes")["total"]
    _wait_for_failure(rest, found, "unknown parameter", DAG, rest.trigger(DAG, {"full_relaod": True}))
    found.written_by_refused = stand_ins.mailchimp.call("writes")["total"] - before
    _accidents(rest, stand_ins)
    _erased(rest, stand_ins, found)
    found.variables = _variables(rest)
    found.kept = found.home.with_name("kept")
    shutil.copytree(found.home, found.kept)
    _logs_end(rest, found)
    found.variables_after = _variables(rest)


def _accidents(rest: AirflowRest, stand_ins: StandIns) -> None:
    """A run whose token is revoked on the way, and one whose process is killed while it reads people."""
    stand_ins.afas.fail("401", match="/connectors/", count=None)
    assert rest.wait(DAG, rest.trigger(DAG, {"full_reload": True}), seconds=120) == "failed"
    stand_ins.afas.clear_faults()
    stand_ins.afas.fail("slow", match="/connectors/", skip=1, seconds=60)
    run_id = rest.trigger(DAG, {"full_reload": True})
    rest.until("a row of AFAS to be read", lambda: stand_ins.afas.faults()[0]["hits"], seconds=120)
    name, running = next((name, task) for name, task in rest.tasks(DAG, run_id).items() if task["state"] == "running")
    os.kill(running["pid"], signal.SIGKILL)
    rest.until("the end of it", lambda: rest.tasks(DAG, run_id)[name]["state"] == "up_for_retry", seconds=60)
    stand_ins.afas.clear_faults()
    rest.call("PATCH", f"/api/v2/dags/{DAG}/dagRuns/{quote(run_id, safe='')}", {"state": "failed"})


def _erased(rest: AirflowRest, stand_ins: StandIns, found: History) -> None:
    """Somebody types an address where a key belongs; then a person is erased, and a full reload goes over it."""
    (found.home.with_name("syncs") / "bad.yaml").unlink()
    rest.unpause(ERASE_DAG)
    typed = {"source": "debtors", "key": TYPED, "dry_run": False, "confirm": TYPED}
    run_id = rest.trigger(ERASE_DAG, typed)
    assert rest.wait(ERASE_DAG, run_id, seconds=120) == "failed"
    found.failures["an address as key"] = json.dumps(rest.log(ERASE_DAG, run_id, "erase"), ensure_ascii=False)
    asked = {"source": "debtors", "key": ERASED, "dry_run": False, "confirm": ERASED}
    run_id = rest.trigger(ERASE_DAG, asked)
    assert rest.wait(ERASE_DAG, run_id, seconds=120) == "success", rest.log(ERASE_DAG, run_id, "erase")
    found.certificate = rest.result(ERASE_DAG, run_id, "erase")
    found.steps["after an erasure"] = _run(rest, stand_ins, full_reload=True)


def _variables(rest: AirflowRest) -> dict[str, str]:
    listed = rest.call("GET", "/api/v2/variables?limit=100")["variables"]
    return {variable["key"]: variable["value"] for variable in listed}


def _logs_end(rest: AirflowRest, found: History) -> None:
    """A run that keeps nothing is gone at once; then everything goes, on demand."""
    runs = rest.call("GET", f"/api/v2/dags/{DAG}/dagRuns?limit=100")["dag_runs"]
    found.erased_runs = [run["dag_run_id"] for run in runs]
    for dag_id in (RETENTION_DAG, BRIEF_DAG):
        rest.wait_for_dag(dag_id)
        rest.unpause(dag_id)
    brief = rest.trigger(BRIEF_DAG, {"dry_run": True})
    assert rest.wait(BRIEF_DAG, brief, seconds=120) == "success"
    found.erased_runs.append(brief)

    def gone() -> bool:
        return not rest.call("GET", f"/api/v2/dags/{BRIEF_DAG}/dagRuns?limit=1")["dag_runs"]

    rest.until("end of a run that keeps nothing", gone, seconds=120)
    found.gone_at_once = True
    with Receiver() as receiver:
        rest.add_connection(**receiver.connection)
        found.erased_runs.append(rest.trigger(BRIEF_DAG, {"dry_runn": True}))
        found.alerted_run = rest.wait(BRIEF_DAG, found.erased_runs[-1], seconds=120)
        found.alerts = receiver.told
    for name, conf in {
        "wrong": {"older_than_dags": 0},
        "dry": {"older_than_days": 0, "dry_run": True},
        "all": {"older_than_days": 0},
    }.items():
        run_id = rest.trigger(RETENTION_DAG, conf)
        state = rest.wait(RETENTION_DAG, run_id, seconds=120)
        if name == "wrong":
            found.failures["unknown parameter of the retention"] = json.dumps(
                rest.log(RETENTION_DAG, run_id, "clean_up"), ensure_ascii=False
            )
            continue
        assert state == "success", rest.log(RETENTION_DAG, run_id, "clean_up") + rest.log(
            RETENTION_DAG, run_id, "prove"
        )
        found.retention[name] = rest.result(RETENTION_DAG, run_id, "prove")


def _facts_go_back(rest: AirflowRest, stand_ins: StandIns, found: History) -> None:
    """One unsubscribes, one bounces; the first run may write nothing, the second does, the third is silent."""
    people = {row["DebtorId"]: row["Email"] for row in stand_ins.afas.call("rows", connector=EXTRA)}
    stand_ins.mailchimp.call("unsubscribe", email=people[OPTS_OUT])
    stand_ins.mailchimp.call("clean", email=people[BOUNCES])
    # Its times are whole seconds, and a reading wants them a second old.
    time.sleep(1.1)
    found.steps["limit"] = _run(rest, stand_ins, max_write_back=0)
    found.steps["goes back"] = _run(rest, stand_ins)
    body = {"logical_date": None}
    run_id = str(rest.call("POST", f"/api/v2/dags/{DAG}/dagRuns", body)["dag_run_id"])
    found.steps["from a webhook"] = _ended(rest, stand_ins, run_id)


def _run(rest: AirflowRest, stand_ins: StandIns, **conf: Any) -> Step:
    return _ended(rest, stand_ins, rest.trigger(DAG, conf))


def _ended(rest: AirflowRest, stand_ins: StandIns, run_id: str) -> Step:
    state = rest.wait(DAG, run_id, seconds=240)
    tasks = {name: task["state"] for name, task in rest.tasks(DAG, run_id).items()}
    report = rest.result(DAG, run_id, "import_customers") if tasks["import_customers"] == "success" else {}
    back_key = "return_value" if tasks["write_back"] == "success" else "report"
    back = rest.result(DAG, run_id, "write_back", key=back_key)
    names = ("Profit_Debtor_App", "Profit_Contacts_App")
    rows = {name: copy.deepcopy(stand_ins.afas.call("rows", connector=name)) for name in names}
    members = {member["email_address"].lower(): member for member in stand_ins.mailchimp.dump()["members"]}
    extra = {row["DebtorId"]: row for row in stand_ins.afas.call("rows", connector=EXTRA)}
    conf = rest.call("GET", f"/api/v2/dags/{DAG}/dagRuns/{quote(run_id, safe='')}")["conf"] or {}
    return Step(state, report, rows, members, back, extra, tasks, conf)


def _change_things(stand_ins: StandIns) -> str:
    """Change 27 rows in AFAS; in between, two of those people unsubscribe in Mailchimp. Answers who stays at home."""
    afas, connector = stand_ins.afas, "Profit_Debtor_App"
    for place, key in enumerate(PHONE_CHANGES):
        afas.call("update_row", connector=connector, key=key, set={"TelNr": f"030-99887{place:02d}"})
        afas.call("mutate", table="debtor", key=key, set={})
    for key in BLOCKED:
        afas.call("update_row", connector=connector, key=key, set={"Blocked": True})
        afas.call("mutate", table="debtor", key=key, set={})
    people = {row["DebtorId"]: row for row in afas.call("rows", connector=connector)}
    stand_ins.mailchimp.call("unsubscribe", email=people[MOVED_OPTED_OUT]["Email"])
    for key in (MOVED, MOVED_OPTED_OUT):
        afas.call("update_row", connector=connector, key=key, set={"Email": f"verhuisd{key}@nieuwkomer.example"})
        afas.call("mutate", table="debtor", key=key, set={})
    person = next(row for row in afas.call("rows", connector=connector) if row["DebtorId"] == PHONE_CHANGES[0])
    stand_ins.mailchimp.call("unsubscribe", email=person["Email"])
    for place in range(NEW):
        name = f"Nieuwkomer De Eerste {place}"
        values = {"DebtorName": name, "Email": f"nieuw{place}@nieuwkomer.example", "TelNr": f"020-55667{place:02d}"}
        afas.call("insert", connector=connector, row=values)
    # A window is closed: it ends before the second in which it is read.
    time.sleep(1.1)
    return str(person["Email"]).lower()


def _wait_for_failure(rest: AirflowRest, found: History, what: str, dag_id: str, run_id: str) -> None:
    assert rest.wait(dag_id, run_id, seconds=120) == "failed"
    task = rest.tasks(dag_id, run_id)["preflight"]
    found.tries[what] = task["try_number"]
    found.failures[what] = json.dumps(rest.log(dag_id, run_id, "preflight"), ensure_ascii=False)
