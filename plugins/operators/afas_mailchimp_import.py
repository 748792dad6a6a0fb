"""The task that brings the audience up to what AFAS says. Its return value is the report."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from operators.afas_mailchimp_guard import GuardedOperator
from operators.afas_mailchimp_lease import Lease
from operators.afas_mailchimp_metrics import send
from operators.afas_mailchimp_preflight import SEEN_KEY

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile

log = logging.getLogger(__name__)

REPORT_KEY = "report"
"""XCom key of the report of a run that failed at its end; a good run returns it."""

ROWS_KEY = "rows_written"
"""XCom key of the AFAS keys that a write-back wrote, at most 1,000: seen again in the import, they are echoes."""


class ImportCustomersOperator(GuardedOperator):
    """Imports all sources of one sync in one task, because rows of different sources can share an address.

    :param sync: the sync.
    """

    def __init__(self, *, sync: SyncFile, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sync = sync

    def work(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Run the import.

        :return: counts by outcome and reason, AFAS keys, API calls; never an address or a name.
        :raises SafetyStop: a limit was exceeded or an answer was wrong; watermarks stay where they were.
        """
        # Imported where a task runs: the DAG processor reads this file every half minute.
        from afas_mailchimp.metrics import of_report  # noqa: PLC0415
        from afas_mailchimp.report import summary  # noqa: PLC0415
        from hooks.afas import AfasHook  # noqa: PLC0415
        from hooks.mailchimp import MailchimpHook  # noqa: PLC0415
        from operators.afas_mailchimp_session import Asked, Session  # noqa: PLC0415

        params, lease = context["params"], Lease(context["ti"])
        asked = Asked(
            full_reload=bool(params.get("full_reload")),
            dry_run=bool(params.get("dry_run")),
            max_archive_percent=params.get("max_archive_percent"),
            scheduled=context["dag_run"].run_type == "scheduled",
            written_back=self._written_back(context),
            **self._seen_before(context),
        )
        with ExitStack() as stack:
            afas = stack.enter_context(closing(AfasHook(self.sync.afas.connection)))
            mailchimp = stack.enter_context(closing(MailchimpHook(self.sync.audience.connection)))
            mailchimp.write_only_while(lease.check)
            session = Session(
                self.sync, afas, mailchimp, show=lambda seen: _show(context, seen), still_ours=lease.check
            )
            report, failure = session.carry_out(asked)
        for line in summary(report):
            log.info(line)
        send(of_report(report, task=self.task_id, now=datetime.now(UTC), failed=failure is not None))
        if failure:
            context["ti"].xcom_push(key=REPORT_KEY, value=report)
            raise failure
        return report

    def _seen_before(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """What the preflight of this run has asked already, so that it need not be asked again."""
        preflight = context["ti"].xcom_pull(task_ids="preflight") or {}
        found = preflight.get(SEEN_KEY) or {}
        seen = {"member_count": found.get("member_count"), "warnings": tuple(preflight.get("warnings") or ())}
        # A write-back in between moves dates in AFAS, and the import recognises its echoes: it looks at the clock anew.
        if found.get("afas_clock") and not self.sync.write_back:
            seen["now"] = datetime.fromisoformat(found["afas_clock"])
        return seen

    def _written_back(self, context: Mapping[str, Any]) -> frozenset[str]:
        """Rows that this run's write-back wrote, as far as it told."""
        if not self.sync.write_back:
            return frozenset()
        return frozenset(context["ti"].xcom_pull(task_ids="write_back", key=ROWS_KEY) or ())


def _show(context: Mapping[str, Any], seen: dict[str, Any]) -> None:
    """Let the UI see how far the run is."""
    from operators.afas_mailchimp_progress import PROGRESS_KEY  # noqa: PLC0415

    context["ti"].xcom_push(key=PROGRESS_KEY, value=seen)
