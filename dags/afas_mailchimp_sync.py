"""Keeps one Mailchimp audience equal to what AFAS says.

| task | what it does |
|---|---|
| `preflight` | checks connections, rights, columns, merge fields and parameters before any data moves |
| `write_back` | where configured: brings chosen facts of members (opt-outs, bounces, …) into AFAS |
| `import_customers` | reads AFAS, compares with the audience, writes the differences; its result is the report |

**Run it by hand** with *Trigger*: `dry_run` counts what would be written and writes nothing; `full_reload` compares
everything, writes only differences, and may archive members whose row has gone from AFAS. If `write_back` fails,
`import_customers` still runs and respects every opt-out; the run as a whole is shown as failed.

The report (the *XCom* of `import_customers`) holds counts and AFAS keys, never an address or a name.
One DAG per file in the folder `syncs`, or in the folder that `AFAS_MAILCHIMP_SYNCS` names.

---

**In het Nederlands.** Deze koppeling houdt één Mailchimp-audience gelijk aan wat AFAS zegt. `preflight` controleert
vooraf verbindingen, rechten, kolommen en velden, en zegt in één zin wat er mis is; `write_back` koppelt gekozen
feiten (afmeldingen, bounces, …) terug naar AFAS, waar dat is ingesteld; `import_customers` leest AFAS, vergelijkt met
de audience en schrijft alleen de verschillen. Mislukt het terugkoppelen, dan loopt de import toch. Wie zich heeft
uitgeschreven, blijft uitgeschreven.

Met *Trigger* start u zelf: `dry_run` telt alleen wat er geschreven zou worden; `full_reload` (volledige herlaad)
vergelijkt alles en kan leden archiveren van wie de regel uit AFAS is verdwenen. Het rapport (de *XCom* van
`import_customers`) bevat aantallen en AFAS-nummers, nooit een adres of een naam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pendulum
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Param, TriggerRule

from afas_mailchimp.sync_files import find_syncs
from operators.afas_mailchimp_alert import AlertOperator
from operators.afas_mailchimp_assets import audience, sources, updated
from operators.afas_mailchimp_dag_defaults import TAGS, default_args, syncs_folder
from operators.afas_mailchimp_import import ImportCustomersOperator
from operators.afas_mailchimp_preflight import PreflightOperator
from operators.afas_mailchimp_retention import ENDED
from operators.afas_mailchimp_write_back import WriteBackOperator

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.sync_files import FoundFile

PARAMETERS = {
    "full_reload": Param(
        default=False,
        type="boolean",
        title="Full reload",
        description="Compares everything, writes differences, and may archive members whose row has gone from AFAS.",
    ),
    "dry_run": Param(
        default=False,
        type="boolean",
        title="Dry run",
        description="Counts what would be written; writes nothing in Mailchimp, AFAS or Airflow's Variables.",
    ),
    "max_archive_percent": Param(
        default=None,
        type=["null", "number"],
        minimum=0,
        maximum=100,
        title="Archive limit for this run (percent)",
        description="Empty = the limit of the sync file. Raise it when a run said how many would go and AFAS is right.",
    ),
    "max_write_back": Param(
        default=None,
        type=["null", "integer"],
        minimum=0,
        title="Write-back limit for this run (AFAS records)",
        description="Empty = the limit of the sync file. Raise it once a dry run has shown what would be written.",
    ),
}


def declare_work(sync: SyncFile, preflight: PreflightOperator) -> None:
    """Declare what follows a preflight that is right."""
    # A sync that keeps nothing tells the log retention when a run has ended well.
    told = [ENDED] if sync.retention.days == 0 else []
    # Not the preflight: it must be able to say that there is no such pool, and tasks in a pool that is not there wait.
    pool = sync.audience.pool
    import_customers = ImportCustomersOperator(
        task_id="import_customers",
        sync=sync,
        # Where there is a write-back, its failure must not keep an import from respecting opt-outs.
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS if sync.write_back else TriggerRule.ALL_SUCCESS,
        inlets=sources(sync),
        outlets=[audience(sync), *([] if sync.write_back else told)],
        pool=pool,
        doc_md="Survey, write, leave, confirm. The return value is the report: counts and AFAS keys.",
    )
    preflight >> import_customers
    if sync.write_back:
        write_back = WriteBackOperator(
            task_id="write_back",
            sync=sync,
            retries=1,
            inlets=[audience(sync)],
            outlets=updated(sync),
            pool=pool,
            doc_md="Brings chosen facts of members into AFAS, opt-outs first. The return value is the report.",
        )
        preflight >> write_back >> import_customers
        # Airflow judges a run by its last tasks: without this one, a failed write-back would leave the run green.
        all_done = EmptyOperator(task_id="all_done", outlets=told, doc_md="Fails when write_back failed.")
        [write_back, import_customers] >> all_done
    if sync.alerts:
        tell(sync, after=[preflight, *([write_back, all_done] if sync.write_back else []), import_customers])


def tell(sync: SyncFile, *, after: list[BaseOperator]) -> None:
    """Declare who tells people how the run ended. It is a teardown, so that it does not decide how the run ended."""
    watched = tuple(task.task_id for task in after if not isinstance(task, EmptyOperator))
    alert = AlertOperator(
        task_id="alert", sync=sync, watched=watched, retries=0, doc_md="Tells people what went wrong; docs/alerts.md."
    ).as_teardown()
    after >> alert


def sync_dag(found: FoundFile) -> DAG:
    """Declare the DAG of one sync file; a bad file gets a DAG whose preflight says what is wrong with it."""
    sync = found.sync
    with DAG(
        dag_id=f"afas_mailchimp_sync_{found.name}",
        dag_display_name=f"AFAS → Mailchimp: {found.name}",
        description="Keeps one Mailchimp audience equal to what AFAS says"
        if sync
        else "The sync file has a mistake: run it to see",
        schedule=sync.schedule if sync else None,
        start_date=pendulum.datetime(2026, 1, 1, tz=sync.timezone if sync else "Europe/Amsterdam"),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=True,
        params=PARAMETERS,
        tags=TAGS,
        doc_md=__doc__,
        default_args=default_args(),
    ) as dag:
        preflight = PreflightOperator(
            task_id="preflight",
            sync=sync,
            problem=found.problem,
            doc_md="Checks everything that can be known to be wrong before any data moves.",
        )
        if sync:
            declare_work(sync, preflight)
    return dag


for _found in find_syncs(syncs_folder(__file__)):
    globals()[f"afas_mailchimp_sync_{_found.name}"] = sync_dag(_found)
