"""What the answers of Mailchimp mean. Its texts repeat addresses: they are recognised here and dropped.

Recognised by status, title, error code and words of ``detail``; never by ``errors[].message``, which comes in the
language of the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from afas_mailchimp.audience import Refusal
from afas_mailchimp.errors import ConfigurationError, RefusedError, SyncError, TemporaryError
from hooks.afas_mailchimp_transport import Answer

_REFUSALS = (
    # The order matters: "already a list member in compliance state" is about compliance.
    (Refusal.COMPLIANCE, ("compliance state",)),
    (Refusal.FORGOTTEN, ("forgotten email", "permanently deleted")),
    (Refusal.MANY_LISTS, ("signed up to a lot of lists",)),
    (Refusal.LOOKS_FAKE, ("looks fake or invalid",)),
    (Refusal.DUPLICATE, ("duplicate items",)),
    (Refusal.EXISTS, ("member exists", "already a list member")),
    (Refusal.NOT_SUBSCRIBED, ("only update email addresses",)),
    (Refusal.MERGE_FIELDS, ("merge fields were invalid",)),
    (
        Refusal.BAD_ADDRESS,
        ("valid email address", "blank email", "email address is invalid", "portion of the email", "role address"),
    ),
    (Refusal.TOO_LARGE, ("too large", "too many items")),
)
_ACCOUNT = ("api access has been disabled", "user disabled", "account", "payment required", "compliance related")
_BY_STATUS: dict[int, Refusal] = {
    HTTPStatus.NOT_FOUND: Refusal.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Refusal.CANNOT_ARCHIVE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Refusal.TOO_LARGE,
}


class Subject(StrEnum):
    """What a call is about: decides what "not found" means."""

    ACCOUNT = "account"
    AUDIENCE = "audience"
    MEMBER = "member"


def check(answer: Answer, *, subject: Subject, connection: str, doing: str) -> Answer:
    """Return a good answer, or raise what a bad one means.

    :param doing: what was tried, for sentences.
    """
    status = answer.status_code
    found = answer.json_object()
    if status == HTTPStatus.NO_CONTENT:
        return answer
    if status < HTTPStatus.MULTIPLE_CHOICES:
        if not found:
            raise TemporaryError(f"Mailchimp sent an answer that is not complete JSON ({doing}).")
        return answer
    if status < HTTPStatus.BAD_REQUEST:
        raise ConfigurationError(f"Mailchimp answers with a redirect: check Host of connection {connection}.")
    if (
        status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT}
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        raise TemporaryError(f"Mailchimp cannot answer now (HTTP {status}, {doing}).", retry_after=answer.retry_after())
    if found is None and status not in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNAUTHORIZED}:
        # At high volume Mailchimp answers 403 without a body, and its firewall 403 with a page of HTML.
        raise TemporaryError(f"Mailchimp or its firewall turned the call away for now (HTTP {status}, {doing}).")
    raise _problem(status, found or {}, subject=subject, connection=connection, doing=doing)


def refusal_of(problem: Mapping[str, Any]) -> Refusal:
    """Classify a problem document, or one entry of ``errors`` in the answer to a batch."""
    if str(problem.get("error_code") or "") == "ERROR_CONTACT_EXISTS":
        return Refusal.EXISTS
    text = " ".join(str(problem.get(name) or "") for name in ("title", "detail", "error")).lower()
    for refusal, words in _REFUSALS:
        if any(each in text for each in words):
            return refusal
    entries = problem.get("errors")
    fields = [str(each.get("field") or "") for each in entries or () if isinstance(each, Mapping)]
    fields.append(str(problem.get("field") or ""))
    return next((found for name in fields if (found := _by_field(name))), Refusal.OTHER)


def _by_field(name: str) -> Refusal | None:
    """Classify by the field that was refused: ``members.3.merge_fields.FNAME``, ``email_address``, ``status``."""
    parts = name.split(".")
    if "merge_fields" in parts or (parts[-1] and parts[-1] == parts[-1].upper() and not parts[-1].isdigit()):
        return Refusal.MERGE_FIELDS
    return {
        "email_address": Refusal.BAD_ADDRESS,
        # With a blank it is no name of the schema: so is called what a move is refused for.
        "email address": Refusal.NOT_SUBSCRIBED,
        "status": Refusal.STATUS_REQUIRED,
        "status_if_new": Refusal.STATUS_REQUIRED,
    }.get(parts[-1])


def _problem(status: int, problem: Mapping[str, Any], *, subject: Subject, connection: str, doing: str) -> SyncError:
    if status == HTTPStatus.UNAUTHORIZED:
        return ConfigurationError(
            f"Mailchimp does not accept the API key of connection {connection}: make a new one (Account, Extras, "
            "API keys) and put it in as it is shown, with the part behind the dash."
        )
    if status in {HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}:
        return _forbidden(status, problem, connection=connection, doing=doing)
    if status == HTTPStatus.NOT_FOUND and subject is Subject.AUDIENCE:
        return ConfigurationError(
            f"Mailchimp does not know this audience ({doing}): check list_id in the sync file (Audience, Settings) "
            f"and whether connection {connection} is the account that has it."
        )
    if status == HTTPStatus.NOT_FOUND and subject is Subject.ACCOUNT:
        return ConfigurationError(f"There is no Mailchimp API at Host of connection {connection}.")
    refusal = _BY_STATUS.get(status) or refusal_of(problem)
    return RefusedError(f"Mailchimp refused: {refusal.value} (HTTP {status}, {doing}).", status=status, refusal=refusal)


def _forbidden(status: int, problem: Mapping[str, Any], *, connection: str, doing: str) -> ConfigurationError:
    text = f"{problem.get('title') or ''} {problem.get('detail') or ''}".lower()
    if "datacenter" in text or "data center" in text:
        return ConfigurationError(
            f"The API key of connection {connection} belongs to another Mailchimp data centre: use the key as it is "
            "shown, with the part behind the dash, and leave Host empty."
        )
    if status == HTTPStatus.PAYMENT_REQUIRED or any(words in text for words in _ACCOUNT):
        return ConfigurationError("Mailchimp has switched off the account or its API access: log in there to see why.")
    return ConfigurationError(
        f"The Mailchimp user behind connection {connection} may not do this ({doing}): use the key of a manager."
    )
