"""Lineage: what a sync reads and writes, as assets of Airflow. Their names come out of the sync file alone.

A name and its address always go together: Airflow fails a task whose asset is known under another address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.sdk import Asset

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile

GROUP = "afas_mailchimp"


def sources(sync: SyncFile) -> list[Asset]:
    """Return the GetConnectors that an import reads."""
    found = dict.fromkeys(source.connector for source in sync.sources.values())
    found |= dict.fromkeys(each.delivery_address.connector for each in sync.sources.values() if each.delivery_address)
    return [_connector(sync, name) for name in found]


def audience(sync: SyncFile) -> Asset:
    """Return the audience; it changes with every run of the import that ends well."""
    connection, list_id = sync.audience.connection, sync.audience.list_id
    return Asset(
        name=f"Mailchimp audience {list_id} ({connection})", uri=_address("mailchimp", connection, list_id), group=GROUP
    )


def updated(sync: SyncFile) -> list[Asset]:
    """Return the UpdateConnectors that a write-back uses."""
    records = (each for back in sync.write_back.values() for each in back.records.values())
    return [_connector(sync, name) for name in dict.fromkeys(record.update for record in records)]


def _connector(sync: SyncFile, name: str) -> Asset:
    connection = sync.afas.connection
    return Asset(name=f"AFAS {name} ({connection})", uri=_address("afas", connection, name), group=GROUP)


def _address(*parts: str) -> str:
    """An address for Airflow, whatever a connection is called."""
    kind, connection, name = (quote(part, safe="") for part in parts)
    return f"x-{kind}://{connection}/{name}"
