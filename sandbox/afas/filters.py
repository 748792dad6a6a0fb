"""Filters of a GetConnector: the three lists or filterjson, all fifteen operators, as a database would answer them."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sandbox.afas.clock import parse_wall
from sandbox.afas.connectors import Column
from sandbox.afas.views import Cell, View


class Operator(IntEnum):
    """Operators by their number."""

    EQUAL = 1
    AT_LEAST = 2
    AT_MOST = 3
    GREATER = 4
    LESS = 5
    CONTAINS = 6
    NOT_EQUAL = 7
    EMPTY = 8
    NOT_EMPTY = 9
    STARTS_WITH = 10
    NOT_CONTAINS = 11
    NOT_STARTS_WITH = 12
    ENDS_WITH = 13
    NOT_ENDS_WITH = 14
    QUICK = 15


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison."""

    field: str
    operator: Operator
    value: str


Groups = tuple[tuple[Condition, ...], ...]


class QueryError(Exception):
    """A query that AFAS answers with a 500 and this text."""


class FieldNotFoundError(QueryError):
    """A filter or order names a column that the connector does not have."""

    def __init__(self, field: str) -> None:
        super().__init__(f"Connector field '{field}' not found")


_COMPARE: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.AT_LEAST: operator.ge,
    Operator.AT_MOST: operator.le,
    Operator.GREATER: operator.gt,
    Operator.LESS: operator.lt,
    Operator.NOT_EQUAL: operator.ne,
}
_TEXT: Mapping[Operator, Callable[[str, str], bool]] = {
    Operator.CONTAINS: lambda text, part: part in text,
    Operator.NOT_CONTAINS: lambda text, part: part not in text,
    Operator.STARTS_WITH: str.startswith,
    Operator.NOT_STARTS_WITH: lambda text, part: not text.startswith(part),
    Operator.ENDS_WITH: str.endswith,
    Operator.NOT_ENDS_WITH: lambda text, part: not text.endswith(part),
    Operator.QUICK: lambda text, words: any(word in text for word in words.split()),
}


BOOLEANS: Mapping[str, Mapping[str, bool]] = {
    "any": {"true": True, "1": True, "false": False, "0": False},
    "words": {"true": True, "false": False},
    "digits": {"1": True, "0": False},
}
"""Forms of a yes or no in a filter. AFAS's documentation has no example of one."""


def parse_lists(fields: str, values: str, operators: str | None) -> Groups:
    """Read the three parallel lists: ``;`` splits groups (OR), ``,`` conditions (AND); no operators means equal."""
    names = [group.split(",") for group in fields.split(";")]
    texts = [group.split(",") for group in values.split(";")]
    if operators is None:
        numbers = [["1"] * len(group) for group in names]
    else:
        numbers = [group.split(",") for group in operators.split(";")]
    shapes = [[len(group) for group in part] for part in (names, texts, numbers)]
    if shapes[0] != shapes[1] or shapes[0] != shapes[2]:
        msg = "The number of filter fields, filter values and operator types is not the same."
        raise QueryError(msg)
    return tuple(
        tuple(Condition(*cells) for cells in zip(group, map(_operator, kinds), values_, strict=True))
        for group, kinds, values_ in zip(names, numbers, texts, strict=True)
    )


def parse_json(text: str) -> Groups:
    """Read filterjson; ``Filter`` and ``Field`` may each be one object or a list."""
    try:
        filters = json.loads(text)["Filters"]["Filter"]
        return tuple(
            tuple(
                Condition(
                    str(field["@FieldId"]), _operator(str(field.get("@OperatorType", "1"))), _text(field.get("#text"))
                )
                for field in _as_list(group["Field"])
            )
            for group in _as_list(filters)
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = "The filter in filterjson is not valid."
        raise QueryError(msg) from error


def check_booleans(view: View, groups: Groups, form: str) -> None:
    """Refuse a filter that writes a yes or no in another form than this one."""
    for condition in (each for group in groups for each in group):
        place = view.index.get(condition.field)
        if place is None or condition.operator in {Operator.EMPTY, Operator.NOT_EMPTY}:
            continue
        column = view.columns[place]
        if column.data_type == "boolean" and condition.value.lower() not in BOOLEANS[form]:
            msg = f"The filter value for field '{column.id}' is not a valid boolean."
            raise QueryError(msg)


def select(view: View, groups: Groups) -> list[int]:
    """Places of the rows for which any group holds, in the order of the view."""
    everything = list(range(len(view.rows)))
    if not groups:
        return everything
    found = [_hold(view, group, everything) for group in groups]
    return found[0] if len(found) == 1 else sorted(set().union(*found))


def _hold(view: View, group: tuple[Condition, ...], places: list[int]) -> list[int]:
    for condition in group:
        if condition.field not in view.index:
            raise FieldNotFoundError(condition.field)
        place = view.index[condition.field]
        places = _apply(view.columns[place], condition, view.keys(place), places)
    return places


def _apply(column: Column, condition: Condition, keys: list[Any], places: list[int]) -> list[int]:
    kind = condition.operator
    if kind is Operator.EMPTY:
        return [place for place in places if keys[place] is None or keys[place] == ""]
    if kind is Operator.NOT_EMPTY:
        return [place for place in places if keys[place] is not None and keys[place] != ""]
    # A null is neither equal nor unequal to anything, as in SQL: the documented example asks for "[]" besides "!=".
    if kind in _COMPARE:
        compare, value = _COMPARE[kind], _convert(column, condition.value)
        return [place for place in places if keys[place] is not None and compare(keys[place], value)]
    if column.data_type != "string":
        msg = f"Operator {int(kind)} cannot be used for field '{column.id}'."
        raise QueryError(msg)
    test = _TEXT[kind]
    text = condition.value.strip("%").lower()
    return [place for place in places if keys[place] is not None and test(keys[place], text)]


def _convert(column: Column, text: str) -> Cell:
    try:
        match column.data_type:
            case "date":
                return parse_wall(text)
            case "int":
                return int(text)
            case "decimal":
                return float(text)
            case "boolean":
                return BOOLEANS["any"][text.lower()]
            case _:
                return text.rstrip().lower()
    except (ValueError, KeyError) as error:
        msg = f"The filter value for field '{column.id}' is not a valid {column.data_type}."
        raise QueryError(msg) from error


def _operator(text: str) -> Operator:
    try:
        return Operator(int(text))
    except ValueError as error:
        msg = f"Operator type '{text}' is not known."
        raise QueryError(msg) from error


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
