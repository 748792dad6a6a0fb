"""docs/operations/helm/values.yaml says of Airflow what docker-compose.yaml says."""

from __future__ import annotations

import pytest
import yaml

from cluster import compose_file
from demo.embedded_airflow import ROOT

VALUES = yaml.safe_load((ROOT / "docs/operations/helm/values.yaml").read_text(encoding="utf-8"))
SETTINGS = [(section, name) for section, settings in VALUES["config"].items() for name in settings]
FAILOVER = ("scheduler", "workers", "celery", "dag_processor")


@pytest.fixture(scope="module")
def composed() -> dict[str, str]:
    """Settings of the compose file, as they are written."""
    found: dict[str, str] = compose_file.load()["services"]["scheduler"]["environment"]
    return found


@pytest.mark.parametrize(("section", "name"), SETTINGS, ids=[".".join(each) for each in SETTINGS])
def test_a_setting_is_that_of_compose(composed: dict[str, str], section: str, name: str) -> None:
    """Both must say the same."""
    assert composed[f"AIRFLOW__{section}__{name}".upper()] == VALUES["config"][section][name]


def test_no_setting_of_the_failover_is_left_out(composed: dict[str, str]) -> None:
    """Everything that makes failover fast in the one is in the other."""
    prefixes = tuple(f"AIRFLOW__{section}__".upper() for section in FAILOVER)
    # The chart gives the scheduler's health check, the queue and the result backend itself.
    own = {"AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK", "AIRFLOW__CELERY__BROKER_URL", "AIRFLOW__CELERY__RESULT_BACKEND"}
    wanted = {name for name in composed if name.startswith(prefixes)} - own

    assert wanted <= {f"AIRFLOW__{section}__{name}".upper() for section, name in SETTINGS}


def test_no_secret_is_written_down() -> None:
    """Keys and addresses come out of secrets; two of everything that matters."""
    text = (ROOT / "docs/operations/helm/values.yaml").read_text(encoding="utf-8").lower()

    assert not any(word in text for word in ("password:", "sql_alchemy_conn", "fernetkey:", "token:"))
    for part in ("scheduler", "apiServer", "triggerer", "workers"):
        assert VALUES[part]["replicas"] >= 2
    assert f"airflowVersion: {VALUES['airflowVersion']}" in text.replace("airflowversion", "airflowVersion")
    pinned = (ROOT / "requirements.in").read_text(encoding="utf-8")
    assert f"apache-airflow=={VALUES['airflowVersion']}" in pinned
