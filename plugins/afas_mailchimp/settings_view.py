"""A sync file as it was understood: the mapping as rows of a table, the rules as sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from afas_mailchimp.audience import MergeField
from afas_mailchimp.getconnector import ConnectorField
from afas_mailchimp.page_words import Language
from afas_mailchimp.settings import Source, SyncFile


@dataclass(frozen=True, slots=True)
class Column:
    """One AFAS column of a mapping.

    :param type: as AFAS's metainfo says, None while it was not asked.
    :param missing: AFAS was asked, and has no such column.
    """

    name: str
    type: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class MappedField:
    """One line of the table.

    :param field_type: of the merge field in Mailchimp, None while it was not asked or where it is not there yet.
    :param absent: Mailchimp was asked, and has no such field.
    """

    source: str
    columns: tuple[Column, ...]
    kind: str
    tag: str
    field_type: str | None = None
    absent: bool = False
    only_when_empty: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """What both sides said when they were asked.

    :param fields: columns by connector.
    """

    fields: Mapping[str, Sequence[ConnectorField]]
    merge_fields: Sequence[MergeField]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def mapping_table(sync: SyncFile, live: Live | None = None) -> tuple[MappedField, ...]:
    """Every merge field that the sync writes, by source.

    :param live: what AFAS and Mailchimp say, None shows the file alone.
    """
    return tuple(line for name, source in sync.sources.items() for line in _lines(name, source, live))


def _lines(name: str, source: Source, live: Live | None) -> Iterator[MappedField]:
    types = {field.id: field.data_type for field in live.fields.get(source.connector, ())} if live else {}
    tags = {field.tag: field.type for field in live.merge_fields} if live else {}
    for tag, mapping in source.merge_fields.items():
        yield MappedField(
            source=name,
            columns=tuple(
                Column(column, types.get(column), missing=bool(live) and column not in types)
                for column in mapping.columns
            ),
            kind=str(mapping.kind),
            tag=tag,
            field_type=tags.get(tag),
            absent=bool(live) and tag not in tags,
            only_when_empty=mapping.only_when_empty,
        )


def rules(sync: SyncFile, language: Language) -> tuple[str, ...]:
    """The rules of the file in sentences."""
    return tuple(text[language == Language.DUTCH] for text in _rules(sync))


def _rules(sync: SyncFile) -> Iterator[tuple[str, str]]:
    status = sync.consent.new_members
    yield (f"New members come in as {status}.", f"Nieuwe leden komen binnen als {status}.")
    if sync.consent.basis:
        yield (f"Ground: {sync.consent.basis}.", f"Grondslag: {sync.consent.basis}.")
    for name, source in sync.sources.items():
        if source.filter:
            text = filter_text(source)
            yield (f"{name}: only rows with {text}.", f"{name}: alleen rijen met {text}.")
        yield from _consent(name, source)
        if source.tags:
            tags = ", ".join(source.tags)
            yield (f"{name}: members get the tag {tags}.", f"{name}: leden krijgen de tag {tags}.")
    yield (
        "Who opted out or bounced is never mailed again because of this sync.",
        "Wie zich afmeldde of onbestelbaar is, krijgt door deze koppeling nooit meer post.",
    )
    if len(sync.sources) > 1:
        order = ", ".join(sync.sources)
        yield (
            f"When rows share an address, the first source decides: {order}; then the latest change.",
            f"Delen rijen een adres, dan gaat de eerste bron voor: {order}; daarna de laatste wijziging.",
        )
    if sync.full_reload_every:
        hours = f"{sync.full_reload_every / timedelta(hours=1):g}"
        yield (f"Everything is compared every {hours} hours.", f"Elke {hours} uur wordt alles vergeleken.")
    yield from _limits(sync)
    if not sync.archive_removed:
        yield ("Nobody is archived.", "Er wordt niemand gearchiveerd.")
    for name, back in sync.write_back.items():
        fields = ", ".join(f"{fact} → {_target(field.to)}" for fact, field in back.fields.items())
        yield (f"Back to AFAS, {name}: {fields}.", f"Terug naar AFAS, {name}: {fields}.")


def _limits(sync: SyncFile) -> Iterator[tuple[str, str]]:
    limits = sync.limits
    archived, opted_out = f"{limits.max_archive_percent:g}%", f"{limits.max_unsubscribed_percent:g}%"
    yield (
        f"Stops before archiving more than {archived} of the members, or opting out more than {opted_out}.",
        f"Stopt voordat meer dan {archived} van de leden wordt gearchiveerd, of meer dan {opted_out} afgemeld.",
    )
    refused = f"{limits.max_rejected_percent:g}%"
    yield (
        f"A run fails at its end when Mailchimp refuses more than {refused} of its rows.",
        f"Een run mislukt aan het eind als Mailchimp meer dan {refused} van de rijen weigert.",
    )
    if (most := limits.max_created) is not None:
        yield (
            f"Stops before creating more than {most} members.",
            f"Stopt voordat meer dan {most} leden worden aangemaakt.",
        )
    if sync.write_back and (most := limits.max_write_back) is not None:
        yield (
            f"Stops before writing more than {most} records of AFAS.",
            f"Stopt voordat meer dan {most} records van AFAS worden beschreven.",
        )


def as_written(value: object) -> str:
    """A value as it stands in the sync file."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def filter_text(source: Source) -> str:
    """What a row must have to take part."""
    return ", ".join(f"{column} = {_either(wanted)}" for column, wanted in source.filter.items())


def _either(values: Iterable[object]) -> str:
    return " / ".join(map(as_written, values))


def _target(target: str | Mapping[Any, str]) -> str:
    return target if isinstance(target, str) else " / ".join(dict.fromkeys(target.values()))


def _consent(name: str, source: Source) -> Iterator[tuple[str, str]]:
    column = source.consent_field
    if column is None:
        yield (
            f"{name}: no consent column; every row counts as unknown, which neither signs up nor opts out.",
            f"{name}: geen toestemmingskolom; elke rij telt als onbekend, en dat meldt niemand aan of af.",
        )
        return
    yes, no = _either(column.yes), _either(column.no)
    yield (
        f"{name}: {column.field} = {no} opts out, {yes} is yes; anything else is unknown.",
        f"{name}: {column.field} = {no} meldt af, {yes} is ja; al het andere is onbekend.",
    )
