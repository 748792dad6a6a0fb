"""What Mailchimp answers when it refuses: the problem documents, in the vendor's words."""

from __future__ import annotations

from collections.abc import Sequence

TYPE = "https://mailchimp.com/developer/marketing/docs/errors/"
NOT_VALIDATED = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."
MERGE_FIELDS_INVALID = "Your merge fields were invalid."


class ProblemError(Exception):
    """A refusal, as the body of an ``application/problem+json`` answer.

    :param errors: pairs of field and message.
    :param typed: whether the document has ``type``; three real ones have not.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        typed: bool = True,
        allow: str = "",
    ) -> None:
        super().__init__(status, title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.typed = typed
        self.allow = allow

    def document(self, instance: str) -> dict[str, object]:
        """Build the answer's body.

        :param instance: the request id.
        """
        body: dict[str, object] = {"type": TYPE} if self.typed else {}
        body |= {"title": self.title, "status": self.status, "detail": self.detail, "instance": instance}
        if self.errors:
            body["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return body


def invalid(detail: str, *errors: tuple[str, str]) -> ProblemError:
    """Refuse a resource as invalid."""
    return ProblemError(400, "Invalid Resource", detail, errors=errors)


def not_validated(*errors: tuple[str, str]) -> ProblemError:
    """Refuse a body that does not fit the schema."""
    return invalid(NOT_VALIDATED, *errors)


def bad_request(detail: str) -> ProblemError:
    """Refuse a request for its query."""
    return ProblemError(400, "Bad Request", detail)


def not_found() -> ProblemError:
    """Say that a list, member, field or segment is not there."""
    return ProblemError(404, "Resource Not Found", "The requested resource could not be found.")


def member_exists(address: str) -> ProblemError:
    """Refuse to create what is there."""
    detail = f"{address} is already a list member. Use PUT to insert or update list members."
    return ProblemError(400, "Member Exists", detail, typed=False)


def in_compliance_state(address: str, *, posted: bool) -> ProblemError:
    """Refuse to subscribe somebody who opted out or bounced.

    :param posted: POST has a wording of its own.
    """
    state = "already a list member in compliance state" if posted else "in a compliance state"
    detail = f"{address} is {state} due to unsubscribe, bounce, or compliance review and cannot be subscribed."
    return ProblemError(400, "Member In Compliance State", detail, typed=False)


def forgotten(address: str) -> ProblemError:
    """Refuse an address that was deleted for good."""
    detail = (
        f"{address} was permanently deleted and cannot be re-imported. "
        "The contact must re-subscribe to get back on the list."
    )
    return ProblemError(400, "Forgotten Email Not Subscribed", detail, typed=False)


def looks_fake(address: str) -> ProblemError:
    """Refuse an address at a domain known to be fake."""
    return invalid(f"{address} looks fake or invalid, please enter a real email address.")


def many_lists(address: str) -> ProblemError:
    """Refuse an address that signed up to many lists lately: it passes, though the status is 400."""
    detail = f"{address} has signed up to a lot of lists very recently; we're not allowing more signups for now"
    return invalid(detail)


def cannot_archive() -> ProblemError:
    """Refuse to archive what is bounced, pending or archived."""
    detail = "This list member cannot be removed. Can not archive a contact that is bounced, pending or archived"
    return ProblemError(405, "Method Not Allowed", detail)


def not_subscribed(status: str) -> ProblemError:
    """Refuse to change the address of a member that is not subscribed."""
    message = (
        f'This member\'s status is "{status}." '
        'You can only update email addresses for members with a status of "subscribed."'
    )
    return not_validated(("email address", message))


def not_taught(what: str) -> ProblemError:
    """Refuse, louder than the vendor would, what the stand-in cannot do."""
    return ProblemError(501, "Not Implemented", f"The Mailchimp stand-in was not taught {what}.")
