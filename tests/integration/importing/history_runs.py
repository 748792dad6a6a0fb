"""Runs a number of histories of one seed, for the test and for the soak."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.importing.history import History
from tests.integration.importing.history_back import BackHistory

STEPS = 16


def asked(count: int, *, shrink: bool) -> settings:
    """How Hypothesis draws histories.

    :param shrink: make a failing one short, which can take minutes.
    """
    return settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def run_histories(
    *, seed: int, count: int, shrink: bool = False, writes_back: bool = False
) -> tuple[Counter[str], str]:
    """Run histories; the same seed and count give the same ones.

    :param writes_back: with a write-back in front of each import.
    :return: figures, and how the first that broke a promise did it: what broke, and its steps.
    """

    class Seeded(BackHistory if writes_back else History):  # type: ignore[misc]
        figures: ClassVar[Counter[str]] = Counter()
        _hypothesis_internal_use_seed = seed

    failure = ""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            run_state_machine_as_test(Seeded, settings=asked(count, shrink=shrink))
        except Exception as error:  # noqa: BLE001 - whatever broke is what this is for
            notes = "\n".join(getattr(error, "__notes__", ()))
            failure = f"{type(error).__name__}: {error}\n{notes}"
    return Seeded.figures, failure
