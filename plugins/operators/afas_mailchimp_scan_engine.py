"""Searches bytes for many values at once, piece by piece, and remembers only where which value stood in which form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ahocorasick_rs import BytesAhoCorasick

from afas_mailchimp.needles import Form, Needle

BLOCK = 1 << 20


@dataclass(slots=True)
class Found:
    """What one search found.

    :param people: hits by place, form and number of the value.
    :param keys: AFAS keys, counted apart: pseudonymous, and allowed within their term.
    :param unread: a sentence about each place that could not be read: it is not clean.
    """

    people: Counter[tuple[str, Form, int]] = field(default_factory=Counter)
    keys: Counter[tuple[str, int]] = field(default_factory=Counter)
    bytes: int = 0
    rows: int = 0
    unread: list[str] = field(default_factory=list)


class Searcher:
    """Looks for needles.

    :param needles: at least one.
    """

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._owners: dict[bytes, list[Needle]] = {}
        for needle in needles:
            self._owners.setdefault(needle.text, []).append(needle)
        self._texts = list(self._owners)
        self._longest = max(map(len, self._texts), default=1)
        self._automaton: Any = BytesAhoCorasick(self._texts)
        self._shown: dict[str, str] = {}
        self.found = Found()

    def look(self, place: str, blocks: Iterable[bytes]) -> None:
        """Search one place, and its name.

        :param place: table and column, or file: what a result names.
        :param blocks: its bytes in pieces; a value may lie across a border.
        :raises ConfigurationError: it cannot be read.
        """
        place = self.shown(place)
        tail = b""
        for block, last in _with_last(blocks):
            self.found.bytes += len(block)
            whole = tail + block.lower()
            # A key needs the character behind it, so what ends at the border waits for the next piece.
            counted, until = max(len(tail) - 1, 0), len(whole) - (not last)
            for number, start, end in self._automaton.find_matches_as_indexes(whole, overlapping=True):
                if counted < end <= until:
                    self._note(place, whole, start, end, self._owners[self._texts[number]])
            tail = whole[-self._longest - 1 :]

    def shown(self, place: str) -> str:
        """Search the name of a place, once, and answer it without the values in it: a result never repeats one."""
        if place not in self._shown:
            name = place.encode("utf-8", "surrogateescape")
            shown, lowered, hits = bytearray(name), name.lower(), []
            for number, start, end in self._automaton.find_matches_as_indexes(lowered, overlapping=True):
                owners = self._owners[self._texts[number]]
                if any(owner.form != Form.KEY for owner in owners):
                    shown[start:end] = b"*" * (end - start)
                # The folders above have been a name of their own.
                if end > lowered.rfind(b"/") + 1:
                    hits.append((start, end, owners))
            self._shown[place] = shown.decode("utf-8", "backslashreplace")
            for start, end, owners in hits:
                self._note(f"name of {self._shown[place]}", lowered, start, end, owners)
        return self._shown[place]

    def _note(self, place: str, whole: bytes, start: int, end: int, owners: list[Needle]) -> None:
        for needle in owners:
            if needle.form != Form.KEY:
                self.found.people[place, needle.form, needle.number] += 1
            elif not whole[max(start - 1, 0) : start].isalnum() and not whole[end : end + 1].isalnum():
                self.found.keys[place, needle.number] += 1


def _with_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Say of each piece whether it is the last one."""
    before: bytes | None = None
    for block in blocks:
        if before is not None:
            yield before, False
        before = block
    if before is not None:
        yield before, True
