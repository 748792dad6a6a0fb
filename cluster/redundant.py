"""The whole redundant set-up: started, broken on purpose, mended, stopped."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from cluster.native import Native
from cluster.postgres import Postgres
from demo.airflow_rest import AirflowRest
from demo.processes import GoneError, ProcessGroup

FIRST = ("redis", "api-server", "api-server-2", "proxy")
THEN = ("scheduler", "scheduler-2", "dag-processor", "triggerer", "worker-1", "worker-2")
PARTS = (*FIRST, *THEN)


def variables() -> dict[str, str]:
    """A ``.env`` with secrets made up on the spot."""
    return {
        "POSTGRES_PASSWORD": secrets.token_hex(12),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_JWT_SECRET": secrets.token_urlsafe(48),
        "AIRFLOW_ADMIN_PASSWORD": secrets.token_urlsafe(9),
        "REDIS_PASSWORD": secrets.token_hex(12),
        "AIRFLOW_EXECUTOR": "CeleryExecutor",
        "AIRFLOW_API": "http://proxy:8080",
    }


class Cluster:
    """Two of what matters, on this machine; a context manager, so that nothing stays behind.

    :param home: folder for logs and DAG files; absent or empty.
    :param more: settings for services, by name; ``""`` is for all.
    :param keeper: start again what has ended, as ``restart: unless-stopped`` does.
    """

    def __init__(self, home: Path, *, more: Mapping[str, Mapping[str, str]] | None = None, keeper: bool = True) -> None:
        self.env, self.keeper = variables(), keeper
        self.postgres = Postgres(user="airflow", password=self.env["POSTGRES_PASSWORD"])
        self.native = Native(home.resolve(), self.env, database_port=self.postgres.port, more=more)
        self.groups: dict[str, ProcessGroup] = {}
        self.down: set[str] = set()
        """Parts that were taken down on purpose: nobody starts them again."""
        login = ("admin", self.env["AIRFLOW_ADMIN_PASSWORD"])
        self.rest = AirflowRest(self.native.url("proxy"), login=login, check=self.tend)

    def start(self, *, seconds: float = 240) -> Self:
        """Start, and wait until every component answers."""
        try:
            self.native.prepare()
            self.postgres.create()
            self._init()
            for name in PARTS:
                self.groups[name] = self.native.start(name)
            self.rest.until("the cluster's start", self._answers, seconds=seconds)
        except BaseException:
            self.stop()
            raise
        return self

    def _init(self) -> None:
        if status := self.native.run("init"):
            raise GoneError(f"the database could not be prepared ({status}): see {self.native.home}/init.log")

    def _answers(self) -> bool:
        return self.rest.answers() and self.workers_ready()

    def workers_ready(self) -> bool:
        """Whether both workers wait for tasks, as their logs tell."""
        logs = [self.native.home / f"{name}.log" for name in ("worker-1", "worker-2")]
        return all(log.is_file() and " ready." in log.read_text(errors="replace") for log in logs)

    def tend(self) -> None:
        """Start again what has ended, unless it was taken down on purpose."""
        for name, group in self.groups.items():
            if name in self.down:
                continue
            try:
                group.check()
            except GoneError:
                if not self.keeper:
                    raise
                group.stop()
                self.groups[name] = self.native.start(name)

    def processes(self, name: str) -> list[int]:
        """Every process of a part, those of its tasks included."""
        return self.groups[name].members() if name in self.groups else []

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to every process of a part at once."""
        for pid in self.processes(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self, name: str) -> None:
        """End a part as a power failure does, and leave it down."""
        self.down.add(name)
        self.signal(name, signal.SIGKILL)

    def bring_back(self, name: str) -> None:
        """Start a part that was taken down."""
        self.groups[name].stop()
        self.down.discard(name)
        (self.native.home / f"{name}.log").rename(self.native.home / f"{name}.{time.time_ns()}.log")
        self.groups[name] = self.native.start(name)

    def part_of(self, pid: int) -> str | None:
        """Which part a process belongs to."""
        return next((name for name in PARTS if pid in self.processes(name)), None)

    def restart_postgres(self, *, seconds: float = 5.0) -> None:
        """Break every connection, and be away for a while."""
        self.postgres.stop()
        time.sleep(seconds)
        self.postgres.start()

    def stop(self) -> None:
        """Stop every component."""
        for name in PARTS:
            self.signal(name, signal.SIGCONT)
        for name in reversed(PARTS):
            if name in self.groups:
                self.signal(name, signal.SIGKILL)
                self.groups.pop(name).stop()
        self.postgres.remove()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()
