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
from afas_mailchimp.erasure import Answer, Request, Target, audiences, carries, remarks
from afas_mailchimp.errors import RefusedError
from afas_mailchimp.rows import RowReader
from hooks.afas import AfasHook
from hooks.mailchimp import MailchimpHook
from operators.afas_mailchimp_erase_mark import mark_in_afas
from operators.afas_mailchimp_reading import read_by_key, read_rivals
from operators.afas_mailchimp_state import note_erased

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Person:
    """Who is erased, as far as it is known; lives in memory only.

    :param addresses: by subscriber hash.
    :param holders: hashes of members that carry the key, by audience.
    """

    rows: int = 0
    addresses: dict[str, str] = field(default_factory=dict, repr=False)
    holders: dict[str, list[str]] = field(default_factory=dict, repr=False)
    other_keys: set[str] = field(default_factory=set)


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
        person = self._find()
        certificate: dict[str, Any] = {
            "dry_run": self.request.dry_run,
            "moment": now.isoformat(timespec="seconds"),
            "source": self.request.source,
            "key": self.request.key,
            "rows_in_afas": person.rows,
            "audiences": [self._erase(target, person) for target in audiences(self.syncs, self.request.source)],
            "other_keys": sorted(person.other_keys),
            "mark_in_afas": [
                found for sync in self.asked for found in mark_in_afas(sync, self.afas(sync), self.request)
            ],
        }
        certificate["remarks"] = remarks(certificate)
        return certificate

    def _find(self) -> Person:
        """Look for the person's addresses: in AFAS by key, and at members that carry the key."""
        person = Person()
        for sync in self.asked:
            for _, facts in read_by_key(self.afas(sync), self._reader(sync, self.request.source), [self.request.key]):
                person.rows += 1
                if facts.member_id:
                    person.addresses[facts.member_id] = facts.address
        for target in audiences(self.syncs, self.request.source):
            if target.owners:
                holders = person.holders.setdefault(target.list_id, [])
                for member_id, address in self._holders(target):
                    holders.append(member_id)
                    person.addresses.setdefault(subscriber_hash(address), address)
        if person.addresses:
            person.other_keys.update(self._neighbours(person.addresses))
        return person

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
        for sync in self.syncs:
            for source in sync.sources:
                for _, facts in read_rivals(self.afas(sync), self._reader(sync, source), list(addresses.values())):
                    if facts.member_id in addresses and facts.name != self.request.name:
                        yield facts.name

    def _erase(self, target: Target, person: Person) -> dict[str, Any]:
        holders = person.holders.get(target.list_id, [])
        # Those with the key last: while one is left, a run that was killed finds the address again by it.
        ids = [each for each in person.addresses if each not in holders] + holders
        answers: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        for member_id in ids:
            try:
                answers[self._delete(target, member_id)] += 1
            except RefusedError as error:
                answers[Answer.REFUSED] += 1
                reasons[error.refusal] += 1
        log.info("Audience %s: %s", target.list_id, dict(answers))
        return {
            "list_id": target.list_id,
            "syncs": list(target.syncs),
            "found_by_key": len(holders),
            "looked_for_by_address": len(ids) - len(holders),
            "answers": dict(sorted(answers.items())),
            **({"refused_because": dict(sorted(reasons.items()))} if reasons else {}),
        }

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
