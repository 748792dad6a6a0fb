"""``python -m bench``: every figure with its limit; 1 when one was missed.

BENCH_ROWS (100,000), BENCH_WHOLE=1 (the comparison in full length, the default of 5 connections), BENCH_MILLION=1,
BENCH_ONLY=imports or airflow, BENCH_JSON (where the figures go).
"""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, table
from bench.scenarios import Bench


def main() -> int:
    """Measure, tell, and judge."""
    only = os.environ.get("BENCH_ONLY", "imports,airflow").split(",")
    bench = Bench(
        rows=int(os.environ.get("BENCH_ROWS") or 100_000),
        whole=bool(os.environ.get("BENCH_WHOLE")),
        million=bool(os.environ.get("BENCH_MILLION")),
        say=lambda line: print(f"  {line}", flush=True),
    )
    figures: list[Figure] = []
    if "imports" in only:
        figures += bench.measure()
    if "airflow" in only:
        from bench.airflow_overhead import measure  # noqa: PLC0415 - starts a real Airflow

        print("  a run with nothing to do in a real Airflow, some three minutes …", flush=True)
        figures += measure()
    print(f"\n{table(figures)}\n")
    found = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": bench.rows,
        "machine": {"python": platform.python_version(), "cores": os.cpu_count()},
        "figures": [each.as_json() for each in figures],
        "runs": bench.details,
    }
    path = Path(os.environ.get("BENCH_JSON") or ".bench/latest.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{json.dumps(found, indent=1)}\n")
    print(f"Everything measured is in {path}.")
    return 0 if all(each.ok for each in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
