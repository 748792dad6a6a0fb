"""What differs between a container of docker-compose.yaml and a process of this machine; nothing else differs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cluster import compose_file
from demo.embedded_airflow import FORGOTTEN, ROOT
from demo.processes import ProcessGroup, free_port

MARK = "AFAS_MAILCHIMP_PART"
"""Environment variable that every process of a service has: which service of which folder it belongs to."""

SERVERS = "/usr/sbin"
"""Where Debian has some servers; not every user's PATH names it."""

_NETWORKED = ("api-server", "api-server-2", "proxy")
_SCHEDULERS = ("scheduler", "scheduler-2")


def has_servers() -> bool:
    """Whether Redis and HAProxy are installed."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), SERVERS))
    return all(shutil.which(name, path=path) for name in ("redis-server", "haproxy"))


class Native:
    """The services of the file, with this machine's places and ports.

    :param home: stands for ``/opt/airflow``.
    :param variables: of ``.env``.
    :param database_port: of PostgreSQL; None where SQLite has to do.
    :param more: settings for services, by name; ``""`` is for all.
    """

    def __init__(
        self,
        home: Path,
        variables: Mapping[str, str],
        *,
        database_port: int | None,
        more: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.home, self.more = home, more or {}
        self.services: dict[str, Any] = compose_file.load(variables)["services"]
        self.ports = {name: free_port() for name in (*_NETWORKED, *_SCHEDULERS, "redis")}
        self._logs = {name: free_port() for name in self.services}
        self._database_port = database_port

    def prepare(self) -> None:
        """What volumes and image give a container. The sync has no schedule: runs are asked for."""
        for name in ("logs", "private", "redis"):
            (self.home / name).mkdir(parents=True)
        for name in ("dags", "plugins"):
            shutil.copytree(ROOT / name, self.home / name, ignore=shutil.ignore_patterns("__pycache__"))
        sync = self.home / "dags/syncs/customers.yaml"
        lines = ["schedule: null" if line.startswith("schedule:") else line for line in sync.read_text().splitlines()]
        sync.write_text("\n".join(lines))

    def url(self, name: str) -> str:
        """Where an API server, or what stands before them, is reached."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def native(self, text: str, name: str) -> str:
        """A text of the file, with this machine's places and ports.

        :param name: of the service that it belongs to: each container had a network of its own.
        """
        for there, here in self._replaced(name).items():
            text = text.replace(there, here)
        return text

    def _replaced(self, name: str) -> dict[str, str]:
        redis = f"--port {self.ports['redis']} --bind 127.0.0.1 --dir {self.home / 'redis'}"
        replaced = {
            "/opt/airflow": str(self.home),
            "/usr/local/etc/haproxy": str(ROOT / "cluster"),
            **{f"{each}:8080": f"127.0.0.1:{self.ports[each]}" for each in _NETWORKED},
            "@postgres/": f"@127.0.0.1:{self._database_port}/",
            "@redis:6379": f"@127.0.0.1:{self.ports['redis']}",
            "redis-server ": f"redis-server {redis} ",
            "redis-cli ": f"redis-cli -p {self.ports['redis']} ",
        }
        if name in _NETWORKED:
            replaced |= dict.fromkeys(("0.0.0.0:8080", "127.0.0.1:8080"), f"127.0.0.1:{self.ports[name]}")
        if name in _SCHEDULERS:
            replaced["127.0.0.1:8974"] = f"127.0.0.1:{self.ports[name]}"
        return replaced

    def environment(self, name: str) -> dict[str, str]:
        """The service's own environment, on top of what the image would have."""
        env = {key: value for key, value in os.environ.items() if not key.startswith(FORGOTTEN)}
        env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env["PATH"], SERVERS))
        env |= {
            "NO_PROXY": "127.0.0.1,localhost",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(self._logs[name]),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(self._logs[name]),
            MARK: self.mark(name),
        }
        if name in _SCHEDULERS:
            env["AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT"] = str(self.ports[name])
        own = {key: self.native(value, name) for key, value in self.services[name]["environment"].items()}
        if self._database_port is None:
            for key in ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW_CONN_AFAS_MAILCHIMP_METADATA"):
                own[key] = f"sqlite:///{self.home}/airflow.db"
        return env | own | dict(self.more.get("", {})) | dict(self.more.get(name, {}))

    def mark(self, name: str) -> str:
        """What tells the processes of a service from all others of the machine."""
        return f"{self.home}:{name}"

    def command(self, name: str) -> list[str]:
        """The service's command; a native server listens on loopback only."""
        words = [self.native(word, name) for word in self.services[name]["command"]]
        local = {"0.0.0.0": "127.0.0.1", "8080": str(self.ports.get(name))}  # noqa: S104 - the other way round
        return [local.get(word, word) for word in words]

    def run(self, name: str, command: list[str] | None = None) -> int:
        """Run something to its end, as the service would, and answer its status."""
        with (self.home / f"{name}.log").open("ab") as log:
            done = subprocess.run(
                command or self.command(name),
                env=self.environment(name),
                cwd=self.home,
                stdout=log,
                stderr=log,
                timeout=120,
                check=False,
            )
        return done.returncode

    def is_healthy(self, name: str) -> bool:
        """What the service's own health check says."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        words = [self.native(word, name) for word in words]
        return not self.run(name, ["sh", "-c", *words] if kind == "CMD-SHELL" else words)

    def start(self, name: str) -> ProcessGroup:
        """Start a service that lasts."""
        env = self.environment(name)
        return ProcessGroup(self.command(name), env=env, log=self.home / f"{name}.log", mark=MARK, cwd=self.home)
