"""Outcome counts of the last runs as bars: geometry only, so that any page can draw them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from afas_mailchimp.sync_seen import RunSeen, RunState

KINDS = ("created", "updated", "unsubscribed", "archived", "rejected", "invalid")
"""What is drawn, from the bottom up: what a run wrote, and what it could not."""

WIDTH, HEIGHT, GAP, SHORTEST = 600.0, 72.0, 3.0, 2.0
RUNS = 30
MODEST = 100
"""So many at least fill the height: nine invalid rows alone are no tower."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One coloured piece of a bar."""

    kind: str
    count: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One run.

    :param failed: it ended badly.
    :param pieces: from the bottom up; none when it wrote nothing.
    """

    number: int
    at: datetime | None
    x: float
    width: float
    failed: bool
    dry_run: bool
    pieces: tuple[Piece, ...]
    counts: dict[str, int]


def bars(runs: Sequence[RunSeen]) -> tuple[Bar, ...]:
    """Make bars of the last runs that ended, oldest first.

    The height of a bar is the logarithm of what it counts, so that a run with 3 changes shows beside one with 3,000;
    within a bar the pieces are in proportion.

    :param runs: newest first.
    """
    shown = [run for run in runs if run.is_ended][:RUNS][::-1]
    if not shown:
        return ()
    counted = [_counts(run) for run in shown]
    most = max(MODEST, *(sum(counts.values()) for counts in counted))
    step = WIDTH / RUNS
    first = RUNS - len(shown)
    return tuple(
        Bar(
            number=run.number,
            at=run.ended_at,
            x=round((first + place) * step, 1),
            width=round(step - GAP, 1),
            failed=run.state == RunState.FAILED,
            dry_run=run.dry_run,
            pieces=_pieces(counts, most),
            counts=counts,
        )
        for place, (run, counts) in enumerate(zip(shown, counted, strict=True))
    )


def _counts(run: RunSeen) -> dict[str, int]:
    return {kind: getattr(run.report, kind) for kind in KINDS} if run.report else dict.fromkeys(KINDS, 0)


def _pieces(counts: dict[str, int], most: int) -> tuple[Piece, ...]:
    total = sum(counts.values())
    if not total:
        return ()
    height = max(HEIGHT * math.log1p(total) / math.log1p(most), SHORTEST)
    pieces, top = [], HEIGHT
    for kind in KINDS:
        if counts[kind]:
            share = height * counts[kind] / total
            top -= share
            pieces.append(Piece(kind, counts[kind], round(top, 2), round(share, 2)))
    return tuple(pieces)
