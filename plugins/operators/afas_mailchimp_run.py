"""One import: survey, write, leave. Both kinds of run, full and incremental, apply the same decisions."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from afas_mailchimp.amsterdam_time import Window, first_window, next_window
from afas_mailchimp.audience import MemberStatus, Refusal
from afas_mailchimp.audience_index import AudienceIndex
from afas_mailchimp.decisions import Decider
from afas_mailchimp.errors import SafetyStop, TemporaryError
from afas_mailchimp.leaving import above_limit
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.report import Report
from afas_mailchimp.rows import Consent, RowFacts, RowReader
from afas_mailchimp.run_mode import BIG_RUN, State
from afas_mailchimp.survey import Survey
from afas_mailchimp.writing import Ending, Planned
from operators.afas_mailchimp_leave import Leaving
from operators.afas_mailchimp_neighbours import Neighbours
from operators.afas_mailchimp_reading import look_up, read_audience, read_rows
from operators.afas_mailchimp_writing import AudienceWriter

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Row
    from afas_mailchimp.settings import SyncFile
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

log = logging.getLogger(__name__)

MOST_RIVALS = 400
"""Addresses whose rivals are asked from AFAS one by one; for more, comparing everything is cheaper."""

PROGRESS_SECONDS = 5.0

READINGS_DIFFER_PERCENT = 2
"""How many rows may come, go or move while a full run reads AFAS twice; more means that a reading broke off."""


class TooBigError(Exception):
    """An incremental run is better done as a full reload. Raised before anything was written."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person or the schedule asked of this run.

    :param max_archive_percent: overrides the sync file's limit for this run.
    """

    dry_run: bool = False
    may_archive: bool = False
    max_archive_percent: float | None = None
    check_keys: bool = False


class ImportRun:
    """Brings one audience up to what AFAS says.

    :param state: what earlier runs left.
    """

    def __init__(
        self, sync: SyncFile, afas: AfasHook, mailchimp: MailchimpHook, state: State, options: Options
    ) -> None:
        self.sync, self.afas, self.mailchimp, self.state, self.options = sync, afas, mailchimp, state, options
        self.list_id = sync.audience.list_id
        self.report = Report(sync.sources)
        self.readers = {
            name: RowReader(source, name=name, rank=rank, erased=state.erased)
            for rank, (name, source) in enumerate(sync.sources.items())
        }
        self.index = AudienceIndex(
            tags=tuple(sync.merge_kinds),
            key_field=sync.audience.key_field,
            base_field=sync.audience.base_field,
            owner=sync.owner,
        )
        self.survey = Survey()
        self.decider = Decider(sync, self.index, self.survey)
        self.neighbours = Neighbours(afas, self.readers, self.index, self.survey, sync.owner)
        self.writer = AudienceWriter(mailchimp, self.decider, end=self._end, dry_run=options.dry_run)
        self.leave_out: set[Reason] = set()
        self._whole_audience = False
        self._said = time.monotonic()

    def close(self) -> None:
        """End the threads."""
        self.writer.close()

    def full(self) -> Mapping[str, datetime]:
        """Compare everything AFAS has with everything the audience has; write only differences.

        :return: the watermarks to confirm.
        """
        mark = first_window(self.afas.clock())
        for name, reader in self.readers.items():
            for _, facts in read_rows(self.afas, reader):
                self.survey.add(facts)
                self._progress("survey of %s: %d rows", name, self.survey.rows)
        self._read_audience()
        log.info("AFAS has %d rows, the audience %d members", self.survey.rows, len(self.index))
        if self.options.check_keys:
            self._refuse_lost_keys()
        self._opt_outs_first()
        self._write(self._again())
        if self.options.may_archive:
            self._leave()
        return dict.fromkeys(self.readers, mark)

    def incremental(self) -> Mapping[str, datetime]:
        """Handle the rows whose modified dates moved since the watermarks.

        :return: the watermarks to confirm.
        :raises TooBigError: comparing everything is cheaper; nothing was written.
        """
        now = self.afas.clock()
        windows = {
            name: next_window(self.state.watermarks[name], overlap=self.sync.overlap, now=now) for name in self.readers
        }
        rows = list(self._changed(windows))
        wanted = {facts.member_id: facts for _, facts in rows if not facts.reason}
        if wanted:
            self._know_members(wanted)
            unsettled = [facts for facts in wanted.values() if not self.neighbours.is_settled(facts)]
            if len(unsettled) > MOST_RIVALS:
                raise TooBigError
            rows += self.neighbours.rivals(unsettled)
            self.neighbours.whereabouts(unsettled)
        self._opt_outs_first()
        self._write(iter(rows))
        return {name: window.watermark for name, window in windows.items()}

    def _changed(self, windows: Mapping[str, Window]) -> Iterator[tuple[Row, RowFacts]]:
        for name, reader in self.readers.items():
            for row, facts in read_rows(self.afas, reader, windows[name]):
                if not self.survey.add(facts):
                    self.report.end(name, facts.key, Outcome.INVALID, Reason.KEY_NOT_UNIQUE)
                    continue
                if self.survey.rows > BIG_RUN:
                    raise TooBigError
                yield row, facts

    def _know_members(self, wanted: Mapping[str, RowFacts]) -> None:
        """Single look-ups where they are fewer calls than the whole audience, and every address turns out known."""
        count = self._member_count
        if len(wanted) <= max(count // 1000, 10):
            look_up(self.mailchimp, self.list_id, self.index, wanted, for_each=self.writer.for_each)
            if all(self.neighbours.is_settled(facts) for facts in wanted.values()):
                return
        self._read_audience()

    def _read_audience(self) -> None:
        read_audience(
            self.mailchimp, self.list_id, self.index, progress=lambda n: self._progress("audience: %d members", n)
        )
        self._whole_audience = True

    def _again(self) -> Iterator[tuple[Row, RowFacts]]:
        """Second reading of a full run; a row that changed since the survey waits for the next run."""
        for name, reader in self.readers.items():
            unseen = self.survey.rows_taking_part(name)
            changed = 0
            last = None
            for row, facts in read_rows(self.afas, reader):
                unseen.discard(facts.name)
                if facts.key and facts.key == last:
                    self.report.end(name, facts.key, Outcome.INVALID, Reason.KEY_NOT_UNIQUE)
                    continue
                last = facts.key
                if facts.reason is None and self.survey.address_of(facts.name) != facts.member_id:
                    self.report.end(name, facts.key, Outcome.SKIPPED, Reason.CHANGED_WHILE_READING)
                    changed += 1
                    continue
                yield row, facts
            if above_limit(len(unseen) + changed, self.survey.rows_of(name), READINGS_DIFFER_PERCENT):
                raise TemporaryError(
                    f"Two readings of {reader.source.connector} within one run differ in {len(unseen) + changed} rows: "
                    "one of them broke off. No watermark was moved."
                )

    def _opt_outs_first(self) -> None:
        """AFAS's no reaches Mailchimp before anything else, and the limits are measured before the first write."""
        lowered: list[str] = []
        creates = 0
        for member_id, claim in self.survey.claims():
            if claim.consent == Consent.NO:
                lowered += self.decider.opt_outs(member_id, claim)
            elif self.index.get(member_id) is None and not self.index.holders(claim.winner):
                creates += 1
        lowered = list(dict.fromkeys(lowered))
        limits = self.sync.limits
        if limits.max_created is not None and creates > limits.max_created:
            self._brake(
                Reason.LIMIT_CREATED,
                f"{creates} members would be created, more than max_created = {limits.max_created}",
            )
        if lowered and above_limit(len(lowered), self._mailable(), limits.max_unsubscribed_percent):
            self._brake(
                Reason.LIMIT_UNSUBSCRIBED,
                f"{len(lowered)} members would be unsubscribed, more than max_unsubscribed_percent = "
                f"{limits.max_unsubscribed_percent:g} of {self._mailable()}",
            )
        else:
            self.writer.opt_out(lowered)

    def _mailable(self) -> int:
        """Members of ours that can get mail; while only single members were looked up, all subscribers."""
        return self.index.mailable_ours() if self._whole_audience else self._member_count

    @functools.cached_property
    def _member_count(self) -> int:
        return self.mailchimp.audience(self.list_id).member_count

    def _write(self, rows: Iterable[tuple[Row, RowFacts]]) -> None:
        for row, facts in rows:
            self._write_row(row, facts)
            self._progress("written: %d rows done, %d changed", self.report.read, self.report.written)
        self.writer.finish()

    def _write_row(self, row: Row, facts: RowFacts) -> None:
        if facts.modified is None and not facts.reason:
            self.report.notice(Notice.NO_MODIFIED_DATE, facts.name)
        claim = self.survey.claim(facts.member_id) if facts.member_id else None
        values, notices = self.readers[facts.source].values(row) if not facts.reason else ((), ())
        decision = self.decider.decide(facts, claim, values)
        if decision.create and Reason.LIMIT_CREATED in self.leave_out:
            self.report.end(facts.source, facts.key, Outcome.SKIPPED, Reason.LIMIT_CREATED)
        elif claim is None:
            self.report.end(facts.source, facts.key, decision.outcome, decision.reason)
        else:
            if self.writer.opted_out.get(facts.member_id, Refusal.OTHER) is None:
                decision = replace(decision, known_status=MemberStatus.UNSUBSCRIBED)
            self.writer.write(Planned(facts, claim, values, decision, notices))

    def _end(self, ending: Ending) -> None:
        """One row is done; an opt-out counts only when it was really made."""
        row, outcome, reason = ending.row, ending.outcome, ending.reason
        if outcome == Outcome.UNSUBSCRIBED:
            if Reason.LIMIT_UNSUBSCRIBED in self.leave_out:
                outcome, reason = Outcome.SKIPPED, Reason.LIMIT_UNSUBSCRIBED
            else:
                refusals = [self.writer.opted_out.get(member_id, Refusal.OTHER) for member_id in ending.opt_out]
                refused = next((refusal for refusal in refusals if refusal), None)
                outcome, reason = (Outcome.REJECTED, refused) if refused else (outcome, reason)
        self.report.end(row.source, row.key, outcome, reason)
        self.report.adopted += ending.adopted
        for notice in ending.notices:
            self.report.notice(notice, row.name)

    def _brake(self, reason: Reason, sentence: str) -> None:
        self.leave_out.add(reason)
        self.report.problems.append(
            f"{sentence}. None of them is; all other changes are made. Check it, then raise the limit in the sync file."
        )

    def _refuse_lost_keys(self) -> None:
        """Our keys were there when the last run ended; if most are gone, somebody removed them."""
        members = [member for member_id, _ in self.survey.claims() if (member := self.index.get(member_id))]
        alive = [member for member in members if member.status != MemberStatus.ARCHIVED]
        keyed = sum(member.key is not None for member in alive)
        if above_limit(len(alive) - keyed, len(alive), 50):
            message = (
                f"{len(alive) - keyed} of {len(alive)} members that AFAS stands for have lost their key in merge field "
                f"{self.sync.audience.key_field}. Somebody emptied that field in Mailchimp. Nothing was written: put "
                "the keys back, or delete the sync's Variable 'fingerprint' to adopt the members anew."
            )
            raise SafetyStop(message)

    def _leave(self) -> None:
        Leaving(self.afas, self.mailchimp, self.sync, self.readers, self.index, self.survey, self.report).carry_out(
            override=self.options.max_archive_percent, dry_run=self.options.dry_run, for_each=self.writer.for_each
        )

    def _progress(self, text: str, *values: object) -> None:
        if time.monotonic() - self._said >= PROGRESS_SECONDS:
            self._said = time.monotonic()
            log.info(text, *values)
