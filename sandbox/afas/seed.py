"""Invented customers, the same for the same number. Clean ones here; the difficult ones are in ``nasty``."""

from __future__ import annotations

import functools
import random
import re
import unicodedata
from collections import Counter

from sandbox.afas import names
from sandbox.afas.clock import parse_wall
from sandbox.afas.nasty import add_nasty
from sandbox.afas.tables import Address, Contact, Debtor, Organisation, Person, Store

FIRST_DEBTOR = 10_001
FIRST_PARTY = 1_000_001
CREATED_FROM = parse_wall("2014-01-01T08:00:00")
CHANGED_UNTIL = parse_wall("2026-06-01T17:00:00")
"""Fixed, so that the same number gives the same rows on any day."""
PERSONS, WITH_MOBILE, WITH_DELIVERY_ADDRESS = 0.25, 0.5, 0.2
"""Shares of the debtors, of the contacts and of the organisations."""
_CONTACT_TYPES = ("PRS",) * 18 + ("AFD", "PER")


def seed(store: Store, *, debtors: int, contacts: int, number: int, nasty: bool) -> dict[str, object]:
    """Put invented customers into empty tables; answers how many of what.

    :param number: of the random numbers; the same gives the same rows.
    """
    if any(store.counts().values()):
        msg = "there are rows already: reset first"
        raise ValueError(msg)
    maker = _Maker(store, number)
    for place in range(debtors):
        maker.debtor(FIRST_DEBTOR + place)
    for place in range(contacts):
        maker.contact(place + 1)
    answer: dict[str, object] = {
        "debtors": debtors,
        "contacts": contacts,
        "debtors_by_type": dict(Counter(debtor.type for debtor in store.debtor.values())),
        "contacts_by_type": dict(Counter(contact.type for contact in store.contact.values())),
    }
    store.version += 1
    if nasty:
        answer["nasty"] = add_nasty(store)
    return answer


@functools.cache
def slug(text: str) -> str:
    """Text as a part of a domain name."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


class _Maker:
    def __init__(self, store: Store, number: int) -> None:
        self._store = store
        self._random = random.Random(number)  # noqa: S311 - repeatable on purpose
        self._organisations: list[str] = []
        self._domains: dict[str, str] = {}
        self._party = FIRST_PARTY
        trades = [f"{trade} {name}" for trade in names.TRADES for name in names.TRADE_NAMES]
        self._trades = [(trade, slug(trade)) for trade in trades]

    def debtor(self, number: int) -> None:
        draw = self._random
        person = draw.random() < PERSONS
        party = self._person() if person else self._organisation()
        created, modified = self._dates()
        row = Debtor(str(number), type="PER" if person else "ORG", party=party, created=created, modified=modified)
        row.group = draw.choice(names.GROUPS)
        self._store.debtor[row.number] = row

    def contact(self, number: int) -> None:
        draw = self._random
        kind = draw.choice(_CONTACT_TYPES)
        organisation = None if kind == "PER" else self._any_organisation()
        created, modified = self._dates()
        row = Contact(number, type=kind, org_number=organisation, created=created, modified=modified)
        row.phone = self._phone()
        row.mobile = f"06-{draw.randrange(10_000_000, 57_999_999)}" if draw.random() < WITH_MOBILE else None
        domain = self._domains[organisation] if organisation else f"post-{number}.example"
        if kind == "AFD":
            row.department = draw.choice(("Inkoop", "Verkoop", "Administratie", "Magazijn"))
            row.email = f"{row.department.lower()}.{number}@{domain}"
        else:
            row.person_number = self._person()
            person = self._store.person[row.person_number]
            row.function = draw.choice(names.FUNCTIONS)
            row.email = f"{self._local_part(person)}.{number}@{domain}"
        self._store.contact[number] = row

    def _any_organisation(self) -> str:
        if not self._organisations:
            self._organisation()
        return self._random.choice(self._organisations)

    def _organisation(self) -> str:
        draw = self._random
        number = self._next_party()
        name, domain = draw.choice(self._trades)
        domain = f"{domain}-{number}.example"
        created, modified = self._dates()
        row = Organisation(number, f"{name} {draw.choice(names.FORMS)}".rstrip(), created=created, modified=modified)
        row.search_name = domain[:10].upper()
        row.phone = self._phone()
        row.email = f"info@{domain}"
        row.newsletter = draw.choice((True, True, True, False, None))
        row.address = self._address(number)
        self._store.organisation[number] = row
        self._organisations.append(number)
        self._domains[number] = domain
        if draw.random() < WITH_DELIVERY_ADDRESS:
            self._address(number, kind="AFL")
        return number

    def _person(self) -> str:
        draw = self._random
        number = self._next_party()
        created, modified = self._dates()
        row = Person(number, draw.choice(names.FIRST_NAMES), created=created, modified=modified)
        row.prefix = draw.choice(names.PREFIXES) or None
        row.surname = draw.choice(names.SURNAMES)
        row.gender = draw.choice("MVO")
        row.phone = self._phone()
        row.email = f"{self._local_part(row)}@thuis-{number}.example"
        row.newsletter = draw.choice((True, True, True, False, None))
        row.address = self._address(number)
        self._store.person[number] = row
        return number

    def _address(self, owner: str, *, kind: str = "ADR") -> int:
        draw = self._random
        number = len(self._store.address) + 1
        created, modified = self._dates()
        row = Address(number, owner, kind, created=created, modified=modified)
        row.street = draw.choice(names.STREETS)
        row.number = draw.randrange(1, 400)
        row.addition = draw.choice((None, None, None, None, "A", "bis"))
        row.postcode = f"{draw.randrange(1000, 9999)} {draw.choice('ABCDEGHJKL')}{draw.choice('ABCDEGHJKL')}"
        row.city = draw.choice(names.CITIES).upper()
        self._store.address[number] = row
        return number

    def _phone(self) -> str:
        draw = self._random
        return names.phone_spelling(
            draw.randrange(5), draw.choice(names.AREAS), str(draw.randrange(2_000_000, 7_999_999))
        )

    def _local_part(self, person: Person) -> str:
        parts = (slug(person.first_name or ""), slug(person.prefix or ""), slug(person.surname or ""))
        return ".".join(part for part in parts if part)

    def _dates(self) -> tuple[int, int]:
        created = self._random.randrange(CREATED_FROM, CHANGED_UNTIL)
        return created, self._random.randrange(created, CHANGED_UNTIL)

    def _next_party(self) -> str:
        self._party += 1
        return str(self._party - 1)
