"""``make demo``: both stand-ins, a real Airflow, two runs of the sync, a report; then it stays up to be looked at."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.airflow_rest import AirflowRest
from demo.embedded_airflow import ROOT, USER, EmbeddedAirflow, kill_leftovers
from demo.expectation import differences
from demo.processes import GoneError, kill_marked
from demo.screen import Progress, report_lines
from demo.stand_ins import MARK, StandIns

HOME = ROOT / ".demo"
DAG = "afas_mailchimp_sync_customers"
ROWS = 2_000
AIRFLOW_PORT, STAND_IN_PORTS = 8080, (8901, 8902)


def main() -> int:
    """Run the demo; the exit status says whether the result was right."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("A demo of this folder runs already: end it with Ctrl-C first.", file=sys.stderr)
            return 1
        try:
            return _demo(Progress())
        except (GoneError, TimeoutError, RuntimeError) as error:
            print(f"\nThe demo could not go on: {error}\nLogs: {HOME}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nStopped.")
            return 130


def _demo(progress: Progress) -> int:
    rows = int(os.environ.get("DEMO_ROWS") or ROWS)
    airflow_home, syncs = HOME / "airflow", HOME / "syncs"
    _start_afresh(airflow_home, syncs)
    progress.tell("starting AFAS and Mailchimp stand-ins")
    with StandIns(HOME, debtors=rows * 3 // 4, contacts=rows // 4, ports=STAND_IN_PORTS) as stand_ins:
        progress.say(f"AFAS has about {rows:,} invented customers (difficult ones too), Mailchimp an empty audience")
        progress.tell("starting Airflow (10 to 40 seconds)")
        with EmbeddedAirflow(airflow_home, syncs=syncs, port=AIRFLOW_PORT) as airflow:
            progress.say(f"Airflow is up: {airflow.url}")
            for connection in stand_ins.connections():
                airflow.rest.add_connection(**connection)
            airflow.rest.wait_for_dag(DAG)
            airflow.rest.unpause(DAG)
            problems = _two_runs(airflow.rest, stand_ins, progress)
            for problem in problems:
                print(f"WRONG: {problem}")
            if os.environ.get("DEMO_EXIT") == "1":
                progress.tell("stopping")
                return 1 if problems else 0
            _invite(airflow, stand_ins)
            _stay(airflow, stand_ins)
            return 1 if problems else 0


def _stay(airflow: EmbeddedAirflow, stand_ins: StandIns) -> None:
    """Until Ctrl-C, which is the right way to end it."""
    try:
        while True:
            time.sleep(5)
            airflow.check()
            stand_ins.check()
    except KeyboardInterrupt:
        print("\nStopping.")


def _start_afresh(airflow_home: Path, syncs: Path) -> None:
    kill_leftovers(airflow_home)
    kill_marked(f"{MARK}={HOME}")
    shutil.rmtree(airflow_home, ignore_errors=True)
    syncs.mkdir(exist_ok=True)
    # By hand only: a schedule would start a run of its own the moment the DAG is unpaused.
    text = (ROOT / "dags" / "syncs" / "customers.yaml").read_text(encoding="utf-8")
    lines = ["schedule: null" if line.startswith("schedule:") else line for line in text.splitlines()]
    (syncs / "customers.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _two_runs(rest: AirflowRest, stand_ins: StandIns, progress: Progress) -> list[str]:
    first = _run(rest, progress, "first run")
    second = _run(rest, progress, "second run, right after it")
    problems = differences(stand_ins.afas, stand_ins.mailchimp)
    if not first["created"]:
        problems.append("the first run created nobody")
    if second["written"]:
        problems.append(f"the second run wrote {second['written']}, and nothing had changed")
    if not problems:
        members = sum(member["status"] == "subscribed" for member in stand_ins.mailchimp.dump()["members"])
        print(f"Right: the audience has the {members:,} addresses that AFAS has, and the second run wrote nothing.\n")
    return problems


def _run(rest: AirflowRest, progress: Progress, what: str) -> Mapping[str, Any]:
    run_id = rest.trigger(DAG)
    state = rest.wait(DAG, run_id, progress=lambda doing: progress.tell(f"{what}: {doing}"))
    progress.say(f"{what}: {state}")
    if state != "success":
        tasks = {name: task["state"] for name, task in rest.tasks(DAG, run_id).items()}
        raise RuntimeError(f"the {what} ended as {state}: {tasks}")
    report: Mapping[str, Any] = rest.result(DAG, run_id, "import_customers")
    print("\n".join(["", *("  " + line for line in report_lines(report)), ""]), flush=True)
    return report


def _invite(airflow: EmbeddedAirflow, stand_ins: StandIns) -> None:
    afas = stand_ins.afas_root
    contacts = stand_ins.afas.call("rows", connector="Profit_Contacts_App")
    contact = next((row["ContactId"] for row in contacts if row["Type"] == "PRS" and not row["Blocked"]), 1)
    print(
        f"""\
Airflow      {airflow.url}/dags/{DAG}
Login        {USER} / {airflow.password}

Try:
- Trigger the DAG with "Full reload", or with "Dry run" (the blue button; the report is the XCom of import_customers).
- Change a customer in AFAS, then trigger the DAG and see "1 updated":
    curl -X POST {afas}/_control/update_row \\
      -d '{{"connector": "Profit_Contacts_App", "key": {contact}, "set": {{"TelWork": "030-1234567"}}}}'
- See what Mailchimp has now, or break it for a while (all verbs: sandbox/README.md):
    curl {stand_ins.mailchimp_root}/_control/dump
    curl -X POST {stand_ins.mailchimp_root}/_control/faults -d '{{"kind": "503", "count": 3}}'
- Admin > Connections: the forms of AFAS and Mailchimp, with their Test button.

Ctrl-C ends everything.""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
