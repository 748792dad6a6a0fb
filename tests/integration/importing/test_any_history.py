"""After any history on both sides nobody is mailed against their will, and a full reload finds nothing to write.

``make test`` runs a few of the histories of ``history.py``, always the same; ``make soak`` runs thousands.
"""

from __future__ import annotations

import pytest

from tests.integration.importing.history_runs import run_histories
from tests.integration.importing.world import EXTRA, World

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))]
HISTORIES = 10


@pytest.mark.parametrize("seed", SEEDS)
def test_any_history(seed: int) -> None:
    """Random edits, runs, faults, races and kills break no promise and leave both sides equal."""
    figures, failure = run_histories(seed=seed, count=20)

    assert failure == ""
    assert figures["kills"]
    assert figures["settled"] >= figures["histories"] > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_any_history_with_a_write_back(seed: int) -> None:
    """The same with facts going back: AFAS is never overwritten or raised, and both sides fall silent."""
    figures, failure = run_histories(seed=seed, count=HISTORIES, writes_back=True)

    assert failure == ""
    assert figures["settled"] >= figures["histories"] >= HISTORIES
    assert figures["writes to AFAS"]


def test_incremental_runs_leave_nothing_for_the_full_reload(world: World) -> None:
    """Adds and changes that move a date are all done by incremental runs: the full reload after them writes nothing."""
    world.debtor("10001", "jan@korenaar.example")
    world.run()
    for number, address in enumerate(["piet", "kees", "jan", "anna"]):
        world.debtor(str(10002 + number), f"{address}@korenaar.example", Nieuwsbrief=None if number % 2 else True)
        world.contact(number + 1, f"{address}@korenaar.example", Voornaam="Jan")
        world.change(EXTRA, "10001", DebtorName=f"Naam {number}")
        assert world.run()["mode"] == "incremental"

    assert world.run(full_reload=True)["written"] == 0


pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
