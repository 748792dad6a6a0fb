"""Rows of a connector: the tables joined, as values, as things to compare, and as JSON. Made once per change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, cast

from sandbox.afas.clock import Rounding, render_wall
from sandbox.afas.connectors import ROLES, Column, Connector, Kind
from sandbox.afas.tables import BESIDE, Address, Contact, Debtor, Entity, Organisation, Person, Store, get_cell

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Title:
    """Name of a contact, made of those of organisation and person."""

    text: str | None


@dataclass(frozen=True, slots=True)
class DebtorLink:
    """Whether the owner of an address is a debtor."""

    is_debtor: bool
    debtor_number: str | None


_NO_ADDRESS = Address(id=0, owner="", country=None)
_NO_PERSON = Person(number="", gender=None)
_NO_ORGANISATION = Organisation(number="")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
Joined = tuple[object, ...]


def find_joined(store: Store, kind: Kind, key: str | int) -> dict[str, object]:
    """Find the joined rows behind one row, by role."""
    row = store.table(ROLES[kind][0]).get(key)
    if row is None:
        msg = f"no row with key {key!r}"
        raise ValueError(msg)
    joined = _join(store, kind, [row])
    nothing = (_NO_ADDRESS, _NO_PERSON, _NO_ORGANISATION)
    parts = zip(ROLES[kind], next(iter(joined)), strict=True)
    return {role: part for role, part in parts if all(part is not empty for empty in nothing)}


def _join(store: Store, kind: Kind, rows: Iterable[Entity]) -> Iterator[Joined]:
    match kind:
        case Kind.DEBTOR:
            return (_debtor(store, row) for row in rows if isinstance(row, Debtor) and not row.fully_blocked)
        case Kind.CONTACT:
            return (_contact(store, row) for row in rows if isinstance(row, Contact))
        case Kind.DELIVERY:
            debtors = {debtor.party: debtor.number for debtor in store.debtor.values() if not debtor.fully_blocked}
            return (_address(store, row, debtors) for row in rows if isinstance(row, Address))


def _debtor(store: Store, debtor: Debtor) -> Joined:
    party = store.party(debtor.party) or _NO_PERSON
    return debtor, party, store.address.get(party.address or 0, _NO_ADDRESS)


def _contact(store: Store, contact: Contact) -> Joined:
    organisation = store.organisation.get(contact.org_number or "", _NO_ORGANISATION)
    person = store.person.get(contact.person_number or "", _NO_PERSON)
    address = store.address.get(contact.address or organisation.address or person.address or 0, _NO_ADDRESS)
    names = (organisation.name, person.name or contact.department)
    return contact, organisation, person, address, Title(" - ".join(name for name in names if name) or None)


def _address(store: Store, address: Address, debtors: Mapping[str, str]) -> Joined:
    number = debtors.get(address.owner)
    return address, store.party(address.owner) or _NO_PERSON, DebtorLink(number is not None, number)


class View:
    """All rows of one connector at one version of the tables."""

    def __init__(self, store: Store, connector: Connector) -> None:
        self.columns = connector.columns
        self.index = {column.id: place for place, column in enumerate(connector.columns)}
        self.rows = _values(store, connector)
        if connector.restrict is not None:
            place, allowed = self.index[connector.restrict[0]], connector.restrict[1]
            self.rows = [row for row in self.rows if row[place] in allowed]
        self.orders: dict[object, list[int]] = {}
        self._keys: dict[int, list[Cell]] = {}
        self._unique: dict[int, bool] = {}
        self._rendered: dict[Rounding, list[str | None]] = {}
        self._names = [column.id for column in self.columns]
        self._dates = [column.id for column in self.columns if column.data_type == "date"]

    def keys(self, place: int) -> list[Cell]:
        """Give a column as its database compares it: text without regard to case and trailing blanks."""
        if place not in self._keys:
            values = [row[place] for row in self.rows]
            self._keys[place] = [value.rstrip().lower() if isinstance(value, str) else value for value in values]
        return self._keys[place]

    def is_unique(self, place: int) -> bool:
        """Whether a column has another value in each row."""
        if place not in self._unique:
            self._unique[place] = len(set(self.keys(place))) == len(self.rows)
        return self._unique[place]

    def render(self, places: list[int], rounding: Rounding) -> str:
        """Rows as a JSON list on one line."""
        cache = self._rendered.setdefault(rounding, [None] * len(self.rows))
        texts = []
        for place in places:
            text = cache[place]
            if text is None:
                text = cache[place] = self._render_row(place, rounding)
            texts.append(text)
        return "[" + ",".join(texts) + "]"

    def _render_row(self, place: int, rounding: Rounding) -> str:
        cells: dict[str, Cell] = dict(zip(self._names, self.rows[place], strict=True))
        for name in self._dates:
            value = cells[name]
            if value is not None:
                cells[name] = render_wall(int(value), rounding)
        return _ENCODER.encode(cells)


def _values(store: Store, connector: Connector) -> list[tuple[Cell, ...]]:
    cells = [_getter(connector.kind, column) for column in connector.columns]
    everything = store.table(ROLES[connector.kind][0]).values()
    return [tuple([cell(joined) for cell in cells]) for joined in _join(store, connector.kind, everything)]


def _getter(kind: Kind, column: Column) -> Callable[[Joined], Cell]:
    if not column.source:
        return lambda _: None
    role, _, attribute = column.source.partition(".")
    place = ROLES[kind].index(role)
    # attrgetter is fast, and knows no place beside the columns.
    get: Callable[[object], Any] = (
        partial(get_cell, place=attribute) if attribute.startswith(BESIDE) else attrgetter(attribute)
    )
    if column.data_type != "string":
        return lambda joined: cast("Cell", get(joined[place]))
    length = column.length

    def text(joined: Joined) -> Cell:
        # Profit knows no difference between empty and null, and a connector cuts text at its column's length.
        value = get(joined[place])
        return value[:length] if value else None

    return text
