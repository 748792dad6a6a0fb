"""Looks for people in everything that an Airflow left behind: database, write-ahead log, task logs, standard output."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from demo.expectation import first_address


def personal_texts(rows: dict[str, list[dict[str, object]]]) -> set[str]:
    """Everything in AFAS's rows that points at somebody: addresses, their hashes, names, streets, numbers."""
    found: set[str] = set()
    for row in (row for table in rows.values() for row in table):
        given = (row.get("Voornaam"), row.get("Achternaam"))
        found |= {str(row[name]) for name in ("DebtorName", "Name", "AddressLine1") if row.get(name)}
        found |= {" ".join(map(str, given)), ", ".join(map(str, reversed(given)))} if all(given) else set()
        for name in ("Email", "MailWork"):
            text = str(row.get(name) or "").strip()
            address = first_address(text)
            found |= {text} | ({address, *_hashes(address)} if address else set())
        for name in ("TelNr", "TelWork", "MobWork"):
            found |= set(_numbers(str(row.get(name) or "")))
    # Shorter ones are words like "geen", which stand anywhere.
    return {text for text in found if len(text) >= 8}


def _hashes(address: str) -> Iterator[str]:
    for method in ("md5", "sha1", "sha256"):
        yield hashlib.new(method, address.encode(), usedforsecurity=False).hexdigest()


def _numbers(text: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 9:
        yield text.strip()
        yield digits
        yield digits[-9:]


def files_with(texts: Iterable[str], folder: Path) -> dict[str, int]:
    """How many of the texts each file below a folder has, in any case and in JSON's spelling, where it has any."""
    patterns = {spelled.lower().encode() for text in texts for spelled in (text, json.dumps(text)[1:-1])}
    hits = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            # Letters outside ASCII have no case in bytes, so those are compared as they are and lowered as text.
            lowered = content.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")
            count = sum(pattern in lowered for pattern in patterns)
            if count:
                hits[str(path.relative_to(folder))] = count
    return hits
