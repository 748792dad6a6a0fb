"""The sync that is measured: one source, no tags, the usual columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

CONNECTOR, WITH_CONSENT = "Profit_Debtor_App", "Profit_Debtor_App_Extra"


def sync(list_id: str, **more: Any) -> dict[str, Any]:
    """Content of a sync file.

    :param more: replaces whole blocks.
    """
    return {
        "name": "customers",
        "audience": {"list_id": list_id},
        "consent": {"new_members": "subscribed", "basis": "existing customers"},
        "sources": {
            "debtors": {
                "connector": CONNECTOR,
                "key": "DebtorId",
                "modified": ["DateModified"],
                "email": "Email",
                "filter": {"Blocked": False},
                "merge_fields": {
                    "COMPANY": "DebtorName",
                    "PHONE": {"phone": "TelNr"},
                    "ADDRESS": {"address": ["AddressLine1", "AddressLine3", "AddressLine4"]},
                    "CREATED": {"date": "CreateDate"},
                },
            }
        },
        **more,
    }


def with_write_back(list_id: str) -> dict[str, Any]:
    """The same with an opt-out that travels back, to the two kinds of record that it can be."""
    content = sync(list_id)
    content["sources"]["debtors"]["connector"] = WITH_CONSENT
    content["write_back"] = {
        "debtors": {
            "type": "Type",
            "organisation": {"update": "KnOrganisation", "key": "BcCo"},
            "person": {"update": "KnPerson", "key": "BcCo"},
            "fields": {
                "status": {"to": "Nieuwsbrief", "current": "Nieuwsbrief", "values": {"unsubscribed": False}},
            },
        }
    }
    return content


def written(content: dict[str, Any], folder: Path) -> Path:
    """Write it, and return where."""
    path = folder / "customers.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path
