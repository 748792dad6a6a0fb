"""What ``/metainfo`` says: the environment, the columns of GetConnectors, the fields of UpdateConnectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sandbox.afas.connectors import Column, Connector
from sandbox.afas.update_schema import OBJECTS, UPDATE_CONNECTORS, FreeField, UpdateField, fields_of

CONTROL_TYPES = {"string": 1, "int": 2, "decimal": 3, "boolean": 4, "date": 5}


@dataclass(frozen=True, slots=True)
class Environment:
    """What the token belongs to.

    :param token_expiry: as metainfo says it; ``0`` is never.
    """

    id: str = "O12345AA"
    app: str = "Mailchimp-koppeling"
    group: str = "Groep 101 (12345.KOPPELING)"
    token_expiry: str = "0"  # noqa: S105 - a date, or 0 for never


def session(
    environment: Environment, connectors: Mapping[str, Connector], closed: Collection[str]
) -> dict[str, object]:
    """``GET /metainfo``: only what the token may use.

    :param closed: UpdateConnectors that it may not.
    """
    return {
        "updateConnectors": [
            {"id": name, "description": OBJECTS[name].description} for name in UPDATE_CONNECTORS if name not in closed
        ],
        "getConnectors": [
            {"id": connector.name, "description": connector.description}
            for connector in connectors.values()
            if connector.authorised
        ],
        "info": {
            "envid": environment.id,
            "appName": environment.app,
            "group": environment.group,
            "tokenExpiry": environment.token_expiry,
        },
    }


def get_connector(connector: Connector) -> dict[str, object]:
    """``GET /metainfo/get/{id}``."""
    fields = [_column(number, column) for number, column in enumerate(connector.columns, start=1)]
    return {"name": connector.name, "description": connector.description, "fields": fields}


def update_connector(name: str, environment: Environment, free: Sequence[FreeField]) -> dict[str, object]:
    """``GET /metainfo/update/{id}``: fields, free fields and the objects inside."""
    about = OBJECTS[name]
    fields = [_field(field) for field in fields_of(name, environment.id, free).values()]
    inner = [update_connector(child, environment, free) for child in about.objects]
    return {"id": name, "name": name, "description": about.description, "fields": fields, "objects": inner}


def _column(number: int, column: Column) -> dict[str, object]:
    return {
        "id": column.id,
        "fieldId": f"U{number:03d}",
        "dataType": column.data_type,
        "label": column.label,
        "length": column.length,
        "controlType": CONTROL_TYPES[column.data_type],
        "decimals": 2 if column.data_type == "decimal" else 0,
        "decimalsFieldId": "",
    }


def _field(field: UpdateField) -> dict[str, object]:
    return {
        "fieldId": field.id,
        "primaryKey": field.key,
        "dataType": field.data_type,
        "label": field.label,
        "mandatory": field.mandatory,
        "length": field.length,
        "decimals": 2 if field.data_type == "decimal" else 0,
        "decimalFieldId": "",
        "notzero": False,
        "controlType": CONTROL_TYPES[field.data_type],
        "values": [{"id": code, "description": text} for code, text in field.values] or None,
    }
