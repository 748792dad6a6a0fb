"""The difficult customers: a fixed set, each under a name, so that a test can say what becomes of every one."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.afas.clock import parse_wall
from sandbox.afas.tables import Address, Contact, Debtor, Organisation, Person, Store

CHANGED = parse_wall("2026-05-01T12:00:00") + 250
SAME_SECOND = parse_wall("2026-05-02T09:30:15")
SAME_SECOND_ROWS = 25
_FIRST_NUMBER = 9_900_001
_LONG_NAME = ("Samenwerkingsverband van Gezamenlijke Handelsondernemingen " * 6)[:300]


@dataclass(frozen=True, slots=True)
class _Nasty:
    label: str
    email: str | None
    name: str | None = "Handelshuis De Proef B.V."
    phone: str | None = "033-4612345"
    number: str = ""
    blocked: bool = False
    modified: int | None = CHANGED
    person: bool = False
    address: dict[str, str | None] = field(default_factory=dict)


def _debtors() -> list[_Nasty]:
    home = "nasty.example"
    rows = [
        _Nasty("empty_email", None),
        _Nasty("blank_email", "   "),
        _Nasty("invalid_no_at", f"info.{home}"),
        _Nasty("invalid_double_at", f"info@@{home}"),
        _Nasty("invalid_inner_blank", f"jan jansen@{home}"),
        _Nasty("invalid_empty_label", "info@nasty..example"),
        _Nasty("invalid_long_local_part", "a" * 65 + f"@{home}"),
        _Nasty("two_addresses_semicolon", f"eerste.puntkomma@{home}; tweede.puntkomma@{home}"),
        _Nasty("two_addresses_comma_first_invalid", f"geen-adres, tweede.komma@{home}"),
        _Nasty("two_addresses_slash", f"eerste.streep@{home} / tweede.streep@{home}"),
        _Nasty("surrounding_blanks", f"  omringd@{home} "),
        _Nasty("upper_case", f"HOOFDLETTERS@{home.upper()}"),
        _Nasty("shared_between_debtors", f"Gedeeld@{home}"),
        _Nasty("shared_between_debtors", f" gedeeld@{home.upper()} ", modified=CHANGED + 60_000),
        _Nasty("shared_with_contact", f"inkoop.gedeeld@{home}"),
        _Nasty("diacritics", f"diakrieten@{home}", name="Café Señor Ünlü & Zn., Brasserie 't Øertje"),
        _Nasty("emoji", f"emoji@{home}", name="Bloemen 🌷 & Ballonnen 🎈👩\u200d🌾"),
        _Nasty("name_of_300", f"lang@{home}", name=_LONG_NAME),
        _Nasty("no_name", f"naamloos@{home}", name=None),
        _Nasty("merge_tag_in_name", f"mergetag@{home}", name="*|FNAME|* <b>Kaas</b> \"Wijn\" & 'Brood'"),
        _Nasty("name_with_blanks", f"blanco@{home}", name="  Slagerij   De Big  "),
        _Nasty("phone_zero_in_brackets", f"tel1@{home}", phone="+31 (0)33 461 23 45"),
        _Nasty("phone_mobile", f"tel2@{home}", phone="06-12345678"),
        _Nasty("phone_double_zero", f"tel3@{home}", phone="0031334612345"),
        _Nasty("phone_two_numbers", f"tel4@{home}", phone="033 4612345 / 06 12345678"),
        _Nasty("phone_word", f"tel5@{home}", phone="geen"),
        _Nasty("phone_extension_only", f"tel6@{home}", phone="toestel 12"),
        _Nasty("phone_zeros", f"tel7@{home}", phone="0000000000"),
        _Nasty("phone_empty", f"tel8@{home}", phone=None),
        _Nasty("missing_city", f"stad@{home}", address={"city": None}),
        _Nasty("missing_postcode_and_city", f"postcode@{home}", address={"city": None, "postcode": None}),
        _Nasty("no_address", f"adresloos@{home}", address={"street": None, "city": None, "postcode": None}),
        _Nasty("belgium", f"belgie@{home}", address={"postcode": "2000", "city": "ANTWERPEN", "country": "BE"}),
        _Nasty("germany", f"duitsland@{home}", address={"postcode": "48143", "city": "MÜNSTER", "country": "DE"}),
        _Nasty("blocked", f"geblokkeerd@{home}", blocked=True),
        _Nasty("no_modified", f"ongewijzigd@{home}", modified=None),
        _Nasty("leading_zeros", f"nullen@{home}", number="00042"),
        _Nasty("letters_in_key", f"letters@{home}", number="D-0007"),
        _Nasty("lower_case_key", f"kleine.letters@{home}", number="d-0008"),
        _Nasty("prefix_in_person", f"persoon@{home}", name="Noor van 't Øever-Ünal", person=True),
    ]
    rows += [
        _Nasty("same_second", f"zelfde.seconde.{place}@{home}", modified=SAME_SECOND + place * 40)
        for place in range(SAME_SECOND_ROWS)
    ]
    return rows


def _contacts() -> list[_Nasty]:
    home = "nasty.example"
    return [
        _Nasty("shared_with_debtor", f"INKOOP.Gedeeld@{home}", name="Inge de Inkoper"),
        _Nasty("contact_empty_email", None, name="Zonder Adres"),
        _Nasty("contact_invalid", "geen adres", name="Fout Adres"),
        _Nasty("contact_blocked", f"contact.geblokkeerd@{home}", name="Bas Blok", blocked=True),
        _Nasty("contact_emoji", f"contact.emoji@{home}", name="Roos 🌹"),
        _Nasty("contact_without_person", f"afdeling@{home}", name=None),
    ]


def add_nasty(store: Store) -> dict[str, dict[str, list[str | int]]]:
    """Put the difficult customers behind the others; answers their keys by connector and name."""
    keys: dict[str, dict[str, list[str | int]]] = {"debtors": {}, "contacts": {}}
    number = _FIRST_NUMBER
    for nasty in _debtors():
        party = _add_party(store, nasty, number)
        debtor = Debtor(nasty.number or str(number), party=party, blocked=nasty.blocked)
        debtor.type = "PER" if nasty.person else "ORG"
        debtor.created, debtor.modified = CHANGED, nasty.modified
        store.add(debtor)
        keys["debtors"].setdefault(nasty.label, []).append(debtor.number)
        number += 1
    first_owner = str(_FIRST_NUMBER)
    for nasty in _contacts():
        contact = Contact(number, org_number=first_owner, email=nasty.email, blocked=nasty.blocked)
        contact.type = "PRS" if nasty.name else "AFD"
        contact.department = None if nasty.name else "Inkoop"
        contact.phone, contact.created, contact.modified = nasty.phone, CHANGED, nasty.modified
        if nasty.name:
            person = Person(str(number), created=CHANGED, modified=CHANGED)
            person.name = nasty.name
            store.add(person)
            contact.person_number = person.number
        store.add(contact)
        keys["contacts"].setdefault(nasty.label, []).append(number)
        number += 1
    return keys


def _add_party(store: Store, nasty: _Nasty, number: int) -> str:
    party = (Person if nasty.person else Organisation)(str(number), created=CHANGED, modified=CHANGED)
    party.name, party.email, party.phone, party.address = nasty.name, nasty.email, nasty.phone, number
    store.add(party)
    place: dict[str, str | None] = {"street": "Proefweg", "postcode": "3811 HN", "city": "AMERSFOORT", **nasty.address}
    address = Address(number, str(number), created=CHANGED, modified=CHANGED)
    address.street, address.postcode, address.city = place["street"], place["postcode"], place["city"]
    address.number = 69 if address.street else None
    address.country = place.get("country", "NL")
    store.add(address)
    return party.number
