"""Collects decisions into chunks and sends several at a time; a row ends when its write is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from afas_mailchimp.audience import BATCH_SIZE, MemberStatus, Refusal
from afas_mailchimp.errors import SafetyStop
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.values import replace
from afas_mailchimp.writing import Ending, Planned, ending
from operators.afas_mailchimp_aftermath import ChunkResult
from operators.afas_mailchimp_chunks import ChunkSender
from operators.afas_mailchimp_singles import SingleSender

if TYPE_CHECKING:
    from afas_mailchimp.decisions import Decider
    from hooks.mailchimp import MailchimpHook
    from operators.afas_mailchimp_ledger import Ledger

Given = TypeVar("Given")
Got = TypeVar("Got")
Send = Callable[[Sequence[Planned]], ChunkResult]

MOST_TRIES = 3
"""How often a row is decided anew in one run because its member keeps changing."""

READY = 3
"""Chunks that are made up while all connections are busy, and answers looked into: no connection waits for us. The
transport keeps the number of connections; a thread more than those waits there for the next free one."""

NOT_IN = frozenset({Outcome.SKIPPED, Outcome.INVALID, Outcome.REJECTED})
"""Ends of a row that has no member of its own afterwards."""


class AudienceWriter:
    """Writes to one audience.

    Rows come in first; then members change hands, since a row that takes a member over must not do so before the
    member's former row is elsewhere, with its opt-out if it has one.

    :param ledger: told, always in the thread that uses the writer, when the end of a row is known.
    :param note_unfinished: called once, before the first write that a kill could leave half done.
    :param dry_run: decide and count, write nothing.
    """

    def __init__(
        self,
        mailchimp: MailchimpHook,
        decider: Decider,
        *,
        ledger: Ledger,
        note_unfinished: Callable[[], None],
        dry_run: bool = False,
    ) -> None:
        self.mailchimp, self.decider, self.ledger, self.dry_run = mailchimp, decider, ledger, dry_run
        self.opted_out = ledger.opted_out
        self.may_opt_out = True
        self.arrived: set[str] = set()
        """Addresses where a row came in that has members at former ones."""
        self._note_unfinished = note_unfinished
        self._sender = ChunkSender(mailchimp, decider, ledger.opted_out)
        self._single = SingleSender(mailchimp, self._sender.aftermath, self._sender.tagging)
        self._creates: list[Planned] = []
        self._updates: list[Planned] = []
        self._deferred: list[Planned] = []
        self._running: set[Future[ChunkResult]] = set()
        workers = mailchimp.connections + READY
        self._most = workers + READY
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mailchimp")
        self._stop: str | None = None

    def write(self, planned: Planned) -> None:
        """Take in one row's decision; a full chunk leaves at once.

        :raises SafetyStop: an earlier chunk had an effect that none may have.
        """
        if planned.decision.inherits or planned.decision.takes_over_from:
            self._deferred.append(planned)
        else:
            self._route(planned)

    def opt_out(self, member_ids: Iterable[str]) -> None:
        """Lower members to unsubscribed, one call each; how each ended is in the ledger."""
        wanted = [member_id for member_id in dict.fromkeys(member_ids) if member_id not in self.opted_out]
        if self.dry_run:
            self.opted_out.update(dict.fromkeys(wanted))
        else:
            self.opted_out.update(zip(wanted, self.for_each(self._sender.opt_out, wanted), strict=True))

    def finish(self) -> None:
        """Send what is left and wait for every answer.

        :raises SafetyStop: a chunk had an effect that none may have.
        """
        self._drain()
        while self._deferred:
            waiting, self._deferred = self._deferred, []
            ready: list[Planned] = []
            for planned in waiting:
                (self._deferred if self._would_lose_opt_out(planned) else ready).append(planned)
            if not ready:
                held, self._deferred = self._deferred, []
                for planned in held:
                    self._ended(Ending(planned.row, Outcome.SKIPPED, Reason.HELD_BY_MOVED_ROW, planned.notices))
            if self.may_opt_out:
                self.opt_out(lowered for each in ready if each.decision.inherits for lowered in each.decision.opt_out)
            for planned in ready:
                self._change_hands(planned)
            self._drain()

    def close(self) -> None:
        """End the threads; what has not started does not start."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def for_each(self, call: Callable[[Given], Got], items: Sequence[Given]) -> list[Got]:
        """Make one call for each item, as many at a time as the connection allows."""
        return list(self._pool.map(call, items))

    def _route(self, planned: Planned) -> None:
        decision = planned.decision
        if decision.leaves_behind and decision.writes and not self.dry_run:
            self._note_unfinished()
        if self.dry_run or not decision.writes:
            self._ended(ending(planned))
        elif decision.create:
            self._creates.append(planned)
            if len(self._creates) >= BATCH_SIZE:
                self._creates = self._send(self._creates, self._sender.create)
        elif decision.move_from or decision.returns or decision.member_id:
            self._send([planned], self._single.send)
        else:
            self._updates.append(planned)
            if len(self._updates) >= BATCH_SIZE:
                self._updates = self._send(self._updates, self._sender.update)

    def _would_lose_opt_out(self, planned: Planned) -> bool:
        """Whether the member is the memory of an opt-out of a row that has not come in elsewhere (yet)."""
        former, decision = planned.decision.takes_over_from, planned.decision
        if former is None or decision.known_status != MemberStatus.UNSUBSCRIBED:
            return False
        at = self.decider.survey.address_of(former) or ""
        if at in self.arrived or self.decider.standing.is_at(former, at):
            return False
        there = self.decider.index.get(at)
        opted_out = there and (there.status == MemberStatus.UNSUBSCRIBED or there.id in self.ledger.lowered)
        return not opted_out

    def _change_hands(self, planned: Planned) -> None:
        """Let a member go over to another row, with the opt-out that comes along; not without it."""
        decision = planned.decision
        if decision.inherits:
            if any(self.opted_out.get(lowered, Refusal.OTHER) for lowered in decision.opt_out):
                self._ended(ending(replace(planned, decision=replace(decision, leaves_behind=()))))
                return
            planned = replace(planned, decision=replace(decision, known_status=MemberStatus.UNSUBSCRIBED))
        self._route(planned)

    def _ended(self, ended: Ending) -> None:
        if ended.decision and ended.decision.leaves_behind and ended.outcome not in NOT_IN:
            self.arrived.add(ended.row.member_id)
        if ended.decision and ended.decision.move_from and ended.outcome not in NOT_IN:
            self.decider.index.discard(ended.decision.move_from)
        self.ledger.end(ended)

    def _drain(self) -> None:
        while self._creates or self._updates or self._running:
            self._creates = self._send(self._creates, self._sender.create)
            self._updates = self._send(self._updates, self._sender.update)
            self._harvest()
        self._refuse_if_stopped()

    def _send(self, chunk: list[Planned], send: Send) -> list[Planned]:
        """Hand a chunk to the pool; the answer is the next, empty chunk."""
        while len(self._running) >= self._most:
            self._harvest()
        self._refuse_if_stopped()
        if chunk:
            self._running.add(self._pool.submit(send, chunk))
        return []

    def _harvest(self) -> None:
        done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            result = future.result()
            self._stop = self._stop or result.stop
            for each in result.endings:
                self._ended(each)
            for planned in result.stale:
                self._decide_anew(planned)

    def _decide_anew(self, planned: Planned) -> None:
        """Look up the members of a row again and decide it anew; after some tries it is left to a later run."""
        if planned.tries >= MOST_TRIES:
            self._ended(Ending(planned.row, Outcome.SKIPPED, Reason.CHANGED_WHILE_READING, planned.notices))
            return
        row, decision = planned.row, planned.decision
        for member_id in filter(None, (row.member_id, decision.move_from, decision.member_id)):
            member = self.mailchimp.member(self.decider.sync.audience.list_id, member_id)
            if member:
                self.decider.index.add(member)
            else:
                self.decider.index.discard(member_id)
        decision = self.decider.decide(row, planned.claim, planned.values)
        self.write(replace(planned, decision=decision, tries=planned.tries + 1))

    def _refuse_if_stopped(self) -> None:
        if self._stop:
            raise SafetyStop(self._stop)
