"""Runs and syncs as the page sees them, made short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from afas_mailchimp.sync_seen import ReportSeen, RunSeen, SourceSeen, SyncSeen
from tests.domain.samples import sync_of

NOW = datetime(2026, 3, 2, 12, 7, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def report(**more: Any) -> ReportSeen:
    """A report; ``reasons`` are those of the debtors."""
    reasons = more.pop("reasons", {})
    return ReportSeen(**{"mode": "incremental", "sources": {"debtors": SourceSeen(10, reasons)}, **more})


def full(**more: Any) -> ReportSeen:
    """The report of a full run that saw both sides."""
    audience = {"subscribed": 90, "unsubscribed": 6, "cleaned": 2, "archived": 4, "billed": 96}
    return report(**{"mode": "full", "read": 120, "unchanged": 98, "audience": audience, **more})


def run(number: int, state: str = "success", *, ago: timedelta = HOUR, **more: Any) -> RunSeen:
    """A run that ended some time ago."""
    ended = None if state in {"running", "queued"} else NOW - ago
    started = None if state == "queued" else NOW - ago - MINUTE
    return RunSeen(number=number, run_id=f"run {number}", state=state, started_at=started, ended_at=ended, **more)


def seen(*runs: RunSeen, marked: timedelta | None = 10 * MINUTE, **more: Any) -> SyncSeen:
    """A sync every quarter of an hour.

    :param runs: newest first.
    :param marked: how long ago its watermarks are.
    """
    watermarks = {}
    if marked is not None:
        # Amsterdam is an hour ahead in March.
        wall = (NOW - marked + HOUR).replace(tzinfo=None)
        watermarks = {"debtors": wall, "contacts": wall}
    given: dict[str, Any] = {"sync": sync_of(), "watermarks": watermarks, **more}
    return SyncSeen(name="customers", dag_id="afas_mailchimp_sync_customers", runs=runs, **given)
