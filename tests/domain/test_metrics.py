"""What monitoring is told: the figures of the report, under documented names, and nothing of a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from afas_mailchimp import metrics
from afas_mailchimp.metrics import Metric, of_end, of_proof, of_report
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.report import Report

NOW = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
IMPORT, BACK = "import_customers", "write_back"
SOURCE = {"sync": "customers", "task": IMPORT, "source": "debtors"}


def report_of(**more: Any) -> dict[str, Any]:
    """The report of a run that created one member and refused one row."""
    report = Report(["debtors"])
    report.end("debtors", "10001", Outcome.CREATED)
    report.end("debtors", "10002", Outcome.INVALID, Reason.EMAIL_INVALID)
    report.archived = 3
    report.audience = {"subscribed": 7, "cleaned": 1, "billed": 7}
    said = {"sync": "customers", "mode": "full", "why": "first run", "dry_run": False, "seconds": 1.5}
    calls = {"api_calls": {"afas": 4, "mailchimp": 2}, "watermarks": {"debtors": "2026-06-02T09:59:00"}}
    return report.as_json(**{**said, **calls, **more})


def values(found: list[Metric], of: metrics.MetricName, **tags: str) -> list[float]:
    """Values of a name whose tags are or contain these."""
    return [each.value for each in found if each.of == of and tags.items() <= each.tags.items()]


@pytest.mark.parametrize(
    ("of", "tags", "expected"),
    [
        pytest.param(metrics.ROWS, {**SOURCE, "outcome": "created"}, [1], id="an outcome is counted"),
        pytest.param(metrics.ROWS, {**SOURCE, "outcome": "updated"}, [], id="nothing is not counted"),
        pytest.param(metrics.LAST_ROWS, {**SOURCE, "outcome": "updated"}, [0], id="but seen as nothing"),
        pytest.param(metrics.MEMBERS, {"change": "archived"}, [3], id="members that were archived"),
        pytest.param(metrics.API_CALLS, {"api": "afas"}, [4], id="calls to AFAS"),
        pytest.param(metrics.DURATION, {"mode": "full"}, [1500], id="milliseconds"),
        pytest.param(metrics.ENDED_AT, {"task": IMPORT}, [1_780_387_200], id="seconds since 1970"),
        pytest.param(metrics.WATERMARK, {"source": "debtors"}, [1_780_387_140], id="Amsterdam time becomes an instant"),
        pytest.param(metrics.AUDIENCE, {"status": "cleaned"}, [1], id="members by status"),
        pytest.param(metrics.AUDIENCE, {"status": "billed"}, [], id="the bill is no status"),
        pytest.param(metrics.BILLED, {}, [7], id="the bill"),
    ],
)
def test_figures_of_an_import(of: metrics.MetricName, tags: dict[str, str], expected: list[float]) -> None:
    """One row for each kind of figure."""
    assert values(list(of_report(report_of(), task=IMPORT, now=NOW)), of, **tags) == expected


def test_a_dry_run_tells_nothing() -> None:
    """It wrote nothing, and would otherwise be drawn as if it had."""
    assert not list(of_report(report_of(dry_run=True), task=IMPORT, now=NOW))


def test_a_watermark_that_was_not_confirmed_is_not_told() -> None:
    """A run that stops at its end leaves it where it was."""
    found = list(of_report(report_of(), task=IMPORT, now=NOW, failed=True))

    assert not values(found, metrics.WATERMARK)
    assert values(found, metrics.ROWS, outcome="created") == [1]


def test_a_write_back_tells_no_members() -> None:
    """Its report has no watermarks of sources and changes no member."""
    report = {key: value for key, value in report_of(mode="changed members").items() if key != "watermarks"}
    found = list(of_report(report, task=BACK, now=NOW))

    assert values(found, metrics.DURATION, task=BACK, mode="part") == [1500]
    assert not {each.of for each in found} & {metrics.MEMBERS, metrics.WATERMARK, metrics.AUDIENCE}


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        pytest.param("success", [0], id="well"),
        pytest.param("SafetyStop", [1], id="failed"),
        pytest.param("waits", [], id="a wait is neither"),
    ],
)
def test_ends_of_tasks(result: str, failed: list[float]) -> None:
    """Every task tells how it ended."""
    found = list(of_end("afas_mailchimp_sync_customers", IMPORT, result))

    assert values(found, metrics.ENDS, result=result, task=IMPORT) == [1]
    assert values(found, metrics.FAILED) == failed


@pytest.mark.parametrize(("dry_run", "told"), [(False, 4), (True, 0)])
def test_figures_of_a_proof(dry_run: bool, told: int) -> None:
    """What was erased, and what is left that should not be."""
    erased = {"dry_run": dry_run, "rows": {"dag_run": 3, "xcom": 9}}
    report = {"clean_up": erased, "left": {"log files": 2, "xcom": 1}, "personal": {"found": 0}}
    found = list(of_proof(report, now=NOW))

    assert len(found) == told
    if told:
        assert (values(found, metrics.ERASED), values(found, metrics.LEFT)) == ([3], [3])


def test_only_listed_names_with_their_tags() -> None:
    """Whoever draws them can rely on the list."""
    found = [*of_report(report_of(), task=IMPORT, now=NOW), *of_end("a", "b", "success")]

    assert all(each.of in metrics.NAMES for each in found)
    assert all(tuple(each.tags) == each.of.tags for each in found)
    assert len({each.name for each in metrics.NAMES}) == len(metrics.NAMES)
