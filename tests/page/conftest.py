"""The page in Airflow's own application, with its auth manager and a real database, filled as runs would fill it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from demo.embedded_airflow import ROOT
from tests.retention.planting import Planter

PAGE = "/afas-mailchimp"
CUSTOMERS = "afas_mailchimp_sync_customers"
RETENTION = "afas_mailchimp_log_retention"
TABLES = ("xcom", "task_instance", "dag_run", "dag_version", "serialized_dag", "dag", "variable", "log")
OURS = "afas_mailchimp"
ROLES = {"beheer": "admin", "gebruiker": "user", "kijker": "viewer"}


class Airflow:
    """A database to fill, and browsers that look at it."""

    def __init__(self, application: Any, engine: sa.Engine, folder: Path) -> None:
        self.application, self.folder = application, folder
        self.planter = Planter(engine)
        self.engine = engine

    def clear(self) -> None:
        """Forget everything that a test planted."""
        with self.engine.begin() as connection:
            for name in TABLES:
                table = self.planter.tables.tables[name]
                owner = table.c.key if name == "variable" else table.c.dag_id
                connection.execute(sa.delete(table).where(owner.startswith(OURS)))
        for file in self.folder.glob("*.yaml"):
            file.unlink()

    def browser(self, name: str | None = "beheer", **headers: str) -> Any:
        """Return a client that is logged in as somebody, as a browser of this origin.

        :param name: None is a stranger.
        """
        from airflow.api_fastapi.app import get_auth_manager  # noqa: PLC0415 - after the settings of this test run
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser  # noqa: PLC0415
        from fastapi.testclient import TestClient  # noqa: PLC0415

        client = TestClient(
            self.application, headers={"Accept-Language": "en", **headers}, raise_server_exceptions=False
        )
        if name:
            token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=name, role=ROLES[name]))
            client.cookies.set("_token", token)
        return client

    def sync_file(self, name: str = "customers", **changes: Any) -> None:
        """Write a sync file."""
        content = yaml.safe_load((ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8"))
        (self.folder / f"{name}.yaml").write_text(yaml.safe_dump({**content, "name": name, **changes}))

    def dag(self, dag_id: str = CUSTOMERS, *, paused: bool = False, file: str = "") -> None:
        """Make a DAG known, as its parsing would."""
        file = file or ("afas_mailchimp_log_retention.py" if dag_id == RETENTION else "afas_mailchimp_sync.py")
        with self.engine.begin() as connection:
            self.planter._row(
                connection, "dag", {}, dag_id=dag_id, fileloc=str(ROOT / "dags" / file), relative_fileloc=file,
                is_paused=paused, is_stale=False, has_import_errors=False, allowed_run_types=None,
                timetable_type="airflow.timetables.simple.NullTimetable",
            )  # fmt: skip

    def run(
        self, run_id: str, *, dag_id: str = CUSTOMERS, state: str = "success", ago: timedelta = timedelta(hours=1),
        conf: dict[str, Any] | None = None, tasks: dict[str, str] | None = None,
        xcoms: dict[tuple[str, str], Any] | None = None,
    ) -> None:  # fmt: skip
        """Plant one run.

        :param tasks: states by task.
        :param xcoms: values by task and key, each kept as Airflow's workers keep it.
        """
        ended = (datetime.now(UTC) - ago).replace(tzinfo=None)
        with self.engine.begin() as connection:
            known: dict[str, Any] = {}
            self.planter._row(
                connection, "dag_run", known, dag_id=dag_id, run_id=run_id, state=state, run_type="manual",
                start_date=ended - timedelta(minutes=1), end_date=None if state in {"running", "queued"} else ended,
                run_after=ended, logical_date=None, conf=conf or {}, backfill_id=None, log_template_id=None,
                bundle_version=None, partition_key=None, creating_job_id=None, scheduled_by_job_id=None,
            )  # fmt: skip
            for task_id, task_state in {"preflight": "success", "import_customers": state, **(tasks or {})}.items():
                self.planter._row(
                    connection, "task_instance", dict(known), dag_id=dag_id, run_id=run_id, task_id=task_id,
                    map_index=-1, state=task_state, trigger_id=None,
                )  # fmt: skip
                for (owner, key), value in (xcoms or {}).items():
                    if owner == task_id:
                        self.planter._row(
                            connection, "xcom", dict(known), dag_id=dag_id, run_id=run_id, task_id=task_id,
                            map_index=-1, key=key, value=json.dumps(value),
                            dag_run_id=known["dag_run"]["id"],
                        )  # fmt: skip

    def variable(self, name: str, value: str) -> None:
        """Set a Variable, as a task would."""
        from airflow.models.variable import Variable  # noqa: PLC0415

        Variable.set(f"afas_mailchimp.{name}", value)


SETTINGS = {
    "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of sixty-four letters is long enough for these tests, so.",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in ROLES.items()),
    "_AIRFLOW_PROCESS_CONTEXT": "server",
}
"""As in an API server; only while a test of the page runs, since other tests start processes of their own."""


@pytest.fixture(scope="session")
def application(tmp_path_factory) -> Iterator[Airflow]:
    """Airflow's application with our plugin, made once."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        from airflow import settings  # noqa: PLC0415 - after the settings
        from airflow.api_fastapi import app as api  # noqa: PLC0415
        from airflow.utils.db import initdb  # noqa: PLC0415

        initdb()
        api.purge_cached_app()
        made = Airflow(api.create_app("core"), settings.engine, tmp_path_factory.mktemp("syncs"))
    yield made
    api.purge_cached_app()


@pytest.fixture
def airflow(application, monkeypatch) -> Iterator[Airflow]:
    """An Airflow without a single run."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AFAS_MAILCHIMP_SYNCS", str(application.folder))
    application.clear()
    yield application
    application.clear()


@pytest.fixture
def count_queries(airflow) -> Iterator[Callable[[], int]]:
    """Count what is asked of the database from here on."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    sa.event.listen(airflow.engine, "before_cursor_execute", note)
    yield lambda: len(asked)
    sa.event.remove(airflow.engine, "before_cursor_execute", note)
