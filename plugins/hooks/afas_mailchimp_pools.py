"""Airflow's pools, read from its metadata database: tasks of Airflow 3 can ask for them in no other way."""

from __future__ import annotations

from sqlalchemy import column, func, select, table

from afas_mailchimp.errors import ConfigurationError, TemporaryError
from hooks.afas_mailchimp_metadata import CONNECTION, MetadataDatabase, metadata_url

_POOLS = table("slot_pool", column("pool"), column("slots"))
_RUNS = table("dag_run", column("dag_id"), column("run_id"))


class PoolsUnseenError(Exception):
    """The pools cannot be read from here; the text is a clause that says why, without an address of a database."""


def read_pools(*, dag_id: str, run_id: str) -> dict[str, int]:
    """Return slots of every pool, by name.

    :param dag_id: of the run that asks. A database in which it does not stand is not this Airflow's.
    :raises PoolsUnseenError: there is no way to look.
    """
    try:
        url = metadata_url()
    except ConfigurationError:
        raise PoolsUnseenError(
            f"that takes an Airflow connection {CONNECTION!r} to Airflow's own database: docs/log-retention.md"
        ) from None
    try:
        # Not as a context manager: that reads the whole schema, and two short statements need none of it.
        database = MetadataDatabase(url)
    except ConfigurationError:
        raise PoolsUnseenError("Airflow's database is of a kind that the package cannot read") from None
    ours = select(func.count()).select_from(_RUNS).where(_RUNS.c.dag_id == dag_id, _RUNS.c.run_id == run_id)
    try:
        with database.transaction() as connection:
            if not connection.scalar(ours):
                raise PoolsUnseenError("the database that was found is not this Airflow's: this run is not in it")
            return {row.pool: row.slots for row in connection.execute(select(_POOLS.c.pool, _POOLS.c.slots))}
    except TemporaryError:
        raise PoolsUnseenError("Airflow's database does not answer, is locked, or has no such tables") from None
    except ConfigurationError:
        raise PoolsUnseenError(f"connection {CONNECTION!r} may not read dag_run and slot_pool") from None
    finally:
        database.engine.dispose()
