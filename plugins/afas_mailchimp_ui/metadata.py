"""What the metadata database holds about our syncs, in a handful of indexed queries however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.models.variable import Variable
from airflow.models.xcom import XComModel
from sqlalchemy import Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from afas_mailchimp.retention import ERASE_DAG, RETENTION_DAG, SYNC_DAG, is_ours
from afas_mailchimp.run_plot import RUNS
from afas_mailchimp.sync_seen import ProgressSeen, ReportSeen, RunSeen

REPORTS = ("return_value", "report")
"""Keys under which an import leaves its report: of a good run, and of one that failed at its end."""

FAILED = ("failed", "upstream_failed")


@dataclass(frozen=True, slots=True)
class DagSeen:
    """One of our DAGs.

    :param file: where Airflow found it.
    """

    dag_id: str
    file: str
    paused: bool
    next_run_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything, by DAG.

    :param proofs: newest report of the log retention's proof, with its moment.
    """

    dags: dict[str, DagSeen]
    runs: dict[str, tuple[RunSeen, ...]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    proof: tuple[datetime, dict[str, Any]] | None = None


def our_dags(session: Session) -> dict[str, DagSeen]:
    """The package's DAGs that Airflow knows."""
    named = or_(DagModel.dag_id.startswith(SYNC_DAG, autoescape=True), DagModel.dag_id.in_((RETENTION_DAG, ERASE_DAG)))
    rows = session.execute(
        select(DagModel.dag_id, DagModel.fileloc, DagModel.is_paused, DagModel.next_dagrun_create_after)
        .where(named, ~DagModel.is_stale)
        .order_by(DagModel.dag_id)
    )
    return {
        dag_id: DagSeen(dag_id, file or "", bool(paused), next_run)
        for dag_id, file, paused, next_run in rows
        if is_ours(dag_id, file)
    }


def look(session: Session, dags: Mapping[str, DagSeen], *, reports: Collection[str], names: Iterable[str]) -> Seen:
    """Look at some DAGs.

    :param reports: DAGs whose reports may be shown.
    :param names: Variables to read.
    """
    rows = _runs(session, [*dags])
    numbers = [row.id for row in rows if row.dag_id in reports and row.dag_id.startswith(SYNC_DAG)]
    xcoms = _xcoms(session, numbers, last=_last_of(rows))
    tasks = _tasks(session, rows)
    runs: dict[str, list[RunSeen]] = {dag_id: [] for dag_id in dags}
    for row in rows:
        runs[row.dag_id].append(_run(row, xcoms.get(row.id, {}), tasks.get((row.dag_id, row.run_id), {})))
    proof = _proof(session) if RETENTION_DAG in reports else None
    return Seen(dict(dags), {dag_id: tuple(each) for dag_id, each in runs.items()}, _variables(session, names), proof)


def _runs(session: Session, dag_ids: list[str]) -> list[Any]:
    """The last runs of each DAG, newest first. Numbered from the index alone, so old runs cost next to nothing."""
    numbered = (
        select(
            DagRun.id,
            func.row_number().over(partition_by=DagRun.dag_id, order_by=DagRun.id.desc()).label("place"),
        )
        .where(DagRun.dag_id.in_(dag_ids))
        .subquery()
    )
    columns = (
        DagRun.id,
        DagRun.dag_id,
        DagRun.run_id,
        DagRun.state,
        DagRun.run_type,
        DagRun.start_date,
        DagRun.end_date,
        DagRun.conf,
    )
    chosen = select(*columns).join(numbered, DagRun.id == numbered.c.id).where(numbered.c.place <= RUNS)
    return list(session.execute(chosen.order_by(DagRun.id.desc())))


def _last_of(rows: Iterable[Any]) -> set[int]:
    """The newest run of each DAG, and all that have not ended."""
    newest: dict[str, int] = {}
    for row in rows:
        newest.setdefault(row.dag_id, row.id)
    return {*newest.values(), *(row.id for row in rows if row.state not in {"success", "failed"})}


def _xcoms(session: Session, numbers: list[int], *, last: set[int]) -> dict[int, dict[tuple[str, str], str]]:
    """Reports of the imports; of the newest run also how far it is and what its preflight said."""
    if not numbers:
        return {}
    of_import = and_(XComModel.task_id == "import_customers", XComModel.key.in_(REPORTS))
    of_last = and_(
        XComModel.dag_run_id.in_(last),
        or_(
            and_(XComModel.task_id == "import_customers", XComModel.key == "progress"),
            and_(XComModel.task_id == "preflight", XComModel.key == "return_value"),
        ),
    )
    rows = session.execute(
        # As text: msgspec reads it many times as fast as the column type does.
        select(XComModel.dag_run_id, XComModel.task_id, XComModel.key, cast(XComModel.value, Text)).where(
            XComModel.dag_run_id.in_(numbers), or_(of_import, of_last)
        )
    )
    found: dict[int, dict[tuple[str, str], str]] = {}
    for number, task_id, key, value in rows:
        found.setdefault(number, {})[task_id, key] = value
    return found


def _tasks(session: Session, rows: Iterable[Any]) -> dict[tuple[str, str], dict[str, str]]:
    """States of the tasks of the newest run of each DAG, and of those that have not ended."""
    rows = list(rows)
    wanted = _last_of(rows)
    runs = [(row.dag_id, row.run_id) for row in rows if row.id in wanted]
    if not runs:
        return {}
    found: dict[tuple[str, str], dict[str, str]] = {}
    states = session.execute(
        select(TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.task_id, TaskInstance.state).where(
            TaskInstance.dag_id.in_({dag_id for dag_id, _ in runs}), TaskInstance.run_id.in_({run for _, run in runs})
        )
    )
    for dag_id, run_id, task_id, state in states:
        found.setdefault((dag_id, run_id), {})[task_id] = state or ""
    return found


def _run(row: Any, xcoms: Mapping[tuple[str, str], str], tasks: Mapping[str, str]) -> RunSeen:
    conf = row.conf if isinstance(row.conf, dict) else {}
    text = next((xcoms[key] for name in REPORTS if (key := ("import_customers", name)) in xcoms), None)
    report = read_as(text, ReportSeen)
    preflight = read_as(xcoms.get(("preflight", "return_value")), dict) or {}
    order = ("preflight", "write_back", "import_customers")
    return RunSeen(
        number=row.id,
        run_id=row.run_id,
        state=str(row.state),
        started_at=row.start_date,
        ended_at=row.end_date,
        dry_run=conf.get("dry_run") is True or bool(report and report.dry_run),
        full_reload=conf.get("full_reload") is True,
        scheduled=str(row.run_type) == "scheduled",
        report=report,
        progress=read_as(xcoms.get(("import_customers", "progress")), ProgressSeen),
        failed_task=next((name for name in order if tasks.get(name) == "failed"), None),
        task=next((name for name in order if tasks.get(name) in {"running", "up_for_retry", "deferred"}), None),
        warnings=tuple(text for text in preflight.get("warnings", ()) if isinstance(text, str)),
    )


def read_as(text: str | None, shape: Any) -> Any:
    """Read an XCom; None when it is not there or has another form. Airflow keeps JSON text within JSON."""
    if text is None:
        return None
    try:
        if text.startswith('"'):
            text = msgspec.json.decode(text, type=str)
        return msgspec.json.decode(text, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _variables(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Variables by name, as far as they are there and can be read."""
    found = session.scalars(select(Variable).where(Variable.key.in_([*names])))
    return {each.key: each.val for each in found if each.val is not None}


def _proof(session: Session) -> tuple[datetime, dict[str, Any]] | None:
    """The newest report of the log retention's last task."""
    row = session.execute(
        select(XComModel.timestamp, cast(XComModel.value, Text))
        .where(
            XComModel.dag_id == RETENTION_DAG,
            XComModel.task_id == "prove",
            XComModel.key.in_(REPORTS),
        )
        .order_by(XComModel.dag_run_id.desc())
        .limit(1)
    ).first()
    report = read_as(row[1], dict) if row else None
    return (row[0], report) if row and report is not None else None
