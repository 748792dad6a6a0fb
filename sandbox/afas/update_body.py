"""The body of an UpdateConnector: its grammar, and the values in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.message import Message

from sandbox.afas.clock import parse_wall
from sandbox.afas.update_errors import NotTaughtError, Reason, UpdateError
from sandbox.afas.update_schema import OBJECTS, UpdateField

Value = str | int | float | bool | None
_YES_NO: Mapping[object, bool] = {"1": True, "true": True, "0": False, "false": False}
_WHOLE, _NUMBER = re.compile(r"-?\d{1,10}", re.ASCII), re.compile(r"-?\d{1,12}(\.\d{1,8})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class InvalidJsonError(Exception):
    """A body that is not JSON at all."""


@dataclass(frozen=True, slots=True)
class Element:
    """One record of an object.

    :param attributes: what stands before the fields with an ``@``, such as ``@DbId``.
    """

    name: str
    attributes: Mapping[str, object]
    fields: Mapping[str, object]
    objects: tuple[Element, ...]


def decode(body: bytes, content_type: str) -> object:
    """Read the JSON of a write; without a charset everything beyond ASCII arrives as a question mark."""
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_type() != "application/json":
        raise UpdateError(Reason.UNEXPECTED)
    charset = header.get_content_charset()
    try:
        text = body.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError) as error:
        raise UpdateError(Reason.UNEXPECTED) from error
    if charset is None:
        text = re.sub(r"[^\x00-\x7f]", "?", text)
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidJsonError from error


def parse(connector: str, body: object) -> tuple[Element, ...]:
    """Read the records of a body."""
    if body == {}:
        msg = "UpdateConnectors without a record"
        raise NotTaughtError(msg)
    if not isinstance(body, dict) or list(body) != [connector]:
        raise UpdateError(Reason.UNKNOWN_OBJECT, next(iter(body), "") if isinstance(body, dict) else "")
    return _elements(connector, body[connector])


def _elements(name: str, holder: object) -> tuple[Element, ...]:
    if not isinstance(holder, dict) or list(holder) != ["Element"]:
        raise UpdateError(Reason.NO_VALUE, "Element")
    found = holder["Element"]
    if found == []:
        raise UpdateError(Reason.NO_VALUE, "Element")
    return tuple(_element(name, each) for each in (found if isinstance(found, list) else [found]))


def _element(name: str, found: object) -> Element:
    if not isinstance(found, dict) or not found:
        raise UpdateError(Reason.NO_VALUE, name)
    attributes = {key: value for key, value in found.items() if key.startswith("@")}
    unknown = [key for key in found if key not in {"Fields", "Objects", *attributes}]
    if unknown:
        raise UpdateError(Reason.UNKNOWN_OBJECT, unknown[0])
    fields = found.get("Fields") or {}
    if not isinstance(fields, dict):
        raise UpdateError(Reason.WRONG_TYPE, "Fields", value=fields)
    fields = dict(fields)
    actions = {key: fields.pop(key) for key in list(fields) if key.lower() == "@action"}
    actions |= {key: attributes.pop(key) for key in list(attributes) if key.lower() == "@action"}
    if any(action != "update" for action in actions.values()):
        msg = "UpdateConnectors with another action than update"
        raise NotTaughtError(msg)
    return Element(name, attributes, fields, _objects(name, found.get("Objects") or {}))


def _objects(name: str, found: object) -> tuple[Element, ...]:
    """Read the objects inside: one object, or a list of objects with one key each."""
    holders = found if isinstance(found, list) else [found] if found else []
    elements: list[Element] = []
    for holder in holders:
        if not isinstance(holder, dict) or (isinstance(found, list) and len(holder) != 1):
            raise UpdateError(Reason.WRONG_TYPE, "Objects")
        for inner, content in holder.items():
            if inner in OBJECTS[name].not_taught:
                msg = f"{inner} in {name}"
                raise NotTaughtError(msg)
            if inner not in OBJECTS[name].objects:
                raise UpdateError(Reason.UNKNOWN_OBJECT, inner)
            elements += _elements(inner, content)
    return tuple(elements)


def read_value(field: UpdateField, value: object) -> Value:
    """Turn a sent value into what the table keeps; an empty text clears."""
    if value is None:
        msg = f"null as a value ({field.id}); an empty text clears"
        raise NotTaughtError(msg)
    if value == "" and not isinstance(value, bool):
        if field.mandatory:
            raise UpdateError(Reason.NO_VALUE, field.label)
        return None
    read = _typed(field.data_type, value)
    if read is None:
        raise UpdateError(Reason.WRONG_TYPE, field.label, value=value)
    if isinstance(read, str) and field.length and len(read) > field.length:
        raise UpdateError(Reason.TOO_LONG, field.label, value=value, length=field.length)
    if field.values:
        codes = {code.lower(): code for code, _ in field.values}
        if str(read).lower() not in codes:
            raise UpdateError(Reason.NO_SUCH_VALUE, field.label)
        return codes[str(read).lower()] if isinstance(read, str) else read
    return read


def _typed(data_type: str, value: object) -> Value:
    """Read a value by type; None is one that does not fit."""
    text = str(value)
    if data_type == "boolean":
        return _YES_NO.get(text.lower())
    if isinstance(value, str):
        return _of_text(data_type, value)
    if isinstance(value, bool) or data_type not in {"int", "decimal"}:
        return None
    return _of_text(data_type, text)


def _of_text(data_type: str, text: str) -> Value:
    match data_type:
        case "int":
            return int(text) if _WHOLE.fullmatch(text) else None
        case "decimal":
            return float(text) if _NUMBER.fullmatch(text) else None
        case "date":
            return _moment(text)
        case _:
            return text


def _moment(text: str) -> int | None:
    try:
        if _DATE.fullmatch(text):
            return parse_wall(date.fromisoformat(text).isoformat() + "T00:00:00")
        return parse_wall(text)
    except ValueError:
        return None
