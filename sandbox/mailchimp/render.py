"""Members and fields as JSON. Only the keys that are asked for are built: pages of 1,000 must stay cheap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.clock import written
from sandbox.mailchimp.model import By, Member, MergeField, MergeValue, Status
from sandbox.mailchimp.projection import Projection

_ROOT: Final = "https://us21.api.mailchimp.com/3.0"
_SCHEMA: Final = "https://us21.api.mailchimp.com/schema/3.0/Definitions"
MOST_TAGS: Final = 50
REASONS: Final = {"user": "N/A (Unsubscribed by the subscriber)", "admin": "N/A (Unsubscribed by an admin)"}
_ABSENT: Final = object()


def links(path: str, *, schema: str) -> list[dict[str, str]]:
    """Links of an object, of which the real ones are many more."""
    return [
        {
            "rel": "self",
            "href": f"{_ROOT}{path}",
            "method": "GET",
            "targetSchema": f"{_SCHEMA}/{schema}/Response.json",
        },
        {"rel": "parent", "href": f"{_ROOT}{path.rpartition('/')[0]}", "method": "GET"},
    ]


def merge_values(audience: Audience, member: Member) -> dict[str, MergeValue]:
    """Every merge field by its tag; an empty one is an empty text."""
    values = member.values
    return {field.tag: values.get(merge_id, "") for merge_id, field in audience.fields.items()}


def _full_name(audience: Audience, member: Member) -> str:
    values = merge_values(audience, member)
    return f"{values.get('FNAME', '')} {values.get('LNAME', '')}".strip()


def usual_reason(by: By | None) -> str:
    """What stands for a reason where the person gave none."""
    return REASONS.get(by or "", "N/A (Unsubscribed by the API)")


def _reason(_audience: Audience, member: Member) -> object:
    if member.status is not Status.UNSUBSCRIBED:
        return _ABSENT
    return member.reason or usual_reason(member.unsubscribed_by)


def _interests(audience: Audience, member: Member) -> object:
    # Absent, not empty, where the audience has no groups.
    return {key: member.interests.get(key, False) for key in audience.interests} or _ABSENT


def _tags(audience: Audience, member: Member) -> list[dict[str, object]]:
    return [{"id": key, "name": audience.segments[key].name} for key in list(member.tags)[:MOST_TAGS]]


_KEYS: Final[dict[str, Callable[[Audience, Member], object]]] = {
    "id": lambda _, m: m.id,
    "email_address": lambda _, m: m.address,
    "unique_email_id": lambda _, m: m.unique_email_id,
    "contact_id": lambda _, m: m.contact_id,
    "full_name": _full_name,
    "web_id": lambda _, m: m.web_id,
    "email_type": lambda _, m: m.email_type,
    "status": lambda _, m: m.status.value,
    "unsubscribe_reason": _reason,
    "consents_to_one_to_one_messaging": lambda *_: True,
    "sms_phone_number": lambda *_: "",
    "sms_subscription_status": lambda *_: "",
    "sms_subscription_last_updated": lambda *_: "",
    "merge_fields": merge_values,
    "interests": _interests,
    "stats": lambda _, m: {"avg_open_rate": m.avg_open_rate, "avg_click_rate": m.avg_click_rate},
    "ip_signup": lambda _, m: m.ip_signup,
    "timestamp_signup": lambda _, m: written(m.timestamp_signup),
    "ip_opt": lambda _, m: m.ip_opt,
    "timestamp_opt": lambda _, m: written(m.timestamp_opt),
    "member_rating": lambda _, m: m.member_rating,
    "last_changed": lambda _, m: written(m.last_changed),
    "language": lambda _, m: m.language,
    "vip": lambda _, m: m.vip,
    "email_client": lambda *_: "",
    "location": lambda _, m: {
        "latitude": m.latitude,
        "longitude": m.longitude,
        "gmtoff": 0,
        "dstoff": 0,
        "country_code": "",
        "timezone": "",
        "region": "",
    },
    "source": lambda _, m: m.source,
    "tags_count": lambda _, m: len(m.tags),
    "tags": _tags,
    "list_id": lambda a, _: a.list_id,
    "_links": lambda a, m: links(f"/lists/{a.list_id}/members/{m.id}", schema="Lists/Members"),
}
_NOT_IN_BATCH: Final = frozenset(
    {"full_name", "web_id", "source", "unsubscribe_reason", "consents_to_one_to_one_messaging"},
)
IN_BATCH: Final = Projection(without={name: {} for name in _NOT_IN_BATCH})


def member_json(audience: Audience, member: Member, wanted: Projection) -> dict[str, object]:
    """A member as the API shows it."""
    return members_json(audience, [member], wanted)[0]


def members_json(audience: Audience, members: list[Member], wanted: Projection) -> list[dict[str, object]]:
    """Members as the API shows them."""
    makers = [(name, make) for name, make in _KEYS.items() if wanted.wants(name)]
    parts = [(name, below) for name, _ in makers if not (below := wanted.below(name)).whole()]
    rows = []
    for member in members:
        row = {name: value for name, make in makers if (value := make(audience, member)) is not _ABSENT}
        for name, below in parts:
            if name in row:
                row[name] = below.applied(row[name])
        rows.append(row)
    return rows


def field_json(audience: Audience, field: MergeField) -> dict[str, object]:
    """A merge field as the API shows it."""
    return {
        "merge_id": field.merge_id,
        "tag": field.tag,
        "name": field.name,
        "type": field.type.value,
        "required": field.required,
        "default_value": field.default_value,
        "public": field.public,
        "display_order": field.display_order,
        "options": field.options,
        "help_text": field.help_text,
        "list_id": audience.list_id,
        "_links": links(f"/lists/{audience.list_id}/merge-fields/{field.merge_id}", schema="Lists/MergeFields"),
    }
