"""Writes the field tables of the technical documentation: ``python -m tests.domain.technical_page``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from afas_mailchimp.page_words import Language
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.settings_view import mapping_table, rules
from afas_mailchimp.sync_files import parse_sync
from sandbox.afas.connectors import standard_connectors

ROOT = Path(__file__).parents[2]
SYNC = ROOT / "dags" / "syncs" / "customers.yaml"
PAGES = {
    Language.ENGLISH: ROOT / "docs" / "technical-documentation.md",
    Language.DUTCH: ROOT / "docs" / "nl" / "technische-documentatie.md",
}
BEGIN, END = "<!-- tables: python -m tests.domain.technical_page -->", "<!-- end of the tables -->"

_KINDS = {
    "text": ("text", "tekst"),
    "phone": ("telephone number, E.164", "telefoonnummer, E.164"),
    "date": ("date", "datum"),
    "number": ("number", "getal"),
    "address": ("postal address", "postadres"),
    "yes_no": ("yes or no", "ja of nee"),
    "choice": ("one of a list", "keuze uit een lijst"),
}
_USES = {
    "key": ("key of the row", "sleutel van de rij"),
    "email": ("e-mail address: who the member is", "e-mailadres: wie het lid is"),
    "modified": ("moment of the last change", "moment van de laatste wijziging"),
    "filter": ("decides who takes part", "bepaalt wie meedoet"),
    "field": ("value of a merge field", "waarde van een merge-veld"),
}
_HEADS = {
    "rules": ("What the sync file says", "Wat het syncbestand zegt"),
    "read": ("Read from {connector} (source `{source}`)", "Gelezen uit {connector} (bron `{source}`)"),
    "columns": (
        ("column", "label in AFAS", "type", "length", "used as"),
        ("kolom", "label in AFAS", "type", "lengte", "gebruikt als"),
    ),
    "written": ("Written to Mailchimp", "Geschreven naar Mailchimp"),
    "fields": (("source", "AFAS columns", "as", "merge field"), ("bron", "AFAS-kolommen", "als", "merge-veld")),
    "hidden": (
        "And two hidden merge fields: `{key}` with the AFAS key, and `{base}` with digests.",
        "En twee verborgen merge-velden: `{key}` met de AFAS-sleutel en `{base}` met controlegetallen.",
    ),
}


def renewed(text: str, language: Language) -> str:
    """A page with the tables of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    sync = parse_sync(SYNC.read_text(encoding="utf-8"), file=SYNC.name)
    tables = "\n".join(_lines(sync, dutch=language == Language.DUTCH))
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _lines(sync: SyncFile, *, dutch: bool) -> Iterator[str]:
    yield f"### {_HEADS['rules'][dutch]}\n"
    yield from (f"- {text}" for text in rules(sync, Language.DUTCH if dutch else Language.ENGLISH))
    yield ""
    for name, source in sync.sources.items():
        known = {column.id: column for column in standard_connectors()[source.connector].columns}
        uses = {source.key: "key", source.email: "email"}
        uses |= dict.fromkeys(source.modified, "modified") | dict.fromkeys(source.filter, "filter")
        yield f"### {_HEADS['read'][dutch].format(connector=source.connector, source=name)}\n"
        yield from _table(
            _HEADS["columns"][dutch],
            [
                (
                    f"`{column}`",
                    known[column].label,
                    known[column].data_type,
                    str(known[column].length or ""),
                    _USES[uses.get(column, "field")][dutch],
                )
                for column in source.columns
            ],
        )
    yield f"### {_HEADS['written'][dutch]}\n"
    yield from _table(
        _HEADS["fields"][dutch],
        [
            (
                line.source,
                ", ".join(f"`{each.name}`" for each in line.columns),
                _KINDS[line.kind][dutch],
                f"`{line.tag}`",
            )
            for line in mapping_table(sync)
        ],
    )
    yield _HEADS["hidden"][dutch].format(key=sync.audience.key_field, base=sync.audience.base_field) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


if __name__ == "__main__":
    for each, path in PAGES.items():
        path.write_text(renewed(path.read_text(encoding="utf-8"), each), encoding="utf-8")
