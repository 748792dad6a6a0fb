"""Files that Airflow writes its logs to: task logs by run, and what the DAG processor writes about our DAG files.

Airflow's log handlers write, read and upload; none of them deletes (3.3.2). So a folder is cleaned as a folder, and an
object store (S3, Google, Azure, …) by Airflow's own ``ObjectStoragePath``, with the connection that its logs use.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.retention import DAG_FILES, ERASE_DAG, RETENTION_DAG, SYNC_DAG

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

_OURS = f"{re.escape(SYNC_DAG)}[^/]+|{re.escape(RETENTION_DAG)}|{re.escape(ERASE_DAG)}"
_PARSED = "dag_processor"
_FRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file.

    :param run_id: None for what the DAG processor wrote.
    :param written_at: UTC, when it was last written to.
    :param size: bytes.
    """

    path: Path | ObjectStoragePath
    dag_id: str
    run_id: str | None
    written_at: datetime
    size: int


class LogStore:
    """One place with task logs.

    :param base: folder or object store in which Airflow's file name template begins.
    :param template: Airflow's ``log_filename_template``.
    :raises ConfigurationError: the template does not say whose log a file is.
    """

    def __init__(self, base: Path | ObjectStoragePath, template: str) -> None:
        self.base = base
        self._parts = list(_parts(template))

    def __str__(self) -> str:
        return str(self.base)

    def files(self) -> Iterator[LogFile]:
        """Return every log file of our DAGs, task logs first."""
        if self.base.exists():
            yield from self._descend(self.base, self._parts, {})
            parsed = self.base / _PARSED
            if parsed.exists():
                for path in _walk(parsed):
                    if path.name.removesuffix(".log") in DAG_FILES:
                        yield _file(path, RETENTION_DAG, None)

    def remove(self, due: Callable[[LogFile], bool], *, now: datetime) -> tuple[int, int]:
        """Remove files, and the folders that are empty then.

        :param due: whether a file goes.
        :return: files and bytes.
        """
        files = size = 0
        for found in list(self.files()):
            if due(found):
                try:
                    found.path.unlink(missing_ok=True)
                except PermissionError:
                    raise ConfigurationError(
                        f"A log file below {self.base} may not be removed: whoever runs this task needs the right to "
                        "write in that folder. What was removed before stays removed."
                    ) from None
                files, size = files + 1, size + found.size
                self._tidy(found.path.parent)
        if isinstance(self.base, Path) and self.base.exists():
            self._prune(self.base, self._parts, now=now)
        return files, size

    def _prune(self, folder: Path, parts: list[re.Pattern[str]], *, now: datetime) -> None:
        """Remove empty folders that a killed clean-up left; a fresh one may be waiting for its first file."""
        for entry in folder.iterdir():
            if _is_link(entry) or not entry.is_dir() or (parts and not parts[0].fullmatch(entry.name)):
                continue
            self._prune(entry, parts[1:], now=now)
            if datetime.fromtimestamp(entry.stat().st_mtime, tz=UTC) < now - _FRESH:
                with contextlib.suppress(OSError):
                    entry.rmdir()

    def _tidy(self, folder: Any) -> None:
        """Remove a folder and those above it, as far as they are empty and below the base."""
        while folder != self.base and isinstance(folder, Path):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _descend(self, folder: Any, parts: list[re.Pattern[str]], known: dict[str, str]) -> Iterator[LogFile]:
        if not parts:
            for path in _walk(folder):
                yield _file(path, known["dag"], known["run"])
            return
        for entry in folder.iterdir():
            match = parts[0].fullmatch(entry.name)
            if match and not _is_link(entry) and entry.is_dir():
                yield from self._descend(entry, parts[1:], known | match.groupdict())


def log_stores() -> list[LogStore]:
    """Return where this Airflow keeps task logs: its folder on this machine, and an object store where one is set."""
    from airflow.configuration import conf  # noqa: PLC0415 - heavy, and only here

    template = conf.get("logging", "log_filename_template")
    stores = [LogStore(Path(conf.get("logging", "base_log_folder")), template)]
    remote = conf.get("logging", "remote_base_log_folder", fallback="")
    if conf.getboolean("logging", "remote_logging") and "://" in remote and not _cannot_list(remote):
        from airflow.sdk import ObjectStoragePath  # noqa: PLC0415 - heavy, and only here

        connection = conf.get("logging", "remote_log_conn_id", fallback="") or None
        stores.append(LogStore(ObjectStoragePath(remote, conn_id=connection), template))
    return stores


def remote_out_of_reach() -> str:
    """Return the kind of remote log store that cannot be cleaned from here, empty where there is none."""
    from airflow.configuration import conf  # noqa: PLC0415 - heavy, and only here

    if not conf.getboolean("logging", "remote_logging"):
        return ""
    remote = conf.get("logging", "remote_base_log_folder", fallback="")
    return (remote.split("://", maxsplit=1)[0] or "remote") if _cannot_list(remote) or "://" not in remote else ""


def _cannot_list(remote: str) -> bool:
    return remote.startswith(("cloudwatch://", "stackdriver://"))


def _parts(template: str) -> Iterator[re.Pattern[str]]:
    """Turn the template into one pattern for each folder, down to the folder of a run."""
    needed = {"dag", "run"}
    for part in template.split("/"):
        pattern = ""
        for text in re.split(r"(\{\{.*?\}\}|\{%.*?%\})", part):
            if re.fullmatch(r"\{\{\s*(ti\.)?dag_id\s*\}\}", text):
                pattern += f"(?P<dag>{_OURS})"
                needed.discard("dag")
            elif re.fullmatch(r"\{\{\s*(ti\.)?run_id\s*\}\}", text):
                pattern += "(?P<run>.+)"
                needed.discard("run")
            elif text.startswith("{%"):
                pattern = ""
                break
            else:
                pattern += ".*" if text.startswith("{{") else re.escape(text)
        if not pattern:
            break
        yield re.compile(pattern)
        if not needed:
            return
    raise ConfigurationError(
        "Airflow's [logging] log_filename_template has no folder for the DAG and the run, so nobody can tell whose log "
        "a file is: use Airflow's own template, or one with {{ ti.dag_id }} and {{ ti.run_id }} in its folders."
    )


def _walk(folder: Any) -> Iterator[Any]:
    for entry in folder.iterdir():
        if not _is_link(entry) and entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry


def _is_link(entry: Any) -> bool:
    return isinstance(entry, Path) and entry.is_symlink()


def _file(path: Any, dag_id: str, run_id: str | None) -> LogFile:
    status = path.stat(follow_symlinks=False) if isinstance(path, Path) else path.stat()
    written = datetime.fromtimestamp(status.st_mtime or 0, tz=UTC)
    return LogFile(path, dag_id, run_id, written, int(status.st_size))
