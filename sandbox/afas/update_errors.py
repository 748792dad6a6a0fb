"""What AFAS says when it refuses a write. The wording is AFAS's where it is known; values are repeated, as it does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class NotTaughtError(Exception):
    """AFAS has it, this stand-in has not."""


class Reason(StrEnum):
    """Why a write is refused."""

    UNEXPECTED = "unexpected"
    NO_VALUE = "no value"
    NO_SUCH_VALUE = "no such value"
    TOO_LONG = "too long"
    WRONG_TYPE = "wrong type"
    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_OBJECT = "unknown object"
    NOT_FOUND = "not found"
    SEVERAL = "several"


_TEXTS: Mapping[Reason, tuple[str, str]] = {
    Reason.UNEXPECTED: ("An unexpected error has occurred.", "Er is een onverwachte fout opgetreden."),
    Reason.NO_VALUE: ("Enter a value for '{what}'.", "Vul een waarde in bij '{what}'."),
    Reason.NO_SUCH_VALUE: (
        "The entered value for '{what}' does not exist.",
        "De ingevulde waarde bij '{what}' bestaat niet.",
    ),
    Reason.TOO_LONG: (
        "The value '{value}' of '{what}' is longer than {length} characters.",
        "De waarde '{value}' van '{what}' is langer dan {length} tekens.",
    ),
    Reason.WRONG_TYPE: (
        "The value '{value}' of '{what}' is not valid.",
        "De waarde '{value}' van '{what}' is niet geldig.",
    ),
    Reason.UNKNOWN_FIELD: ("Field '{what}' is unknown.", "Het veld '{what}' is onbekend."),
    Reason.UNKNOWN_OBJECT: ("Object '{what}' is unknown.", "Het object '{what}' is onbekend."),
    Reason.NOT_FOUND: ("'{value}' was not found in '{what}'.", "'{value}' is niet gevonden bij '{what}'."),
    Reason.SEVERAL: ("More than one record matches '{what}'.", "Er voldoet meer dan één record aan '{what}'."),
}


class UpdateError(Exception):
    """A write that AFAS refuses.

    :param what: label or id that the text names.
    :param value: what was sent.
    """

    def __init__(self, reason: Reason, what: str = "", *, value: object = "", length: int = 0) -> None:
        super().__init__(reason, what)
        self.reason = reason
        self._parts = {"what": what, "value": value, "length": length}

    def text(self, language: str) -> str:
        """The sentence, in the language of the ``Accept-Language`` header."""
        english, dutch = _TEXTS[self.reason]
        return (dutch if language.lower().startswith("nl") else english).format(**self._parts)
