"""One full reload in the redundant set-up, and what happens to it on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.redundant import Cluster
from demo.stand_ins import StandIns
from tests.cluster.relay import Relay

DAG = "afas_mailchimp_sync_customers"
WORKERS = ("worker-1", "worker-2")
SOURCES = ("debtors", "contacts")
PER_CALL, AFAS_ROW, MEMBER = 0.15, 0.00002, 0.004
"""Seconds: the model of both APIs that docs/performance.md measures with."""

NOTICED = 30 + 5
"""Seconds after which the platform knows that a task is dead: docker-compose.yaml."""

MAY_TAKE = 120
"""Seconds from then to the end of the run."""


@dataclass
class Ended:
    """How a run ended.

    :param tries: attempts of the import.
    :param seconds: from the disturbance to the end.
    """

    state: str
    tries: int
    seconds: float
    members: dict[str, Any]
    problems: list[str]
    watermarks: dict[str, str]
    left_to_write: int


class Stage:
    """A cluster, both stand-ins with so many rows, and networks between workers and API servers."""

    def __init__(self, cluster: Cluster, stand_ins: StandIns, relays: dict[str, Relay]) -> None:
        self.cluster, self.stand_ins, self.relays = cluster, stand_ins, relays
        self.rest, self.mailchimp, self.afas = cluster.rest, stand_ins.mailchimp, stand_ins.afas
        for connection in stand_ins.connections():
            self.rest.add_connection(**connection)
        self.rest.wait_for_dag(DAG)
        self.rest.unpause(DAG)
        self.run_id = ""

    def fresh(self) -> None:
        """An empty audience, no memory of earlier runs, and the latency of the model."""
        self.mailchimp.reset()
        for name in self._variables():
            self.rest.call("DELETE", f"/api/v2/variables/{name}")
        self._slow()

    def _slow(self) -> None:
        self.afas.latency(per_call=PER_CALL, per_unit=AFAS_ROW)
        self.mailchimp.latency(per_call=PER_CALL, per_unit=MEMBER, unit_method="POST")

    def _variables(self) -> dict[str, str]:
        found = self.rest.call("GET", "/api/v2/variables?limit=100")["variables"]
        return {each["key"]: each["value"] for each in found if each["key"].startswith("afas_mailchimp.")}

    def batches(self) -> int:
        """Calls that wrote members, and were answered."""
        return self.mailchimp.counts().get(f"POST /lists/{self.stand_ins.said['list_id']} 200", 0)

    def task(self) -> dict[str, Any]:
        """The import's task instance."""
        return self.rest.tasks(DAG, self.run_id)["import_customers"]

    def worker(self) -> str:
        """The worker that runs the import."""
        found = self.rest.until(
            "the import's process", lambda: self.cluster.part_of(self.task()["pid"] or 0), seconds=60
        )
        assert found in WORKERS
        return str(found)

    def live(self, disturb: Callable[[Stage], None] | None, *, after: int) -> Ended:
        """Run, disturb it on the way, and look at both sides.

        :param after: batches that were written by then.
        """
        self.fresh()
        self.run_id = self.rest.trigger(DAG, {"full_reload": True})
        self.rest.until("the first batches", lambda: self.batches() >= after, seconds=180)
        silent = self._opts_out()
        began = time.monotonic()
        if disturb:
            disturb(self)
        state = self.rest.wait(DAG, self.run_id, seconds=400)
        seconds = time.monotonic() - began
        tries = self.task()["try_number"]
        self.mailchimp.latency()
        self.afas.latency()
        members = self.members()
        problems = self._problems(members, silent)
        watermarks = {name: value for name, value in self._variables().items() if name.endswith(".watermark")}
        return Ended(state, tries, seconds, members, problems, watermarks, self._again())

    def members(self) -> dict[str, Any]:
        """Status, key and fields of each member; of our digests that of the address."""
        return {
            each["email_address"]: (each["status"], each["merge_fields"] | {"AFASSUM": _digest(each)})
            for each in self.mailchimp.dump()["members"]
        }

    def _opts_out(self) -> str:
        """Somebody who was just signed up says no, while the run goes on."""
        address = next(
            each["email_address"] for each in self.mailchimp.dump()["members"] if each["status"] == "subscribed"
        )
        self.mailchimp.call("unsubscribe", email=address, by="user")
        return str(address)

    def _problems(self, members: dict[str, Any], silent: str) -> list[str]:
        found = [] if members[silent][0] == "unsubscribed" else ["somebody who opted out is mailed again"]
        writes = self.mailchimp.call("writes")["writes"]
        born = [each["member"] for each in writes if each["before"] == "absent"]
        if len(born) != len(set(born)):
            found.append(f"{len(born) - len(set(born))} members were created twice")
        order = ["subscribed", "pending", "transactional", "unsubscribed", "cleaned", "archived"]
        if any(
            each["by"] == "api" and each["before"] in order and order.index(each["after"]) < order.index(each["before"])
            for each in writes
        ):
            found.append("a status went up")
        return found

    def _again(self) -> int:
        """What the next run finds to write: nothing, when all is right."""
        self.run_id = self.rest.trigger(DAG, {"full_reload": True})
        assert self.rest.wait(DAG, self.run_id, seconds=300) == "success"
        return int(self.rest.result(DAG, self.run_id, "import_customers")["written"])

    def mended(self) -> None:
        """Everything that was taken down is there again."""
        for relay in self.relays.values():
            relay.mend()
        for name in list(self.cluster.down):
            self.cluster.bring_back(name)
        self.rest.until("all parts", lambda: self.rest.answers() and self.cluster.workers_ready(), seconds=180)


def _digest(member: dict[str, Any]) -> str:
    return str(member["merge_fields"].get("AFASSUM", "")).partition(" ")[0]


@contextmanager
def staged(home: Path, *, debtors: int, contacts: int) -> Iterator[Stage]:
    """Start everything."""
    with StandIns(home, debtors=debtors, contacts=contacts) as stand_ins:
        cluster = Cluster(home / "airflow")
        relays = {name: Relay(cluster.native.ports["proxy"]) for name in WORKERS}
        cluster.native.more = {
            name: {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{relay.port}/execution/"}
            for name, relay in relays.items()
        }
        with cluster:
            yield Stage(cluster, stand_ins, relays)
        for relay in relays.values():
            relay.close()
