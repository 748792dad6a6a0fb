"""The worker that imports dies: another one ends the import, on the services of docker-compose.yaml without Docker."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.native import has_servers
from cluster.postgres import programs
from tests.cluster.failover import MAY_TAKE, NOTICED, staged

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not (programs() and has_servers()),
        reason="wants postgresql, redis-server and haproxy of Debian",
    ),
]
ROWS = 2_500


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    """Nobody is created twice, who opted out meanwhile stays out, and the next run finds nothing to write."""
    with staged(tmp_path, debtors=ROWS, contacts=0) as stage:
        ended = stage.live(lambda stage: stage.cluster.kill(stage.worker()), after=2)

    assert (ended.state, ended.problems, ended.left_to_write) == ("success", [], 0)
    assert ended.tries == 2
    assert len(ended.members) > ROWS * 0.9
    assert len(ended.watermarks) == 2
    assert ended.seconds < NOTICED + MAY_TAKE
