"""Puts together what the page knows of each sync: its file, its DAG, its runs, its Variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afas_mailchimp.retention import RETENTION_DAG, SYNC_DAG
from afas_mailchimp.retry_memory import parse_retry
from afas_mailchimp.sync_files import FoundFile, find_syncs
from afas_mailchimp.sync_seen import SyncSeen
from afas_mailchimp_ui.metadata import DagSeen, Seen, look

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FACTS = ("full_reload_at", "retry", "unfinished")


@dataclass(frozen=True, slots=True)
class Retention:
    """The log retention: whether it is on, and its last proof."""

    paused: bool
    next_run_at: datetime | None
    proved_at: datetime | None
    proof: Mapping[str, Any] | None
    running: bool

    @property
    def is_clean(self) -> bool:
        """Whether the last proof found nothing past its term, and nobody."""
        proof = self.proof or {}
        personal = proof.get("personal")
        return not proof.get("left") and not (isinstance(personal, dict) and personal.get("found"))

    @property
    def oldest(self) -> datetime | None:
        """The oldest trace that the last proof saw."""
        found = (self.proof or {}).get("oldest_trace")
        moments = [_any_moment(text) for text in found.values()] if isinstance(found, dict) else []
        return min((moment for moment in moments if moment), default=None)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that the page shows of the database and the files.

    :param retention: None where its DAG is not there, or may not be seen.
    """

    syncs: tuple[SyncSeen, ...]
    retention: Retention | None


def folder_of(dag: DagSeen) -> Path:
    """Where the sync files of a DAG file are; the same rule as in the DAG file."""
    return Path(os.environ.get("AFAS_MAILCHIMP_SYNCS") or Path(dag.file).parent / "syncs")


def files_of(folder: Path) -> dict[str, FoundFile]:
    """Sync files by name; read again only when one changed. Empty where the folder cannot be seen from here."""
    try:
        marks = tuple(sorted((path.name, (stat := path.stat()).st_mtime_ns, stat.st_size) for path in _yaml(folder)))
    except OSError:
        return {}
    return _parsed(folder, marks)


def _yaml(folder: Path) -> list[Path]:
    return list(folder.glob("*.yaml"))


@lru_cache(maxsize=8)
def _parsed(folder: Path, _marks: tuple[tuple[str, int, int], ...]) -> dict[str, FoundFile]:
    return {found.name: found for found in find_syncs(folder)}


def file_of(dag: DagSeen) -> FoundFile | None:
    """The sync file behind a DAG, None where it cannot be seen from here."""
    return files_of(folder_of(dag)).get(dag.dag_id.removeprefix(SYNC_DAG))


def picture(session: Session, dags: Mapping[str, DagSeen], *, reports: frozenset[str]) -> Picture:
    """Look at some DAGs.

    :param dags: those that may be seen.
    :param reports: of these, those whose reports may be seen.
    """
    ours = {dag_id: dag for dag_id, dag in dags.items() if dag_id.startswith(SYNC_DAG)}
    files = {folder: files_of(folder) for folder in {folder_of(dag) for dag in ours.values()}}
    syncs = {dag_id: files[folder_of(dag)].get(dag_id.removeprefix(SYNC_DAG)) for dag_id, dag in ours.items()}
    names = [name for dag_id, found in syncs.items() if dag_id in reports for name in _names(dag_id, found)]
    seen = look(session, dags, reports=reports, names=names)
    return Picture(
        tuple(_sync(seen, dag_id, found) for dag_id, found in syncs.items()),
        _retention(seen) if RETENTION_DAG in dags else None,
    )


def _names(dag_id: str, found: FoundFile | None) -> list[str]:
    name = dag_id.removeprefix(SYNC_DAG)
    sources = found.sync.sources if found and found.sync else {}
    return [f"afas_mailchimp.{name}.{part}" for part in (*FACTS, *(f"{source}.watermark" for source in sources))]


def _sync(seen: Seen, dag_id: str, found: FoundFile | None) -> SyncSeen:
    dag, name = seen.dags[dag_id], dag_id.removeprefix(SYNC_DAG)

    def variable(*parts: str) -> str | None:
        return seen.variables.get(".".join(("afas_mailchimp", name, *parts)))

    sources = found.sync.sources if found and found.sync else {}
    runs = seen.runs.get(dag_id, ())
    marks = {source: _moment(variable(source, "watermark"), aware=False) for source in sources}
    if not found:
        # The names of its Variables are not known then; what the last good run said is as good.
        told = next(
            (run.report.watermarks for run in runs if run.report and run.state == "success" and not run.dry_run), {}
        )
        marks = {source: _moment(text, aware=False) for source, text in told.items()}
    return SyncSeen(
        name=name,
        dag_id=dag_id,
        sync=found.sync if found else None,
        problem=found.problem if found else None,
        paused=dag.paused,
        next_run_at=None if dag.paused else dag.next_run_at,
        runs=runs,
        watermarks={source: mark for source, mark in marks.items() if mark},
        full_reload_at=_moment(variable("full_reload_at"), aware=True),
        retry=len(parse_retry(variable("retry"))),
        unfinished=variable("unfinished") is not None,
    )


def _moment(text: str | None, *, aware: bool) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return moment if (moment.tzinfo is not None) == aware else None


def _any_moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _retention(seen: Seen) -> Retention:
    dag = seen.dags[RETENTION_DAG]
    proved_at, proof = seen.proof or (None, None)
    running = any(not run.is_ended for run in seen.runs.get(RETENTION_DAG, ()))
    return Retention(dag.paused, None if dag.paused else dag.next_run_at, proved_at, proof, running)
