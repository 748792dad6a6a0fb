"""One loaded audience with work waiting on both sides, and a whole run of it into which a fault is put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow.sdk.exceptions import AirflowRescheduleException, AirflowRuntimeError

from afas_mailchimp.errors import SyncError
from tests.integration.importing.history_world import NO_LIMITS, WRITE_BACK
from tests.integration.importing.local import LocalWorld
from tests.integration.importing.world import EXTRA

STAYS, CHANGES, SAYS_NO, GOES, COMES, OPTS_OUT, BOUNCES = (
    f"{name}@korenaar.example" for name in ("blijft", "verandert", "nee", "weg", "nieuw", "afgemeld", "kapot")
)
PEOPLE = ("korenaar.example", "ietersen", "33461240", "33-461240")
"""What may be seen of these people nowhere."""

TASKS = ("preflight", "write_back", "import_customers")
EXPECTED = {
    STAYS: "subscribed",
    CHANGES: "subscribed",
    SAYS_NO: "unsubscribed",
    GOES: "archived",
    COMES: "subscribed",
    OPTS_OUT: "unsubscribed",
    BOUNCES: "cleaned",
}


def load(world: LocalWorld) -> None:
    """An audience in step with AFAS."""
    world.settings |= {"limits": NO_LIMITS, "write_back": WRITE_BACK}
    for number, address in enumerate((STAYS, CHANGES, SAYS_NO, GOES, OPTS_OUT, BOUNCES)):
        world.debtor(str(10001 + number), address, DebtorName="Bakkerij Pietersen", TelNr=f"033-461240{number}")
    world.at(world.now.add(hours=1))
    world.run()


def let_work_wait(world: LocalWorld) -> None:
    """One of each kind of change, on both sides."""
    world.at(world.now.add(minutes=10))
    world.change(EXTRA, "10002", DebtorName="Bakkerij Nieuwe Pietersen")
    world.change(EXTRA, "10003", Nieuwsbrief=False)
    world.afas.call("delete", connector=EXTRA, key="10004")
    world.debtor("10007", COMES, TelNr="033-4612412")
    world.mailchimp.call("unsubscribe", email=OPTS_OUT, by="user")
    world.mailchimp.call("clean", email=BOUNCES)
    world.at(world.now.add(minutes=10))


@dataclass(slots=True)
class Went:
    """How a run went.

    :param failed: what each task raised, by task.
    :param reports: what each task reported.
    """

    failed: dict[str, BaseException] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)


def run(world: LocalWorld, *, tasks: Sequence[str] = TASKS) -> Went:
    """Run tasks as the DAG would: after a failed preflight nothing, after a failed write-back the import."""
    went = Went()
    for task in tasks:
        try:
            went.reports[task] = _carry_out(world, task)
        except (SyncError, AirflowRescheduleException, AirflowRuntimeError) as error:
            went.failed[task] = error
            if task == "preflight":
                break
    world.checked = None
    return went


def _carry_out(world: LocalWorld, task: str) -> dict[str, Any]:
    if task == "preflight":
        world.checked = world.preflight(full_reload=True)
        return world.checked
    if task == "write_back":
        return world.write_back_only(full_reload=True)
    return world.import_only(full_reload=True)


def outcome(world: LocalWorld) -> dict[str, Any]:
    """What counts on both sides: status, values, key and tags of each member; what was written back of each debtor."""
    members = {
        address: (
            member["status"],
            {tag: value for tag, value in member["merge_fields"].items() if tag != "AFASSUM"},
            sorted(tag["name"] for tag in member["tags"]),
        )
        for address, member in world.members().items()
    }
    rows = world.afas.call("rows", connector=EXTRA)
    facts = {row["DebtorId"]: (row["Nieuwsbrief"], row["EmailOnjuist"], row["TelNr"], row["Email"]) for row in rows}
    return {"members": members, "debtors": facts}


def watermarks(world: LocalWorld, task: str) -> dict[str, str]:
    """Variables that say how far a task is."""
    back = task == "write_back"
    names = [name for name in world.variables if name.endswith("watermark")]
    return {name: world.variables[name] for name in names if (".write_back." in name) == back}
