"""The record of processing activities (AVG, article 30) from sync files: settings in, Markdown out. Pure, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from afas_mailchimp import processing_terms as terms
from afas_mailchimp import processing_words as words
from afas_mailchimp.minimisation import TokenView, lint, uses_of
from afas_mailchimp.processing_data import data_rows, sensitive_columns
from afas_mailchimp.processing_words import Language, Text
from afas_mailchimp.retry_memory import LONGEST, MOST_KEYS
from afas_mailchimp.starter_source import kind_by_name, readable

if TYPE_CHECKING:
    from afas_mailchimp.settings import Source, SyncFile
    from afas_mailchimp.write_back_settings import Record, WriteBackSource

__all__ = ["Language", "record_text"]


def record_text(
    syncs: Sequence[SyncFile],
    *,
    language: Language,
    views: Mapping[str, TokenView] | None = None,
    day: date | None = None,
) -> str:
    """Write the record. The same settings and columns give the same text.

    :param views: what AFAS says of its columns, by AFAS connection; without it the page has no labels.
    :param day: date to write in it; None writes none.
    """
    page = _Page(language)
    lines = [f"# {page.say(words.TITLE)}", "", page.say(words.ABOUT), ""]
    if day:
        lines += [page.say(words.DATED, day.isoformat()), ""]
    parties = [(page.say(who), page.fill_in(what)) for who, what in words.PARTY_ROWS]
    lines += [f"## {page.say(words.PARTIES)}", "", *page.table((words.ITEM, words.CONTENT), parties)]
    for sync in syncs:
        lines += [f"## {page.say(words.PROCESSING, sync.name)}", ""]
        lines += _processing(page, sync, (views or {}).get(sync.afas.connection))
    return "\n".join(lines).rstrip() + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """A language, and how Markdown is written in it."""

    language: Language

    def say(self, text: Text, *values: object) -> str:
        return text.of(self.language).format(*values) if values else text.of(self.language)

    def fill_in(self, what: Text) -> str:
        return self.say(words.FILL_IN, self.say(what))

    def check(self, what: Text, *values: object) -> str:
        return self.say(words.CHECK, self.say(what, *values))

    def heads(self, head: Text) -> list[str]:
        return self.say(head).split(" | ")

    def table(self, head: Text | Sequence[Text], rows: Iterable[Sequence[str]]) -> list[str]:
        heads = self.heads(head) if isinstance(head, Text) else [self.say(each) for each in head]
        lines = [heads, ["---"] * len(heads), *rows]
        return [*(f"| {' | '.join(map(cell, line))} |" for line in lines), ""]

    def every(self, pause: timedelta) -> str:
        seconds = int(pause.total_seconds())
        size, unit = next(
            ((size, unit) for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")) if seconds % size == 0), (1, "s")
        )
        return f"{seconds // size}{unit}"


def cell(text: str) -> str:
    """Text for a cell of a table: one line, no border in it."""
    return readable(text).replace("|", "\\|")


def _processing(page: _Page, sync: SyncFile, view: TokenView | None) -> Iterator[str]:
    yield from page.table((words.ITEM, words.CONTENT), _general(page, sync))
    yield from (f"### {page.say(words.PEOPLE)}", "")
    yield from page.table(words.PEOPLE_HEAD, (_people(page, sync, name, each) for name, each in sync.sources.items()))
    yield from (f"### {page.say(words.DATA)}", "")
    yield from page.table(words.DATA_HEAD, data_rows(sync, page.language, view))
    yield from (page.say(words.DIGESTS, sync.audience.base_field), "")
    if sync.audience.create_merge_fields:
        yield from (page.say(words.CREATES), "")
    yield from _surplus(page, sync, view)
    yield from (f"### {page.say(words.SPECIAL)}", "")
    dangers = [
        page.check(words.SPECIAL_IS, readable(column), page.say(what)) for column, what in sensitive_columns(sync, view)
    ]
    yield from (*(f"- {line}" for line in dangers or [page.check(words.NOTHING_SPECIAL)]), "")
    yield from _origin(page, sync, view)
    yield from (f"### {page.say(terms.BACK)}", "")
    yield from _written_back(page, sync)
    yield from (f"### {page.say(terms.TERMS)}", "")
    yield from page.table(terms.TERMS_HEAD, _terms(page, sync))
    yield from (f"- {page.check(terms.ELSEWHERE)}", "")
    yield from (f"### {page.say(terms.RIGHTS)}", "")
    yield from (*(f"- {page.say(each)}" for each in terms.RIGHTS_ARE), f"- {page.fill_in(terms.RIGHTS_OPEN)}", "")
    yield from (f"### {page.say(terms.SECURITY)}", "")
    yield from (*(f"- {each}" for each in _security(page, sync)), f"- {page.fill_in(terms.SECURITY_OPEN)}", "")
    yield from (f"### {page.say(terms.SETTINGS)}", "", page.say(terms.SETTINGS_ARE), "")
    yield from page.table(terms.SETTINGS_HEAD, ((f"`{name}`", f"`{value}`") for name, value in _settings(sync)))


def _general(page: _Page, sync: SyncFile) -> Iterator[tuple[str, str]]:
    yield page.say(words.PURPOSE), page.say(words.PURPOSE_IS)
    basis = (sync.consent.basis or "").strip()
    yield page.say(words.BASIS), basis or page.fill_in(words.NO_BASIS)
    yield page.say(words.NEW_MEMBERS), page.say(words.NEW_MEMBERS_ARE[sync.consent.new_members])
    again = page.every(sync.full_reload_every) if sync.full_reload_every else page.say(words.NEVER)
    often = page.say(words.BY_SCHEDULE, sync.schedule, sync.timezone, again)
    yield page.say(words.FREQUENCY), often if sync.schedule else page.say(words.BY_HAND)
    yield page.say(words.MEMBERS_BEFORE), page.say(words.ADOPTED if sync.audience.adopt else words.NOT_ADOPTED)


def _people(page: _Page, sync: SyncFile, name: str, source: Source) -> tuple[str, ...]:
    kind = kind_by_name(source.connector)
    people = page.say(words.PEOPLE_ARE[kind]) if kind else page.fill_in(words.WHICH_PEOPLE)
    only = ", ".join(f"`{column}` = {_listed(wanted)}" for column, wanted in source.filter.items())
    said = page.say(words.NO_CONSENT_COLUMN)
    if consent := source.consent_field:
        said = page.say(words.CONSENT_COLUMN, consent.field, _listed(consent.yes), _listed(consent.no))
        if source.sweeps_consent:
            said = f"{said}; {page.say(words.CONSENT_SWEPT, page.every(sync.consent.every))}"
    return name, people, only or page.say(words.ALL_ROWS), said


def _surplus(page: _Page, sync: SyncFile, view: TokenView | None) -> Iterator[str]:
    for each in lint(view, [sync], connection=sync.afas.connection).connectors if view else ():
        if each.surplus:
            listed = ", ".join(f"`{column}`" for column in each.surplus)
            yield from (cell(page.say(words.SURPLUS, each.connector, listed)), "")


def _origin(page: _Page, sync: SyncFile, view: TokenView | None) -> Iterator[str]:
    known = view.environment.id if view else ""
    environment = page.say(terms.ENVIRONMENT, known) if known else page.fill_in(terms.WHICH_ENVIRONMENT)
    connectors = ", ".join(f"`{readable(each)}`" for each in uses_of(sync))
    yield from (f"### {page.say(terms.SOURCE)}", "")
    yield from (page.say(terms.SOURCE_IS, environment, connectors, sync.afas.connection), "")
    yield from (f"### {page.say(terms.RECIPIENTS)}", "")
    yield f"- {page.say(terms.RECIPIENT_IS, sync.audience.list_id, sync.audience.connection)}"
    yield f"- {page.check(terms.TRANSFER)}"
    yield f"- {page.fill_in(terms.SUBPROCESSORS)}"
    yield from (f"- {page.say(terms.NOBODY_ELSE)}", "")


def _written_back(page: _Page, sync: SyncFile) -> Iterator[str]:
    if not sync.write_back:
        yield from (page.say(terms.NOTHING_BACK), "")
        return
    rows = [row for name, back in sync.write_back.items() for row in _back_rows(page, name, back)]
    yield from page.table(terms.BACK_HEAD, rows)


def _back_rows(page: _Page, source: str, back: WriteBackSource) -> Iterator[tuple[str, ...]]:
    for name, settings in back.fields.items():
        for kind, record in back.records.items():
            target = settings.target(kind)
            if target is None:
                continue
            how = [page.say(terms.PRESENT_VALUE, settings.current)]
            if table := settings.table():
                how.append(page.say(terms.VALUES, ", ".join(f"{fact} → {_one(to)}" for fact, to in table.items())))
            if settings.may_clear:
                how.append(page.say(terms.MAY_CLEAR))
            if settings.person_may_return:
                how.append(page.say(terms.MAY_RETURN))
            yield source, f"`{back.facts[name]}`", f"`{target}`", _record(page, back, record), "; ".join(how)


def _record(page: _Page, back: WriteBackSource, record: Record) -> str:
    named = ", ".join(f"`{each}`" for each in record.columns)
    text = f"{record.update}, {page.say(terms.RECORD_NAMED, named)}"
    if back.type is None:
        return text
    types = _listed(record.types) if record.types else page.say(terms.USUAL_TYPES)
    return f"{text}, {page.say(terms.RECORD_TYPES, back.type, types)}"


def _terms(page: _Page, sync: SyncFile) -> Iterator[tuple[str, str, str]]:
    audience, keep = sync.audience, sync.retention
    gone = page.say(terms.ARCHIVED if sync.archive_removed else terms.NOT_ARCHIVED)
    term = keep.archived_term
    due = page.say(terms.DUE_AFTER, term.days) if term else page.fill_in(terms.TERM_IN_MAILCHIMP)
    yield page.say(terms.IN_MAILCHIMP), page.say(terms.MEMBERS), f"{gone}; {due}"
    hidden = page.say(terms.IN_HIDDEN, audience.key_field, audience.base_field)
    yield hidden, page.say(terms.HIDDEN, sync.owner), page.say(terms.WITH_MEMBER)
    well = page.say(terms.DAYS, keep.days) if keep.days else page.say(terms.AT_ONCE)
    # A run that failed is kept for at least as long as one that ended well.
    failed = max(keep.days, keep.failed_days)
    badly = page.say(terms.DAYS, failed) if failed else page.say(terms.AT_ONCE)
    logs = f"{page.say(terms.IN_LOGS_FOR, well, badly)}; {page.say(terms.BY_DAG)}"
    yield page.say(terms.IN_LOGS), page.say(terms.IN_LOGS_ARE), logs
    audit = page.say(terms.AUDIT_GOES if keep.audit_log else terms.AUDIT_STAYS)
    yield page.say(terms.IN_AUDIT), page.say(terms.IN_AUDIT_IS), audit
    variables = page.say(terms.IN_VARIABLES, sync.name)
    yield (
        variables,
        page.say(terms.RETRIES, MOST_KEYS),
        page.say(terms.RETRIES_FOR, LONGEST.days),
    )
    yield variables, page.say(terms.TOMBSTONES), page.say(terms.UNTIL_REMOVED)
    yield variables, page.say(terms.STATE), page.say(terms.UNTIL_REMOVED)
    yield page.say(terms.IN_MEMORY), page.say(terms.IN_MEMORY_IS), page.say(terms.UNTIL_END)


def _security(page: _Page, sync: SyncFile) -> Iterator[str]:
    limits, none = sync.limits, page.say(terms.NO_LIMIT)
    values = (
        f"{limits.max_archive_percent:g}%",
        f"{limits.max_unsubscribed_percent:g}%",
        none if limits.max_created is None else limits.max_created,
        none if limits.max_write_back is None else limits.max_write_back,
    )
    for text in terms.SECURITY_IS:
        yield page.say(text, *values) if "{}" in text.en else page.say(text)


def _settings(sync: SyncFile) -> Iterator[tuple[str, str]]:
    """Every setting by its place in the file, so that none can change unseen."""
    yield from _flat("", sync)


def _flat(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        named = {(info.alias or name): getattr(value, name) for name, info in type(value).model_fields.items()}
        value = named
    if isinstance(value, Mapping) and value:
        for name, inside in value.items():
            yield from _flat(f"{place}.{name}" if place else str(name), inside)
    else:
        yield place, _listed(value) if isinstance(value, tuple) else _one(value)


def _listed(values: Iterable[object]) -> str:
    return "[" + ", ".join(map(_one, values)) + "]"


def _one(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case timedelta():
            return f"{int(value.total_seconds())}s"
        case tuple() | list():
            return _listed(value)
        case Mapping():
            return "{}"
        case _:
            return str(value)
