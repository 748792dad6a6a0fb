"""The rows of the record of processing that name data: AFAS column, its label, what it becomes, where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from afas_mailchimp import processing_words as words
from afas_mailchimp.minimisation import TokenView, uses_of
from afas_mailchimp.processing_words import DANGERS, Language, Text
from afas_mailchimp.sensitive_words import danger_of

if TYPE_CHECKING:
    from afas_mailchimp.delivery_settings import DeliveryAddress
    from afas_mailchimp.field_mapping import FieldMapping
    from afas_mailchimp.settings import Source, SyncFile

Row = tuple[str, str, str, str]


def data_rows(sync: SyncFile, language: Language, view: TokenView | None) -> Iterator[Row]:
    """One row for each column and what it is used for.

    :param view: what AFAS says of its columns; None leaves the labels out.
    """
    for name, source in sync.sources.items():
        rows = (*_sent(sync, source, language), *_read(sync, name, source, language))
        for connector, column, becomes, where in rows:
            label = view.label(connector, column) if view else ""
            yield (f"`{name}`: `{column}`" if column else f"`{name}`"), label, becomes, where


def sensitive_columns(sync: SyncFile, view: TokenView | None) -> Iterator[tuple[str, Text]]:
    """Columns that the sync uses and whose names say that they are sensitive, each with what they hold."""
    for connector, uses in uses_of(sync).items():
        for column in uses:
            danger = danger_of(column, view.label(connector, column) if view else "")
            if danger:
                yield f"{connector}.{column}", DANGERS[danger]


def _sent(sync: SyncFile, source: Source, language: Language) -> Iterator[Row]:
    """What goes to Mailchimp."""
    connector, becomes = source.connector, words.BECOMES
    address = words.THE_ADDRESS.of(language)
    yield connector, source.key, words.THE_KEY.of(language), f"`{sync.audience.key_field}`"
    yield connector, source.email, address, address
    for tag, mapping in source.merge_fields.items():
        for column in mapping.columns:
            yield connector, column, _kind(mapping, language), f"`{tag}`"
    if delivery := source.delivery_address:
        for column in delivery.address:
            yield delivery.connector, column, becomes["delivery"].of(language), f"`{delivery.merge_field}`"
    for tag in source.tags:
        yield connector, "", becomes["tags"].of(language), f"`{tag}` {words.FIXED.of(language)}"


def _read(sync: SyncFile, name: str, source: Source, language: Language) -> Iterator[Row]:
    """What is only looked at."""
    back, consent, delivery = sync.write_back.get(name), source.consent_field, source.delivery_address
    looked_at = {
        "modified": source.modified,
        "filter": tuple(source.filter),
        "consent": (consent.field,) if consent else (),
        "choosing": _choosing(delivery) if delivery else (),
        "back": back.columns if back else (),
    }
    for use, columns in looked_at.items():
        connector = delivery.connector if delivery and use == "choosing" else source.connector
        for column in columns:
            yield connector, column, words.BECOMES[use].of(language), words.READ_ONLY.of(language)


def _kind(mapping: FieldMapping, language: Language) -> str:
    kind = words.KINDS[mapping.kind].of(language)
    if mapping.choices:
        kind = f"{kind} ({', '.join(mapping.choices)})"
    return f"{kind}, {words.ONLY_WHEN_EMPTY.of(language)}" if mapping.only_when_empty else kind


def _choosing(delivery: DeliveryAddress) -> tuple[str, ...]:
    columns = dict.fromkeys((*delivery.columns, *delivery.modified))
    return tuple(each for each in columns if each not in delivery.address)
