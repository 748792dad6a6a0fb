"""Control verbs about UpdateConnectors; ``sandbox/README.md`` describes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from sandbox.afas.environment import Profit
from sandbox.afas.update_schema import KINDS, OBJECTS, UPDATE_CONNECTORS, FreeField

Arguments = Mapping[str, object]


def _update_connector(profit: Profit, arguments: Arguments) -> object:
    name = str(arguments.get("name"))
    if name not in UPDATE_CONNECTORS:
        msg = f"name is one of {', '.join(UPDATE_CONNECTORS)}"
        raise ValueError(msg)
    if arguments.get("authorised", True):
        profit.closed.discard(name)
    else:
        profit.closed.add(name)
    return {"closed": sorted(profit.closed)}


def _free_field(profit: Profit, arguments: Arguments) -> object:
    owner, label, data_type = (str(arguments.get(name, "")) for name in ("object", "label", "type"))
    if owner not in OBJECTS or not label or data_type not in KINDS.values():
        msg = f"a free field has an object ({', '.join(OBJECTS)}), a label and a type ({', '.join(KINDS.values())})"
        raise ValueError(msg)
    values = arguments.get("values", {})
    if not isinstance(values, Mapping):
        msg = "values is an object: code and description"
        raise ValueError(msg)  # noqa: TRY004 - it is the order that is wrong
    same = [each for each in profit.free_fields if (each.owner, each.label) == (owner, label)]
    added = FreeField(
        owner,
        label,
        data_type,
        length=int(str(arguments.get("length", 0))),
        values=tuple((str(code), str(text)) for code, text in values.items()),
        place=len(same),
    )
    profit.free_fields.append(added)
    field = added.field(profit.environment.id)
    return {"id": field.id, "source": field.column}


def _writes(profit: Profit, arguments: Arguments) -> object:
    since = int(str(arguments.get("since", 0)))
    return [dataclasses.asdict(write) for write in profit.writes[since:]]


VERBS: Mapping[str, tuple[Callable[[Profit, Arguments], object], tuple[str, ...]]] = {
    "update_connector": (_update_connector, ("name", "authorised")),
    "free_field": (_free_field, ("object", "label", "type", "length", "values")),
    "writes": (_writes, ("since",)),
}
