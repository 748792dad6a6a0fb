"""The few calls of Airflow's REST API that the demo and the end-to-end tests make. Standard library only."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

T = TypeVar("T")

ENDED = frozenset({"success", "failed"})
BUSY_ATTEMPTS = 8
"""SQLite refuses a writer that another one overtook; under load that happens to Airflow several times a minute."""


class AirflowRest:
    """REST API v2 of one Airflow.

    :param url: such as ``http://127.0.0.1:8080``.
    :param login: user and password, None where everybody is an administrator.
    :param check: called while waiting; raises when waiting has no sense any more.
    """

    def __init__(self, url: str, *, login: tuple[str, str] | None, check: Callable[[], None]) -> None:
        self.url = url
        self._login = login
        self._check = check
        self._token: str | None = None

    def call(self, method: str, path: str, body: object | None = None) -> Any:
        """Call the API; a token is fetched when there is none or it has ended.

        :raises RuntimeError: Airflow refused, or its database stayed busy.
        """
        for attempt in range(BUSY_ATTEMPTS):
            self._token = self._token or self._fetch_token()
            try:
                return self._send(method, path, body, token=self._token)
            except urllib.error.HTTPError as error:
                text = error.read().decode(errors="replace")[:500]
                if error.code == HTTPStatus.CONFLICT and method == "POST" and attempt:
                    return body  # what it answered with an error was done all the same
                if attempt == BUSY_ATTEMPTS - 1 or not self._again(error.code, text):
                    raise RuntimeError(f"Airflow answered {error.code} to {method} {path}: {text}") from None
        raise AssertionError

    def _again(self, code: int, text: str) -> bool:
        """Whether the same call may go well now: with a fresh token, or when SQLite is no longer busy."""
        if code == HTTPStatus.UNAUTHORIZED:
            self._token = None
            return True
        if code == HTTPStatus.INTERNAL_SERVER_ERROR and "Database error" in text:
            time.sleep(1)
            return True
        return False

    def answers(self) -> bool:
        """Whether API server, scheduler, DAG processor and triggerer are all there."""
        try:
            health = self._send("GET", "/api/v2/monitor/health", None, token=None)
        except (OSError, ValueError):
            return False
        return all(part["status"] == "healthy" for part in health.values())

    def until(self, what: str, condition: Callable[[], T], *, seconds: float) -> T:
        """Ask until the answer is true.

        :raises TimeoutError: naming what was waited for.
        """
        deadline = time.monotonic() + seconds
        while True:
            self._check()
            if answer := condition():
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {seconds:g} seconds")
            time.sleep(0.3)

    def add_connection(self, **fields: Any) -> None:
        """Make a connection, as a person would in the UI."""
        self.call("POST", "/api/v2/connections", fields)

    def dags(self) -> dict[str, dict[str, Any]]:
        """DAGs that were parsed, by id."""
        return {dag["dag_id"]: dag for dag in self.call("GET", "/api/v2/dags?limit=100")["dags"]}

    def wait_for_dag(self, dag_id: str, *, seconds: float = 90) -> None:
        """Wait until a DAG was parsed."""
        self.until(f"DAG {dag_id}", lambda: dag_id in self.dags(), seconds=seconds)

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run."""
        self.call("PATCH", f"/api/v2/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run, and answer its id."""
        # An id of our own: should the answer get lost, the same call again starts no second run.
        body = {"dag_run_id": f"manual__{uuid.uuid4()}", "logical_date": None, "conf": dict(conf or {})}
        return str(self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Task instances of a run, by task."""
        found = self.call("GET", f"{_run(dag_id, run_id)}/taskInstances")["task_instances"]
        return {task["task_id"]: task for task in found}

    def wait(
        self, dag_id: str, run_id: str, *, seconds: float = 600, progress: Callable[[str], None] | None = None
    ) -> str:
        """Wait for the end of a run, and answer its state.

        :param progress: told what the run is doing, each time it looks.
        """

        def state() -> str | None:
            if progress:
                states = {name: task["state"] for name, task in self.tasks(dag_id, run_id).items()}
                running = [name for name, value in states.items() if value in {"running", "up_for_retry"}]
                progress(", ".join(f"{name} {states[name]}" for name in running) or "waiting for the scheduler")
            found = str(self.call("GET", _run(dag_id, run_id))["state"])
            return found if found in ENDED else None

        return str(self.until(f"run {run_id}", state, seconds=seconds))

    def result(self, dag_id: str, run_id: str, task_id: str, *, key: str = "return_value") -> Any:
        """What a task returned or pushed."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/xcomEntries/{key}"
        value = self.call("GET", path)["value"]
        return json.loads(value) if isinstance(value, str) else value

    def log(self, dag_id: str, run_id: str, task_id: str, *, attempt: int = 1) -> str:
        """The log of one attempt of a task, as the UI shows it."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/logs/{attempt}?full_content=true"
        return json.dumps(self.call("GET", path), ensure_ascii=False)

    def _fetch_token(self) -> str:
        if self._login is None:
            return str(self._send("GET", "/auth/token", None, token=None)["access_token"])
        body = {"username": self._login[0], "password": self._login[1]}
        return str(self._send("POST", "/auth/token", body, token=None)["access_token"])

    def _send(self, method: str, path: str, body: object | None, *, token: str | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=headers)
        with _DIRECT.open(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None


# A proxy of the machine has no business between us and 127.0.0.1.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _run(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"
