"""GET of the members: filters, order, page. Ties in the order are shuffled anew for each request."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from math import inf
from operator import attrgetter
from typing import Final

from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.call import Call, Query
from sandbox.mailchimp.model import Member, Status
from sandbox.mailchimp.render import links, members_json

_SORTS: Final = ("timestamp_opt", "timestamp_signup", "last_changed")
FILTERS: Final = frozenset(
    {
        "fields", "exclude_fields", "count", "offset", "email_type", "status", "since_timestamp_opt",
        "before_timestamp_opt", "since_last_changed", "before_last_changed", "unique_email_id", "vip_only",
        "sort_field", "sort_dir",
    },
)  # fmt: skip
UNTAUGHT_FILTERS: Final = frozenset(
    {"interest_category_id", "interest_ids", "interest_match", "since_last_campaign", "unsubscribed_since"},
)


def list_members(call: Call) -> dict[str, object]:
    """Answer one page of members."""
    audience, wanted = call.audience, call.query.projection()
    offset, count = call.query.page()
    found, page = _page(audience, call.query, offset=offset, count=count)
    call.units = len(page)
    answer: dict[str, object] = {
        "members": members_json(audience, page, wanted.below("members")) if wanted.wants("members") else [],
        "list_id": audience.list_id,
        "total_items": found,
        "_links": links(f"/lists/{audience.list_id}/members", schema="Lists/Members"),
    }
    return {name: value for name, value in answer.items() if wanted.wants(name)}


def _page(audience: Audience, query: Query, *, offset: int, count: int) -> tuple[int, list[Member]]:
    status = query.choice("status", [status.value for status in Status])
    sort = query.choice("sort_field", _SORTS)
    falling = query.choice("sort_dir", ("ASC", "DESC")) == "DESC"

    members = _in_order(audience, status, sort, falling=falling)
    found = _filtered(members, query, narrowed_by=sort if not falling else None)
    if sort is None:
        if audience.switches["unsorted_order"] == "shuffled":
            found = list(found)
            audience.random.shuffle(found)
        return len(found), found[offset : offset + count]
    if audience.switches["tie_order"] == "stable":
        return len(found), found[offset : offset + count]
    return len(found), _shuffled_page(audience, found, sort, offset=offset, count=count)


def _in_order(audience: Audience, status: str | None, sort: str | None, *, falling: bool) -> list[Member]:
    """Return the members with a status, sorted. Kept until something changes: a page must not cost an audience."""
    wanted = (status, sort, falling, audience.switches["archived_in_list"])
    if wanted not in audience.listings:
        members: Iterable[Member]
        if status is not None:
            members = audience.by_status[Status(status)].values()
        elif audience.switches["archived_in_list"]:
            members = audience.members.values()
        else:
            members = (member for member in audience.members.values() if member.status is not Status.ARCHIVED)
        found = list(members)
        if sort is not None:
            found.sort(key=attrgetter(sort), reverse=falling)
        audience.listings[wanted] = found
    return audience.listings[wanted]


def _shuffled_page(audience: Audience, found: list[Member], sort: str, *, offset: int, count: int) -> list[Member]:
    """Cut a page out of a sorted list in which members with one and the same key stand in any order."""
    key = attrgetter(sort)
    page: list[Member] = []
    end = min(offset + count, len(found))
    place = offset
    while place < end:
        first = place
        while first > 0 and key(found[first - 1]) == key(found[place]):
            first -= 1
        last = place + 1
        while last < len(found) and key(found[last]) == key(found[place]):
            last += 1
        taken = min(last, end) - place
        page += audience.random.sample(found[first:last], taken)
        place += taken
    return page


def _filtered(members: list[Member], query: Query, *, narrowed_by: str | None) -> list[Member]:
    """Keep what a query asks for. ``since`` is exclusive, and so is ``before``.

    :param narrowed_by: what the members are sorted by, rising.
    """
    found = members
    for name in ("timestamp_opt", "last_changed"):
        since, before = query.moment(f"since_{name}"), query.moment(f"before_{name}")
        if since is None and before is None:
            continue
        after = 0 if since is None else since
        until = inf if before is None else before
        value = attrgetter(name)
        if name == narrowed_by:
            found = found[bisect_right(found, after, key=value) : bisect_left(found, until, key=value)]
            continue
        found = [member for member in found if after < value(member) < until]
    for name in ("email_type", "unique_email_id"):
        text = query.text(name)
        if text is not None:
            found = [member for member in found if getattr(member, name) == text]
    if query.flag("vip_only"):
        found = [member for member in found if member.vip]
    return found
