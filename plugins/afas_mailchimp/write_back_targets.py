"""Where a value goes: the field of an UpdateConnector found by id or label, and the value in the form that it takes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import UTC, date, datetime

from afas_mailchimp.amsterdam_time import ZONE, parse_modified
from afas_mailchimp.getconnector import Cell
from afas_mailchimp.merge_values import NO, YES
from afas_mailchimp.setting_types import Scalar
from afas_mailchimp.updateconnector import (
    NEVER_SENT,
    Body,
    UpdateConnector,
    UpdateField,
    Value,
    contact,
    debtor_organisation,
    debtor_person,
    organisation,
    person,
)
from afas_mailchimp.write_back import Written
from afas_mailchimp.write_back_settings import Record

NEAR = 4


class DoesNotFitError(ValueError):
    """A value that the field cannot hold. Its text never repeats the value."""


def find_field(connector: UpdateConnector, wanted: str) -> UpdateField | str:
    """Find a field by id, or by label in any capitals.

    :return: the field, or a sentence that lists near matches when there is none or more than one.
    """
    fields = [field for field in connector.fields if field.id not in NEVER_SENT]
    by_id = [field for field in fields if field.id == wanted]
    if by_id:
        return by_id[0]
    by_label = [field for field in fields if _folded(field.label) == _folded(wanted)]
    if len(by_label) == 1:
        return by_label[0]
    if by_label:
        several = ", ".join(f"{field.id} ({field.label})" for field in by_label)
        return (
            f"UpdateConnector {connector.id} has {len(by_label)} fields with label {wanted!r}: {several}; write the id"
        )
    names = {_folded(field.id): field for field in fields} | {_folded(field.label): field for field in fields}
    near = [names[name] for name in difflib.get_close_matches(_folded(wanted), names, n=NEAR, cutoff=0.5)]
    listed = ", ".join(dict.fromkeys(f"{field.id} ({field.label})" for field in near))
    return (
        f"UpdateConnector {connector.id} has no field with id or label {wanted!r}"
        f"{f'; near it: {listed}' if listed else ''}"
    )


def convert(value: Written, field: UpdateField) -> Value:
    """Give a value the type of its field.

    :param value: a moment is aware; it becomes Amsterdam wall time.
    :raises DoesNotFitError: the field cannot hold it.
    """
    if value is None or value == "":
        return None
    if field.values:
        return _code(value, field)
    match field.data_type:
        case "boolean":
            return _yes_no(value)
        case "date":
            return _moment(value)
        case "int" | "decimal":
            return _number(value, whole=field.data_type == "int")
        case _:
            text = _moment_text(value) if isinstance(value, datetime) else _text(value)
            if field.length and len(text) > field.length:
                raise DoesNotFitError(f"longer than the {field.length} characters of the field")
            return text


def check_table(table: Mapping[str, Scalar], field: UpdateField) -> str | None:
    """What is wrong with the values of a table, None when the field takes all of them."""
    for value in table.values():
        try:
            convert(value, field)
        except DoesNotFitError as error:
            return f"{value!r} does not fit in field {field.id} ({field.label}): {error}"
    return None


def record_key(record: Record, cells: Mapping[str, Cell]) -> tuple[str, ...] | None:
    """What names a record, in the order of ``Record.columns``; None when a part of it is blank.

    :param cells: the row's cells by column.
    """
    key = tuple(str(cells[column] if cells[column] is not None else "").strip() for column in record.columns)
    return key if all(key) else None


def update_body(record: Record, key: tuple[str, ...], fields: Mapping[str, Value]) -> Body:
    """The body that changes one existing record.

    :param key: of ``record_key``.
    """
    match record.update:
        case "KnPerson":
            return person(key[0], fields)
        case "KnOrganisation":
            return organisation(key[0], fields)
        case "KnSalesRelationOrg":
            return debtor_organisation(key[0], key[1], fields)
        case "KnSalesRelationPer":
            return debtor_person(key[0], key[1], fields)
        case _:
            if record.contact is not None:
                return contact(contact_id=int(key[0]), kind=key[1], fields=fields)
            return contact(organisation=key[0], person=key[1], fields=fields)


def _code(value: Written, field: UpdateField) -> str:
    text = _text(value)
    codes = [code for code, description in field.values if _folded(text) in {_folded(code), _folded(description)}]
    exact = [code for code, _ in field.values if _folded(code) == _folded(text)]
    if not codes:
        raise DoesNotFitError(f"not one of {', '.join(code for code, _ in field.values[:20])}")
    return (exact or codes)[0]


def _yes_no(value: Written) -> bool:
    word = _folded(_text(value))
    if word in YES:
        return True
    if word in NO:
        return False
    raise DoesNotFitError("neither yes nor no")


def _moment(value: Written) -> date:
    if isinstance(value, datetime):
        return _wall(value)
    moment = parse_modified(_text(value))
    if moment is None:
        raise DoesNotFitError("not a date")
    return moment if moment.time() != datetime.min.time() else moment.date()


def _number(value: Written, *, whole: bool) -> int | float:
    try:
        number = float(_text(value).replace(",", "."))
    except ValueError:
        raise DoesNotFitError("not a number") from None
    if whole and not number.is_integer():
        raise DoesNotFitError("not a whole number")
    return int(number) if number.is_integer() else number


def _wall(moment: datetime) -> datetime:
    local = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZONE)
    return datetime(local.year, local.month, local.day, local.hour, local.minute, local.second)  # noqa: DTZ001 - as AFAS


def _moment_text(moment: datetime) -> str:
    return _wall(moment).isoformat(sep=" ")


def _text(value: Written) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
