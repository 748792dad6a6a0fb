"""Preflight against pools in real Airflow databases: what would wait for ever is said before any data moves."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from afas_mailchimp.errors import ConfigurationError
from demo.embedded_airflow import ROOT
from hooks.afas_mailchimp_metadata import CONNECTION
from hooks.afas_mailchimp_pools import PoolsUnseenError, read_pools
from operators.afas_mailchimp_preflight import PreflightOperator
from tests.domain.samples import sync_of
from tests.retention.planting import OURS

RUN = "manual__now"
VARIABLE = f"AIRFLOW_CONN_{CONNECTION.upper()}"
SYNC = sync_of(audience={"list_id": "a1b2c3d4e5", "pool": "mailchimp"})


@pytest.fixture
def airflow(url, planter, monkeypatch):
    """An Airflow in which a run of the sync goes on, and that tasks can look into."""
    planter.dag(OURS)
    planter.run(RUN, ended=datetime.now(UTC), state="running", everywhere=False)
    monkeypatch.setenv(VARIABLE, sa.make_url(url).render_as_string(hide_password=False))
    mailchimp = {"conn_type": "mailchimp", "password": f"{'0' * 32}-us21", "extra": {"connections": 4}}
    monkeypatch.setenv("AIRFLOW_CONN_MAILCHIMP_DEFAULT", json.dumps(mailchimp))
    # Whoever comes as far as AFAS is told so.
    monkeypatch.setenv("AIRFLOW_CONN_AFAS_DEFAULT", json.dumps({"conn_type": "afas", "host": "nowhere"}))
    return planter.engine


def make_pool(engine: sa.Engine, slots: int) -> None:
    """As Admin > Pools does."""
    values = {"pool": "mailchimp", "slots": slots, "description": "", "include_deferred": False}
    with engine.begin() as connection:
        table = sa.Table("slot_pool", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table).values(values))


def preflight() -> Any:
    """Run the first task as far as it comes."""
    run = SimpleNamespace(conf={}, run_type="manual", dag_id=OURS, run_id=RUN)
    return PreflightOperator(task_id="preflight", sync=SYNC).execute({"dag_run": run})


@pytest.mark.parametrize(
    ("slots", "sentence"),
    [
        pytest.param(
            None, "does not exist, and tasks in it would wait for ever: make it, with 2 slots", id="not there"
        ),
        pytest.param(0, "has 0 slots, and tasks in it would wait for ever: give it 2 slots", id="no slots"),
    ],
)
def test_preflight_refuses_a_pool_in_which_nothing_runs(airflow, slots, sentence):
    """It fails before it asks AFAS or Mailchimp, with one sentence that names pool, sync, and what to do."""
    if slots is not None:
        make_pool(airflow, slots)

    with pytest.raises(ConfigurationError) as caught:
        preflight()

    assert str(caught.value) == (
        f"Sync customers: its pool 'mailchimp' (audience.pool) {sentence} (10 connections of the Mailchimp account, 4 "
        "for each task by connection mailchimp_default), under Admin > Pools or by: "
        'airflow pools set mailchimp 2 "Connections to Mailchimp"'
    )


@pytest.mark.parametrize("slots", [2, 3, -1])
def test_preflight_goes_on_with_a_pool(airflow, slots):
    """A pool in which tasks run stops nothing, however many they are: AFAS is asked next."""
    make_pool(airflow, slots)

    with pytest.raises(ConfigurationError, match="afas_default"):
        preflight()

    assert read_pools(dag_id=OURS, run_id=RUN) == {"default_pool": 128, "mailchimp": slots}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_role_of_the_log_retention_is_enough(airflow, url, monkeypatch):
    """Who made the role that its page describes can have pools checked; with less, that is the reason told."""
    page = (ROOT / "docs/log-retention.md").read_text(encoding="utf-8")
    statements = re.search(r"```sql\n(.*?)--", page, re.DOTALL)[1]
    database = sa.make_url(url).database
    role = f"role_{database}"
    with airflow.begin() as connection:
        for statement in filter(str.strip, statements.split(";")):
            told = statement.replace("afas_mailchimp_retention", role).replace(
                "DATABASE airflow", f"DATABASE {database}"
            )
            connection.exec_driver_sql(told.replace("…", "geheim"))
    limited = sa.make_url(url).set(username=role, password="geheim")
    monkeypatch.setenv(VARIABLE, limited.render_as_string(hide_password=False))
    make_pool(airflow, 2)

    assert read_pools(dag_id=OURS, run_id=RUN)["mailchimp"] == 2

    with airflow.begin() as connection:
        connection.exec_driver_sql(f"REVOKE SELECT ON slot_pool FROM {role}")
    with pytest.raises(PoolsUnseenError, match="may not read dag_run and slot_pool"):
        read_pools(dag_id=OURS, run_id=RUN)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_another_database_is_not_believed(airflow):
    """An old file that lies about has no such pool, and that says nothing about this Airflow."""
    with pytest.raises(PoolsUnseenError, match="not this Airflow's"):
        read_pools(dag_id=OURS, run_id="manual__elsewhere")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        pytest.param("sqlite:////nowhere/airflow.db", f"takes an Airflow connection '{CONNECTION}'", id="no way"),
        pytest.param("mysql+pymysql://me:geheim1@127.0.0.1/airflow", "of a kind that", id="MySQL"),
        pytest.param("postgresql://me:geheim1@127.0.0.1:9/airflow", "does not answer", id="no answer"),
    ],
)
def test_pools_that_cannot_be_seen(monkeypatch, address, reason):
    """Each is a clause of a warning, without the password, and no reason to stop a sync."""
    monkeypatch.setenv(VARIABLE, address)

    with pytest.raises(PoolsUnseenError, match=reason) as caught:
        read_pools(dag_id=OURS, run_id=RUN)

    assert "geheim1" not in str(caught.value)
    assert caught.value.__cause__ is None
