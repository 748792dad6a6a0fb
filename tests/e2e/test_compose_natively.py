"""The commands and settings of docker-compose.yaml, run on this machine without Docker: a run of the sync succeeds."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demo.airflow_rest import AirflowRest
from demo.embedded_airflow import FORGOTTEN, ROOT
from demo.processes import ProcessGroup, free_port
from demo.stand_ins import StandIns
from tests import compose_file
from tests.e2e import postgres
from tests.e2e.conftest import DAG, RETENTION_DAG

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

SECRETS = {
    "POSTGRES_PASSWORD": "wachtwoord1",
    "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(b"fernet key of exactly 32 bytes!!").decode(),
    "AIRFLOW_JWT_SECRET": "a secret that is long enough to sign with, and never leaves this test " * 2,
    "AIRFLOW_ADMIN_PASSWORD": "beheer-1",
}
LASTING = ("api-server", "scheduler", "dag-processor", "triggerer")


class Native:
    """The services as processes: what differs from containers is named here, and nothing else differs.

    :param home: stands for /opt/airflow.
    """

    def __init__(self, home: Path, *, database_port: int | None) -> None:
        self.home = home
        self.services = compose_file.load(SECRETS)["services"]
        self.port, health = free_port(), free_port()
        self.replaced = {
            "/opt/airflow": str(home),
            "http://api-server:8080/": f"http://127.0.0.1:{self.port}/",
            "127.0.0.1:8080": f"127.0.0.1:{self.port}",
            "127.0.0.1:8974": f"127.0.0.1:{health}",
            "@postgres/": f"@127.0.0.1:{database_port}/",
        }
        self.extra = {
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(health),
            "NO_PROXY": "127.0.0.1,localhost",
        }
        if database_port is None:
            for name in ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW_CONN_AFAS_MAILCHIMP_METADATA"):
                self.extra[name] = f"sqlite:///{home}/airflow.db"

    def prepare(self) -> None:
        """What volumes and image give a container."""
        for name in ("logs", "private"):
            (self.home / name).mkdir(parents=True)
        for name in ("dags", "plugins"):
            shutil.copytree(ROOT / name, self.home / name, ignore=shutil.ignore_patterns("__pycache__"))
        sync = self.home / "dags/syncs/customers.yaml"
        lines = ["schedule: null" if line.startswith("schedule:") else line for line in sync.read_text().splitlines()]
        sync.write_text("\n".join(lines))

    def environment(self, name: str) -> dict[str, str]:
        """The service's own environment, on top of what the image would have."""
        env = {key: value for key, value in os.environ.items() if not key.startswith(FORGOTTEN)}
        env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        own = {key: self.native(value) for key, value in self.services[name]["environment"].items()}
        return env | own | self.extra

    def native(self, text: str) -> str:
        """A text of the file with this machine's places and ports."""
        for there, here in self.replaced.items():
            text = text.replace(there, here)
        return text

    def command(self, name: str) -> list[str]:
        """The service's command; a native server listens on loopback only."""
        words = [self.native(word) for word in self.services[name]["command"]]
        local = {"0.0.0.0": "127.0.0.1", "8080": str(self.port)}
        return [local.get(word, word) for word in words]

    def run(self, name: str, command: list[str] | None = None) -> int:
        """Run something to its end, as the service would."""
        log = (self.home / f"{name}.log").open("ab")
        with log:
            done = subprocess.run(
                command or self.command(name),
                env=self.environment(name),
                cwd=self.home,
                stdout=log,
                stderr=log,
                timeout=120,
                check=False,
            )
        return done.returncode

    def start(self, name: str) -> ProcessGroup:
        """Start a service that lasts."""
        env = self.environment(name)
        return ProcessGroup(
            self.command(name), env=env, log=self.home / f"{name}.log", mark="AIRFLOW_HOME", cwd=self.home
        )


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
        native = Native(tmp_path / "airflow", database_port=database_port)
        native.prepare()
        assert native.run("init") == 0, (native.home / "init.log").read_text()[-2000:]

        groups = []
        for name in LASTING:
            groups.append(native.start(name))
            stack.callback(groups[-1].stop)
        login = ("admin", SECRETS["AIRFLOW_ADMIN_PASSWORD"])
        rest = AirflowRest(
            f"http://127.0.0.1:{native.port}", login=login, check=lambda: [group.check() for group in groups]
        )
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
            check = [native.native(word) for word in native.services[name]["healthcheck"]["test"][1:]]
            assert native.run(name, check) == 0, f"the health check of {name} says that it is not healthy"
