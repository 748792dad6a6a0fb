"""The context of a task that comes after others, as far as the alerts look at it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import yaml

from afas_mailchimp.sync_files import parse_sync
from tests.integration.importing.world import Variables

RUN = "manual__2026-06-02"


@dataclass
class AlertContext:
    """A sync, and runs of it that ended in one way or another."""

    settings: dict[str, Any]
    variables: Variables

    def run(
        self,
        operator: Any,
        params: dict[str, Any] | None = None,
        *,
        report: dict[str, Any] | None = None,
        **states: str,
    ) -> dict[str, Any]:
        """Run the last task.

        :param report: of the import.
        :param states: of the tasks before it.
        """
        sync = parse_sync(yaml.safe_dump(self.settings, sort_keys=False), file="customers.yaml")
        task = operator(task_id="alert", sync=sync, watched=("preflight", "import_customers"))
        instance = SimpleNamespace(
            get_task_states=lambda dag_id, task_ids, run_ids: {RUN: {name: states.get(name) for name in task_ids}},
            xcom_pull=lambda task_ids, key="return_value": report if key == "return_value" else None,
        )
        run = SimpleNamespace(dag_id="afas_mailchimp_sync_customers", run_id=RUN)
        found: dict[str, Any] = task.execute({"params": params or {}, "ti": instance, "dag_run": run})
        return found
