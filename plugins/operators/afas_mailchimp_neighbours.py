"""What an incremental run asks beside its windows: other rows with an address, and where a member's own row is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import row_name
from afas_mailchimp.consent import CAN_OPT_OUT
from afas_mailchimp.rows import Consent
from operators.afas_mailchimp_reading import read_by_key, read_rivals

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Row
    from afas_mailchimp.rows import RowFacts
    from operators.afas_mailchimp_scene import Scene

MOST_RIVALS = 400
"""Addresses whose rivals are asked from AFAS one by one; for more, comparing everything is cheaper."""


class TooBigError(Exception):
    """An incremental run is better done as a full reload. Raised before anything was written."""


class Neighbours:
    """Completes a survey of windows, so that the same decisions fall as after a survey of everything."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.index, self.survey = scene, scene.index, scene.survey

    def is_settled(self, facts: RowFacts) -> bool:
        """Whether a living member at the address, and no other, has this very row's key: nobody else can want it."""
        holders = self.index.holders(facts.name)
        return [member.id for member in holders] == [facts.member_id] and holders[0].status != MemberStatus.ARCHIVED

    def complete(self, rows: Iterable[RowFacts]) -> list[tuple[Row, RowFacts]]:
        """Take in every row that has to do with these: rows with their addresses, rows of the members there, and so on.

        :return: the rows found that win an address, to take part in the run.
        :raises TooBigError: there are too many.
        """
        joined: list[tuple[Row, RowFacts]] = []
        asked: set[str] = set()
        todo = list(rows)
        while todo:
            places = {place: address for place, address in self._places(todo) if place not in asked}
            asked |= places.keys()
            if len(asked) > MOST_RIVALS:
                raise TooBigError
            found = [*self._rivals(places), *self._owners(places)] if places else []
            todo = [facts for _, facts in found]
            joined += found
        return [(row, facts) for row, facts in joined if not facts.reason and self._wins(facts)]

    def _places(self, rows: Iterable[RowFacts]) -> Iterator[tuple[str, str]]:
        """Addresses at which other rows matter, by subscriber hash."""
        for facts in rows:
            if facts.member_id and self._matters(facts):
                yield facts.member_id, facts.address
            for member in self.index.holders(facts.name):
                if member.id != facts.member_id and member.status != MemberStatus.ARCHIVED:
                    address = self.scene.mailchimp.address_of(self.scene.list_id, member.id)
                    if address:
                        yield member.id, address

    def _matters(self, facts: RowFacts) -> bool:
        if not facts.reason:
            return not self.is_settled(facts)
        member = self.index.get(facts.member_id)
        if member is None or member.status == MemberStatus.ARCHIVED:
            return False
        is_its_own = any(holder.id == member.id for holder in self.index.holders(facts.name))
        return is_its_own or (facts.consent == Consent.NO and member.status in CAN_OPT_OUT)

    def _rivals(self, places: Mapping[str, str]) -> Iterator[tuple[Row, RowFacts]]:
        for reader in self.scene.readers.values():
            for row, facts in read_rivals(self.scene.afas, reader, list(places.values())):
                if facts.member_id in places and self.survey.add(facts):
                    yield row, facts

    def _owners(self, places: Collection[str]) -> Iterator[tuple[Row, RowFacts]]:
        """Rows whose keys the members at these addresses carry, wherever they are now."""
        members = [member for place in places if (member := self.index.get(place))]
        keys = [member.key for member in members if member.key and member.key.owner == self.index.owner]
        unseen = {row_name(key): key for key in keys if not self.survey.has_seen(row_name(key))}
        for name, reader in self.scene.readers.items():
            wanted = [key.key for key in unseen.values() if key.source == name]
            for row, facts in read_by_key(self.scene.afas, reader, wanted) if wanted else ():
                if self.survey.add(facts):
                    yield row, facts

    def _wins(self, facts: RowFacts) -> bool:
        claim = self.survey.claim(facts.member_id)
        return claim is not None and claim.winner == facts.name
