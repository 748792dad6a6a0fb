"""The command that looks for people in what runs left, as an operator types it; and its findings inside the proof."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from demo.embedded_airflow import ROOT
from hooks.afas_mailchimp_log_files import LogStore
from hooks.afas_mailchimp_metadata import MetadataDatabase
from operators.afas_mailchimp_retention_proof import prove
from operators.afas_mailchimp_retention_run import Asked
from tests.retention.planting import OURS, THEIRS
from tests.retention.test_erasing import TEMPLATE

NOW = datetime.now(UTC)
PERSON = "Jan woont op 3512 AB, belt 06-12345678, mailt jan@korenaar.example"


def verify(url: str, logs, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    env = os.environ | {
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(logs),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
        "PYTHONPATH": str(ROOT / "plugins"),
    }
    env.pop("AIRFLOW__CORE__UNIT_TEST_MODE", None)
    command = [sys.executable, "-m", "operators.afas_mailchimp_verify", *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_clean_and_not(planter, url, make_log, tmp_path):
    """It says how much it read; then where something was found and of which kind, never what."""
    planter.dag(OURS)
    planter.dag(THEIRS, file="x.py")
    planter.run("manual__1", ended=NOW, marker="niets")
    planter.run("manual__1", ended=NOW, dag_id=THEIRS, marker="theirs@korenaar.example")
    make_log("manual__1", dag_id=OURS, text="nothing here\n", moment=NOW.timestamp())
    make_log("manual__1", dag_id=THEIRS, text=PERSON, moment=NOW.timestamp())
    clean = verify(url, tmp_path / "logs")
    assert (clean.returncode, clean.stderr) == (0, "")
    assert clean.stdout.startswith("0 found in ")
    assert "back-ups" in clean.stdout

    planter.run("manual__2", ended=NOW, marker=PERSON)
    make_log("manual__2", dag_id=OURS, text=f"{PERSON}\n", moment=NOW.timestamp())
    found = verify(url, tmp_path / "logs", "--json")

    assert found.returncode == 1
    report = json.loads(found.stdout)
    assert report["places"][f"logs of {OURS}"] == "1 email, 1 phone, 1 postcode"
    assert report["places"]["xcom.value"] == report["places"]["dag_run.conf"] == "1 email, 1 phone, 1 postcode"
    assert "korenaar" not in found.stdout


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg2://nobody:geheim1@127.0.0.1:9/none", "sqlite:////nowhere/airflow.db", "???"], ids=str
)
def test_what_cannot_be_looked_at_is_not_called_clean(url, tmp_path):
    """One sentence with what to do, without the password, and an exit code of its own."""
    found = verify("sqlite:////nowhere/airflow.db", tmp_path, "--database", url)

    assert found.returncode == 2
    assert "Traceback" not in found.stderr
    assert "geheim1" not in found.stderr + found.stdout
    assert found.stderr.count("\n") == 1


def test_the_proof_fails_on_a_person(planter, url, make_log, tmp_path):
    """What may stay by its term must not hold anybody either."""
    planter.dag(OURS)
    planter.run("manual__1", ended=NOW - timedelta(days=1), marker="niets")
    make_log("manual__1", dag_id=OURS, text=f"{PERSON}\n", moment=NOW.timestamp())

    with MetadataDatabase(sa.make_url(url)) as database:
        report, problems = prove(database, [LogStore(tmp_path / "logs", TEMPLATE)], Asked({}, None, NOW))

    assert report["personal"]["found"] == 3
    assert f"logs of {OURS}" in problems[0]
    assert "korenaar" not in json.dumps(report) + problems[0]
