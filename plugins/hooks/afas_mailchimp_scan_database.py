"""Reads a database whole, table by table, for the scan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, NullPool, Text, cast, column, create_engine, inspect, make_url, select, table
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from afas_mailchimp.errors import ConfigurationError
from hooks.afas_mailchimp_scan_places import file_blocks, unreadable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hooks.afas_mailchimp_scan_places import Piece

_AT_ONCE = 500
_OF_THE_SERVER = {"information_schema", "pg_catalog", "pg_toast"}
_STATISTICS = ("most_common_vals", "histogram_bounds", "most_common_elems")
"""PostgreSQL's planner keeps values of a column here, also of rows that have gone."""


class DatabasePlace:
    """Every column of every row of every table; a file of SQLite byte for byte as well, with its write-ahead log.

    :param address: in SQLAlchemy's form.
    :raises ConfigurationError: the address cannot be read; the sentence never repeats it.
    """

    def __init__(self, address: str) -> None:
        try:
            self._url = make_url(address)
            # A connection for each table: what one of them does to a connection is no matter for the next.
            self._engine = create_engine(self._url, hide_parameters=True, poolclass=NullPool)
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise ConfigurationError(
                "The address of the database cannot be read: it begins like postgresql:// or sqlite:////."
            ) from None
        self._kind = self._url.get_backend_name()
        self.rows = 0

    def pieces(self) -> Iterator[Piece]:
        """Return every column of every table.

        :raises ConfigurationError: it does not answer: then it was not looked at.
        """
        if self._kind == "sqlite":
            yield from self._files()
        try:
            tables = list(self._tables())
        except (SQLAlchemyError, ValueError) as error:
            raise ConfigurationError(f"The database does not answer ({type(error).__name__}).") from None
        for schema, name, columns in tables:
            try:
                yield from self._columns(schema, name, columns)
            except (SQLAlchemyError, ValueError) as error:
                yield name, unreadable(error)

    def _files(self) -> Iterator[Piece]:
        file = Path(self._url.database or "")
        if not file.is_file():
            raise ConfigurationError("The database's file is not there.")
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-journal")):
            if path.is_file():
                yield path.name, file_blocks(path)

    def _tables(self) -> Iterator[tuple[str | None, str, list[Any]]]:
        """Return schema, name and selected columns of each table and each stored view."""
        found = inspect(self._engine)
        for schema in found.get_schema_names():
            if schema in _OF_THE_SERVER:
                continue
            kinds = ObjectKind.TABLE | ObjectKind.MATERIALIZED_VIEW if self._kind == "postgresql" else ObjectKind.TABLE
            for (_, name), columns in found.get_multi_columns(schema=schema, kind=kinds).items():
                yield schema, name, [self._as_kept(each["name"], each["type"]) for each in columns]
        if self._kind == "postgresql":
            yield "pg_catalog", "pg_stats", [cast(column(name), Text).label(name) for name in _STATISTICS]

    def _as_kept(self, name: str, kind: object) -> Any:
        """Select a column as text made by the server: some moments and numbers have no counterpart in Python."""
        if self._kind != "postgresql" or isinstance(kind, LargeBinary):
            return column(name)
        return cast(column(name), Text).label(name)

    def _columns(self, schema: str | None, name: str, columns: Sequence[Any]) -> Iterator[Piece]:
        if not columns:
            return
        query = select(*columns).select_from(table(name, schema=schema))
        with self._engine.connect() as connection:
            self._see_everything(connection)
            for part in connection.execution_options(yield_per=_AT_ONCE).execute(query).partitions():
                self.rows += len(part) if name != "pg_stats" else 0
                for each, values in zip(columns, zip(*part, strict=True), strict=True):
                    text = b"\n".join(_raw(value) for value in values if value is not None)
                    yield f"{name}.{each.name}", iter([text])

    def _see_everything(self, connection: Connection) -> None:
        if self._kind == "postgresql":
            # Rows that a policy hides from this user become an error instead of nothing.
            connection.exec_driver_sql("SET row_security = off")
        elif self._kind == "sqlite":
            # Text of any encoding.
            driver: Any = connection.connection.driver_connection
            driver.text_factory = bytes


def _raw(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode("utf-8", "surrogatepass")
