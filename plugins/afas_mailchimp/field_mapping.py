"""How one merge field is made of AFAS columns: ``COMPANY: Name``, ``PHONE: {phone: TelNr, only_when_empty: true}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, StrictBool, StrictStr

from afas_mailchimp.setting_types import ColumnId, Settings
from afas_mailchimp.values import Word


class FieldKind(Word):
    """How the columns of AFAS become a merge field."""

    TEXT = "text"
    PHONE = "phone"
    DATE = "date"
    NUMBER = "number"
    ADDRESS = "address"
    YES_NO = "yes_no"
    CHOICE = "choice"


OPTIONS = ("only_when_empty", "choices")
"""What may stand beside the kind; ``choices`` only beside ``choice``."""


class FieldMapping(Settings):
    """One merge field: kind and the AFAS columns it is made of.

    :param only_when_empty: fill it where the member has nothing there; leave alone what somebody put there.
    :param choices: the values a choice field may have; its order when it is created.
    """

    kind: FieldKind
    columns: tuple[ColumnId, ...]
    only_when_empty: StrictBool = False
    choices: tuple[StrictStr, ...] = ()


def _mapping(value: object) -> object:
    if isinstance(value, FieldMapping):
        return value
    if isinstance(value, str):
        return {"kind": FieldKind.TEXT, "columns": (value,)}
    kinds = ", ".join(FieldKind)
    if not isinstance(value, dict):
        message = f"write a column name, or one of {{{kinds}: column}}"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns a ValueError into a sentence
    named = [key for key in value if key not in OPTIONS]
    for unknown in (key for key in named if key not in set(FieldKind)):
        message = f"unknown kind {unknown!r}; allowed: {kinds}; beside a kind: {', '.join(OPTIONS)}"
        raise ValueError(message)
    if len(named) != 1:
        found = " and ".join(map(str, named)) if named else "none"
        message = f"write exactly one kind, such as {{text: column}}, and not {found}; allowed: {kinds}"
        raise ValueError(message)
    (kind,) = named
    return {
        "kind": kind,
        "columns": _columns(FieldKind(kind), value[kind]),
        "only_when_empty": _switch(value.get("only_when_empty", False)),
        "choices": _choices(FieldKind(kind), value),
    }


def _columns(kind: FieldKind, given: object) -> tuple[object, ...]:
    columns = tuple(given) if isinstance(given, list | tuple) else (given,)
    if kind == FieldKind.ADDRESS and len(columns) not in {2, 3}:
        message = "address takes two or three columns: street and number, postcode and city, country"
        raise ValueError(message)
    if kind != FieldKind.ADDRESS and len(columns) != 1:
        message = f"{kind} takes one column"
        raise ValueError(message)
    return columns


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        message = "only_when_empty is true or false"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns a ValueError into a sentence
    return value


def _choices(kind: FieldKind, value: Mapping[object, object]) -> tuple[str, ...]:
    if "choices" not in value:
        return ()
    if kind != FieldKind.CHOICE:
        message = f"choices go with choice, not with {kind}"
        raise ValueError(message)
    given = value["choices"]
    if not isinstance(given, list | tuple) or not given:
        message = "choices is a list of the values that the field may have, such as [Horeca, Retail]"
        raise ValueError(message)
    # YAML reads a bare yes, no or 12 as something else than the text that Mailchimp keeps.
    wrong = next((each for each in given if not isinstance(each, str) or not each.strip()), None)
    if wrong is not None or None in given:
        message = f"choices: write {wrong!r} as text, in quotes"
        raise ValueError(message)
    choices = tuple(str(each).strip() for each in given)
    if len(set(choices)) < len(choices):
        message = "choices names a value twice"
        raise ValueError(message)
    return choices


Mapped = Annotated[FieldMapping, BeforeValidator(_mapping)]
"""A field mapping as a sync file writes it."""
