"""A PostgreSQL of Debian's packages in a folder of its own, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from demo.processes import free_port

NOBODY = "postgres"


def programs() -> Path | None:
    """Folder of the newest PostgreSQL that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextlib.contextmanager
def running(*, user: str, password: str) -> Iterator[int]:
    """Serve an empty database of the user's name on 127.0.0.1; answers its port."""
    # Not below pytest's own folder: every pytest that starts on the machine closes that one to other users, and
    # PostgreSQL, which refuses to run as root, would stop in the middle of a test.
    folder = Path(tempfile.mkdtemp(prefix="afas-mailchimp-postgres-"))
    secret = folder / "password"
    secret.write_text(password)
    if os.getuid() == 0:
        shutil.chown(folder, NOBODY)
        shutil.chown(secret, NOBODY)
    data, port, bin_ = folder / "data", free_port(), programs()
    assert bin_
    _run(bin_ / "initdb", "-D", data, "-U", user, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    _run(bin_ / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        url = f"postgresql://{user}:{password}@127.0.0.1:{port}/postgres"
        _run(bin_ / "psql", url, "-c", f'CREATE DATABASE "{user}"')
        yield port
    finally:
        _run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    if os.getuid() == 0:
        words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *words]
    # pg_ctl's server keeps a pipe open for ever, so the output goes to a file's end of the world.
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", timeout=60, check=False)
    assert done.returncode == 0, f"{words[-3:]} ended with {done.returncode}"
