"""The query of a GetConnector as text: filters as JSON, everything percent-encoded, never longer than AFAS takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from afas_mailchimp.getconnector import Condition, Filter, Operator

LONGEST_QUERY = 2048
"""AFAS answers 404 to a query of 2,050 characters, ``?`` included, as if the connector did not exist."""

_KEY_ROOM = "0" * 16
"""Stands for the key of a later page while it is not known yet."""


def query(*, key: str, take: int, where: Filter, skip: int = 0) -> str:
    """Return the query string for one page, with its question mark."""
    text = f"?skip={skip}&take={take}&orderbyfieldids={quote(key, safe='')}"
    return f"{text}&filterjson={quote(_filter_json(where), safe='')}" if where else text


def after_key(where: Filter, key: str, value: str | int | None) -> Filter:
    """Narrow a filter to the rows behind a key: the condition goes into every group, as groups are alternatives."""
    if value is None:
        return where
    behind = Condition(field=key, operator=Operator.GREATER, value=str(value))
    return tuple((*group, behind) for group in (where or ((),)))


def up_to_key(where: Filter, key: str, value: str | int | None) -> Filter:
    """Narrow a filter to the rows up to a key, itself included."""
    if value is None:
        return where
    before = Condition(field=key, operator=Operator.AT_MOST, value=str(value))
    return tuple((*group, before) for group in (where or ((),)))


def in_pieces(key: str, take: int, groups: Sequence[Condition]) -> Iterator[Filter]:
    """Cut alternatives into filters that leave room for the key condition of later pages."""
    piece: list[tuple[Condition, ...]] = []
    for condition in groups:
        longer = [*piece, (condition,)]
        if piece and len(query(key=key, take=take, where=after_key(longer, key, _KEY_ROOM))) > LONGEST_QUERY:
            yield tuple(piece)
            piece = [(condition,)]
        else:
            piece = longer
    if piece:
        yield tuple(piece)


def in_words(values: Sequence[str]) -> list[str]:
    """Write yes and no as ``true`` and ``false``."""
    return [{"1": "true", "0": "false"}.get(value.strip(), value.strip().lower()) for value in values]


def in_digits(values: Sequence[str]) -> list[str]:
    """Write yes and no as ``1`` and ``0``."""
    return [{"true": "1", "false": "0"}.get(value, value) for value in in_words(values)]


def _filter_json(where: Filter) -> str:
    groups = [
        {
            "@FilterId": str(number),
            "Field": [
                {"@FieldId": each.field, "@OperatorType": str(int(each.operator)), "#text": each.value}
                for each in group
            ],
        }
        for number, group in enumerate(where, start=1)
    ]
    return json.dumps({"Filters": {"Filter": groups}}, separators=(",", ":"), ensure_ascii=False)
