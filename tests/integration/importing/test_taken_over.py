"""A run that stood still while Airflow took it for dead: what began after it has the say."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from afas_mailchimp.errors import TakenOverError
from operators import afas_mailchimp_lease
from operators.afas_mailchimp_lease import ATTEMPT_KEY, BELIEVED_SECONDS, Lease
from tests.integration.importing.local import LocalWorld, in_sync, local_world
from tests.integration.importing.test_killed import HISTORIES, mailed, outcome, prepared

MOST_WRITES = 60


@pytest.fixture
def instance() -> Any:
    """A task instance whose XCom all its attempts share."""
    shared: dict[str, Any] = {}
    return SimpleNamespace(
        task_id="import_customers",
        try_number=1,
        xcom_push=lambda key, value: shared.update({key: value}),
        xcom_pull=lambda task_ids, key: shared.get(key),
    )


@pytest.mark.parametrize("name", ["moves", "swaps", "leaves", "takes over"])
def test_frozen_before_any_write(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other attempt runs whole meanwhile; the one that wakes up ends its call and writes nothing more."""
    monkeypatch.setattr(afas_mailchimp_lease, "BELIEVED_SECONDS", 0.0)
    history, full, silent = HISTORIES[name]
    wrong: dict[int, Any] = {}
    with local_world() as world:
        prepared(world, history)
        back = world.remember()
        world.run(full_reload=full)
        wanted, statuses = outcome(world), set(world.statuses().items())
        for at in range(1, MOST_WRITES):
            back()
            after = frozen(world, at, full=full)
            if after is None:
                break
            problems = [*mailed(world, silent), *world.raised(), *set(world.statuses().items()) ^ statuses]
            world.import_only(full_reload=True)  # the call that was on its way may have carried older fields
            if after > 1 or problems or not in_sync(world) or outcome(world) != wanted:
                wrong[at] = after, problems, sorted(set(outcome(world).items()) ^ set(wanted.items()))

    assert 3 < at < MOST_WRITES - 1
    assert {} == wrong


def frozen(world: LocalWorld, at: int, *, full: bool) -> int | None:
    """Freeze a run right before a write of it, let another attempt run, and go on.

    :param at: which write, to Mailchimp or to a Variable.
    :return: writes to Mailchimp after it woke up; None where a run has fewer writes.
    """
    seen: list[int] = []

    def other() -> None:
        world.import_only(full_reload=full)
        seen.append(world.attempts.calls.total())

    world.lifeline.act(at, other, writing=True)
    told = False
    try:
        world.import_only(full_reload=full)
    except TakenOverError:
        told = True
    after = world.attempts.calls.total() - seen[0] if seen else 0
    # Frozen while it confirms, it has nothing left to write.
    assert told or not after
    return after if seen else None


def test_what_began_last_may_write(instance: Any) -> None:
    """The attempt before it is told so, with nothing to do for a person."""
    first = Lease(instance, clock=itertools.count(step=2).__next__)
    first.check()
    instance.try_number = 2
    second = Lease(instance, clock=itertools.count(step=2).__next__, sleep=lambda _: None)

    second.check()
    with pytest.raises(TakenOverError, match="nothing needs to be done"):
        first.check()


def test_a_look_is_believed_for_a_moment(instance: Any) -> None:
    """A thousand writes a second do not ask Airflow a thousand times; time that a machine slept counts."""
    asked = []
    moments = iter([0.0, 0.5, 0.9, 1.0, 1.0, 1.9, 500.0, 500.0])
    lease = Lease(instance, clock=moments.__next__)
    found = instance.xcom_pull
    instance.xcom_pull = lambda **asks: asked.append(asks) or found(**asks)

    for _ in range(2):
        lease.check()
    assert [] == asked
    for _ in range(3):
        lease.check()
    assert [{"task_ids": "import_customers", "key": ATTEMPT_KEY}] * 2 == asked


def test_a_later_attempt_waits_first(instance: Any) -> None:
    """As long as the one before it may believe that it is the only one."""
    waits: list[float] = []
    Lease(instance, sleep=waits.append)
    assert [] == waits

    instance.try_number = 2
    Lease(instance, sleep=waits.append)
    assert [BELIEVED_SECONDS] == waits
