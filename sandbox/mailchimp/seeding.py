"""Members who are there before anything happens: given ones, or a number of invented strangers."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.mailchimp import clock
from sandbox.mailchimp.address import subscriber_hash
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.model import By, Member, MergeValue, OptOut, Status
from sandbox.mailchimp.render import usual_reason

_KEYS = frozenset(
    {
        "email_address",
        "status",
        "merge_fields",
        "timestamp_opt",
        "timestamp_signup",
        "last_changed",
        "by",
        "unsubscribed_at",
        "tags",
        "interests",
    },
)
_FIRST = ("Anouk", "Bram", "Cato", "Daan", "Eline", "Floris", "Guusje", "Hidde", "Iris", "Joost")
_LAST = ("Bakker", "de Boer", "van Dijk", "Jansen", "Kuipers", "Mulder", "Smit", "Visser", "de Wit", "Zijlstra")
_SECONDS_APART = 37


def seed(audience: Audience, arguments: Mapping[str, object]) -> dict[str, object]:
    """Put members into the audience without judging them.

    ``members`` gives them one by one; ``count`` asks for that many strangers, ``status`` says as what.
    """
    given, count = arguments.get("members", []), arguments.get("count", 0)
    if not isinstance(given, list) or not isinstance(count, int):
        message = "members is an array of objects, count a whole number"
        raise ValueError(message)  # noqa: TRY004 - every mistake of a caller is one kind
    rows = [*given, *_strangers(audience, count, status=str(arguments.get("status", "subscribed")))]
    tags = {field.tag: field.merge_id for field in audience.fields.values()}
    ids = [_put(audience, row, tags).id for row in rows]
    return {"seeded": len(ids), "ids": ids[: len(given)]}


def age(audience: Audience, arguments: Mapping[str, object]) -> dict[str, object]:
    """Let the members look as if they came one after another over the years, not all in one load.

    ``seconds_apart`` says how far apart (37); the latest of them is a day old.
    """
    apart = arguments.get("seconds_apart", _SECONDS_APART)
    if not isinstance(apart, int) or apart < 1:
        message = "seconds_apart is a whole number from 1"
        raise ValueError(message)
    latest = audience.clock.now() - 24 * 3600
    for number, member in enumerate(reversed(audience.members.values())):
        member.last_changed = latest - number * apart
    return {"aged": len(audience.members)}


def put_values(audience: Audience, member: Member, values: Mapping[str, object]) -> None:
    """Give a member values by tag."""
    _fill(member, values, {field.tag: field.merge_id for field in audience.fields.values()})


def put_interests(audience: Audience, member: Member, wanted: Mapping[str, object]) -> None:
    """Put a member in interests or out of them, by name."""
    for name, inside in wanted.items():
        if not isinstance(inside, bool):
            message = "interests is an object of names, each true or false"
            raise ValueError(message)  # noqa: TRY004 - every mistake of a caller is one kind
        member.interests[audience.interest_named(name)] = inside


def _fill(member: Member, values: Mapping[str, object], tags: Mapping[str, int]) -> None:
    for tag, value in values.items():
        if tag not in tags:
            message = f"no merge field {tag!r}"
            raise ValueError(message)
        if value == "":
            member.values.pop(tags[tag], None)
        else:
            member.values[tags[tag]] = _merge_value(value)


def _put(audience: Audience, row: Mapping[str, object], merge_ids: Mapping[str, int]) -> Member:
    if not row.keys() <= _KEYS:
        unknown = sorted(row.keys() - _KEYS)
        message = f"a seeded member has no {', '.join(unknown)}; it has {', '.join(sorted(_KEYS))}"
        raise ValueError(message)
    address = str(row["email_address"]).strip()
    if subscriber_hash(address) in audience.members:
        message = "a seeded address is a member already"
        raise ValueError(message)
    status = Status(str(row.get("status", "subscribed")))
    member = audience.born(address, status=status)
    now = audience.clock.now()
    member.timestamp_opt = _moment(row, "timestamp_opt", now)
    member.timestamp_signup = _moment(row, "timestamp_signup", 0)
    member.last_changed = _moment(row, "last_changed", now)
    member.source = "Import"
    by = row.get("by")
    if by is not None or status is Status.UNSUBSCRIBED:
        member.unsubscribed_by = By(str(by or "user"))
    # Who is archived after an opt-out of his own is seeded with ``by``: the archive does not undo the opt-out.
    member.compliance = status is Status.CLEANED or member.unsubscribed_by is By.USER
    opted_out_at = _moment(row, "unsubscribed_at", 0)
    if opted_out_at:
        by_whom = member.unsubscribed_by or By.USER
        member.opt_outs.append(OptOut(at=opted_out_at, by=by_whom, reason=usual_reason(by_whom)))
    values = row.get("merge_fields")
    _fill(member, values if isinstance(values, Mapping) else {}, merge_ids)
    audience.keep(member)
    audience.remember(member)
    interests = row.get("interests")
    put_interests(audience, member, interests if isinstance(interests, Mapping) else {})
    tags = row.get("tags")
    for name in tags if isinstance(tags, list) else []:
        audience.tag(member, audience.segment_named(str(name)) or audience.add_segment(str(name)))
    return member


def _strangers(audience: Audience, count: int, *, status: str) -> list[dict[str, object]]:
    now, already = audience.clock.now(), len(audience.members)
    rows: list[dict[str, object]] = []
    for number in range(already, already + count):
        first, last = _FIRST[number % 10], _LAST[number // 10 % 10]
        when = now - (count + already - number) * _SECONDS_APART
        rows.append(
            {
                "email_address": f"{first}.{last.replace(' ', '-')}.{number}@nieuwsbrief.example".lower(),
                "status": status,
                "merge_fields": {"FNAME": first, "LNAME": last},
                "timestamp_opt": when,
                "last_changed": when,
            },
        )
    return rows


def _moment(row: Mapping[str, object], name: str, default: int) -> int:
    text = row.get(name)
    if text is None:
        return default
    if text == "":
        return 0
    moment = float(text) if isinstance(text, int) else clock.read(str(text))
    if moment is None:
        message = f"{name} is a moment such as 2026-11-23T08:15:00+00:00"
        raise ValueError(message)
    return int(moment)


def _merge_value(value: object) -> MergeValue:
    if isinstance(value, Mapping):
        return {str(name): str(part) for name, part in value.items()}
    if isinstance(value, str | int | float):
        return value
    message = "a merge value is a text, a number or an address object"
    raise ValueError(message)
