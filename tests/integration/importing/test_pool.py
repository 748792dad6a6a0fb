"""A sync with a pool whose Airflow keeps its database to itself."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hooks import afas_mailchimp_pools
from operators.afas_mailchimp_preflight import PreflightOperator
from tests.integration.importing.world import World

METADATA = "AIRFLOW_CONN_AFAS_MAILCHIMP_METADATA"
RUN = SimpleNamespace(conf={}, run_type="manual", dag_id="afas_mailchimp_sync_customers", run_id="manual__1")


def test_a_pool_that_cannot_be_checked_is_one_warning(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sync goes on: most Airflows give tasks no way to their database, and their pools are right all the same."""
    monkeypatch.setenv(METADATA, "sqlite:////nowhere/airflow.db")
    before = small.preflight()["warnings"]
    small.settings["audience"]["pool"] = "mailchimp"

    checked = PreflightOperator(task_id="preflight", sync=small.sync).execute({"dag_run": RUN})

    [warning] = [each for each in checked["warnings"] if each not in before]
    assert warning.startswith("Sync customers: its pool 'mailchimp' (audience.pool) could not be checked (that takes")
    assert "Admin > Pools that it is there and has 2 slots" in warning


def test_too_many_slots_are_a_warning_of_the_run(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in the return value of preflight with the others."""
    monkeypatch.setattr(afas_mailchimp_pools, "read_pools", lambda **_: {"mailchimp": 3})
    small.settings["audience"]["pool"] = "mailchimp"

    checked = PreflightOperator(task_id="preflight", sync=small.sync).execute({"dag_run": RUN})

    assert any("has 3 slots: 15 connections together" in each for each in checked["warnings"])


def test_without_a_pool_nobody_looks(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever does not use pools pays nothing for them, and needs no way to Airflow's database."""

    def refuse(**_: str) -> dict[str, int]:
        raise AssertionError

    monkeypatch.setattr(afas_mailchimp_pools, "read_pools", refuse)

    small.preflight()


def test_a_pool_that_comes_or_goes_reloads_nothing(small: World) -> None:
    """It is about when tasks run, not about what the audience should hold."""
    small.at(small.now.add(minutes=15))
    small.settings["audience"]["pool"] = "mailchimp"

    assert small.import_only()["mode"] == "incremental"
