"""Long waits without holding a worker's slot: the task goes away and comes back when the other side said it would.

AFAS answers maintenance with "come back in two hours". A retry would use up a try of the few there are, and a task that
sleeps would keep others from running, so Airflow is asked to reschedule the task: no try is used, no process stays.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk.exceptions import AirflowRescheduleException

from afas_mailchimp.errors import TemporaryError, WaitedTooLong

log = logging.getLogger(__name__)

SHORT = timedelta(minutes=2)
"""Up to here the hooks wait themselves, and Airflow's own retry is soon enough."""

LONGEST = timedelta(hours=4)
"""Whatever was asked for, after this long somebody looks again."""

MOST_WAITS = 12
"""Of one try of a task; with two hours each that is a day."""

MARGIN = timedelta(seconds=30)


def or_wait(error: BaseException, context: Mapping[str, Any]) -> BaseException:
    """Turn an error that asks for a long wait into that wait; any other is answered as it is.

    :param context: of the task: Airflow counts in it how often this try was rescheduled.
    """
    asked = error.retry_after if isinstance(error, TemporaryError) else None
    if asked is None or asked <= SHORT.total_seconds():
        return error
    waits = int(context.get("task_reschedule_count") or 0)
    if waits >= MOST_WAITS:
        return WaitedTooLong(
            f"{error} This task has waited {waits} times already and gives up. Nothing confirmed is lost: the next run "
            "begins where the last good one ended."
        )
    until = datetime.now(UTC) + min(timedelta(seconds=asked), LONGEST) + MARGIN
    log.warning(
        "%s This task gives up its place and goes on at about %s (Amsterdam time), which uses no try (wait %d of at "
        "most %d).",
        error,
        until.astimezone(ZoneInfo("Europe/Amsterdam")).strftime("%Y-%m-%d %H:%M"),
        waits + 1,
        MOST_WAITS,
    )
    return AirflowRescheduleException(until)  # type: ignore[no-untyped-call]  # Airflow's own
