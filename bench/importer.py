"""One import in a process of its own, with the package's own operator and session; prints what it cost as JSON.

``python -m bench.importer SYNC_FILE VARIABLES_FILE [full_reload]``. Airflow's Variables are kept in a JSON file and its
connections come from the environment, so that no Airflow runs beside: its own time is measured elsewhere.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from afas_mailchimp.sync_files import parse_sync
from operators import afas_mailchimp_state
from operators.afas_mailchimp_preflight import SEEN_KEY, PreflightOperator

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

COUNTS = ("read", "created", "updated", "unchanged", "unsubscribed", "skipped", "invalid", "rejected", "archived")


class _Variables:
    """What Airflow keeps, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, key: str, default: str | None = None) -> str | None:
        return self._found.get(key, default)

    def set(self, key: str, value: str, **_: object) -> None:
        self._found[key] = value
        self._path.write_text(json.dumps(self._found))

    def delete(self, key: str) -> None:
        self._found.pop(key, None)
        self._path.write_text(json.dumps(self._found))


class _Instance:
    """What a task sees of Airflow: itself, and values from one task to the next.

    :param values: of all tasks of the run, by task and key.
    """

    try_number = 1

    def __init__(self, task_id: str, values: dict[tuple[str, str], Any]) -> None:
        self.task_id, self._values = task_id, values

    def xcom_push(self, key: str, value: Any) -> None:
        self._values[self.task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self._values.get((task_ids, key))


def main(sync_file: Path, variables: Path, *, full_reload: bool) -> dict[str, Any]:
    """Run the tasks of a sync one after another."""
    # What a task process loads before its work begins is Airflow's time, not the import's.
    import mailchimp_marketing  # noqa: F401, PLC0415

    import hooks.afas  # noqa: F401, PLC0415
    import hooks.mailchimp  # noqa: F401, PLC0415
    import operators.afas_mailchimp_session  # noqa: F401, PLC0415
    from operators.afas_mailchimp_import import ImportCustomersOperator  # noqa: PLC0415
    from operators.afas_mailchimp_write_back import WriteBackOperator  # noqa: PLC0415

    setattr(afas_mailchimp_state, "Variable", _Variables(variables))  # noqa: B010 - an import, not an attribute, to mypy
    sync = parse_sync(sync_file.read_text(), file=sync_file.name)
    conf = {"full_reload": True, "max_archive_percent": 100} if full_reload else {}
    run = SimpleNamespace(conf=conf, run_type="manual")
    values: dict[tuple[str, str], Any] = {}

    def done(task: BaseOperator) -> dict[str, Any]:
        instance = _Instance(task.task_id, values)
        result: dict[str, Any] = task.execute({"params": conf, "dag_run": run, "ti": instance})  # type: ignore[typeddict-item]
        instance.xcom_push("return_value", result)
        return result

    started, cpu = time.monotonic(), _cpu()
    checked = done(PreflightOperator(task_id="preflight", sync=sync))
    checked_at = time.monotonic()
    calls = [checked["api_calls"]]
    if sync.write_back:
        calls.append(done(WriteBackOperator(task_id="write_back", sync=sync))["api_calls"])
    report = done(ImportCustomersOperator(task_id="import_customers", sync=sync))
    ended = time.monotonic()
    calls.append(report["api_calls"])
    return {
        "wall": ended - started,
        "preflight": checked_at - started,
        "cpu": _cpu() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        "mode": report["mode"],
        "written": report["written"],
        **{name: report[name] for name in COUNTS},
        "afas_calls": sum(each["afas"] for each in calls),
        "mailchimp_calls": sum(each["mailchimp"] for each in calls),
        "preflight_calls": calls[0],
        "seen": checked[SEEN_KEY]["member_count"],
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    logging.disable(logging.INFO)
    with closing(sys.stdout) as out:
        found = main(Path(sys.argv[1]), Path(sys.argv[2]), full_reload="full_reload" in sys.argv[3:])
        out.write(f"{json.dumps(found)}\n")
