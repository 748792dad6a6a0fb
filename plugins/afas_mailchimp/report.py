"""What a run tells: counts by outcome and reason, AFAS keys, API calls. Never an address or a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Any

from afas_mailchimp.decision import Decision
from afas_mailchimp.outcomes import Notice, Outcome, Reason

KEYS_LISTED = 25
"""AFAS keys listed for each reason; the count beside them is complete."""

QUIET = frozenset({Reason.FILTERED_OUT, Reason.SHARED_ADDRESS})
"""Reasons that are ordinary: counted, their keys not listed."""

WRITTEN = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNSUBSCRIBED})


class Report:
    """Collects what happened; ``as_json`` is the task's return value.

    :param written_back: names of rows that this run's write-back wrote: seen again, each is an echo.
    """

    def __init__(self, sources: Iterable[str], *, written_back: Container[str] = ()) -> None:
        self.written_back = written_back
        self.echoes_seen = self.echoes_written = 0
        self._outcomes: dict[str, Counter[str]] = {source: Counter() for source in sources}
        self._reasons: dict[str, Counter[str]] = {source: Counter() for source in self._outcomes}
        self._keys: dict[str, list[str]] = {}
        self.notices: Counter[str] = Counter()
        self.archived = self.moved = self.returned = self.adopted = self.released = 0
        self.overwritten: Counter[str] = Counter()
        self.audience: dict[str, int] | None = None
        self.problems: list[str] = []

    def end(self, source: str, key: str, outcome: Outcome, reason: str | None = None) -> None:
        """Count one row. Each row of a run is ended exactly once."""
        self._outcomes[source][outcome] += 1
        if f"{source}:{key}" in self.written_back:
            self.echoes_seen += 1
            self.echoes_written += outcome in WRITTEN
        if reason:
            self._reasons[source][reason] += 1
            if reason not in QUIET:
                self.list_key(reason, f"{source}:{key}")

    def notice(self, notice: Notice, name: str) -> None:
        """Count something worth a look beside the outcome."""
        self.notices[notice] += 1
        self.list_key(notice, name)

    def count_members(self, decision: Decision) -> None:
        """Count what a decision that was carried out did to members."""
        self.moved += decision.move_from is not None
        self.returned += decision.returns is not None
        self.adopted += decision.adopts
        self.overwritten.update(decision.overwrites)

    def list_key(self, reason: str, name: str) -> None:
        """Remember an AFAS key under a reason, up to ``KEYS_LISTED``."""
        keys = self._keys.setdefault(reason, [])
        if len(keys) < KEYS_LISTED and name not in keys:
            keys.append(name)

    def count(self, outcome: Outcome) -> int:
        """Rows of all sources with an outcome."""
        return sum(counts[outcome] for counts in self._outcomes.values())

    @property
    def read(self) -> int:
        """Rows of all sources."""
        return sum(counts.total() for counts in self._outcomes.values())

    @property
    def written(self) -> int:
        """Rows and members that were written: 0 when the two sides are equal."""
        rows = sum(counts[outcome] for counts in self._outcomes.values() for outcome in WRITTEN)
        return rows + self.archived + self.released

    def as_json(self, **more: Any) -> dict[str, Any]:
        """JSON for XCom, the log and people.

        :param more: what else the run knows (mode, windows, API calls, seconds).
        """
        sources = {
            source: {
                "read": counts.total(),
                **{str(outcome): counts[outcome] for outcome in Outcome},
                "reasons": dict(sorted(self._reasons[source].items())),
            }
            for source, counts in self._outcomes.items()
        }
        return {
            **more,
            "sources": sources,
            "read": self.read,
            **{str(outcome): self.count(outcome) for outcome in Outcome},
            "written": self.written,
            "archived": self.archived,
            "moved": self.moved,
            "returned": self.returned,
            "adopted": self.adopted,
            "released": self.released,
            "overwritten": dict(sorted(self.overwritten.items())),
            "audience": self.audience,
            "notices": dict(sorted(self.notices.items())),
            "keys": {str(reason): sorted(keys) for reason, keys in sorted(self._keys.items())},
            "problems": list(self.problems),
        }


def summary(report: dict[str, Any]) -> Iterator[str]:
    """A report as a few lines for the task log."""
    kind = f"{'dry run, ' if report['dry_run'] else ''}{report['mode']} ({report['why']})"
    calls = report["api_calls"]
    asked = f"{calls['afas']} calls to AFAS, {calls['mailchimp']} to Mailchimp"
    yield f"Sync {report['sync']}: {kind}, {report['seconds']} s, {asked}"
    for source, counts in report["sources"].items():
        outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
        yield f"{source}: {counts['read']} read: {outcomes or 'nothing to do'}"
        if counts["reasons"]:
            yield f"{source}: reasons: {', '.join(f'{count} {reason}' for reason, count in counts['reasons'].items())}"
    kinds = ("moved", "returned", "archived", "adopted", "released")
    members = ", ".join(f"{report[what]} {what}" for what in kinds if report[what])
    notices = ", ".join(f"{count} {notice}" for notice, count in report["notices"].items())
    yield (
        f"written: {report['written']}"
        + (f"; members {members}" if members else "")
        + (f"; notices {notices}" if notices else "")
    )
    if report["overwritten"]:
        yield f"values overwritten: {', '.join(f'{count} {tag}' for tag, count in report['overwritten'].items())}"
    if report["audience"]:
        held = ", ".join(f"{count} {status}" for status, count in report["audience"].items() if status != "billed")
        yield f"the audience holds: {held}; Mailchimp bills {report['audience']['billed']}"
    yield from (f"Warning of the preflight: {warning}" for warning in report.get("warnings", ()))
    yield from report["problems"]
