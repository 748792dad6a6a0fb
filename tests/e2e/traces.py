"""Looks for people in everything that an Airflow left behind: database, write-ahead log, task logs, standard output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from demo.expectation import first_address
from hooks.afas_mailchimp_scan_database import DatabasePlace
from hooks.afas_mailchimp_scan_places import FolderPlace
from operators.afas_mailchimp_scan import scan
from operators.afas_mailchimp_scan_engine import Found


def personal_texts(rows: dict[str, list[dict[str, object]]]) -> set[str]:
    """Everything in AFAS's rows that points at somebody: addresses, names, streets, numbers."""
    found: set[str] = set()
    for row in (row for table in rows.values() for row in table):
        given = (row.get("Voornaam"), row.get("Achternaam"))
        found |= {str(row[name]) for name in ("DebtorName", "Name", "AddressLine1") if row.get(name)}
        found |= {" ".join(map(str, given)), ", ".join(map(str, reversed(given)))} if all(given) else set()
        for name in ("Email", "MailWork"):
            text = str(row.get(name) or "").strip()
            found |= {text, first_address(text) or text}
        for name in ("TelNr", "TelWork", "MobWork"):
            found |= set(_numbers(str(row.get(name) or "")))
    # Shorter ones are words like "geen", which stand anywhere.
    return {text for text in found if len(text) >= 8}


def _numbers(text: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 9:
        yield text.strip()
        yield digits[-9:]


def search(texts: Iterable[str], folder: Path) -> Found:
    """Look for texts in every form, in every file of an Airflow's home, and in its database row by row."""
    lines = sorted(texts)
    return scan(lines, [FolderPlace(folder), DatabasePlace(f"sqlite:///{folder}/airflow.db")])


def files_with(texts: Iterable[str], folder: Path) -> dict[str, int]:
    """How often any of the texts stands in each file below a folder, where it does."""
    hits: dict[str, int] = {}
    for (place, _, _), times in scan(sorted(texts), [FolderPlace(folder)]).people.items():
        hits[place] = hits.get(place, 0) + times
    return hits
