"""Seconds that Airflow's DAG processor needs for a file: it has Airflow in memory already, and forks for each parse.

``python -m bench.dag_parsing FOLDER`` prints JSON: for each file of the folder, median wall and CPU seconds of a parse.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import structlog

TIMES = 9


def main(folder: Path) -> None:
    """Parse every file of a folder, turn by turn, so that a busy moment of the machine hits all of them."""
    import airflow.dag_processing.manager  # noqa: PLC0415, F401 - in a fresh process only
    from airflow.dag_processing import processor  # noqa: PLC0415

    files = sorted(folder.glob("*.py"))
    for file in files:
        # The DAG processor does this in its own process, before it forks.
        processor._pre_import_airflow_modules(str(file), structlog.get_logger())  # noqa: SLF001 - there is no public way
    gc.freeze()
    seen: dict[str, list[tuple[float, float]]] = {file.name: [] for file in files}
    for _ in range(TIMES):
        for file in files:
            seen[file.name].append(_forked(partial(_parse, processor, file)))
    print(json.dumps({name: [median(each) for each in zip(*times, strict=True)] for name, times in seen.items()}))


def _parse(processor: Any, file: Path) -> None:
    request = processor.DagFileParseRequest(file=str(file), bundle_path=file.parent, bundle_name="dags-folder")
    result = processor._parse_file(request, None)  # noqa: SLF001 - as above
    if result.import_errors or not result.serialized_dags:
        raise RuntimeError(f"{file.name}: {result.import_errors or 'no DAG'}")


def _forked(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds of some work in a process of its own, which has nothing of it in memory yet."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            wall, processor_time = time.perf_counter(), time.process_time()
            work()
            taken = time.perf_counter() - wall, time.process_time() - processor_time
            os.write(writing, json.dumps(taken).encode())
            status = 0
        finally:
            # Nothing of the parent's is to be flushed or ended here.
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    if not told:
        raise RuntimeError("a parse failed; see standard error")
    wall, processor_time = json.loads(told)
    return wall, processor_time


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
