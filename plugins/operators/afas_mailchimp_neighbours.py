"""What an incremental run asks AFAS beside its windows: other rows with an address, and where a member's own row is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afas_mailchimp.audience_index import row_name
from operators.afas_mailchimp_reading import read_by_key, read_rivals

if TYPE_CHECKING:
    from afas_mailchimp.audience_index import AudienceIndex
    from afas_mailchimp.getconnector import Row
    from afas_mailchimp.rows import RowFacts, RowReader
    from afas_mailchimp.survey import Survey
    from hooks.afas import AfasHook


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Completes a survey of windows, so that the same decisions fall as after a survey of everything.

    :param owner: owner of the sync's keys.
    """

    afas: AfasHook
    readers: Mapping[str, RowReader]
    index: AudienceIndex
    survey: Survey
    owner: str

    def is_settled(self, facts: RowFacts) -> bool:
        """Whether the member at the address carries this very row's key: then no other row can want it."""
        member = self.index.get(facts.member_id)
        return bool(member and member.key and member.key.owner == self.owner and row_name(member.key) == facts.name)

    def rivals(self, unsettled: Sequence[RowFacts]) -> list[tuple[Row, RowFacts]]:
        """Ask for other rows with these rows' addresses; answers those that win an address, to take part in the run."""
        addresses = {facts.member_id: facts.address for facts in unsettled}
        found = []
        for reader in self.readers.values() if addresses else ():
            for row, facts in read_rivals(self.afas, reader, list(addresses.values())):
                if facts.member_id in addresses and self.survey.add(facts):
                    found.append((row, facts))
        return [(row, facts) for row, facts in found if not facts.reason and self._wins(facts)]

    def whereabouts(self, unsettled: Sequence[RowFacts]) -> None:
        """Ask for the rows whose keys the members at these addresses carry, gone or at another address now."""
        held = [member.key for facts in unsettled if (member := self.index.get(facts.member_id)) and member.key]
        for name, reader in self.readers.items():
            keys = [key.key for key in held if (key.owner, key.source) == (self.owner, name)]
            unknown = [key for key in dict.fromkeys(keys) if self.survey.address_of(f"{name}:{key}") is None]
            for facts in read_by_key(self.afas, reader, unknown) if unknown else ():
                self.survey.add(facts)

    def _wins(self, facts: RowFacts) -> bool:
        claim = self.survey.claim(facts.member_id)
        return claim is not None and claim.winner == facts.name
