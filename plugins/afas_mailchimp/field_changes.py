"""Which merge fields and tags of a member change: only differences, and only what the mapping names."""

from __future__ import annotations

from collections.abc import Mapping

from afas_mailchimp.audience import MergeValue
from afas_mailchimp.audience_index import AudienceIndex, KnownMember
from afas_mailchimp.member_key import Base, digest
from afas_mailchimp.rows import RowFacts
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.standing import came_back_alone


class FieldChanges:
    """The mapping of one sync, applied to members.

    :param index: compares values by digest.
    """

    def __init__(self, sync: SyncFile, index: AudienceIndex) -> None:
        self.index = index
        self._mappings = {name: source.merge_fields for name, source in sync.sources.items()}
        self._tags = {name: source.tags for name, source in sync.sources.items()}
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
        kept = {
            tag
            for tag, value in wanted.items()
            # What a marketer knew of an adopted member is not wiped out because AFAS knows nothing.
            if (adopted and value == "")
            or (tag in mapping and mapping[tag].only_when_empty and not self.index.is_blank(member, tag))
        }
        return self.index.differing(member, {tag: value for tag, value in wanted.items() if tag not in kept})

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
        return Base(
            address=base.address,
            opted_in_at=base.opted_in_at,
            tags=self.tag_digest(source),
            left_with=base.left_with,
        )
