"""Each measured piece runs in a fresh process and prints its figures as one line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from demo.embedded_airflow import ROOT

SECONDS = 3_600


def measured(module: str, *arguments: object, env: Mapping[str, str]) -> dict[str, Any]:
    """Run ``python -m module`` and return what it printed.

    :raise RuntimeError: it failed; the text is its own.
    """
    path = f"{ROOT / 'plugins'}:{ROOT}"
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**env, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        message = f"{module} failed:\n{done.stderr[-4000:]}"
        raise RuntimeError(message)
    found: dict[str, Any] = json.loads(lines[-1])
    return found
