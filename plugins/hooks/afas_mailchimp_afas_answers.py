"""What the answers of AFAS mean. Its texts are recognised here and translated; they are never passed on.

The Content-Type says nothing (JSON errors come as ``application/xml``), so the body itself is looked at.
Statuses and texts: docs.afas.help, get-connector and troubleshooting.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from afas_mailchimp.errors import ConfigurationError, SyncError, TemporaryError
from hooks.afas_mailchimp_transport import Answer, http_date

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HEAVY_CALL_PAUSE = 900.0
"""After a time-out AFAS goes on computing: the same heavy call should wait a quarter of an hour."""

_NOT_AUTHORISED = ("niet geautoriseerd", "not authorized", "not authorised", "wordt niet ondersteund", "not supported")
_BLOCKED = ("is blocked", "geblokkeerd")
_TIMED_OUT = ("maximale tijdsduur", "maximum duration", "timeout expired")
_TOO_LARGE = ("out of memory", "out of string space")
_UNKNOWN_FIELD = re.compile(r"(?:connector field|connectorveld) '([^']+)'", re.IGNORECASE)


class NotAuthorised(SyncError):  # noqa: N818 - never leaves the hook
    """A connector that this token may not use, or that does not exist: AFAS answers both alike."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read_json(answer: Answer, *, connection: str, asked_for: Collection[str] = (), doing: str = "") -> dict[str, Any]:
    """Return the JSON object of a good answer, or raise what a bad one means.

    :param connection: connection id, for sentences.
    :param asked_for: field ids of the question: only these may be named in an error.
    :param doing: what was being done, for sentences.
    """
    status = answer.status_code
    found = answer.json_object()
    if status == HTTPStatus.OK and found is not None:
        return found
    if status < HTTPStatus.MULTIPLE_CHOICES:
        raise TemporaryError("AFAS sent an answer that is not complete JSON.")
    if status < HTTPStatus.BAD_REQUEST:
        raise ConfigurationError(f"AFAS answers with a redirect: check Host of connection {connection}.")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}:
        raise NotAuthorised(status)
    if status == HTTPStatus.FORBIDDEN:
        raise ConfigurationError(
            "AFAS refuses this address of ours: add the IP address of the Airflow workers to the allow list of the "
            "app connector."
        )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise _maintenance(answer)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and found is not None:
        raise _failure(answer, found, asked_for, doing)
    if (
        status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT}
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        raise TemporaryError(f"AFAS cannot answer now (HTTP {status}).", retry_after=answer.retry_after())
    if found is None:
        # What stands before AFAS answers 400 with a page of HTML while the service behind it is away.
        raise TemporaryError(f"AFAS cannot be reached behind its gateway (HTTP {status}).")
    raise SyncError(f"AFAS refused the request (HTTP {status}{_references(answer, found)}).")


def _maintenance(answer: Answer) -> TemporaryError:
    wait = answer.retry_after()
    if wait is None:
        return TemporaryError("AFAS is under maintenance (HTTP 503), see afasstatus.nl.")
    now = http_date(answer.headers.get("Date", "")) or datetime.now(UTC)
    until = (now + timedelta(seconds=wait)).astimezone(AMSTERDAM)
    return TemporaryError(
        f"AFAS is under maintenance until about {until:%H:%M} (Amsterdam time), see afasstatus.nl.", retry_after=wait
    )


def _failure(answer: Answer, found: dict[str, Any], asked_for: Collection[str], doing: str) -> SyncError:
    """Translate the one status that AFAS has for everything that is wrong with a question."""
    text = str(found.get("externalMessage") or found.get("message") or "").lower()
    if any(words in text for words in _BLOCKED):
        return ConfigurationError(
            f"AFAS or its administrator blocked this GetConnector{f' ({doing})' if doing else ''}: ask the AFAS "
            "administrator to release it."
        )
    if any(words in text for words in _NOT_AUTHORISED):
        return NotAuthorised(answer.status_code)
    if any(words in text for words in _TIMED_OUT):
        return TemporaryError(
            "AFAS needed too long for this question and gave up: lower page_size in the extra of the connection if "
            "this returns.",
            retry_after=HEAVY_CALL_PAUSE,
        )
    if any(words in text for words in _TOO_LARGE):
        return SyncError(
            "The page was too large for AFAS: set a lower page_size in the extra of the connection"
            f"{_references(answer, found)}."
        )
    if unknown := _UNKNOWN_FIELD.search(text):
        name = next((known for known in asked_for if known.lower() == unknown.group(1)), None)
        return ConfigurationError(
            f"The GetConnector has no field {name or 'that was asked for'}: check the names in the sync file."
        )
    return SyncError(f"AFAS could not carry out the question (HTTP 500{_references(answer, found)}).")


def _references(answer: Answer, found: dict[str, Any]) -> str:
    """Return what AFAS support asks for; checked by form, since a reference must not smuggle a text along."""
    said = (
        ("profitLogReference", str(found.get("profitLogReference") or ""), r"[0-9A-Fa-f]{32}"),
        ("X-Trace-Identifier", answer.headers.get("X-Trace-Identifier", ""), r"[\w.:-]{1,64}"),
        ("errorNumber", str(found.get("errorNumber") or ""), r"-?\d{1,12}"),
    )
    return "".join(f", {name} {value}" for name, value, form in said if re.fullmatch(form, value, re.ASCII))
