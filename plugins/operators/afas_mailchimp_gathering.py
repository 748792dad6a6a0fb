"""The rows of a run: windows, rows due for another try and rows that say no; or everything, for the second time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from afas_mailchimp.errors import TemporaryError
from afas_mailchimp.leaving import above_limit
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.run_mode import BIG_RUN, sweep_is_due
from afas_mailchimp.writing import Ending
from operators.afas_mailchimp_neighbours import TooBigError
from operators.afas_mailchimp_reading import SECOND_THREADS, read_by_key, read_refusals, read_rows

if TYPE_CHECKING:
    from afas_mailchimp.amsterdam_time import Window
    from afas_mailchimp.getconnector import Row
    from operators.afas_mailchimp_delivery import DeliveryAddresses
    from operators.afas_mailchimp_ledger import Ledger
    from operators.afas_mailchimp_scene import Scene


READINGS_DIFFER_PERCENT = 2
"""How many rows may go or move while a full run reads AFAS twice; more means that a reading broke off."""

MOST_ASKED_AGAIN = 500
"""Rows that the second reading lacks and that are asked for by key."""


class Gathering:
    """Reads rows into a survey, each once.

    :param deliveries: delivery addresses of the sources that use them.
    """

    def __init__(self, scene: Scene, deliveries: Mapping[str, DeliveryAddresses]) -> None:
        self.scene, self.survey, self.deliveries = scene, scene.survey, deliveries
        self.not_read_again: set[str] = set()
        """Sources with rows that only the first of two readings saw: they may have changed, so the mark waits."""

    def changed(self, windows: Mapping[str, Window], due: Collection[str]) -> Iterator[tuple[Row, RowFacts]]:
        """Rows whose dates moved, rows whose delivery address moved, and rows that are due for another try.

        :param due: names (``debtors:10001``).
        :raises TooBigError: comparing everything is cheaper.
        """
        for name, reader in self.scene.readers.items():
            for row, facts in read_rows(self.scene.afas, reader, windows[name]):
                if not self.survey.add(facts):
                    self.scene.report.end(name, facts.key, Outcome.INVALID, Reason.KEY_NOT_UNIQUE)
                    continue
                if self.survey.rows > BIG_RUN:
                    raise TooBigError
                yield row, facts
            keys = {key for source, _, key in (entry.partition(":") for entry in due) if source == name}
            if name in self.deliveries:
                keys |= self.deliveries[name].changed(windows[name])
            unseen = sorted(key for key in keys if not self.survey.has_seen(f"{name}:{key}"))
            for row, facts in read_by_key(self.scene.afas, reader, unseen) if unseen else ():
                if self.survey.add(facts):
                    yield row, facts

    def refusing(self, now: datetime, watermarks: Mapping[str, datetime]) -> list[tuple[Row, RowFacts]]:
        """Rows that say no to mail, of sources whose consent column moves no date; not yet taken into the survey.

        :param now: AFAS's clock, aware.
        """
        found = []
        for name, reader in self.scene.readers.items():
            due = sweep_is_due(watermarks[name], now, every=self.scene.sync.consent.every)
            if not (self.scene.sync.sources[name].sweeps_consent and due):
                continue
            for row, facts in read_refusals(self.scene.afas, reader):
                counts = facts.reason in {None, Reason.FILTERED_OUT} and facts.member_id
                if counts and facts.consent == Consent.NO and not self.survey.has_seen(facts.name):
                    found.append((row, facts))
        return found

    def again(self, ledger: Ledger) -> Iterator[tuple[Row, RowFacts]]:
        """Second reading of a full run; a row that moved since the survey waits for the next run.

        :raises TemporaryError: the two readings differ too much: one of them broke off.
        """
        for name, reader in self.scene.readers.items():
            unseen = self.survey.unread(name)
            moved = again = 0
            last = None
            for row, facts in read_rows(self.scene.afas, reader, threads=SECOND_THREADS):
                again += 1
                number = unseen.discard(facts.name)
                if facts.key and facts.key == last:
                    self.scene.report.end(name, facts.key, Outcome.INVALID, Reason.KEY_NOT_UNIQUE)
                    continue
                last = facts.key
                if facts.reason is None and not self.survey.is_at(number, facts.member_id):
                    ledger.end(Ending(facts, Outcome.SKIPPED, Reason.CHANGED_WHILE_READING))
                    moved += 1
                    continue
                yield row, facts
            if 0 < len(unseen) <= MOST_ASKED_AGAIN:
                for row, facts in read_by_key(self.scene.afas, reader, unseen.keys()):
                    unseen.discard(facts.name)
                    yield row, facts
            if unseen:
                self.not_read_again.add(name)
            known = self.survey.rows_of(name)
            if above_limit(len(unseen) + moved, known, READINGS_DIFFER_PERCENT) or (known and not again):
                raise TemporaryError(
                    f"Two readings of {reader.source.connector} within one run differ in {len(unseen) + moved} rows: "
                    "one of them broke off. No watermark was moved."
                )
