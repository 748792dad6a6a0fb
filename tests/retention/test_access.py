"""The access that the documentation asks for is enough, and a database that is not Airflow's own is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from afas_mailchimp.errors import ConfigurationError
from demo.embedded_airflow import ROOT
from hooks import afas_mailchimp_metadata
from hooks.afas_mailchimp_metadata import CONNECTION, MetadataDatabase, metadata_url
from operators.afas_mailchimp_retention import CleanUpOperator
from operators.afas_mailchimp_retention_proof import prove
from operators.afas_mailchimp_retention_run import Asked, clean_up
from tests.retention.planting import OURS, tables_with

NOW = datetime.now(UTC)
PAGES = ["docs/log-retention.md", "docs/nl/bewaartermijn.md"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_documented_role_is_enough(planter, url, page):
    """The statements of the page, as they stand there, make a role that erases and proves."""
    planter.dag(OURS)
    planter.run("scheduled__1", ended=NOW - timedelta(days=50), marker="OUD", run_type="scheduled")
    planter.run("scheduled__2", ended=NOW - timedelta(days=40), marker="OUDER", run_type="scheduled")
    text = re.search(r"```sql\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)[1]
    database = sa.make_url(url).database
    role = f"role_{database}"
    with planter.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE celery_taskmeta (id INTEGER, task_id VARCHAR(155))"))
        for statement in re.sub(r"--.*", "", text).split(";"):
            if statement.strip():
                told = statement.replace("afas_mailchimp_retention", role).replace(
                    "DATABASE airflow", f"DATABASE {database}"
                )
                connection.exec_driver_sql(told.replace("…", "geheim"))

    limited = sa.make_url(url).set(username=role, password="geheim")
    with MetadataDatabase(limited) as opened:
        report = clean_up(opened, [], Asked({}, None, NOW))
    with MetadataDatabase(limited) as opened:
        _, problems = prove(opened, [], Asked({}, None, NOW))

    assert problems == []
    assert report["rows"]["dag_run"] == 1
    assert report["database"]["rewritten"] is False
    assert tables_with(planter.engine, "OUD") == set()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_missing_right_is_one_sentence(planter, url):
    """What is missing is said, nothing is half done, and no password is in it."""
    planter.dag(OURS)
    planter.run("manual__1", ended=NOW - timedelta(days=40), marker="OUD")
    role = f"reader_{sa.make_url(url).database}"
    with planter.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'geheim1'")
        connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    before = tables_with(planter.engine, "OUD")

    with (
        MetadataDatabase(sa.make_url(url).set(username=role, password="geheim1")) as opened,
        pytest.raises(ConfigurationError, match="have the rights") as caught,
    ):
        clean_up(opened, [], Asked({}, None, NOW))

    assert "geheim1" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert tables_with(planter.engine, "OUD") == before


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_another_database_is_refused(planter, url, monkeypatch):
    """An old file that lies about must not be cleaned and called proven."""
    planter.dag(OURS)
    planter.run("manual__1", ended=NOW - timedelta(days=40), marker="OUD")
    monkeypatch.setattr(afas_mailchimp_metadata, "metadata_url", lambda: sa.make_url(url))
    run = SimpleNamespace(conf={}, dag_id="afas_mailchimp_log_retention", run_id="manual__now")
    task = CleanUpOperator(task_id="clean_up", settings={})

    with pytest.raises(ConfigurationError, match="not this Airflow's"):
        task.execute({"dag_run": run, "params": {}})

    assert tables_with(planter.engine, "OUD")


def test_where_the_database_is(tmp_path, monkeypatch):
    """Our own connection first; else Airflow's configuration, without the guard that it puts before it in a task."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", "postgresql://me:geheim@db.example:5433/airflow")
    url = metadata_url()
    assert (url.drivername, url.host, url.port, url.database) == ("postgresql+psycopg2", "db.example", 5433, "airflow")

    (tmp_path / "airflow.db").touch()
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", f"sqlite:///{tmp_path}/airflow.db")
    assert metadata_url().database == f"{tmp_path}/airflow.db"

    monkeypatch.delenv(f"AIRFLOW_CONN_{CONNECTION.upper()}")
    (tmp_path / "secret").write_text(f"sqlite:///{tmp_path}/airflow.db\n")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", f"cat {tmp_path}/secret")
    assert metadata_url().database == f"{tmp_path}/airflow.db"

    (tmp_path / "airflow.db").unlink()
    with pytest.raises(ConfigurationError, match="was not found from where this task runs"):
        metadata_url()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        pytest.param("mysql+pymysql://me:geheim1@127.0.0.1/airflow", "is mysql: the log retention knows", id="MySQL"),
        pytest.param("postgresql+psycopg2://me:geheim1@127.0.0.1:9/airflow", "does not answer", id="no answer"),
        pytest.param("sqlite://", "no table dag_run", id="not Airflow's"),
    ],
)
def test_a_database_that_will_not_do(address, sentence):
    """Each is one sentence without the password."""
    with pytest.raises(ConfigurationError, match=sentence) as caught, MetadataDatabase(sa.make_url(address)):
        pass

    assert "geheim1" not in str(caught.value)
