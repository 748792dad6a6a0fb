"""What a sync was last run with: a changed configuration makes the next run a full reload."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from afas_mailchimp.settings import SyncFile

NOT_PART = dict.fromkeys(
    ("schedule", "timezone", "full_reload_every", "overlap", "limits", "retention", "archive_removed"), True
) | {"audience": {"pool"}}
"""Settings that change when or how carefully a sync runs, not what the audience should hold."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Two digests of settings (no personal data).

    :param target: AFAS environment and audience; with another one, nothing is archived in the next run.
    :param settings: sources, mapping, consent, key fields.
    """

    target: str
    settings: str

    def __str__(self) -> str:
        return f"{self.target}.{self.settings}"


def fingerprint(sync: SyncFile, *, afas: str, mailchimp: str) -> Fingerprint:
    """Digest a sync.

    :param afas: base URL of the AFAS environment.
    :param mailchimp: base URL of the Mailchimp account's data centre.
    """
    settings = sync.model_dump(mode="json", exclude=NOT_PART)
    return Fingerprint(_digest([afas.lower(), mailchimp.lower(), sync.audience.list_id]), _digest(settings))


def parse_fingerprint(text: str | None) -> Fingerprint | None:
    """Read a stored fingerprint; None when there is none."""
    target, dot, settings = (text or "").partition(".")
    return Fingerprint(target, settings) if dot else None


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
