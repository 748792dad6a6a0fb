"""JSON of Mailchimp turned into values, and values into what a batch sends. Dictionaries stop here."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from afas_mailchimp.audience import (
    Audience,
    BatchAnswer,
    Member,
    MemberStatus,
    MemberUpdate,
    MergeField,
    MergeValue,
    NewMember,
    Refusal,
    RefusedItem,
)
from afas_mailchimp.errors import ConfigurationError, SyncError
from hooks.afas_mailchimp_mailchimp_answers import refusal_of

Json = dict[str, Any]

MEMBER_FIELDS = ("id", "status", "merge_fields", "timestamp_opt", "timestamp_signup", "last_changed")
"""What is asked for of a member: not the address."""

_STATUSES = {status.value: status for status in MemberStatus}


class _WireMember(TypedDict, total=False):
    """What is used of a member in an answer, which has some thirty keys; none of them is believed to have a type."""

    id: Any
    email_address: Any
    status: Any
    merge_fields: Any
    timestamp_opt: Any
    timestamp_signup: Any
    last_changed: Any


class BatchShape(TypedDict, total=False):
    """What is used of the answer to a batch."""

    new_members: list[_WireMember]
    updated_members: list[_WireMember]
    errors: Any


_LIST_ID = re.compile(r"[0-9A-Za-z]{4,32}", re.ASCII)
_MEMBER_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def list_path(list_id: str) -> str:
    """Return the id of an audience when it can be part of a path."""
    if not _LIST_ID.fullmatch(list_id):
        raise ConfigurationError("list_id in the sync file must be the audience id of Mailchimp: letters and digits.")
    return list_id


def member_path(member_id: str) -> str:
    """Return a subscriber hash; an address never goes into a URL."""
    if not _MEMBER_ID.fullmatch(member_id):
        raise ValueError("A member is named by the MD5 hash of its address.")
    return member_id


def read_audience(found: Json) -> Audience:
    """Read ``GET /lists/{id}``."""
    stats = found.get("stats")
    return Audience(
        id=str(found["id"]),
        name=str(found.get("name") or ""),
        member_count=int((stats if isinstance(stats, dict) else {}).get("member_count") or 0),
        double_optin=bool(found.get("double_optin")),
        has_welcome=bool(found.get("has_welcome")),
        marketing_permissions=bool(found.get("marketing_permissions")),
    )


def read_merge_field(found: Json) -> MergeField:
    """Read one merge field."""
    options = found.get("options")
    options = options if isinstance(options, dict) else {}
    return MergeField(
        merge_id=int(found["merge_id"]),
        tag=str(found["tag"]),
        name=str(found.get("name") or ""),
        type=str(found.get("type") or ""),
        required=bool(found.get("required")),
        public=bool(found.get("public")),
        default_value=str(found.get("default_value") or ""),
        help_text=str(found.get("help_text") or ""),
        phone_format=str(options.get("phone_format") or ""),
        choices=tuple(map(str, options.get("choices") or ())),
    )


def read_member(found: Json, *, tags: Collection[str] | None = None, under: str = "") -> Member:
    """Read a member, without its address.

    :param tags: merge fields to keep; None keeps all.
    :param under: id to read it under, in the place of its own.
    """
    status = _STATUSES.get(found["status"])
    if status is None:
        raise SyncError("Mailchimp has a member status that this version of the package does not know.")
    values = found.get("merge_fields")
    return Member(
        id=under or str(found["id"]),
        status=status,
        merge_fields={
            tag: value
            for tag, value in (values if isinstance(values, dict) else {}).items()
            if value is not None and (tags is None or tag in tags)
        },
        opted_in_at=read_moment(found.get("timestamp_opt")),
        signed_up_at=read_moment(found.get("timestamp_signup")),
        last_changed=read_moment(found.get("last_changed")),
    )


def create_body(members: Iterable[NewMember]) -> Json:
    """Body of a batch that only creates."""
    return {"members": [new_member_body(each) for each in members], "update_existing": False}


def new_member_body(member: NewMember) -> Json:
    """Body of a member with a status; without a time of opting in Mailchimp sets its own."""
    body = {
        "email_address": member.address,
        "status": member.status.value,
        "merge_fields": _plain(member.merge_fields),
    }
    if member.opted_in_at is not None:
        body["timestamp_opt"] = _written(member.opted_in_at)
    return body


def update_body(updates: Iterable[MemberUpdate]) -> Json:
    """Body of a batch that only updates. Without a status: with one, Mailchimp would sign people up again."""
    return {
        "members": [{"email_address": each.address, "merge_fields": _plain(each.merge_fields)} for each in updates],
        "update_existing": True,
    }


def read_batch(found: Json, items: Sequence[NewMember] | Sequence[MemberUpdate]) -> BatchAnswer:
    """Match every item to what became of it; one that Mailchimp is silent about counts as refused."""
    by_name: dict[str, str] = {}
    for item in items:
        by_name[item.id] = by_name[_folded(item.address)] = item.id

    def item_of(entry: Json) -> str | None:
        return by_name.get(_folded(str(entry.get("email_address") or ""))) or by_name.get(str(entry.get("id") or ""))

    open_items = {item.id for item in items}
    groups: dict[str, list[Member]] = {"new_members": [], "updated_members": []}
    for name, members in groups.items():
        for entry in _objects(found.get(name)):
            item_id = item_of(entry)
            if item_id in open_items:
                open_items.discard(item_id)
                # Under the id that was asked for: an answer must never lead to another member than the item's.
                members.append(read_member(entry, under=item_id))
    refused = []
    for entry in _objects(found.get("errors")):
        item_id = item_of(entry)
        if item_id is not None and item_id in open_items:
            open_items.discard(item_id)
            refused.append(RefusedItem(item_id, refusal_of(entry)))
    refused += [RefusedItem(item.id, Refusal.OTHER) for item in items if item.id in open_items]
    return BatchAnswer(tuple(groups["new_members"]), tuple(groups["updated_members"]), tuple(refused))


def write_values(values: Mapping[str, MergeValue]) -> Json:
    """Body of a write of merge fields alone."""
    return {"merge_fields": _plain(values)}


def carries(member: Member, sent: Mapping[str, MergeValue]) -> bool:
    """Whether a member has all values that were sent: the proof that a write whose answer was lost was done."""
    return bool(sent) and all(_same(member.merge_fields.get(tag, ""), value) for tag, value in sent.items())


def _same(kept: MergeValue, sent: MergeValue) -> bool:
    """Whether a value is the one that was sent; Mailchimp cuts off blanks, and adds a country to an address."""
    if isinstance(sent, Mapping):
        return isinstance(kept, Mapping) and all(_same(kept.get(part, ""), text) for part, text in sent.items())
    if isinstance(sent, int | float) and isinstance(kept, int | float):
        return sent == kept
    return str(kept).strip() == str(sent).strip()


def _plain(values: Mapping[str, MergeValue]) -> Json:
    return {tag: value if isinstance(value, str) else _plain_value(value) for tag, value in values.items()}


def _plain_value(value: MergeValue) -> Json | float:
    if isinstance(value, Mapping):
        return dict(value)
    # Written as JSON an infinite number would be "nothing", and so wipe out the value.
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise SyncError("A merge value is neither text nor an address nor a finite number: it cannot be sent.")


@functools.lru_cache(maxsize=16)
def _written(moment: datetime) -> str:
    """Write a time; the members of a chunk mostly share one."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _objects(found: object) -> list[Json]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _folded(address: str) -> str:
    return address.strip().lower()


def read_moment(text: object) -> datetime | None:
    """Read a time, in UTC; Mailchimp says "none" with an empty text."""
    if not text or not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
