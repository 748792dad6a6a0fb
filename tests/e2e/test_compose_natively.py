"""The commands and settings of docker-compose.yaml, run on this machine without Docker: a run of the sync succeeds."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import pytest

from cluster import postgres
from cluster.native import Native
from demo.airflow_rest import AirflowRest
from demo.stand_ins import StandIns
from tests.e2e.conftest import DAG, RETENTION_DAG

# The redundant set-up of the same file is what test_failover.py runs every time.
pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(600)]

SECRETS = {
    "POSTGRES_PASSWORD": "wachtwoord1",
    "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(b"fernet key of exactly 32 bytes!!").decode(),
    "AIRFLOW_JWT_SECRET": "a secret that is long enough to sign with, and never leaves this test " * 2,
    "AIRFLOW_ADMIN_PASSWORD": "beheer-1",
}
LASTING = ("api-server", "scheduler", "dag-processor", "triggerer")


def _logs_end(rest: AirflowRest, run_id: str, *, home: Path) -> None:
    """The log retention reaches the database with what compose gives it, and erases the run."""
    assert list((home / "logs").rglob(f"run_id={run_id}"))
    rest.unpause(RETENTION_DAG)
    erasing = rest.trigger(RETENTION_DAG, {"older_than_days": 0})
    assert rest.wait(RETENTION_DAG, erasing, seconds=180) == "success", rest.log(RETENTION_DAG, erasing, "clean_up")
    report = rest.result(RETENTION_DAG, erasing, "prove")
    assert (report["left"], report["personal"]["found"]) == ({}, 0)
    assert report["clean_up"]["rows"]["xcom"] >= 2
    assert rest.call("GET", f"/api/v2/dags/{DAG}/dagRuns?limit=1")["dag_runs"] == []
    assert list((home / "logs").rglob(f"run_id={run_id}")) == []


def test_a_run_succeeds_with_the_settings_of_compose(tmp_path):
    """Known to work where no Docker engine is at hand: init, components, health checks, login, one run."""
    with contextlib.ExitStack() as stack:
        database_port = None
        if postgres.programs():
            password = SECRETS["POSTGRES_PASSWORD"]
            database_port = stack.enter_context(postgres.running(user="airflow", password=password))
        native = Native(tmp_path / "airflow", SECRETS, database_port=database_port)
        native.prepare()
        assert native.run("init") == 0, (native.home / "init.log").read_text()[-2000:]

        groups = []
        for name in LASTING:
            groups.append(native.start(name))
            stack.callback(groups[-1].stop)
        login = ("admin", SECRETS["AIRFLOW_ADMIN_PASSWORD"])
        rest = AirflowRest(native.url("api-server"), login=login, check=lambda: [group.check() for group in groups])
        rest.until("Airflow's start", rest.answers, seconds=120)
        stand_ins = stack.enter_context(StandIns(tmp_path, debtors=40, contacts=10))
        for connection in stand_ins.connections():
            rest.add_connection(**connection)
        rest.wait_for_dag(DAG)
        rest.unpause(DAG)
        run_id = rest.trigger(DAG)

        assert rest.wait(DAG, run_id, seconds=180) == "success"
        assert rest.result(DAG, run_id, "import_customers")["created"] > 40
        _logs_end(rest, run_id, home=native.home)
        for name in LASTING:
            assert native.is_healthy(name), f"the health check of {name} says that it is not healthy"
