"""What the page shows, as values that a template and JSON both take: each sync as a card, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from afas_mailchimp.balance import Balance, Bill, balance_of, bill_of
from afas_mailchimp.card_state import CardState, Verdict, judge
from afas_mailchimp.near_limits import NearLimit, near_limits
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.page_text import Speaker
from afas_mailchimp.reject_list import Listed, listed
from afas_mailchimp.run_plot import Bar, bars
from afas_mailchimp.sync_seen import ReportSeen, RunSeen, SyncSeen
from afas_mailchimp_ui.access import Rights
from afas_mailchimp_ui.syncs import Picture

WORST_FIRST = (
    CardState.BAD_FILE,
    CardState.FAILED,
    CardState.LIMIT,
    CardState.BEHIND,
    CardState.PAUSED,
    CardState.NEVER_RUN,
    CardState.FIRST_RUN,
    CardState.IN_SYNC,
)


@dataclass(frozen=True, slots=True)
class Card:
    """One sync.

    :param running: the run that has not ended.
    :param last: the newest run that ended and was no dry run.
    :param balance_run: the run that the balance is of.
    :param full_dry: the newest dry run that compared everything.
    """

    seen: SyncSeen
    verdict: Verdict
    running: RunSeen | None
    last: RunSeen | None
    balance_run: RunSeen | None
    balance: Balance | None
    bill: Bill | None
    bars: tuple[Bar, ...]
    rows: tuple[Listed, ...]
    warnings: tuple[str, ...]
    problems: tuple[str, ...]
    near: tuple[NearLimit, ...]
    leavers_due: int
    full_dry: RunSeen | None
    may_report: bool
    may_trigger: bool
    may_edit: bool

    @property
    def consent_differs(self) -> int:
        """Rows about whose consent the two sides disagree."""
        return sum(row.count for row in self.rows if row.reason == Notice.CONSENT_DIFFERS)

    @property
    def keeps_nothing(self) -> bool:
        """Whether traces of a good run go at once."""
        return bool(self.seen.sync and self.seen.sync.retention.days == 0)


def cards(picture: Picture, rights: Rights, speaker: Speaker) -> list[Card]:
    """Make the cards."""
    made = [card(seen, rights, speaker) for seen in picture.syncs]
    return sorted(made, key=lambda each: (WORST_FIRST.index(each.verdict.state), each.seen.name))


def card(seen: SyncSeen, rights: Rights, speaker: Speaker) -> Card:
    """Make one card."""
    full = seen.last_full
    balance = balance_of(full.report) if full and full.report else None
    audience = next((run.report.audience for run in seen.real if run.report and run.report.audience), None)
    last = seen.real[0] if seen.real else None
    newest = seen.runs[0] if seen.runs else None
    return Card(
        seen=seen,
        verdict=judge(seen, now=speaker.now),
        running=seen.running,
        last=last,
        balance_run=full,
        balance=balance,
        bill=bill_of(audience, balance) if audience else None,
        bars=bars(seen.runs),
        rows=listed(seen),
        warnings=newest.warnings if newest else (),
        problems=tuple(last.report.problems) if last and last.report else (),
        near=near_limits(last.report, seen.sync.limits) if last and last.report and seen.sync else (),
        full_dry=next(
            (run for run in seen.runs if run.dry_run and run.is_ended and run.report and run.report.mode == "full"),
            None,
        ),
        leavers_due=_leavers_due(full.report if full else None),
        may_report=seen.dag_id in rights.report,
        may_trigger=seen.dag_id in rights.trigger,
        may_edit=seen.dag_id in rights.edit,
    )


def states(made: list[Card]) -> list[tuple[CardState, int]]:
    """How many cards have each state, worst first."""
    counted = Counter(each.verdict.state for each in made)
    return [(state, counted[state]) for state in WORST_FIRST if counted[state]]


def as_json(each: Card, speaker: Speaker) -> dict[str, Any]:
    """A card for scripts and monitoring: only what stands here, whatever else a report may hold."""
    last = each.last
    return {
        "name": each.seen.name,
        "dag_id": each.seen.dag_id,
        "state": each.verdict.state.value,
        "says": speaker.state(each.verdict),
        "since": each.verdict.since.isoformat() if each.verdict.since else None,
        "paused": each.seen.paused,
        "lag_seconds": {source: round(lag.total_seconds()) for source, lag in each.verdict.lags.items()},
        "next_run_at": each.seen.next_run_at.isoformat() if each.seen.next_run_at else None,
        "running": bool(each.running),
        "last_run": None
        if last is None
        else {
            "state": last.state,
            "ended_at": last.ended_at.isoformat() if last.ended_at else None,
            "says": speaker.outcome(last),
        },
        "balance": None if each.balance is None else _balance_json(each.balance),
        "billed": each.bill.billed if each.bill else None,
        "rows": {row.reason: row.count for row in each.rows},
        "retry": each.seen.retry,
    }


def _balance_json(balance: Balance) -> dict[str, Any]:
    return {
        "in_afas": balance.read,
        "less": {line.value: count for line, count in balance.lines},
        "expected": balance.expected,
        "in_mailchimp": balance.actual,
        "members": balance.members,
        "difference": balance.difference,
    }


def _leavers_due(report: ReportSeen | None) -> int:
    found: Mapping[str, object] = (report.archived_members if report else None) or {}
    due = found.get("due_for_erasure")
    return due if isinstance(due, int) else 0
