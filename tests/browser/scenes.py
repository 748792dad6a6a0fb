"""What happens before the browser looks: runs that end well, fail, are stopped, are late."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from tests.browser.conftest import Stage

DAG = "afas_mailchimp_sync_{}"
RETENTION = "afas_mailchimp_log_retention"
EXTRA = "Profit_Debtor_App_Extra"


def live(stage: Stage) -> None:
    """Bring every sync into its state."""
    rest = stage.airflow.rest
    for connection in stage.stand_ins.connections():
        rest.add_connection(**connection)
    for name in ("customers", "newsletter", "wholesale", "webshop", "archive", "partners"):
        rest.wait_for_dag(DAG.format(name))
    rest.wait_for_dag(RETENTION)
    for name in ("customers", "wholesale", "webshop"):
        rest.unpause(DAG.format(name))
    rest.unpause(RETENTION)
    assert run(stage, "wholesale") == "failed"
    assert run(stage, "webshop") == "failed"
    customers(stage)
    late(stage)
    assert run_dag(stage, RETENTION) == "success"


def run(stage: Stage, name: str, **conf: Any) -> str:
    """Run a sync to its end."""
    return run_dag(stage, DAG.format(name), **conf)


def run_dag(stage: Stage, dag_id: str, **conf: Any) -> str:
    """Run a DAG to its end."""
    rest = stage.airflow.rest
    return rest.wait(dag_id, rest.trigger(dag_id, conf), seconds=180)


def customers(stage: Stage) -> None:
    """A good sync with some history: changes, opt-outs, a failure in between, dry runs."""
    afas, mailchimp = stage.stand_ins.afas, stage.stand_ins.mailchimp
    assert run(stage, "customers", dry_run=True) == "success"
    assert run(stage, "customers") == "success"
    rows = {row["DebtorId"]: row for row in afas.call("rows", connector=EXTRA)}
    owned = {member["merge_fields"]["AFASID"] for member in mailchimp.dump()["members"]}
    keys = [key for key in rows if f"customers:debtors:{key}" in owned][:60]
    for number, size in enumerate((3, 14, 1, 0, 7)):
        for key in keys[number * 10 : number * 10 + size]:
            afas.call("update_row", connector=EXTRA, key=key, set={"TelNr": f"030-55{number}{key[-4:]}"})
            afas.call("mutate", table="debtor", key=key, set={})
        if number == 2:
            mailchimp.call("unsubscribe", email=rows[keys[25]]["Email"])
        # A window is closed: it ends before the second in which it is read.
        time.sleep(1.1)
        assert run(stage, "customers") == "success"
    for key in keys[50:53]:
        afas.call("update_row", connector=EXTRA, key=key, set={"Blocked": True})
        afas.call("mutate", table="debtor", key=key, set={})
    time.sleep(1.1)
    assert run(stage, "customers") == "success"
    assert run(stage, "customers", dry_run=True, full_reload=True) == "success"
    assert run(stage, "customers", full_reload=True) == "success"
    stage.facts |= {"keys": keys, "rows": rows}


def late(stage: Stage) -> None:
    """A scheduled sync whose marks lie days back, as after a long pause."""
    rest, dag_id = stage.airflow.rest, DAG.format("newsletter")
    rest.unpause(dag_id)
    runs = f"/api/v2/dags/{dag_id}/dagRuns"
    rest.until(
        "the first scheduled run",
        lambda: any(each["state"] == "success" for each in rest.call("GET", runs)["dag_runs"]),
        seconds=90,
    )
    mark = datetime.now(ZoneInfo("Europe/Amsterdam")) - timedelta(days=5)
    for source in ("debtors", "contacts"):
        key = f"afas_mailchimp.newsletter.{source}.watermark"
        value = mark.replace(tzinfo=None).isoformat(timespec="seconds")
        rest.call("PATCH", f"/api/v2/variables/{key}", {"key": key, "value": value})


@dataclass(frozen=True, slots=True)
class Kinds:
    """Rows to ask about.

    :param addresses: of those that have one.
    """

    keys: dict[str, str]
    addresses: dict[str, str]


def change_rows(stage: Stage) -> Kinds:
    """Change both sides after the last run, so that a row of each kind is there."""
    afas, mailchimp = stage.stand_ins.afas, stage.stand_ins.mailchimp
    known, rows = stage.facts["keys"], stage.facts["rows"]
    names = ("changed", "moved", "blocked just now", "says no", "bounced", "gone", "shared")
    keys = dict(zip(names, known[30:37], strict=True)) | {
        "in sync": known[55], "opted out": known[25], "blocked": known[50], "unknown": "99999",
        "new": "90001", "no address": "90002", "empty": "90003", "loses": "90004",
    }  # fmt: skip
    addresses = {name: rows[key]["Email"] for name, key in keys.items() if key in rows}
    addresses |= {"new": "nieuw@korenaar.example", "moved": "verhuisd@korenaar.example", "loses": addresses["shared"]}
    for name, more in {
        "changed": {"TelNr": "030-7654321"},
        "moved": {"Email": addresses["moved"]},
        "blocked just now": {"Blocked": True},
        "says no": {"Nieuwsbrief": False},
    }.items():
        afas.call("update_row", connector=EXTRA, key=keys[name], set=more)
        afas.call("mutate", table="debtor", key=keys[name], set={})
    for name, email in {"empty": None, "no address": "geen adres", "new": addresses["new"]}.items():
        row = {"DebtorId": keys[name], "DebtorName": "Bakkerij De Korenaar", "Email": email, "Blocked": False}
        afas.call("insert", connector=EXTRA, row=row)
    row = {"DebtorId": keys["loses"], "DebtorName": "Filiaal", "Email": addresses["shared"], "Blocked": False}
    afas.call("insert", connector=EXTRA, row=row, at="2020-01-01T10:00:00")
    afas.call("delete", connector=EXTRA, key=keys["gone"])
    mailchimp.call("clean", email=addresses["bounced"])
    return Kinds(keys, addresses)
