"""Reading all members although Mailchimp pages by offset, and in no certain order where the sort key is equal.

First by offset, several pages at once. If as many came as Mailchimp counts, and none of them changed meanwhile, those
are all. Else ties fell on the border of two pages, or somebody moved within the order: a change moves a member to its
end and shifts the others, which offsets cannot see. What may be missing is then looked for in a surer way:

Pages are asked for by ``last_changed`` behind a moment, as one asks AFAS by key: whoever leaves shifts nobody, and
whoever changes meanwhile only comes again at the end. Every member has a ``last_changed``; ``timestamp_opt`` and
``timestamp_signup`` are blank for many, which would be one long tie. Only a second with more members than a page
(our own batches make such) is read by offset, again and again until all of them were seen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, pairwise
from typing import Any, Generic, Protocol, TypeVar

from afas_mailchimp.errors import SyncError, TemporaryError
from hooks.afas_mailchimp_ahead import in_order, reading_pool

OVERLAP = 20
"""Members read twice at each border of an offset: so many may leave during a page before one is missed."""

READINGS = 4
READINGS_OF_A_SECOND = 40

_SECOND = timedelta(seconds=1)
_CHANGING = "The audience kept changing while it was read: fewer members came than Mailchimp counts."

_IGNORED = "Mailchimp returned members that did not change since the moment asked for: what is new cannot be told."

Ask = Callable[[dict[str, Any]], dict[str, Any]]


class Entry(Protocol):
    """What paging has to know of a member."""

    @property
    def id(self) -> str:
        """Subscriber hash."""

    @property
    def last_changed(self) -> datetime | None:
        """In UTC, whole seconds."""


EntryT = TypeVar("EntryT", bound=Entry)


@dataclass(slots=True)
class MemberPages(Generic[EntryT]):
    """One reading of members.

    :param ask: returns a page, sorted by ``last_changed``, narrowed by the parameters given.
    :param read: turns one entry of a page into a value.
    :param since: only members that changed after it (UTC, whole seconds); None reads all.
    """

    ask: Ask
    read: Callable[[dict[str, Any]], EntryT]
    since: datetime | None = None
    # The hash as sixteen bytes: the only thing that is kept of a member that was handed out.
    _seen: set[bytes] = field(default_factory=set)

    def at_once(self, threads: int, *, clock: Callable[[], datetime]) -> Iterator[tuple[EntryT, ...]]:
        """Yield all members in pages, each once, several pages at once.

        :param threads: calls at once, and pages read ahead at most.
        :param clock: Mailchimp's own time at its latest answer.
        """
        asked = time.monotonic()
        first = self._page({})
        # Whoever has a later last_changed than this moved while we read.
        began = clock() - timedelta(seconds=math.ceil(time.monotonic() - asked) + 1)
        size, most, quiet = len(first[0]), 0, True
        borders: list[tuple[datetime | None, datetime | None]] = []
        with reading_pool(threads, "members") as pool:
            offsets = range(size, first[1], size) if size else ()
            jobs = (partial(self._page, {"offset": offset}) for offset in offsets)
            for page, total in chain((first,), in_order(pool, threads, jobs)):
                most = max(most, total)
                if page:
                    borders.append((page[0].last_changed, page[-1].last_changed))
                quiet = quiet and all(each.last_changed and each.last_changed < began for each in page)
                yield from self._fresh(page)
        if quiet and len(self._seen) < most:
            tied = {last for (_, last), (first_of_next, _) in pairwise(borders) if last and last == first_of_next}
            for moment in sorted(tied):
                yield from self._second(moment)
        if not quiet or len(self._seen) < most:
            for again in MemberPages(self.ask, self.read, self.since).each_once():
                yield from self._fresh(list(again))

    def each_once(self) -> Iterator[tuple[EntryT, ...]]:
        """Yield all members in pages; read again while fewer were seen than Mailchimp counts."""
        for _ in range(READINGS):
            page, total = self._page({})
            if total <= len(self._seen):
                return
            yield from self._fresh(page)
            yield from self._behind(page, total)
            if total <= len(self._seen):
                return
        raise TemporaryError(_CHANGING)

    def _behind(self, page: list[EntryT], total: int) -> Iterator[tuple[EntryT, ...]]:
        since: datetime | None = None
        while page and len(page) < total:
            first, last = page[0].last_changed, page[-1].last_changed
            if first is None or last is None or (since is not None and first <= since):
                raise SyncError("Mailchimp did not sort or narrow the members by last_changed: they cannot be read.")
            if first < last:
                # The last second may go on behind this page, so it is asked for again as a whole.
                since = last - _SECOND
            else:
                yield from self._second(last)
                since = last
            page, total = self._page({"since_last_changed": _text(since)})
            yield from self._fresh(page)

    def _second(self, moment: datetime) -> Iterator[tuple[EntryT, ...]]:
        """Read all members that changed in one second; their order may be another one in each answer."""
        window = {"since_last_changed": _text(moment - _SECOND), "before_last_changed": _text(moment + _SECOND)}
        members: set[str] = set()
        for _ in range(READINGS_OF_A_SECOND):
            offset, total = 0, 1
            while offset < total:
                page, total = self._page({**window, "offset": offset})
                members.update(each.id for each in page)
                yield from self._fresh(page)
                end = offset + max(len(page), 1)
                offset = end if end >= total else max(offset + 1, end - OVERLAP)
            if total <= len(members):
                return
        raise TemporaryError(_CHANGING)

    def _page(self, narrowed: dict[str, Any]) -> tuple[list[EntryT], int]:
        beginning = {} if self.since is None else {"since_last_changed": _text(self.since)}
        found = self.ask({**beginning, **narrowed})
        page = [self.read(each) for each in found.get("members") or ()]
        # A moment that Mailchimp cannot read is ignored, not refused: then everybody would pass for changed.
        if self.since is not None and any(each.last_changed and each.last_changed < self.since for each in page):
            raise SyncError(_IGNORED)
        return page, int(found.get("total_items") or 0)

    def _fresh(self, page: list[EntryT]) -> Iterator[tuple[EntryT, ...]]:
        fresh = []
        for each in page:
            name = bytes.fromhex(each.id)
            if name not in self._seen:
                self._seen.add(name)
                fresh.append(each)
        if fresh:
            yield tuple(fresh)


def _text(moment: datetime) -> str:
    """Write a moment in the one form that is honoured: another one is ignored without a word."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")
