"""Which merge fields and tags of a member change: only differences, and only what the mapping names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from afas_mailchimp.audience import MergeValue
from afas_mailchimp.audience_index import AudienceIndex, KnownMember, row_name
from afas_mailchimp.member_key import Base, digest, field_digest
from afas_mailchimp.rows import RowFacts
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.standing import came_back_alone
from afas_mailchimp.values import replace
from afas_mailchimp.write_back_values import ComparedFact, compared_facts


class FieldChanges:
    """The mapping of one sync, applied to members.

    :param index: compares values by digest.
    """

    def __init__(self, sync: SyncFile, index: AudienceIndex) -> None:
        self.index = index
        self._mappings = {name: source.merge_fields for name, source in sync.sources.items()}
        self._only_when_empty = {
            name: [tag for tag, mapping in source.merge_fields.items() if mapping.only_when_empty]
            for name, source in sync.sources.items()
        }
        self._tags = {name: source.tags for name, source in sync.sources.items()}
        self._facts = {name: compared_facts(sync.write_back.get(name), source) for name, source in sync.sources.items()}
        self._records = {name: back.records_of for name, back in sync.write_back.items()}
        self._dates = {
            name: {tag for tag, mapping in source.merge_fields.items() if set(mapping.columns) <= set(source.modified)}
            for name, source in sync.sources.items()
        }
        self._tag_digests = {name: digest(*sorted(tags)) if tags else None for name, tags in self._tags.items()}

    def wanted(self, row: RowFacts, values: tuple[MergeValue, ...]) -> dict[str, MergeValue]:
        """The values of a row by merge tag."""
        return dict(zip(self._mappings[row.source], values, strict=True))

    def update(self, row: RowFacts, member: KnownMember, values: tuple[MergeValue, ...]) -> dict[str, MergeValue]:
        """What a member's merge fields lack to be what the row says."""
        mapping = self._mappings[row.source]
        wanted = self.wanted(row, values)
        if member.key and member.key.source != row.source:
            # Fields that only the former winner's source maps say nothing about this row.
            former = self._mappings.get(member.key.source, {})
            left = [tag for tag, field in former.items() if tag not in mapping and not field.only_when_empty]
            wanted.update(dict.fromkeys(left, ""))
        adopted = self.is_adopted(member)
        kept = self._subscribers(row, member, wanted)
        kept |= {tag for tag in self._only_when_empty[row.source] if not self.index.is_blank(member, tag)}
        if adopted:
            # What a marketer knew of an adopted member is not wiped out because AFAS knows nothing.
            kept |= {tag for tag, value in wanted.items() if value == ""}
        for tag in kept:
            wanted.pop(tag, None)
        update = self.index.differing(member, wanted)
        # A modified date travels with other changes, never alone: writing back to AFAS moves it.
        return {} if update.keys() <= self._dates[row.source] else update

    def agreed(
        self,
        row: RowFacts,
        member: KnownMember | None,
        values: tuple[MergeValue, ...],
        update: Mapping[str, MergeValue],
    ) -> dict[str, str]:
        """What both sides have once a write is done, for the base: digests by digest of the fact.

        :param member: None for one that is created with the row's values.
        :param update: what is written to it.
        """
        facts = self._facts[row.source]
        if not facts:
            return {}
        wanted = self.wanted(row, values)
        before = self._agreed_before(row, member) if member else {}
        found = {fact.key: before[fact.key] for fact in facts if fact.key in before}
        for fact in self._filled(row):
            afas = field_digest(fact.of_member(wanted[fact.tag]))
            if member is None or fact.tag in update or member.back.get(fact.fact) == afas:
                found[fact.key] = afas
        return found

    def _filled(self, row: RowFacts) -> Iterator[ComparedFact]:
        """Facts that are filled from a row and written back to it."""
        facts = self._facts[row.source]
        records = self._records[row.source](row.kind).keys() if facts else ()
        return (fact for fact in facts if fact.mapping and not fact.records.isdisjoint(records))

    def _subscribers(self, row: RowFacts, member: KnownMember, wanted: Mapping[str, MergeValue]) -> set[str]:
        """Merge tags that the subscriber changed and AFAS did not: they are on their way to AFAS."""
        if not self._facts[row.source] or member.id != row.member_id:
            return set()
        before = self._agreed_before(row, member)
        return {
            fact.tag
            for fact in self._filled(row)
            if fact.fact in member.back
            and fact.is_subscribers(
                member=member.back[fact.fact],
                afas=field_digest(fact.of_member(wanted[fact.tag])),
                base=before.get(fact.key),
            )
        }

    def _agreed_before(self, row: RowFacts, member: KnownMember) -> Mapping[str, str]:
        own = member.key is not None and member.base is not None and row_name(member.key) == row.name
        return member.base.fields if own and member.base else {}

    def overwritten(self, member: KnownMember, update: Mapping[str, MergeValue]) -> tuple[str, ...]:
        """Merge tags of an update whose present value is replaced or cleared; our own two fields are not counted."""
        return tuple(tag for tag in update if tag in self.index.tags and not self.index.is_blank(member, tag))

    def is_adopted(self, member: KnownMember) -> bool:
        """Whether the member was there before us, or came back without us."""
        return member.key is None or member.key.adopted or came_back_alone(member)

    def tag_digest(self, source: str) -> str | None:
        """Digest of a source's tags, None when it has none."""
        return self._tag_digests.get(source)

    def wants_tags(self, source: str, base: Base) -> bool:
        """Whether the tags that were set on entry are not those of this source.

        A tag that a marketer removed since is not noticed, on purpose.
        """
        return base.tags != self.tag_digest(source)

    def foreign_tags(self, source: str, base: Base | None) -> tuple[str, ...]:
        """Tags that another source of this sync set, and this one does not."""
        if base is None or base.tags is None or base.tags == self.tag_digest(source):
            return ()
        left = next((name for name, known in self._tag_digests.items() if known == base.tags), None)
        mine = self._tags.get(source, ())
        return tuple(tag for tag in self._tags.get(left or "", ()) if tag not in mine)

    def tagged(self, base: Base, source: str) -> Base:
        """The base once the tags of a source were set."""
        return replace(base, tags=self.tag_digest(source))
