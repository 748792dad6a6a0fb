"""Finds the AFAS rows that members speak for: by address and by key, or by reading whole sources when many do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from afas_mailchimp.audience_index import row_name
from operators.afas_mailchimp_reading import read_by_key, read_rivals, read_rows

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Row
    from afas_mailchimp.rows import RowFacts, RowReader
    from afas_mailchimp.write_back import SeenMember
    from hooks.afas import AfasHook

MOST_ASKED = 300
"""Members whose rows are asked for one by one; for more, reading the sources is cheaper."""

Found = tuple["Row", "RowFacts", "SeenMember", bool]
"""A row, what it says, a member that speaks for it, and whether that member carries its key."""


def rows_of_members(
    afas: AfasHook, readers: Mapping[str, RowReader], members: Iterable[SeenMember], *, owner: str
) -> Iterator[Found]:
    """Yield every row that takes part and that one of the members stands for; a row once for each member.

    :param readers: of the sources that are written back to.
    :param owner: whose keys count.
    """
    members = list(members)
    by_address = {member.news.id: member for member in members}
    by_row = {row_name(member.key): member for member in members if member.key and member.key.owner == owner}
    for name, reader in readers.items():
        if len(members) > MOST_ASKED:
            rows = list(_matching(read_rows(afas, reader), by_address, by_row))
        else:
            at_address = _matching(read_rivals(afas, reader, [m.news.address for m in members]), by_address, by_row)
            rows = list(at_address)
            seen = {facts.name for _, facts in rows}
            keys = [key.key for row, m in by_row.items() if (key := m.key) and key.source == name and row not in seen]
            rows += _matching(read_by_key(afas, reader, keys), by_address, by_row) if keys else ()
        for row, facts in rows:
            own, there = by_row.get(facts.name), by_address.get(facts.member_id)
            if own:
                yield row, facts, own, True
            if there and there is not own:
                yield row, facts, there, False


def _matching(
    rows: Iterable[tuple[Row, RowFacts]], by_address: Mapping[str, SeenMember], by_row: Mapping[str, SeenMember]
) -> Iterator[tuple[Row, RowFacts]]:
    """Rows that take part: what the sync leaves alone is not written either."""
    for row, facts in rows:
        if facts.reason is None and (facts.member_id in by_address or facts.name in by_row):
            yield row, facts
