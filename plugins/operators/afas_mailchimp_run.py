"""One import: survey, write, leave. Both kinds of run, full and incremental, apply the same decisions."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from afas_mailchimp.amsterdam_time import first_window, next_window
from afas_mailchimp.audience import MergeValue
from afas_mailchimp.audience_index import AudienceIndex
from afas_mailchimp.decisions import Decider
from afas_mailchimp.errors import SafetyStop
from afas_mailchimp.forecast import Forecast
from afas_mailchimp.leaving import above_limit
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.progress import Phase
from afas_mailchimp.report import Report
from afas_mailchimp.retry_memory import due_now
from afas_mailchimp.rows import RowFacts, RowReader
from afas_mailchimp.run_mode import State
from afas_mailchimp.settings import FieldKind
from afas_mailchimp.survey import Survey, claim_of
from afas_mailchimp.write_back_values import filled_facts
from afas_mailchimp.writing import Ending, Planned
from operators.afas_mailchimp_both_sides import ROWS_BETWEEN, read_both_sides
from operators.afas_mailchimp_delivery import DeliveryAddresses
from operators.afas_mailchimp_gathering import Gathering
from operators.afas_mailchimp_leave import Leaving
from operators.afas_mailchimp_ledger import Ledger
from operators.afas_mailchimp_neighbours import Neighbours
from operators.afas_mailchimp_options import Options
from operators.afas_mailchimp_progress import Show, Teller
from operators.afas_mailchimp_reading import look_up, read_audience
from operators.afas_mailchimp_scene import Scene
from operators.afas_mailchimp_writing import AudienceWriter

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Row
    from afas_mailchimp.settings import SyncFile
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

log = logging.getLogger(__name__)


class ImportRun:
    """Brings one audience up to what AFAS says.

    :param state: what earlier runs left.
    :param note_unfinished: called once, before the first write that a kill could leave half done.
    :param show: told how far the run is.
    """

    def __init__(
        self,
        sync: SyncFile,
        afas: AfasHook,
        mailchimp: MailchimpHook,
        state: State,
        options: Options,
        *,
        note_unfinished: Callable[[], None],
        show: Show | None = None,
    ) -> None:
        self.sync, self.afas, self.mailchimp, self.state, self.options = sync, afas, mailchimp, state, options
        self.list_id = sync.audience.list_id
        self.report = Report(sync.sources, written_back=options.written_back)
        choices = self._choices()
        self.readers = {
            name: RowReader(
                source, name=name, rank=rank, erased=state.erased, choices=choices, back=sync.write_back.get(name)
            )
            for rank, (name, source) in enumerate(sync.sources.items())
        }
        self.deliveries = {
            name: DeliveryAddresses(afas, source, name)
            for name, source in sync.sources.items()
            if source.delivery_address
        }
        self.index = AudienceIndex(
            tags=tuple(sync.merge_kinds),
            key_field=sync.audience.key_field,
            base_field=sync.audience.base_field,
            owner=sync.owner,
            back=filled_facts(sync),
        )
        self.survey = Survey()
        self.ledger = Ledger(self.report)
        self.decider = Decider(sync, self.index, self.survey)
        self.scene = Scene(
            sync, afas, mailchimp, self.readers, self.index, self.survey, self.report, dry_run=options.dry_run
        )
        self.neighbours = Neighbours(self.scene)
        self.gathering = Gathering(self.scene, self.deliveries)
        self.writer = AudienceWriter(
            mailchimp, self.decider, ledger=self.ledger, note_unfinished=self._begin_unfinished, dry_run=options.dry_run
        )
        self.handled: set[str] = set()
        """Names of rows that were due for another try, and had it."""
        self.now: datetime | None = None
        self.members: int | None = None
        """Members with a key of this sync; None while only single members were looked up."""
        self.unfinished, self._note_unfinished = False, note_unfinished
        self.teller = Teller(show)

    def close(self) -> None:
        """End the threads."""
        self.writer.close()

    def full(self) -> Mapping[str, datetime]:
        """Compare everything AFAS has with everything the audience has; write only differences.

        :return: the watermarks to confirm.
        """
        self.now = self.options.now or self.afas.clock()
        read_both_sides(self.scene, self.deliveries.values(), self.teller)
        self._know_audience()
        log.info("AFAS has %d rows, the audience %d members", self.survey.rows, len(self.index))
        self.handled = set(self.state.retry)
        self._carry_out(self.gathering.again(self.ledger), whole=True)
        whole = (name for name in self.readers if name not in self.gathering.not_read_again)
        return dict.fromkeys(whole, first_window(self.now))

    def incremental(self) -> Mapping[str, datetime]:
        """Handle the rows whose modified dates moved since the watermarks, and those that have to do with them.

        :return: the watermarks to confirm.
        :raises TooBigError: comparing everything is cheaper; nothing was written.
        """
        self.now = now = self.options.now or self.afas.clock()
        windows = {
            name: next_window(self.state.watermarks[name], overlap=self.sync.overlap, now=now) for name in self.readers
        }
        self.handled = set(due_now(self.state.retry, now))
        rows = list(self.gathering.changed(windows, self.handled))
        refusing = self.gathering.refusing(now, self.state.watermarks)
        self._know_members([facts for _, facts in rows], [facts for _, facts in refusing])
        rows += self._lowering(refusing)
        rows += self.neighbours.complete([facts for _, facts in rows])
        for name, delivery in self.deliveries.items():
            delivery.load_for([facts.key for _, facts in rows if facts.source == name and not facts.reason])
        self._carry_out(iter(rows), whole=False)
        return {name: window.watermark for name, window in windows.items()}

    def _know_members(self, rows: list[RowFacts], refusing: list[RowFacts]) -> None:
        """Single look-ups where they are fewer calls than the whole audience, and tell enough."""
        keyed = [facts for facts in rows if facts.key]
        # Rows come in the order of their keys, and the newest is most likely the one that is not there yet.
        needed = dict.fromkeys(facts.member_id for facts in reversed(rows) if facts.member_id)
        wanted = dict.fromkeys((*needed, *(facts.member_id for facts in refusing if facts.member_id)))
        if not wanted and not keyed:
            return
        # Whose e-mail is gone can be found by key only, and a key cannot be looked up.
        by_key_only = self.state.unfinished or any(not facts.member_id for facts in keyed)
        # Mailchimp's own count lags minutes behind; what the last run left does not.
        pages = max(self._member_count, self.state.members or 0) // 1000
        if not by_key_only and len(wanted) <= max(pages, 10):
            there = look_up(
                self.mailchimp, self.list_id, self.index, tuple(wanted), needed=needed, for_each=self.writer.for_each
            )
            if there and all(self.neighbours.is_settled(facts) for facts in keyed):
                return
        self._read_audience()

    def _lowering(self, refusing: Iterable[tuple[Row, RowFacts]]) -> list[tuple[Row, RowFacts]]:
        """Of rows that say no, those that have somebody to lower."""
        lowers = self.decider.opt_outs
        return [each for each in refusing if lowers(each[1].member_id, claim_of(each[1])) and self.survey.add(each[1])]

    def _read_audience(self) -> None:
        rows = self.survey.rows
        read_audience(
            self.mailchimp,
            self.list_id,
            self.index,
            progress=lambda members: self.teller.tell(Phase.SURVEY, rows=rows, members=members),
            each_status=False,
        )
        self._know_audience()

    def _know_audience(self) -> None:
        self.ledger.forecast = Forecast(self.index.statuses())
        self._refuse_lost_keys()

    def _carry_out(self, rows: Iterable[tuple[Row, RowFacts]], *, whole: bool) -> None:
        leaving = Leaving(
            self.scene,
            for_each=self.writer.for_each,
            mailable=self._mailable,
            tell=functools.partial(self.teller.tell, Phase.LEAVING),
            override=self.options.max_archive_percent,
            whole=whole,
        )
        self._opt_outs_first()
        if self.options.may_archive:
            leaving.before_writing(self.ledger.lowered)
        self._write(rows)
        if self.options.may_archive:
            leaving.after_writing(self.writer.arrived, self.ledger.lowered)
        self.ledger.close(self.index, leaving.gone)
        if self.members is not None:
            self.members += self.report.count(Outcome.CREATED) + self.report.adopted - self.report.released

    def _opt_outs_first(self) -> None:
        """AFAS's no reaches Mailchimp before anything else, and the limits are measured before the first write."""
        lowered = [member_id for at, claim in self.survey.refusals() for member_id in self.decider.opt_outs(at, claim)]
        inherited = [found for at in self.decider.standing.left_with_opt_out() if (found := self.decider.inherited(at))]
        limits = self.sync.limits
        if limits.max_created is not None and (creates := self._creates()) > limits.max_created:
            self.ledger.brake(
                Reason.LIMIT_CREATED,
                f"{creates} members would be created, more than max_created = {limits.max_created}",
            )
        count = len({*lowered, *inherited})
        if count and above_limit(count, self._mailable(), limits.max_unsubscribed_percent):
            self.ledger.brake(
                Reason.LIMIT_UNSUBSCRIBED,
                f"{count} members would be unsubscribed, more than max_unsubscribed_percent = "
                f"{limits.max_unsubscribed_percent:g} of {self._mailable()}",
            )
            self.writer.may_opt_out = False
            return
        self.writer.opt_out(lowered)
        self.decider.lowered |= self.ledger.lowered

    def _creates(self) -> int:
        """Members that would be created: every address without a member whose winner comes in as a new one."""
        return sum(
            self.decider.way_in(member_id, claim).create is not None
            for member_id, claim in self.survey.claims()
            if not self.index.get(member_id) and not self.decider.standing.followed(claim.winner, member_id)
        )

    def _mailable(self) -> int:
        """Members of ours that can get mail; while only single members were looked up, all subscribers."""
        return self.index.mailable_ours() if self.ledger.forecast else self._member_count

    @functools.cached_property
    def _member_count(self) -> int:
        known = self.options.member_count
        return self.mailchimp.audience(self.list_id).member_count if known is None else known

    def _write(self, rows: Iterable[tuple[Row, RowFacts]]) -> None:
        following = iter(rows)
        while block := list(islice(following, ROWS_BETWEEN)):
            # One step for all rows of a block after the other: a processor is twice as fast at what it just did.
            values = [((), ()) if facts.reason else self._values(row, facts) for row, facts in block]
            claims = [self.survey.claim(facts.member_id) if facts.member_id else None for _, facts in block]
            planned = [
                Planned(facts, claim, value, self.decider.decide(facts, claim, value), notices)
                for (_, facts), claim, (value, notices) in zip(block, claims, values, strict=True)
            ]
            for each in planned:
                self._write_row(each)
            self.teller.tell(Phase.WRITING, rows=self.report.read, of=self.survey.rows, members=self.report.written)
        self.writer.finish()

    def _write_row(self, planned: Planned) -> None:
        facts, decision = planned.row, planned.decision
        if facts.modified is None and not facts.reason:
            self.report.notice(Notice.NO_MODIFIED_DATE, facts.name)
        if decision.create and Reason.LIMIT_CREATED in self.ledger.left_out:
            self.ledger.end(Ending(facts, Outcome.SKIPPED, Reason.LIMIT_CREATED))
        elif planned.claim is None:
            self.ledger.end(Ending(facts, decision.outcome, decision.reason))
        else:
            self.writer.write(planned)

    def _values(self, row: Row, facts: RowFacts) -> tuple[tuple[MergeValue, ...], tuple[Notice, ...]]:
        source, delivery = self.sync.sources[facts.source], self.deliveries.get(facts.source)
        address = delivery.value_for(facts.key) if delivery else None
        replaced = {source.delivery_address.merge_field: address} if source.delivery_address and address else {}
        return self.readers[facts.source].values(row, replaced=replaced)

    def _choices(self) -> dict[str, tuple[str, ...]]:
        """Allowed values of choice fields; asked only where one is mapped."""
        wanted = {tag for tag, kind in self.sync.merge_kinds.items() if kind == FieldKind.CHOICE}
        fields = self.mailchimp.merge_fields(self.list_id) if wanted else ()
        return {field.tag: field.choices for field in fields if field.tag in wanted}

    def _begin_unfinished(self) -> None:
        if not self.unfinished:
            self.unfinished = True
            self._note_unfinished()

    def _refuse_lost_keys(self) -> None:
        """Our keys were there when the last run ended; if most are gone, somebody removed them."""
        expected, self.members = self.state.members or 0, self.index.count_ours()
        if self.options.check_keys and above_limit(expected - self.members, expected, 50):
            message = (
                f"{expected - self.members} of {expected} members of this sync have lost their key in merge field "
                f"{self.sync.audience.key_field}, or are gone. Somebody emptied that field in Mailchimp, or deleted "
                "members for good. Nothing was written: put the keys back, or delete the sync's Variable 'fingerprint' "
                "to adopt the members anew."
            )
            raise SafetyStop(message)
