"""Erases one person: a tombstone first, then every member with the person's key or address, in every audience."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.email_address import subscriber_hash
from afas_mailchimp.erasure import Answer, Request, Target, audiences, carries, meant, remarks, spelling
from afas_mailchimp.errors import ConfigurationError, RefusedError
from afas_mailchimp.rows import RowReader
from hooks.afas import AfasHook
from hooks.mailchimp import MailchimpHook
from operators.afas_mailchimp_erase_mark import mark_in_afas
from operators.afas_mailchimp_reading import read_by_key, read_rivals
from operators.afas_mailchimp_state import note_erased

if TYPE_CHECKING:
    from afas_mailchimp.rows import RowFacts
    from afas_mailchimp.settings import SyncFile

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Person:
    """Who is erased, as far as it is known; lives in memory only.

    :param addresses: by subscriber hash.
    :param holders: hashes of members that carry the key, by audience.
    :param other_keys: names of other rows with one of the addresses.
    """

    rows: int = 0
    addresses: dict[str, str] = field(default_factory=dict, repr=False)
    holders: dict[Target, list[str]] = field(default_factory=dict, repr=False)
    other_keys: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Tally:
    """What happened in one audience."""

    by_key: int = 0
    by_address: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


class Erasure:
    """One erasure; a context manager that closes its connections.

    :param syncs: every sync there is: the person is erased from all their audiences.
    """

    def __init__(self, request: Request, syncs: Sequence[SyncFile]) -> None:
        self.request, self.syncs = request, syncs
        self.asked = [sync for sync in syncs if request.source in sync.sources]
        self._stack = ExitStack()
        self._afas: dict[str, AfasHook] = {}
        self._mailchimp: dict[str, MailchimpHook] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def check(self) -> None:
        """Make sure that the key means one row, spelled as AFAS spells it; nothing is written yet.

        :raises ConfigurationError: it does not.
        """
        places = {
            sync.name: (self.afas(sync).identity, sync.sources[self.request.source].key.casefold())
            for sync in self.asked
        }
        names, problems = meant(places, self.request.sync)
        self.asked = [sync for sync in self.asked if sync.name in names]
        for sync in self.asked:
            problem = spelling(self.request.key, (facts.key for facts in self._rows(sync)))
            problems += [problem] if problem and problem not in problems else []
        if problems:
            raise ConfigurationError("\n".join(problems))

    def leave_tombstones(self) -> list[str]:
        """Make every import of the source leave the row alone from now on; before anybody is deleted."""
        if not self.request.dry_run:
            for sync in self.asked:
                note_erased(sync, self.request.name)
        return [sync.name for sync in self.asked]

    def carry_out(self, *, now: datetime) -> dict[str, Any]:
        """Find the person and delete every member, or only count in a dry run.

        :return: the certificate: moments, keys, audiences and answers; never an address.
        """
        targets = audiences(self.syncs, [sync.name for sync in self.asked])
        person = self._find(targets)
        # First what may stop at a mistake in the sync file: a certificate of what was deleted must not get lost by it.
        marks = [found for sync in self.asked for found in mark_in_afas(sync, self.afas(sync), self.request)]
        tallies = {target: Tally() for target in targets}
        # Those with the key last, in all audiences: while one is left, a run that was killed finds everybody by it.
        for by_key in (False, True):
            for target in targets:
                self._erase(target, person, tallies[target], by_key=by_key)
        certificate: dict[str, Any] = {
            "dry_run": self.request.dry_run,
            "moment": now.isoformat(timespec="seconds"),
            "source": self.request.source,
            "key": self.request.key,
            "rows_in_afas": person.rows,
            "audiences": [_told(target, tally) for target, tally in tallies.items()],
            "other_keys": sorted(person.other_keys),
            "mark_in_afas": marks,
        }
        certificate["remarks"] = remarks(certificate)
        return certificate

    def _find(self, targets: Sequence[Target]) -> Person:
        """Look for the person's addresses: in AFAS by key, and at members that carry the key."""
        person = Person()
        for sync in self.asked:
            for facts in self._rows(sync):
                person.rows += 1
                if facts.member_id:
                    person.addresses[facts.member_id] = facts.address
        for target in targets:
            if target.owners:
                holders = person.holders.setdefault(target, [])
                for member_id, address in self._holders(target):
                    holders.append(member_id)
                    person.addresses.setdefault(subscriber_hash(address), address)
        if person.addresses:
            person.other_keys.update(self._neighbours(person.addresses))
        return person

    def _rows(self, sync: SyncFile) -> Iterator[RowFacts]:
        """Rows that AFAS returns for the asked key."""
        for _, facts in read_by_key(self.afas(sync), self._reader(sync, self.request.source), [self.request.key]):
            yield facts

    def _holders(self, target: Target) -> Iterator[tuple[str, str]]:
        mailchimp = self.mailchimp(target.connection)
        for status in MemberStatus:
            for page in mailchimp.members(target.list_id, status=status, tags=target.key_fields):
                for member in page:
                    if carries(member, target, self.request):
                        address = mailchimp.address_of(target.list_id, member.id)
                        if address:
                            yield member.id, address

    def _neighbours(self, addresses: Mapping[str, str]) -> Iterator[str]:
        """Names of other rows with one of the addresses, in every source of every sync."""
        home = {self.afas(sync).identity for sync in self.asked}
        for sync in self.syncs:
            elsewhere = "" if self.afas(sync).identity in home else f" ({sync.name})"
            for source in sync.sources:
                for _, facts in read_rivals(self.afas(sync), self._reader(sync, source), list(addresses.values())):
                    if facts.member_id in addresses and (elsewhere or facts.name != self.request.name):
                        yield f"{facts.name}{elsewhere}"

    def _erase(self, target: Target, person: Person, tally: Tally, *, by_key: bool) -> None:
        holders = person.holders.get(target, [])
        ids = holders if by_key else [each for each in person.addresses if each not in holders]
        if by_key:
            tally.by_key = len(ids)
        else:
            tally.by_address = len(ids)
        for member_id in ids:
            try:
                tally.answers[self._delete(target, member_id)] += 1
            except RefusedError as error:
                tally.answers[Answer.REFUSED] += 1
                tally.reasons[error.refusal] += 1

    def _delete(self, target: Target, member_id: str) -> Answer:
        mailchimp = self.mailchimp(target.connection)
        if self.request.dry_run:
            there = mailchimp.member(target.list_id, member_id) is not None
            return Answer.WOULD_BE_DELETED if there else Answer.NOT_THERE
        return Answer.DELETED if mailchimp.delete_for_good(target.list_id, member_id) else Answer.NOT_THERE

    def afas(self, sync: SyncFile) -> AfasHook:
        """Return the hook of a sync's AFAS environment, one for all syncs that share the connection."""
        name = sync.afas.connection
        if name not in self._afas:
            self._afas[name] = self._stack.enter_context(closing(AfasHook(name)))
        return self._afas[name]

    def mailchimp(self, connection: str) -> MailchimpHook:
        """Return the hook of a Mailchimp account."""
        if connection not in self._mailchimp:
            self._mailchimp[connection] = self._stack.enter_context(closing(MailchimpHook(connection)))
        return self._mailchimp[connection]

    def _reader(self, sync: SyncFile, source: str) -> RowReader:
        # Without tombstones: the address of a row that was erased before is wanted here.
        return RowReader(sync.sources[source], name=source, rank=0)


def _told(target: Target, tally: Tally) -> dict[str, Any]:
    log.info("Audience %s: %s", target.list_id, dict(tally.answers))
    return {
        "list_id": target.list_id,
        "syncs": list(target.syncs),
        "found_by_key": tally.by_key,
        "looked_for_by_address": tally.by_address,
        "answers": dict(sorted(tally.answers.items())),
        **({"refused_because": dict(sorted(tally.reasons.items()))} if tally.reasons else {}),
    }
