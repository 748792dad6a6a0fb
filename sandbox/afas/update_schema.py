"""UpdateConnectors as an environment has them: objects, their fields, and the free fields that somebody defined."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.afas.tables import BESIDE
from sandbox.afas.update_fields import COLUMNS, TEXTS, VALUES

KINDS = {"s": "string", "i": "int", "b": "boolean", "d": "date", "n": "decimal"}
_SAME_AS = {"KnSalesRelationPer": "KnSalesRelationOrg"}
_KEYS = {"BcCo", "CdId", "DbId"}
_MANDATORY = {"Nm", "LaNm", "CoId"}
_NOT_MANDATORY_IN = {"KnSalesRelationOrg", "KnSalesRelationPer"}


@dataclass(frozen=True, slots=True)
class UpdateObject:
    """An UpdateConnector, or an object inside one.

    :param objects: the objects inside it that were taught here.
    :param not_taught: those that AFAS has besides.
    """

    name: str
    description: str
    objects: tuple[str, ...] = ()
    not_taught: tuple[str, ...] = ()


_ABOUT_PARTY = ("KnBankAccount", "KnBasicAddressPad", "KnContact")
OBJECTS: Mapping[str, UpdateObject] = {
    each.name: each
    for each in (
        UpdateObject("KnPerson", "Persoon", ("KnBasicAddressAdr",), (*_ABOUT_PARTY, "KnContactAutRole")),
        UpdateObject("KnOrganisation", "Organisatie", ("KnBasicAddressAdr",), _ABOUT_PARTY),
        UpdateObject("KnContact", "Contact", ("KnBasicAddressAdr",), ("KnBasicAddressPad", "KnContactAutRole")),
        UpdateObject("KnSalesRelationOrg", "Verkooprelatie (organisatie)", ("KnOrganisation",)),
        UpdateObject("KnSalesRelationPer", "Verkooprelatie (persoon)", ("KnPerson",)),
        UpdateObject("KnBasicAddressAdr", "Adres"),
    )
}
UPDATE_CONNECTORS = tuple(name for name in OBJECTS if name != "KnBasicAddressAdr")
"""What can be called; the rest is only inside."""


@dataclass(frozen=True, slots=True)
class UpdateField:
    """A field of an object.

    :param column: column of the table, or a place beside its columns.
    :param values: code and description of each value that it takes; empty takes any.
    """

    id: str
    data_type: str
    length: int
    label: str
    column: str
    mandatory: bool = False
    key: bool = False
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FreeField:
    """A field that somebody added to an object.

    :param place: tells fields of the same label apart.
    """

    owner: str
    label: str
    data_type: str
    length: int = 0
    column: str = ""
    values: tuple[tuple[str, str], ...] = ()
    place: int = 0

    def field(self, environment: str) -> UpdateField:
        """The field as its object shows it in one environment."""
        name = f"{self.owner}/{self.label}" + (f"/{self.place}" if self.place else "")
        digest = hashlib.md5(f"{environment}/{name}".encode(), usedforsecurity=False).hexdigest().upper()
        column = self.column or BESIDE + self.label
        return UpdateField("U" + digest, self.data_type, self.length, self.label, column, values=self.values)


def standard_free_fields() -> list[FreeField]:
    """The free fields that an environment starts with."""
    return [
        FreeField(owner, label, "boolean", column=column)
        for owner in ("KnPerson", "KnOrganisation")
        for label, column in (("Nieuwsbrief", "newsletter"), ("E-mail onjuist", "email_wrong"))
    ]


def fields_of(name: str, environment: str, free: Iterable[FreeField]) -> dict[str, UpdateField]:
    """All fields of an object by id.

    :param environment: id of the environment: free fields have other ids in each.
    """
    added = (each.field(environment) for each in free if each.owner == name)
    return {**_standard(name), **{field.id: field for field in added}}


@functools.cache
def _standard(name: str) -> Mapping[str, UpdateField]:
    source = _SAME_AS.get(name, name)
    columns = COLUMNS[source]
    fields = {}
    for text in TEXTS[source].split(";"):
        id_, kind, label = text.strip().split(":")
        pairs = (value.strip().partition("=") for value in VALUES.get(id_, "").split(";") if value)
        fields[id_] = UpdateField(
            id=id_,
            data_type=KINDS[kind[0]],
            length=int(kind[1:]),
            label=label,
            column=columns.get(id_, BESIDE + id_),
            mandatory=id_ in _MANDATORY and name not in _NOT_MANDATORY_IN,
            key=id_ in _KEYS,
            values=tuple((code, description) for code, _, description in pairs),
        )
    return fields
