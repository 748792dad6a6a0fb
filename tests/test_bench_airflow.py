"""The figures of what the package adds to Airflow's time, and that the parse of a DAG file brings in what it needs."""

from __future__ import annotations

import pytest

from bench.airflow_overhead import BARE, OURS, Took, compare_parsing, figures_of_parsing, figures_of_runs, seconds
from tests.fresh import run_fresh

PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag()
ours = ("afas_mailchimp", "hooks", "operators")
print(json.dumps({
    "errors": bag.import_errors,
    "dags": len(bag.dags),
    "loaded": sorted(name for name in sys.modules if name.split(".")[0] in ours),
}))
"""


def test_what_only_tasks_need_is_not_parsed(tmp_path):
    """Airflow parses a DAG file twice a minute and at the start of each task: hooks and rules wait for the task."""
    found = run_fresh(PARSE, home=tmp_path)
    loaded = set(found["loaded"])

    assert (found["errors"], found["dags"]) == ({}, 3)
    assert "operators.afas_mailchimp_import" in loaded
    assert {name for name in loaded if name.startswith("hooks.")} == set()
    assert (
        loaded
        & {
            "afas_mailchimp.erasure",
            "afas_mailchimp.phone_number",
            "afas_mailchimp.redaction",
            "operators.afas_mailchimp_session",
            "operators.afas_mailchimp_write_back_run",
        }
        == set()
    )


def test_each_dag_file_is_parsed_as_the_dag_processor_does(tmp_path):
    """All files are there, and a bare one beside them takes less."""
    parsed = compare_parsing(tmp_path / "parsing")

    assert set(parsed) == {
        "afas_mailchimp_erase.py",
        "afas_mailchimp_log_retention.py",
        "afas_mailchimp_sync.py",
        "bare.py",
    }
    assert parsed["bare.py"][1] < parsed["afas_mailchimp_sync.py"][1]


@pytest.mark.parametrize(
    ("wall", "ok"),
    [pytest.param(0.17, True, id="just below the limit"), pytest.param(0.19, False, id="above the limit")],
)
def test_the_slowest_file_counts(wall, ok):
    """The limit is for each file, so that a slow one does not hide behind the others."""
    (figure,) = figures_of_parsing({"bare.py": (0.03, 0.02), "a.py": (0.05, 0.04), "b.py": (wall, 0.1)})

    assert figure.measured == pytest.approx(wall - 0.03)
    assert figure.ok is ok
    assert figure.note.startswith("b.py")


def test_a_run_is_held_against_empty_tasks():
    """Only the ratio in an Airflow as it is has a limit; a stricter one and the tasks' own time are told beside it."""
    by_default = {OURS: Took(run=3.0, tasks=1.0), BARE: Took(run=2.0, tasks=0.2)}
    restless = {OURS: Took(run=1.8, tasks=1.2), BARE: Took(run=0.6, tasks=0.2)}
    ratio, beside, tasks = figures_of_runs(by_default, restless)

    assert (ratio.measured, ratio.ok) == (pytest.approx(1.5), False)
    assert (beside.measured, beside.limit) == (pytest.approx(3.0), None)
    assert tasks.measured == pytest.approx(1.0)


def test_seconds_are_airflows_own():
    """Start and end as the REST API tells them."""
    told = {"start_date": "2026-06-02T10:00:00.250000Z", "end_date": "2026-06-02T10:00:02Z"}

    assert seconds(told) == pytest.approx(1.75)
