"""Fills every table of a real Airflow database that a run can leave something in, read from the schema itself."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

OURS = "afas_mailchimp_sync_customers"
THEIRS = "reporting_daily"
STATES = {"celery_taskmeta": "SUCCESS"}
UNPLANTED = {"alembic_version", "ab_user", "team", "session"}


class Planter:
    """Writes rows into one database.

    :param engine: of a migrated Airflow database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self.tables = sa.MetaData()
        self.tables.reflect(engine)
        self._shared: dict[str, dict[str, Any]] = {}
        self._number = 1_000

    def dag(self, dag_id: str, *, file: str = "afas_mailchimp_sync.py", scheduled: bool = True) -> None:
        """Make a DAG known, as its parsing would."""
        kind = "CronTriggerTimetable" if scheduled else "NullTimetable"
        with self.engine.begin() as connection:
            self._row(
                connection, "dag", {}, dag_id=dag_id, relative_fileloc=file, fileloc=f"/dags/{file}",
                timetable_type=f"airflow.timetables.{kind}", is_stale=False, is_paused=False,
            )  # fmt: skip
            self._row(connection, "dag_version", {}, dag_id=dag_id)

    def run(
        self, run_id: str, *, dag_id: str = OURS, ended: datetime, state: str = "success", run_type: str = "manual",
        marker: str = "marker", task_state: str | None = None, everywhere: bool = True,
    ) -> None:  # fmt: skip
        """Plant one run with a row in every table that can hold one for it, each with a text to look for.

        :param everywhere: also where rows do not hang below the run (audit log, asset events, …).
        """
        known: dict[str, dict[str, Any]] = {}
        given: dict[str, Any] = {
            "dag_id": dag_id,
            "run_id": run_id,
            "task_id": "import_customers",
            "map_index": -1,
            "try_number": 1,
        }
        with self.engine.begin() as connection:
            moment = ended.astimezone(UTC).replace(tzinfo=None) if self.sqlite else ended
            self._number += 1
            self._row(
                connection, "dag_run", known, **given, state=state, run_type=run_type, end_date=moment,
                start_date=moment, queued_at=moment, run_after=moment, updated_at=moment, backfill_id=None,
                logical_date=moment if run_type != "manual" else None, conf={"text": marker}, log_template_id=None,
                bundle_version=None, partition_key=None,
            )  # fmt: skip
            given["dag_run_id"] = known["dag_run"]["id"]
            for table in self.tables.sorted_tables:
                if table.name in known or not self._of_a_run(table, known):
                    continue
                if not everywhere and table.name not in {"task_instance", "xcom", "rendered_task_instance_fields"}:
                    continue
                ended_task = {"state": task_state or "success"} if table.name.startswith("task_instance") else {}
                self._row(
                    connection, table.name, known, marker=marker, moment=moment, **(given | ended_task),
                    source_dag_id=dag_id, source_run_id=run_id, target_dag_id=dag_id,
                    last_updated_by_dag_id=dag_id, last_updated_by_run_id=run_id, trigger_id=None,
                    external_executor_id=f"celery-{run_id}"[:250],
                )  # fmt: skip

    def _of_a_run(self, table: sa.Table, known: dict[str, dict[str, Any]]) -> bool:
        if table.name in DEFINITIONS:
            return False
        owners = {"dag_id", "source_dag_id", "target_dag_id", "last_updated_by_dag_id"}
        parents = {key.column.table.name for key in table.foreign_keys}
        return bool(owners & set(table.c.keys())) or bool(parents & (set(known) - set(self._shared)))

    def _row(
        self, connection: sa.Connection, name: str, known: dict[str, dict[str, Any]], *, marker: str = "",
        moment: datetime | None = None, **given: Any,
    ) -> None:  # fmt: skip
        table = self.tables.tables[name]
        values: dict[str, Any] = {}
        for column in table.c:
            if column.name in given:
                values[column.name] = given[column.name]
                continue
            parent = next(iter(column.foreign_keys), None)
            if parent is not None:
                values[column.name] = self._parent(connection, parent, known, needed=not column.nullable)
            else:
                values[column.name] = self._value(column, marker, moment)
        if "id" in values and isinstance(values["id"], int):
            self._number += 1
            values["id"] = self._number
        connection.execute(sa.insert(table).values(values))
        known[name] = values

    def _parent(
        self, connection: sa.Connection, key: sa.ForeignKey, known: dict[str, dict[str, Any]], *, needed: bool
    ) -> Any:
        name = key.column.table.name
        if name in known:
            return known[name][key.column.name]
        if not needed:
            return None
        if name not in self._shared:
            self._row(connection, name, self._shared)
        return self._shared[name][key.column.name]

    def _value(self, column: sa.Column[Any], marker: str, moment: datetime | None) -> Any:
        self._number += 1
        match column.type:
            case sa.JSON():
                return {"text": marker}
            case sa.Enum() as kind:
                return kind.enums[0]
            case sa.DateTime():
                return moment or datetime(2026, 1, 1, tzinfo=None if self.sqlite else UTC)
            case sa.Boolean():
                return False
            case sa.Integer() | sa.Numeric() | sa.Float():
                return self._number
            case _:
                return self._text(column, marker)

    def _text(self, column: sa.Column[Any], marker: str) -> Any:
        if isinstance(column.type, sa.LargeBinary):
            return marker.encode()
        if isinstance(column.type, sa.Uuid):
            return uuid.uuid4()
        if isinstance(column.type, sa.CHAR) and column.name == "id":
            return uuid.uuid4().hex
        unique = f"{marker} {self._number}"
        length = getattr(column.type, "length", None)
        return hashlib.sha256(unique.encode()).hexdigest()[:length] if length and length < len(unique) else unique


DEFINITIONS = {
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
    "deadline_alert",
    "job",
    "serialized_dag",
    "task_inlet_asset_reference",
    "task_outlet_asset_reference",
}


def texts(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    """Every row of every table as text, with the table's name."""
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            # As the driver gives it: a copied table in SQLite has lost its types.
            query = sa.select(*(sa.column(column.name) for column in table.c)).select_from(table)
            for row in connection.execute(query):
                values = (bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row)
                yield table.name, " ".join(values)


def tables_with(engine: sa.Engine, text: str) -> set[str]:
    """Tables in which a text stands."""
    return {table for table, row in texts(engine) if text in row}
