"""Reading all rows of one question of AFAS, which has no snapshot, no total and no cursor.

Pages are asked for by ``key > last key``, so that rows that come or go meanwhile cannot shift others across a border.
For several pages at once the keys are cut into stretches ``low < key <= high`` that leave no gap whatever the cuts are:
where to cut is only looked up (one row behind a known key), no row is ever taken by its position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableSequence, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from typing import Protocol

from afas_mailchimp.errors import SyncError
from afas_mailchimp.getconnector import Filter, Row
from hooks.afas_mailchimp_afas_query import after_key, up_to_key
from hooks.afas_mailchimp_afas_values import Json, read_keys
from hooks.afas_mailchimp_ahead import in_order, reading_pool

PAGES_A_STRETCH = 2
"""Pages between two cuts that had to be looked up: fewer cost more look-ups, more keep more rows in memory."""

Key = str | int
Page = tuple[tuple[Row, ...], Key]
"""Rows, and the key of the last one."""


class Fetch(Protocol):
    """One call: at most ``take`` rows behind the first ``skip`` ones, in the order of the key."""

    def __call__(self, where: Filter, *, take: int, skip: int = 0) -> list[Json]:
        """Ask AFAS."""


@dataclass(frozen=True, slots=True)
class KeyPages:
    """All rows of one question.

    :param key: a column that is unique; its order is AFAS's own.
    :param where: alternatives of conditions.
    :param take: rows in a page.
    :param cells: turns a row of JSON into the wanted cells.
    :param few: only few rows are expected, so a page that is not full is taken for the last (as AFAS documents it).
    """

    connector: str
    key: str
    where: Filter
    take: int
    fetch: Fetch
    cells: Callable[[Json], Row]
    few: bool = False

    def one_by_one(self) -> Iterator[tuple[Row, ...]]:
        """Yield the pages, each asked for when the one before it was consumed."""
        return (rows for rows, _ in self._stretch(None, None))

    def at_once(self, threads: int, cuts: MutableSequence[Key]) -> Iterator[tuple[Row, ...]]:
        """Yield the pages in order, while further ones are read ahead.

        :param threads: calls at once, and stretches read ahead at most.
        :param cuts: ends of pages that an earlier reading left here; without them they are looked up.
        """
        ends: list[Key] = []
        with reading_pool(threads, "afas") as pool:
            for rows, last in self._ahead(pool, threads, tuple(cuts)):
                ends.append(last)
                yield rows
        cuts[:] = ends[:-1]

    def _ahead(self, pool: ThreadPoolExecutor, threads: int, cuts: Sequence[Key]) -> Iterator[Page]:
        low: Key | None = None
        highs: Iterator[Key] = iter(cuts)
        if not cuts:
            pages = self._stretch(None, None)
            first = next(pages, None)
            if first is None:
                return
            yield first
            rows, low = first
            if len(rows) < self.take:
                # So few: what comes next is most likely the empty page behind the end.
                yield from pages
                return
            highs = self._looked_up(pool, threads, low)
        stretches = pairwise(chain((low,), highs, (None,)))
        for pages_of_one in in_order(pool, threads, (partial(self._whole, *stretch) for stretch in stretches)):
            yield from pages_of_one

    def _looked_up(self, pool: ThreadPoolExecutor, threads: int, low: Key) -> Iterator[Key]:
        """Yield keys some pages apart, behind a first one; the next ones are asked for while these are used."""
        step = PAGES_A_STRETCH * self.take
        before, behind = low, [pool.submit(self._key_at, low, number * step - 1) for number in range(1, threads + 1)]
        while behind:
            keys = [key for key in (each.result() for each in behind) if key is not None]
            full = len(keys) == len(behind)
            behind = [pool.submit(self._key_at, keys[-1], n * step - 1) for n in range(1, threads + 1)] if full else []
            for key in keys:
                if key != before:
                    yield key
                before = key

    def _key_at(self, low: Key, skip: int) -> Key | None:
        found = self.fetch(after_key(self.where, self.key, low), take=1, skip=skip)
        return read_keys(self.connector, self.key, found)[0] if found else None

    def _whole(self, low: Key | None, high: Key | None) -> list[Page]:
        return list(self._stretch(low, high))

    def _stretch(self, low: Key | None, high: Key | None) -> Iterator[Page]:
        """Yield the pages with ``low < key <= high``; only an empty page, or ``high`` itself, is the end."""
        where = up_to_key(self.where, self.key, high)
        last, unique = low, True
        while found := self.fetch(after_key(where, self.key, last), take=self.take):
            keys = read_keys(self.connector, self.key, found)
            if last is not None and last in keys:
                raise SyncError(
                    f"AFAS returned rows of {self.connector} again that were asked to lie behind the last {self.key}: "
                    "reading would not end. Is this field the key of the connector?"
                )
            unique = unique and all(one != other for one, other in pairwise(keys))
            short = self.few and len(found) < self.take
            at_the_end = short or (high is not None and keys[-1] == high and (unique or len(found) < self.take))
            if not unique and not at_the_end and keys[0] != keys[-1]:
                # Rows that share the last key may go on beyond this page: leave them all to the next one.
                complete = keys.index(keys[-1])
                found, keys = found[:complete], keys[:complete]
            elif not unique and len(found) >= self.take:
                raise SyncError(
                    f"More than {self.take} rows of {self.connector} share one {self.key}: it is not the key."
                )
            last = keys[-1]
            rows = tuple(map(self.cells, found))
            found.clear()
            yield rows, last
            if at_the_end:
                return
