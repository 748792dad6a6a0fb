"""The task that brings chosen facts of members into AFAS, before anything is imported. Its result is the report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from afas_mailchimp.errors import ConfigurationError
from operators.afas_mailchimp_guard import GuardedOperator
from operators.afas_mailchimp_import import REPORT_KEY, ROWS_KEY
from operators.afas_mailchimp_lease import Lease
from operators.afas_mailchimp_metrics import send

if TYPE_CHECKING:
    from afas_mailchimp.errors import SafetyStop
    from afas_mailchimp.run_mode import Mode
    from afas_mailchimp.settings import SyncFile
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

log = logging.getLogger(__name__)

MOST_ROWS = 1_000


class WriteBackOperator(GuardedOperator):
    """Writes facts of one audience to AFAS.

    :param sync: the sync, with a ``write_back`` block.
    """

    def __init__(self, *, sync: SyncFile, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sync = sync

    def work(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Run the write-back.

        :return: counts by outcome and reason, AFAS keys, API calls; never an address or a name.
        :raises SafetyStop: more records than ``max_write_back`` would be written; none was.
        """
        from afas_mailchimp.metrics import of_report  # noqa: PLC0415 - heavy: only where a task runs
        from afas_mailchimp.report import summary  # noqa: PLC0415
        from hooks.afas import AfasHook  # noqa: PLC0415
        from hooks.mailchimp import MailchimpHook  # noqa: PLC0415

        params, lease = context["params"], Lease(context["ti"])
        with ExitStack() as stack:
            afas = stack.enter_context(closing(AfasHook(self.sync.afas.connection)))
            mailchimp = stack.enter_context(closing(MailchimpHook(self.sync.audience.connection)))
            afas.write_only_while(lease.check)
            report, written, failure = write_back(
                self.sync,
                afas,
                mailchimp,
                full_reload=bool(params.get("full_reload")),
                dry_run=bool(params.get("dry_run")),
                scheduled=context["dag_run"].run_type == "scheduled",
                most=params.get("max_write_back"),
                still_ours=lease.check,
            )
        for line in summary(report):
            log.info(line)
        send(of_report(report, task=self.task_id, now=datetime.now(UTC), failed=failure is not None))
        context["ti"].xcom_push(key=ROWS_KEY, value=written[:MOST_ROWS])
        if failure:
            context["ti"].xcom_push(key=REPORT_KEY, value=report)
            raise failure
        return report


def write_back(
    sync: SyncFile,
    afas: AfasHook,
    mailchimp: MailchimpHook,
    *,
    full_reload: bool = False,
    dry_run: bool = False,
    scheduled: bool = False,
    most: int | None = None,
    still_ours: Callable[[], None] = lambda: None,
) -> tuple[dict[str, Any], list[str], SafetyStop | None]:
    """Write back from state to state.

    :param most: overrides ``limits.max_write_back`` for this run.
    :param still_ours: raises when another attempt of this task has begun meanwhile.
    :return: the report, names of the rows that were written, and why the run fails at its end.
    """
    from afas_mailchimp.fingerprint import fingerprint  # noqa: PLC0415 - heavy: only where a task runs
    from afas_mailchimp.retry_memory import remember  # noqa: PLC0415
    from afas_mailchimp.run_mode import choose_mode  # noqa: PLC0415
    from operators.afas_mailchimp_state import (  # noqa: PLC0415
        load_state,
        load_write_back,
        save_write_back,
        variable_name,
    )
    from operators.afas_mailchimp_write_back_run import BackOptions, WriteBackRun, elapsed, stop_for  # noqa: PLC0415

    started = time.monotonic()
    state = load_state(sync, forgiving=True)
    watermark, retry = load_write_back(sync, forgiving=full_reload)
    current = fingerprint(sync, afas=afas.identity, mailchimp=mailchimp.identity)
    mode = choose_mode(sync, state, current, asked=full_reload, scheduled=scheduled, now=datetime.now(UTC))
    full = mode.full or watermark is None
    options = BackOptions(
        since=None if full else watermark,
        raise_since=watermark,
        most=sync.limits.max_write_back if most is None else most,
        dry_run=dry_run,
    )
    run = WriteBackRun(sync, afas, mailchimp, options, erased=state.erased, retry=retry)
    if watermark and not full_reload and watermark > mailchimp.clock() + timedelta(hours=1):
        raise ConfigurationError(
            f"The watermark of the write-back ({watermark.isoformat()}) lies in the future; changes until then would "
            f"be missed. Correct or delete the Variable {variable_name(sync, 'write_back', 'watermark')}."
        )
    run.carry_out()
    now = run.now or datetime.now(UTC)
    failure = stop_for(run.report)
    saved = not dry_run and not failure
    if saved:
        still_ours()
        memory = remember(retry, refused=run.refused, handled=run.handled, now=now)
        save_write_back(sync, now, retry=memory, before=retry)
    reached = now if saved else watermark
    report = run.report.as_json(
        sync=sync.name,
        mode="full" if run.whole else "changed members",
        why=_why(mode, watermark, retried=bool(run.handled)),
        dry_run=dry_run,
        watermark=reached.isoformat(timespec="seconds") if reached else None,
        members=run.members_seen,
        records=run.writer.records,
        fields=dict(sorted(run.writer.fields.items())),
        refused=dict(sorted(run.writer.sentences.items())),
        echoes={"seen": run.echoes, "written": run.echoes_written},
        api_calls={"afas": afas.calls, "mailchimp": mailchimp.calls},
        seconds=elapsed(started),
    )
    return report, run.writer.written, None if dry_run else failure


def _why(mode: Mode, watermark: datetime | None, *, retried: bool) -> str:
    if mode.full:
        return str(mode.why)
    if watermark is None:
        return "first run"
    return "records that AFAS refused are due for another try" if retried else "incremental"
