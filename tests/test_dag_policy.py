"""What holds for every DAG of the package."""

from __future__ import annotations

import pytest
from airflow.dag_processing.dagbag import DagBag

from demo.embedded_airflow import ROOT
from operators.afas_mailchimp_retention import ENDED

OTHERS = {"afas_mailchimp_log_retention", "afas_mailchimp_erase"}


@pytest.fixture(scope="module")
def bag():
    """The repository's own dags/, of which none may be missing or broken."""
    bag = DagBag(dag_folder=str(ROOT / "dags"))
    assert bag.import_errors == {}
    assert bag.dags, "no DAG was found, so nothing would be tested"
    return bag


def test_one_dag_for_each_sync_file(bag):
    """Others rely on the name afas_mailchimp_sync_<name>, and on the two beside those."""
    syncs = {f"afas_mailchimp_sync_{path.stem}" for path in (ROOT / "dags/syncs").glob("*.yaml")}

    assert syncs | OTHERS == set(bag.dags)


def test_tasks_and_their_order(bag):
    """Monitoring relies on the names of the tasks; nothing moves before the preflight is right."""
    dag = bag.dags["afas_mailchimp_sync_customers"]

    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "preflight": ["import_customers"],
        "import_customers": [],
    }


def test_tasks_of_a_sync_that_writes_back(tmp_path, monkeypatch):
    """The write-back lies between the two; its failure neither stops the import nor stays unseen."""
    text = (ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8")
    block = """
write_back:
  debtors:
    organisation: {update: KnOrganisation, key: BcCo}
    fields: {bounced: {to: E-mail onjuist, current: EmailOnjuist}}
"""
    (tmp_path / "customers.yaml").write_text(text + block, encoding="utf-8")
    monkeypatch.setenv("AFAS_MAILCHIMP_SYNCS", str(tmp_path))
    dag = DagBag(dag_folder=str(ROOT / "dags")).dags["afas_mailchimp_sync_customers"]

    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "preflight": ["import_customers", "write_back"],
        "write_back": ["all_done", "import_customers"],
        "import_customers": ["all_done"],
        "all_done": [],
    }
    rules = {task.task_id: task.trigger_rule.value for task in dag.tasks}
    assert rules.pop("import_customers") == "all_done_min_one_success"
    assert set(rules.values()) == {"all_success"}
    assert all(task.doc_md and task.owner == "afas-mailchimp" and task.retry_policy for task in dag.tasks)


@pytest.mark.parametrize("back", [False, True], ids=["import", "with write-back"])
def test_alerts_do_not_decide_how_a_run_ended(tmp_path, monkeypatch, back):
    """The last task runs whatever happened before, and a run whose import failed stays failed."""
    text = (ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8") + "\nalerts: {to: alerts}\n"
    block = """
write_back:
  debtors:
    organisation: {update: KnOrganisation, key: BcCo}
    fields: {bounced: {to: E-mail onjuist, current: EmailOnjuist}}
"""
    (tmp_path / "customers.yaml").write_text(text + block * back, encoding="utf-8")
    monkeypatch.setenv("AFAS_MAILCHIMP_SYNCS", str(tmp_path))
    dag = DagBag(dag_folder=str(ROOT / "dags")).dags["afas_mailchimp_sync_customers"]
    alert = dag.get_task("alert")

    assert alert.is_teardown
    assert not alert.on_failure_fail_dagrun
    assert alert.upstream_task_ids == {task.task_id for task in dag.tasks} - {"alert"}
    assert set(alert.watched) == alert.upstream_task_ids - {"all_done"}


@pytest.mark.parametrize("pool", [pytest.param(None, id="none"), pytest.param("mailchimp", id="of the account")])
def test_the_pool_of_a_sync(tmp_path, monkeypatch, pool):
    """Who talks to Mailchimp in bulk takes a slot of the pool; the preflight, which checks the pool, is never in it."""
    text = (ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8")
    text = text.replace("  pool: null", f"  pool: {pool or 'null'}")
    block = """
write_back:
  debtors:
    organisation: {update: KnOrganisation, key: BcCo}
    fields: {bounced: {to: E-mail onjuist, current: EmailOnjuist}}
"""
    (tmp_path / "customers.yaml").write_text(text + block, encoding="utf-8")
    monkeypatch.setenv("AFAS_MAILCHIMP_SYNCS", str(tmp_path))
    dags = DagBag(dag_folder=str(ROOT / "dags")).dags

    assert {task.task_id: task.pool for task in dags["afas_mailchimp_sync_customers"].tasks} == {
        "preflight": "default_pool",
        "write_back": pool or "default_pool",
        "import_customers": pool or "default_pool",
        "all_done": "default_pool",
    }
    assert {task.pool for name in OTHERS for task in dags[name].tasks} == {"default_pool"}
    assert {task.pool_slots for dag in dags.values() for task in dag.tasks} == {1}


def test_run_parameters(bag):
    """Scripts rely on these names; the defaults are the careful ones."""
    params = bag.dags["afas_mailchimp_sync_customers"].params

    assert dict(params) == {
        "full_reload": False,
        "dry_run": False,
        "max_archive_percent": None,
        "max_write_back": None,
    }


def test_every_dag_is_safe_to_find(bag):
    """A new DAG does nothing by itself: paused, one run at a time, never the past."""
    for dag in bag.dags.values():
        assert dag.is_paused_upon_creation is True
        assert dag.max_active_runs == 1
        assert dag.catchup is False


def test_every_dag_explains_itself(bag):
    """A person who finds the DAG in the UI learns there what it does."""
    for dag in bag.dags.values():
        assert {"afas", "mailchimp"} <= set(dag.tags)
        assert "In het Nederlands" in dag.doc_md
        assert all(
            f"`{name}`" in dag.doc_md for name in dag.params if name not in {"max_archive_percent", "max_write_back"}
        )
        assert all(task.doc_md and task.owner == "afas-mailchimp" for task in dag.tasks)
        params = [dag.params.get_param(name) for name in dag.params]
        assert all(param.schema["title"] and param.description for param in params)


def test_every_task_is_tried_again_by_cause(bag):
    """Hours without an answer are outlived; what a person must change is said at once."""
    for dag in bag.dags.values():
        for task in dag.tasks:
            assert task.retries >= 3
            assert task.retry_policy is not None


def test_the_log_retention(bag):
    """Scripts rely on these names; nothing is erased sooner than the sync files say, unless somebody asks."""
    dag = bag.dags["afas_mailchimp_log_retention"]

    assert dict(dag.params) == {"older_than_days": None, "dry_run": False}
    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "clean_up": ["prove"],
        "prove": [],
    }
    assert "CronTriggerTimetable" in type(dag.timetable).__name__


@pytest.mark.parametrize("written_back", [True, False])
def test_a_sync_that_keeps_nothing_tells_the_log_retention(tmp_path, monkeypatch, written_back):
    """The last task of a good run starts the clean-up, which runs once a day as well."""
    text = (ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8")
    text = text.replace("retention: {days: 30,", "retention: {days: 0,")
    block = """
write_back:
  debtors:
    organisation: {update: KnOrganisation, key: BcCo}
    fields: {bounced: {to: E-mail onjuist, current: EmailOnjuist}}
"""
    (tmp_path / "customers.yaml").write_text(text + (block if written_back else ""), encoding="utf-8")
    monkeypatch.setenv("AFAS_MAILCHIMP_SYNCS", str(tmp_path))
    dags = DagBag(dag_folder=str(ROOT / "dags")).dags
    told = {task.task_id for task in dags["afas_mailchimp_sync_customers"].tasks if ENDED in task.outlets}

    assert told == {"all_done" if written_back else "import_customers"}
    assert "AssetOrTime" in type(dags["afas_mailchimp_log_retention"].timetable).__name__


def test_the_erasure(bag):
    """Nobody is erased by pressing Trigger: a dry run is the default, and there is no schedule."""
    dag = bag.dags["afas_mailchimp_erase"]

    texts = {"source": "", "key": "", "confirm": "", "sync": ""}
    assert dict(dag.params) == {**texts, "dry_run": True, "archived": False}
    assert [task.task_id for task in dag.tasks] == ["erase"]
    assert "NullTimetable" in type(dag.timetable).__name__
    assert "cannot be undone" in dag.params.get_param("confirm").description
