"""Changes to the tables, asked for by table or by the column of a connector. A change moves its own row's date only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sandbox.afas.clock import parse_wall, to_wall
from sandbox.afas.connectors import ROLES, Connector, Kind
from sandbox.afas.environment import Profit
from sandbox.afas.tables import (
    INTEGER_KEYS,
    TYPES,
    Address,
    Contact,
    Debtor,
    Entity,
    Organisation,
    Party,
    Person,
    columns_of,
    key_of,
    set_cell,
)
from sandbox.afas.views import find_joined

_DATES = {"created", "modified"}


def read_moment(value: object) -> int:
    """Wall time out of an order: ``2026-03-01T10:00:00.250``, or a moment with its zone taken to Amsterdam."""
    text = str(value)
    if len(text) == len("2026-03-01"):
        text += "T00:00:00"
    if text.endswith("Z") or text[19:].count("+"):
        return to_wall(datetime.fromisoformat(text))
    return parse_wall(text)


def mutate(profit: Profit, *, table: str, key: object, values: Mapping[str, object], at: int | None) -> Entity:
    """Set columns of one row of a table.

    :param at: what its modified date becomes; None leaves that date alone.
    """
    row = profit.store.table(table).get(_key(table, key))
    if row is None:
        msg = f"no row with key {key!r} in {table}"
        raise ValueError(msg)
    allowed = (*columns_of(table), *(name for name in _computed(type(row))))
    unknown = sorted(set(values) - set(allowed))
    if unknown:
        msg = f"columns of {table} are {', '.join(allowed)}; not {', '.join(unknown)}"
        raise ValueError(msg)
    for name, value in values.items():
        setattr(row, name, read_moment(value) if name in _DATES and value is not None else value)
    if at is not None and "modified" not in values:
        row.modified = at
    profit.store.version += 1
    return row


def update_row(profit: Profit, *, connector: str, key: object, values: Mapping[str, object], at: int | None) -> None:
    """Set columns of a connector's row in the tables that they come from."""
    definition = _connector(profit, connector)
    parts = find_joined(profit.store, definition.kind, _connector_key(definition, key))
    _set_parts(definition, parts, values, at=at)
    profit.store.version += 1


def insert(profit: Profit, *, table: str, values: Mapping[str, object], at: int) -> Entity:
    """Add a row to a table, created and modified at a moment."""
    kind = TYPES.get(table)
    if kind is None:
        msg = f"table {table!r} is not one of {', '.join(TYPES)}"
        raise ValueError(msg)
    fixed = {
        name: read_moment(value) if name in _DATES and value is not None else value for name, value in values.items()
    }
    row = kind(**{"created": at, "modified": at, **fixed})  # type: ignore[arg-type]
    profit.store.add(row)
    return row


def insert_row(profit: Profit, *, connector: str, values: Mapping[str, object], at: int) -> str | int:
    """Add a row to a connector, with the organisation, person and address that it needs; answers its key."""
    definition = _connector(profit, connector)
    if definition.kind is Kind.DELIVERY:
        msg = "add an address by its table"
        raise ValueError(msg)
    ids = {column.source: column.id for column in definition.columns}
    given = {source: values.get(id_) for source, id_ in ids.items()}
    base: Debtor | Contact
    made: dict[str, object] = {}
    if definition.kind is Kind.DEBTOR:
        number = str(given.get("debtor.number") or free_key(profit, "debtor"))
        kind = str(given.get("debtor.type") or "ORG")
        party = _party(profit, str(given.get("party.number") or ""), person=kind == "PER", at=at)
        base = Debtor(number, type=kind, party=party.number, created=at, modified=at)
        made = {"debtor": base, "party": party, "address": _address(profit, party, at=at)}
    else:
        base = Contact(int(str(given.get("contact.id") or free_key(profit, "contact"))), created=at, modified=at)
        base.type = str(given.get("contact.type") or "PRS")
        made = {"contact": base, **_contact_parts(profit, base, given, at=at)}
    profit.store.add(base)
    keys = {id_ for source, id_ in ids.items() if source in {"debtor.number", "contact.id", "party.number"}}
    _set_parts(definition, made, {name: value for name, value in values.items() if name not in keys}, at=None)
    profit.store.version += 1
    return key_of(base)


def delete(profit: Profit, *, table: str, key: object) -> None:
    """Remove a row without a trace."""
    if profit.store.table(table).pop(_key(table, key), None) is None:
        msg = f"no row with key {key!r} in {table}"
        raise ValueError(msg)
    profit.store.version += 1


def table_behind(profit: Profit, connector: str) -> str:
    """The table that gives a connector its key."""
    return ROLES[_connector(profit, connector).kind][0]


def free_key(profit: Profit, table: str) -> int:
    """A number above all that are there."""
    keys = [int(key) for key in profit.store.table(table) if isinstance(key, int) or key.isdecimal()]
    return max(keys, default=10_000) + 1


def _set_parts(
    definition: Connector, parts: Mapping[str, object], values: Mapping[str, object], *, at: int | None
) -> None:
    for name, value in values.items():
        role, _, attribute = definition.column(name).source.partition(".")
        part = parts.get(role)
        if not isinstance(part, Organisation | Person | Contact | Debtor | Address):
            msg = f"{name} cannot be set in this row: there is nothing behind it"
            raise ValueError(msg)  # noqa: TRY004 - it is the order that is wrong
        is_date = definition.column(name).data_type == "date" and value is not None
        set_cell(part, attribute, read_moment(value) if is_date else value)
        if at is not None and attribute != "modified":
            part.modified = at


def _party(profit: Profit, number: str, *, person: bool, at: int) -> Party:
    existing = profit.store.party(number)
    if existing is not None:
        return existing
    number = number or str(max(free_key(profit, "organisation"), free_key(profit, "person")))
    row = (Person if person else Organisation)(number, created=at, modified=at)
    profit.store.add(row)
    return row


def _address(profit: Profit, party: Party, *, at: int) -> Address:
    existing = profit.store.address.get(party.address or 0)
    if existing is not None:
        return existing
    row = Address(free_key(profit, "address"), owner=party.number, created=at, modified=at)
    profit.store.add(row)
    party.address = row.id
    return row


def _contact_parts(profit: Profit, contact: Contact, given: Mapping[str, object], *, at: int) -> dict[str, object]:
    parts: dict[str, object] = {}
    organisation = str(given.get("contact.org_number") or "")
    if contact.type in {"PRS", "PER"}:
        person = _party(profit, str(given.get("contact.person_number") or ""), person=True, at=at)
        contact.person_number, parts["person"] = person.number, person
    if organisation or contact.type not in {"PRS", "PER"}:
        party = _party(profit, organisation, person=False, at=at)
        contact.org_number, parts["organisation"] = party.number, party
    owner = cast("Party", parts.get("organisation") or parts["person"])
    return {**parts, "address": _address(profit, owner, at=at)}


def _connector(profit: Profit, name: str) -> Connector:
    definition = profit.connectors.get(name)
    if definition is None:
        msg = f"connector {name!r} is not one of {', '.join(profit.connectors)}"
        raise ValueError(msg)
    return definition


def _connector_key(definition: Connector, key: object) -> str | int:
    return int(str(key)) if definition.key.data_type == "int" else str(key)


def _key(table: str, key: object) -> str | int:
    return int(str(key)) if table in INTEGER_KEYS else str(key)


def _computed(kind: type[Entity]) -> list[str]:
    return [name for name, value in vars(kind).items() if isinstance(value, property) and value.fset is not None]
