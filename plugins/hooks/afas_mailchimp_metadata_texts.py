"""Reads what our DAGs left in Airflow's database and in log files as text: somebody looks for people in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, select

if TYPE_CHECKING:
    from hooks.afas_mailchimp_log_files import LogStore
    from hooks.afas_mailchimp_metadata import MetadataDatabase
    from hooks.afas_mailchimp_metadata_schema import Schema

_AT_ONCE = 500
_LINES = 1 << 16


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of what is kept.

    :param place: table and column, or the log's kind; never a value.
    :param rows: rows of a table that this piece is the last column of.
    """

    place: str
    text: str
    rows: int = 0


def database_texts(database: MetadataDatabase, schema: Schema, dag_ids: Sequence[str]) -> Iterator[Text]:
    """Return every column of every row that our DAGs left."""
    places = [(table, schema.of_dags(table, dag_ids)) for table in schema.below]
    named = [*schema.beside, *(found for table in schema.archives if (found := schema.archived(table)))]
    places += [(each.table, each.owner.in_(dag_ids)) for each in named]
    for table, ours in places:
        with database.transaction() as connection:
            # As the driver gives it: an archive in SQLite has lost its types.
            query: Any = select(*(column(each.name) for each in table.c)).select_from(table).where(ours)
            for part in connection.execution_options(yield_per=_AT_ONCE).execute(query).partitions():
                columns = zip(table.c, zip(*part, strict=True), strict=True)
                for place, (each, values) in enumerate(columns):
                    text = "\n".join(_text(value) for value in values if value is not None)
                    yield Text(f"{table.name}.{each.name}", text, rows=0 if place else len(part))


def log_texts(stores: Sequence[LogStore]) -> Iterator[Text]:
    """Return every log file of our DAGs in pieces that end where a line ends."""
    for store in stores:
        for found in store.files():
            place = f"logs of {found.dag_id}" if found.run_id else "logs of the DAG processor"
            with found.path.open("rb") as file:
                while lines := file.readlines(_LINES):
                    yield Text(place, b"".join(lines).decode("utf-8", "replace"))


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    # Written with letters as they are: é as \u00e9 would hide a name.
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
