"""The task that brings the audience up to what AFAS says: reads state, runs the import, confirms, reports."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from afas_mailchimp.errors import SafetyStop
from afas_mailchimp.fingerprint import fingerprint
from afas_mailchimp.leaving import above_limit
from afas_mailchimp.outcomes import Outcome
from afas_mailchimp.report import summary
from afas_mailchimp.run_mode import Mode, State, Why, choose_mode
from operators.afas_mailchimp_run import ImportRun, Options, TooBigError
from operators.afas_mailchimp_state import load_state, save_run, save_watermark

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

log = logging.getLogger(__name__)

REPORT_KEY = "report"
"""XCom key of the report of a run that failed at its end; a good run returns it."""


class ImportCustomersOperator(BaseOperator):
    """Imports all sources of one sync in one task, because rows of different sources can share an address.

    :param sync: the sync.
    """

    def __init__(self, *, sync: SyncFile, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sync = sync

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Run the import.

        :return: counts by outcome and reason, AFAS keys, API calls; never an address or a name.
        :raises SafetyStop: a limit was exceeded or an answer was wrong; watermarks stay where they were.
        """
        from hooks.afas import AfasHook  # noqa: PLC0415 - heavy: only where a task runs
        from hooks.mailchimp import MailchimpHook  # noqa: PLC0415

        params = context["params"]
        with ExitStack() as stack:
            afas = stack.enter_context(closing(AfasHook(self.sync.afas.connection)))
            mailchimp = stack.enter_context(closing(MailchimpHook(self.sync.audience.connection)))
            report, failure = self._run(
                afas,
                mailchimp,
                full_reload=bool(params.get("full_reload")),
                dry_run=bool(params.get("dry_run")),
                max_archive_percent=params.get("max_archive_percent"),
                scheduled=str(getattr(context["dag_run"], "run_type", "")).endswith("scheduled"),
            )
        for line in summary(report):
            log.info(line)
        if failure:
            context["ti"].xcom_push(key=REPORT_KEY, value=report)
            raise failure
        return report

    def _run(
        self,
        afas: AfasHook,
        mailchimp: MailchimpHook,
        *,
        full_reload: bool,
        dry_run: bool,
        max_archive_percent: float | None,
        scheduled: bool,
    ) -> tuple[dict[str, Any], SafetyStop | None]:
        started = time.monotonic()
        state = load_state(self.sync, forgiving=full_reload)
        print_now = fingerprint(self.sync, afas=afas.identity, mailchimp=mailchimp.identity)
        mode = choose_mode(self.sync, state, print_now, asked=full_reload, scheduled=scheduled, now=datetime.now(UTC))
        options = Options(
            dry_run=dry_run,
            may_archive=mode.may_archive,
            max_archive_percent=max_archive_percent,
            check_keys=state.fingerprint == print_now,
        )
        log.info(
            "%s%s (%s)", "Dry run, " if dry_run else "", "full reload" if mode.full else "incremental run", mode.why
        )
        run, mode, watermarks, failure = self._attempt(afas, mailchimp, state, mode, options)
        failure = failure or _failed_at_end(run, self.sync)
        if not failure and not dry_run:
            self._confirm(state, mode, watermarks)
            save_run(self.sync, fingerprint=print_now, full_reload_at=datetime.now(UTC) if mode.full else None)
        report = run.report.as_json(
            sync=self.sync.name,
            mode="full" if mode.full else "incremental",
            why=str(mode.why),
            dry_run=dry_run,
            watermarks={source: moment.isoformat() for source, moment in watermarks.items()},
            api_calls={"afas": afas.calls, "mailchimp": mailchimp.calls},
            seconds=round(time.monotonic() - started, 1),
        )
        return report, failure

    def _attempt(
        self, afas: AfasHook, mailchimp: MailchimpHook, state: State, mode: Mode, options: Options
    ) -> tuple[ImportRun, Mode, Mapping[str, datetime], SafetyStop | None]:
        """One try; an incremental run that is too big becomes a full one, before anything was written."""
        run = ImportRun(self.sync, afas, mailchimp, state, options)
        with closing(run):
            try:
                return run, mode, run.full() if mode.full else run.incremental(), None
            except TooBigError:
                may_archive = self.sync.archive_removed
                log.info("Many rows changed: comparing everything instead")
            except SafetyStop as stop:
                return run, mode, {}, stop
        full = Mode(full=True, why=Why.BIG, may_archive=may_archive)
        return self._attempt(afas, mailchimp, state, full, replace(options, may_archive=may_archive))

    def _confirm(self, state: State, mode: Mode, watermarks: Mapping[str, datetime]) -> None:
        """Watermarks move only now, and never back by themselves."""
        for source, watermark in watermarks.items():
            before = state.watermarks.get(source)
            moved = watermark if before is None or mode.why == Why.ASKED else max(before, watermark)
            if moved != before:
                save_watermark(self.sync, source, moved)


def _failed_at_end(run: ImportRun, sync: SyncFile) -> SafetyStop | None:
    """A run above a limit does everything else and then fails, so that a person looks."""
    rejected = run.report.count(Outcome.REJECTED)
    if above_limit(rejected, run.report.read, sync.limits.max_rejected_percent):
        run.report.problems.append(
            f"Mailchimp refused {rejected} of {run.report.read} rows, more than max_rejected_percent = "
            f"{sync.limits.max_rejected_percent:g}. The reasons are in the report; the watermark stays where it was."
        )
    return SafetyStop("\n".join(run.report.problems)) if run.report.problems else None
