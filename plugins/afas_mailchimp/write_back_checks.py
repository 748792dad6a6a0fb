"""What a ``write_back`` block must not say beside the source that it belongs to, and beside other syncs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.cells import same
from afas_mailchimp.field_mapping import FieldKind, FieldMapping
from afas_mailchimp.write_back_settings import RAISES, Fact, WriteBackSource, is_merge_field

if TYPE_CHECKING:
    from afas_mailchimp.settings import ConsentField, Source, SyncFile


def problems_beside_sources(write_back: Mapping[str, WriteBackSource], sources: Mapping[str, Source]) -> Iterator[str]:
    """Contradictions between what is written back and what is read, one sentence each."""
    for name, back in write_back.items():
        source = sources.get(name)
        if source is None:
            near = difflib.get_close_matches(name, sources, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            yield f"write_back.{name}: there is no source of this name{hint} Sources: {', '.join(sources)}"
            continue
        for field, fact in back.facts.items():
            where = f"write_back.{name}.fields.{field}"
            if fact == Fact.STATUS:
                yield from _against_consent(where, back.fields[field].table(), back.fields[field].current, source)
            elif is_merge_field(fact):
                yield from _against_mapping(where, fact, back.fields[field].current, source)


def _against_consent(where: str, table: Mapping[str, object], current: str, source: Source) -> Iterator[str]:
    consent: ConsentField | None = source.consent_field
    if consent is None or consent.field != current:
        return
    yes, no = {same(value) for value in consent.yes}, {same(value) for value in consent.no}
    for status, value in table.items():
        written = same(value if isinstance(value, str | bool | int | float) else None)
        lowers = status not in RAISES
        if (lowers and written in yes) or (not lowers and written in no):
            yield (
                f"{where}.values: {status} would write {value!r}, which consent_field of this source reads as "
                f"{'yes' if lowers else 'no'}"
            )
        elif status == MemberStatus.CLEANED and written in no:
            yield f"{where}.values: a bounce is no opt-out; {value!r} means no in consent_field of this source"


def _against_mapping(where: str, fact: str, current: str, source: Source) -> Iterator[str]:
    tag, _, part = fact.partition(".")
    mapping: FieldMapping | None = source.merge_fields.get(tag)
    if mapping is None:
        return
    if mapping.kind == FieldKind.ADDRESS:
        if not part:
            yield f"{where}: {tag} is an address; write back its parts, such as {tag}.zip"
        if source.delivery_address and source.delivery_address.merge_field == tag:
            yield f"{where}: {tag} comes from delivery addresses of this source, and those are not written back"
    elif part:
        yield f"{where}: {tag} is mapped as {mapping.kind}, which has no parts"
    elif mapping.columns != (current,):
        yield (
            f"{where}.current: {tag} is filled from {mapping.columns[0]}, so {current} cannot show what it was: write "
            f"current: {mapping.columns[0]}"
        )


def same_target(syncs: Mapping[str, SyncFile]) -> Iterator[tuple[str, str, str]]:
    """Pairs of syncs that write a status into one AFAS field: opting out of one audience is not opting out of all.

    :param syncs: syncs by name.
    :return: one sync, the other one, and the field.
    """
    taken: dict[tuple[str, str, str], str] = {}
    for name, sync in syncs.items():
        mine = set(_status_targets(sync))
        for target in sorted(mine):
            _, connector, field = target
            if target in taken:
                yield taken[target], name, f"{field} of {connector}"
            else:
                taken[target] = name


def _status_targets(sync: SyncFile) -> Iterator[tuple[str, str, str]]:
    for back in sync.write_back.values():
        for field, fact in back.facts.items():
            for record, settings in back.records.items():
                target = back.fields[field].target(record)
                if fact == Fact.STATUS and target:
                    yield sync.afas.connection, settings.update, target.casefold()
