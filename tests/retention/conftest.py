"""Real Airflow databases, migrated once and copied for each test: SQLite, and PostgreSQL on a server of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from cluster import postgres
from tests.retention.planting import Planter


def _migrate(home: Path, url: str) -> None:
    env = os.environ | {"AIRFLOW_HOME": str(home), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}
    env.pop("AIRFLOW__CORE__UNIT_TEST_MODE", None)
    command = [str(Path(sys.executable).parent / "airflow"), "db", "migrate"]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=180)


ON_POSTGRESQL_TOO = {
    "test_every_table_loses_an_old_run",
    "test_killed_at_any_statement_and_run_again",
    "test_in_a_database",
    "test_answers_of_celery",
    "test_the_documented_role_is_enough",
}
"""Tests of both databases even when there is little time: what differs between the two is in them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the others, SQLite shows the rule; "make test-long" runs them with PostgreSQL as well."""
    for item in items:
        kind = getattr(item, "callspec", None) and item.callspec.params.get("url")
        if "url" in getattr(item, "fixturenames", ()) and kind == "postgresql":
            name = getattr(item, "originalname", item.name)
            if name not in ON_POSTGRESQL_TOO:
                item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """An empty Airflow database as a file."""
    home = tmp_path_factory.mktemp("sqlite")
    _migrate(home, f"sqlite:///{home}/airflow.db")
    return home / "airflow.db"


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory) -> Iterator[str]:
    """A PostgreSQL server with an empty Airflow database; answers the address without the database's name."""
    if not postgres.programs():
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    home = tmp_path_factory.mktemp("postgres")
    with postgres.running(user="airflow", password="geheim") as port:
        server = f"postgresql+psycopg2://airflow:geheim@127.0.0.1:{port}"
        _migrate(home, f"{server}/airflow")
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> Iterator[str]:
    """The address of a fresh Airflow database, of both kinds in turn."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "airflow.db")
        yield f"sqlite:///{tmp_path}/airflow.db"
        return
    server = request.getfixturevalue("postgres_template")
    name = f"t{uuid.uuid4().hex}"
    admin = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE airflow')
    yield f"{server}/{name}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


@pytest.fixture
def planter(url) -> Iterator[Planter]:
    """Writes rows into the database of this test."""
    engine = sa.create_engine(url)
    yield Planter(engine)
    engine.dispose()


@pytest.fixture
def make_log(tmp_path) -> Callable[..., Path]:
    """Write a task log where Airflow would."""

    def write(run_id: str, *, dag_id: str, text: str, moment: float) -> Path:
        path = (
            tmp_path / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}" / "task_id=import_customers" / "attempt=1.log"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (moment, moment))
        return path

    return write
