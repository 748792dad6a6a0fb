"""Which tables of Airflow's database hold traces of runs. Read from the schema itself, so that none is forgotten.

Three kinds: rows below a run (foreign keys lead to ``dag_run``), rows that name a DAG without belonging to a run row
(the audit log, asset events, …), and a few that can only be told by their content. A table of a later Airflow that
names a DAG falls under the first two by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, DateTime, MetaData, Table, select, tuple_, type_coerce

RUNS = "dag_run"
TASKS = "task_instance"
ARCHIVE = "_airflow_deleted__"
"""``airflow db clean`` leaves what it deleted in tables with this in front of their name."""

DEFINITIONS = frozenset({
    "asset_dag_run_queue",
    "dag",
    "dag_code",
    "dag_favorite",
    "dag_owner_attributes",
    "dag_schedule_asset_alias_reference",
    "dag_schedule_asset_name_reference",
    "dag_schedule_asset_reference",
    "dag_schedule_asset_uri_reference",
    "dag_tag",
    "dag_version",
    "dag_warning",
    "job",
    "serialized_dag",
    "task_inlet_asset_reference",
    "task_outlet_asset_reference",
})
"""What a DAG is and what is about to happen, not what a run left: these stay as long as the DAG does."""

_OWNERS = {
    "dag_id": "run_id",
    "source_dag_id": "source_run_id",
    "last_updated_by_dag_id": "last_updated_by_run_id",
    "target_dag_id": None,
}
_MOMENTS = ("completed_at", "dttm", "timestamp", "end_date", "updated_at", "created_at", "start_date")


@dataclass(frozen=True, slots=True)
class Beside:
    """A table whose rows name a DAG, and perhaps a run, without depending on the run's row.

    :param owner: column with the DAG's id.
    :param run: column with the run's id, where there is one.
    :param moment: column that says how old a row is.
    """

    table: Table
    owner: Column[str]
    run: Column[str] | None
    moment: ColumnElement[Any] | None


class Schema:
    """The tables of one database, sorted by how they hang together.

    :param metadata: the reflected tables.
    """

    def __init__(self, metadata: MetaData) -> None:
        self.metadata = metadata
        self.runs = metadata.tables[RUNS]
        self._below: dict[str, Table] = {RUNS: self.runs}
        grown = True
        while grown:
            found = {
                table.name: table
                for table in metadata.tables.values()
                if table.name not in self._below and table.name not in DEFINITIONS and self._parent(table) is not None
            }
            self._below |= found
            grown = bool(found)

    def table(self, name: str) -> Table | None:
        """Return a table, where this Airflow has it."""
        return self.metadata.tables.get(name)

    @property
    def below(self) -> list[Table]:
        """Tables whose rows belong to a run, those that others point at last, and the runs themselves at the end."""
        ordered = [table for table in reversed(self.metadata.sorted_tables) if table.name in self._below]
        return [table for table in ordered if table is not self.runs] + [self.runs]

    @property
    def beside(self) -> list[Beside]:
        """Tables whose rows name a DAG without belonging to a run's row."""
        return [
            self._beside(table)
            for name, table in sorted(self.metadata.tables.items())
            if name not in self._below and name not in DEFINITIONS and not name.startswith(ARCHIVE)
            if any(owner in table.c for owner in _OWNERS)
        ]

    @property
    def archives(self) -> list[Table]:
        """What ``airflow db clean`` kept."""
        return [table for name, table in sorted(self.metadata.tables.items()) if name.startswith(ARCHIVE)]

    def archived(self, table: Table) -> Beside | None:
        """Tell whose the rows of an archive are, where a row says so itself."""
        return self._beside(table) if any(owner in table.c for owner in _OWNERS) else None

    def of_runs(self, table: Table, dag_id: str, run_ids: Sequence[str], rows: Sequence[int]) -> ColumnElement[bool]:
        """Condition for the rows of a table that belong to runs of one DAG.

        :param rows: the runs' numbers in ``dag_run``, in the order of ``run_ids``.
        """
        if table is self.runs:
            return table.c.id.in_(rows)
        for name in ("dag_run_id", "dagrun_id", "created_dag_run_id"):
            if name in table.c:
                return table.c[name].in_(rows)
        if "dag_id" in table.c and "run_id" in table.c:
            return (table.c.dag_id == dag_id) & table.c.run_id.in_(run_ids)
        parent = self._parent(table)
        if parent is None:
            raise LookupError(table.name)
        columns, referred, keys = parent
        return tuple_(*columns).in_(select(*keys).where(self.of_runs(referred, dag_id, run_ids, rows)))

    def of_dags(self, table: Table, dag_ids: Sequence[str]) -> ColumnElement[bool]:
        """Condition for the rows of a table below a run that belong to some DAGs, whatever the run."""
        if "dag_id" in table.c:
            return table.c.dag_id.in_(dag_ids)
        parent = self._parent(table)
        if parent is None:
            raise LookupError(table.name)
        columns, referred, keys = parent
        return tuple_(*columns).in_(select(*keys).where(self.of_dags(referred, dag_ids)))

    def _parent(self, table: Table) -> tuple[list[Column[object]], Table, list[Column[object]]] | None:
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table.name in self._below and constraint.referred_table is not table:
                columns = [element.parent for element in constraint.elements]
                return columns, constraint.referred_table, [element.column for element in constraint.elements]
        return None

    def _beside(self, table: Table) -> Beside:
        owner = next(name for name in _OWNERS if name in table.c)
        run = _OWNERS[owner]
        moment = next((name for name in _MOMENTS if name in table.c), None)
        return Beside(
            table,
            table.c[owner],
            table.c[run] if run and run in table.c else None,
            # An archive has lost its types in SQLite.
            type_coerce(table.c[moment], DateTime(timezone=True)) if moment else None,
        )


def archived_name(table: Table) -> str:
    """Return which table an archive was made from: ``_airflow_deleted__<table>__<moment>``."""
    return re.sub(r"__\d+$", "", table.name.removeprefix(ARCHIVE))
