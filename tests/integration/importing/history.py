"""Any history of both sides, with runs that are disturbed, raced or killed, and what must hold after each of them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, ClassVar
from unittest import mock

from airflow.sdk.exceptions import AirflowRescheduleException
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from afas_mailchimp.errors import SyncError
from sandbox.mailchimp.switches import CHOICES
from tests.integration.importing.history_afas import AfasActions
from tests.integration.importing.history_mailchimp import MailchimpActions
from tests.integration.importing.history_oracle import Oracle
from tests.integration.importing.history_reference import differences, held_back
from tests.integration.importing.history_rows import KEYS, PEOPLE, PERSONAL
from tests.integration.importing.history_world import Killed, history_world
from tests.integration.importing.world import CONTACTS, EXTRA, Variables, member_id

SWITCHES = tuple(
    (name, value)
    for name in (
        "tie_order",
        "unsorted_order",
        "identical_write_bumps",
        "tag_readd_bumps",
        "archived_opt_out",
        "batch_missing_status",
        "batch_archived",
        "batch_compliance",
        "batch_schema_errors",
        "batch_item_tags",
        "batch_status_if_new",
        "strip_text",
    )
    for value in CHOICES[name]
)
FAULTS = ("429", "403_empty", "500", "500_after", "503", "reset", "reset_after", "truncated", "html", "empty")
RACERS = ("unsubscribe", "archive", "clean", "forget", "sign_up", "readdress", "delete", "block")
HOURS = st.sampled_from([1, 1, 1, 1, 25, 24 * 8])
PLACE = st.one_of(
    st.tuples(st.integers(1, 18), st.just(False)),
    st.tuples(st.integers(1, 10), st.just(True)),
)
"""A call of a run: the n-th of all, or of those that write."""

FINGERPRINT = "afas_mailchimp.customers.fingerprint"
"""Which AFAS environment and audience the last run that ended well was of."""

COUNTED = ("archived", "moved", "returned", "adopted", "released")


def require(met: object, sentence: str) -> None:
    """What must hold; outside pytest an assert alone would not say what broke."""
    if not met:
        raise AssertionError(sentence)


class History(AfasActions, MailchimpActions):
    """People, marketers and AFAS users act; runs happen in between."""

    writes_back: ClassVar[bool] = False
    figures: ClassVar[Counter[str]] = Counter()
    before_end: ClassVar[Callable[[], None] | None] = None

    @initialize(
        dated=st.sampled_from([False, False, True]),
        new_members=st.sampled_from(["subscribed", "subscribed", "subscribed", "transactional", "pending"]),
        switches=st.lists(st.sampled_from(SWITCHES), max_size=3),
        loaded=st.booleans(),
    )
    def begin(self, dated: bool, new_members: str, switches: list[tuple[str, object]], loaded: bool):
        """Both sides nearly empty: a source without a single row would stop a run, rightly."""
        self.stack = ExitStack()
        self.world = self.stack.enter_context(history_world(new_members, writes_back=self.writes_back))
        for name, module in list(sys.modules.items()):
            if name.startswith("operators.") and getattr(module, "datetime", None) is datetime:
                self.stack.enter_context(mock.patch.object(module, "datetime", self.clock()))
        self.oracle = self.world.mailchimp.watcher = Oracle(self.world)
        self.dated, self.watermarks, self.held, self.braked = dated, dict[str, str](), set[str](), None
        for name, value in switches:
            if not (dated and name in {"batch_compliance", "strip_text"}):
                self.world.mailchimp.call("switch", name=name, value=value)
        self.world.debtor("99999", "vast@korenaar.example")
        self.world.contact(99, "ook.vast@korenaar.example")
        if loaded:
            for key, person in zip(KEYS[:3], PEOPLE, strict=False):
                self.world.debtor(key, person)
            self.world.contact(7, PEOPLE[3])
            self.go()
        self.figures["histories"] += 1

    def clock(self) -> type[datetime]:
        """The time of this world, for what asks the machine's own clock."""
        world = self.world

        class WorldTime(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return datetime.fromtimestamp(world.now.timestamp(), tz)

        return WorldTime

    def teardown(self):
        """Settle at the end of each history, and leave nothing behind."""
        if not hasattr(self, "stack"):
            return
        try:
            if sys.exception() is None:
                self.settle()
        finally:
            figures, world = self.figures, self.world
            figures["calls"] += world.afas.answered + world.mailchimp.answered
            figures["writes"] += self.oracle.writes
            for server in (world.afas, world.mailchimp):
                figures.update({f"fault {kind}": count for kind, count in server.struck.items()})
            self.stack.close()

    # Runs

    def go(self, *, hours: int = 1, **conf: Any) -> dict[str, Any]:
        """One run of a process of its own; then time goes by."""
        world, first = self.world, not self.world.variables
        self.figures["runs"] += 1
        try:
            if first or conf.get("scheduled"):
                world.preflight(**{name: value for name, value in conf.items() if name != "scheduled"})
            report = self.tasks(**conf)
        finally:
            world.lifeline.begin()
            world.at(world.now.add(hours=hours))
            self.oracle.end_of_run()
            self.look()
        self.private(json.dumps(report))
        return report

    def tasks(self, **conf: Any) -> dict[str, Any]:
        """What follows the preflight; answers the import's report."""
        return self.world.import_only(**conf)

    @rule(full=st.booleans(), scheduled=st.booleans(), hours=HOURS)
    def run(self, full: bool, scheduled: bool, hours: int):
        """An undisturbed run: nothing may stop it."""
        self.go(full_reload=full and not self.dated, scheduled=scheduled and not self.dated, hours=hours)

    @rule(
        kind=st.sampled_from(FAULTS),
        skip=st.integers(0, 14),
        count=st.sampled_from([1, 2, 5, 6, 13]),
        full=st.booleans(),
        mailchimp=st.booleans(),
    )
    def disturbed(self, kind: str, skip: int, count: int, full: bool, mailchimp: bool):
        """Some answers go wrong: few enough for the tries of a call, or too many."""
        server = self.world.mailchimp if mailchimp else self.world.afas
        server.fail(kind, skip=skip, count=count)
        try:
            self.go(full_reload=full and not self.dated)
        except (SyncError, AirflowRescheduleException):
            self.figures["runs that failed or were put off"] += 1
        finally:
            server.clear_faults()

    @rule(at=PLACE, after=st.booleans(), full=st.booleans(), full_after=st.booleans())
    def killed(self, at: tuple[int, bool], after: bool, full: bool, full_after: bool):
        """The process is killed at a call, before or after its effect; a plain run mends it."""
        self.world.lifeline.kill(at[0], writing=at[1], after=after)
        try:
            self.go(full_reload=full and not self.dated)
        except Killed:
            self.figures["kills"] += 1
            self.go(full_reload=full_after and not self.dated)

    @rule(
        at=PLACE,
        what=st.sampled_from(RACERS),
        address=st.sampled_from(PEOPLE),
        key=st.sampled_from(KEYS),
        full=st.booleans(),
    )
    def raced(self, at: tuple[int, bool], what: str, address: str, key: str, full: bool):
        """Somebody acts right before a call of a run."""
        if self.dated and what not in {"unsubscribe", "archive", "clean", "readdress"}:
            return

        def act() -> None:
            self.figures["races"] += 1
            self.oracle.disturbed = True
            if what != "readdress":
                self.held.add("what people do in Mailchimp, only a full reload sees")
            if what == "readdress":
                self.change(EXTRA, key, touch=True, ago=0, Email=address)
            elif what == "block":
                self.change(EXTRA, key, touch=True, ago=0, Blocked=True)
            elif what == "delete":
                self.delete(key)
            elif what == "sign_up":
                self.sign_up(address)
            else:
                self.lower(address, what)

        self.world.lifeline.act(at[0], act, writing=at[1])
        try:
            self.go(full_reload=full and not self.dated)
        except SyncError:
            self.figures["runs that stopped for a race"] += 1

    @rule()
    def predicted(self):
        """A dry run tells what the run after it does, and does nothing itself."""
        conf = {"full_reload": not self.dated}
        before = (self.oracle.writes, dict(self.world.variables))
        foretold = self.go(dry_run=True, hours=0, **conf)
        require(before == (self.oracle.writes, dict(self.world.variables)), "a dry run wrote something")
        done = self.go(**conf)
        if not done["rejected"] and foretold["mode"] == done["mode"]:
            one, other = _counts(foretold), _counts(done)
            require(one == other, f"the dry run foretold {one}, the run did {other}")

    @rule()
    def settle(self):
        """Nothing is left to write once everything was compared; then the audience is what the rules say."""
        if FINGERPRINT not in self.world.variables:
            # Until a run has ended well nobody knows whose audience it is, so the first that does archives nothing.
            self.go()
        if self.dated:
            # Every change had a date, so incremental runs saw all of them.
            self.release()
            self.go()
        else:
            self.go(full_reload=True)
        writes = self.oracle.writes
        report = self.go(full_reload=True)
        if not (self.dated and (report["rejected"] or self.held)):
            after = "incremental runs" if self.dated else "a full reload"
            require(report["written"] == 0, f"{after} left something for a full reload: {_gist(report)}")
            require(writes == self.oracle.writes, "a full reload that reports nothing wrote something")
        found = differences(self.oracle)
        require(not found, f"the audience is not what it must be: {found}")
        self.figures["settled"] += 1

    def release(self) -> None:
        """Let Mailchimp take everybody again, and wait until each refused row is due for another try."""
        if self.braked is None:
            return
        if self.world.now > self.braked.add(hours=36):
            self.held.add("what was refused for ten days is given up, and listed")
        self.world.mailchimp.service._audience.many_lists.clear()
        self.go(hours=24 * 8)
        self.braked = None

    # What holds after each step

    def look(self) -> None:
        """What holds after each run, also after one that failed."""
        require(not self.oracle.faults, "\n".join(self.oracle.faults))
        for name, value in self.world.variables.items():
            if name.endswith("watermark"):
                require(self.watermarks.get(name, "") <= value, f"{name} went back")
                self.watermarks[name] = value
        # Whose place another row's no kept empty, nobody can find once that row is elsewhere: only a full reload does.
        self.held |= held_back(self.oracle)
        self.private(json.dumps(dict(self.world.variables)))
        self.private("\n".join(self.world.log))
        self.world.log.clear()

    def private(self, text: str) -> None:
        """Nothing that was kept or told names a person."""
        hits = [part for part in (*PERSONAL, *map(member_id, PEOPLE)) if part in text]
        require(not hits, f"personal data in {text[:400]}")

    def check_invariants(self, *args: Any, **more: Any) -> None:
        """Count steps; what must hold is looked at after each run."""
        self.figures["steps"] += 1
        super().check_invariants(*args, **more)


def _counts(report: dict[str, Any]) -> dict[str, Any]:
    outcomes = ("read", "created", "updated", "unchanged", "unsubscribed", "skipped", "invalid")
    sources = {name: {each: counts[each] for each in outcomes} for name, counts in report["sources"].items()}
    return {**sources, **{name: report[name] for name in COUNTED}}


def _gist(report: dict[str, Any]) -> str:
    names = ("sources", *COUNTED, "notices", "keys", "problems")
    return json.dumps({name: report[name] for name in names})


__all__ = ["CONTACTS", "History", "Variables"]
