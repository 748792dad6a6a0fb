"""What the lint of columns and rights found, as text for a person and as JSON for a script. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from afas_mailchimp.minimisation import ConnectorView, Lint, SensitiveColumn
from afas_mailchimp.starter_source import readable

ROWS_COME_WHOLE = (
    "AFAS sends whole rows: a call cannot name columns. Make a copy of the connector with the columns to keep only, "
    "put its name in the sync file, and take the old one out of the app connector (docs/minimisation.md)."
)


def lint_text(found: Lint) -> str:
    """The findings of one connection, the worst first."""
    return "\n".join([*_lines(found), ""])


def lint_json(found: Lint) -> dict[str, object]:
    """The findings as JSON values: names of columns and connectors only."""
    return {**asdict(found), "errors": found.has_errors, "warnings": found.has_warnings}


def _lines(found: Lint) -> Iterator[str]:
    yield f"AFAS connection {found.connection}, environment {readable(found.environment)}"
    yield from _section(
        "ERROR: sensitive columns that a sync uses",
        (_sensitive(each) for each in found.mapped),
        "A mailing seldom has a ground for these. Remove them from the sync file, or decide and write the ground in "
        "the record of processing; then: --accept COLUMN.",
    )
    missing = [each for each in found.connectors if each.missing]
    yield from _section(
        "ERROR: columns that a sync names and the connector does not have",
        (f"{each.connector}: {', '.join(each.missing)}" for each in missing),
    )
    yield from _section(
        "WARNING: sensitive columns that the token can see and no sync uses",
        (_sensitive(each) for each in found.sensitive if not each.uses and not each.accepted),
    )
    surplus = [each for each in found.connectors if each.surplus]
    yield from _section(
        "WARNING: columns to leave out of a narrow copy",
        (line for each in surplus for line in _copy(each)),
        ROWS_COME_WHOLE,
    )
    yield from _section(
        "WARNING: GetConnectors that the token may read and no sync uses",
        (
            f"{readable(each.connector)}"
            f"{f' ({readable(each.description)})' if each.description else ''}"
            f"{f': by its name {each.danger}' if each.danger else ''}"
            for each in found.spare
        ),
        "Take them out of the app connector in AFAS.",
    )
    yield from _section(
        "WARNING: UpdateConnectors that the token may write and no sync writes",
        found.spare_updates,
        "Take them out of the app connector in AFAS.",
    )
    yield from _section("WARNING: GetConnectors whose columns AFAS would not tell", found.unread)
    yield from _section(
        "Accepted by a person (--accept)", (_sensitive(each) for each in found.sensitive if each.accepted)
    )
    if not found.has_errors and not found.has_warnings:
        yield "  The token sees what the syncs need, and nothing else."


def _section(head: str, lines: Iterable[str], advice: str = "") -> Iterator[str]:
    told = list(lines)
    if told:
        yield f"\n{head}"
        yield from (f"  {line}" for line in told)
        if advice:
            yield f"  -> {advice}"


def _sensitive(found: SensitiveColumn) -> str:
    label = f" ({readable(found.label)})" if found.label else ""
    uses = f"; used by {', '.join(found.uses)}" if found.uses else ""
    return f"{readable(found.connector)}.{readable(found.column)}{label}: {found.danger}{uses}"


def _copy(found: ConnectorView) -> Iterator[str]:
    yield f"{found.connector}: keep {len(found.needed)} of {len(found.needed) + len(found.surplus)} columns"
    yield f"  keep:      {', '.join(found.needed)}"
    yield f"  leave out: {', '.join(map(readable, found.surplus))}"
