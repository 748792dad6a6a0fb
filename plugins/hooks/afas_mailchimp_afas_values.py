"""JSON of AFAS turned into values. Dictionaries stop here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date
from difflib import get_close_matches
from operator import itemgetter
from typing import Any

from afas_mailchimp.errors import ConfigurationError, SyncError, TemporaryError
from afas_mailchimp.getconnector import ConnectorField, Environment, Row

Json = dict[str, Any]


def read_environment(found: Json, *, classic: bool = True) -> Environment:
    """Read the answer of ``GET /metainfo``.

    :param classic: whether it was asked with a classic token; of an access token the end there would be its own.
    """
    about = found.get("info")
    about = about if isinstance(about, dict) else {}
    return Environment(
        id=str(about.get("envid") or ""),
        app=str(about.get("appName") or ""),
        token_expires=_expiry(str(about.get("tokenExpiry") or "")) if classic else None,
        get_connectors=_ids(found.get("getConnectors")),
        update_connectors=_ids(found.get("updateConnectors")),
        classic=classic,
        descriptions={
            str(each["id"]): str(each.get("description") or "")
            for kind in ("getConnectors", "updateConnectors")
            for each in _objects(found.get(kind))
            if each.get("id")
        },
    )


def read_fields(found: Json) -> tuple[ConnectorField, ...]:
    """Read the answer of ``GET /metainfo/get/{connector}``."""
    return tuple(
        ConnectorField(
            id=str(each["id"]),
            data_type=str(each.get("dataType") or ""),
            label=str(each.get("label") or ""),
            length=int(each.get("length") or 0),
        )
        for each in _objects(found.get("fields"))
        if each.get("id")
    )


def read_rows(found: Json) -> list[Json]:
    """Return the rows of a page."""
    rows = found.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TemporaryError("AFAS sent a page without rows in it.")
    return rows


def read_keys(connector: str, key: str, rows: Sequence[Json]) -> list[str | int]:
    """Return the key of each row."""
    keys: list[str | int] = []
    for row in rows:
        value = row.get(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            if key not in row:
                raise _no_column(connector, key)
            raise SyncError(f"A row of {connector} has no value in {key}: rows cannot be read by that field.")
        keys.append(value)
    return keys


def row_reader(connector: str, columns: Sequence[str]) -> Callable[[Json], Row]:
    """Return what takes the wanted cells out of a row, in order."""
    cells = itemgetter(*columns)
    single = len(columns) == 1

    def read(row: Json) -> Row:
        try:
            found = cells(row)
        except KeyError as missing:
            column = str(missing.args[0])
        else:
            return (found,) if single else found
        raise _no_column(connector, column)

    return read


def not_allowed(connector: str, allowed: Collection[str], *, status: int, connection: str) -> ConfigurationError:
    """Say what a refused connector may be: AFAS answers alike to an unknown and to a forbidden one."""
    if connector in allowed:
        return ConfigurationError(
            f"AFAS refuses GetConnector {connector} (HTTP {status}) although the token may use it: check the "
            "authorisation of the user behind the app connector."
        )
    near = get_close_matches(connector, sorted(allowed), n=3, cutoff=0.5)
    hint = f" Near it: {', '.join(near)}." if near else ""
    return ConfigurationError(
        f"GetConnector {connector} does not exist or is not in the app connector of connection {connection}: add it "
        f"there in AFAS (Apps, GetConnectors), or correct the name in the sync file.{hint}"
    )


def token_refused(status: int, connection: str) -> ConfigurationError:
    """Say what an unauthorised call of metainfo means: there is nothing there that needs a right of its own."""
    if status == 404:  # noqa: PLR2004 - HTTP
        return ConfigurationError(f"There are no AFAS REST services at Host of connection {connection}.")
    return ConfigurationError(
        f"The AFAS token is not accepted (HTTP {status}): it is mistyped, expired, blocked or of another environment. "
        f"Make a new one in the app connector and put it in connection {connection}."
    )


def _no_column(connector: str, column: str) -> ConfigurationError:
    return ConfigurationError(
        f"GetConnector {connector} returns no column {column}: add it to the connector in AFAS, or correct the name "
        "in the sync file."
    )


def _objects(found: object) -> list[Json]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _ids(found: object) -> frozenset[str]:
    return frozenset(str(each["id"]) for each in _objects(found) if each.get("id"))


def _expiry(text: str) -> date | None:
    """Read a date; the documented example says ``0`` for a token without an end, and shows no date."""
    dutch = re.match(r"(\d{1,2})-(\d{1,2})-(\d{4})(?!\d)", text, re.ASCII)
    try:
        if dutch:
            return date(int(dutch[3]), int(dutch[2]), int(dutch[1]))
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
