"""Erases members that were archived because their row had gone, once their term is over and a person says so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import is_leaver, row_name
from afas_mailchimp.erasure import CANNOT_BE_UNDONE, Answer, Request
from afas_mailchimp.errors import ConfigurationError, SafetyStop
from afas_mailchimp.leavers import MOST_KEYS
from afas_mailchimp.member_key import MemberKey, parse_member_key
from afas_mailchimp.rows import RowReader
from hooks.afas import AfasHook
from hooks.mailchimp import MailchimpHook
from operators.afas_mailchimp_reading import read_by_key, read_rivals

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile


Hooks = Mapping[str, tuple[AfasHook, MailchimpHook]]
"""Both sides of each sync, by its name."""

REMARKS = {
    "en": [
        CANNOT_BE_UNDONE,
        "No tombstones are left: whoever comes into AFAS again with another address is a new customer.",
    ],
    "nl": [
        "Wissen kan niet ongedaan worden gemaakt: Mailchimp weigert deze adressen voortaan.",
        "De sleutels worden niet uitgesloten: wie met een ander adres terugkomt in AFAS, is een nieuwe klant.",
    ],
}


def erase_leavers(request: Request, syncs: Sequence[SyncFile], *, now: datetime) -> dict[str, Any]:
    """Erase everybody past the term of each sync that has one, or only count in a dry run.

    :return: the certificate: counts and AFAS keys.
    :raises ConfigurationError: no sync has a term, or the number that was confirmed is not the number there is; then
        nobody was erased.
    :raises SafetyStop: AFAS shows no row at all of a source.
    """
    with_term = [sync for sync in syncs if sync.retention.archived_term]
    if not with_term:
        raise ConfigurationError("No sync file has retention.archived_term: nobody is ever due. Nothing was erased.")
    with ExitStack() as stack:
        hooks = {
            sync.name: (
                stack.enter_context(closing(AfasHook(sync.afas.connection))),
                stack.enter_context(closing(MailchimpHook(sync.audience.connection))),
            )
            for sync in syncs
        }
        due = {sync.name: _due(sync, syncs, hooks, now=now) for sync in with_term}
        total = sum(map(len, due.values()))
        if not request.dry_run and request.confirm != str(total):
            raise ConfigurationError(
                f"Run parameter 'confirm' must be {total}: so many are past their term now. {CANNOT_BE_UNDONE} Nobody "
                "was erased."
            )
        answers: dict[str, Counter[str]] = defaultdict(Counter)
        for sync in with_term:
            mailchimp = hooks[sync.name][1]
            for member_id in due[sync.name]:
                answers[sync.name][_answer(request, mailchimp, sync.audience.list_id, member_id)] += 1
    return {
        "dry_run": request.dry_run,
        "moment": now.isoformat(timespec="seconds"),
        "archived": total,
        "syncs": {
            name: {
                "due": len(found),
                "keys": sorted(map(row_name, found.values()))[:MOST_KEYS],
                "answers": dict(sorted(answers[name].items())),
            }
            for name, found in due.items()
        },
        "remarks": REMARKS,
    }


def _answer(request: Request, mailchimp: MailchimpHook, list_id: str, member_id: str) -> Answer:
    if request.dry_run:
        return Answer.WOULD_BE_DELETED
    # Somebody may have come back since the list was made.
    member = mailchimp.member(list_id, member_id)
    if member is None or member.status != MemberStatus.ARCHIVED:
        return Answer.NOT_THERE
    return Answer.DELETED if mailchimp.delete_for_good(list_id, member_id) else Answer.NOT_THERE


def _due(sync: SyncFile, syncs: Sequence[SyncFile], hooks: Hooks, *, now: datetime) -> dict[str, MemberKey]:
    """Members past the term without a row in AFAS under their key or their address, by subscriber hash.

    :raises SafetyStop: a source has no row at all: then everybody of it would seem to have gone.
    """
    afas, mailchimp = hooks[sync.name]
    found = dict(_past_term(sync, mailchimp, now=now))
    there: set[str] = set()
    for name, source in sync.sources.items():
        keys = [key.key for key in found.values() if key.source == name]
        if keys:
            if not any(afas.pages(source.connector, columns=[source.key], key=source.key, page_size=1)):
                raise SafetyStop(
                    f"AFAS returned no row at all for source {name} of sync {sync.name}, so who has left it cannot be "
                    "told. Check the rights of the app connector and the filter of its user. Nobody was erased."
                )
            there.update(facts.name for _, facts in read_by_key(afas, RowReader(source, name=name, rank=0), keys))
    gone = {member_id: key for member_id, key in found.items() if row_name(key) not in there}
    addresses = [address for each in gone if (address := mailchimp.address_of(sync.audience.list_id, each))]
    for other in syncs if addresses else ():
        # A forgotten address is forgotten for every sync that feeds the audience.
        if other.audience.list_id == sync.audience.list_id:
            for name, source in other.sources.items():
                for _, facts in read_rivals(hooks[other.name][0], RowReader(source, name=name, rank=0), addresses):
                    gone.pop(facts.member_id, None)
    return gone


def _past_term(sync: SyncFile, mailchimp: MailchimpHook, *, now: datetime) -> Iterator[tuple[str, MemberKey]]:
    key_field, term = sync.audience.key_field, sync.retention.archived_term
    for page in mailchimp.members(sync.audience.list_id, status=MemberStatus.ARCHIVED, tags=[key_field]):
        for member in page:
            key = parse_member_key(member.merge_fields.get(key_field, ""))
            old = term is not None and member.last_changed is not None and now - member.last_changed >= term
            if key and old and is_leaver(member.status, key, owner=sync.owner) and key.source in sync.sources:
                yield member.id, key
