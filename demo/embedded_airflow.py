"""Airflow standalone with this package dropped in: SQLite, LocalExecutor, own home and ports, on 127.0.0.1 only."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from demo.airflow_rest import AirflowRest
from demo.processes import ProcessGroup, free_port, kill_marked

ROOT = Path(__file__).resolve().parents[1]
USER = "admin"
FORGOTTEN = ("AIRFLOW", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH")
"""Settings of the person's own Airflow and Python that must not reach this one."""


def airflow_environment(home: Path, *, root: Path = ROOT) -> dict[str, str]:
    """What every component gets: the package as a drop-in, nothing from the machine's own Airflow.

    :param root: folder with ``dags`` and ``plugins``.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(FORGOTTEN)}
    # standalone starts its children as plain "airflow".
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', '')}"
    # In the environment, and not only as plugins folder, so that Airflow finds the forms of the connection types.
    env["PYTHONPATH"] = str(root / "plugins")
    env["NO_PROXY"] = env["no_proxy"] = "127.0.0.1,localhost"
    env["AIRFLOW_HOME"] = str(home)
    env |= {
        f"AIRFLOW__{name}": value
        for name, value in {
            "CORE__DAGS_FOLDER": str(root / "dags"),
            "CORE__PLUGINS_FOLDER": str(root / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": "4",  # the default starts 32 processes
            "CORE__TEST_CONNECTION": "Enabled",  # the Test button of the connection form
            "API__HOST": "127.0.0.1",
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "DAG_PROCESSOR__REFRESH_INTERVAL": "10",  # the default finds a new file after five minutes
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        }.items()
    }
    return env


class EmbeddedAirflow:
    """One Airflow; a context manager, so that nothing of it stays behind.

    :param home: folder for its database and logs, empty or absent.
    :param syncs: folder with sync files, None for the repository's own.
    :param port: of the UI when it is free, else any.
    :param everybody_admin: no login (only to take pictures); otherwise ``password`` is made up for user ``admin``.
    """

    def __init__(
        self,
        home: Path,
        *,
        syncs: Path | None = None,
        port: int = 0,
        everybody_admin: bool = False,
        settings: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> None:
        self.home = home.resolve()
        self.password = "" if everybody_admin else secrets.token_urlsafe(9)
        self.port = free_port(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = (
            airflow_environment(self.home, root=root)
            | self._addresses(everybody_admin=everybody_admin)
            | dict(settings or {})
        )
        if syncs:
            self.env["AFAS_MAILCHIMP_SYNCS"] = str(syncs.resolve())
        self._group: ProcessGroup | None = None
        self.rest = AirflowRest(self.url, login=(USER, self.password) if self.password else None, check=self.check)

    def _addresses(self, *, everybody_admin: bool) -> dict[str, str]:
        return {
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": str(everybody_admin),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.home / "passwords.json"),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        }

    def check(self) -> None:
        """Raise when Airflow is not running (any more)."""
        if self._group:
            self._group.check()

    @property
    def log(self) -> Path:
        """What the components write to standard output."""
        return self.home / "standalone.log"

    def start(self, *, seconds: float = 180) -> Self:
        """Start, and wait until every component answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        passwords = self.home / "passwords.json"
        passwords.write_text(json.dumps({USER: self.password}))
        passwords.chmod(0o600)
        command = [str(Path(sys.executable).parent / "airflow"), "standalone"]
        self._group = ProcessGroup(command, env=self.env, log=self.log, mark="AIRFLOW_HOME", cwd=self.home)
        try:
            self.rest.until("Airflow's start", self.rest.answers, seconds=seconds)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop every component."""
        if self._group:
            self._group.stop()
            self._group = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()


def kill_leftovers(home: Path) -> None:
    """End what a killed demo left running in this home."""
    kill_marked(f"AIRFLOW_HOME={home.resolve()}")
