"""Which attempt of a task may write: the one that began last.

A worker that stood still (a paused machine, a cut network) is taken for dead after
``scheduler.task_instance_heartbeat_timeout``, and Airflow begins the task anew elsewhere. When the old process wakes
up it does not know. So each attempt leaves a mark of its own where all can see it, and looks for it before it writes.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from afas_mailchimp.errors import TakenOverError

ATTEMPT_KEY = "attempt"
"""XCom key of the mark of the attempt that may write: made of chance, it means nothing."""

BELIEVED_SECONDS = 1.0
"""How long a look at the mark is believed. Airflow waits far longer before it takes a task for dead."""


def standing_clock() -> float:
    """Seconds that go on while the process, or the whole machine, is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lease:
    """The right of one attempt to write. Its ``check`` may be called from any thread.

    :param instance: the task instance, as the context has it.
    :param clock: replaced in tests, as ``sleep`` is.
    """

    def __init__(
        self, instance: Any, *, clock: Callable[[], float] = standing_clock, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._instance, self._clock = instance, clock
        self._mark = secrets.token_hex(8)
        self._lock = threading.Lock()
        instance.xcom_push(key=ATTEMPT_KEY, value=self._mark)
        if instance.try_number > 1:
            # An attempt before this one may believe for this long that it is the only one.
            sleep(BELIEVED_SECONDS)
        self._looked = clock()

    def check(self) -> None:
        """Go on only as the attempt that began last.

        :raises TakenOverError: another attempt has begun.
        """
        with self._lock:
            if self._clock() - self._looked < BELIEVED_SECONDS:
                return
            began = self._clock()
            found = self._instance.xcom_pull(task_ids=self._instance.task_id, key=ATTEMPT_KEY)
            if found != self._mark:
                message = (
                    "Airflow took this attempt for dead and has begun another one, which goes on from here. This one "
                    "writes nothing any more; nothing needs to be done."
                )
                raise TakenOverError(message)
            self._looked = began
