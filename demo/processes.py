"""Child processes in groups of their own, that never outlive us: started, watched, stopped. Standard library only."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TERM_SECONDS = 2.0


class GoneError(RuntimeError):
    """A process that has to run has ended."""


class ProcessGroup:
    """One command and everything it starts.

    :param log: file that gets standard output and error.
    :param mark: environment variable whose value tells our processes from others after a crash of ours.
    """

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], log: Path, mark: str, cwd: Path) -> None:
        self.name = Path(command[0]).name
        self.log = log
        self._mark = f"{mark}={env[mark]}"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def members(self) -> list[int]:
        """Every process of the group: of its session, of sessions its processes made, and what carries its mark.

        A process that renames itself overwrites the mark that others see; one whose parent died has no parent to be
        found by. So all three are asked.
        """
        sessions, parents = {}, {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                # The name in the second field may hold blanks and brackets.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)], sessions[int(entry.name)] = int(fields[1]), int(fields[3])
        found = {pid for pid, session in sessions.items() if session == self._process.pid}
        found |= {self._process.pid} & parents.keys() | set(marked_processes(self._mark))
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return sorted(found - {os.getpid()})

    def check(self) -> None:
        """Say so when the process has ended.

        :raises GoneError: with the last lines of its log.
        """
        status = self._process.poll()
        if status is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise GoneError(f"{self.name} ended with status {status}; the end of {self.log}:\n{tail}")

    def stop(self) -> None:
        """End the whole group, gently first.

        SIGTERM to ``airflow standalone`` alone would leave its children behind, so the group and every descendant
        that made a session of its own are told, and what is still there after a moment is killed.
        """
        pid = self._process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)
        deadline = time.monotonic() + TERM_SECONDS
        while time.monotonic() < deadline and (self._process.poll() is None or marked_processes(self._mark)):
            time.sleep(0.1)
        kill_marked(self._mark)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self._process.wait()


def marked_processes(mark: str) -> list[int]:
    """Ids of running processes whose environment has ``NAME=value``: ours, and nobody else's."""
    wanted = mark.encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0") and entry.name != str(os.getpid()):
                found.append(int(entry.name))
    return found


def kill_marked(mark: str) -> None:
    """Kill what still runs with our mark: left by a run that was killed itself."""
    for pid in marked_processes(mark):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def free_port(preferred: int = 0) -> int:
    """The preferred port of 127.0.0.1 when nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise GoneError("no free port on 127.0.0.1")
