"""Ten thousand runs in one go, and what of it is left as bytes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hooks.afas_mailchimp_log_files import LogStore
from hooks.afas_mailchimp_metadata import MetadataDatabase
from operators.afas_mailchimp_retention_run import Asked, clean_up
from tests.retention.planting import OURS, THEIRS, Planter
from tests.retention.test_erasing import TEMPLATE

NOW = datetime.now(UTC)
RUNS = 10_000
MARKER = "Zevenblad-1234567"


def multiply(planter: Planter, runs: int) -> None:
    """Copy one planted run many times, in the database itself."""
    uuid = "lower(hex(randomblob(16)))" if planter.sqlite else "gen_random_uuid()"
    numbers = f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {runs})"
    with planter.engine.begin() as connection:
        for table in ("dag_run", "task_instance", "xcom", "rendered_task_instance_fields", "log"):
            changed = {
                "id": uuid if table == "task_instance" else "1000000 + n.n",
                "dag_run_id": "1000000 + n.n",
                "run_id": "'manual__' || n.n",
                "run_after": "t.run_after",
            }
            columns = planter.tables.tables[table].c.keys()
            names = ", ".join(f'"{name}"' for name in columns)
            values = ", ".join(changed.get(name, f't."{name}"') for name in columns)
            connection.exec_driver_sql(
                f"{numbers} INSERT INTO {table} ({names}) SELECT {values} FROM n, {table} t "
                f"WHERE t.dag_id = '{OURS}' AND t.run_id = 'manual__first'"
            )


@pytest.fixture
def many(planter, url, tmp_path) -> Planter:
    """Ten thousand old runs with their logs, and one of another team."""
    planter.dag(OURS, scheduled=False)
    planter.dag(THEIRS, file="x.py")
    old = NOW - timedelta(days=40)
    planter.run("manual__first", ended=old, marker=MARKER, everywhere=False)
    planter.run("manual__theirs", ended=old, dag_id=THEIRS, marker="theirs", everywhere=False)
    with planter.engine.begin() as connection:
        log = planter.tables.tables["log"]
        moment = old.replace(tzinfo=None) if planter.sqlite else old
        values = {
            "id": 1,
            "dag_id": OURS,
            "run_id": "manual__first",
            "dttm": moment,
            "event": "trigger",
            "extra": MARKER,
        }
        connection.execute(sa.insert(log).values(values))
    multiply(planter, RUNS)
    for number in range(1, RUNS + 1):
        folder = tmp_path / "logs" / f"dag_id={OURS}" / f"run_id=manual__{number}" / "task_id=import_customers"
        folder.mkdir(parents=True)
        (folder / "attempt=1.log").write_text(MARKER)
    return planter


def test_ten_thousand_runs(many, url, tmp_path):
    """All of them, their logs and, in a file of SQLite, their bytes; the other team's run is there."""
    started = time.monotonic()
    with MetadataDatabase(sa.make_url(url)) as database:
        report = clean_up(database, [LogStore(tmp_path / "logs", TEMPLATE)], Asked({}, None, NOW))
        files = [Path(path) for path in database.files()]
    seconds = time.monotonic() - started

    assert report["rows"]["dag_run"] == report["rows"]["xcom"] == RUNS + 1
    assert report["logs"]["files"] == RUNS
    assert list((tmp_path / "logs").rglob("*")) == []
    assert [path for path in files if path.exists() and MARKER.encode() in path.read_bytes()] == []
    assert report["database"]["rewritten"]
    with many.engine.connect() as connection:
        assert connection.scalars(sa.text("SELECT run_id FROM dag_run")).all() == ["manual__theirs"]
    # A minute is promised; this leaves room for a busy machine.
    assert seconds < 60
