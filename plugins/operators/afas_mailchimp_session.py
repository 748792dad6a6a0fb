"""One import from state to state: reads what earlier runs left, chooses the mode, runs, confirms, reports."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from afas_mailchimp.errors import SafetyStop
from afas_mailchimp.fingerprint import fingerprint
from afas_mailchimp.leavers import leavers
from afas_mailchimp.leaving import above_limit
from afas_mailchimp.outcomes import Outcome
from afas_mailchimp.retry_memory import remember
from afas_mailchimp.run_mode import Mode, State, Why, choose_mode
from operators.afas_mailchimp_neighbours import TooBigError
from operators.afas_mailchimp_options import Options
from operators.afas_mailchimp_run import ImportRun
from operators.afas_mailchimp_state import (
    clear_unfinished,
    load_state,
    note_unfinished,
    save_retry,
    save_run,
    save_watermark,
)

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook
    from operators.afas_mailchimp_progress import Show

log = logging.getLogger(__name__)

GARBAGE_THRESHOLD = 50_000
"""Objects made since the last look for cycles of garbage; Python's own 700 costs five percent of an import."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person or the schedule asked of a run.

    :param max_archive_percent: overrides the sync file's limit for this run.
    :param written_back: names of rows that this run's write-back wrote.
    :param scheduled: only scheduled runs become full because the last full one is old.
    :param now: AFAS's clock (aware) as the preflight saw it; rows that change later are for the next run.
    :param member_count: members of the audience as the preflight saw them.
    :param warnings: sentences of the preflight, for the report.
    """

    full_reload: bool = False
    dry_run: bool = False
    max_archive_percent: float | None = None
    scheduled: bool = False
    written_back: frozenset[str] = frozenset()
    now: datetime | None = None
    member_count: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """A sync with its two hooks.

    :param show: told every few seconds how far a run is.
    :param still_ours: raises when another attempt of this task has begun meanwhile.
    """

    sync: SyncFile
    afas: AfasHook
    mailchimp: MailchimpHook
    show: Show | None = None
    still_ours: Callable[[], None] = lambda: None

    def carry_out(self, asked: Asked) -> tuple[dict[str, Any], SafetyStop | None]:
        """Run the import.

        :return: the report, and why the run fails at its end; then nothing was confirmed.
        """
        started = time.monotonic()
        # Rows live for moments and refer to nothing that refers to them: looking for cycles so often is for nothing.
        gc.set_threshold(GARBAGE_THRESHOLD)
        state = load_state(self.sync, forgiving=asked.full_reload)
        current = fingerprint(self.sync, afas=self.afas.identity, mailchimp=self.mailchimp.identity)
        now = datetime.now(UTC)
        mode = choose_mode(self.sync, state, current, asked=asked.full_reload, scheduled=asked.scheduled, now=now)
        options = Options(
            dry_run=asked.dry_run,
            may_archive=mode.may_archive,
            max_archive_percent=asked.max_archive_percent,
            check_keys=state.fingerprint == current,
            written_back=asked.written_back,
            now=asked.now,
            member_count=asked.member_count,
        )
        kind = "full reload" if mode.full else "incremental run"
        log.info("%s%s (%s)", "Dry run: " if asked.dry_run else "", kind, mode.why)
        run, mode, watermarks, failure = self._attempt(state, mode, options)
        failure = failure or self._failed_at_end(run)
        if not failure and not asked.dry_run:
            self.still_ours()
            self._confirm(state, mode, watermarks)
            self._remember(state, run)
            save_run(
                self.sync,
                fingerprint=current,
                full_reload_at=datetime.now(UTC) if mode.full else None,
                members=run.members,
            )
        report = run.report.as_json(
            sync=self.sync.name,
            mode="full" if mode.full else "incremental",
            why=str(mode.why),
            dry_run=asked.dry_run,
            echoes={"seen": run.report.echoes_seen, "written": run.report.echoes_written},
            watermarks={source: moment.isoformat() for source, moment in watermarks.items()},
            api_calls={"afas": self.afas.calls, "mailchimp": self.mailchimp.calls},
            seconds=round(time.monotonic() - started, 1),
            warnings=list(asked.warnings),
            # Only a run that saw both sides whole can tell who is gone for good.
            archived_members=leavers(run.index, run.survey, now=now, term=self.sync.retention.archived_term)
            if mode.full and not failure
            else None,
        )
        # A dry run tells what would fail; it has not failed itself.
        return report, None if asked.dry_run else failure

    def _attempt(
        self, state: State, mode: Mode, options: Options
    ) -> tuple[ImportRun, Mode, Mapping[str, datetime], SafetyStop | None]:
        """One try; an incremental run that is too big becomes a full one, before anything was written."""
        run = ImportRun(
            self.sync,
            self.afas,
            self.mailchimp,
            state,
            options,
            note_unfinished=lambda: note_unfinished(self.sync),
            show=self.show,
        )
        with closing(run):
            try:
                return run, mode, run.full() if mode.full else run.incremental(), None
            except TooBigError:
                log.info("Many rows changed: comparing everything instead.")
            except SafetyStop as stop:
                return run, mode, {}, stop
        full = Mode(full=True, why=Why.BIG, may_archive=self.sync.archive_removed)
        return self._attempt(state, full, replace(options, may_archive=full.may_archive))

    def _confirm(self, state: State, mode: Mode, watermarks: Mapping[str, datetime]) -> None:
        """Watermarks move only now; back only when a person asked for a full reload."""
        for source, watermark in watermarks.items():
            before = state.watermarks.get(source)
            moved = watermark if before is None or mode.why == Why.ASKED else max(before, watermark)
            if moved != before:
                save_watermark(self.sync, source, moved)

    def _remember(self, state: State, run: ImportRun) -> None:
        """Rows due for another try, and that nothing was left half done."""
        now = run.now or datetime.now(UTC)
        memory = remember(state.retry, refused=run.ledger.try_again, handled=run.handled, now=now)
        save_retry(self.sync, memory, state.retry)
        if state.unfinished or run.unfinished:
            clear_unfinished(self.sync)

    def _failed_at_end(self, run: ImportRun) -> SafetyStop | None:
        """A run above a limit does everything else and then fails, so that a person looks."""
        rejected, limit = run.report.count(Outcome.REJECTED), self.sync.limits.max_rejected_percent
        if above_limit(rejected, run.report.read, limit):
            run.report.problems.append(
                f"Mailchimp refused {rejected} of {run.report.read} rows, more than max_rejected_percent = {limit:g}. "
                "The reasons are in the report; the watermark stays where it was."
            )
        return SafetyStop("\n".join(run.report.problems)) if run.report.problems else None
