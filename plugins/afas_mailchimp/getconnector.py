"""Values of the AFAS side: environment, fields of a GetConnector, filters, rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

Cell = str | int | float | bool | None
Row = tuple[Cell, ...]
"""The cells of one row, in the order of the columns that were asked for."""


class Operator(IntEnum):
    """Filter operators of a GetConnector by their number (docs.afas.help, get-connector)."""

    EQUAL = 1
    AT_LEAST = 2
    AT_MOST = 3
    GREATER = 4
    LESS = 5
    CONTAINS = 6
    NOT_EQUAL = 7
    EMPTY = 8
    NOT_EMPTY = 9


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison in a filter.

    :param value: text as AFAS wants it; dates as ``YYYY-MM-DDTHH:MM:SS`` in Amsterdam wall time, no ``Z``.
    """

    field: str
    operator: Operator
    value: str


Filter = Sequence[Sequence[Condition]]
"""OR of ANDs: any group whose conditions all hold. Empty means no filter."""


@dataclass(frozen=True, slots=True)
class ConnectorField:
    """A column of a GetConnector as metainfo describes it.

    :param data_type: ``string``, ``int``, ``decimal``, ``boolean``, ``date`` or ``blob``.
    """

    id: str
    data_type: str
    label: str
    length: int


@dataclass(frozen=True, slots=True)
class Environment:
    """What ``GET /metainfo`` says about the token in use.

    :param id: environment id such as ``O12345AA`` (O production, T test, A accept).
    :param token_expires: last day of a classic token, None when it does not end or does not say.
    :param descriptions: AFAS's own names of the connectors, by id.
    :param classic: whether it is a classic token; with OAuth there is nothing that ends on a day that AFAS tells.
    """

    id: str
    app: str
    token_expires: date | None
    get_connectors: frozenset[str]
    update_connectors: frozenset[str]
    descriptions: Mapping[str, str] = field(default_factory=dict, compare=False)
    classic: bool = True
