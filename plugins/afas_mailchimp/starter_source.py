"""One GetConnector read as a source of a sync: what its columns are guessed to be, or which one is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from afas_mailchimp import starter_columns as roles
from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.field_mapping import FieldKind
from afas_mailchimp.getconnector import ConnectorField
from afas_mailchimp.settings import DeliveryAddress
from afas_mailchimp.starter_columns import Columns, plain

MOST_NAMED = 25
"""Columns that a sentence names."""


class SourceKind(StrEnum):
    """What the rows of a connector are; also the name of the source."""

    DEBTORS = "debtors"
    CONTACTS = "contacts"


KIND_NAMES = {
    SourceKind.DEBTORS: ("debtor", "debiteur", "salesrelation", "verkooprelatie", "klant", "customer"),
    SourceKind.CONTACTS: ("contact", "persoon", "person"),
}
USUAL_KEY = {SourceKind.DEBTORS: "DebtorId", SourceKind.CONTACTS: "ContactId"}
USUAL_EMAIL = "the e-mail address (usually Email or MailWork)"
KEYS = {SourceKind.DEBTORS: roles.DEBTOR_KEY, SourceKind.CONTACTS: roles.CONTACT_KEY}


@dataclass(frozen=True, slots=True)
class Guess:
    """What a connector offers, as far as names tell.

    :param consent: columns about mail; the first one is used.
    :param mapped: merge tag → kind and the columns that it is made of.
    :param rest: columns that nothing uses, in AFAS's order.
    """

    connector: str
    kind: SourceKind
    key: ConnectorField
    email: ConnectorField
    modified: tuple[ConnectorField, ...]
    blocked: ConnectorField | None
    type: ConnectorField | None
    consent: tuple[ConnectorField, ...]
    mapped: dict[str, tuple[FieldKind, tuple[str, ...]]]
    rest: tuple[ConnectorField, ...]


def kind_by_name(connector: str) -> SourceKind | None:
    """What a connector's name says that it holds; None when it says nothing, or delivery addresses."""
    name = plain(connector)
    if any(word in name for word in roles.DELIVERY):
        return None
    return next((kind for kind, words in KIND_NAMES.items() if any(word in name for word in words)), None)


def may_hold_customers(connector: str) -> bool:
    """Whether a connector's name makes it worth asking for its columns."""
    return kind_by_name(connector) is not None or any(word in plain(connector) for word in roles.DELIVERY)


def has_delivery_addresses(connector: str, columns: Iterable[ConnectorField]) -> bool:
    """Whether a connector is the standard one with delivery addresses, or a copy with its columns."""
    ids = {column.id for column in columns}
    block = DeliveryAddress()
    return {block.match, block.id, *block.address} <= ids and kind_by_name(connector) is None


def described(connector: str, columns: Sequence[ConnectorField]) -> str:
    """What a connector looks like, for a list of connectors."""
    if has_delivery_addresses(connector, columns):
        return "delivery addresses, beside a connector with debtors"
    try:
        guess = guess_source(connector, columns)
    except ConfigurationError:
        return "no column for key or e-mail address was recognised"
    used = [guess.key, guess.email, *guess.modified, *guess.consent]
    return f"looks like {guess.kind} ({', '.join(readable(column.id) for column in used)})"


def guess_source(connector: str, columns: Iterable[ConnectorField]) -> Guess:
    """Guess what each column is.

    :raises ConfigurationError: with one sentence that names what could not be found.
    """
    table = Columns(columns)
    found = _key(connector, table)
    email = table.find(roles.EMAIL) if found else Columns(table.all).find(roles.EMAIL)
    if found is None or email is None:
        raise _missing(connector, table.all, key=found is None, email=email is None)
    kind, key = found
    modified = _modified(table)
    blocked = table.find(roles.BLOCKED)
    of_contact = table.find(roles.CONTACT_TYPE) if kind == SourceKind.CONTACTS else None
    consent = (
        *table.find_all((*roles.CONSENT_OF_SWITCH, *roles.REFUSAL), roles.SWITCH),
        *table.find_all((*roles.CONSENT, *roles.REFUSAL), roles.TEXT),
    )
    return Guess(
        connector=connector,
        kind=kind,
        key=key,
        email=email,
        modified=modified,
        blocked=blocked,
        type=of_contact,
        consent=consent,
        mapped=_mapped(table, kind),
        rest=table.rest,
    )


def _key(connector: str, table: Columns) -> tuple[SourceKind, ConnectorField] | None:
    named = kind_by_name(connector)
    kinds: Collection[SourceKind] = (named,) if named else SourceKind
    for kind in kinds:
        if column := table.find(KEYS[kind]):
            return kind, column
    return None


def _modified(table: Columns) -> tuple[ConnectorField, ...]:
    """Every date that moves with a change, the row's own first."""
    own = table.find(roles.MODIFIED)
    others = table.find_all(roles.CHANGED, roles.DATE)
    return (own, *others) if own else others


def _mapped(table: Columns, kind: SourceKind) -> dict[str, tuple[FieldKind, tuple[str, ...]]]:
    found: dict[str, tuple[FieldKind, tuple[str, ...]]] = {}
    single = {
        "FNAME": (FieldKind.TEXT, roles.FIRST_NAME),
        "LNAME": (FieldKind.TEXT, roles.LAST_NAME),
        "COMPANY": (FieldKind.TEXT, roles.DEBTOR_NAME if kind == SourceKind.DEBTORS else roles.EMPLOYER),
        "PHONE": (FieldKind.PHONE, roles.PHONE),
        "CREATED": (FieldKind.DATE, roles.CREATED),
    }
    for tag, (field_kind, role) in single.items():
        if column := table.find(role):
            found[tag] = (field_kind, (column.id,))
    street, city = table.find(roles.LINE_1), table.find(roles.LINE_3)
    if street and city:
        country = table.find(roles.LINE_4)
        found["ADDRESS"] = (FieldKind.ADDRESS, tuple(line.id for line in (street, city, country) if line))
    else:
        table.give_back(street, city)
    return found


def _missing(connector: str, columns: Sequence[ConnectorField], *, key: bool, email: bool) -> ConfigurationError:
    named = kind_by_name(connector)
    usual = USUAL_KEY[named] if named else " or ".join(USUAL_KEY.values())
    missing = ([f"the key (usually {usual})"] if key else []) + ([USUAL_EMAIL] if email else [])
    names = [readable(column.id) for column in columns[:MOST_NAMED]]
    more = f" and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else ""
    return ConfigurationError(
        f"GetConnector {readable(connector)} has no column that looks like {', and none like '.join(missing)}: add it "
        f"to the connector in AFAS, or name the right column in a sync file of your own (it has "
        f"{', '.join(names) or 'none'}{more})."
    )


def readable(text: str) -> str:
    """Text of AFAS on one line of a comment or a sentence, without signs that cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
