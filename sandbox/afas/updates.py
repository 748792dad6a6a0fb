"""UpdateConnectors at work: which record is meant, what changes in it, which modified dates move. All or nothing."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Collection, Sequence
from typing import Literal

from sandbox.afas.clock import exact_wall
from sandbox.afas.environment import Profit, Write
from sandbox.afas.tables import Address, Contact, Debtor, Entity, Party, get_cell, set_cell
from sandbox.afas.update_body import Element, Value, read_value
from sandbox.afas.update_errors import NotTaughtError, Reason, UpdateError
from sandbox.afas.update_schema import UpdateField, fields_of

PartyTable = Literal["person", "organisation"]
_MATCH: dict[str, tuple[PartyTable, str]] = {
    "KnPerson": ("person", "MatchPer"),
    "KnOrganisation": ("organisation", "MatchOga"),
}
_PARENT = "9"
_ORDERS = {"AutoNum", "ResZip"}
"""Fields that say how to write, and are not kept."""
_COUNTRIES = {"B": "BE", "D": "DE", "F": "FR"}
"""Profit's own codes, where the tables here have those of ISO."""


def update(profit: Profit, elements: Sequence[Element]) -> object | None:
    """Carry out one body; answers ``results``, or None where AFAS answers nothing."""
    work = _Work(profit)
    results = [work.record(element) for element in elements]
    if elements[0].name == "KnContact" and len(elements) > 1:
        raise UpdateError(Reason.SEVERAL, "KnContact")
    work.keep()
    found = [result for result in results if result is not None]
    if not found:
        return None
    return {"results": {elements[0].name: found[0] if len(found) == 1 else found}}


class _Work:
    """Copies of the rows that one body writes; they replace the rows when all of it went well."""

    def __init__(self, profit: Profit) -> None:
        self._profit = profit
        self._at = profit.clock.wall()
        self._rows: dict[tuple[str, str | int], Entity] = {}
        self._writes: list[Write] = []

    def keep(self) -> None:
        """Put the copies in the place of the rows."""
        store = self._profit.store
        for (table, key), row in self._rows.items():
            store.table(table)[key] = row
        store.version += 1
        self._profit.writes.extend(self._writes)

    def record(self, element: Element) -> dict[str, str] | None:
        """Write one record of the connector itself."""
        if element.name == "KnContact":
            _only(element, ())
            self._contact(element)
            return None
        if element.name in _MATCH:
            number = self._party(element, parent=None)
            return {"BcCo": number, "BcId": str(zlib.crc32(number.encode()) % 1_000_000)}
        return self._debtor(element)

    def _party(self, element: Element, *, parent: str | None) -> str:
        _only(element, ())
        table, code_field = _MATCH[element.name]
        number = self._matched(element, table, code_field, parent=parent)
        match_only = set(element.fields) <= {code_field, "BcCo"} and not element.objects
        moves = self._profit.bump_matched if parent is not None and match_only else None
        self._write(element, table, number, keys={code_field, "BcCo"}, moves=moves)
        return number

    def _matched(self, element: Element, table: str, code_field: str, *, parent: str | None) -> str:
        fields = self._fields(element)
        code = element.fields.get(code_field, "")
        if code == "":
            raise UpdateError(Reason.NO_VALUE, fields[code_field].label)
        label = fields["BcCo"].label
        if code == _PARENT:
            if parent is None:
                raise UpdateError(Reason.NO_SUCH_VALUE, fields[code_field].label)
            if "BcCo" in element.fields:
                raise UpdateError(Reason.WRONG_TYPE, label, value=element.fields["BcCo"])
            return parent
        if read_value(fields[code_field], code) != "0":
            msg = f"UpdateConnectors that match by {code_field} {code}"
            raise NotTaughtError(msg)
        number = read_value(fields["BcCo"], element.fields.get("BcCo", ""))
        if not number:
            raise UpdateError(Reason.NO_VALUE, label)
        if str(number) not in self._profit.store.table(table) or parent not in {None, number}:
            raise UpdateError(Reason.NOT_FOUND, label, value=number)
        return str(number)

    def _debtor(self, element: Element) -> dict[str, str]:
        _only(element, ("@DbId",))
        inside = "KnOrganisation" if element.name == "KnSalesRelationOrg" else "KnPerson"
        label = self._fields(element)["DbId"].label
        number = element.attributes.get("@DbId", "")
        if number == "":
            raise UpdateError(Reason.NO_VALUE, label)
        row = self._profit.store.debtor.get(number) if isinstance(number, str) else None
        of_type = row is not None and row.type == ("ORG" if inside == "KnOrganisation" else "PER")
        if row is None or not of_type or element.fields.get("DbId", number) != number:
            raise UpdateError(Reason.NOT_FOUND, label, value=number)
        if len(element.objects) != 1:
            raise UpdateError(Reason.SEVERAL if element.objects else Reason.NO_VALUE, inside)
        party = self._party(element.objects[0], parent=row.party)
        self._write(element, "debtor", row.number, keys={"DbId"}, inside=False)
        return {"DbId": row.number, "BcCo": party}

    def _contact(self, element: Element) -> None:
        fields, sent = self._fields(element), element.fields
        kept = {name: read_value(fields[name], sent[name]) for name in _CONTACT_KEYS if name in sent}
        keys = next((keys for keys in _WAYS if all(kept.get(name) is not None for name in keys)), None)
        if keys is None:
            started = next((way for way in _WAYS if kept.get(way[0]) is not None), ("BcCoOga",))
            missing = next(name for name in started if kept.get(name) is None)
            raise UpdateError(Reason.NO_VALUE, fields[missing].label)
        if "CdId" in kept and keys[0] != "CdId":
            raise UpdateError(Reason.NO_VALUE, fields["ViKc"].label)
        checked = {*keys, *(name for name in kept if name != "ExAd")}
        found = [row for row in self._profit.store.contact.values() if _is_meant(row, kept, checked)]
        if len(found) != 1:
            what = "KnContact" if found else fields[keys[0]].label
            raise UpdateError(Reason.SEVERAL if found else Reason.NOT_FOUND, what, value=kept[keys[0]])
        self._write(element, "contact", found[0].id, keys=checked)

    def _write(
        self,
        element: Element,
        table: str,
        key: str | int,
        *,
        keys: Collection[str],
        moves: bool | None = None,
        inside: bool = True,
    ) -> None:
        """Change the supplied fields of one row.

        :param moves: whether the modified date moves; None asks whether anything changed.
        :param inside: whether an address inside is written as well.
        """
        row = self._copy(table, key)
        fields = self._fields(element)
        changed = []
        for name, sent in element.fields.items():
            if name == "BcId":
                msg = "UpdateConnectors that are sent the internal BcId"
                raise NotTaughtError(msg)
            if name in keys:
                continue
            value = read_value(fields[name], sent)
            if name in _ORDERS:
                continue
            if fields[name].column == "country":
                value = _country(fields[name], value)
            if get_cell(row, fields[name].column) != value:
                set_cell(row, fields[name].column, value)
                changed.append(_name(name, fields[name]))
        for address in element.objects if inside else ():
            if not isinstance(row, Address | Debtor):
                self._address(address, row)
        moved = (bool(changed) or self._profit.bump_unchanged) if moves is None else moves
        if moved:
            row.modified = self._at
        sent_names = [_name(name, fields[name]) for name in element.fields if name not in keys]
        self._writes.append(Write(exact_wall(self._at), element.name, key, sent_names, changed, moved))

    def _address(self, element: Element, owner: Party | Contact) -> None:
        _only(element, ())
        country = self._fields(element)["CoId"]
        if element.fields.get("CoId", "") == "":
            raise UpdateError(Reason.NO_VALUE, country.label)
        if owner.address is None:
            taken = [*self._profit.store.address, *(key for table, key in self._rows if table == "address")]
            owner.address = max((int(key) for key in taken), default=0) + 1
            number = owner.org_number or owner.person_number if isinstance(owner, Contact) else owner.number
            made = Address(owner.address, number or "", created=self._at, modified=self._at)
            self._rows["address", owner.address] = made
        self._write(element, "address", owner.address, keys=())

    def _copy(self, table: str, key: str | int) -> Entity:
        if (table, key) not in self._rows:
            self._rows[table, key] = copy.deepcopy(self._profit.store.table(table)[key])
        return self._rows[table, key]

    def _fields(self, element: Element) -> dict[str, UpdateField]:
        """Fields of the element's object; one that is not among them is refused here."""
        fields = fields_of(element.name, self._profit.environment.id, self._profit.free_fields)
        unknown = [name for name in element.fields if name not in fields]
        if unknown:
            raise UpdateError(Reason.UNKNOWN_FIELD, unknown[0])
        return fields


_WAYS = (("CdId", "ViKc"), ("BcCoOga", "BcCoPer"), ("BcCoOga", "ExAd"))
"""How a contact can be named: by itself, as person at an organisation, as department or delivery address."""
_CONTACT_KEYS = {
    "CdId": "id",
    "ViKc": "type",
    "BcCoOga": "org_number",
    "BcCoPer": "person_number",
    "ExAd": "department",
}


def _is_meant(row: Contact, kept: dict[str, Value], checked: Collection[str]) -> bool:
    if "ExAd" in checked and row.type not in {"AFD", "AFL"}:
        return False
    return all(getattr(row, _CONTACT_KEYS[name]) == kept[name] for name in checked)


def _country(field: UpdateField, code: Value) -> Value:
    if code in _COUNTRIES.values():
        raise UpdateError(Reason.NO_SUCH_VALUE, field.label)
    return _COUNTRIES.get(str(code), code)


def _name(name: str, field: UpdateField) -> str:
    """A field in the record of writes: a free field by its label, since its id is another one elsewhere."""
    return field.label if len(name) == len("U") + 32 else name


def _only(element: Element, allowed: Collection[str]) -> None:
    unknown = [name for name in element.attributes if name not in allowed]
    if unknown:
        raise UpdateError(Reason.UNKNOWN_FIELD, unknown[0])
