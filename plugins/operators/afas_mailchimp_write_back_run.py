"""One write-back: read which members changed, decide, write to AFAS, note in the audience what both sides have."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.errors import SafetyStop
from afas_mailchimp.member_key import parse_base, parse_member_key
from afas_mailchimp.member_news import MemberNews
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.report import Report
from afas_mailchimp.retry_memory import due_now
from afas_mailchimp.rows import RowReader
from afas_mailchimp.write_back import RowNow, SeenMember, WriteBackRules
from afas_mailchimp.write_back_settings import ABOUT_THE_OPT_OUT, DETAILS, Fact, is_merge_field
from operators.afas_mailchimp_write_back_notes import AudienceNotes, Note
from operators.afas_mailchimp_write_back_rows import rows_of_members
from operators.afas_mailchimp_write_back_sending import RecordWriter, RowPlan

if TYPE_CHECKING:
    from afas_mailchimp.retry_memory import Due
    from afas_mailchimp.settings import SyncFile
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=10)
"""How far before the watermark a reading starts: Mailchimp's filter is exclusive and its times are whole seconds."""

EVERY_STATUS = frozenset(MemberStatus) - {MemberStatus.ARCHIVED}


@dataclass(frozen=True, slots=True)
class BackOptions:
    """What was asked of a run.

    :param since: last watermark, UTC; None compares all members.
    :param raise_since: the last watermark also where all are compared: older sign-ups raise nothing.
    :param most: records that may be written, None for any number.
    """

    since: datetime | None
    raise_since: datetime | None
    most: int | None
    dry_run: bool = False


class WriteBackRun:
    """Brings facts of one audience into AFAS.

    :param erased: names of rows that were erased on request.
    :param retry: rows that AFAS refused before.
    """

    def __init__(
        self,
        sync: SyncFile,
        afas: AfasHook,
        mailchimp: MailchimpHook,
        options: BackOptions,
        *,
        erased: frozenset[str] = frozenset(),
        retry: Mapping[str, Due] = {},
    ) -> None:
        self.sync, self.afas, self.mailchimp, self.options, self.retry = sync, afas, mailchimp, options, retry
        self.list_id = sync.audience.list_id
        self.report = Report(sync.write_back)
        self.readers = {
            name: RowReader(sync.sources[name], name=name, rank=rank, erased=erased, back=sync.write_back.get(name))
            for rank, name in enumerate(sync.sources)
            if name in sync.write_back
        }
        self.rules = {
            name: WriteBackRules(back, sync.sources[name], raise_since=options.raise_since)
            for name, back in sync.write_back.items()
        }
        self.writer = RecordWriter(sync, afas, mailchimp, self.report, dry_run=options.dry_run)
        self.members_seen = self.echoes = self._echoes_written = 0
        self.handled: set[str] = set()
        self.now: datetime | None = None
        """Mailchimp's clock at the start: the next watermark."""

    def carry_out(self) -> None:
        """Read, decide, write. What went wrong for good is in ``report.problems``."""
        self.now = self.mailchimp.clock().replace(microsecond=0)
        self.handled = set(due_now(self.retry, self.now))
        members = {member.news.id: member for member in self._speaking()}
        self.echoes = self.members_seen - len(members)
        if not members:
            return
        log.info("%d members changed, %d of them may have something for AFAS", self.members_seen, len(members))
        plans, notes = self._decide(members.values())
        written = self._within_limit(plans)
        if written:
            self.writer.carry_out(plans)
        else:
            for plan in plans:
                self.report.end(plan.facts.source, plan.facts.key, Outcome.SKIPPED, Reason.LIMIT_WRITE_BACK)
            return
        AudienceNotes(self.sync, self.mailchimp, dry_run=self.options.dry_run).write(self._after(notes))

    @property
    def whole(self) -> bool:
        """Whether all members are compared: asked for, or since the member of a refused row may be anywhere by now."""
        return self.options.since is None or bool(self.handled)

    @property
    def echoes_written(self) -> int:
        """Values written that are what we last put there ourselves: none, unless a rule is wrong."""
        return self._echoes_written

    @property
    def refused(self) -> list[str]:
        """Names of rows that AFAS refused."""
        return self.writer.refused

    def _speaking(self) -> Iterator[SeenMember]:
        """Members that changed and may have something to say."""
        since = None if self.whole or self.options.since is None else self.options.since - OVERLAP
        pages = self.mailchimp.news(
            self.list_id, since=since, statuses=self._statuses(), tags=self._tags(), details=self._details()
        )
        for page in pages:
            for news in page:
                self.members_seen += 1
                member = self._seen(news)
                if self._speaks(member):
                    yield member

    def _speaks(self, member: SeenMember) -> bool:
        if any(rules.concerns_all_rows(member) for rules in self.rules.values()):
            return True
        rules = self.rules.get(member.key.source) if member.key and member.key.owner == self.sync.owner else None
        return rules is not None and rules.concerns_its_row(member)

    def _seen(self, news: MemberNews) -> SeenMember:
        values, audience = news.merge_fields, self.sync.audience
        return SeenMember(
            news, parse_member_key(values.get(audience.key_field, "")), parse_base(values.get(audience.base_field, ""))
        )

    def _decide(self, members: Iterable[SeenMember]) -> tuple[list[RowPlan], list[Note]]:
        plans: list[RowPlan] = []
        notes: list[Note] = []
        seen: dict[str, RowPlan] = {}
        for row, facts, member, own in rows_of_members(self.afas, self.readers, members, owner=self.sync.owner):
            back, reader = self.sync.write_back[facts.source], self.readers[facts.source]
            currents = {name: row[reader.at[field.current]] for name, field in back.fields.items()}
            decision = self.rules[facts.source].decide(RowNow(facts, currents), member, own=own)
            cells = {column: row[reader.at[column]] for record in back.records.values() for column in record.columns}
            plan = RowPlan(facts, member, decision, cells)
            if own and member.base:
                agreed = member.base.fields if decision.agreed is None else decision.agreed
                notes.append(Note(facts, member, agreed))
            before = seen.get(facts.name)
            if before is None:
                seen[facts.name] = plan
            else:
                # Two members speak for one row: the one with its key first, and every opt-out.
                names = {write.name for write in before.decision.writes}
                more = tuple(w for w in decision.writes if w.opts_out or w.name not in names)
                kept = tuple(w for w in before.decision.writes if w.name not in {m.name for m in more})
                seen[facts.name] = replace(before, decision=replace(before.decision, writes=(*kept, *more)))
        plans = list(seen.values())
        self._echoes_written = sum(map(_echoes_in, plans))
        return plans, notes

    def _within_limit(self, plans: Sequence[RowPlan]) -> bool:
        count, most = self.writer.count(plans), self.options.most
        if most is None or count <= most:
            return True
        self.report.problems.append(
            f"{count} AFAS records would be written, more than max_write_back = {most}. None of them is; look at a run "
            f"with dry_run, and if it is right run again with max_write_back = {count}."
        )
        # A dry run shows what it would be.
        return self.options.dry_run

    def _after(self, notes: Sequence[Note]) -> Iterator[Note]:
        """What both sides have once the writes are done: refused ones stay as they were."""
        for note in notes:
            agreed = {**note.agreed, **self.writer.agreed.get(note.facts.name, {})}
            yield replace(note, agreed=agreed)

    def _facts(self) -> set[str]:
        return {fact for back in self.sync.write_back.values() for fact in back.facts.values()}

    def _tags(self) -> tuple[str, ...]:
        own = (self.sync.audience.key_field, self.sync.audience.base_field)
        mapped = sorted({fact.partition(".")[0] for fact in self._facts() if is_merge_field(fact)})
        return (*mapped, *own)

    def _details(self) -> tuple[Any, ...]:
        return tuple(detail for fact, detail in DETAILS.items() if fact in self._facts())

    def _statuses(self) -> frozenset[MemberStatus]:
        """Only those that the mapping has something to say about."""
        facts = self._facts()
        if facts - ABOUT_THE_OPT_OUT - {Fact.BOUNCED, Fact.LAST_CHANGED}:
            return EVERY_STATUS
        wanted = {MemberStatus.UNSUBSCRIBED} if facts & ABOUT_THE_OPT_OUT else set()
        wanted |= {MemberStatus.CLEANED} if Fact.BOUNCED in facts else set()
        tables = [
            back.fields[name].table()
            for back in self.sync.write_back.values()
            for name, fact in back.facts.items()
            if fact == Fact.STATUS
        ]
        return frozenset(wanted | {MemberStatus(status) for table in tables for status in table})


def _echoes_in(plan: RowPlan) -> int:
    base = plan.member.base.fields if plan.member.base else {}
    return sum(write.agreed is not None and write.agreed in base.items() for write in plan.decision.writes)


def stop_for(report: Report) -> SafetyStop | None:
    """Why a run fails at its end."""
    return SafetyStop("\n".join(report.problems)) if report.problems else None


def elapsed(started: float) -> float:
    """Seconds since ``time.monotonic()`` was ``started``."""
    return round(time.monotonic() - started, 1)
