"""What the words about one reason are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a reason or notice means.

    :param do: what to do about it, empty for a notice.
    """

    meaning: str
    do: str = ""
