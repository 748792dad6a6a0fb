"""Collects decisions into chunks and sends several at a time; a row ends when its write is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from afas_mailchimp.audience import BATCH_SIZE, Refusal
from afas_mailchimp.errors import SafetyStop
from afas_mailchimp.writing import Ending, Planned, ending
from operators.afas_mailchimp_chunks import ChunkResult, ChunkSender

if TYPE_CHECKING:
    from afas_mailchimp.decisions import Decider
    from hooks.mailchimp import MailchimpHook

Given = TypeVar("Given")
Got = TypeVar("Got")
Send = Callable[[Sequence[Planned]], ChunkResult]


class AudienceWriter:
    """Writes to one audience.

    :param end: called, always in the thread that uses the writer, for each row when its end is known.
    :param dry_run: decide and count, write nothing.
    """

    def __init__(
        self, mailchimp: MailchimpHook, decider: Decider, *, end: Callable[[Ending], None], dry_run: bool = False
    ) -> None:
        self.end, self.dry_run = end, dry_run
        self.opted_out: dict[str, Refusal | None] = {}
        self._sender = ChunkSender(mailchimp, decider)
        self._creates: list[Planned] = []
        self._updates: list[Planned] = []
        self._running: set[Future[ChunkResult]] = set()
        self._most = 2 * mailchimp.connections
        self._pool = ThreadPoolExecutor(max_workers=mailchimp.connections, thread_name_prefix="mailchimp")
        self._stop: str | None = None

    def write(self, planned: Planned) -> None:
        """Take in one row's decision; a full chunk leaves at once.

        :raises SafetyStop: an earlier chunk had an effect that none may have.
        """
        decision = planned.decision
        if self.dry_run or not (decision.create or decision.update or decision.set_tags):
            self.end(ending(planned))
        elif decision.create:
            self._creates.append(planned)
            if len(self._creates) >= BATCH_SIZE:
                self._creates = self._send(self._creates, self._sender.create)
        else:
            self._updates.append(planned)
            if len(self._updates) >= BATCH_SIZE:
                self._updates = self._send(self._updates, self._sender.update)

    def opt_out(self, member_ids: Iterable[str]) -> None:
        """Lower members to unsubscribed, one call each; how each ended is in ``opted_out`` (None = done)."""
        wanted = [member_id for member_id in dict.fromkeys(member_ids) if member_id not in self.opted_out]
        if self.dry_run:
            self.opted_out.update(dict.fromkeys(wanted))
        else:
            self.opted_out.update(zip(wanted, self.for_each(self._sender.opt_out, wanted), strict=True))

    def finish(self) -> None:
        """Send what is left and wait for every answer.

        :raises SafetyStop: a chunk had an effect that none may have.
        """
        while self._creates or self._updates or self._running:
            self._creates = self._send(self._creates, self._sender.create)
            self._updates = self._send(self._updates, self._sender.update)
            self._harvest()
        self._refuse_if_stopped()

    def close(self) -> None:
        """End the threads; what has not started does not start."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def for_each(self, call: Callable[[Given], Got], items: Sequence[Given]) -> list[Got]:
        """Make one call for each item, as many at a time as the connection allows."""
        return list(self._pool.map(call, items))

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
                self.end(each)
            for planned in result.again:
                self.write(planned)

    def _refuse_if_stopped(self) -> None:
        if self._stop:
            raise SafetyStop(self._stop)
