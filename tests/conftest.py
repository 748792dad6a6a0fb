"""Airflow reads its settings when it is first imported, so they stand here, before any test imports it."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]


def _isolate_airflow() -> None:
    """Give the tests an Airflow home of their own; nothing of the machine's own Airflow reaches them."""
    for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
        del os.environ[name]
    home = tempfile.mkdtemp(prefix="afas-mailchimp-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "NO_PROXY": "127.0.0.1,localhost",
    }


_isolate_airflow()
# They need a browser and its driver, which "make browser" brings.
collect_ignore = [] if os.environ.get("BROWSER") else ["browser"]
# Ten minutes and more: "make cluster-test".
collect_ignore += [] if os.environ.get("CLUSTER") else ["cluster/test_failover.py"]
# The same examples every time: a test that fails must fail for everybody.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first: a mistake in a rule is told at once. Then those that mostly wait, beside which others work."""
    order = ("tests/domain/", "tests/sandbox/", "tests/e2e/", "tests/integration/", "tests/retention/", "tests/test_")

    def rank(item: pytest.Item) -> int:
        place = item.path.relative_to(ROOT).as_posix()
        return next((rank for rank, start in enumerate(order) if place.startswith(start)), len(order))

    items.sort(key=rank)
    # What shows no more than a shorter sister does, only more of it: "make test-long".
    if not os.environ.get("LONG"):
        later = [item for item in items if item.get_closest_marker("long")]
        if later:
            items[:] = [item for item in items if item not in later]
            later[0].config.hook.pytest_deselected(items=later)
