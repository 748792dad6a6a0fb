"""Values that both sides have, in one form: told equal or different by a digest, whoever wrote them and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afas_mailchimp.audience import MergeValue
from afas_mailchimp.cells import same, text_of
from afas_mailchimp.field_mapping import FieldKind, FieldMapping
from afas_mailchimp.member_key import fact_digest, field_digest
from afas_mailchimp.merge_values import comparable, make_value
from afas_mailchimp.phone_number import normal_number
from afas_mailchimp.setting_types import Scalar
from afas_mailchimp.write_back_settings import WITHOUT_BASE, is_merge_field

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Cell
    from afas_mailchimp.settings import Source, SyncFile
    from afas_mailchimp.write_back_settings import WriteBackSource

BLANK = field_digest("")


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """A fact that is compared three ways: what the member has, what AFAS has, what both had when they last agreed.

    :param name: of the field in the sync file.
    :param mapping: what fills the merge field from AFAS; None where nothing does.
    :param records: kinds of record that it is written to.
    :param may_clear: an emptied value is written too.
    :param table: what AFAS has for which value of the member.
    """

    name: str
    fact: str
    mapping: FieldMapping | None
    records: frozenset[str]
    may_clear: bool
    table: Mapping[str, Scalar] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """Its name in a base."""
        return fact_digest(self.fact)

    @property
    def tag(self) -> str:
        """The merge field, with every part."""
        return self.fact.partition(".")[0]

    @property
    def part(self) -> str:
        """The part of an address, empty for all other facts."""
        return self.fact.partition(".")[2]

    def of_member(self, value: MergeValue | float) -> str:
        """The text of a member's value.

        :param value: the whole merge field.
        """
        return merge_text(value, part=self.part, kind=self.mapping.kind if self.mapping else None)

    def of_afas(self, cell: Cell) -> str:
        """The text of AFAS's value, in the form that the merge field gets.

        :param cell: the column that shows it.
        """
        if self.mapping is None or self.part:
            known = (fact for fact, value in self.table.items() if same(value) == same(cell))
            return next(known, text_of(cell))
        return merge_text(make_value(self.mapping, [cell])[0], kind=self.mapping.kind)

    def is_subscribers(self, *, member: str, afas: str, base: str | None) -> bool:
        """Whether the subscriber changed it and AFAS did not: then it is written to AFAS, and never overwritten.

        :param member: digest of the member's value.
        :param afas: digest of AFAS's value.
        :param base: digest of what both last agreed on, None when that is not known.
        """
        if member == afas or (member == BLANK and not self.may_clear):
            return False
        if base is None:
            # Nothing of AFAS is overwritten where it has nothing, and no import would fill.
            return self.mapping is None and afas == BLANK
        return base == afas


def compared_facts(back: WriteBackSource | None, source: Source) -> tuple[ComparedFact, ...]:
    """The facts of a source that are compared three ways."""
    if back is None:
        return ()
    return tuple(
        ComparedFact(
            name=name,
            fact=fact,
            mapping=source.merge_fields.get(fact.partition(".")[0]) if is_merge_field(fact) else None,
            records=frozenset(record for record in back.records if back.fields[name].target(record)),
            may_clear=back.fields[name].may_clear,
            table=back.fields[name].table(),
        )
        for name, fact in back.facts.items()
        if fact not in WITHOUT_BASE
    )


def filled_facts(sync: SyncFile) -> dict[str, FieldKind]:
    """Facts that are written back and filled from AFAS too, by any source; with the kind of their merge field."""
    found: dict[str, FieldKind] = {}
    for name, back in sync.write_back.items():
        for fact in compared_facts(back, sync.sources[name]):
            if fact.mapping:
                found[fact.fact] = fact.mapping.kind
    return found


def member_digests(facts: Mapping[str, FieldKind], values: Mapping[str, MergeValue]) -> dict[str, str]:
    """Digests of a member's values by fact; a merge field that Mailchimp did not return is left out."""
    found = {}
    for fact, kind in facts.items():
        tag, _, part = fact.partition(".")
        if tag in values:
            found[fact] = field_digest(merge_text(values[tag], part=part, kind=kind))
    return found


def merge_text(value: MergeValue | float, *, part: str = "", kind: FieldKind | None = None) -> str:
    """A merge value as text, phone numbers in one form.

    :param part: of an address.
    """
    if part:
        return str(value.get(part) or "").strip() if isinstance(value, Mapping) else ""
    text = str(comparable(value))
    return (normal_number(text) or text) if kind == FieldKind.PHONE else text
