"""Runs of the package in Airflow's metadata database: finds them, and erases what belongs to them. Decides nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, or_, select, update

from afas_mailchimp.retention import Run, is_ours
from hooks.afas_mailchimp_metadata_schema import TASKS, Schema

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Connection, Table

    from hooks.afas_mailchimp_metadata import MetadataDatabase

AT_ONCE = 200
"""Runs in one transaction: small, so that Airflow waits for none of them."""

ENDED = ("success", "failed")
_UNFINISHED = ("running", "restarting", "queued", "scheduled", "deferred", "up_for_retry", "up_for_reschedule")
_FRESH = timedelta(days=1)
"""A task that has not been heard of for longer is not running, whatever its state says."""

_NEVER = "NullTimetable"
_HOST = re.compile(r"[\w.-]{1,253}")
_IMPORT = "import_customers"
_COUNTED = ("read", "created", "updated", "unchanged", "unsubscribed", "archived", "skipped", "invalid", "rejected")


def aware(moment: object) -> datetime | None:
    """Return a moment of either database in UTC."""
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def ended_at(runs: Table) -> ColumnElement[datetime]:
    """Moment at which a run ended, or the last one that is known of it."""
    return func.coalesce(runs.c.end_date, runs.c.updated_at, runs.c.start_date, runs.c.queued_at)


class RunTraces:
    """Runs of the package's DAGs, and all that hangs below them.

    :param database: open.
    """

    def __init__(self, database: MetadataDatabase) -> None:
        self.database = database
        self.schema = Schema(database.tables)

    def dags(self) -> set[str]:
        """Return ids of the package's DAGs of which anything is left, also of those that Airflow has forgotten."""
        dag = self.database.tables.tables["dag"]
        columns = [self.schema.runs.c.dag_id, *(beside.owner for beside in self.schema.beside)]
        columns += [found.owner for table in self.schema.archives if (found := self.schema.archived(table)) is not None]
        with self.database.transaction() as connection:
            files = {
                row.dag_id: row.relative_fileloc or row.fileloc
                for row in connection.execute(select(dag.c.dag_id, dag.c.relative_fileloc, dag.c.fileloc))
            }
            named: set[str] = set()
            for column in columns:
                named.update(filter(None, connection.scalars(select(column).distinct())))
        return {dag_id for dag_id in named | set(files) if is_ours(dag_id, files.get(dag_id))}

    def has(self, dag_id: str, run_id: str) -> bool:
        """Whether a run stands in this database."""
        runs = self.schema.runs
        query = select(func.count()).select_from(runs).where(runs.c.dag_id == dag_id, runs.c.run_id == run_id)
        with self.database.transaction() as connection:
            return bool(connection.scalar(query))

    def runs(self, dag_ids: Sequence[str], *, now: datetime) -> list[Run]:
        """Return every run of some DAGs, the oldest first."""
        runs = self.schema.runs
        query = select(
            runs.c.id, runs.c.dag_id, runs.c.run_id, runs.c.state, runs.c.run_type, runs.c.logical_date,
            runs.c.end_date, runs.c.queued_at, ended_at(runs).label("ended"),
        ).where(runs.c.dag_id.in_(dag_ids)).order_by(runs.c.id)  # fmt: skip
        with self.database.transaction() as connection:
            rows = connection.execute(query).all()
            busy = set(connection.execute(self._busy(dag_ids, now=now)).tuples())
            scheduled = self._scheduled(connection)
        newest: dict[str, datetime] = {}
        for row in rows:
            if row.run_type in {"scheduled", "backfill"} and row.logical_date and row.dag_id in scheduled:
                newest[row.dag_id] = max(row.logical_date, newest.get(row.dag_id, row.logical_date))
        return [
            Run(
                row=row.id,
                dag_id=row.dag_id,
                run_id=row.run_id,
                state=row.state,
                ended_at=aware(row.queued_at if row.state == "queued" else row.ended) or now,
                busy=(row.dag_id, row.run_id) in busy,
                last_automated=row.run_type in {"scheduled", "backfill"}
                and row.logical_date is not None
                and row.logical_date == newest.get(row.dag_id),
            )
            for row in rows
        ]

    def ending(self, dag_ids: Sequence[str]) -> int:
        """Count runs of which every task has ended while Airflow still calls the run running."""
        tasks, runs = self.schema.metadata.tables[TASKS], self.schema.runs
        open_tasks = select(tasks.c.id).where(
            tasks.c.dag_id == runs.c.dag_id,
            tasks.c.run_id == runs.c.run_id,
            or_(tasks.c.state.is_(None), tasks.c.state.in_(_UNFINISHED)),
        )
        query = select(func.count()).where(runs.c.dag_id.in_(dag_ids), runs.c.state == "running", ~open_tasks.exists())
        with self.database.transaction() as connection:
            return int(connection.scalar(query.select_from(runs)) or 0)

    def other_hosts(self, dag_ids: Sequence[str]) -> list[str]:
        """Return names of other hosts that ran tasks; a log folder that all of them share makes that harmless."""
        from airflow.utils.net import get_hostname  # noqa: PLC0415 - heavy, and only here

        tasks = self.schema.metadata.tables[TASKS]
        query = select(tasks.c.hostname).where(tasks.c.dag_id.in_(dag_ids)).distinct()
        with self.database.transaction() as connection:
            hosts: list[Any] = list(connection.scalars(query))
        return sorted({str(host) for host in hosts if _HOST.fullmatch(str(host))} - {str(get_hostname())})  # type: ignore[no-untyped-call]

    def counted(self, runs: Sequence[Run]) -> Counter[str]:
        """Add up what the reports of some runs say, before they go: counts by outcome."""
        found: Counter[str] = Counter()
        xcom = self.schema.table("xcom")
        if xcom is None or not runs:
            return found
        query = select(xcom.c.value).where(
            xcom.c.dag_run_id.in_([run.row for run in runs]), xcom.c.task_id == _IMPORT, xcom.c.key == "return_value"
        )
        with self.database.transaction() as connection:
            stored: Any
            for stored in connection.scalars(query):
                value = json.loads(stored) if isinstance(stored, str) else stored
                if isinstance(value, dict):
                    found.update({name: value[name] for name in _COUNTED if isinstance(value.get(name), int)})
        return found

    def count(self, runs: Sequence[Run]) -> Counter[str]:
        """Count what some runs of one DAG have, by table, without touching it."""
        found: Counter[str] = Counter()
        with self.database.transaction() as connection:
            for table in self.schema.below:
                query = select(func.count()).select_from(table).where(self._of(table, runs))
                found[table.name] += int(connection.scalar(query) or 0)
            for table, ours in self._pointed_at(runs):
                query = select(func.count()).select_from(table).where(ours)
                found[table.name] += int(connection.scalar(query) or 0)
        return +found

    def erase(self, runs: Sequence[Run]) -> Counter[str]:
        """Erase some runs of one DAG with all that hangs below them, in one transaction.

        A run that somebody started again in the meantime is left alone, whole.

        :return: rows by table.
        """
        return self._erase(runs, row_stays=False)

    def empty(self, runs: Sequence[Run]) -> Counter[str]:
        """Erase all that hangs below some runs, and keep only their own rows, without configuration and user."""
        return self._erase(runs, row_stays=True)

    def _erase(self, runs: Sequence[Run], *, row_stays: bool) -> Counter[str]:
        found: Counter[str] = Counter()
        with self.database.transaction() as connection:
            still = self._still_ended(connection, runs)
            if not still:
                return found
            # Looked up while the rows that name them are there, and erased after those.
            beyond: list[tuple[Table, list[Any]]] = [
                (table, list(connection.scalars(select(_key(table)).where(ours))))
                for table, ours in self._pointed_at(still)
            ]
            for table in self.schema.below:
                if table is self.schema.runs and row_stays:
                    emptied: dict[str, Any] = {"conf": {}, "triggering_user_name": None}
                    connection.execute(update(table).where(self._of(table, still)).values(emptied))
                    continue
                found[table.name] += connection.execute(delete(table).where(self._of(table, still))).rowcount
            for table, ids in beyond:
                found[table.name] += connection.execute(delete(table).where(_key(table).in_(ids))).rowcount
        return +found

    def _of(self, table: Any, runs: Sequence[Run]) -> ColumnElement[bool]:
        return self.schema.of_runs(table, runs[0].dag_id, [run.run_id for run in runs], [run.row for run in runs])

    def _still_ended(self, connection: Connection, runs: Sequence[Run]) -> list[Run]:
        table = self.schema.runs
        query = select(table.c.id, table.c.state).where(table.c.id.in_([run.row for run in runs]))
        # The scheduler skips locked rows, so it can start none of these meanwhile. SQLite has one writer anyway.
        found = {row.id: row.state for row in connection.execute(query.with_for_update())}
        return [run for run in runs if found.get(run.row) == run.state]

    def _pointed_at(self, runs: Sequence[Run]) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        """Rows that name no run, but that rows of a run name: answers of Celery, callbacks of deadlines."""
        results, deadlines, callbacks = (
            self.schema.table(name) for name in ("celery_taskmeta", "deadline", "callback")
        )
        if results is not None:
            for name in (TASKS, "task_instance_history"):
                tasks = self.schema.metadata.tables[name]
                yield results, results.c.task_id.in_(select(tasks.c.external_executor_id).where(self._of(tasks, runs)))
        if deadlines is not None and callbacks is not None:
            yield callbacks, callbacks.c.id.in_(select(deadlines.c.callback_id).where(self._of(deadlines, runs)))

    def _busy(self, dag_ids: Sequence[str], *, now: datetime) -> Any:
        tasks = self.schema.metadata.tables[TASKS]
        heard = func.coalesce(tasks.c.last_heartbeat_at, tasks.c.updated_at, tasks.c.queued_dttm)
        return (
            select(tasks.c.dag_id, tasks.c.run_id)
            .where(
                tasks.c.dag_id.in_(dag_ids),
                tasks.c.state.in_(_UNFINISHED),
                or_(heard.is_(None), heard > self.database.moment(now - _FRESH)),
            )
            .distinct()
        )

    def _scheduled(self, connection: Connection) -> set[str]:
        """DAGs whose next run the scheduler works out from their last one."""
        dag = self.database.tables.tables["dag"]
        query = select(dag.c.dag_id).where(
            and_(dag.c.is_stale.is_(False), or_(dag.c.timetable_type.is_(None), ~dag.c.timetable_type.endswith(_NEVER)))
        )
        return set(connection.scalars(query))


def _key(table: Table) -> Column[Any]:
    return table.c.id
