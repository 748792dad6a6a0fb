"""Erases logs and run metadata of this package's DAGs when their term is over, and proves it (AVG / GDPR).

| task | what it does |
|---|---|
| `clean_up` | erases task logs, runs, XCom, rendered fields, audit-log entries, … that are past their term |
| `prove` | looks for itself whether anything is left, and for anything that looks like a person; fails if so |

The term stands in each sync file: `retention: {days: 30, failed_days: 7}`; with `days: 0` the traces of a good run go
as soon as it has ended. **On demand**: *Trigger* with `older_than_days` 0 erases everything that has ended, `dry_run`
only counts. Runs that are running, watermarks and other teams' DAGs are never touched. The result of `prove` (its
*XCom*) says what was erased, what is left and what cannot be seen from here. Unpause this DAG, or nothing is erased.

---

**In het Nederlands.** Wist logs en gegevens van runs van deze koppeling zodra hun bewaartermijn voorbij is, en bewijst
dat. `clean_up` wist; `prove` kijkt zelf na of er iets is blijven staan, ook of er iets op een persoon lijkt, en mislukt
als dat zo is. De bewaartermijn staat per koppeling in het bestand (`retention`); met `days: 0` verdwijnen de sporen van
een goede run meteen. **Op verzoek wissen**: *Trigger* met `older_than_days` 0 wist alles wat klaar is; `dry_run` telt
alleen. Zet deze DAG aan, anders wordt er niets gewist.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, Param

from afas_mailchimp.retention import RETENTION_DAG
from afas_mailchimp.sync_files import find_syncs
from operators.afas_mailchimp_dag_defaults import TAGS, default_args, syncs_folder
from operators.afas_mailchimp_retention import ENDED, CleanUpOperator, ProveOperator

SETTINGS = {found.name: found.sync.retention for found in find_syncs(syncs_folder(__file__)) if found.sync}
DAILY = CronTriggerTimetable("20 3 * * *", timezone="Europe/Amsterdam")
AT_ONCE = any(each.days == 0 for each in SETTINGS.values())

with DAG(
    dag_id=RETENTION_DAG,
    dag_display_name="AFAS → Mailchimp: log retention",
    description="Erases logs and run metadata past their term, and proves it (AVG)",
    schedule=AssetOrTimeSchedule(timetable=DAILY, assets=[ENDED]) if AT_ONCE else DAILY,
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Amsterdam"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    params={
        "older_than_days": Param(
            default=None,
            type=["null", "integer"],
            minimum=0,
            title="Older than (days)",
            description="Empty = the terms of the sync files. 0 = everything that has ended, failed runs as well.",
        ),
        "dry_run": Param(
            default=False,
            type="boolean",
            title="Dry run",
            description="Counts what would be erased; erases nothing.",
        ),
    },
    tags=TAGS,
    doc_md=__doc__,
    default_args=default_args(),
) as dag:
    clean_up = CleanUpOperator(
        task_id="clean_up", settings=SETTINGS, doc_md="Erases what is past its term. The return value counts it."
    )
    prove = ProveOperator(
        task_id="prove", settings=SETTINGS, doc_md="Looks whether it is gone. The return value is the report."
    )
    clean_up >> prove
