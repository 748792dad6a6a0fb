"""Reading ahead in threads, with back-pressure: who takes the results slowly gets no more than a few into memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def reading_pool(threads: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Threads for one reading. However it ends, what has not begun does not begin, and what has is waited for."""
    with ThreadPoolExecutor(threads, thread_name_prefix=name) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def in_order(pool: ThreadPoolExecutor, depth: int, jobs: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Yield the results of jobs in their order.

    :param depth: jobs that run or whose result waits to be taken, at most.
    """
    running: deque[Future[T]] = deque()
    for job in jobs:
        running.append(pool.submit(job))
        if len(running) >= depth:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()
