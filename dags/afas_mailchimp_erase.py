"""Erases a person from every audience on request (AVG art. 17), for good.

**This cannot be undone.** *Trigger* with `source` (such as `debtors`) and `key` (the key in AFAS, a debtor number).
`dry_run` is on unless you turn it off: look at its result first, then run again with `dry_run` off and the key repeated
in `confirm`.

It leaves a tombstone, so that no import ever brings the row in again; deletes every member with that key or with the
row's address for good, in every audience of the sync files; and lists other AFAS keys with the same address. Mailchimp
then refuses the address for ever, until the person signs up by a form. The result is a certificate without personal
data. An e-mail address is refused as a parameter: it would stay in Airflow's database.

Where syncs read the source from different AFAS environments, `sync` says whose key it is. With `archived` instead of
source and key it erases members that were archived because their row had gone, longer ago than
`retention.archived_term` in the sync file; `confirm` is then the number that the dry run said.

---

**In het Nederlands.** Wist iemand op verzoek uit alle audiences. **Dit kan niet ongedaan worden gemaakt.** Start met
`source` (bijvoorbeeld `debtors`) en `key` (het AFAS-nummer). `dry_run` staat aan: bekijk eerst wat er zou gebeuren, en
start dan opnieuw met `dry_run` uit en het nummer nog eens in `confirm`. Het nummer wordt voorgoed van de import
uitgesloten, de leden worden definitief verwijderd, en het resultaat is een verklaring zonder persoonsgegevens. Een
e-mailadres wordt geweigerd: dat zou in de database van Airflow blijven staan. Lezen koppelingen de bron uit
verschillende AFAS-omgevingen, dan zegt `sync` van wie het nummer is. Met `archived` in plaats van bron en nummer worden
leden gewist die langer geleden dan `retention.archived_term` zijn gearchiveerd omdat hun regel weg was.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG, Param

from afas_mailchimp.retention import ERASE_DAG
from afas_mailchimp.sync_files import find_syncs
from operators.afas_mailchimp_dag_defaults import TAGS, default_args, syncs_folder
from operators.afas_mailchimp_erase import ErasePersonOperator

with DAG(
    dag_id=ERASE_DAG,
    dag_display_name="AFAS → Mailchimp: erase a person",
    description="Erases a person from every audience, for good (AVG art. 17)",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Amsterdam"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    params={
        "source": Param(
            default="",
            type="string",
            title="Source",
            description="Source in the sync files, such as debtors. Never an e-mail address.",
        ),
        "key": Param(
            default="",
            type="string",
            title="AFAS key",
            description="The row's key in AFAS, such as a debtor number. Never an e-mail address.",
        ),
        "dry_run": Param(
            default=True,
            type="boolean",
            title="Dry run",
            description="Only counts. Turn it off to erase, which cannot be undone.",
        ),
        "confirm": Param(
            default="",
            type="string",
            title="Confirm",
            description="Repeat the AFAS key (or the dry run's number) to erase for good. It cannot be undone.",
        ),
        "sync": Param(
            default="",
            type="string",
            title="Sync",
            description="Only where syncs read this source from different AFAS environments: whose key it is.",
        ),
        "archived": Param(
            default=False,
            type="boolean",
            title="All past archived_term",
            description="Instead of source and key: everybody whose row went longer ago than retention.archived_term.",
        ),
    },
    tags=TAGS,
    doc_md=__doc__,
    default_args=default_args(),
) as dag:
    ErasePersonOperator(
        task_id="erase",
        found=list(find_syncs(syncs_folder(__file__))),
        doc_md="Tombstone, then deletion for good. The return value is the certificate.",
    )
