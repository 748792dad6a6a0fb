"""Runs a piece of Python in a process of its own, with Airflow set up as a person would: what it prints is JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from demo.embedded_airflow import ROOT, airflow_environment


def run_fresh(code: str, *, home: Path, root: Path = ROOT, **settings: str) -> Any:
    """Run code in a fresh process, and answer the JSON in the last line that it prints.

    :param root: folder with ``dags`` and ``plugins``.
    """
    env = airflow_environment(home, root=root) | {"AIRFLOW__CORE__UNIT_TEST_MODE": "True"} | settings
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=home, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
