"""Reads databases, folders and object stores whole, piece by piece, for the scan."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from sqlalchemy import MetaData, Table, column, create_engine, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from afas_mailchimp.errors import ConfigurationError

BLOCK = 1 << 20
_AT_ONCE = 500
_OF_THE_SERVER = {"information_schema", "pg_catalog", "pg_toast"}

Piece = tuple[str, Iterator[bytes]]
"""Where, and its bytes."""


class DatabasePlace:
    """Every column of every row of every table; a file of SQLite byte for byte as well, with its write-ahead log.

    :param address: in SQLAlchemy's form.
    :raises ConfigurationError: the address cannot be read; the sentence never repeats it.
    """

    def __init__(self, address: str) -> None:
        try:
            self._url = make_url(address)
            self._engine = create_engine(self._url, hide_parameters=True)
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise ConfigurationError(
                "The address of the database cannot be read: it begins like postgresql:// or sqlite:////."
            ) from None
        self.rows = 0

    def pieces(self) -> Iterator[Piece]:
        """Return every column of every table.

        :raises ConfigurationError: it does not answer, or a table may not be read: then it was not looked at.
        """
        file = Path(self._url.database or "")
        if self._url.get_backend_name() == "sqlite":
            if not file.is_file():
                raise ConfigurationError("The database's file is not there.")
            for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-journal")):
                if path.is_file():
                    yield path.name, _file_blocks(path)
        try:
            yield from self._tables()
        except SQLAlchemyError as error:
            raise ConfigurationError(
                f"The database does not answer, or a table may not be read ({type(error).__name__})."
            ) from None
        finally:
            self._engine.dispose()

    def _tables(self) -> Iterator[Piece]:
        schemas = [name for name in inspect(self._engine).get_schema_names() if name not in _OF_THE_SERVER]
        for schema in schemas:
            tables = MetaData(schema=None if self._url.get_backend_name() == "sqlite" else schema)
            tables.reflect(self._engine)
            for table in tables.sorted_tables:
                yield from self._columns(table)

    def _columns(self, table: Table) -> Iterator[Piece]:
        # As the driver gives it, so that no type of a newer database stands in the way.
        query: Any = select(*(column(each.name) for each in table.c)).select_from(table)
        with self._engine.connect().execution_options(yield_per=_AT_ONCE) as connection:
            for part in connection.execute(query).partitions():
                self.rows += len(part)
                for each, values in zip(table.c, zip(*part, strict=True), strict=True):
                    text = b"\n".join(_raw(value) for value in values if value is not None)
                    yield f"{table.name}.{each.name}", iter([text])


class FolderPlace:
    """Every file of a folder; what is packed with gzip is unpacked.

    :param folder: that must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pieces(self) -> Iterator[Piece]:
        """Return every file.

        :raises ConfigurationError: the folder or a file in it cannot be read.
        """
        if not self._folder.is_dir():
            raise ConfigurationError(f"{self._folder} is not a folder.")
        for path in sorted(self._folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(self._folder)), _file_blocks(path)


class StorePlace:
    """Every object below an address of an object store, by Airflow's own way to it.

    :param address: such as ``s3://bucket/logs`` or ``s3://connection@bucket/logs``.
    """

    def __init__(self, address: str) -> None:
        from airflow.sdk import ObjectStoragePath  # noqa: PLC0415 - heavy, and only here

        self._base = ObjectStoragePath(address)

    def pieces(self) -> Iterator[Piece]:
        """Return every object.

        :raises ConfigurationError: the store does not answer.
        """
        try:
            if not self._base.exists():
                raise ConfigurationError("The object store has nothing at this address.")
            for path in self._base.rglob("*"):
                if path.is_file():
                    yield str(path.relative_to(self._base)), _blocks(cast("Any", path).open("rb"))
        except OSError as error:
            raise ConfigurationError(f"The object store does not answer ({type(error).__name__}).") from None


def _file_blocks(path: Path) -> Iterator[bytes]:
    try:
        packed = path.suffix == ".gz"
        yield from _blocks(gzip.GzipFile(str(path)) if packed else path.open("rb"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or 'damaged'}.") from None


def _blocks(file: Any) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


def _raw(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode("utf-8", "surrogatepass")
