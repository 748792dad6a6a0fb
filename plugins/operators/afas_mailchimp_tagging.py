"""Gives members the tags of their source, once on entry, and notes in their base that it was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afas_mailchimp.audience import MemberUpdate, Refusal
from afas_mailchimp.errors import RefusedError
from operators.afas_mailchimp_aftermath import VANISHED, Aftermath, ChunkResult
from operators.afas_mailchimp_halving import halving

if TYPE_CHECKING:
    from afas_mailchimp.decisions import Decider
    from afas_mailchimp.member_key import Base
    from afas_mailchimp.writing import Planned
    from hooks.mailchimp import MailchimpHook


@dataclass(frozen=True, slots=True)
class Tagging:
    """Tags of one audience."""

    mailchimp: MailchimpHook
    decider: Decider
    aftermath: Aftermath

    def set_tags(self, chunk: Sequence[tuple[Planned, Base]], result: ChunkResult) -> None:
        """Set the tags of each row's source, take away those of a source that it left, then note it in the base.

        A kill in between repeats it; the note comes last.

        :param chunk: rows, each with the base that its member has now.
        """
        list_id, sources = self.aftermath.list_id, self.decider.sync.sources
        for source in dict.fromkeys(planned.row.source for planned, _ in chunk):
            members = [(planned, base) for planned, base in chunk if planned.row.source == source]
            for tag in sources[source].tags:
                tag_id = self.mailchimp.tag_id(list_id, tag)
                self.mailchimp.add_to_tag(list_id, tag_id, [planned.row.address for planned, _ in members])
            for planned, _ in members:
                if planned.decision.drop_tags:
                    self._drop(planned)
            notes = {planned.row.member_id: self._noted(planned, base) for planned, base in members}
            answer = halving(lambda part: self.mailchimp.update_members(list_id, part), list(notes.values()))
            for refused in answer.refused:
                if refused.refusal == Refusal.STATUS_REQUIRED:
                    self.mailchimp.write_merge_fields(list_id, refused.id, notes[refused.id].merge_fields)
            for member in answer.created:
                self.aftermath.archive_again(member.id)
                result.stop = VANISHED.format(next(p.row.name for p, _ in members if p.row.member_id == member.id))

    def _drop(self, planned: Planned) -> None:
        try:
            self.mailchimp.remove_tags(self.aftermath.list_id, planned.row.member_id, planned.decision.drop_tags)
        except RefusedError as error:
            if error.refusal != Refusal.NOT_FOUND:
                raise

    def _noted(self, planned: Planned, base: Base) -> MemberUpdate:
        row = planned.row
        tagged = self.decider.fields.tagged(base, row.source)
        return MemberUpdate(row.member_id, row.address, {self.decider.sync.audience.base_field: str(tagged)})
