"""Traces in Airflow's database that hang below no run: the audit log, asset events, archives of a clean-up."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, false, func, or_, select, true

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.retention import Ended
from hooks.afas_mailchimp_metadata_schema import RUNS, TASKS, archived_name
from hooks.afas_mailchimp_metadata_traces import aware, ended_at

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Table

    from afas_mailchimp.retention import Term
    from hooks.afas_mailchimp_metadata import MetadataDatabase
    from hooks.afas_mailchimp_metadata_schema import Beside, Schema

AUDIT = "log"
_OUR_WORDS = ("afas_mailchimp.", "afas_mailchimp_sync_", "afas_mailchimp_log_retention", "afas_mailchimp_erase")
_OUR_CONNECTIONS = ("afas", "mailchimp")


@dataclass(frozen=True, slots=True)
class Place:
    """Rows of one table that are past their term.

    :param moment: column that says how old a row is.
    """

    table: Table
    due: ColumnElement[bool]
    moment: Any


class OtherTraces:
    """Rows that name one of the package's DAGs, or are about it, without belonging to a run's row.

    :param database: open.
    :param terms: of each of our DAGs.
    :param strictest: for rows that name no DAG.
    """

    def __init__(
        self, database: MetadataDatabase, schema: Schema, terms: Mapping[str, Term], strictest: Term, *, now: datetime
    ) -> None:
        self.database, self.schema, self.terms, self.strictest, self.now = database, schema, terms, strictest, now
        self._emptied: list[Table] = []

    def places(self) -> Iterator[Place]:
        """Everything that is past its term now, place by place."""
        for beside in self.schema.beside:
            if beside.table.name == AUDIT:
                yield from self._audit(beside)
            else:
                yield Place(beside.table, self._past(beside), beside.moment)
        tests = self.schema.table("connection_test_request")
        if tests is not None:
            old = tests.c.updated_at <= self._before(self.strictest)
            done = tests.c.state.in_(("success", "failed", "SUCCESS", "FAILED"))
            yield Place(tests, and_(tests.c.conn_type.in_(_OUR_CONNECTIONS), old, done), tests.c.updated_at)
        yield from self._archives()

    def count(self) -> Counter[str]:
        """Count what is past its term, by table."""
        found: Counter[str] = Counter()
        with self.database.transaction() as connection:
            for place in self.places():
                query = select(func.count()).select_from(place.table).where(place.due)
                found[place.table.name] += int(connection.scalar(query) or 0)
        return +found

    def oldest(self) -> dict[str, datetime]:
        """Return the moment of the oldest row that is past its term, by table."""
        found: dict[str, datetime] = {}
        with self.database.transaction() as connection:
            for place in self.places():
                if place.moment is None:
                    continue
                moment = aware(connection.scalar(select(func.min(place.moment)).where(place.due)))
                if moment:
                    found[place.table.name] = min(moment, found.get(place.table.name, moment))
        return found

    def erase(self) -> Counter[str]:
        """Erase what is past its term."""
        found: Counter[str] = Counter()
        for place in self.places():
            with self.database.transaction() as connection:
                found[place.table.name] += connection.execute(delete(place.table).where(place.due)).rowcount
        self._emptied = [table for table in self.schema.archives if found[table.name] > 0]
        return +found

    def drop_empty_archives(self) -> None:
        """Drop archives in which nothing but our rows was. That wants an owner: for another role they stay, empty."""
        for table in self._emptied:
            with contextlib.suppress(ConfigurationError), self.database.transaction() as connection:
                if not connection.scalar(select(func.count()).select_from(table)):
                    table.drop(connection)

    def _before(self, term: Term) -> datetime:
        return self.database.moment(term.before(None, now=self.now))

    def _past(self, beside: Beside) -> ColumnElement[bool]:
        """Rows of our DAGs whose run is gone, and which are past the term themselves."""
        due: list[ColumnElement[bool]] = []
        for dag_id, term in self.terms.items():
            if beside.table.name == AUDIT and not term.audit_log:
                continue
            old = beside.moment <= self._before(term) if beside.moment is not None else false()
            condition = and_(beside.owner == dag_id, old)
            if beside.run is not None:
                condition = and_(condition, or_(beside.run.is_(None), ~beside.run.in_(self._staying(dag_id, term))))
            due.append(condition)
        if beside.table.name == "asset_event" and (waiting := self.schema.table("asset_dag_run_queue")) is not None:
            # A run that is about to be made takes its events from here.
            return and_(or_(false(), *due), ~beside.table.c.asset_id.in_(select(waiting.c.asset_id)))
        if beside.table.name == "backfill":
            runs = self.schema.runs
            used = select(runs.c.backfill_id).where(runs.c.backfill_id.is_not(None))
            return and_(or_(false(), *due), ~beside.table.c.id.in_(used))
        return or_(false(), *due)

    def _staying(self, dag_id: str, term: Term) -> Select[tuple[str]]:
        """Ids of runs whose traces stay. A run that is past its term is as good as gone, so that a dry run is right."""
        runs = self.schema.runs
        past = or_(
            *(
                and_(runs.c.state == ended, ended_at(runs) <= self.database.moment(term.before(ended, now=self.now)))
                for ended in Ended
            )
        )
        return select(runs.c.run_id).where(runs.c.dag_id == dag_id, ~past)

    def _audit(self, beside: Beside) -> Iterator[Place]:
        yield Place(beside.table, self._past(beside), beside.moment)
        if self.strictest.audit_log:
            # Commands and changes of Variables name no DAG in its column, but what they were about.
            extra = beside.table.c.extra
            ours = or_(*(extra.contains(word, autoescape=True) for word in _OUR_WORDS))
            old = beside.table.c.dttm <= self._before(self.strictest)
            yield Place(beside.table, and_(beside.table.c.dag_id.is_(None), ours, old), beside.table.c.dttm)

    def _archives(self) -> Iterator[Place]:
        # Notes and the like name only the row that they hang below: they go while its archive still says whose it is.
        for table in self.schema.archives:
            if self.schema.archived(table) is None:
                yield from self._of_archived_rows(table)
        for table in self.schema.archives:
            if named := self.schema.archived(table):
                yield Place(table, self._archived(named), named.moment)

    def _archived(self, named: Beside) -> ColumnElement[bool]:
        due = []
        for dag_id, term in self.terms.items():
            old = named.moment.is_(None) | (named.moment <= self._before(term)) if named.moment is not None else true()
            due.append(and_(named.owner == dag_id, old))
        return or_(false(), *due)

    def _of_archived_rows(self, table: Table) -> Iterator[Place]:
        for column, parent in (("ti_id", TASKS), ("dag_run_id", RUNS), ("dagrun_id", RUNS)):
            if column not in table.c:
                continue
            for above in self.schema.archives:
                named = self.schema.archived(above)
                if named and archived_name(above) == parent:
                    yield Place(table, table.c[column].in_(select(above.c.id).where(self._archived(named))), None)
