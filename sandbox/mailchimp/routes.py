"""Every route that the stand-in was taught, with the query parameters of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sandbox.mailchimp import activity, batch, fields, finding, lists, members, operations, segments
from sandbox.mailchimp.call import Call

_SHAPE: Final = frozenset({"fields", "exclude_fields"})
_PAGE: Final = _SHAPE | {"count", "offset"}
_SKIP: Final = frozenset({"skip_merge_validation"})
_INCLUDE: Final = frozenset({"include_cleaned", "include_transactional", "include_unsubscribed"})
_LIST_FILTERS: Final = frozenset(
    {
        "before_date_created",
        "since_date_created",
        "before_campaign_last_sent",
        "since_campaign_last_sent",
        "email",
        "sort_field",
        "sort_dir",
        "has_ecommerce_store",
    },
)
_SEGMENT_FILTERS: Final = _INCLUDE | {"since_created_at", "before_created_at", "since_updated_at", "before_updated_at"}
_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path.

    :param pattern: path below the base; ``{list}`` is the list's id, ``{}`` any other part.
    :param untaught: parameters of the vendor that the stand-in refuses louder.
    """

    method: str
    pattern: str
    handler: Callable[[Call], dict[str, object] | None]
    query: frozenset[str] = _NONE
    untaught: frozenset[str] = _NONE


ROUTES: Final = (
    Route("GET", "/ping", lists.ping),
    Route("POST", "/batches", operations.start_batch),
    Route("GET", "/batches", operations.list_batches, _PAGE),
    Route("GET", "/batches/{}", operations.batch_status, _SHAPE),
    Route("DELETE", "/batches/{}", operations.delete_batch),
    Route("GET", "/lists", lists.get_lists, _PAGE | {"include_total_contacts"}, _LIST_FILTERS),
    Route("GET", "/lists/{list}", lists.get_list, _SHAPE | {"include_total_contacts"}),
    Route("POST", "/lists/{list}", batch.post_batch, _SKIP | {"skip_duplicate_check"}),
    Route("GET", "/lists/{list}/members", finding.list_members, finding.FILTERS, finding.UNTAUGHT_FILTERS),
    Route("POST", "/lists/{list}/members", members.post_member, _SKIP),
    Route("GET", "/lists/{list}/members/{}", members.get_member, _SHAPE),
    Route("PUT", "/lists/{list}/members/{}", members.put_member, _SKIP),
    Route("PATCH", "/lists/{list}/members/{}", members.patch_member, _SKIP),
    Route("DELETE", "/lists/{list}/members/{}", members.archive_member),
    Route("GET", "/lists/{list}/members/{}/activity-feed", activity.feed, _PAGE | {"activity_filters"}),
    Route("POST", "/lists/{list}/members/{}/actions/delete-permanent", members.delete_member_for_good),
    Route("GET", "/lists/{list}/members/{}/tags", segments.member_tags, _PAGE),
    Route("POST", "/lists/{list}/members/{}/tags", segments.post_member_tags),
    Route("GET", "/lists/{list}/merge-fields", fields.list_fields, _PAGE | {"type", "required"}),
    Route("POST", "/lists/{list}/merge-fields", fields.post_field),
    Route("GET", "/lists/{list}/merge-fields/{}", fields.get_field, _SHAPE),
    Route("PATCH", "/lists/{list}/merge-fields/{}", fields.patch_field),
    Route("DELETE", "/lists/{list}/merge-fields/{}", fields.delete_field),
    Route("GET", "/lists/{list}/segments", segments.list_segments, _PAGE | {"type"}, _SEGMENT_FILTERS),
    Route("POST", "/lists/{list}/segments", segments.post_segment),
    Route("GET", "/lists/{list}/segments/{}", segments.get_segment, _SHAPE, _INCLUDE),
    Route("PATCH", "/lists/{list}/segments/{}", segments.patch_segment),
    Route("DELETE", "/lists/{list}/segments/{}", segments.delete_segment),
    Route("POST", "/lists/{list}/segments/{}", segments.batch_segment),
    Route("GET", "/lists/{list}/segments/{}/members", segments.segment_members, _PAGE | _INCLUDE),
    Route("GET", "/lists/{list}/tag-search", segments.search_tags, frozenset({"name"})),
)


def _compiled(route: Route) -> re.Pattern[str]:
    return re.compile(route.pattern.replace("{list}", "(?P<list>[^/]+)").replace("{}", "([^/]+)"))


_COMPILED: Final = tuple((_compiled(route), route) for route in ROUTES)


@dataclass(frozen=True, slots=True)
class Match:
    """A route found for a request."""

    route: Route
    list_id: str | None
    ids: tuple[str, ...]


def match(method: str, path: str) -> tuple[Match | None, list[str]]:
    """Find the route of a request; the second part names the methods that the path has."""
    methods = []
    for pattern, route in _COMPILED:
        found = pattern.fullmatch(path)
        if found is None:
            continue
        if route.method == method:
            list_id = found.groupdict().get("list")
            ids = found.groups()[1:] if list_id is not None else found.groups()
            return Match(route, list_id, ids), []
        methods.append(route.method)
    return None, methods
