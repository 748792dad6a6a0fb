"""What the plugin file brings into which process: libraries into a scheduler that forks tasks, nothing elsewhere."""

from __future__ import annotations

import pytest

from tests.fresh import run_fresh

LOAD = """
import json, os, sys
if os.environ["ROLE"] == "scheduler":
    import airflow.jobs.scheduler_job_runner
from airflow import plugins_manager
from airflow.sdk import plugins_manager as of_tasks
before = set(sys.modules)
own, errors = plugins_manager._get_plugins()
_, errors_of_tasks = of_tasks._get_plugins()
libraries = sys.modules["afas_mailchimp_plugin"].LIBRARIES
print(json.dumps({
    "errors": [*errors, *errors_of_tasks],
    "plugins": [plugin.name for plugin in own],
    "libraries": sorted(libraries),
    "loaded": sorted(set(libraries) & (set(sys.modules) - before)),
    "ours": sorted(name for name in sys.modules if name.split(".")[0] in {"afas_mailchimp", "hooks", "operators"}),
}))
"""


@pytest.mark.parametrize(
    ("process", "executor", "wanted"),
    [
        pytest.param("scheduler", "LocalExecutor", True, id="a scheduler that forks tasks"),
        pytest.param("scheduler", "team_a=LocalExecutor;CeleryExecutor", True, id="one of its executors forks tasks"),
        pytest.param("scheduler", "CeleryExecutor", False, id="tasks run elsewhere"),
        pytest.param("other", "LocalExecutor", False, id="no scheduler"),
    ],
)
def test_libraries_come_where_tasks_are_forked(tmp_path, process, executor, wanted):
    """Each task would need half a second for them; a process that forks none would need it for nothing."""
    found = run_fresh(LOAD, home=tmp_path, ROLE=process, AIRFLOW__CORE__EXECUTOR=executor)

    assert "afas_mailchimp" in found["plugins"]
    assert found["errors"] == []
    assert bool(found["loaded"]) is wanted
    assert found["ours"] == []
