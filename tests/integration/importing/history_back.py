"""The same histories with a write-back in front of each import, and what must hold on AFAS's side."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.sdk.exceptions import AirflowRescheduleException
from hypothesis.stateful import rule

from afas_mailchimp.errors import SyncError
from sandbox.wire import Request
from tests.integration.importing.history import History, require
from tests.integration.importing.history_rows import PHONES, rows_of
from tests.integration.importing.world import EXTRA


class AfasWatcher:
    """Sees every writing call to AFAS, and judges it by what both sides had when they last agreed.

    :param agreed: telephone number of a debtor, in one form, by key.
    """

    def __init__(self, history: BackHistory) -> None:
        self.history = history
        self.agreed: dict[str, str] = {}
        self.faults: list[str] = []
        self.writes = 0
        self._before: dict[str, dict[str, Any]] = {}

    def before(self) -> None:
        """A writing call begins."""
        self._before = self.history.debtors()

    def after(self, request: Request) -> None:
        """Judge what the call did."""
        now = self.history.debtors()
        if set(now) != set(self._before):
            self.faults.append("a debtor came or went by a write of ours")
        for key, row in now.items():
            was = self._before.get(key, row)
            changed = {name for name in row if row[name] != was[name]} - {"DateModified", "OrgModified"}
            self.writes += bool(changed)
            if strange := changed - {"Nieuwsbrief", "EmailOnjuist", "TelNr", "Email"}:
                self.faults.append(f"{request.method} changed {sorted(strange)} of {key}")
            if "Nieuwsbrief" in changed and row["Nieuwsbrief"] is not False:
                self.faults.append(f"consent of {key} was raised to {row['Nieuwsbrief']}")
            if "EmailOnjuist" in changed and row["EmailOnjuist"] is not True:
                self.faults.append(f"the bounce of {key} was taken back")
            if "TelNr" in changed and PHONES[was["TelNr"]] != self.agreed.get(key):
                self.faults.append(f"the number of {key} was changed in AFAS meanwhile, and overwritten")

    def look(self) -> None:
        """Remember on what both sides agree now."""
        members = {seen.row: seen for seen in self.history.oracle.sight().values() if seen.row}
        places = {row.name: row.place for row in rows_of(self.history.world.afas)}
        for key, row in self.history.debtors().items():
            seen, number = members.get(f"debtors:{key}"), PHONES[row["TelNr"]]
            if seen and seen.place == places[f"debtors:{key}"] and seen.fields.get("PHONE", "") == number:
                self.agreed[key] = number


class BackHistory(History):
    """Every run writes back first; a write-back that fails does not keep the import from running."""

    writes_back: ClassVar[bool] = True
    watching: AfasWatcher | None = None

    def debtors(self) -> dict[str, dict[str, Any]]:
        """Debtors as AFAS shows them, by key."""
        return {row["DebtorId"]: row for row in self.world.afas.call("rows", connector=EXTRA)}

    def tasks(self, **conf: Any) -> dict[str, Any]:
        """Both tasks, each a process of its own; answers the import's report."""
        world = self.world
        if self.watching is None:
            self.watching = world.afas.watcher = AfasWatcher(self)
        failed: SyncError | AirflowRescheduleException | None = None
        try:
            self.back = world.write_back_only(**conf)
            require(self.back["echoes"]["written"] == 0, "an echo was written to AFAS")
        except (SyncError, AirflowRescheduleException) as error:
            failed = error
        report = world.import_only(**conf)
        if failed:
            raise failed
        return report

    def teardown(self) -> None:
        """Count what was written to AFAS."""
        super().teardown()
        self.figures["writes to AFAS"] += self.watching.writes if self.watching else 0

    def look(self) -> None:
        """What holds on AFAS's side too."""
        super().look()
        if self.watching:
            require(not self.watching.faults, "\n".join(self.watching.faults))
            self.watching.look()

    def predicted(self) -> None:
        """A dry run cannot tell what an import does after a write-back that has not been done."""

    @rule()
    def settle(self) -> None:
        """Both sides are silent, and no opt-out is unknown to AFAS.

        One round more than without a write-back: a no of one row lowers the member, that goes back to every row with
        the address, and moves dates there, by which another row may win.
        """
        self.go(full_reload=not self.dated)
        super().settle()
        if self.dated:
            return
        writes = self.watching.writes if self.watching else 0
        self.go(full_reload=True)
        require(self.watching is None or self.watching.writes == writes, "AFAS was written to again")
        require(self.back["written"] == 0, f"the write-back did not fall silent: {self.back['fields']}")
        out = {seen.place for seen in self.oracle.sight().values() if seen.status == "unsubscribed"}
        rows, shown = rows_of(self.world.afas), self.debtors()
        for row in rows:
            source, _, key = row.name.partition(":")
            if source == "debtors" and row.takes_part and row.place in out:
                require(shown[key]["Nieuwsbrief"] is False, f"{row.name}: AFAS does not know of the opt-out")
