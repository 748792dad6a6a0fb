"""Which addresses the audience must hold, counted from AFAS's own rows by other means than the package's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.client import Control

PLAIN = re.compile(r"[a-z0-9][a-z0-9.'+_-]{0,63}@(?:[a-z0-9-]+\.)+[a-z]{2,}")
SOURCES: Mapping[str, tuple[str, str, str]] = {
    "debtors": ("Profit_Debtor_App", "DebtorId", "Email"),
    "contacts": ("Profit_Contacts_App", "ContactId", "MailWork"),
}
"""Connector, key and address column of the sources in ``dags/syncs/customers.yaml``."""


def first_address(text: object) -> str | None:
    """The first thing in a field that is an e-mail address as a whole, lower-cased."""
    pieces = re.split(r"[;,/]", str(text or "").lower())
    return next((piece.strip() for piece in pieces if PLAIN.fullmatch(piece.strip())), None)


def wanted_rows(afas: Control) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Rows that the sync file lets through, with a usable address: source, address, row; in winning order."""
    for source, (connector, key, email) in SOURCES.items():
        rows: list[dict[str, Any]] = afas.call("rows", connector=connector)
        for row in sorted(rows, key=lambda row: (row["DateModified"] or "", str(row[key])), reverse=True):
            address = first_address(row[email])
            if (
                address
                and not row["Blocked"]
                and row.get("Type") != "AFD"
                and (source, row["Type"]) != ("contacts", "PER")
            ):
                yield source, address, row


def differences(afas: Control, mailchimp: Control) -> list[str]:
    """What is wrong in the audience, counted; nothing when it is what AFAS says. People who left do not count."""
    wanted = {address for _, address, _ in wanted_rows(afas)}
    members = {member["email_address"].lower(): member for member in mailchimp.dump()["members"]}
    there = {address for address, member in members.items() if member["status"] != "archived"}
    keyless = sum(not members[address]["merge_fields"].get("AFASID") for address in wanted & there)
    found = {
        "addresses that AFAS has are not in the audience": len(wanted - there),
        "addresses in the audience are not in AFAS": len(there - wanted),
        "members have no AFAS key": keyless,
    }
    return [f"{count} {what}" for what, count in found.items() if count]
