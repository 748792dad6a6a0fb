"""What a clean-up erases and what it leaves, in every table of a real Airflow database of both kinds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from afas_mailchimp.settings import RetentionSettings
from hooks.afas_mailchimp_log_files import LogStore
from hooks.afas_mailchimp_metadata import MetadataDatabase
from operators import afas_mailchimp_retention_run
from operators.afas_mailchimp_retention_proof import prove
from operators.afas_mailchimp_retention_run import Asked, clean_up
from tests.retention.planting import OURS, THEIRS, Planter, tables_with, texts

NOW = datetime.now(UTC)
OLD, YOUNG = NOW - timedelta(days=40), NOW - timedelta(days=4)
TEMPLATE = "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/attempt={{ try_number }}.log"
GONE = "afas_mailchimp_sync_gone"


def erase(url: str, *, settings: RetentionSettings | None = None, days: int | None = None, dry_run: bool = False,
          logs: Path | None = None):  # fmt: skip
    """Clean up once, and prove it; answers the report, the proof and its problems."""
    asked = Asked({"customers": settings or RetentionSettings()}, days, NOW)
    stores = [LogStore(logs, TEMPLATE)] if logs else []
    with MetadataDatabase(sa.make_url(url)) as database:
        report = clean_up(database, stores, asked, dry_run=dry_run)
    with MetadataDatabase(sa.make_url(url)) as database:
        proof, problems = prove(database, stores, asked)
    json.dumps([report, proof])
    return report, proof, problems


@pytest.fixture
def planted(planter: Planter) -> Planter:
    """Our DAG with an old and a young run, and another team's with runs of the same ids."""
    planter.dag(OURS, scheduled=False)
    planter.dag(THEIRS, file="reporting.py")
    planter.run("manual__old", ended=OLD, marker="OUD")
    planter.run("manual__young", ended=YOUNG, marker="JONG")
    planter.run("manual__old", ended=OLD, dag_id=THEIRS, marker="VREEMD")
    return planter


def test_every_table_loses_an_old_run(planted, url):
    """Nothing of it is left anywhere; the young run and the other team's have all their rows."""
    young, theirs = tables_with(planted.engine, "JONG"), tables_with(planted.engine, "VREEMD")
    assert len(tables_with(planted.engine, "OUD")) >= 18

    report, proof, problems = erase(url)

    assert tables_with(planted.engine, "OUD") == set()
    assert tables_with(planted.engine, "JONG") == young
    assert tables_with(planted.engine, "VREEMD") == theirs
    assert problems == []
    assert proof["left"] == {}
    assert report["runs"]["past_their_term"] == 1
    assert (
        report["rows"]["dag_run"] == report["rows"]["xcom"] == report["rows"]["log"] == report["rows"]["callback"] == 1
    )


def test_a_dry_run_counts_the_same_and_erases_nothing(planted, url):
    """What it says is what the real one does."""
    before = sorted(texts(planted.engine))

    dry, _, _ = erase(url, dry_run=True)
    assert sorted(texts(planted.engine)) == before
    real, _, _ = erase(url)

    assert dry["rows"] == real["rows"]
    assert dry["runs"] == real["runs"]


def test_on_demand_everything_that_has_ended_goes(planted, url):
    """older_than_days = 0 also takes failed runs; what runs or waits is left alone."""
    now = NOW - timedelta(minutes=1)
    planted.run("manual__failed", ended=now, state="failed", marker="MISLUKT")
    planted.run("manual__running", ended=now, state="running", marker="LOOPT", task_state="running")
    planted.run("manual__queued", ended=now, state="queued", marker="WACHT")
    running = tables_with(planted.engine, "manual__running")

    report, _, problems = erase(url, days=0)

    assert problems == []
    assert report["runs"] == {
        "past_their_term": 3, "ended_well": 2, "failed": 1, "kept_for_the_scheduler": 0, "within_their_term": 0,
        "running_or_queued": 2,
    }  # fmt: skip
    assert tables_with(planted.engine, "MISLUKT") == set()
    # Its audit entries and events are past their term by themselves: they go, its own rows do not.
    assert {"dag_run", "task_instance", "xcom"} <= tables_with(planted.engine, "manual__running") <= running
    assert tables_with(planted.engine, "WACHT")


@pytest.mark.parametrize(
    ("settings", "state", "age", "stays"),
    [
        pytest.param({"days": 0}, "success", 0, False, id="nothing kept: a good run goes at once"),
        pytest.param({"days": 0}, "failed", 6, True, id="nothing kept: a failed run stays a week"),
        pytest.param({"days": 0}, "failed", 8, False, id="nothing kept: and then goes"),
        pytest.param({"days": 0, "failed_days": 0}, "failed", 0, False, id="nothing kept, not even failed runs"),
        pytest.param({"days": 30}, "failed", 8, True, id="a failed run is never shorter kept than a good one"),
        pytest.param({"days": 30}, "success", 29, True, id="just within the term"),
        pytest.param({"days": 30}, "success", 31, False, id="just past it"),
    ],
)
def test_terms(planter, url, settings, state, age, stays):
    """The term of the sync file counts from the end of the run, and depends on how it ended."""
    planter.dag(OURS, scheduled=False)
    planter.run("manual__it", ended=NOW - timedelta(days=age, minutes=1), state=state, marker="HET")

    _, _, problems = erase(url, settings=RetentionSettings.model_validate(settings))

    assert problems == []
    assert ("dag_run" in tables_with(planter.engine, "HET")) == stays
    assert ("log" in tables_with(planter.engine, "HET")) == stays


def test_the_newest_scheduled_run_keeps_its_row(planter, url):
    """Without it the scheduler would start the latest interval again; all that hangs below it goes, and its conf."""
    planter.dag(OURS, scheduled=True)
    planter.run("scheduled__1", ended=OLD - timedelta(days=1), run_type="scheduled", marker="EEN")
    planter.run("scheduled__2", ended=OLD, run_type="scheduled", marker="TWEE")
    planter.run("manual__3", ended=OLD + timedelta(days=1), marker="DRIE")

    for _ in range(2):
        report, proof, problems = erase(url)
        assert report["runs"]["kept_for_the_scheduler"] == 1

    assert problems == []
    assert tables_with(planter.engine, "scheduled__2") == {"dag_run"}
    assert [tables_with(planter.engine, marker) for marker in ("EEN", "TWEE", "DRIE")] == [set(), set(), set()]
    assert proof["oldest_trace"]["rows_kept_for_the_scheduler"].startswith(OLD.date().isoformat())


def test_a_dag_whose_file_is_gone_is_ours_too(planter, url):
    """Its sync file went, Airflow has forgotten it or calls it stale: what it left ends after thirty days."""
    planter.dag(GONE, scheduled=True)
    with planter.engine.begin() as connection:
        connection.execute(sa.text("UPDATE dag SET is_stale = TRUE"))
    planter.run("scheduled__1", ended=OLD, dag_id=GONE, run_type="scheduled", marker="WEG")

    _, _, problems = erase(url)

    assert problems == []
    assert tables_with(planter.engine, "WEG") == set()


def test_a_dag_of_another_team_with_a_name_like_ours(planter, url):
    """Only what comes from our files is ours."""
    name = "afas_mailchimp_sync_report"
    planter.dag(name, file="team/report.py", scheduled=False)
    planter.run("manual__1", ended=OLD, dag_id=name, marker="LIJKT")
    before = tables_with(planter.engine, "LIJKT")

    erase(url, days=0)

    assert tables_with(planter.engine, "LIJKT") == before


@pytest.mark.parametrize("kept", [True, False])
def test_audit_log_by_its_switch(planter, url, kept):
    """Some companies must keep Airflow's audit log; the proof does not complain about it then."""
    planter.dag(OURS, scheduled=False)
    planter.run("manual__1", ended=OLD, marker="OUD")
    with planter.engine.begin() as connection:
        log = planter.tables.tables["log"]
        moment = OLD.replace(tzinfo=None) if planter.sqlite else OLD
        entry = {"event": "cli_variables_set", "extra": '{"key": "afas_mailchimp.customers.retry"}', "dttm": moment}
        connection.execute(sa.insert(log).values(id=1, **entry))
        connection.execute(sa.insert(log).values(id=2, **(entry | {"extra": '{"key": "theirs"}'})))

    _, _, problems = erase(url, settings=RetentionSettings(audit_log=not kept))

    assert problems == []
    with planter.engine.connect() as connection:
        left = set(connection.scalars(sa.select(log.c.extra)))
    assert ('{"key": "afas_mailchimp.customers.retry"}' in left) == kept
    assert ("log" in tables_with(planter.engine, "OUD")) == kept
    assert '{"key": "theirs"}' in left


def test_archives_of_another_clean_up(planted, url):
    """`airflow db clean` keeps copies of what it deletes: ours leave them, and an empty one goes as a whole."""
    with planted.engine.begin() as connection:
        for table in ("xcom", "task_instance", "task_instance_note", "dag_run", "log"):
            text = f"CREATE TABLE _airflow_deleted__{table}__20260101000000 AS SELECT * FROM {table}"
            connection.execute(sa.text(text))
        for table in ("rendered_task_instance_fields",):
            text = f"CREATE TABLE _airflow_deleted__{table}__20260101000000 AS SELECT * FROM {table} WHERE dag_id = :o"
            connection.execute(sa.text(text), {"o": OURS})
            connection.execute(
                sa.text(f"DELETE FROM _airflow_deleted__{table}__20260101000000 WHERE run_id LIKE '%young'")
            )

    _, _, problems = erase(url)

    assert problems == []
    assert tables_with(planted.engine, "OUD") == set()
    names = sa.inspect(planted.engine).get_table_names()
    assert "_airflow_deleted__xcom__20260101000000" in names
    assert "_airflow_deleted__rendered_task_instance_fields__20260101000000" not in names
    assert "_airflow_deleted__task_instance_note__20260101000000" in tables_with(planted.engine, "VREEMD")


def test_answers_of_celery(planted, url):
    """A worker's answers stand in a table that names no DAG: they are found by the task's own number."""
    with planted.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE celery_taskmeta (id INTEGER, task_id VARCHAR(155), result TEXT)"))
        for number, run in enumerate(("manual__old", "manual__young", "manual__other")):
            connection.execute(sa.text(f"INSERT INTO celery_taskmeta VALUES ({number}, 'celery-{run}', 'x')"))
        theirs = "UPDATE task_instance SET external_executor_id = 'celery-manual__other' WHERE dag_id = :dag"
        connection.execute(sa.text(theirs), {"dag": THEIRS})

    report, proof, _ = erase(url)

    assert report["rows"]["celery_taskmeta"] == 1
    assert "celery-manual__old" not in {row for table, row in texts(planted.engine) if table == "celery_taskmeta"}
    assert "celery_results" in {place["place"] for place in proof["not_seen"]}


def test_a_run_that_was_started_again_is_left_alone(planted, url, monkeypatch):
    """Somebody clears an old run while the clean-up is on its way to it."""
    original = afas_mailchimp_retention_run.RunTraces.erase

    def meanwhile(self, runs):
        with planted.engine.begin() as connection:
            connection.execute(sa.text("UPDATE dag_run SET state = 'queued' WHERE run_id = 'manual__old'"))
        return original(self, runs)

    monkeypatch.setattr(afas_mailchimp_retention_run.RunTraces, "erase", meanwhile)
    erase(url)

    assert "task_instance" in tables_with(planted.engine, "OUD")


def test_killed_at_any_statement_and_run_again(planted, url):
    """Whatever was done stands, whatever was not is done by the next one."""
    for place in range(1, 60):
        statements = 0
        with MetadataDatabase(sa.make_url(url)) as database:

            @sa.event.listens_for(database.engine, "before_cursor_execute")
            def count(connection, cursor, statement, parameters, context, executemany):
                nonlocal statements
                statements += statement.startswith("DELETE")
                if statements == place:  # noqa: B023 - used before the next turn
                    raise KeyboardInterrupt

            try:
                clean_up(database, [], Asked({}, None, NOW))
            except KeyboardInterrupt:
                continue
        break
    else:
        pytest.fail("never came to its end")
    assert place > 10

    _, _, problems = erase(url)

    assert problems == []
    assert tables_with(planted.engine, "OUD") == set()
    assert tables_with(planted.engine, "JONG")
