"""The last task of a sync with ``alerts``: tells people what went wrong, and when it is well again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from operators.afas_mailchimp_guard import GuardedOperator
from operators.afas_mailchimp_import import REPORT_KEY

if TYPE_CHECKING:
    from afas_mailchimp.alert_settings import AlertSettings
    from afas_mailchimp.alerts import Message, RunEnded
    from afas_mailchimp.settings import SyncFile

log = logging.getLogger(__name__)

FAILED = frozenset({"failed"})


class AlertOperator(GuardedOperator):
    """Looks at how the run ended. It never fails itself: who cannot be told is told by the next run.

    :param sync: the sync, with a block ``alerts``.
    :param watched: ids of the tasks whose failure is told, in the order of the DAG.
    """

    def __init__(self, *, sync: SyncFile, watched: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sync, self.watched = sync, watched

    def work(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what there is to tell.

        :return: what was told, and what could not be.
        """
        from afas_mailchimp.alerts import causes, news, remembered  # noqa: PLC0415 - only where a task runs
        from operators.afas_mailchimp_state import load_alerts, save_alerts  # noqa: PLC0415

        settings = self.sync.alerts
        if settings is None or context["params"].get("dry_run"):
            return {"told": [], "not_told": []}
        now = datetime.now(UTC)
        ended = self._ended(context, now)
        memory = load_alerts(self.sync)
        messages = news(causes(ended, settings), memory, now=now, repeat=settings.repeat)
        link = run_link(context["dag_run"].dag_id, context["dag_run"].run_id)
        sent = [message for message in messages if self._tell(message, ended, settings, now=now, link=link)]
        save_alerts(self.sync, remembered(memory, sent, now=now), before=memory)
        told = [f"{message.cause} {message.news}" for message in sent]
        return {
            "told": told,
            "not_told": [f"{message.cause} {message.news}" for message in messages if message not in sent],
        }

    def _ended(self, context: Mapping[str, Any], now: datetime) -> RunEnded:
        from afas_mailchimp.alerts import RunEnded  # noqa: PLC0415
        from afas_mailchimp.amsterdam_time import to_utc  # noqa: PLC0415
        from operators.afas_mailchimp_state import load_state  # noqa: PLC0415

        task, run = context["ti"], context["dag_run"]
        found = task.get_task_states(dag_id=run.dag_id, task_ids=list(self.watched), run_ids=[run.run_id])
        states = found.get(run.run_id, {})
        report = task.xcom_pull(task_ids="import_customers") or task.xcom_pull(
            task_ids="import_customers", key=REPORT_KEY
        )
        sources = dict((report or {}).get("sources") or {})
        marks = load_state(self.sync, forgiving=True).watermarks
        return RunEnded(
            failed=tuple(name for name in self.watched if str(states.get(name)) in FAILED),
            read=sum(each.get("read", 0) for each in sources.values()) if report else None,
            rejected=sum(each.get("rejected", 0) + each.get("invalid", 0) for each in sources.values()),
            lag=max((now - to_utc(mark) for mark in marks.values()), default=None),
        )

    def _tell(self, message: Message, ended: RunEnded, settings: AlertSettings, *, now: datetime, link: str) -> bool:
        from afas_mailchimp.alert_words import body, title  # noqa: PLC0415
        from afas_mailchimp.page_text import Speaker  # noqa: PLC0415

        speaker = Speaker(settings.language, now)
        text = body(message, ended, speaker, link=link)
        return not failures(settings, title(self.sync.name, message, settings.language), text)


def failures(settings: AlertSettings, title: str, body: str) -> list[str]:
    """Send a message to all; answers one sentence for each that did not get it."""
    from afas_mailchimp.errors import SyncError  # noqa: PLC0415
    from hooks.afas_mailchimp_alerts import AlertsHook  # noqa: PLC0415

    found = []
    for connection in settings.to:
        try:
            AlertsHook(connection).send(title, body)
        except SyncError as error:
            log.warning("%s The sync goes on; the next run tries to tell it again.", error)
            found.append(str(error))
    return found


def run_link(dag_id: str, run_id: str) -> str:
    """Where a person sees the run."""
    return f"{base_url()}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def base_url() -> str:
    """Address of the Airflow UI, as ``[api] base_url`` says."""
    from airflow.sdk.configuration import conf  # noqa: PLC0415

    return str(conf.get("api", "base_url", fallback="http://localhost:8080")).rstrip("/")
