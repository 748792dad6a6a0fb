"""What the demo tells a person: what is going on and for how long, and a report as a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

OUTCOMES = ("read", "created", "updated", "unchanged", "unsubscribed", "skipped", "invalid", "rejected")


class Progress:
    """Lines with the time since the start; on a terminal the last one is rewritten while it lasts."""

    def __init__(self, write: Callable[[str], object] = sys.stdout.write) -> None:
        self._write = write
        self._started = time.monotonic()
        self._open = False
        self._last = ""

    def say(self, text: str) -> None:
        """One line that stays."""
        self._close()
        self._line(text, end="\n")

    def tell(self, text: str) -> None:
        """What is being done now; said again only when it changes, or in place on a terminal."""
        if sys.stdout.isatty():
            self._write("\r\x1b[2K")
            self._line(text, end="")
            self._open = True
        elif text != self._last:
            self._line(text, end="\n")
        self._last = text

    def _close(self) -> None:
        if self._open:
            self._write("\n")
        self._open, self._last = False, ""

    def _line(self, text: str, *, end: str) -> None:
        self._write(f"{time.monotonic() - self._started:6.1f} s  {text}{end}")
        sys.stdout.flush()


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """A report of ``import_customers`` for people."""
    sources: Mapping[str, Mapping[str, Any]] = report["sources"]
    table = [["", *sources, "total"]]
    table += [[what, *(str(counts[what]) for counts in sources.values()), str(report[what])] for what in OUTCOMES]
    calls = ", ".join(f"{side.capitalize()} {count}" for side, count in report["api_calls"].items())
    members = ", ".join(
        f"{report[what]} {what}" for what in ("archived", "adopted", "moved", "returned") if report[what]
    )
    lines = [f"{report['mode']} run ({report['why']}), {report['seconds']} s, API calls: {calls}", ""]
    lines += _table(table)
    for source, counts in sources.items():
        reasons = [f"{count} {reason.replace('_', ' ')}" for reason, count in counts["reasons"].items()]
        lines += _listing(f"{source}: ", reasons)
    lines += _listing("worth a look: ", [f"{n} {what.replace('_', ' ')}" for what, n in report["notices"].items()])
    lines.append(f"written: {report['written']}" + (f" (members: {members})" if members else ""))
    return [*lines, *report["problems"]]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  "
        + row[0].ljust(widths[0])
        + "".join(cell.rjust(width + 3) for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    return [lines[0], "  " + "-" * (len(lines[0]) - 2), *lines[1:], ""]


def _listing(title: str, items: Sequence[str]) -> list[str]:
    return [f"{title}{', '.join(items)}"] if items else []
