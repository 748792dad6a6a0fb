"""What is measured, with which limits. Each scenario gives figures; ratios are of times within one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from bench import model
from bench.figures import Figure
from bench.processes import measured
from bench.stand_ins import SlowStandIns
from bench.sync_file import CONNECTOR, WITH_CONSENT, sync, with_write_back, written

SEQUENTIAL_ROWS, FIRST_DEBTOR = 10_000, 10_001
SOURCES = 1
QUIET_CALLS, WRITE_BACK_CALLS = 3 * SOURCES + 4, 3


@dataclass
class Bench:
    """One run of the bench.

    :param rows: customers of the large scenarios.
    :param whole: measure the comparison in full length too, and the default number of connections.
    :param million: and a million customers.
    :param say: told what happens, a line each.
    """

    rows: int
    whole: bool
    million: bool
    say: Callable[[str], None]
    details: dict[str, Any] = field(default_factory=dict)

    def imported(self, sides: SlowStandIns, label: str, *arguments: str, **more: Any) -> dict[str, Any]:
        """Run the import once, and remember what it cost."""
        self.say(f"{label} …")
        sides.warm_up(CONNECTOR if "content" not in more else WITH_CONSENT)
        for side in (sides.afas, sides.mailchimp):
            side.clear_log()
        content = more.get("content") or sync(sides.said["list_id"])
        env = sides.environment(connections=more.get("connections", model.CONNECTIONS))
        path = written(content, sides.home)
        found = measured("bench.importer", path, sides.home / "variables.json", *arguments, env=env)
        found["peak_connections"] = sides.mailchimp.stats()["peak_in_flight"]
        found["peak_afas"] = sides.afas.stats()["peak_in_flight"]
        self.details[label] = found
        self.say(f"{label}: {found['wall']:.1f} s, {found['cpu']:.1f} s of CPU, {found['peak_mb']:.0f} MB")
        return found

    def measure(self) -> Iterator[Figure]:
        """Measure everything but Airflow itself."""
        small, large = 10_000, self.rows
        with SlowStandIns(small) as sides:
            little = self.imported(sides, f"full load of {small:,}")
        with SlowStandIns(large) as sides:
            load = self.imported(sides, f"full load of {large:,}")
            yield from self._load(load, large)
            sides.mailchimp.call("age_members")
            yield from self._in_sync(sides, large)
            yield from self._incremental(sides, large)
        yield from self._comparison(load["wall"], large)
        yield from self._write_back()
        if self.whole:
            with SlowStandIns(large) as sides:
                default = self.imported(sides, f"full load of {large:,}, 5 connections", connections=5)
            yield Figure("full load, default of 5 connections", default["wall"], None, "s")
        biggest, rows = load, large
        if self.million:
            rows = 1_000_000
            with SlowStandIns(rows) as sides:
                biggest = self.imported(sides, f"full load of {rows:,}")
        ratio = biggest["peak_mb"] / little["peak_mb"]
        yield Figure(f"peak memory, {rows:,} rows ÷ {small:,}", ratio, 1.5, note=f"{little['peak_mb']:.0f} MB before")
        yield Figure(f"peak memory, {rows:,} rows", biggest["peak_mb"], 300, "MB")
        cost = (biggest["wall"] / rows) / (little["wall"] / small)
        yield Figure(f"seconds a row, {rows:,} rows ÷ {small:,}", cost, None, note="1 is linear; start-up is in both")

    def _load(self, load: dict[str, Any], rows: int) -> Iterator[Figure]:
        preflight = model.calls(load["preflight_calls"]["afas"], load["preflight_calls"]["mailchimp"])
        bound = model.full_load(rows) + model.survey(rows) + preflight
        note = f"{load['wall']:.1f} s ÷ {bound:.1f} s"
        yield Figure("full load ÷ lower bound of the model", load["wall"] / bound, 1.05, note=note)
        yield Figure("CPU per 1,000 contacts", load["cpu"] / rows * 1000, 0.15, "s", "mapping, JSON and HTTP included")
        yield Figure("connections at once", load["peak_connections"], model.CONNECTIONS)
        yield Figure("AFAS calls at once", load["peak_afas"], model.AFAS_AT_ONCE)

    def _in_sync(self, sides: SlowStandIns, rows: int) -> Iterator[Figure]:
        again = self.imported(sides, "full reload, in sync", "full_reload")
        self.say("bare reading of both sides …")
        bare = measured("bench.bare", "read", rows, env=sides.environment())["wall"]
        self.details["bare reading"] = {"wall": bare}
        preflight = model.calls(again["preflight_calls"]["afas"], again["preflight_calls"]["mailchimp"])
        bound = max(model.survey(rows), model.members(rows)) + preflight
        yield Figure("full reload in sync, writes", again["written"], 0)
        note = f"{again['wall']:.1f} s ÷ {bound:.1f} s"
        yield Figure("full reload in sync ÷ lower bound of reading both sides", again["wall"] / bound, 1.3, note=note)
        note = f"÷ {bare:.1f} s, nothing but the calls and json.loads"
        yield Figure("full reload in sync ÷ bare reading", again["wall"] / bare, None, note=note)

    def _incremental(self, sides: SlowStandIns, rows: int) -> Iterator[Figure]:
        quiet = self.imported(sides, "incremental, nothing changed")
        yield Figure("incremental, 0 changes, API calls", _calls(quiet), QUIET_CALLS)
        # What changed is read again by the runs after it, for as long as they overlap: so the few come first.
        self._change(sides, 20)
        yield from self._changed(self.imported(sides, "incremental, 20 known"), rows, absent=False)
        self._change(sides, 19)
        self._insert(sides, rows)
        yield from self._changed(self.imported(sides, "incremental, 20 and one absent"), rows, absent=True)
        self._change(sides, 500)
        yield from self._changed(self.imported(sides, "incremental, 500 known"), rows + 1, absent=False)

    def _changed(self, run: dict[str, Any], members: int, *, absent: bool) -> Iterator[Figure]:
        count, pages = run["read"], ceil(members / 1000)
        batches = ceil(count / 500)
        most = (count + pages if absent else min(count, pages)) + batches + QUIET_CALLS
        name = f"incremental, {count} of {members:,}, {'one absent' if absent else 'all known'}"
        yield Figure(f"{name}, API calls", _calls(run), most, note=f"{run['mode']}, {run['written']} written")
        looked_up = count if absent or count <= pages else 0
        read = pages if absent or count > pages else 0
        bound = model.incremental(count, looked_up, read, batches, connections=model.CONNECTIONS)
        bound += model.calls(run["preflight_calls"]["afas"], run["preflight_calls"]["mailchimp"])
        note = f"{run['wall']:.1f} s ÷ {bound:.1f} s"
        yield Figure(f"{name} ÷ lower bound of those calls", run["wall"] / bound, 1.5, note=note)

    def _comparison(self, wall: float, rows: int) -> Iterator[Figure]:
        part = rows if self.whole else min(rows, SEQUENTIAL_ROWS)
        with SlowStandIns(0) as sides:
            self.say(f"the official client in a loop, {part:,} members …")
            loop = measured("bench.bare", "sequential", part, env=sides.environment())["wall"]
            self.details["official client in a loop"] = {"wall": loop, "rows": part}
        with SlowStandIns(0) as sides:
            self.say(f"a thread pool with nothing but the calls, {part:,} members …")
            pool = measured("bench.bare", "pool", part, env=sides.environment())["wall"]
            self.details["thread pool"] = {"wall": pool, "rows": part}
        scaled = loop * rows / part
        note = f"{wall:.1f} s ÷ {scaled:.0f} s" + ("" if part == rows else f", {loop:.1f} s for {part:,} of them")
        yield Figure("full load ÷ the official client in a loop", wall / scaled, 1 / 9, note=note)
        yield Figure(f"thread pool with nothing but {part:,} members", pool, None, "s")

    def _write_back(self) -> Iterator[Figure]:
        with SlowStandIns(100, slow=False) as sides:
            content = with_write_back(sides.said["list_id"])
            self.imported(sides, "full load with write-back", content=content)
            sides.mailchimp.call("age_members")
            self.imported(sides, "the run after it", content=content)
            quiet = self.imported(sides, "incremental with write-back, nothing changed", content=content)
        most = QUIET_CALLS + WRITE_BACK_CALLS
        yield Figure("incremental with write-back, 0 changes, API calls", _calls(quiet), most)

    def _change(self, sides: SlowStandIns, count: int) -> None:
        for place in range(count):
            # The name is the organisation's, which does not move the debtor's date: somebody touched the debtor too.
            name = {"DebtorName": f"Nieuwe naam {time.monotonic_ns()}", "DateModified": _now()}
            sides.afas.call("update_row", connector=CONNECTOR, key=str(FIRST_DEBTOR + place), set=name)
        _into_the_next_second()

    def _insert(self, sides: SlowStandIns, rows: int) -> None:
        row = {"DebtorId": str(FIRST_DEBTOR + rows), "DebtorName": "Nieuw", "Email": "nieuw@vergelijking.example"}
        sides.afas.call("insert", connector=CONNECTOR, row={**row, "Blocked": False}, at=_now())
        _into_the_next_second()


def _now() -> str:
    """As AFAS writes it."""
    return datetime.now(ZoneInfo("Europe/Amsterdam")).strftime("%Y-%m-%dT%H:%M:%S")


def _into_the_next_second() -> None:
    """A window ends before the second that AFAS's clock shows."""
    time.sleep(1.1)


def _calls(run: dict[str, Any]) -> int:
    return int(run["afas_calls"]) + int(run["mailchimp_calls"])
