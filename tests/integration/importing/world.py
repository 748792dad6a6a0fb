"""Both stand-ins over HTTP, the real hooks and operators, and Variables in memory: a whole sync without a scheduler."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import yaml
from airflow.sdk.api.datamodels._generated import DagRunType
from pendulum import DateTime, parse

from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import parse_sync
from operators.afas_mailchimp_import import REPORT_KEY, ImportCustomersOperator
from operators.afas_mailchimp_preflight import PreflightOperator
from operators.afas_mailchimp_write_back import WriteBackOperator
from sandbox.client import Control

DEBTORS, CONTACTS, EXTRA = "Profit_Debtor_App", "Profit_Contacts_App", "Profit_Debtor_App_Extra"
LIST_ID = "a1b2c3d4e5"
JAN, PIET, KEES = "jan@korenaar.example", "piet@korenaar.example", "kees@korenaar.example"
START = "2026-06-02T08:00:00Z"

SYNC: dict[str, Any] = {
    "name": "customers",
    "schedule": None,
    "audience": {"list_id": LIST_ID},
    "consent": {"new_members": "subscribed", "basis": "existing customers"},
    "sources": {
        "debtors": {
            "connector": EXTRA,
            "key": "DebtorId",
            "modified": ["DateModified", "OrgModified"],
            "email": "Email",
            "filter": {"Blocked": False},
            "consent_field": {"field": "Nieuwsbrief", "yes": [True], "no": [False]},
            "tags": ["debiteur"],
            "merge_fields": {
                "COMPANY": "DebtorName",
                "PHONE": {"phone": "TelNr"},
                "ADDRESS": {"address": ["AddressLine1", "AddressLine3", "AddressLine4"]},
                "CREATED": {"date": "CreateDate"},
            },
        },
        "contacts": {
            "connector": CONTACTS,
            "key": "ContactId",
            "email": "MailWork",
            "filter": {"Type": "PRS", "Blocked": False},
            "merge_fields": {"FNAME": "Voornaam", "LNAME": "Achternaam", "PHONE": {"phone": "TelWork"}},
        },
    },
}


class Variables(dict[str, str]):
    """Airflow's Variables as far as a task sees them."""

    def read(self, key: str, default: object = None, **_: object) -> object:
        """As ``Variable.get``."""
        return super().get(key, default)

    def write(self, key: str, value: str, **_: object) -> None:
        """As ``Variable.set``."""
        self[key] = value

    def drop(self, key: str, **_: object) -> None:
        """As ``Variable.delete``."""
        self.pop(key, None)


@dataclass
class World:
    """One company's AFAS, one audience, and a sync between them."""

    afas: Control
    mailchimp: Control
    variables: Variables
    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SYNC))
    pushed: dict[str, Any] = field(default_factory=dict)
    back: dict[str, Any] = field(default_factory=dict)
    checked: dict[str, Any] | None = None
    """What the preflight of a run returned; a task that is run alone has none."""
    now: DateTime = field(default_factory=lambda: parse(START))

    @property
    def sync(self) -> SyncFile:
        """The sync as its file would give it."""
        return parse_sync(yaml.safe_dump(self.settings, sort_keys=False), file="customers.yaml")

    def at(self, moment: DateTime) -> None:
        """Set both clocks."""
        self.now = moment
        for service in (self.afas, self.mailchimp):
            service.call("clock", at=moment.in_timezone("UTC").to_iso8601_string())

    @property
    def just_now(self) -> str:
        """Five minutes ago, as AFAS writes it."""
        return self.now.subtract(minutes=5).in_timezone("Europe/Amsterdam").format("YYYY-MM-DDTHH:mm:ss")

    def preflight(self, **conf: Any) -> dict[str, Any]:
        """Run the first task."""
        task = PreflightOperator(task_id="preflight", sync=self.sync)
        return task.execute({"dag_run": SimpleNamespace(conf=conf, run_type="manual")})

    def run(self, *, scheduled: bool = False, **conf: Any) -> dict[str, Any]:
        """Run all tasks and answer the import's report; that of the write-back is in ``back``."""
        self.checked = self.preflight(**conf)
        try:
            if self.sync.write_back:
                self.back = self.write_back_only(scheduled=scheduled, **conf)
            return self.import_only(scheduled=scheduled, **conf)
        finally:
            self.checked = None

    def write_back_only(self, *, scheduled: bool = False, **conf: Any) -> dict[str, Any]:
        """Run the task between the two and answer its report; then some seconds go by."""
        self.pushed.clear()
        task = WriteBackOperator(task_id="write_back", sync=self.sync)
        try:
            report = task.execute(self._context(conf, scheduled=scheduled))
        finally:
            self.at(self.now.add(seconds=5))
        _adds_up(report)
        return report

    def _context(self, conf: dict[str, Any], *, scheduled: bool) -> dict[str, Any]:
        run = SimpleNamespace(conf=conf, run_type=DagRunType.SCHEDULED if scheduled else DagRunType.MANUAL)
        instance = SimpleNamespace(
            task_id="import_customers",
            try_number=1,
            xcom_push=lambda key, value: self.pushed.update({key: value}),
            xcom_pull=lambda task_ids, key="": self.checked if task_ids == "preflight" else self.pushed.get(key),
        )
        return {"params": conf, "dag_run": run, "ti": instance}

    def import_only(self, *, scheduled: bool = False, **conf: Any) -> dict[str, Any]:
        """Run the second task and answer the report; then an hour goes by."""
        self.pushed.pop(REPORT_KEY, None)
        task = ImportCustomersOperator(task_id="import_customers", sync=self.sync)
        try:
            report = task.execute(self._context(conf, scheduled=scheduled))
        finally:
            self.at(self.now.add(hours=1))
        _adds_up(report)
        return report

    @property
    def failed_report(self) -> dict[str, Any]:
        """The report that a run pushed before it failed at its end."""
        report: dict[str, Any] = self.pushed[REPORT_KEY]
        _adds_up(report)
        return report

    def debtor(self, key: str, email: str | None, **columns: Any) -> None:
        """Add a debtor that takes part unless said otherwise."""
        row = {"DebtorId": key, "Email": email, "DebtorName": f"Firma {key}", "Blocked": False, **columns}
        self.afas.call("insert", connector=EXTRA, row=row, at=self.just_now)

    def contact(self, key: int, email: str | None, **columns: Any) -> None:
        """Add a contact that takes part unless said otherwise."""
        row = {"ContactId": key, "MailWork": email, "Type": "PRS", "Blocked": False, **columns}
        self.afas.call("insert", connector=CONTACTS, row=row, at=self.just_now)

    def change(self, connector: str, key: str | int, **columns: Any) -> None:
        """Change a row behind a connector."""
        self.afas.call("update_row", connector=connector, key=key, set=columns, at=self.just_now)

    def members(self) -> dict[str, dict[str, Any]]:
        """Every member by lower-cased address."""
        return {member["email_address"].lower(): member for member in self.mailchimp.dump()["members"]}

    def statuses(self) -> dict[str, str]:
        """Status by address."""
        return {address: member["status"] for address, member in self.members().items()}

    def key_of(self, address: str) -> str:
        """Our key at a member."""
        return str(self.members()[address]["merge_fields"]["AFASID"])

    def writes(self) -> list[dict[str, Any]]:
        """Every write that had an effect."""
        writes: list[dict[str, Any]] = self.mailchimp.call("writes")["writes"]
        return writes

    def watermark(self, source: str = "debtors") -> str | None:
        """The watermark as the Variable holds it."""
        return self.variables.get(f"afas_mailchimp.customers.{source}.watermark")


def many(world: World, count: int = 40) -> None:
    """Load this many debtors."""
    for number in range(count):
        world.debtor(str(20000 + number), f"klant{number}@korenaar.example")
    world.run()


def member_id(address: str) -> str:
    """Mailchimp's id of an address, computed apart from the product."""
    return hashlib.md5(address.encode()).hexdigest()


def _adds_up(report: Mapping[str, Any]) -> None:
    outcomes = ("created", "updated", "unchanged", "unsubscribed", "skipped", "invalid", "rejected")
    for counts in report["sources"].values():
        assert counts["read"] == sum(counts[outcome] for outcome in outcomes)
