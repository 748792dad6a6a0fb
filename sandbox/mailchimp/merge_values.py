"""One merge value: what the schema lets through, how each type judges it, and how it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from sandbox.mailchimp import messages
from sandbox.mailchimp.model import FieldType, MergeField, MergeValue
from sandbox.mailchimp.switches import Switches

LONGEST_TEXT: Final = 255
ADDRESS_PARTS: Final = ("addr1", "addr2", "city", "state", "zip", "country")
_NEEDED: Final = ("addr1", "city", "state", "zip")
_COUNTRIES: Final = {164: "US"}
"""Numbers of ``default_country``: only this one was ever recorded."""
_US_PHONE: Final = re.compile(r"\d{3}-\d{3}-\d{4}")
_URL: Final = re.compile(r"https?://[^\s/.]+\.\S+")
_PATTERNS: Final = {FieldType.ZIP: re.compile(r"\d{5}"), FieldType.URL: _URL, FieldType.IMAGEURL: _URL}
_PATTERN_MESSAGES: Final = {
    FieldType.PHONE: "phone",
    FieldType.ZIP: "zip",
    FieldType.URL: "url",
    FieldType.IMAGEURL: "url",
}
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)([T ].*)?")
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_BIRTHDAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})")


class ValueRefusedError(Exception):
    """A value does not fit its field; the text is the vendor's message."""


class DroppedError(Exception):
    """A value is left out in silence, while the rest of the write goes on."""


def fits_schema(value: object) -> bool:
    """Tell whether the schema takes a value: text, number, or an address object.

    An address without the key ``state`` was seen to fail here, and not in the judgement of the address.
    """
    if isinstance(value, str):
        return True
    if isinstance(value, dict):
        known = all(key in ADDRESS_PARTS and isinstance(part, str) for key, part in value.items())
        return known and "state" in value
    return isinstance(value, int | float) and not isinstance(value, bool)


def kept(field: MergeField, raw: object, *, switches: Switches, skip_validation: bool) -> MergeValue:
    """Judge a value that fits the schema, and give it the form in which it is kept.

    :raises ValueRefusedError: with the message in the account's language.
    :raises DroppedError: for an address that is not complete.
    """
    if raw == "":
        return ""
    if field.type is FieldType.ADDRESS:
        return _address(field, raw, switches=switches, skip_validation=skip_validation)
    text = _as_text(raw)
    if switches["strip_text"]:
        text = text.strip()
    # Nearly every value is a text, and looking up an enumeration's member is slow.
    if field.type is FieldType.TEXT and len(text) <= LONGEST_TEXT:
        return text
    language = switches["language"]
    if field.type in _JUDGES:
        return _JUDGES[field.type](field, text, language)
    us_phone = field.type is FieldType.PHONE and field.options.get("phone_format") == "US"
    pattern = _US_PHONE if us_phone else _PATTERNS.get(field.type)
    if pattern is not None and not pattern.fullmatch(text):
        raise ValueRefusedError(messages.text(_PATTERN_MESSAGES[field.type], language))
    if len(text) > LONGEST_TEXT and switches["long_text"] == "error":
        raise ValueRefusedError(messages.text("long", language))
    return text[:LONGEST_TEXT]


def is_complete(parts: Mapping[str, str]) -> bool:
    """Tell whether an address has all it needs: street, city, state and zip code."""
    country = re.fullmatch(r"[A-Za-z]{2}|", parts.get("country", ""))
    return country is not None and all(parts.get(name) for name in _NEEDED)


def _as_text(raw: object) -> str:
    return raw if isinstance(raw, str) else repr(raw)


def _number(_field: MergeField, text: str, language: object) -> MergeValue:
    if not _NUMBER.fullmatch(text):
        raise ValueRefusedError(messages.text("number", language))
    number = float(text)
    return int(number) if number.is_integer() else number


def _date(field: MergeField, text: str, language: object) -> str:
    try:
        if found := _ISO_DATE.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        if found := _SLASHED.fullmatch(text):
            day_first = str(field.options.get("date_format", "")).upper().startswith("DD")
            day, month = (found[1], found[2]) if day_first else (found[2], found[1])
            return date(int(found[3]), int(month), int(day)).isoformat()
    except ValueError:
        pass
    raise ValueRefusedError(messages.text("date", language))


def _birthday(field: MergeField, text: str, language: object) -> str:
    if found := _BIRTHDAY.fullmatch(text):
        day_first = str(field.options.get("date_format", "")).upper().startswith("DD")
        day, month = (int(found[1]), int(found[2])) if day_first else (int(found[2]), int(found[1]))
        try:
            date(2000, month, day)  # a leap year: 29 February is a birthday
        except ValueError:
            pass
        else:
            return f"{int(found[1]):02}/{int(found[2]):02}"
    raise ValueRefusedError(messages.text("birthday", language))


def _choice(field: MergeField, text: str, language: object) -> str:
    choices = field.options.get("choices")
    known = [str(choice) for choice in choices] if isinstance(choices, list) else []
    if text in known:
        return text
    raise ValueRefusedError(messages.text("choice", language, choices=", ".join([*known, ""]), value=text))


_JUDGES: Final[dict[FieldType, Callable[[MergeField, str, object], MergeValue]]] = {
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.BIRTHDAY: _birthday,
    FieldType.RADIO: _choice,
    FieldType.DROPDOWN: _choice,
}


def _address(field: MergeField, raw: object, *, switches: Switches, skip_validation: bool) -> dict[str, str]:
    if isinstance(raw, dict):
        parts = {name: str(raw.get(name, "")).strip() for name in ADDRESS_PARTS}
        parts["country"] = parts["country"] or _COUNTRIES.get(_as_int(field.options.get("default_country")), "")
        if is_complete(parts) or (skip_validation and switches["partial_address_when_skipping"]):
            return parts
    if field.required or switches["address_incomplete"] == "error":
        raise ValueRefusedError(messages.text("address", switches["language"]))
    raise DroppedError


def _as_int(value: object) -> int:
    return value if isinstance(value, int) else 0
