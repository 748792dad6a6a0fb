"""Erases what is past its term. Works from the task and from the command; safe to kill and to run again."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from afas_mailchimp.retention import RETENTION_DAG, Ended, Fate, Run, Term, fate, terms
from hooks.afas_mailchimp_metadata_others import OtherTraces
from hooks.afas_mailchimp_metadata_traces import AT_ONCE, RunTraces

if TYPE_CHECKING:
    from afas_mailchimp.settings import RetentionSettings
    from hooks.afas_mailchimp_log_files import LogFile, LogStore
    from hooks.afas_mailchimp_metadata import MetadataDatabase

log = logging.getLogger(__name__)

_SAY_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What one clean-up is about.

    :param settings: retention of every sync file that can be read, by name of the sync.
    :param older_than_days: replaces every term; None keeps them.
    :param now: UTC; what ended later is not looked at.
    """

    settings: Mapping[str, RetentionSettings]
    older_than_days: int | None
    now: datetime


class Scene:
    """Everything that our DAGs left, judged against its term.

    :param database: open.
    """

    def __init__(self, database: MetadataDatabase, asked: Asked) -> None:
        self.traces = RunTraces(database)
        ours = self.traces.dags() | {RETENTION_DAG}
        self.terms = terms(ours, asked.settings, older_than_days=asked.older_than_days)
        self.now = asked.now
        self.others = OtherTraces(database, self.traces.schema, self.terms, self.terms[RETENTION_DAG], now=asked.now)
        self.runs = self.traces.runs(sorted(ours), now=asked.now)
        self._fates = {(run.dag_id, run.run_id): fate(run, self.terms[run.dag_id], now=asked.now) for run in self.runs}

    def having(self, wanted: Fate) -> list[Run]:
        """Return the runs of one fate."""
        return [run for run in self.runs if self._fates[run.dag_id, run.run_id] == wanted]

    def goes(self, file: LogFile) -> bool:
        """Whether a log file is past its term. One of a run that stays is not, however old it is."""
        known = self._fates.get((file.dag_id, file.run_id or ""))
        if known is not None:
            return known in {Fate.DUE, Fate.EMPTIED}
        term = self.terms.get(file.dag_id, self.terms[RETENTION_DAG])
        return file.written_at <= term.before(None, now=self.now)

    def as_json(self) -> dict[str, Any]:
        """Return counts of runs, by what happens to them."""
        due = self.having(Fate.DUE)
        return {
            "past_their_term": len(due),
            "ended_well": sum(run.state == Ended.SUCCESS for run in due),
            "failed": sum(run.state == Ended.FAILED for run in due),
            "kept_for_the_scheduler": len(self.having(Fate.EMPTIED)),
            "within_their_term": len(self.having(Fate.STAYS)),
            "running_or_queued": len(self.having(Fate.RUNNING)),
        }


def clean_up(
    database: MetadataDatabase, stores: Sequence[LogStore], asked: Asked, *, dry_run: bool = False
) -> dict[str, Any]:
    """Erase what is past its term: logs first, so that a kill in between leaves no file that belongs to no run.

    :param dry_run: only count.
    :return: the report: counts by table, files and bytes; names of DAGs, never of runs.
    """
    scene = Scene(database, asked)
    gone, emptied = scene.having(Fate.DUE), scene.having(Fate.EMPTIED)
    report: dict[str, Any] = {
        "dry_run": dry_run,
        "moment": asked.now.isoformat(),
        "older_than_days": asked.older_than_days,
        "terms": {dag_id: _term(term) for dag_id, term in scene.terms.items()},
        "runs": scene.as_json(),
        "counted": _counted(scene, [*gone, *emptied]),
        # Looked up before: afterwards nothing says any more who ran what.
        "other_hosts": scene.traces.other_hosts([*scene.terms]),
    }
    if dry_run:
        rows = _sum(gone, scene.traces.count) + _sum(emptied, scene.traces.count) + scene.others.count()
        rows["dag_run"] -= len(emptied)
        files = [file for store in stores for file in store.files() if scene.goes(file)]
        report["rows"] = _by_table(rows)
        report["logs"] = {"files": len(files), "bytes": sum(file.size for file in files)}
        return report
    report["logs"] = _clear(stores, scene)
    before = database.bytes_used()
    rows = _sum(gone, scene.traces.erase) + _sum(emptied, scene.traces.empty) + scene.others.erase()
    rewritten = database.squeeze(rows)
    scene.others.drop_empty_archives()
    if not rewritten:
        log.warning("The database was not rewritten (busy, or a right is missing): bytes of what was erased go later")
    report["rows"] = _by_table(rows)
    log.info("%s runs and %s rows erased; by table: %s", len(gone), rows.total(), report["rows"])
    report["database"] = {
        "kind": database.kind,
        "bytes_before": before,
        "bytes_after": database.bytes_used(),
        "rewritten": rewritten,
    }
    return report


def wait_for_endings(
    database: MetadataDatabase, dag_ids: Sequence[str], *, seconds: float, pause: Callable[[float], None] = time.sleep
) -> int:
    """Wait until runs whose tasks have all ended are called ended by Airflow, too.

    :param seconds: at most.
    :return: how many still are not.
    """
    traces = RunTraces(database)
    until = time.monotonic() + seconds
    while (left := traces.ending(dag_ids)) and time.monotonic() < until:
        pause(0.5)
    return left


def _clear(stores: Sequence[LogStore], scene: Scene) -> dict[str, int]:
    files = size = 0
    for store in stores:
        some, bytes_ = store.remove(scene.goes, now=scene.now)
        log.info("%s: %s log files removed, %s bytes", store, some, bytes_)
        files, size = files + some, size + bytes_
    return {"files": files, "bytes": size}


def _sum(runs: Sequence[Run], each: Callable[[Sequence[Run]], Counter[str]]) -> Counter[str]:
    """Go through runs in small parts of one DAG each, and say now and then how far it is."""
    found: Counter[str] = Counter()
    done, said = 0, time.monotonic()
    for part in _parts(runs):
        found += each(part)
        done += len(part)
        if time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            log.info("%s of %s runs", done, len(runs))
    return found


def _parts(runs: Sequence[Run]) -> Iterator[list[Run]]:
    for _, same in groupby(sorted(runs, key=lambda run: (run.dag_id, run.row)), key=lambda run: run.dag_id):
        of_dag = list(same)
        for start in range(0, len(of_dag), AT_ONCE):
            yield of_dag[start : start + AT_ONCE]


def _counted(scene: Scene, runs: Sequence[Run]) -> dict[str, int]:
    """What the runs did, added up before they go: the only thing that is left of them."""
    total: Counter[str] = Counter()
    for part in _parts(runs):
        total += scene.traces.counted(part)
    return dict(sorted(total.items()))


def _term(term: Term) -> dict[str, Any]:
    return {"days": term.days, "failed_days": term.failed_days, "audit_log": term.audit_log}


def _by_table(rows: Counter[str]) -> dict[str, int]:
    return dict(sorted((+rows).items()))
