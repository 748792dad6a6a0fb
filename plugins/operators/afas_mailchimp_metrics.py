"""Sends figures through Airflow's own StatsD or OpenTelemetry. Where none is set up, nothing happens."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

    from afas_mailchimp.metrics import Metric

log = logging.getLogger(__name__)


def send(metrics: Iterable[Metric]) -> None:
    """Send figures; a receiver that is not there fails no task."""
    from airflow.sdk.observability import stats  # noqa: PLC0415 - only where a task runs

    from afas_mailchimp.metrics import Kind  # noqa: PLC0415

    try:
        for metric in metrics:
            name, tags = metric.of.name, dict(metric.tags)
            match metric.of.kind:
                case Kind.COUNTER:
                    stats.incr(name, int(metric.value), tags=tags)
                case Kind.GAUGE:
                    stats.gauge(name, metric.value, tags=tags)
                case Kind.TIMING:
                    stats.timing(name, metric.value, tags=tags)
    except Exception as error:  # noqa: BLE001 - monitoring watches the work, it does not stop it
        log.warning(
            "The figures of this task could not be sent to monitoring (%s); the task goes on.", type(error).__name__
        )


def send_end(task: BaseOperator, error: BaseException | None = None) -> None:
    """Send how a try of a task ended.

    :param error: why it failed, or waits; only its kind is sent.
    """
    from airflow.sdk.exceptions import AirflowRescheduleException  # noqa: PLC0415 - only where a task runs

    from afas_mailchimp.metrics import SUCCESS, WAITS, of_end  # noqa: PLC0415

    kind = WAITS if isinstance(error, AirflowRescheduleException) else type(error).__name__
    send(of_end(task.dag_id, task.task_id, kind if error else SUCCESS))
