"""The tables behind the connectors. Each row has its own modified date: joined rows do not move one another's."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

COUNTRY_NAMES = {"BE": "België", "DE": "Duitsland", "FR": "Frankrijk"}
"""Countries that an address line names; a Dutch address has none."""

BESIDE = "beside."
"""Begins the place of a value that is kept beside the columns of its table."""


@dataclass(slots=True)
class Address:
    """An address of an organisation or person. ``kind``: ADR visiting, AFL delivery."""

    id: int
    owner: str = ""
    kind: str = "ADR"
    street: str | None = None
    number: int | None = None
    addition: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = "NL"
    created: int | None = None
    modified: int | None = None
    beside: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def line1(self) -> str | None:
        """Street and number."""
        parts = (self.street, None if self.number is None else str(self.number), self.addition)
        return " ".join(part for part in parts if part) or None

    @line1.setter
    def line1(self, text: str | None) -> None:
        self.street, self.number, self.addition = text, None, None

    @property
    def line3(self) -> str | None:
        """Postcode and city with two blanks between them, as Profit writes it."""
        return f"{self.postcode or ''}  {self.city or ''}" if self.postcode or self.city else None

    @line3.setter
    def line3(self, text: str | None) -> None:
        postcode, _, city = (text or "").partition("  ")
        self.postcode, self.city = postcode or None, city or None

    @property
    def line4(self) -> str | None:
        """Country, for a foreign address."""
        return COUNTRY_NAMES.get(self.country or "", self.country) if self.country != "NL" else None

    @line4.setter
    def line4(self, text: str | None) -> None:
        codes = {name: code for code, name in COUNTRY_NAMES.items()}
        self.country = codes.get(text or "", text or "NL")


@dataclass(slots=True)
class Organisation:
    """An organisation, key BcCo."""

    number: str
    name: str | None = None
    search_name: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    newsletter: bool | None = None
    email_wrong: bool | None = False
    language: str | None = "NL"
    coc_number: str | None = None
    address: int | None = None
    created: int | None = None
    modified: int | None = None
    beside: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def first_name(self) -> str | None:
        """An organisation has none."""
        return None

    @property
    def last_name(self) -> str | None:
        """An organisation has none."""
        return None


@dataclass(slots=True)
class Person:
    """A person, key BcCo."""

    number: str
    first_name: str | None = None
    prefix: str | None = None
    surname: str | None = None
    gender: str | None = "O"
    search_name: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    newsletter: bool | None = None
    email_wrong: bool | None = False
    language: str | None = "NL"
    coc_number: str | None = None
    address: int | None = None
    created: int | None = None
    modified: int | None = None
    beside: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def last_name(self) -> str | None:
        """Prefix and surname."""
        return " ".join(part for part in (self.prefix, self.surname) if part) or None

    @last_name.setter
    def last_name(self, text: str | None) -> None:
        self.prefix, self.surname = None, text

    @property
    def name(self) -> str | None:
        """First name, prefix and surname."""
        return " ".join(part for part in (self.first_name, self.prefix, self.surname) if part) or None

    @name.setter
    def name(self, text: str | None) -> None:
        first, _, last = (text or "").partition(" ")
        self.first_name, self.prefix, self.surname = first or None, None, last or None


@dataclass(slots=True)
class Contact:
    """A contact: PRS person at an organisation, AFD department, AFL delivery address, ORG, PER."""

    id: int
    type: str = "PRS"
    org_number: str | None = None
    person_number: str | None = None
    department: str | None = None
    function: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    blocked: bool | None = False
    address: int | None = None
    created: int | None = None
    modified: int | None = None
    beside: dict[str, object] = dataclasses.field(default_factory=dict)


@dataclass(slots=True)
class Debtor:
    """A sales relation that is a debtor. ``fully_blocked`` (BlTl) makes it vanish from the connectors."""

    number: str
    type: str = "ORG"
    party: str = ""
    blocked: bool | None = False
    fully_blocked: bool | None = False
    group: str | None = None
    currency: str | None = "EUR"
    pay_condition: str | None = "30"
    credit_limit: float | None = None
    auto_payment: bool | None = False
    created: int | None = None
    modified: int | None = None
    beside: dict[str, object] = dataclasses.field(default_factory=dict)


Entity = Address | Organisation | Person | Contact | Debtor
Party = Organisation | Person
TYPES: dict[str, type[Entity]] = {
    "organisation": Organisation,
    "person": Person,
    "contact": Contact,
    "debtor": Debtor,
    "address": Address,
}
INTEGER_KEYS = frozenset({"contact", "address"})


class Store:
    """All tables of one environment.

    ``version`` moves with every change, so that what was derived from the tables can tell that it is stale.
    """

    def __init__(self) -> None:
        self.organisation: dict[str, Organisation] = {}
        self.person: dict[str, Person] = {}
        self.contact: dict[int, Contact] = {}
        self.debtor: dict[str, Debtor] = {}
        self.address: dict[int, Address] = {}
        self.version = 0

    def table(self, name: str) -> dict[str | int, Entity]:
        """One table by its name."""
        if name not in TYPES:
            msg = f"table {name!r} is not one of {', '.join(TYPES)}"
            raise ValueError(msg)
        table: dict[str | int, Entity] = getattr(self, name)
        return table

    def add(self, row: Entity) -> None:
        """Put a row into its table; a key that is taken is refused."""
        name = next(name for name, kind in TYPES.items() if type(row) is kind)
        key = key_of(row)
        if key in self.table(name):
            msg = f"{name} {key!r} exists already"
            raise ValueError(msg)
        self.table(name)[key] = row
        self.version += 1

    def party(self, number: str) -> Party | None:
        """The organisation or person with this number."""
        return self.organisation.get(number) or self.person.get(number)

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        return {name: len(self.table(name)) for name in TYPES}


def key_of(row: Entity) -> str | int:
    """The key of a row in its table."""
    return row.id if isinstance(row, Address | Contact) else row.number


def get_cell(row: object, place: str) -> object:
    """Value of a column, or of a place beside the columns."""
    name = place.removeprefix(BESIDE)
    kept: object = row.beside.get(name) if name != place and isinstance(row, Entity) else getattr(row, place, None)
    return kept


def set_cell(row: Entity, place: str, value: object) -> None:
    """Set a column, or a place beside the columns; nothing is kept there for an empty value."""
    name = place.removeprefix(BESIDE)
    if name == place:
        setattr(row, place, value)
    elif value is None:
        row.beside.pop(name, None)
    else:
        row.beside[name] = value


def columns_of(table: str) -> tuple[str, ...]:
    """Columns of a table as the control surface names them."""
    return tuple(field.name for field in dataclasses.fields(TYPES[table]))
