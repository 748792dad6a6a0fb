"""Long waits: the task gives up its place, says until when and why, and does not wait for ever."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.exceptions import AirflowRescheduleException

from afas_mailchimp.errors import SyncError, TemporaryError, WaitedTooLong
from operators.afas_mailchimp_dag_defaults import default_args
from operators.afas_mailchimp_guard import GuardedOperator
from operators.afas_mailchimp_waiting import LONGEST, MARGIN, MOST_WAITS, SHORT

AWAY = "AFAS is under maintenance until about 23:00 (Amsterdam time), see afasstatus.nl."


class Task(GuardedOperator):
    """A task whose service is away.

    :param seconds: what the service asks for.
    """

    def __init__(self, *, seconds: float | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seconds = seconds

    def work(self, context: Mapping[str, Any]) -> None:
        """Fail."""
        raise TemporaryError(AWAY, retry_after=self.seconds)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        pytest.param(7200.0, timedelta(hours=2), id="two hours of maintenance"),
        pytest.param(900.0, timedelta(minutes=15), id="a query that was too heavy"),
        pytest.param(30 * 86_400.0, LONGEST, id="a month, which is a mistake"),
    ],
)
def test_a_long_wait_gives_up_the_place(asked: float, wait: timedelta, caplog: pytest.LogCaptureFixture) -> None:
    """The task comes back when the service said, at most hours later, and its log says when and why."""
    caplog.set_level(logging.INFO)
    before = datetime.now(UTC)
    with pytest.raises(AirflowRescheduleException) as raised:
        Task(task_id="any", seconds=asked).execute({"task_reschedule_count": 2})
    due = raised.value.reschedule_date

    assert timedelta(0) <= due - (before + wait + MARGIN) < timedelta(seconds=10)
    assert caplog.messages[-1].startswith(f"{AWAY} This task gives up its place and goes on at about ")
    assert "(Amsterdam time), which uses no try (wait 3 of at most 12)." in caplog.messages[-1]


@pytest.mark.parametrize("asked", [None, 1.0, SHORT.total_seconds()])
def test_a_short_wait_is_airflows_own(asked: float | None) -> None:
    """Up to two minutes a retry is soon enough, and it is tried only so often."""
    with pytest.raises(TemporaryError):
        Task(task_id="any", seconds=asked).execute({})


def test_nobody_waits_for_ever() -> None:
    """After twelve waits the run fails with a sentence, and is not tried again."""
    with pytest.raises(WaitedTooLong, match="has waited 12 times already") as raised:
        Task(task_id="any", seconds=7200.0).execute({"task_reschedule_count": MOST_WAITS})
    decision = default_args()["retry_policy"].evaluate(raised.value, 1, 4)

    assert isinstance(raised.value, SyncError)
    assert str(raised.value).startswith(AWAY)
    assert RetryAction.FAIL == decision.action
