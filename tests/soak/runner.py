"""Thousands of histories, on every core, each with a seed that repeats it: ``make soak``.

``SOAK_HISTORIES`` how many (10000), ``SOAK_SEED`` the first seed (random), ``SOAK_PROCESSES`` (all cores),
``SOAK_BACK=1`` only those with a write-back, ``0`` only those without (by default every other seed),
``SOAK_SHRINK=1`` makes a failing history short, which can take minutes. Ctrl-C stops it, and the figures are shown.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

CHUNK = 20
"""Histories of one seed."""

MOST_FAILURES = 10
SAY_EVERY = 5
"""Chunks between two lines of progress."""

BACK = os.environ.get("SOAK_BACK")

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT)]


@dataclass(frozen=True)
class Chunk:
    """What became of the histories of one seed."""

    seed: int
    figures: Counter[str] = field(default_factory=Counter)
    failure: str = ""


def carry_out(seed: int, count: int, shrink: bool) -> Chunk:
    """Run the histories of one seed, in a process of the pool."""
    # Imported here: Airflow reads its settings when it is first imported, and they are set by ``tests.conftest``.
    import tests.conftest  # noqa: F401, PLC0415
    from tests.integration.importing.history_runs import run_histories  # noqa: PLC0415

    writes_back = bool(seed % 2) if BACK is None else BACK == "1"
    figures, failure = run_histories(seed=seed, count=count, shrink=shrink, writes_back=writes_back)
    return Chunk(seed, figures, failure)


def say(text: str) -> None:
    """Tell the person who waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run everything; 1 when a history broke a promise."""
    wanted = int(os.environ.get("SOAK_HISTORIES") or 10_000)
    first = int(os.environ.get("SOAK_SEED") or secrets.randbelow(10**9))
    processes = int(os.environ.get("SOAK_PROCESSES") or os.cpu_count() or 1)
    shrink = os.environ.get("SOAK_SHRINK") == "1"
    say(f"{wanted} histories from seed {first}, in {processes} processes")
    started = time.monotonic()
    figures, failures = Counter[str](), list[int]()
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
    try:
        orders = enumerate(range(0, wanted, CHUNK), first)
        waiting = [pool.submit(carry_out, seed, min(CHUNK, wanted - start), shrink) for seed, start in orders]
        for done, future in enumerate(as_completed(waiting), 1):
            chunk = future.result()
            figures += chunk.figures
            if chunk.failure:
                failures.append(chunk.seed)
                say(f"\nSeed {chunk.seed} failed: {chunk.failure}\n")
            if len(failures) >= MOST_FAILURES:
                say(f"{MOST_FAILURES} failures: enough.")
                break
            if done % SAY_EVERY == 0:
                say(f"{figures['histories']} of {wanted}, {time.monotonic() - started:.0f} s, {len(failures)} failed")
    except KeyboardInterrupt:
        say("Stopped.")
    finally:
        # What runs is ended, too: a chunk can take a while.
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
    tell(figures, failures, seconds=time.monotonic() - started)
    return 1 if failures else 0


def tell(figures: Counter[str], failures: list[int], *, seconds: float) -> None:
    """Say what was done, and how to see a failure again."""
    say(f"{seconds:.0f} s, {1000 * seconds / max(1, figures['histories']):.0f} ms a history")
    for name, count in sorted(figures.items()):
        say(f"{count:>12,} {name}")
    for seed in failures:
        say(f"repeat: make soak SOAK_SEED={seed} SOAK_HISTORIES={CHUNK}")
    say(f"{len(failures)} seeds failed." if failures else "Every promise was kept.")
