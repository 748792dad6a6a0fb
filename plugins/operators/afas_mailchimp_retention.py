"""The tasks of the log retention: one erases what is past its term, the last one looks whether it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

from afas_mailchimp.errors import ConfigurationError, SafetyStop
from afas_mailchimp.retention import SYNC_DAG
from operators.afas_mailchimp_guard import GuardedOperator
from operators.afas_mailchimp_metrics import send

if TYPE_CHECKING:
    from afas_mailchimp.settings import RetentionSettings
    from hooks.afas_mailchimp_metadata import MetadataDatabase

ENDED = Asset(name="afas_mailchimp_run_ended", uri="x-afas-mailchimp://run-ended")
"""Told by every good run of a sync that keeps nothing: the retention starts on it."""

REPORT_KEY = "report"
"""XCom key of the report of a proof that failed; a good one returns it."""

MOST_SECONDS_OF_ENDING = 60.0
PARAMETERS = frozenset({"older_than_days", "dry_run"})


class CleanUpOperator(GuardedOperator):
    """Erases logs and run metadata of the package's DAGs that are past their term.

    :param settings: retention of every sync file that can be read, by name of the sync.
    """

    def __init__(self, *, settings: Mapping[str, RetentionSettings], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settings = settings

    def work(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Erase, or only count in a dry run.

        :return: counts by table, files and bytes; never an id of a run.
        :raises ConfigurationError: the database is out of reach; the sentence says what to do.
        """
        from hooks.afas_mailchimp_log_files import log_stores  # noqa: PLC0415 - heavy: only where a task runs
        from hooks.afas_mailchimp_metadata import MetadataDatabase, metadata_url  # noqa: PLC0415
        from operators.afas_mailchimp_retention_run import Asked, clean_up, wait_for_endings  # noqa: PLC0415

        conf = dict(getattr(context["dag_run"], "conf", None) or {})
        if unknown := sorted(set(conf) - PARAMETERS):
            raise ConfigurationError(
                f"Unknown parameter {', '.join(unknown)}. Allowed: {', '.join(sorted(PARAMETERS))}. Nothing was erased."
            )
        params = context["params"]
        at_once = [f"{SYNC_DAG}{name}" for name, each in self.settings.items() if each.days == 0]
        stores = log_stores()
        with MetadataDatabase(metadata_url()) as database:
            _refuse_another(database, context["dag_run"])
            if at_once:
                wait_for_endings(database, at_once, seconds=MOST_SECONDS_OF_ENDING)
            asked = Asked(self.settings, params.get("older_than_days"), datetime.now(UTC))
            return clean_up(database, stores, asked, dry_run=bool(params.get("dry_run")))


def _refuse_another(database: MetadataDatabase, run: Any) -> None:
    """Refuse a database in which this very run does not stand: an old file that lies about would be proven clean."""
    from hooks.afas_mailchimp_metadata_traces import RunTraces  # noqa: PLC0415 - heavy: only where a task runs

    if not RunTraces(database).has(run.dag_id, run.run_id):
        from hooks.afas_mailchimp_metadata import HOW_TO  # noqa: PLC0415

        raise ConfigurationError(
            f"The database that was found is not this Airflow's: this run does not stand in it. {HOW_TO}"
        )


class ProveOperator(GuardedOperator):
    """Looks for itself whether anything past its term is left, and fails if there is.

    :param settings: as for the clean-up.
    """

    def __init__(self, *, settings: Mapping[str, RetentionSettings], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settings = settings

    def work(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Look at every table, folder and store.

        :return: the report: what was erased, what is left, the oldest trace, and what cannot be seen from here.
        :raises SafetyStop: something past its term is left, or something that looks like a person.
        """
        from afas_mailchimp.metrics import of_proof  # noqa: PLC0415 - heavy: only where a task runs
        from hooks.afas_mailchimp_log_files import log_stores  # noqa: PLC0415
        from hooks.afas_mailchimp_metadata import MetadataDatabase, metadata_url  # noqa: PLC0415
        from operators.afas_mailchimp_retention_proof import prove  # noqa: PLC0415
        from operators.afas_mailchimp_retention_run import Asked  # noqa: PLC0415

        erased = context["ti"].xcom_pull(task_ids="clean_up")
        asked = Asked(self.settings, erased["older_than_days"], datetime.fromisoformat(erased["moment"]))
        with MetadataDatabase(metadata_url()) as database:
            _refuse_another(database, context["dag_run"])
            report, problems = prove(database, log_stores(), asked, hosts=erased["other_hosts"])
        report = {"clean_up": erased, **report}
        send(of_proof(report, now=datetime.now(UTC)))
        if problems and not erased["dry_run"]:
            context["ti"].xcom_push(key=REPORT_KEY, value=report)
            raise SafetyStop("\n".join(problems))
        return report
