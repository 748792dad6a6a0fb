"""Bodies against the vendor's schema: types, enumerations, unknown keys; and a member's body as a draft."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sandbox.mailchimp import clock, messages, problem
from sandbox.mailchimp.merge_values import fits_schema
from sandbox.mailchimp.model import Status

Errors = list[tuple[str, str]]

_WRITABLE = frozenset(status.value for status in Status if status is not Status.ARCHIVED)


_KINDS: dict[type, str] = {
    type(None): "NULL",
    bool: "boolean",
    int: "integer",
    float: "double",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(slots=True, kw_only=True)
class Draft:
    """What a body asks for one member; None where it says nothing."""

    address: str | None = None
    status: Status | None = None
    status_if_new: Status | None = None
    merge_fields: Mapping[str, object] = field(default_factory=dict)
    tags: list[str] | None = None
    plain: dict[str, object] = field(default_factory=dict)
    """Attributes of the member that need no further judgement."""


def kind_of(value: object) -> str:
    """Name the JSON type of a value as the vendor does."""
    return _KINDS[type(value)]


def expect(value: object, kind: str, name: str, errors: Errors) -> bool:
    """Note an error when a value has another type than the schema says."""
    found = kind_of(value)
    if found == kind or (kind == "number" and found in {"integer", "double"}):
        return True
    errors.append((name, f"Schema describes {kind}, {found} found instead"))
    return False


def required(body: Mapping[str, object], names: Iterable[str]) -> None:
    """Refuse a body that lacks a key."""
    missing = [name for name in names if name not in body]
    if missing:
        raise problem.not_validated(("", f"Required fields were not provided: {', '.join(missing)}"))


def known_only(body: Mapping[str, object], names: Iterable[str]) -> None:
    """Refuse a body with a key that the schema does not have."""
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise problem.not_validated(*((name, "The schema has no such field") for name in unknown))


def member_draft(body: object, *, extra: frozenset[str] = frozenset(), statuses: frozenset[str] = _WRITABLE) -> Draft:
    """Read a member's body.

    :param extra: keys that this route knows beyond the common ones.
    :raises ProblemError: with every error found.
    """
    errors: Errors = []
    if not isinstance(body, dict):
        raise problem.not_validated(("", f"Schema describes object, {kind_of(body)} found instead"))
    draft = Draft()
    for name, value in body.items():
        if name not in _READERS or (name in _NOT_EVERYWHERE and name not in extra):
            errors.append((name, "The schema has no such field"))
            continue
        kind, reader = _READERS[name]
        if expect(value, kind, name, errors):
            reader(draft, name, value, errors)
    for name in ("status", "status_if_new"):
        if isinstance(body.get(name), str) and body[name] not in statuses:
            errors.append((name, f"Value must be one of: {', '.join(sorted(statuses))}"))
    if errors:
        raise problem.not_validated(*errors)
    return draft


def _address(draft: Draft, _name: str, value: object, errors: Errors) -> None:
    draft.address = str(value).strip()
    if not draft.address:
        errors.append(("email_address", "This value should not be blank."))


def _status(draft: Draft, name: str, value: object, _errors: Errors) -> None:
    if value in _WRITABLE:
        setattr(draft, name, Status(str(value)))


def _merge_fields(draft: Draft, name: str, value: object, errors: Errors) -> None:
    assert isinstance(value, dict)  # noqa: S101 - judged by the caller
    errors.extend((f"{name}.{tag}", messages.ANY_OF) for tag, item in value.items() if not fits_schema(item))
    draft.merge_fields = value


def _plain(draft: Draft, name: str, value: object, _errors: Errors) -> None:
    draft.plain[name] = value


def _moment(draft: Draft, name: str, value: object, errors: Errors) -> None:
    moment = clock.read(str(value))
    if moment is None:
        errors.append((name, "This value is not a valid datetime."))
    else:
        draft.plain[name] = math.floor(moment)


def _ip(draft: Draft, name: str, value: object, errors: Errors) -> None:
    try:
        draft.plain[name] = str(ipaddress.ip_address(str(value)))
    except ValueError:
        errors.append((name, "This value is not a valid IP."))


def _location(draft: Draft, name: str, value: object, errors: Errors) -> None:
    assert isinstance(value, dict)  # noqa: S101 - judged by the caller
    for part, number in value.items():
        if part not in {"latitude", "longitude"}:
            errors.append((f"{name}.{part}", "The schema has no such field"))
        elif expect(number, "number", f"{name}.{part}", errors):
            draft.plain[part] = number


def _tags(draft: Draft, name: str, value: object, errors: Errors) -> None:
    assert isinstance(value, list)  # noqa: S101 - judged by the caller
    for place, item in enumerate(value):
        expect(item, "string", f"{name}.{place}", errors)
    draft.tags = value


def _untaught(_draft: Draft, name: str, value: object, _errors: Errors) -> None:
    if value:
        raise problem.not_taught(f"members with {name}")


_READERS: dict[str, tuple[str, Callable[[Draft, str, object, Errors], None]]] = {
    "email_address": ("string", _address),
    "email_type": ("string", _plain),
    "status": ("string", _status),
    "status_if_new": ("string", _status),
    "merge_fields": ("object", _merge_fields),
    "interests": ("object", _untaught),
    "language": ("string", _plain),
    "vip": ("boolean", _plain),
    "location": ("object", _location),
    "marketing_permissions": ("array", _untaught),
    "ip_signup": ("string", _ip),
    "timestamp_signup": ("string", _moment),
    "ip_opt": ("string", _ip),
    "timestamp_opt": ("string", _moment),
    "tags": ("array", _tags),
}
_NOT_EVERYWHERE = frozenset({"status_if_new", "tags", "marketing_permissions"})
