"""What a run tells monitoring: the figures of its report, under names that do not move. Never a key, never a person.

Each number that can be drawn is a gauge of the last run; what is added up over time is a counter beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from afas_mailchimp.amsterdam_time import to_utc
from afas_mailchimp.outcomes import Outcome

PREFIX = "afas_mailchimp"

SUCCESS, WAITS = "success", "waits"

MEMBER_CHANGES = ("archived", "moved", "returned", "adopted", "released")


class Kind(StrEnum):
    """How Airflow sends a figure."""

    COUNTER = "counter"
    GAUGE = "gauge"
    TIMING = "timing"


@dataclass(frozen=True, slots=True)
class MetricName:
    """One name, as docs/metrics.md lists it.

    :param name: without Airflow's own prefix (``airflow.``).
    :param tags: names of its tags, in the order of the documentation.
    """

    name: str
    kind: Kind
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure.

    :param tags: values by the names that its :class:`MetricName` lists; names out of the sync file, and words of ours.
    """

    of: MetricName
    value: float
    tags: Mapping[str, str]


def _name(name: str, kind: Kind, *tags: str) -> MetricName:
    return MetricName(f"{PREFIX}.{name}", kind, tags)


ROWS = _name("rows", Kind.COUNTER, "sync", "task", "source", "outcome")
LAST_ROWS = _name("last_run.rows", Kind.GAUGE, "sync", "task", "source", "outcome")
MEMBERS = _name("members", Kind.COUNTER, "sync", "change")
LAST_MEMBERS = _name("last_run.members", Kind.GAUGE, "sync", "change")
API_CALLS = _name("api_calls", Kind.COUNTER, "sync", "task", "api")
LAST_API_CALLS = _name("last_run.api_calls", Kind.GAUGE, "sync", "task", "api")
ENDS = _name("ends", Kind.COUNTER, "dag", "task", "result")
FAILED = _name("last_run.failed", Kind.GAUGE, "dag", "task")
ENDED_AT = _name("last_run.ended_at", Kind.GAUGE, "sync", "task")
DURATION = _name("duration", Kind.TIMING, "sync", "task", "mode")
LAST_SECONDS = _name("last_run.seconds", Kind.GAUGE, "sync", "task")
WATERMARK = _name("watermark", Kind.GAUGE, "sync", "source")
AUDIENCE = _name("audience", Kind.GAUGE, "sync", "status")
BILLED = _name("audience.billed", Kind.GAUGE, "sync")
ERASED = _name("retention.erased", Kind.COUNTER)
LEFT = _name("retention.left", Kind.GAUGE)
PERSONAL = _name("retention.personal", Kind.GAUGE)
PROVED_AT = _name("retention.proved_at", Kind.GAUGE)

NAMES = (
    *(ROWS, LAST_ROWS, MEMBERS, LAST_MEMBERS, API_CALLS, LAST_API_CALLS, ENDS, FAILED, ENDED_AT, DURATION),
    *(LAST_SECONDS, WATERMARK, AUDIENCE, BILLED, ERASED, LEFT, PERSONAL, PROVED_AT),
)
"""Everything that is ever sent."""


def of_report(report: Mapping[str, Any], *, task: str, now: datetime, failed: bool = False) -> Iterator[Metric]:
    """Figures of the report of an import or a write-back.

    :param report: as :meth:`afas_mailchimp.report.Report.as_json` gives it.
    :param task: ``import_customers`` or ``write_back``.
    :param now: when it ended.
    :param failed: the run stopped at its end, above a limit.
    :return: nothing for a dry run: it changed nothing that could be drawn.
    """
    if report["dry_run"]:
        return
    run = {"sync": report["sync"], "task": task}
    yield Metric(ENDED_AT, int(now.timestamp()), run)
    yield Metric(DURATION, report["seconds"] * 1000, {**run, "mode": "full" if report["mode"] == "full" else "part"})
    yield Metric(LAST_SECONDS, report["seconds"], run)
    for source, counts in report["sources"].items():
        for outcome in Outcome:
            tags = {**run, "source": source, "outcome": str(outcome)}
            yield from _both(ROWS, LAST_ROWS, counts[outcome], tags)
    for api, count in report["api_calls"].items():
        yield from _both(API_CALLS, LAST_API_CALLS, count, {**run, "api": api})
    if task == "import_customers":
        yield from _of_import(report, confirmed=not failed)


def of_end(dag: str, task: str, result: str) -> Iterator[Metric]:
    """Figures of the end of a try of any task of the package.

    :param result: ``SUCCESS``, ``WAITS``, or the kind of error that it failed by.
    """
    ended = {"dag": dag, "task": task}
    yield Metric(ENDS, 1, {**ended, "result": result})
    if result != WAITS:
        yield Metric(FAILED, int(result != SUCCESS), ended)


def of_proof(report: Mapping[str, Any], *, now: datetime) -> Iterator[Metric]:
    """Figures of the proof of the log retention.

    :return: nothing for a dry run.
    """
    erased = report["clean_up"]
    if erased["dry_run"]:
        return
    yield Metric(ERASED, erased["rows"].get("dag_run", 0), {})
    yield Metric(LEFT, sum(report["left"].values()), {})
    yield Metric(PERSONAL, report["personal"]["found"], {})
    yield Metric(PROVED_AT, int(now.timestamp()), {})


def _of_import(report: Mapping[str, Any], *, confirmed: bool) -> Iterator[Metric]:
    sync = {"sync": report["sync"]}
    for change in MEMBER_CHANGES:
        yield from _both(MEMBERS, LAST_MEMBERS, report[change], {**sync, "change": change})
    for source, moment in report["watermarks"].items() if confirmed else ():
        yield Metric(WATERMARK, int(to_utc(datetime.fromisoformat(moment)).timestamp()), {**sync, "source": source})
    for status, count in (report["audience"] or {}).items():
        yield Metric(BILLED, count, sync) if status == "billed" else Metric(AUDIENCE, count, {**sync, "status": status})


def _both(counter: MetricName, gauge: MetricName, count: int, tags: Mapping[str, str]) -> Iterator[Metric]:
    if count:
        yield Metric(counter, count, tags)
    yield Metric(gauge, count, tags)
