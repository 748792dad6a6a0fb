"""Tells every few seconds how far a run is: a line in the task log, and a value for the UI."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from afas_mailchimp.progress import Phase, Progress

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0

PROGRESS_KEY = "progress"
"""XCom key under which the UI finds how far a run is; the last value stays until the log retention takes it."""

Show = Callable[[dict[str, Any]], None]


class Teller:
    """Says how far a run is, not more often than every few seconds. Used by one thread.

    :param show: told the same as the log, as JSON.
    """

    def __init__(self, show: Show | None = None) -> None:
        self._show = show
        self._phase: Phase | None = None
        self._began = self._said = time.monotonic()

    def tell(self, phase: Phase, *, rows: int, of: int | None = None, members: int = 0) -> None:
        """Say it, if it is time."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._began = phase, now
        if now - self._said < EVERY_SECONDS:
            return
        self._said = now
        seen = Progress(phase, rows=rows, of=of, members=members, seconds=now - self._began)
        log.info("%s", seen)
        if self._show:
            self._show(seen.as_json())
