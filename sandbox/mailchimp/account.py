"""What can be wrong with the account as a whole: its key, its user, its bill, and the audience that was deleted."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sandbox.mailchimp import orders, problem
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.orders import Arguments


class AccountState(StrEnum):
    """How the account stands; anything but active refuses every call."""

    ACTIVE = "active"
    KEY_REVOKED = "key_revoked"
    USER_WITHOUT_RIGHTS = "user_without_rights"
    USER_DISABLED = "user_disabled"
    API_DISABLED = "api_disabled"
    UNPAID = "unpaid"


_REFUSALS: Final[dict[str, tuple[int, str, str]]] = {
    AccountState.KEY_REVOKED: (
        401,
        "API Key Invalid",
        "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    ),
    AccountState.USER_WITHOUT_RIGHTS: (
        403,
        "User action not permitted",
        "User does not have access to the requested operation",
    ),
    AccountState.USER_DISABLED: (403, "User Disabled", "This account has been deactivated."),
    AccountState.API_DISABLED: (403, "Forbidden", "API Access has been disabled for this account."),
    AccountState.UNPAID: (402, "Payment Required", "This request could not be processed."),
}


def refuse_if_closed(audience: Audience) -> None:
    """Refuse a call with the right key while the account is not what it should be."""
    refusal = _REFUSALS.get(audience.account)
    if refusal:
        raise problem.ProblemError(*refusal)


def account(audience: Audience, arguments: Arguments) -> object:
    """Put the account in a state; without ``state`` tell it."""
    orders.only(arguments, "state")
    if arguments:
        audience.account = AccountState(orders.text(arguments, "state")).value
    return {"state": audience.account}


def audience_deleted(audience: Audience, arguments: Arguments) -> object:
    """Delete the audience, or bring it back (``deleted: false``) with all that was in it."""
    orders.only(arguments, "deleted")
    audience.deleted = bool(arguments.get("deleted", True))
    return {"deleted": audience.deleted}
