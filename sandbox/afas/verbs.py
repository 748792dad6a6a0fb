"""Control verbs of the AFAS stand-in; ``sandbox/README.md`` describes them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping

from sandbox.afas import changes
from sandbox.afas.clock import Rounding, exact_wall
from sandbox.afas.connectors import DATA_TYPES, ROLES, Column, Connector
from sandbox.afas.environment import PendingActions, Profit
from sandbox.afas.filters import BOOLEANS
from sandbox.afas.oauth import SETTINGS as OAUTH_SETTINGS
from sandbox.afas.seed import seed
from sandbox.afas.tables import BESIDE, TYPES, Entity, columns_of
from sandbox.afas.update_schema import UPDATE_CONNECTORS
from sandbox.afas.update_verbs import VERBS as UPDATE_VERBS
from sandbox.wire import UnknownVerbError

Arguments = Mapping[str, object]
SETTINGS = (
    *("rounding", "unauthorised", "booleans", "max_cells", "bump_unchanged", "bump_matched", "version_connector"),
    *("token", "environment", "token_expiry", *OAUTH_SETTINGS),
)


def carry_out(profit: Profit, verb: str, arguments: Arguments) -> object:
    """Carry out one verb; JSON in, JSON out."""
    if verb not in VERBS:
        raise UnknownVerbError(verb, tuple(VERBS))
    action, names = VERBS[verb]
    unknown = sorted(set(arguments) - set(names))
    if unknown:
        msg = f"unknown in {verb}: {', '.join(unknown)}; known: {', '.join(names) or 'nothing'}"
        raise ValueError(msg)
    return action(profit, arguments)


def run_due(profit: Profit, connector: str) -> None:
    """Count a call of a connector, and carry out what waited for it: any read, or a call of this very connector."""
    due = {connector} if connector in UPDATE_CONNECTORS else {"", connector}
    for waiting in list(profit.pending):
        if waiting.connector not in due:
            continue
        waiting.count -= 1
        if waiting.count <= 0:
            profit.pending.remove(waiting)
            for verb, arguments in waiting.actions:
                carry_out(profit, verb, arguments)


def _seed(profit: Profit, arguments: Arguments) -> object:
    return seed(
        profit.store,
        debtors=int(str(arguments.get("debtors", 0))),
        contacts=int(str(arguments.get("contacts", 0))),
        number=int(str(arguments.get("seed", 0))),
        nasty=bool(arguments.get("nasty", False)),
    )


def _mutate(profit: Profit, arguments: Arguments) -> object:
    row = changes.mutate(
        profit,
        table=_text(arguments, "table"),
        key=_required(arguments, "key"),
        values=_mapping(arguments, "set"),
        at=_at(profit, arguments),
    )
    return _described(row)


def _update_row(profit: Profit, arguments: Arguments) -> object:
    connector = _text(arguments, "connector")
    changes.update_row(
        profit,
        connector=connector,
        key=_required(arguments, "key"),
        values=_mapping(arguments, "set"),
        at=_at(profit, arguments),
    )
    return {"updated": arguments["key"]}


def _insert(profit: Profit, arguments: Arguments) -> object:
    at = _at(profit, arguments) or profit.clock.wall()
    values = _mapping(arguments, "row")
    if "connector" in arguments:
        return {"key": changes.insert_row(profit, connector=_text(arguments, "connector"), values=values, at=at)}
    return _described(changes.insert(profit, table=_text(arguments, "table"), values=values, at=at))


def _delete(profit: Profit, arguments: Arguments) -> object:
    named = "connector" in arguments
    table = changes.table_behind(profit, _text(arguments, "connector")) if named else _text(arguments, "table")
    changes.delete(profit, table=table, key=_required(arguments, "key"))
    return {"deleted": arguments["key"]}


def _rows(profit: Profit, arguments: Arguments) -> object:
    connector = profit.connectors.get(_text(arguments, "connector"))
    if connector is None:
        msg = f"connector {arguments['connector']!r} is not one of {', '.join(profit.connectors)}"
        raise ValueError(msg)
    view = profit.view(connector)
    return json.loads(view.render(list(range(len(view.rows))), profit.rounding))


def _connector(profit: Profit, arguments: Arguments) -> object:
    name = _text(arguments, "name")
    base = profit.connectors.get(str(arguments.get("copy_of") or name))
    if base is None:
        msg = f"copy_of names one of {', '.join(profit.connectors)}"
        raise ValueError(msg)
    omitted, renamed = _list(arguments, "omit"), _mapping(arguments, "rename", default={})
    columns = [
        dataclasses.replace(column, id=str(renamed.get(column.id, column.id)))
        for column in base.columns
        if column.id not in omitted
    ]
    columns += [_column(base, column) for column in _list(arguments, "extra")]
    restrict = base.restrict
    if "restrict" in arguments:
        wanted = _mapping(arguments, "restrict", default={})
        restrict = (str(wanted["column"]), tuple(_list(wanted, "values"))) if wanted else None
    connector = Connector(
        name=name,
        description=base.description,
        kind=base.kind,
        columns=tuple(columns),
        blocked=bool(arguments.get("blocked", base.blocked)),
        authorised=bool(arguments.get("authorised", base.authorised)),
        restrict=restrict,
    )
    if restrict is not None:
        connector.column(restrict[0])
    profit.connectors[name] = connector
    return {"name": name, "columns": [column.id for column in columns]}


def _column(base: Connector, order: object) -> Column:
    if not isinstance(order, dict) or "id" not in order:
        msg = "an extra column is {id, type, source, label, length}"
        raise ValueError(msg)
    data_type, source = str(order.get("type", "string")), str(order.get("source", ""))
    if data_type not in DATA_TYPES:
        msg = f"type {data_type!r} is not one of {', '.join(DATA_TYPES)}"
        raise ValueError(msg)
    role, _, attribute = source.partition(".")
    kinds = {"party": "organisation", **{table: table for table in TYPES}}
    known = role in ROLES[base.kind] and (attribute.startswith(BESIDE) or hasattr(TYPES[kinds[role]], attribute))
    if source and not known:
        msg = f"source {source!r} is role.column with a role of {', '.join(ROLES[base.kind])}"
        raise ValueError(msg)
    return Column(str(order["id"]), data_type, source, str(order.get("label", "")), int(order.get("length", 255)))


def _settings(profit: Profit, arguments: Arguments) -> object:
    for name, value in arguments.items():
        match name:
            case "rounding":
                profit.rounding = Rounding(str(value))
            case "unauthorised" if str(value) in {"401", "500"}:
                profit.unauthorised = str(value)
            case "booleans" if str(value) in BOOLEANS:
                profit.booleans = str(value)
            case "max_cells":
                profit.max_cells = None if value is None else int(str(value))
            case "version_connector" | "bump_unchanged" | "bump_matched":
                setattr(profit, name, bool(value))
            case "token":
                profit.token = str(value)
            case _ if name in OAUTH_SETTINGS:
                profit.oauth.set(name, value)
            case "environment" | "token_expiry":
                column = "id" if name == "environment" else name
                profit.environment = dataclasses.replace(profit.environment, **{column: str(value)})
            case _:
                msg = f"{value!r} is not a value of {name}"
                raise ValueError(msg)
    return _switches(profit)


def _revoke_tokens(profit: Profit, arguments: Arguments) -> object:
    """Throw away every access token that was given, as AFAS may at any moment."""
    del arguments
    revoked = len(profit.oauth.given)
    profit.oauth.given.clear()
    return {"revoked": revoked}


def _clock(profit: Profit, arguments: Arguments) -> object:
    if "at" in arguments:
        profit.clock.set(None if arguments["at"] is None else str(arguments["at"]))
    return {"now": profit.clock.now().isoformat(), "wall": exact_wall(profit.clock.wall())}


def _after_requests(profit: Profit, arguments: Arguments) -> object:
    actions = []
    for action in _list(arguments, "actions"):
        if not isinstance(action, dict) or action.get("verb") not in VERBS:
            msg = f"an action is {{verb, arguments}} with a verb of {', '.join(VERBS)}"
            raise ValueError(msg)
        actions.append((str(action["verb"]), _mapping(action, "arguments", default={})))
    connector = str(arguments.get("connector", ""))
    if connector and connector not in {*profit.connectors, *UPDATE_CONNECTORS}:
        msg = f"connector {connector!r} is not one of {', '.join((*profit.connectors, *UPDATE_CONNECTORS))}"
        raise ValueError(msg)
    profit.pending.append(PendingActions(int(str(arguments.get("count", 1))), tuple(actions), connector))
    return {"waiting": len(profit.pending)}


def _dump(profit: Profit, _: Arguments) -> object:
    tables = {name: [_described(row) for row in profit.store.table(name).values()] for name in TYPES}
    return {"tables": tables, "settings": _switches(profit), "connectors": sorted(profit.connectors)}


VERBS: Mapping[str, tuple[Callable[[Profit, Arguments], object], tuple[str, ...]]] = {
    "seed": (_seed, ("debtors", "contacts", "seed", "nasty")),
    "mutate": (_mutate, ("table", "key", "set", "at", "touch")),
    "update_row": (_update_row, ("connector", "key", "set", "at", "touch")),
    "insert": (_insert, ("table", "connector", "row", "at")),
    "delete": (_delete, ("table", "connector", "key")),
    "rows": (_rows, ("connector",)),
    "connector": (
        _connector,
        ("name", "copy_of", "extra", "omit", "rename", "restrict", "blocked", "authorised"),
    ),
    "settings": (_settings, SETTINGS),
    "clock": (_clock, ("at",)),
    "revoke_tokens": (_revoke_tokens, ()),
    "after_requests": (_after_requests, ("count", "actions", "connector")),
    "dump": (_dump, ()),
    **UPDATE_VERBS,
}


def _switches(profit: Profit) -> dict[str, object]:
    return {
        "rounding": profit.rounding,
        "unauthorised": profit.unauthorised,
        "booleans": profit.booleans,
        "max_cells": profit.max_cells,
        "bump_unchanged": profit.bump_unchanged,
        "bump_matched": profit.bump_matched,
        "version_connector": profit.version_connector,
        "environment": profit.environment.id,
        "token_expiry": profit.environment.token_expiry,
    }


def _described(row: Entity) -> dict[str, object]:
    table = next(name for name, kind in TYPES.items() if type(row) is kind)
    values = {name: getattr(row, name) for name in columns_of(table)}
    for name in ("created", "modified"):
        values[name] = None if values[name] is None else exact_wall(values[name])
    return values


def _at(profit: Profit, arguments: Arguments) -> int | None:
    if arguments.get("touch", True) is False:
        return None
    return changes.read_moment(arguments["at"]) if arguments.get("at") is not None else profit.clock.wall()


def _required(arguments: Arguments, name: str) -> object:
    if name not in arguments:
        msg = f"{name} is missing"
        raise ValueError(msg)
    return arguments[name]


def _text(arguments: Arguments, name: str) -> str:
    return str(_required(arguments, name))


def _mapping(arguments: Arguments, name: str, *, default: Mapping[str, object] | None = None) -> Mapping[str, object]:
    value = _required(arguments, name) if default is None else arguments.get(name, default)
    if not isinstance(value, Mapping):
        msg = f"{name} is an object"
        raise ValueError(msg)  # noqa: TRY004 - it is the order that is wrong
    return value


def _list(arguments: Arguments, name: str) -> list[object]:
    value = arguments.get(name, [])
    if not isinstance(value, list):
        msg = f"{name} is a list"
        raise ValueError(msg)  # noqa: TRY004 - it is the order that is wrong
    return value
