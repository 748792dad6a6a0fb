"""What one import is told to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked of this run; ``written_back`` are names of rows that its write-back wrote.

    :param max_archive_percent: overrides the sync file's limit for this run.
    :param now: AFAS's clock (aware), where it is known already.
    :param member_count: members of the audience as Mailchimp counts them, where it is known already.
    """

    dry_run: bool = False
    may_archive: bool = False
    max_archive_percent: float | None = None
    check_keys: bool = False
    written_back: frozenset[str] = frozenset()
    now: datetime | None = None
    member_count: int | None = None
