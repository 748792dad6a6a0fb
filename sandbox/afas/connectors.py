"""The GetConnectors: which column comes from which table. Suffixed copies are made from the ones here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Data collection below a connector."""

    DEBTOR = "debtor"
    CONTACT = "contact"
    DELIVERY = "delivery"


ROLES: dict[Kind, tuple[str, ...]] = {
    Kind.DEBTOR: ("debtor", "party", "address"),
    Kind.CONTACT: ("contact", "organisation", "person", "address", "title"),
    Kind.DELIVERY: ("address", "party", "link"),
}
"""Rows that are joined to one row of a connector; the first is the one that gives the key."""

DATA_TYPES = ("string", "int", "decimal", "boolean", "date")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a connector.

    :param source: ``role.attribute`` in the tables, or empty for a column that is always null.
    """

    id: str
    data_type: str
    source: str
    label: str = ""
    length: int = 255


@dataclass(frozen=True, slots=True)
class Connector:
    """A GetConnector.

    :param restrict: column and the values that the token's user may see, without an error for the rest.
    """

    name: str
    description: str
    kind: Kind
    columns: tuple[Column, ...]
    blocked: bool = False
    authorised: bool = True
    restrict: tuple[str, tuple[object, ...]] | None = None

    @property
    def key(self) -> Column:
        """The column whose source is the key of the first role."""
        first = ROLES[self.kind][0]
        keys = {f"{first}.number", f"{first}.id"}
        return next(column for column in self.columns if column.source in keys)

    def column(self, name: str) -> Column:
        """A column by its exact id."""
        for column in self.columns:
            if column.id == name:
                return column
        msg = f"column {name!r} is not one of {', '.join(column.id for column in self.columns)}"
        raise ValueError(msg)


def _columns(text: str) -> tuple[Column, ...]:
    lines = (line.split("|") for line in text.strip().splitlines())
    return tuple(
        Column(id_.strip(), type_.strip(), source.strip(), label.strip(), int(length))
        for id_, type_, length, source, label in lines
    )


_DEBTOR_APP = _columns("""
    DebtorId     | string  |  16 | debtor.number   | Debiteurnummer
    DebtorName   | string  | 300 | party.name      | Naam
    BcCo         | string  |  15 | party.number    | Nummer organisatie/persoon
    Type         | string  |   3 | debtor.type     | Type
    AddressLine1 | string  | 255 | address.line1   | Adresregel 1 (straat - huisnr)
    AddressLine3 | string  | 255 | address.line3   | Adresregel 3 (postc - wpl)
    AddressLine4 | string  | 255 | address.line4   | Adresregel 4 (land)
    TelNr        | string  | 255 | party.phone     | Telefoonnr. werk
    Email        | string  | 255 | party.email     | E-mail werk
    Blocked      | boolean |   0 | debtor.blocked  | Geblokkeerd voor levering
    CreateDate   | date    |   0 | debtor.created  | Aangemaakt op
    DateModified | date    |   0 | debtor.modified | Gewijzigd op
""")
_DEBTOR_EXTRA = _columns("""
    FirstName    | string  |  80 | party.first_name  | Roepnaam
    LastName     | string  | 100 | party.last_name   | Achternaam
    Nieuwsbrief  | boolean |   0 | party.newsletter  | Nieuwsbrief
    EmailOnjuist | boolean |   0 | party.email_wrong | E-mail onjuist
    Taal         | string  |   3 | party.language    | Taal
    Klantgroep   | string  |  50 | debtor.group      | Klantgroep
    OrgModified  | date    |   0 | party.modified    | Gewijzigd op (organisatie/persoon)
""")
_CONTACTS_APP = _columns("""
    ContactId    | int     |   0 | contact.id          | Contact
    Type         | string  |   3 | contact.type        | Type
    Name         | string  | 600 | title.text          | Naam
    OrgNumber    | string  |  15 | contact.org_number  | Nummer organisatie
    PerNumber    | string  |  15 | contact.person_number | Nummer persoon
    Voornaam     | string  |  80 | person.first_name   | Roepnaam
    Achternaam   | string  | 300 | person.last_name    | Achternaam
    AddressLine1 | string  | 255 | address.line1       | Adresregel 1 (straat - huisnr)
    AddressLine3 | string  | 255 | address.line3       | Adresregel 3 (postc - wpl)
    AddressLine4 | string  | 255 | address.line4       | Adresregel 4 (land)
    TelWork      | string  | 255 | contact.phone       | Telefoonnr. werk
    MobWork      | string  | 255 | contact.mobile      | Mobiel werk
    MailWork     | string  | 255 | contact.email       | E-mail werk
    Function     | string  |  80 | contact.function    | Functie
    Blocked      | boolean |   0 | contact.blocked     | Geblokkeerd
    CreateDate   | date    |   0 | contact.created     | Aangemaakt op
    DateModified | date    |   0 | contact.modified    | Gewijzigd op
""")
_DELIVERY = _columns("""
    OrgId            | string  |  15 | party.number       | Nummer
    Bedrijf          | string  | 255 | party.name         | Naam
    Tel              | string  | 255 | party.phone        | Telefoonnr. werk
    Fax              | string  | 255 |                    | Fax werk
    Mail             | string  | 255 | party.email        | E-mail werk
    Gewijzigd_op     | date    |   0 | party.modified     | Gewijzigd op
    Gewijzigd_op_2   | date    |   0 | address.modified   | Gewijzigd op
    Is_debiteur      | boolean |   0 | link.is_debtor     | Is debiteur
    Adres_ID         | int     |   0 | address.id         | Adres
    Adrestype_code   | string  |  30 |                    | Toev. voor straat
    A_Straat         | string  |  60 | address.street     | Straat
    A_Huisnummer     | int     |   0 | address.number     | Huisnummer
    A_Toev_Huisnr.   | string  |  30 | address.addition   | Toev. aan huisnr.
    A_Postcode       | string  |  15 | address.postcode   | Postcode
    A_Woonplaats     | string  |  50 | address.city       | Woonplaats
    Adrestype_code_2 | string  |   3 | address.kind       | Adrestype
    A_Land           | string  |   2 | address.country    | Land
    DebiteurID       | string  |  16 | link.debtor_number | Debiteur
""")
_DEBTOR = _columns("""
    DebtorId       | string  |  16 | debtor.number        | Debiteurnummer
    DebtorName     | string  |  80 | party.name           | Naam
    BcCo           | string  |  15 | party.number         | Nummer organisatie/persoon
    SearchName     | string  |  10 | party.search_name    | Zoeknaam
    AdressLine1    | string  | 255 | address.line1        | Adresregel 1 (straat - huisnr)
    AdressLine3    | string  | 255 | address.line3        | Adresregel 3 (postc - wpl)
    AdressLine4    | string  | 255 | address.line4        | Adresregel 4 (land)
    TelNr          | string  | 255 | party.phone          | Telefoonnr. werk
    Email          | string  | 255 | party.email          | E-mail werk
    IBAN           | string  |  40 |                      | IBAN
    VatNr          | string  |  21 |                      | Btw-nummer
    ChOfCommNr     | string  |  30 | party.coc_number     | KvK-nummer
    CollectAccount | string  |  16 |                      | Verzamelrekening
    PayCon         | string  |   5 | debtor.pay_condition | Betalingsvoorwaarde
    VatDuty        | string  |   3 |                      | Btw-plicht
    CurrencyId     | string  |   3 | debtor.currency      | Valuta
    Blocked        | boolean |   0 | debtor.blocked       | Geblokkeerd voor levering
    CreditLimit    | decimal |   0 | debtor.credit_limit  | Kredietlimiet
    AutoPayment    | boolean |   0 | debtor.auto_payment  | Automatische incasso
    CreateDate     | date    |   0 | debtor.created       | Aangemaakt op
    ModifiedDate   | date    |   0 | debtor.modified      | Gewijzigd op
""")


def standard_connectors() -> dict[str, Connector]:
    """The connectors that an environment starts with."""
    connectors = (
        Connector("Profit_Debtor", "Debiteuren", Kind.DEBTOR, _DEBTOR),
        Connector("Profit_Debtor_App", "Debiteuren (kopie)", Kind.DEBTOR, _DEBTOR_APP),
        Connector("Profit_Debtor_App_Extra", "Debiteuren (kopie)", Kind.DEBTOR, _DEBTOR_APP + _DEBTOR_EXTRA),
        Connector("Profit_Contacts_App", "Contacten (kopie)", Kind.CONTACT, _CONTACTS_APP),
        Connector("Profit_Deliveryaddress", "Adressen bij contacten (alle)", Kind.DELIVERY, _DELIVERY),
    )
    return {connector.name: connector for connector in connectors}
