"""Notes in the audience what both sides have, so that the next change of a subscriber can be told from AFAS's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afas_mailchimp.audience import BATCH_SIZE
from afas_mailchimp.audience_index import AudienceIndex
from afas_mailchimp.decision import Decision
from afas_mailchimp.decisions import Decider
from afas_mailchimp.errors import SafetyStop
from afas_mailchimp.outcomes import Outcome
from afas_mailchimp.survey import Survey, claim_of
from afas_mailchimp.values import replace
from afas_mailchimp.write_back import ADDRESS_KEY
from afas_mailchimp.writing import Planned
from operators.afas_mailchimp_chunks import ChunkSender

if TYPE_CHECKING:
    from afas_mailchimp.rows import RowFacts
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.write_back import SeenMember
    from hooks.mailchimp import MailchimpHook


@dataclass(frozen=True, slots=True)
class Note:
    """A member with its own row, and what it and AFAS agree on.

    :param agreed: digests of values by digest of the fact.
    """

    facts: RowFacts
    member: SeenMember
    agreed: Mapping[str, str]


class AudienceNotes:
    """Writes base fields, with every check that an update of the import has; never a status."""

    def __init__(self, sync: SyncFile, mailchimp: MailchimpHook, *, dry_run: bool) -> None:
        self.sync, self.dry_run = sync, dry_run
        audience = sync.audience
        index = AudienceIndex(tags=(), key_field=audience.key_field, base_field=audience.base_field, owner=sync.owner)
        self._sender = ChunkSender(mailchimp, Decider(sync, index, Survey()), {})

    def write(self, notes: Iterable[Note]) -> None:
        """Write those that differ from what the members carry.

        :raises SafetyStop: an answer showed an effect that none may have.
        """
        planned = [] if self.dry_run else list(self._planned(notes))
        for start in range(0, len(planned), BATCH_SIZE):
            result = self._sender.update(planned[start : start + BATCH_SIZE])
            if result.stop:
                raise SafetyStop(result.stop)

    def _planned(self, notes: Iterable[Note]) -> Iterator[Planned]:
        for note in notes:
            base, news = note.member.base, note.member.news
            if base is None:
                continue
            fields = {fact: value for fact, value in note.agreed.items() if fact != ADDRESS_KEY}
            noted = replace(base, fields=fields, address=note.agreed.get(ADDRESS_KEY, base.address))
            if noted == base:
                continue
            decision = Decision(
                Outcome.UPDATED,
                update={self.sync.audience.base_field: str(noted)},
                known_status=news.status,
                known_opt_in=news.opted_in_at,
                base=noted,
            )
            # At the member's own address, which AFAS may have got from it just now.
            facts = replace(note.facts, member_id=news.id, address=news.address)
            yield Planned(facts, claim_of(facts), (), decision)
