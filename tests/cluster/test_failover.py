"""What may die or stand still while 20,000 rows are imported: the run ends well by itself, and both sides are right.

``make cluster-test``; a short sister of it is in ``tests/e2e/test_failover.py``.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.cluster.failover import MAY_TAKE, NOTICED, Ended, Stage, staged

pytestmark = pytest.mark.timeout(900)
ROWS, AFTER = 20_000, 8
TABLE: list[str] = []


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One cluster for all; after each test it is whole again."""
    with staged(tmp_path_factory.mktemp("cluster"), debtors=ROWS * 3 // 4, contacts=ROWS // 4) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print what was measured."""
    yield
    print("\n\n" + "\n".join(TABLE))  # noqa: T201 - for a person


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> Ended:
    """What a run gives to which nothing happens."""
    ended = stage.live(None, after=AFTER)
    TABLE.append(f"{'undisturbed':34} {ended.state:8} tries {ended.tries}  {ended.seconds:6.1f} s from the same moment")
    return ended


def test_all_parts_are_healthy(stage: Stage) -> None:
    """What the health checks of docker-compose.yaml say of a cluster to which nothing has happened."""
    native = stage.cluster.native

    assert [name for name in stage.cluster.groups if not native.is_healthy(name)] == []


def worker_killed(stage: Stage) -> None:
    """Power failure of the worker that imports."""
    stage.cluster.kill(stage.worker())


def part_killed(name: str) -> Callable[[Stage], None]:
    """Power failure of a part."""

    def kill(stage: Stage) -> None:
        stage.cluster.kill(name)

    return kill


def redis_restarted(stage: Stage) -> None:
    """The queue goes away for some seconds."""
    stage.cluster.kill("redis")
    time.sleep(5)
    stage.cluster.bring_back("redis")


def postgres_restarted(stage: Stage) -> None:
    """Airflow's database goes away for some seconds."""
    stage.cluster.restart_postgres()


def worker_frozen(stage: Stage) -> None:
    """The worker stands still until another one has written; then it goes on where it was."""
    name = stage.worker()
    stage.cluster.signal(name, signal.SIGSTOP)
    stage.rest.until(
        "the next attempt", lambda: stage.task()["try_number"] > 1 and stage.task()["state"] == "running", seconds=120
    )
    stage.cluster.signal(name, signal.SIGCONT)


def network_cut(stage: Stage) -> None:
    """The worker that imports does not reach the API servers for a minute; the rest of the world it does."""
    relay = stage.relays[stage.worker()]
    relay.cut()
    time.sleep(60)
    relay.mend()


DISTURBANCES = {
    "the worker that imports, kill -9": (worker_killed, 2),
    "the worker frozen, then woken": (worker_frozen, 2),
    "a scheduler, kill -9": (part_killed("scheduler"), 1),
    "an API server, kill -9": (part_killed("api-server"), 1),
    "the DAG processor, kill -9": (part_killed("dag-processor"), 1),
    "Redis away for 5 s": (redis_restarted, 1),
    "PostgreSQL away for 5 s": (postgres_restarted, 1),
    "worker cut off for 60 s": (network_cut, 2),
}
"""Each with the tries that it needs at least."""


@pytest.mark.parametrize(("disturb", "tries"), DISTURBANCES.values(), ids=DISTURBANCES)
def test_a_run_ends_well(
    stage: Stage, undisturbed: Ended, disturb: Callable[[Stage], None], tries: int, request: pytest.FixtureRequest
) -> None:
    """Without a hand, in time, as if nothing had happened."""
    try:
        ended = stage.live(disturb, after=AFTER)
    finally:
        stage.mended()
    TABLE.append(
        f"{request.node.callspec.id:34} {ended.state:8} tries {ended.tries}  {ended.seconds:6.1f} s to the end"
    )

    assert ended.state == "success"
    assert ended.problems == []
    # Somebody opted out while the run went on; who that was differs.
    differing = {
        at for at in ended.members | undisturbed.members if ended.members.get(at) != undisturbed.members.get(at)
    }
    assert len(differing) <= 2
    assert ended.members.keys() == undisturbed.members.keys()
    assert ended.watermarks.keys() == undisturbed.watermarks.keys()
    assert all(value > max(undisturbed.watermarks.values()) for value in ended.watermarks.values())
    assert ended.left_to_write == 0
    assert ended.tries >= tries
    assert ended.seconds < NOTICED + MAY_TAKE
