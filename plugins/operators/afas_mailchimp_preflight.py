"""First task of a sync: everything that can be known to be wrong is said in one sentence before any data moves."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from afas_mailchimp.errors import ConfigurationError
from operators.afas_mailchimp_guard import GuardedOperator

if TYPE_CHECKING:
    from afas_mailchimp.findings import Findings
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.updateconnector import UpdateConnector
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

log = logging.getLogger(__name__)

SEEN_KEY = "seen"
"""Where the return value has AFAS's clock and the number of members, so that the import need not ask again."""


class PreflightOperator(GuardedOperator):
    """Checks connections, rights, columns, merge fields, parameters and state of a sync.

    :param sync: the sync, None when its file cannot be used.
    :param problem: the sentence that says why it cannot.
    """

    def __init__(self, *, sync: SyncFile | None, problem: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sync = sync
        self.problem = problem

    def work(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Check, create missing merge fields (not in a dry run), and return the warnings.

        :raises ConfigurationError: with every problem found, one sentence each.
        """
        # Imported where a task runs: the DAG processor reads this file every half minute.
        from afas_mailchimp.checks import check_parameters  # noqa: PLC0415
        from afas_mailchimp.findings import Findings  # noqa: PLC0415
        from hooks.afas import AfasHook  # noqa: PLC0415
        from hooks.mailchimp import MailchimpHook  # noqa: PLC0415

        if self.sync is None:
            raise ConfigurationError(self.problem or "The sync file cannot be read.")
        conf = dict(getattr(context["dag_run"], "conf", None) or {})
        findings = Findings()
        check_parameters(conf, findings)
        _refuse(findings)
        with ExitStack() as stack:
            afas = stack.enter_context(closing(AfasHook(self.sync.afas.connection)))
            mailchimp = stack.enter_context(closing(MailchimpHook(self.sync.audience.connection)))
            self._check_pool(context["dag_run"], mailchimp, findings)
            self._check_afas(afas, full_reload=bool(conf.get("full_reload")), findings=findings)
            created = self._check_mailchimp(mailchimp, afas, dry_run=bool(conf.get("dry_run")), findings=findings)
            calls = {"afas": afas.calls, "mailchimp": mailchimp.calls}
            seen = {"afas_clock": afas.clock().isoformat(), "member_count": self._members}
        self._check_retention(context.get("ti"), findings)
        self._check_alerts(findings)
        for warning in findings.warnings:
            log.warning(warning)
        log.info("Preflight is right: AFAS and Mailchimp answer, every column and merge field is there.")
        return {"warnings": findings.warnings, "created_merge_fields": created, "api_calls": calls, SEEN_KEY: seen}

    def _check_pool(self, run: Any, mailchimp: MailchimpHook, findings: Findings) -> None:
        """Refuse a pool in which the tasks that follow would wait for ever; without one nothing is looked up."""
        if self._sync.audience.pool is None:
            return
        from afas_mailchimp.pool_checks import check_pool, warn_unseen  # noqa: PLC0415
        from hooks.afas_mailchimp_pools import PoolsUnseenError, read_pools  # noqa: PLC0415 - SQLAlchemy

        connections = mailchimp.connections
        try:
            pools = read_pools(dag_id=run.dag_id, run_id=run.run_id)
        except PoolsUnseenError as error:
            warn_unseen(self._sync, str(error), connections=connections, findings=findings)
            return
        check_pool(self._sync, pools, connections=connections, findings=findings)
        _refuse(findings)

    def _check_afas(self, afas: AfasHook, *, full_reload: bool, findings: Findings) -> None:
        from afas_mailchimp.checks import (  # noqa: PLC0415
            check_columns,
            check_delivery,
            check_environment,
            check_watermarks,
        )
        from afas_mailchimp.minimisation import check_sensitive, uses_of  # noqa: PLC0415
        from afas_mailchimp.write_back_preflight import check_write_back  # noqa: PLC0415 - phone numbers, countries
        from operators.afas_mailchimp_state import load_state, variable_name  # noqa: PLC0415

        sync = self._sync
        environment = afas.environment()
        now = afas.clock()
        check_environment(environment, today=now.date(), findings=findings)
        for name, source in sync.sources.items():
            check_columns(name, source, afas.fields(source.connector), findings)
            if delivery := source.delivery_address:
                check_delivery(name, delivery, afas.fields(delivery.connector), findings)
        for name, back in sync.write_back.items():
            connectors: dict[str, UpdateConnector] = {
                record.update: afas.update_fields(record.update) for record in back.records.values()
            }
            columns = afas.fields(sync.sources[name].connector)
            check_write_back(name, back, sync.sources[name].connector, columns, connectors, findings)
        check_sensitive(sync, {connector: afas.fields(connector) for connector in uses_of(sync)}, findings)
        state = load_state(sync, forgiving=full_reload)
        self._state = state
        variable = variable_name(sync, "{}", "watermark")
        if not full_reload:
            check_watermarks(state.watermarks, now=now.replace(tzinfo=None), findings=findings, variable=variable)
        _refuse(findings)

    def _check_mailchimp(
        self, mailchimp: MailchimpHook, afas: AfasHook, *, dry_run: bool, findings: Findings
    ) -> list[str]:
        from afas_mailchimp.checks import check_audience  # noqa: PLC0415
        from afas_mailchimp.field_checks import check_merge_fields  # noqa: PLC0415
        from afas_mailchimp.fingerprint import fingerprint  # noqa: PLC0415
        from afas_mailchimp.write_back_preflight import check_written_back  # noqa: PLC0415 - phone numbers, countries
        from operators.afas_mailchimp_mark import look_for_another_airflow  # noqa: PLC0415

        sync = self._sync
        list_id = sync.audience.list_id
        known = self._state.fingerprint
        current = fingerprint(sync, afas=afas.identity, mailchimp=mailchimp.identity)
        # Another audience than the last run's never had our key field.
        expected = bool(self._state.watermarks) and known is not None and known.target == current.target
        audience = mailchimp.audience(list_id)
        self._members = audience.member_count
        check_audience(sync, audience, findings)
        merge_fields = mailchimp.merge_fields(list_id)
        check_merge_fields(sync, merge_fields, keys_expected=expected, findings=findings)
        check_written_back(sync, merge_fields, findings)
        _refuse(findings)
        look_for_another_airflow(sync, mailchimp, merge_fields, dry_run=dry_run, findings=findings)
        if dry_run:
            return []
        for new in findings.create:
            mailchimp.create_merge_field(list_id, new)
            log.info("Merge field %s (%s) created", new.tag, new.type)
        return [new.tag for new in findings.create]

    def _check_alerts(self, findings: Findings) -> None:
        """Warn, at a time when nothing is wrong yet, that nobody would be told."""
        if self._sync.alerts is None:
            return
        from hooks.afas_mailchimp_alerts import AlertsHook  # noqa: PLC0415 - Apprise: only where it is wanted

        for name in self._sync.alerts.to:
            try:
                AlertsHook.get_connection(name)
            except ConfigurationError:
                findings.warnings.append(
                    f"alerts.to names the connection {name!r}, which Airflow does not have: nobody would be told. Make "
                    "it (type Apprise), or name another one."
                )

    def _check_retention(self, task: Any, findings: Findings) -> None:
        """Warn when nothing erases what is past its term: the DAG that does it begins paused."""
        from afas_mailchimp.retention import RETENTION_DAG  # noqa: PLC0415

        if not hasattr(task, "get_dag"):
            return
        try:
            paused = task.get_dag(RETENTION_DAG).is_paused
        except Exception:  # noqa: BLE001 - an answer that is not there is no reason to stop a sync
            return
        if paused:
            findings.warnings.append(
                f"The DAG {RETENTION_DAG} is paused, so logs and runs are never erased: unpause it, or the terms under "
                "retention in the sync file mean nothing."
            )

    @property
    def _sync(self) -> SyncFile:
        if self.sync is None:
            raise ConfigurationError(self.problem or "The sync file cannot be read.")
        return self.sync


def _refuse(findings: Findings) -> None:
    if findings.problems:
        raise ConfigurationError("\n".join(findings.problems))
