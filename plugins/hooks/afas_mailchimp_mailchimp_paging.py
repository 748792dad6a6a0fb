"""Reading all members although Mailchimp pages by offset: whoever leaves meanwhile moves the others up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from afas_mailchimp.audience import Member
from afas_mailchimp.errors import TemporaryError
from hooks.afas_mailchimp_mailchimp_values import read_member

OVERLAP = 20
"""Members read twice at each border: so many may leave during a page before one is missed."""

READINGS = 4


def each_once(ask: Callable[[int], dict[str, Any]], *, tags: Collection[str]) -> Iterator[tuple[Member, ...]]:
    """Yield the members in pages, each once; read again while fewer were seen than Mailchimp counts.

    :param ask: returns the page at an offset.
    :param tags: merge fields to keep.
    """
    # The hash as sixteen bytes: the only thing that is kept of a member that was handed out.
    seen: set[bytes] = set()
    for _ in range(READINGS):
        offset, total = 0, 1
        while offset < total:
            found = ask(offset)
            total = int(found.get("total_items") or 0)
            page = [read_member(each, tags=tags) for each in found.get("members") or ()]
            if not page:
                break
            fresh = tuple(each for each in page if bytes.fromhex(each.id) not in seen)
            seen.update(bytes.fromhex(each.id) for each in fresh)
            if fresh:
                yield fresh
            end = offset + len(page)
            offset = end if end >= total else max(offset + 1, end - OVERLAP)
        if len(seen) >= total:
            return
    raise TemporaryError("The audience kept changing while it was read: fewer members came than Mailchimp counts.")
