"""Reading a GetConnector: parameters, order, pages. Order that was not asked for is different every time."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.afas.clock import Rounding
from sandbox.afas.connectors import Connector
from sandbox.afas.filters import FieldNotFoundError, Groups, QueryError, parse_json, parse_lists, select
from sandbox.afas.views import View

DEFAULT_TAKE = 100
PARAMETERS = ("skip", "take", "orderbyfieldids", "filterfieldids", "filtervalues", "operatortypes", "filterjson")
_QUOTED = re.compile(r"\['([^']+)'\]")
_KEPT_ORDERS = 4


class UnexpectedError(QueryError):
    """A query that AFAS answers with its general error."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asked of a connector.

    :param order: column and whether it descends.
    """

    skip: int
    take: int
    order: tuple[tuple[str, bool], ...]
    groups: Groups


def parse_query(parameters: Mapping[str, str]) -> Query:
    """Read the parameters of a connector call."""
    skip, take = _number(parameters.get("skip", "0")), _number(parameters.get("take", str(DEFAULT_TAKE)))
    if (skip < 0 or take < 0) and (skip, take) != (-1, -1):
        raise UnexpectedError
    lists = [parameters.get(name) for name in ("filterfieldids", "filtervalues", "operatortypes")]
    groups: Groups = ()
    if parameters.get("filterjson"):
        if any(lists):
            msg = "Use filterjson or filterfieldids, not both."
            raise QueryError(msg)
        groups = parse_json(parameters["filterjson"])
    elif any(lists):
        groups = parse_lists(lists[0] or "", lists[1] or "", lists[2])
    return Query(skip=skip, take=take, order=_order(parameters.get("orderbyfieldids", "")), groups=groups)


def read(view: View, connector: Connector, query: Query, *, chance: random.Random) -> list[int]:
    """Places of the rows of one page."""
    for field, _ in query.order:
        if field not in view.index:
            raise FieldNotFoundError(field)
    stable = any(view.is_unique(view.index[field]) for field, _ in query.order)
    places = view.orders.get((query.groups, query.order)) if stable else None
    if places is None:
        places = select(view, query.groups)
        if not stable:
            chance.shuffle(places)
        for field, descending in reversed(query.order):
            place = view.index[field]
            text = connector.columns[place].data_type == "string"
            lowest: str | float = "" if text else float("-inf")
            keys = [lowest if key is None else key for key in view.keys(place)]
            places.sort(key=keys.__getitem__, reverse=descending)
        if stable:
            if len(view.orders) >= _KEPT_ORDERS:
                view.orders.clear()
            view.orders[query.groups, query.order] = places
    return places if query.take < 0 else places[query.skip : query.skip + query.take]


def render_page(view: View, query: Query, places: list[int], rounding: Rounding) -> bytes:
    """The answer for one page, on one line."""
    return f'{{"skip":{query.skip},"take":{query.take},"rows":{view.render(places, rounding)}}}'.encode()


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise UnexpectedError from error


def _order(text: str) -> tuple[tuple[str, bool], ...]:
    order = []
    for item in text.split(",") if text else []:
        name = item.removeprefix("-")
        quoted = _QUOTED.fullmatch(name)
        if quoted is None and "." in name:
            msg = "General message: Invalid Index field"
            raise QueryError(msg)
        order.append((quoted[1] if quoted else name, item.startswith("-")))
    return tuple(order)
