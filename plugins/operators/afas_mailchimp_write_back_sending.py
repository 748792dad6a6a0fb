"""Writes decisions to AFAS: one call for each record, opt-outs first; what AFAS refuses does not stop the others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from afas_mailchimp.errors import ConfigurationError, RefusedError
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.report import KEYS_LISTED
from afas_mailchimp.write_back import FieldWrite, Later, RowDecision, SeenMember, Written
from afas_mailchimp.write_back_targets import DoesNotFitError, convert, find_field, record_key, update_body

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Cell
    from afas_mailchimp.report import Report
    from afas_mailchimp.rows import RowFacts
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.updateconnector import UpdateField, Value
    from afas_mailchimp.write_back_settings import Record
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

log = logging.getLogger(__name__)

PROGRESS_EVERY = 100


@dataclass(frozen=True, slots=True)
class RowPlan:
    """A row with its decision.

    :param cells: the columns that name its records.
    """

    facts: RowFacts
    member: SeenMember
    decision: RowDecision
    cells: Mapping[str, Cell] = field(repr=False)


@dataclass(slots=True)
class _Record:
    """One AFAS record and what goes to it; several rows can stand for one record."""

    record: Record
    key: tuple[str, ...]
    writes: dict[str, tuple[str, FieldWrite, RowPlan]] = field(default_factory=dict)
    plans: list[RowPlan] = field(default_factory=list)

    def add(self, target: str, write: FieldWrite, plan: RowPlan) -> None:
        """Take in a value; an opt-out comes before all else, then the first row."""
        present = self.writes.get(target.casefold())
        if present is None or (write.opts_out and not present[1].opts_out):
            self.writes[target.casefold()] = (target, write, plan)
        if plan not in self.plans:
            self.plans.append(plan)

    @property
    def opts_out(self) -> bool:
        return any(write.opts_out for _, write, _ in self.writes.values())


class RecordWriter:
    """Writes to the records of one AFAS environment, and ends every row in the report."""

    def __init__(
        self, sync: SyncFile, afas: AfasHook, mailchimp: MailchimpHook, report: Report, *, dry_run: bool
    ) -> None:
        self.sync, self.afas, self.mailchimp, self.report, self.dry_run = sync, afas, mailchimp, report, dry_run
        self.refused: list[str] = []
        self.sentences: dict[str, str] = {}
        """What AFAS said, by name of the row."""
        self.records = 0
        self.fields: Counter[str] = Counter()
        self.written: list[str] = []
        """Names of rows that were written."""
        self.agreed: dict[str, dict[str, str]] = {}
        self._unfit: set[str] = set()

    def count(self, plans: Sequence[RowPlan]) -> int:
        """How many records would be written."""
        return len(self._records(plans))

    def carry_out(self, plans: Sequence[RowPlan]) -> None:
        """Write what was decided.

        :raises ConfigurationError: a field or a right is missing.
        :raises TemporaryError: AFAS cannot answer now; what was written stays, and is not written again.
        """
        records = sorted(self._records(plans).values(), key=lambda each: not each.opts_out)
        for number, record in enumerate(records, start=1):
            self._write(record)
            if number % PROGRESS_EVERY == 0:
                log.info("AFAS: %d of %d records", number, len(records))
        for plan in plans:
            self._end(plan)

    def _records(self, plans: Sequence[RowPlan]) -> dict[tuple[str, ...], _Record]:
        found: dict[tuple[str, ...], _Record] = {}
        for plan in plans:
            for name, record, key in self._targets(plan):
                for write in plan.decision.writes:
                    target = self.sync.write_back[plan.facts.source].fields[write.name].target(name)
                    if target:
                        entry = found.setdefault((record.update, *key), _Record(record, key))
                        entry.add(target, write, plan)
        return found

    def _targets(self, plan: RowPlan) -> Iterator[tuple[str, Record, tuple[str, ...]]]:
        for name, record in self.sync.write_back[plan.facts.source].records_of(plan.facts.kind).items():
            key = record_key(record, plan.cells)
            if key:
                yield name, record, key

    def _write(self, record: _Record) -> None:
        values: dict[str, Value] = {}
        sent: list[tuple[FieldWrite, RowPlan]] = []
        connector = self.afas.update_fields(record.record.update)
        for target, write, plan in record.writes.values():
            found = find_field(connector, target)
            if isinstance(found, str):
                raise ConfigurationError(f"write_back.{plan.facts.source}.fields.{write.name}: {found}.")
            try:
                values[found.id] = self._converted(write.value, plan, found)
            except DoesNotFitError:
                self._unfit.add(plan.facts.name)
                continue
            sent.append((write, plan))
        if not values:
            return
        self.records += 1
        if not self.dry_run:
            try:
                self.afas.update(record.record.update, update_body(record.record, record.key, values))
            except RefusedError as error:
                for plan in record.plans:
                    self._refuse(plan, str(error))
                return
        for write, plan in sent:
            self.fields[f"{plan.facts.source}.{write.name}"] += 1
            if write.agreed and not self.dry_run:
                self.agreed.setdefault(plan.facts.name, {})[write.agreed[0]] = write.agreed[1]
        self.written += [plan.facts.name for plan in record.plans if plan.facts.name not in self.written]

    def _converted(self, value: Written, plan: RowPlan, found: UpdateField) -> Value:
        if value == Later.OPTED_OUT_AT:
            moment: datetime | None = None
            if not self.dry_run:
                moment = self.mailchimp.opted_out_at(self.sync.audience.list_id, plan.member.news.id)
            return convert(moment or plan.member.news.last_changed, found)
        return convert(value, found)

    def _refuse(self, plan: RowPlan, sentence: str) -> None:
        name = plan.facts.name
        if name not in self.refused:
            self.refused.append(name)
            log.warning("%s: %s", name, sentence)
        if len(self.sentences) < KEYS_LISTED:
            self.sentences.setdefault(name, sentence)

    def _end(self, plan: RowPlan) -> None:
        facts, writes = plan.facts, plan.decision.writes
        for notice in plan.decision.notices:
            self.report.notice(notice, facts.name)
        outcome, reason = Outcome.UNCHANGED, None
        if writes and not list(self._targets(plan)):
            outcome, reason = Outcome.SKIPPED, Reason.NO_RECORD
        elif facts.name in self.refused:
            outcome, reason = Outcome.REJECTED, Reason.REFUSED_BY_AFAS
        elif facts.name in self._unfit and facts.name not in self.written:
            outcome, reason = Outcome.INVALID, Reason.DOES_NOT_FIT
        elif writes:
            outcome = Outcome.UNSUBSCRIBED if any(write.opts_out for write in writes) else Outcome.UPDATED
            if facts.name in self._unfit:
                self.report.list_key(Reason.DOES_NOT_FIT, facts.name)
        self.report.end(facts.source, facts.key, outcome, reason)
