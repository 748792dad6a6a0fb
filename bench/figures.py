"""What a benchmark says: figures with their limits, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    :param limit: what it must not exceed; None for a value that is told and not judged.
    :param unit: behind the numbers, empty for a ratio.
    :param note: how it was measured.
    """

    name: str
    measured: float
    limit: float | None
    unit: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether it keeps its limit."""
        return self.limit is None or self.measured <= self.limit

    def as_json(self) -> dict[str, object]:
        """For a file."""
        return {**asdict(self), "ok": self.ok}


def table(figures: Sequence[Figure]) -> str:
    """Lines for a terminal, in the order measured."""
    rows = [("figure", "measured", "limit", "", "how")]
    for each in figures:
        verdict = "" if each.limit is None else "ok" if each.ok else "MISSED"
        limit = "" if each.limit is None else _number(each.limit, each.unit)
        rows.append((each.name, _number(each.measured, each.unit), limit, verdict, each.note))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for name, measured, limit, verdict, note in rows:
        line = f"{name:<{widths[0]}}  {measured:>{widths[1]}}  {limit:>{widths[2]}}  {verdict:<{widths[3]}}  {note}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if float(value).is_integer() and abs(value) >= 1 else f"{value:,.3f}"
    return f"{text} {unit}".rstrip()
