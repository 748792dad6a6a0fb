"""The first sync file of a link, as commented YAML text made of metainfo. A person decides what DECIDE stands at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.field_mapping import FieldKind
from afas_mailchimp.getconnector import ConnectorField
from afas_mailchimp.starter_columns import says_no
from afas_mailchimp.starter_source import Guess, SourceKind, guess_source, has_delivery_addresses, readable
from afas_mailchimp.sync_files import parse_sync

NO_LIST = "FILLTHISIN"
"""Stands for the audience until a person writes its id; preflight refuses it."""

RESERVED_TAGS = frozenset({"AFASID", "AFASSUM", "EMAIL", "INTERESTS", "UNSUB", "UPDATE", "FORWARD", "ARCHIVE", "LIST"})
"""Ours, and words that mean something else in Mailchimp's own texts."""

KIND_OF_TYPE = {
    "string": FieldKind.TEXT,
    "int": FieldKind.NUMBER,
    "decimal": FieldKind.NUMBER,
    "boolean": FieldKind.YES_NO,
    "date": FieldKind.DATE,
}
COMMENT_COLUMN = 50


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who asks for the file knows already.

    :param list_id: Mailchimp's id of the audience; empty leaves a placeholder.
    """

    name: str = "customers"
    list_id: str = ""
    afas_connection: str = "afas_default"
    mailchimp_connection: str = "mailchimp_default"


def starter_text(connectors: Mapping[str, Sequence[ConnectorField]], wishes: Wishes = Wishes()) -> str:
    """Write a sync file for one or more GetConnectors.

    :param connectors: their columns, by name; their order decides who wins a shared address.
    :raises ConfigurationError: with one sentence that says which column, or which answer, is missing.
    """
    delivery = [name for name, columns in connectors.items() if has_delivery_addresses(name, columns)]
    guesses = [guess_source(name, columns) for name, columns in connectors.items() if name not in delivery]
    if not guesses:
        message = (
            f"GetConnector {', '.join(map(readable, delivery)) or '(none)'} holds no customers of its own: name a "
            "connector with debtors or contacts as well."
        )
        raise ConfigurationError(message)
    tags = _Tags(guesses)
    names = _source_names(guesses)
    lines = [*_head(guesses, wishes), "sources:" + _aside("sources:", "the first one wins an address that two share")]
    for name, guess in zip(names, guesses, strict=True):
        lines += _source(name, guess, delivery, tags)
    text = "\n".join((*lines, "", "retention: {days: 30, failed_days: 7}", ""))
    parse_sync(text, file=f"{readable(wishes.name)}.yaml")
    return text


def _source_names(guesses: Sequence[Guess]) -> list[str]:
    counts: dict[SourceKind, int] = {}
    names = []
    for guess in guesses:
        counts[guess.kind] = counts.get(guess.kind, 0) + 1
        names.append(guess.kind.value if counts[guess.kind] == 1 else f"{guess.kind}_{counts[guess.kind]}")
    return names


def _head(guesses: Sequence[Guess], wishes: Wishes) -> list[str]:
    named = ", ".join(readable(guess.connector) for guess in guesses)
    status = "subscribed, pending (a confirmation mail to each) or transactional (gets no campaigns)"
    return [
        f"# A first sync file, made of the columns of {named}. No row was read.",
        "# DECIDE stands where a person has to choose; every other line is a guess by names: read it once.",
        "# Then trigger the DAG with 'dry run': nothing is written, and its report says what would happen.",
        "",
        _line("name", wishes.name, "the DAG becomes afas_mailchimp_sync_<name>"),
        _line("schedule", None, 'by hand only; after the first good runs such as "*/15 * * * *"'),
        "timezone: Europe/Amsterdam",
        "",
        _line("afas", {"connection": wishes.afas_connection}),
        "audience:",
        _line("  connection", wishes.mailchimp_connection),
        _line(
            "  list_id",
            wishes.list_id or NO_LIST,
            "" if wishes.list_id else "DECIDE: Mailchimp, Audience, Settings: the Audience ID",
        ),
        _line("  adopt", True, "take over members that are there already with the same address"),
        "",
        "consent:",
        _line("  new_members", "transactional", f"DECIDE: {status};"),
        _aside("", "who came in as transactional is not made subscribed later"),
        _line("  basis", None, 'DECIDE: why they may be mailed, such as "existing customers (Tw 11.7 lid 3)"'),
        "",
        _line("full_reload_every", "24h", "sees what moves no modified date; compares, and writes only differences"),
        _line("overlap", "10m"),
        _line("archive_removed", True, "members whose row has gone or is filtered out are archived"),
        "limits: {max_archive_percent: 5, max_unsubscribed_percent: 5, max_rejected_percent: 10, max_created: null}",
        "",
    ]


def _source(name: str, guess: Guess, delivery: Sequence[str], tags: _Tags) -> list[str]:
    lines = [
        f"  {name}:",
        _line("    connector", guess.connector),
        _line("    key", guess.key.id, f"{_about(guess.key)}; must be different in every row"),
        _line("    modified", [each.id for each in guess.modified], _about_modified(guess)),
        _line("    email", guess.email.id, _about(guess.email)),
        _line("    filter", _filter(guess), _about_filter(guess)),
        *_consent(guess),
        _line("    tags", ["debiteur" if guess.kind == SourceKind.DEBTORS else "contact"]),
    ]
    if guess.kind == SourceKind.DEBTORS and delivery and "ADDRESS" in guess.mapped:
        lines += [
            _line("    delivery_address", {"connector": delivery[0]}, "DECIDE: ADDRESS is a delivery address where"),
            _aside("", "there is one; null: the debtor's own. Which of many: prefer (docs/fields.md)"),
        ]
    return [*lines, *_merge_fields(guess, tags), ""]


def _about_modified(guess: Guess) -> str:
    if not guess.modified:
        return "no such date was found: only full reloads see changes"
    if len(guess.modified) == 1:
        return f"{_about(guess.modified[0])}; does not move when the organisation or person behind it changes"
    return "a change of any of these is seen by the next run"


def _filter(guess: Guess) -> dict[str, object]:
    kind: dict[str, object] = {guess.type.id: "PRS"} if guess.type else {}
    return {**kind, guess.blocked.id: False} if guess.blocked else kind


def _about_filter(guess: Guess) -> str:
    persons = "PRS is a person at an organisation; " if guess.type else ""
    if guess.blocked is None:
        return f"DECIDE: {persons}no column for blocked was found, so blocked rows take part"
    return f"DECIDE: {persons}{_about(guess.blocked)}: are those not to be mailed?"


def _consent(guess: Guess) -> list[str]:
    if not guess.consent:
        return [_line("    consent_field", None, "no column for opt-in was found; such as {field: Nieuwsbrief}")]
    column = guess.consent[0]
    yes, no = ([True], [False]) if column.data_type == "boolean" else (["J", "Ja", "1"], ["N", "Nee", "0"])
    if says_no(column):
        yes, no = no, yes
    lines = [
        "    consent_field:"
        + _aside("    consent_field:", f"DECIDE: {_about(column)}; no unsubscribes the member. In a"),
        _line("      field", column.id, "new yes/no field every row may already say no: look in AFAS first"),
        f"      {_flow('yes')}: {_flow(yes)}",
        f"      {_flow('no')}: {_flow(no)}",
        _line("      sweep", True, "false once a date in modified moves when this column changes"),
    ]
    return lines + [f"      # also about mail? {_scalar(each.id)}, {_about(each)}" for each in guess.consent[1:]]


def _merge_fields(guess: Guess, tags: _Tags) -> list[str]:
    lines = [
        f"      {tag}: {_flow(columns[0] if kind == FieldKind.TEXT else {kind.value: _one(columns)})}"
        for tag, (kind, columns) in guess.mapped.items()
    ]
    offered, left = [], []
    for column in guess.rest:
        kind = KIND_OF_TYPE.get(column.data_type)
        if kind is None:
            left.append(f"      # {_scalar(column.id)} cannot be a merge field: {_about(column)}")
            continue
        mapping = (
            f"{tags.give(column.id, kind)}: {_flow(column.id if kind == FieldKind.TEXT else {kind.value: column.id})}"
        )
        offered.append(f"      # {mapping}{_aside('      # ' + mapping, _about(column))}")
    if offered:
        offered.insert(0, "      # The other columns. Without the '# ' in front one goes to Mailchimp too:")
    if not lines:
        return ["    merge_fields: {}" + _aside("    merge_fields: {}", "no usual column was found"), *offered, *left]
    head = "    merge_fields:"
    return [
        head + _aside(head, "cleared where AFAS is blank; what does not stand here is never touched"),
        *lines,
        *offered,
        *left,
    ]


class _Tags:
    """Merge tags for columns that are offered: one kind for each tag in the whole file, none that is in use."""

    def __init__(self, guesses: Sequence[Guess]) -> None:
        self._kinds = {tag: kind for guess in guesses for tag, (kind, _) in guess.mapped.items()}
        self._used = set(self._kinds)
        self._source: set[str] = set()

    def give(self, column: str, kind: FieldKind) -> str:
        """A tag of at most ten characters that says what it is of."""
        name = re.sub(r"[^A-Z0-9_]", "", column.upper()) or "FIELD"
        name = name if name[0].isalpha() else f"F{name}"
        number = 1
        tag = name[:10]
        while tag in RESERVED_TAGS or tag in self._used:
            number += 1
            tag = f"{name[: 10 - len(str(number))]}{number}"
        self._used.add(tag)
        self._kinds[tag] = kind
        return tag


def _one(columns: tuple[str, ...]) -> str | list[str]:
    return columns[0] if len(columns) == 1 else list(columns)


def _line(key: str, value: object, about: str = "") -> str:
    text = f"{key}: {_flow(value)}"
    return text + _aside(text, about)


def _aside(before: str, about: str) -> str:
    """A comment, in the same column on every line."""
    if not about:
        return ""
    return f"{' ' * max(2 if before else 0, COMMENT_COLUMN - len(before))}# {about}"


def _about(column: ConnectorField) -> str:
    length = f"({column.length})" if column.data_type == "string" and column.length else ""
    return ", ".join(part for part in (f"{readable(column.data_type)}{length}", readable(column.label)) if part)


def _scalar(text: str) -> str:
    return _flow(text)


def _flow(value: Any) -> str:
    """A value as YAML on one line, quoted where it must be."""
    text: str = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9)
    return text.strip()[1:-1]
