"""Airflow's metadata database, opened for one purpose: to erase the traces of the package's own runs.

Airflow keeps tasks away from its database. Nothing else removes everything that a run leaves (docs/log-retention.md),
so the retention opens it under a connection of its own, which a company can give the few rights that it needs.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import MetaData, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from afas_mailchimp.errors import ConfigurationError, TemporaryError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

CONNECTION = "afas_mailchimp_metadata"
BUSY_SECONDS = 30
_NOT_ALLOWED = "airflow-db-not-allowed"
_SETTINGS = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN")
_DRIVERS = {"postgres": "postgresql+psycopg2", "postgresql": "postgresql+psycopg2"}

HOW_TO = (
    f"Make the Airflow connection {CONNECTION!r} (type Postgres: host, database, login and password of Airflow's own "
    f"database), or set AIRFLOW_CONN_{CONNECTION.upper()} where tasks run; which rights it needs stands in "
    "docs/log-retention.md."
)


class MetadataDatabase:
    """One database, for as long as a task needs it; a context manager.

    :param url: SQLAlchemy's form of the address. It holds a password and never reaches a text.
    :raises ConfigurationError: the address is not usable.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.kind = url.get_backend_name()
        if self.kind not in {"sqlite", "postgresql"}:
            raise ConfigurationError(
                f"Airflow's database is {self.kind}: the log retention knows SQLite and PostgreSQL, and nothing was "
                "erased."
            )
        try:
            # A value of a row must not be in the text of an error.
            self.engine: Engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=self._how())
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise ConfigurationError(f"The driver for Airflow's database is not installed. {HOW_TO}") from None
        if self.kind == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        self.tables = MetaData()

    def _how(self) -> dict[str, Any]:
        if self.kind == "sqlite":
            return {"timeout": BUSY_SECONDS}
        return {"connect_timeout": BUSY_SECONDS, "application_name": "afas_mailchimp_log_retention"}

    def __enter__(self) -> Self:
        try:
            self.tables.reflect(self.engine)
        except SQLAlchemyError:
            raise ConfigurationError(f"Airflow's database does not answer. {HOW_TO}") from None
        if "dag_run" not in self.tables.tables:
            raise ConfigurationError(f"The database that was found is not Airflow's: it has no table dag_run. {HOW_TO}")
        return self

    def __exit__(self, *exception: object) -> None:
        self.engine.dispose()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Do several things or none.

        :raises TemporaryError: the database is locked or cut the connection; nothing of this transaction is done.
        :raises ConfigurationError: a right is missing.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except OperationalError:
            raise TemporaryError("Airflow's database is locked or has cut the connection; try again.") from None
        except SQLAlchemyError as error:
            raise ConfigurationError(
                f"Airflow's database refused a statement ({type(getattr(error, 'orig', error)).__name__}): does the "
                f"connection {CONNECTION!r} have the rights that docs/log-retention.md lists?"
            ) from None

    def moment(self, moment: datetime) -> datetime:
        """Return a moment as this database compares it."""
        return moment.astimezone(UTC).replace(tzinfo=None) if self.kind == "sqlite" else moment

    def bytes_used(self) -> int:
        """Return the size of the database, with its write-ahead log where it is a file."""
        if self.kind == "sqlite":
            return sum(pathlib.Path(path).stat().st_size for path in self.files() if pathlib.Path(path).exists())
        with self.transaction() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())

    def files(self) -> list[str]:
        """Files of the database, where it is one: SQLite's own, write-ahead log and journal."""
        return [f"{self.url.database}{end}" for end in ("", "-wal", "-journal")] if self.kind == "sqlite" else []

    def squeeze(self, tables: Iterable[str]) -> bool:
        """Give back what deleted rows took, so that their bytes go too.

        SQLite rewrites its file and empties its write-ahead log. PostgreSQL marks the space for use: what stood there
        stays in the file until something else is written over it.

        :param tables: that something was deleted from.
        :return: whether it was done. A busy SQLite may refuse, and the next run tries again; PostgreSQL wants a right
            that a careful role does not have, and then does it by itself (autovacuum).
        """
        if self.kind == "postgresql":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                touched = sorted(set(tables) & set(inspect(connection).get_table_names()))
                for name in touched:
                    connection.exec_driver_sql(f"VACUUM {connection.dialect.identifier_preparer.quote(name)}")
                # Tables of somebody else are left out without an error.
                owned = "SELECT count(*) FROM pg_tables WHERE tablename = ANY(:t) AND pg_has_role(tableowner, 'USAGE')"
                return int(connection.execute(text(owned), {"t": touched}).scalar_one()) >= len(touched)
        with self.transaction() as connection:
            free: int = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        if not free and not set(tables):
            return True
        try:
            self._rewrite()
        except sqlite3.OperationalError:
            return False
        return True

    @retry(
        retry=retry_if_exception_type(sqlite3.OperationalError),
        stop=stop_after_attempt(5),
        wait=wait_exponential(multiplier=0.2, max=3),
        reraise=True,
    )
    def _rewrite(self) -> None:
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("a reader is in the way")
        finally:
            raw.close()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def metadata_url() -> URL:
    """Find Airflow's database: our own connection, else what Airflow's configuration says.

    :raises ConfigurationError: neither is there, in one sentence with what to do.
    """
    found = _connection() or _configured()
    try:
        url = make_url(found)
    except ArgumentError:
        raise ConfigurationError(f"The address of Airflow's database cannot be read. {HOW_TO}") from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername).replace("+asyncpg", "+psycopg2"))
    if url.get_backend_name() == "sqlite" and not pathlib.Path(url.database or "").is_file():
        raise ConfigurationError(f"Airflow's database was not found from where this task runs. {HOW_TO}")
    return url


def _connection() -> str | None:
    from airflow.sdk import Connection  # noqa: PLC0415 - heavy, and only here
    from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError  # noqa: PLC0415

    try:
        connection = Connection.get(CONNECTION)
    except (AirflowNotFoundException, AirflowRuntimeError, RuntimeError, ImportError):
        # Outside a task only the environment is asked.
        return os.environ.get(f"AIRFLOW_CONN_{CONNECTION.upper()}")
    if connection.conn_type == "sqlite":
        return f"sqlite:///{connection.host or connection.schema or ''}"
    return str(connection.get_uri())


def _configured() -> str:
    """Return what Airflow's configuration says, without what Airflow puts before it in a task."""
    from airflow.configuration import AIRFLOW_CONFIG, AirflowConfigParser  # noqa: PLC0415 - heavy, and only here

    # A parser of its own: Airflow writes the guard into the process's one as well.
    conf = AirflowConfigParser()
    conf.read(AIRFLOW_CONFIG)
    # Only the guard's own value is taken away; a real setting in the environment stays.
    guards = {name: os.environ[name] for name in _SETTINGS if os.environ.get(name, "").startswith(_NOT_ALLOWED)}
    for name in guards:
        del os.environ[name]
    try:
        # A secret that a command prints ends with a new line.
        return str(conf.get("database", "sql_alchemy_conn")).strip()
    finally:
        os.environ.update(guards)
