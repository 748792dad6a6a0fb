"""Answers in AFAS's form. Errors are JSON that calls itself XML, as the documentation has it."""

from __future__ import annotations

import json
from enum import IntEnum

from sandbox.wire import Response

JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"
UNEXPECTED = {"en": "An unexpected error has occurred.", "nl": "Er is een onverwachte fout opgetreden."}
UNAUTHORISED = "GetConnector not supported for this app or the user is not authorized"
UPDATE_UNAUTHORISED = "UpdateConnector not supported for this app or the user is not authorized"
BLOCKED = "This GetConnector (definition) is blocked"
MAINTENANCE = {
    "error": {
        "code": "503",
        "message": "Service temporarily unavailable due to scheduled maintenance. "
        "Please check afasstatus.nl for details.",
    }
}


class ErrorNumber(IntEnum):
    """Error numbers seen in the wild; AFAS says that they mean little."""

    UNEXPECTED = -2147180999
    GENERAL = -2147180996
    VALIDATION = -2147220469


def ok(value: object) -> Response:
    """200 with JSON on one line."""
    return Response(200, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), {"Content-Type": JSON})


def created(value: object | None) -> Response:
    """201 with JSON, or with nothing."""
    return Response(201, b"" if value is None else ok(value).body, {"Content-Type": JSON})


def invalid_json() -> Response:
    """500 for a body that cannot be read."""
    return Response(500, b'{"message":"Invalid json"}', {"Content-Type": XML})


def refused(status: int) -> Response:
    """A status without a body, such as 401 and 404."""
    return Response(status, b"", {"Content-Type": XML})


def error(message: str, *, reference: str, number: ErrorNumber = ErrorNumber.GENERAL) -> Response:
    """500 in AFAS's shape.

    :param reference: the 32 hexadecimal digits by which AFAS finds it in its own log.
    """
    body = {"externalMessage": message, "errorNumber": int(number), "profitLogReference": reference}
    return Response(500, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": XML})


def maintenance(seconds: float | None) -> Response:
    """503 with Retry-After as documented; two hours unless said otherwise."""
    wait = 7200 if seconds is None else seconds
    body = json.dumps({**MAINTENANCE, "retry_after": wait}).encode()
    return Response(503, body, {"Content-Type": XML, "Retry-After": f"{wait:g}"})


def not_taught(what: str) -> Response:
    """501 for a thing that AFAS has and this stand-in has not."""
    body = {"sandbox": f"the AFAS stand-in was not taught {what}"}
    return Response(501, json.dumps(body).encode(), {"Content-Type": JSON})
