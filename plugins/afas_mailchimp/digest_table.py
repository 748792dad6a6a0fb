"""Positions of digests in some 25 bytes each. A dictionary takes 150, and a survey has a million of them."""

from __future__ import annotations

import functools
import hashlib
from array import array

DIGEST = 16
"""Bytes of a digest."""

_FIRST_SLOTS = 1 << 10
_FILL, _GROWTH = 0.6, 2


class DigestTable:
    """Gives each digest that is added a position: 0, 1, 2, … Open addressing, linear probing.

    Digests must be evenly spread (MD5, BLAKE2): their first bytes are taken for the place in the table.
    """

    __slots__ = ("_count", "_digests", "_mask", "_most", "_slots")

    def __init__(self) -> None:
        self._count, self._digests = 0, bytearray()
        self._size(_FIRST_SLOTS)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, position: int) -> bytes:
        return bytes(self._digests[position * DIGEST : (position + 1) * DIGEST])

    def find(self, digest: bytes) -> int:
        """Position of a digest, -1 when it was not added."""
        slots, digests, mask = self._slots, self._digests, self._mask
        slot = int.from_bytes(digest[:8], "little") & mask
        while number := slots[slot]:
            if digests[(number - 1) * DIGEST : number * DIGEST] == digest:
                return number - 1
            slot = (slot + 1) & mask
        return -1

    def add(self, digest: bytes) -> tuple[int, bool]:
        """Take in a digest.

        :return: its position, and whether it is new.
        """
        slots, digests, mask = self._slots, self._digests, self._mask
        slot = int.from_bytes(digest[:8], "little") & mask
        while number := slots[slot]:
            if digests[(number - 1) * DIGEST : number * DIGEST] == digest:
                return number - 1, False
            slot = (slot + 1) & mask
        digests += digest
        self._count = slots[slot] = self._count + 1
        if self._count > self._most:
            self._size(_GROWTH * (mask + 1))
        return self._count - 1, True

    def _size(self, size: int) -> None:
        slots, mask, digests = array("I", bytes(4 * size)), size - 1, self._digests
        for position in range(self._count):
            at = position * DIGEST
            slot = int.from_bytes(digests[at : at + 8], "little") & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = position + 1
        self._slots, self._mask, self._most = slots, mask, int(size * _FILL)


@functools.lru_cache(maxsize=64)
def name_digest(name: str) -> bytes:
    """The digest of a row's name; one decision asks for the same one several times."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=DIGEST).digest()
