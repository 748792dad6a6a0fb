"""Asks AFAS and Mailchimp about one row what an import would ask, and decides it by the same rules. Writes nothing."""

from __future__ import annotations

import logging
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from afas_mailchimp.decision import Decision
from afas_mailchimp.explanation import Inquired
from afas_mailchimp.leaving import find_leavers
from afas_mailchimp.outcomes import Outcome, Reason
from operators.afas_mailchimp_neighbours import TooBigError
from operators.afas_mailchimp_options import Options
from operators.afas_mailchimp_reading import read_by_key, read_rivals
from operators.afas_mailchimp_run import ImportRun
from operators.afas_mailchimp_state import load_state

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Row
    from afas_mailchimp.rows import RowFacts
    from afas_mailchimp.run_mode import State
    from afas_mailchimp.settings import SyncFile
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

MOST_MEMBERS = 25_000
"""Members up to which the whole audience is read to find a row's key at another address: some 25 calls."""

_LOUD = ("urllib3", "requests", "http.client", "airflow.providers.http", "mailchimp_marketing")


class Inquiry(ImportRun):
    """One row. A dry run of a single row, as it were, that keeps what it saw on the way."""

    def __init__(self, sync: SyncFile, afas: AfasHook, mailchimp: MailchimpHook, state: State) -> None:
        super().__init__(sync, afas, mailchimp, state, Options(dry_run=True), note_unfinished=_never)

    def ask(self, source: str, key: str) -> tuple[Inquired, str]:
        """Ask about one row.

        :return: what was found, and the row's address, which is in nothing else that this returns.
        """
        name, reader = f"{source}:{key}", self.readers[source]
        found = list(read_by_key(self.afas, reader, [key]))
        whole = self._member_count <= MOST_MEMBERS
        basic = Inquired(
            self.sync,
            name,
            None,
            whole=whole,
            due=self.state.retry.get(name),
            watermark=self.state.watermarks.get(source),
        )
        if not found:
            if whole:
                self._read_audience()
            return self._with_members(basic, ""), ""
        row, facts = found[0]
        basic = replace(basic, name=facts.name, due=self.state.retry.get(facts.name))
        self.survey.add(facts)
        self._see_rivals(facts)
        self._look_at_members(facts, whole=whole)
        # Too many neighbours: the next run compares everything, and this answer is about what was seen.
        with suppress(TooBigError):
            self.neighbours.complete([facts])
        decision = self._decided(row, facts, twice=len(found) > 1)
        claim = self.survey.claim(facts.member_id) if facts.member_id else None
        return (
            self._with_members(
                replace(
                    basic,
                    facts=facts,
                    twice=len(found) > 1,
                    claim=claim,
                    sharing=tuple(self.survey.names_at(facts.member_id)) if facts.member_id else (),
                    decision=decision,
                ),
                facts.member_id,
            ),
            facts.address,
        )

    def _see_rivals(self, facts: RowFacts) -> None:
        """All rows with its address: a run sees those that changed, and a person wants to know of any."""
        for reader in self.readers.values() if facts.member_id else ():
            for _, other in read_rivals(self.afas, reader, [facts.address]):
                if other.member_id == facts.member_id:
                    self.survey.add(other)

    def _look_at_members(self, facts: RowFacts, *, whole: bool) -> None:
        if whole:
            self._know_members([facts], [])
        elif facts.member_id and (member := self.mailchimp.member(self.list_id, facts.member_id)):
            self.index.add(member)

    def _decided(self, row: Row, facts: RowFacts, *, twice: bool) -> Decision:
        if twice:
            return Decision(Outcome.INVALID, Reason.KEY_NOT_UNIQUE)
        if delivery := self.deliveries.get(facts.source):
            delivery.load_for([facts.key])
        claim = self.survey.claim(facts.member_id) if facts.member_id else None
        values, _ = self._values(row, facts) if not facts.reason else ((), ())
        return self.decider.decide(facts, claim, values)

    def _with_members(self, found: Inquired, member_id: str) -> Inquired:
        holders = self.index.holders(found.name)
        # Only a row that was seen can have been seen to go; a row that AFAS does not show has gone for certain.
        leaving = find_leavers(self.index, self.survey, seen_only=found.facts is not None)
        seen = self.mailchimp.member(self.list_id, member_id) if member_id else None
        return replace(
            found,
            member=self.index.known(seen) if seen else None,
            last_changed=seen.last_changed if seen else None,
            elsewhere=tuple(holder for holder in holders if holder.id != member_id),
            leaver=next((leaver for leaver in leaving if leaver.name == found.name), None)
            if self.sync.archive_removed
            else None,
        )


def inquire(sync: SyncFile, source: str, key: str) -> tuple[Inquired, str]:
    """Ask about one row of a sync, over its own connections.

    :return: what was found, and the row's address.
    """
    from hooks.afas import AfasHook  # noqa: PLC0415 - heavy: only where it is asked
    from hooks.mailchimp import MailchimpHook  # noqa: PLC0415

    # This may run in a process that logs at DEBUG, and these would tell URLs.
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.WARNING))
    with (
        closing(AfasHook(sync.afas.connection)) as afas,
        closing(MailchimpHook(sync.audience.connection)) as mailchimp,
        closing(Inquiry(sync, afas, mailchimp, load_state(sync, forgiving=True))) as inquiry,
    ):
        return inquiry.ask(source, key)


def _never() -> None:
    raise AssertionError
