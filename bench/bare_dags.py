"""The least that Airflow can run: DAG files to compare the package with, and the small sync that is compared."""

from __future__ import annotations

EMPTY_TASKS = """
from datetime import timedelta

import pendulum
from airflow.sdk import DAG, BaseOperator


class Nothing(BaseOperator):
    def execute(self, context):
        return None


with DAG(
    dag_id="bare",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Amsterdam"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    default_args={"retries": 4, "retry_delay": timedelta(minutes=1), "retry_exponential_backoff": 2.0},
):
    Nothing(task_id="first") >> Nothing(task_id="second")
"""
"""Two tasks in a row, as a sync without write-back has. An EmptyOperator would not do: Airflow never starts one."""

ONE_TASK = """
import pendulum
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

with DAG(dag_id="bare", schedule=None, start_date=pendulum.datetime(2026, 1, 1), catchup=False):
    EmptyOperator(task_id="only")
"""

SYNC = """
name: customers
schedule: null
afas: {connection: afas_default}
audience: {connection: mailchimp_default, list_id: a1b2c3d4e5}
consent: {new_members: subscribed, basis: "existing customers (Tw 11.7 lid 3)"}
sources:
  debtors:
    connector: Profit_Debtor_App
    key: DebtorId
    modified: [DateModified]
    email: Email
    filter: {Blocked: false}
    merge_fields:
      COMPANY: DebtorName
      PHONE: {phone: TelNr}
      ADDRESS: {address: [AddressLine1, AddressLine3, AddressLine4]}
      CREATED: {date: CreateDate}
"""
