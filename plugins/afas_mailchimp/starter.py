"""The first sync file of a link, as commented YAML text made of metainfo. A person decides where DECIDE stands."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.field_mapping import FieldKind
from afas_mailchimp.getconnector import ConnectorField
from afas_mailchimp.starter_columns import says_no
from afas_mailchimp.starter_source import Guess, SourceKind, guess_source, has_delivery_addresses, readable
from afas_mailchimp.sync_files import parse_sync

NO_LIST = "FILLTHISIN"
"""Stands for the audience until a person writes its id: Mailchimp has no such audience, so preflight stops there."""

RESERVED_TAGS = frozenset(
    {"AFASID", "AFASSUM", "EMAIL", "INTERESTS", "UNSUB", "UPDATE", "FORWARD", "ARCHIVE", "LIST"}
    | {"YES", "NO", "ON", "OFF", "TRUE", "FALSE", "NULL"}
)
"""Ours, words that mean something else in Mailchimp's own texts, and words that YAML does not read as text."""

KIND_OF_TYPE = {
    "string": FieldKind.TEXT,
    "int": FieldKind.NUMBER,
    "decimal": FieldKind.NUMBER,
    "boolean": FieldKind.YES_NO,
    "date": FieldKind.DATE,
}
COMMENT_COLUMN = 50
LONGEST_LINE = 120
LONGEST_TAG = 10


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who asks for the file knows already.

    :param list_id: Mailchimp's id of the audience; empty leaves a placeholder.
    """

    name: str = "customers"
    list_id: str = ""
    afas_connection: str = "afas_default"
    mailchimp_connection: str = "mailchimp_default"


def starter_text(connectors: Mapping[str, Sequence[ConnectorField]], wishes: Wishes) -> str:
    """Write a sync file for one or more GetConnectors.

    :param connectors: their columns, by name; their order decides who wins a shared address.
    :raises ConfigurationError: with one sentence that says which column, or which answer, is missing.
    """
    delivery = [name for name, columns in connectors.items() if has_delivery_addresses(name, columns)]
    guesses = [guess_source(name, columns) for name, columns in connectors.items() if name not in delivery]
    if not guesses:
        message = (
            f"GetConnector {', '.join(map(readable, delivery)) or '(none)'} holds no customers of its own: name one "
            "with debtors or contacts as well."
        )
        raise ConfigurationError(message)
    tags = _Tags(guesses)
    lines = [*_head(guesses, wishes), _with("sources:", "the first one wins an address that two share")]
    for name, guess in zip(_source_names(guesses), guesses, strict=True):
        lines += _source(name, guess, delivery, tags)
    text = "\n".join((*lines, "retention: {days: 30, failed_days: 7}", ""))
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
    where = "" if wishes.list_id else "DECIDE: in Mailchimp: Audience, Settings, Audience ID"
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
        _line("  list_id", wishes.list_id or NO_LIST, where),
        _line("  adopt", True, "take over members that are there already with the same address"),
        "",
        "consent:",
        "  # DECIDE: subscribed, pending (a confirmation mail to each) or transactional (gets no campaigns).",
        "  # Who comes in as transactional is not made subscribed later: choose before the first run that writes.",
        _line("  new_members", "transactional"),
        _line("  basis", None, 'DECIDE: why they may be mailed: "existing customers (Tw 11.7 lid 3)"'),
        "",
        _line("full_reload_every", "24h", "compares everything, so it sees what moves no modified date"),
        _line("overlap", "10m"),
        _line("archive_removed", True, "members whose row has gone or is filtered out are archived"),
        "limits: {max_archive_percent: 5, max_unsubscribed_percent: 5, max_rejected_percent: 10, max_created: null}",
        "",
    ]


def _source(name: str, guess: Guess, delivery: Sequence[str], tags: _Tags) -> list[str]:
    lines = [
        f"  {name}:",
        _line("    connector", guess.connector),
        _line("    key", guess.key.id, f"{_about(guess.key)}; another value in every row"),
        _line("    modified", [each.id for each in guess.modified], _about_modified(guess)),
        _line("    email", guess.email.id, _about(guess.email)),
        _line("    filter", _filter(guess), _about_filter(guess)),
        *_consent(guess),
        _line("    tags", ["debiteur" if guess.kind == SourceKind.DEBTORS else "contact"]),
    ]
    if guess.kind == SourceKind.DEBTORS and delivery:
        lines += _delivery(guess, delivery[0])
    return [*lines, *_merge_fields(guess, tags), ""]


def _delivery(guess: Guess, connector: str) -> list[str]:
    if "ADDRESS" not in guess.mapped:
        return [f"    # {readable(connector)} is not used: there are no address lines here to fall back on."]
    about = "DECIDE: ADDRESS is the delivery address where a debtor has one; with null it is always the debtor's own"
    return [_line("    delivery_address", {"connector": connector}, about)]


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
    return f"DECIDE: {persons}rows with {readable(guess.blocked.label or guess.blocked.id)} take no part: on purpose?"


def _consent(guess: Guess) -> list[str]:
    if not guess.consent:
        about = "DECIDE: no column for opt-in was found; such as {field: Nieuwsbrief, yes: [true], no: [false]}"
        return [_line("    consent_field", None, about)]
    column = guess.consent[0]
    answers: tuple[list[object], list[object]] = ([True], [False])
    if column.data_type != "boolean":
        answers = (["J", "Ja", "1"], ["N", "Nee", "0"])
    yes, no = reversed(answers) if says_no(column) else answers
    return [
        f"    # DECIDE: {_about(column)}. A no unsubscribes the member, a blank changes nothing.",
        "    # In a new yes/no field every row may say no already: look in AFAS before the first run.",
        "    consent_field:",
        _line("      field", column.id),
        _line("      yes", yes),
        _line("      no", no),
        _line("      sweep", True, "false once a date in modified moves when this column changes"),
        *(f"      # about mail as well? {_flow(each.id)}, {_about(each)}" for each in guess.consent[1:]),
    ]


def _merge_fields(guess: Guess, tags: _Tags) -> list[str]:
    lines = [_line(f"      {tag}", _mapping(kind, columns)) for tag, (kind, columns) in guess.mapped.items()]
    offered = ["      # The other columns. Without the '# ' in front, one goes to Mailchimp too:"] if guess.rest else []
    used = set(guess.mapped)
    for column in guess.rest:
        kind = KIND_OF_TYPE.get(column.data_type)
        if kind is None:
            offered.append(f"      # ({_flow(column.id)} cannot be a merge field: {_about(column)})")
        else:
            tag = tags.give(column.id, kind, used)
            offered.append(_line(f"      # {tag}", _mapping(kind, [column.id]), _about(column)))
    if not lines:
        about = "no column with a usual name was found; to use one below, take away the braces"
        return [_line("    merge_fields", {}, about), *offered]
    rule = "    # Cleared where AFAS has a blank; a merge field that does not stand here is never touched."
    return [rule, "    merge_fields:", *lines, *offered]


def _mapping(kind: FieldKind, columns: Sequence[str]) -> object:
    value = columns[0] if len(columns) == 1 else list(columns)
    return value if kind == FieldKind.TEXT else {kind.value: value}


class _Tags:
    """Merge tags for columns that are offered: none twice in a source, and one kind for each in the whole file."""

    def __init__(self, guesses: Sequence[Guess]) -> None:
        self._kinds = {tag: kind for guess in guesses for tag, (kind, _) in guess.mapped.items()}

    def give(self, column: str, kind: FieldKind, used: set[str]) -> str:
        """A tag that says what it is of.

        :param used: those of the source; the new one is added.
        """
        letters = re.sub(r"[^A-Z0-9_]", "", column.upper())
        name = letters if letters[:1].isalpha() else f"F{letters}"
        tag, number = name[:LONGEST_TAG], 1
        while tag in RESERVED_TAGS or tag in used or self._kinds.get(tag, kind) != kind:
            number += 1
            tag = f"{name[: LONGEST_TAG - len(str(number))]}{number}"
        used.add(tag)
        self._kinds[tag] = kind
        return tag


def _line(key: str, value: object, about: str = "") -> str:
    return _with(f"{key}: {_flow(value)}", about)


def _with(text: str, about: str) -> str:
    """Text with a comment behind it, in one column on every line; where that is too long, above it."""
    if not about:
        return text
    line = f"{text}{' ' * max(2, COMMENT_COLUMN - len(text))}# {about}"
    if len(line) <= LONGEST_LINE or text.lstrip().startswith("#"):
        return line
    indent = text[: len(text) - len(text.lstrip())]
    return "\n".join([*(f"{indent}# {part}" for part in textwrap.wrap(about, LONGEST_LINE - 10)), text])


def _about(column: ConnectorField) -> str:
    length = f"({column.length})" if column.data_type == "string" and column.length else ""
    return ", ".join(part for part in (f"{readable(column.data_type)}{length}", readable(column.label)) if part)


class _OneLine(yaml.SafeDumper):
    """Quotes text with line breaks and the like so that it stays on one line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_OneLine.add_representer(str, _text)


def _flow(value: object) -> str:
    """A value as YAML on one line, quoted where it must be."""
    text: str = yaml.dump(
        [value], Dumper=_OneLine, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9
    )
    return text.strip()[1:-1]
