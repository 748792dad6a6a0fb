"""Erases members that were archived because their row had gone, once their term is over and a person says so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import is_leaver, row_name
from afas_mailchimp.erasure import CANNOT_BE_UNDONE, Answer, Request
from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.leavers import MOST_KEYS
from afas_mailchimp.member_key import MemberKey, parse_member_key
from afas_mailchimp.rows import RowReader
from hooks.afas import AfasHook
from hooks.mailchimp import MailchimpHook
from operators.afas_mailchimp_reading import read_by_key, read_rivals

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile


def erase_leavers(request: Request, syncs: Sequence[SyncFile], *, now: datetime) -> dict[str, Any]:
    """Erase everybody past the term of each sync that has one, or only count in a dry run.

    :return: the certificate: counts and AFAS keys.
    :raises ConfigurationError: no sync has a term, or the number that was confirmed is not the number there is; then
        nobody was erased.
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
            for sync in with_term
        }
        due = {sync.name: list(_due(sync, *hooks[sync.name], now=now)) for sync in with_term}
        total = sum(map(len, due.values()))
        if not request.dry_run and request.confirm != str(total):
            raise ConfigurationError(
                f"Run parameter 'confirm' must be {total}: so many are past their term now. {CANNOT_BE_UNDONE} Nobody "
                "was erased."
            )
        answers: dict[str, Counter[str]] = defaultdict(Counter)
        for sync in with_term:
            mailchimp = hooks[sync.name][1]
            for member_id, _ in due[sync.name]:
                answers[sync.name][_answer(request, mailchimp, sync.audience.list_id, member_id)] += 1
    return {
        "dry_run": request.dry_run,
        "moment": now.isoformat(timespec="seconds"),
        "archived": total,
        "syncs": {
            name: {
                "due": len(found),
                "keys": sorted(key for _, key in found)[:MOST_KEYS],
                "answers": dict(sorted(answers[name].items())),
            }
            for name, found in due.items()
        },
        "remarks": {"en": [CANNOT_BE_UNDONE]},
    }


def _answer(request: Request, mailchimp: MailchimpHook, list_id: str, member_id: str) -> Answer:
    if request.dry_run:
        return Answer.WOULD_BE_DELETED
    # Somebody may have come back since the list was made.
    member = mailchimp.member(list_id, member_id)
    if member is None or member.status != MemberStatus.ARCHIVED:
        return Answer.NOT_THERE
    return Answer.DELETED if mailchimp.delete_for_good(list_id, member_id) else Answer.NOT_THERE


def _due(sync: SyncFile, afas: AfasHook, mailchimp: MailchimpHook, *, now: datetime) -> Iterator[tuple[str, str]]:
    """Members past the term, without a row in AFAS under their key or their address."""
    list_id, term = sync.audience.list_id, sync.retention.archived_term
    found: dict[str, MemberKey] = {}
    for page in mailchimp.members(list_id, status=MemberStatus.ARCHIVED, tags=[sync.audience.key_field]):
        for member in page:
            key = parse_member_key(member.merge_fields.get(sync.audience.key_field, ""))
            old = term is not None and member.last_changed is not None and now - member.last_changed >= term
            if key and old and is_leaver(member.status, key, owner=sync.owner) and key.source in sync.sources:
                found[member.id] = key
    readers = {name: RowReader(source, name=name, rank=0) for name, source in sync.sources.items()}
    there: set[str] = set()
    for name, reader in readers.items():
        keys = [key.key for key in found.values() if key.source == name]
        there.update(facts.name for _, facts in (read_by_key(afas, reader, keys) if keys else ()))
    gone = {member_id: key for member_id, key in found.items() if row_name(key) not in there}
    addresses = [address for member_id in gone if (address := mailchimp.address_of(list_id, member_id))]
    for reader in readers.values() if addresses else ():
        for _, facts in read_rivals(afas, reader, addresses):
            gone.pop(facts.member_id, None)
    yield from ((member_id, row_name(key)) for member_id, key in gone.items())
