"""What the package adds to Airflow's own time: a run with nothing to do, and the parse of its DAG files.

``python -m bench.airflow_overhead`` measures these alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

from bench.bare_dags import EMPTY_TASKS, ONE_TASK, SYNC
from bench.figures import Figure, table
from demo.airflow_rest import AirflowRest
from demo.embedded_airflow import ROOT, EmbeddedAirflow, airflow_environment
from demo.stand_ins import StandIns

RUNS = int(os.environ.get("BENCH_AIRFLOW_RUNS") or 5)
ROWS = 100
MOST_OVER_EMPTY_TASKS = 1.3
MOST_SECONDS_OF_PARSING = 0.15

OURS, BARE = "afas_mailchimp_sync_customers", "bare"
DEFAULTS = {
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "1",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
}
"""The settings of the demo's Airflow that decide how long a run takes, as Airflow has them."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one run.

    :param tasks: sum of its tasks' own.
    """

    run: float
    tasks: float


def measure() -> list[Figure]:
    """Measure in a real Airflow; about three minutes."""
    with tempfile.TemporaryDirectory(prefix="airflow-overhead-") as folder:
        home = Path(folder)
        by_default = compare_runs(home / "default", DEFAULTS)
        restless = compare_runs(home / "restless", {})
        parsing = compare_parsing(home / "parsing")
    return [*figures_of_runs(by_default, restless), *figures_of_parsing(parsing)]


def compare_runs(home: Path, settings: Mapping[str, str]) -> dict[str, Took]:
    """Run the sync with nothing to do and the bare DAG in turns, and answer the medians of both.

    :param settings: of Airflow, over those of the demo.
    """
    root, syncs = home / "package", home / "syncs"
    for folder in (root / "dags", syncs):
        folder.mkdir(parents=True)
    for file in (ROOT / "dags").glob("*.py"):
        shutil.copy(file, root / "dags")
    (root / "plugins").symlink_to(ROOT / "plugins")
    (root / "dags" / "bare.py").write_text(EMPTY_TASKS, encoding="utf-8")
    (syncs / "customers.yaml").write_text(SYNC, encoding="utf-8")
    airflow = EmbeddedAirflow(home / "airflow", syncs=syncs, everybody_admin=True, settings=settings, root=root)
    with StandIns(home, debtors=ROWS, contacts=1) as stand_ins, airflow:
        for connection in stand_ins.connections():
            airflow.rest.add_connection(**connection)
        for dag in (OURS, BARE):
            airflow.rest.wait_for_dag(dag)
            airflow.rest.unpause(dag)
            # The first one brings everything in, and warms Airflow up.
            take(airflow.rest, dag)
        seen: dict[str, list[Took]] = {OURS: [], BARE: []}
        for _ in range(RUNS):
            for dag, times in seen.items():
                times.append(take(airflow.rest, dag, nothing_to_do=dag == OURS))
    return {
        dag: Took(run=median(each.run for each in times), tasks=median(each.tasks for each in times))
        for dag, times in seen.items()
    }


def take(rest: AirflowRest, dag: str, *, nothing_to_do: bool = False) -> Took:
    """Run a DAG, and answer how long it took by Airflow's own books.

    :raises RuntimeError: it failed, or it found something to do.
    """
    run_id = rest.trigger(dag)
    state = rest.wait(dag, run_id, seconds=120)
    if state != "success":
        raise RuntimeError(f"a run of {dag} ended as {state}")
    if nothing_to_do:
        report = rest.result(dag, run_id, "import_customers")
        if (report["mode"], report["written"]) != ("incremental", 0):
            raise RuntimeError(f"a run that should have nothing to do wrote {report['written']} ({report['mode']})")
    run = rest.call("GET", f"/api/v2/dags/{dag}/dagRuns/{quote(run_id, safe='')}")
    return Took(run=seconds(run), tasks=sum(seconds(task) for task in rest.tasks(dag, run_id).values()))


def seconds(told: Mapping[str, Any]) -> float:
    """Seconds between the start and the end that Airflow tells of a run or a task."""
    return (datetime.fromisoformat(told["end_date"]) - datetime.fromisoformat(told["start_date"])).total_seconds()


def compare_parsing(home: Path) -> dict[str, tuple[float, float]]:
    """Wall and CPU seconds of the parse of each DAG file, and of a bare one (``bare.py``)."""
    dags = home / "dags"
    shutil.copytree(ROOT / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    (dags / "bare.py").write_text(ONE_TASK, encoding="utf-8")
    env = airflow_environment(home / "airflow") | {"AIRFLOW__CORE__UNIT_TEST_MODE": "True"}
    env["PYTHONPATH"] = os.pathsep.join((str(ROOT / "plugins"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "bench.dag_parsing", str(dags)],
        env=env,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the parse of the DAG files failed:\n{done.stderr[-2000:]}")
    return {name: (wall, cpu) for name, (wall, cpu) in json.loads(done.stdout.splitlines()[-1]).items()}


def figures_of_runs(by_default: Mapping[str, Took], restless: Mapping[str, Took]) -> list[Figure]:
    """Say how much longer the sync takes, in an Airflow as it is and in one whose scheduler hardly rests."""
    name = "DAG run with nothing to do ÷ the same shape with empty tasks"
    return [
        Figure(name, _ratio(by_default), MOST_OVER_EMPTY_TASKS, note=f"Airflow's defaults: {_told(by_default)}"),
        Figure(
            f"{name}, restless scheduler",
            _ratio(restless),
            None,
            note=f"rests 0.2 s between two looks instead of 1 s: {_told(restless)}",
        ),
        Figure(
            "tasks of that run over empty tasks",
            restless[OURS].tasks - restless[BARE].tasks,
            None,
            unit="s",
            note=f"sum of both tasks: {restless[OURS].tasks:.2f} s over {restless[BARE].tasks:.2f} s",
        ),
    ]


def figures_of_parsing(parsing: Mapping[str, Sequence[float]]) -> list[Figure]:
    """Say how much longer the slowest of the DAG files takes than a bare one."""
    wall, cpu = parsing["bare.py"]
    name, (slowest, slowest_cpu) = max(
        ((name, each) for name, each in parsing.items() if name != "bare.py"), key=lambda item: item[1][0]
    )
    return [
        Figure(
            "parse of a DAG file over a bare DAG",
            slowest - wall,
            MOST_SECONDS_OF_PARSING,
            unit="s",
            note=f"{name}, the slowest: {slowest:.3f} s over {wall:.3f} s; CPU {slowest_cpu - cpu:.3f} s more",
        )
    ]


def _ratio(took: Mapping[str, Took]) -> float:
    return took[OURS].run / took[BARE].run


def _told(took: Mapping[str, Took]) -> str:
    return f"{took[OURS].run:.2f} s ÷ {took[BARE].run:.2f} s, medians of {RUNS}"


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    figures = measure()
    print(table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
