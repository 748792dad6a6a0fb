"""A PostgreSQL of Debian's packages in a folder of its own, for as long as it is needed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from demo.processes import GoneError, free_port

NOBODY = "postgres"


def programs() -> Path | None:
    """Folder of the newest PostgreSQL that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Postgres:
    """One server with one database.

    :param user: of the server, and name of the database.
    """

    def __init__(self, *, user: str, password: str) -> None:
        self.port = free_port()
        self._user, self._password = user, password
        # Not below pytest's own folder: every pytest that starts on the machine closes that one to other users, and
        # PostgreSQL, which refuses to run as root, would stop in the middle of a test.
        self._folder = Path(tempfile.mkdtemp(prefix="afas-mailchimp-postgres-"))
        found = programs()
        if found is None:
            raise GoneError("PostgreSQL is not installed: sudo apt-get install postgresql")
        self._bin, self._data = found, self._folder / "data"

    def create(self) -> None:
        """Make the server's files and the database, and start it."""
        secret = self._folder / "password"
        secret.write_text(self._password)
        if os.getuid() == 0:
            shutil.chown(self._folder, NOBODY)
            shutil.chown(secret, NOBODY)
        sign_in = ("-A", "scram-sha-256", "--pwfile", secret)
        self._run("initdb", "-D", self._data, "-U", self._user, *sign_in, "-E", "UTF8", "--no-sync")
        self.start()
        url = f"postgresql://{self._user}:{self._password}@127.0.0.1:{self.port}/postgres"
        self._run("psql", url, "-c", f'CREATE DATABASE "{self._user}"')

    def start(self) -> None:
        """Serve on 127.0.0.1."""
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        options = f"{settings} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop at once: every connection breaks."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        with contextlib.suppress(GoneError):
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        words = [str(word) for word in (self._bin / program, *arguments)]
        if os.getuid() == 0:
            words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *words]
        # pg_ctl's server keeps a pipe open for ever, so the output goes to a file's end of the world.
        done = subprocess.run(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", timeout=60, check=False
        )
        if done.returncode:
            raise GoneError(f"{program} ended with {done.returncode}")


@contextlib.contextmanager
def running(*, user: str, password: str) -> Iterator[int]:
    """Serve an empty database of the user's name on 127.0.0.1; answers its port."""
    server = Postgres(user=user, password=password)
    try:
        server.create()
        yield server.port
    finally:
        server.remove()
