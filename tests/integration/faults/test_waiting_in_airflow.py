"""A long wait in a real Airflow: the slot is free, no try is used, the run ends well by itself (``make faults``)."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from demo.embedded_airflow import ROOT, EmbeddedAirflow
from demo.stand_ins import StandIns

pytestmark = pytest.mark.skipif(os.environ.get("FAULTS") != "all", reason="a minute and a half: make faults")

DAG = "afas_mailchimp_sync_customers"
AWAY = 20
SECONDS_FOR_MINUTES = f"""
from datetime import timedelta

from hooks.afas import AfasHook
from hooks.afas_mailchimp_transport import Retry
from operators import afas_mailchimp_waiting

# Two hours and two minutes are too long for a test: here {AWAY} seconds are long, and two are short.
AfasHook.__init__.__kwdefaults__["retry"] = Retry(longest_wait=2.0)
afas_mailchimp_waiting.SHORT = timedelta(seconds=2)
afas_mailchimp_waiting.MARGIN = timedelta(0)
"""


def test_maintenance_gives_up_the_slot(tmp_path: Path) -> None:
    """While AFAS is under maintenance the task is up for reschedule; then it goes on, in its first try."""
    dags, syncs = tmp_path / "dags", tmp_path / "syncs"
    dags.mkdir()
    syncs.mkdir()
    text = (ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8")
    (syncs / "customers.yaml").write_text(
        re.sub("^schedule:.*", "schedule: null", text, flags=re.MULTILINE), encoding="utf-8"
    )
    source = (ROOT / "dags/afas_mailchimp_sync.py").read_text(encoding="utf-8")
    head, _, rest = source.partition("from __future__ import annotations\n")
    (dags / "afas_mailchimp_sync.py").write_text(
        f"{head}from __future__ import annotations\n{SECONDS_FOR_MINUTES}{rest}", encoding="utf-8"
    )
    settings = {"AIRFLOW__CORE__DAGS_FOLDER": str(dags)}
    with (
        StandIns(tmp_path, debtors=50, contacts=10) as stand_ins,
        EmbeddedAirflow(tmp_path / "airflow", syncs=syncs, settings=settings) as airflow,
    ):
        rest_api = airflow.rest
        for connection in stand_ins.connections():
            rest_api.add_connection(**connection)
        rest_api.wait_for_dag(DAG)
        rest_api.unpause(DAG)
        # The third read of a connector is in the middle of the import.
        stand_ins.afas.fail("503", match="/connectors/", skip=2, seconds=AWAY)
        run_id = rest_api.trigger(DAG)

        def waits() -> bool:
            return rest_api.tasks(DAG, run_id)["import_customers"]["state"] == "up_for_reschedule"

        rest_api.until("the wait", waits, seconds=120)
        began = time.monotonic()
        task = rest_api.tasks(DAG, run_id)["import_customers"]
        ended = rest_api.wait(DAG, run_id, seconds=180)
        waited = time.monotonic() - began
        after = rest_api.tasks(DAG, run_id)["import_customers"]
        log = rest_api.log(DAG, run_id, "import_customers")
        members = len(stand_ins.mailchimp.dump()["members"])

    assert 1 == task["try_number"] == after["try_number"]
    assert "success" == ended
    assert AWAY - 5 < waited < AWAY + 60
    assert "AFAS is under maintenance until about" in log
    assert "This task gives up its place and goes on at about" in log
    assert members > 40
