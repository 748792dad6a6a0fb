"""What the page knows of a sync: what its runs reported, what its Variables hold. Counts and AFAS keys, no person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile


class SourceSeen(msgspec.Struct, frozen=True):
    """Counts of one source in a report."""

    read: int = 0
    reasons: dict[str, int] = {}


class ReportSeen(msgspec.Struct, frozen=True):
    """The report of an import, as far as the page shows it; what it does not know is left out."""

    mode: str = ""
    dry_run: bool = False
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    unsubscribed: int = 0
    skipped: int = 0
    invalid: int = 0
    rejected: int = 0
    written: int = 0
    archived: int = 0
    seconds: float = 0.0
    sources: dict[str, SourceSeen] = {}
    audience: dict[str, int] | None = None
    notices: dict[str, int] = {}
    keys: dict[str, list[str]] = {}
    problems: list[str] = []
    archived_members: dict[str, object] | None = None
    watermarks: dict[str, str] = {}

    def count_of(self, reason: str) -> int:
        """Rows of all sources that ended for a reason."""
        return sum(source.reasons.get(reason, 0) for source in self.sources.values())


class ProgressSeen(msgspec.Struct, frozen=True):
    """How far a run says it is."""

    phase: str = ""
    rows: int = 0
    of: int | None = None
    members: int = 0
    rows_per_second: float = 0
    seconds_left: float | None = None


class RunState(StrEnum):
    """Airflow's words for a run."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


ENDED = frozenset({RunState.SUCCESS, RunState.FAILED})


@dataclass(frozen=True, slots=True)
class RunSeen:
    """One run of a sync.

    :param number: its number in Airflow's database.
    :param failed_task: the first task that failed.
    :param task: the task that runs now.
    :param warnings: sentences of the preflight.
    """

    number: int
    run_id: str
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    dry_run: bool = False
    full_reload: bool = False
    scheduled: bool = False
    report: ReportSeen | None = None
    progress: ProgressSeen | None = None
    failed_task: str | None = None
    task: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_ended(self) -> bool:
        """Whether it is over."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class SyncSeen:
    """One sync.

    :param sync: its file, None when the file cannot be used or cannot be seen from here.
    :param problem: what is wrong with the file.
    :param runs: newest first.
    :param watermarks: naive Amsterdam wall time by source.
    :param retry: rows due for another try.
    :param next_run_at: as the scheduler has planned it.
    """

    name: str
    dag_id: str
    sync: SyncFile | None = None
    problem: str | None = None
    paused: bool = False
    next_run_at: datetime | None = None
    runs: tuple[RunSeen, ...] = ()
    watermarks: Mapping[str, datetime] = field(default_factory=dict)
    full_reload_at: datetime | None = None
    retry: int = 0
    unfinished: bool = False

    @property
    def running(self) -> RunSeen | None:
        """The run that has not ended."""
        return next((run for run in reversed(self.runs) if not run.is_ended), None)

    @property
    def real(self) -> tuple[RunSeen, ...]:
        """Runs that ended and were no dry runs, newest first."""
        return tuple(run for run in self.runs if run.is_ended and not run.dry_run)

    @property
    def last_full(self) -> RunSeen | None:
        """The newest run that read both sides whole, and ended well."""
        return next(
            (
                run
                for run in self.real
                if run.report and run.report.mode == "full" and run.report.audience and not run.report.problems
            ),
            None,
        )

    @property
    def was_tried(self) -> bool:
        """Whether a dry run told what would be written, or is at it."""
        return self.last_dry is not None or (self.running is not None and self.running.dry_run)

    @property
    def last_dry(self) -> RunSeen | None:
        """The newest dry run that ended with a report."""
        return next((run for run in self.runs if run.dry_run and run.is_ended and run.report), None)
