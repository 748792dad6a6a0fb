"""In sync or not, and since when: decided from what the runs left. Pure; the moment comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import pendulum
from croniter import croniter

from afas_mailchimp.amsterdam_time import to_utc
from afas_mailchimp.run_plot import RUNS
from afas_mailchimp.sync_seen import RunSeen, RunState, SyncSeen

SLACK = timedelta(minutes=5)
"""AFAS's clock and Airflow's may differ, and a run takes a moment to begin."""


class CardState(StrEnum):
    """What a card says at a glance."""

    BAD_FILE = "bad_file"
    NEVER_RUN = "never_run"
    FIRST_RUN = "first_run"
    FAILED = "failed"
    LIMIT = "limit"
    """A protection left something out; a person must look."""
    PAUSED = "paused"
    BEHIND = "behind"
    IN_SYNC = "in_sync"


GOOD = frozenset({CardState.IN_SYNC, CardState.FIRST_RUN})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a card says.

    :param since: since when, None where it is not known.
    :param at_least: it may be longer: the oldest run that is known was like this already.
    :param tried: nothing was written yet, and a dry run has told what would be, or is at it.
    :param lags: how far each source lags, by source.
    """

    state: CardState
    since: datetime | None = None
    at_least: bool = False
    lags: dict[str, timedelta] = field(default_factory=dict)
    tried: bool = False

    @property
    def lag(self) -> timedelta | None:
        """The longest lag."""
        return max(self.lags.values(), default=None)


def judge(seen: SyncSeen, *, now: datetime) -> Verdict:
    """Judge one sync.

    :param now: aware.
    """
    lags = {source: max(now - to_utc(mark), timedelta(0)) for source, mark in sorted(seen.watermarks.items())}
    if seen.problem:
        return Verdict(CardState.BAD_FILE, lags=lags)
    ended = seen.real
    if ended and ended[0].state == RunState.FAILED:
        since, at_least = _since(seen, RunState.FAILED, now=now)
        report = ended[0].report
        state = CardState.LIMIT if report and report.problems else CardState.FAILED
        return Verdict(state, since, at_least, lags)
    if not ended and not seen.watermarks:
        is_first = seen.running is not None and not seen.running.dry_run
        return Verdict(CardState.FIRST_RUN if is_first else CardState.NEVER_RUN, tried=seen.was_tried)
    if seen.paused:
        return Verdict(CardState.PAUSED, lags=lags)
    due = _due(seen, now=now)
    late = min(map(to_utc, seen.watermarks.values()), default=None)
    if due and late and late < due - SLACK:
        return Verdict(CardState.BEHIND, late, lags=lags)
    since, at_least = _since(seen, RunState.SUCCESS, now=now)
    return Verdict(CardState.IN_SYNC, since or seen.full_reload_at, at_least or since is None, lags)


def _since(seen: SyncSeen, state: RunState, *, now: datetime) -> tuple[datetime | None, bool]:
    """The end of the first of the newest runs that all ended alike, and whether there may have been more.

    There may, when older ones are not shown, or are erased by now.
    """
    tail: list[RunSeen] = []
    for run in seen.real:
        if run.state != state:
            break
        tail.append(run)
    if not tail:
        return None, False
    since = tail[-1].ended_at
    kept = timedelta(days=seen.sync.retention.days - 1) if seen.sync else timedelta(0)
    erased = since is None or now - since >= kept
    return since, len(tail) == len(seen.real) and (len(seen.runs) >= RUNS or erased)


def _due(seen: SyncSeen, *, now: datetime) -> datetime | None:
    """Up to when changes should be in Mailchimp: the start of the run before the last one that the schedule asked for.

    The last one may still be waiting or working. A run that takes long is not late by that.
    """
    schedule = seen.sync.schedule if seen.sync else None
    if not schedule or not seen.sync:
        return None
    running = seen.running
    moment = running.started_at if running and running.started_at else now
    fires = croniter(schedule, pendulum.instance(moment).in_timezone(seen.sync.timezone))
    fires.get_prev(datetime)
    before: datetime = fires.get_prev(datetime)
    return before
