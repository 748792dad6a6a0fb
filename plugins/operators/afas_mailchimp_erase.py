"""The task that erases one person on request (AVG art. 17). Its return value is the certificate."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from afas_mailchimp.errors import ConfigurationError, SafetyStop
from afas_mailchimp.retention import SYNC_DAG
from operators.afas_mailchimp_guard import GuardedOperator
from operators.afas_mailchimp_import import REPORT_KEY

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.sync_files import FoundFile

log = logging.getLogger(__name__)

MOST_SECONDS_OF_WAITING = 600.0


class ErasePersonOperator(GuardedOperator):
    """Erases the person of one AFAS row from every audience.

    :param found: every sync file, also those that cannot be read.
    """

    def __init__(self, *, found: Sequence[FoundFile], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.found = found

    def work(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Erase, or only count in a dry run (the default).

        :return: the certificate: when, which key, which audiences, which answers; never an address.
        :raises ConfigurationError: what was asked cannot be done; nothing was.
        :raises SafetyStop: Mailchimp refused a deletion; the rest was done, and the next run tries again.
        """
        # Heavy: only where a task runs.
        from afas_mailchimp.erasure import Answer, Mark, choose, read_request  # noqa: PLC0415
        from operators.afas_mailchimp_erase_run import Erasure  # noqa: PLC0415

        conf = dict(getattr(context["dag_run"], "conf", None) or {})
        request, problems = read_request({**context["params"], **conf})
        syncs: list[SyncFile] = []
        if request:
            syncs, problems = choose(self.found, None if request.archived else request.source)
        if problems or request is None:
            raise ConfigurationError("\n".join(problems))
        if request.archived:
            from operators.afas_mailchimp_erase_leavers import erase_leavers  # noqa: PLC0415

            return erase_leavers(request, syncs, now=datetime.now(UTC))
        with Erasure(request, syncs) as erasure:
            erasure.check()
            tombstones = erasure.leave_tombstones()
            running = [] if request.dry_run else self._wait_for_imports(context.get("ti"), erasure.asked)
            # An import that ended meanwhile may have put the row back among those due for another try.
            erasure.leave_tombstones()
            certificate = erasure.carry_out(now=datetime.now(UTC))
        certificate["tombstones"] = tombstones
        certificate["imports_that_ran_meanwhile"] = running
        refused = sum(each["answers"].get(Answer.REFUSED, 0) for each in certificate["audiences"])
        unmarked = sum(each["answer"] == Mark.REFUSED for each in certificate["mark_in_afas"])
        if refused or unmarked:
            context["ti"].xcom_push(key=REPORT_KEY, value=certificate)
            raise SafetyStop(
                f"Mailchimp refused {refused} deletion(s), AFAS refused {unmarked} mark(s). The tombstone stands, so "
                "no import brings the row in again; look at the reasons in the report and run this again."
            )
        return certificate

    def _wait_for_imports(self, task: Any, syncs: Sequence[SyncFile]) -> list[str]:
        """Wait for imports that began before the tombstone, which they do not know of.

        :return: names of syncs whose import still runs: then this erasure should be run once more.
        """
        if not hasattr(task, "get_dr_count"):
            return []
        until = time.monotonic() + MOST_SECONDS_OF_WAITING
        while True:
            running = [
                sync.name for sync in syncs if task.get_dr_count(dag_id=f"{SYNC_DAG}{sync.name}", states=["running"])
            ]
            if not running or time.monotonic() > until:
                break
            log.info("Waiting for the import of %s to end", ", ".join(running))
            time.sleep(5)
        if running:
            log.warning("The import of %s still runs: run this erasure once more when it has ended", ", ".join(running))
        return running
