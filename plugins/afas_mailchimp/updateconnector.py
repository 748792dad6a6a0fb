"""Values of AFAS's writing side: what an UpdateConnector takes, and the bodies that name one existing record. Pure.

Each body changes a record that is there: match code 0 never adds one. Forms are those of AFAS's own examples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Value = str | bool | int | float | date | None
"""What can be written; None empties a field. A date with a time is Amsterdam wall time, without a zone."""

Body = Mapping[str, object]

NEVER_SENT = frozenset({
    "AutoNum",
    "BcCo",
    "BcCoOga",
    "BcCoPer",
    "BcId",
    "CdId",
    "DbId",
    "MatchOga",
    "MatchPer",
    "PadAdr",
    "ViKc",
})
"""Fields that no mapping may write: they name the record, or (``PadAdr``) change a postal address unasked."""

_FREE_FIELD = re.compile(r"U[0-9A-F]{32}", re.ASCII)


class WriteRefusal(StrEnum):
    """Why AFAS did not write a record, as far as it can be told apart."""

    RECORD = "AFAS refused what was sent"
    RIGHT = "AFAS says that the connector may not be used"


@dataclass(frozen=True, slots=True)
class UpdateField:
    """A field of an UpdateConnector as metainfo describes it.

    :param data_type: ``string``, ``int``, ``decimal``, ``boolean`` or ``date``.
    :param length: of a text; 0 has no limit.
    :param values: code and description of each value that it takes; empty takes any.
    """

    id: str
    label: str
    data_type: str
    length: int
    mandatory: bool
    values: tuple[tuple[str, str], ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether somebody at the customer defined it: its id is then another one in each environment."""
        return bool(_FREE_FIELD.fullmatch(self.id))


@dataclass(frozen=True, slots=True)
class UpdateConnector:
    """An UpdateConnector, or an object inside one."""

    id: str
    description: str
    fields: tuple[UpdateField, ...]
    objects: tuple[UpdateConnector, ...] = ()


def person(bc_co: str, fields: Mapping[str, Value]) -> Body:
    """Change a person. :param bc_co: its number."""
    return _body("KnPerson", {"Fields": {"MatchPer": "0", "BcCo": _key(bc_co), **_values(fields)}})


def organisation(bc_co: str, fields: Mapping[str, Value]) -> Body:
    """Change an organisation. :param bc_co: its number."""
    return _body("KnOrganisation", {"Fields": {"MatchOga": "0", "BcCo": _key(bc_co), **_values(fields)}})


def contact(
    *,
    fields: Mapping[str, Value],
    organisation: str | None = None,
    person: str | None = None,
    contact_id: int | None = None,
    kind: str | None = None,
) -> Body:
    """Change a contact, named by ``organisation`` and ``person``, or by ``contact_id`` and ``kind``.

    :param organisation: number of the organisation.
    :param person: number of the person there.
    :param kind: ``PRS``, ``AFD``, ``AFL``, ``ORG`` or ``PER``.
    """
    key: dict[str, object]
    match (organisation, person, contact_id, kind):
        case (str(), str(), None, None):
            key = {"BcCoOga": _key(organisation), "BcCoPer": _key(person)}
        case (None, None, int(), str()):
            key = {"CdId": str(contact_id), "ViKc": _key(kind)}
        case _:
            raise ValueError("A contact is named by organisation and person, or by its id and kind.")
    return _body("KnContact", {"Fields": {**key, **_values(fields)}})


def debtor_organisation(debtor_id: str, bc_co: str, fields: Mapping[str, Value]) -> Body:
    """Change a debtor that is an organisation.

    :param bc_co: number of that organisation: AFAS wants it named inside.
    """
    return _debtor("KnSalesRelationOrg", debtor_id, organisation(bc_co, {}), fields)


def debtor_person(debtor_id: str, bc_co: str, fields: Mapping[str, Value]) -> Body:
    """Change a debtor that is a person.

    :param bc_co: number of that person: AFAS wants it named inside.
    """
    return _debtor("KnSalesRelationPer", debtor_id, person(bc_co, {}), fields)


def _debtor(connector: str, debtor_id: str, inside: Body, fields: Mapping[str, Value]) -> Body:
    return _body(connector, {"@DbId": _key(debtor_id), "Fields": _values(fields), "Objects": inside})


def _body(connector: str, element: Mapping[str, object]) -> Body:
    return {connector: {"Element": element}}


def _key(value: str | None) -> str:
    """Check that a key says something: a blank one could match more than one record."""
    if not value or not value.strip():
        raise ValueError("A record is named by a key that is not blank.")
    return value


def _values(fields: Mapping[str, Value]) -> dict[str, object]:
    wrong = sorted(name for name in fields if name in NEVER_SENT or name.startswith("@"))
    if wrong:
        raise ValueError(f"These fields are never written: {', '.join(wrong)}.")
    return {name: _written(value) for name, value in fields.items()}


def _written(value: Value) -> str | bool | int | float:
    match value:
        case None:
            return ""
        case datetime():
            if value.tzinfo is not None:
                raise ValueError("AFAS takes wall time, without a zone.")
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case _:
            return value
