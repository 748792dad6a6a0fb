"""Reads the two sides for an import: windows and whole sources of AFAS, members one by one or as a whole."""

from __future__ import annotations

import threading
from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING

from afas_mailchimp.amsterdam_time import Window, as_filter
from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import STRICTNESS, AudienceIndex
from afas_mailchimp.getconnector import Condition, Filter, Operator, Row
from afas_mailchimp.rows import RowFacts, RowReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

WINDOW_PAGE = 1_000
"""Rows a page of an incremental read: small enough for any connector without asking how many columns it has."""


def window_filter(columns: Sequence[str], window: Window) -> Filter:
    """Rows with any of the modified columns in the window."""
    return [
        [
            Condition(column, Operator.AT_LEAST, as_filter(window.start)),
            Condition(column, Operator.LESS, as_filter(window.end)),
        ]
        for column in columns
    ]


SURVEY_THREADS = 5
"""Calls at once on one source: what AFAS advises at most."""

SECOND_THREADS = 3
"""Calls at once while writing: Mailchimp is what such a run waits for, and what is read ahead is held in memory."""


def read_rows(
    afas: AfasHook, reader: RowReader, window: Window | None = None, *, threads: int = 1
) -> Iterator[tuple[Row, RowFacts]]:
    """All rows of a source, or those of a window, each judged.

    :param window: None reads the whole source.
    :param threads: pages at once.
    """
    where = window_filter(reader.source.modified, window) if window else ()
    size = WINDOW_PAGE if window else None
    pages = afas.pages(
        reader.source.connector,
        columns=reader.columns,
        key=reader.source.key,
        where=where,
        page_size=size,
        threads=threads,
    )
    for page in pages:
        yield from zip(page, [reader.judge(row) for row in page], strict=True)


def read_rivals(afas: AfasHook, reader: RowReader, addresses: Sequence[str]) -> Iterator[tuple[Row, RowFacts]]:
    """Rows of a source that have one of these addresses, in whatever spelling.

    AFAS compares the whole field, and a field can hold blanks or a second address. So it is asked which fields
    *contain* the address, and each answer is judged again here.
    """
    source = reader.source
    found = afas.find(
        source.connector, columns=reader.columns, key=source.key, field=source.email, values=addresses, contains=True
    )
    for row in found:
        yield row, reader.judge(row)


def read_by_key(afas: AfasHook, reader: RowReader, keys: Sequence[str]) -> Iterator[tuple[Row, RowFacts]]:
    """Rows of a source by their keys; those that have gone are not there."""
    source = reader.source
    for row in afas.find(source.connector, columns=reader.columns, key=source.key, field=source.key, values=keys):
        yield row, reader.judge(row)


def read_refusals(afas: AfasHook, reader: RowReader) -> Iterator[tuple[Row, RowFacts]]:
    """Rows of a source whose consent column says no, whenever they changed."""
    source, consent = reader.source, reader.source.consent_field
    if consent is None:
        return
    noes = [str(no) for no in consent.no]
    for row in afas.find(source.connector, columns=reader.columns, key=source.key, field=consent.field, values=noes):
        yield row, reader.judge(row)


def read_audience(
    mailchimp: MailchimpHook,
    list_id: str,
    index: AudienceIndex,
    *,
    progress: Callable[[int], None],
    each_status: bool = True,
) -> None:
    """Take the whole audience into an index, every status, archived last.

    :param each_status: ask each status by itself, as a full reload does, that says who is gone: somebody who opts out
        while this reads is met again further on, since statuses are read from most to least mail. Else all but the
        archived are asked for at once, which saves a call for each status that nobody has.
    """
    by_mail = sorted(MemberStatus, key=lambda status: -STRICTNESS[status])
    for status in by_mail if each_status else (None, MemberStatus.ARCHIVED):
        for page in mailchimp.members(list_id, status=status, tags=index.wanted_tags):
            for member in page:
                index.add(member)
            progress(len(index))


def look_up(
    mailchimp: MailchimpHook,
    list_id: str,
    index: AudienceIndex,
    member_ids: Sequence[str],
    *,
    needed: Container[str],
    for_each: Callable[[Callable[[str], bool], Sequence[str]], list[bool]],
) -> bool:
    """Take single members into an index, a call each, until one that is needed is not there.

    :param needed: members without whom the others tell too little.
    :param for_each: runs a call for many items at once.
    :return: whether all that are needed are there.
    """
    absent, adding = threading.Event(), threading.Lock()

    def one(member_id: str) -> bool:
        if absent.is_set():
            return False
        member = mailchimp.member(list_id, member_id)
        if member:
            with adding:
                index.add(member)
        elif member_id in needed:
            absent.set()
        return member is not None

    for_each(one, member_ids)
    return not absent.is_set()
