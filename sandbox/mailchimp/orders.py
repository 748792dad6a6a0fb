"""Arguments of control verbs, checked: a mistake of a test is a ValueError, never silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.model import By, Member

Arguments = Mapping[str, object]


def only(arguments: Arguments, *names: str) -> None:
    """Refuse a name that a verb does not know."""
    unknown = sorted(set(arguments) - set(names))
    if unknown:
        message = f"unknown: {', '.join(unknown)}; known: {', '.join(names)}"
        raise ValueError(message)


def text(arguments: Arguments, name: str, *, default: str = "") -> str:
    """Return a text that is not empty."""
    value = arguments.get(name, default)
    if not isinstance(value, str) or not value:
        message = f"{name} is missing, or not a text"
        raise ValueError(message)
    return value


def texts(arguments: Arguments, name: str) -> list[str]:
    """Return a list of texts, empty where nothing is said."""
    value = arguments.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        message = f"{name} is a list of texts"
        raise ValueError(message)
    return value


def mapping(arguments: Arguments, name: str) -> Mapping[str, object]:
    """Return an object."""
    value = arguments.get(name)
    if not isinstance(value, Mapping):
        message = f"{name} is an object"
        raise ValueError(message)  # noqa: TRY004 - every mistake of a caller is one kind
    return value


def whole(arguments: Arguments, name: str, *, default: int) -> int:
    """Return a whole number."""
    value = arguments.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{name} is a whole number"
        raise ValueError(message)  # noqa: TRY004 - every mistake of a caller is one kind
    return value


def member(audience: Audience, arguments: Arguments) -> Member:
    """Return the member that ``email`` names."""
    return known(audience, text(arguments, "email"))


def known(audience: Audience, address: str) -> Member:
    """Return the member at an address."""
    found = audience.find(address)
    if found is None:
        message = "email is not a member"
        raise ValueError(message)
    return found


def done(
    audience: Audience, one: Member, kind: str, by: By, before: str, *, names: Sequence[str] = ("status",)
) -> dict[str, object]:
    """Record what was done, and answer it."""
    audience.changed(one, kind=kind, by=by, before=before, names=names)
    return {"id": one.id, "status": one.status.value}
