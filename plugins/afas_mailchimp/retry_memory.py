"""Rows that are due for another try although the watermark moved on: their AFAS keys, and when; nothing else."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from afas_mailchimp.audience import Refusal
from afas_mailchimp.outcomes import Reason

PAUSES = (timedelta(minutes=5), timedelta(days=1), timedelta(days=2), timedelta(days=7))
"""How long after each refusal the next try comes; after the last one the row waits for its next change."""

MOST_KEYS = 1_000
LONGEST = timedelta(days=10, hours=1)
"""How long a key is remembered at most: all pauses, and an hour for the run that makes the last try."""

TRANSIENT: frozenset[str] = frozenset({
    Refusal.MANY_LISTS,
    Refusal.OTHER,
    Refusal.NOT_FOUND,
    Refusal.DUPLICATE,
    Reason.CHANGED_WHILE_READING,
})
"""Ends of a row that may be another one next time without anything changing in AFAS."""


@dataclass(frozen=True, slots=True)
class Due:
    """One row's place in the memory.

    :param tries: tries made since the first refusal.
    :param at: when the next one is due, aware.
    :param since: when it was first refused, aware.
    """

    tries: int
    at: datetime
    since: datetime


def parse_retry(text: str | None) -> dict[str, Due]:
    """Read the memory. An entry that cannot be read is dropped: it is a help, and full reloads try every row."""
    try:
        found = json.loads(text) if text else {}
        return {
            str(name): Due(int(tries), _moment(at), _moment(since)) for name, (tries, at, since) in dict(found).items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def format_retry(memory: Mapping[str, Due]) -> str:
    """``{"debtors:10001": [tries, next try, first refused]}``, the longest remembered first, at most 1,000."""
    kept = islice(sorted(memory.items(), key=lambda item: item[1].since), MOST_KEYS)
    return json.dumps({name: [due.tries, _text(due.at), _text(due.since)] for name, due in kept})


def due_now(memory: Mapping[str, Due], now: datetime) -> dict[str, Due]:
    """Rows whose next try has come."""
    return {name: due for name, due in memory.items() if due.at <= now}


def remember(
    memory: Mapping[str, Due], *, refused: Iterable[str], handled: Container[str], now: datetime
) -> dict[str, Due]:
    """The memory after a run.

    :param refused: names of rows that ended in one of ``TRANSIENT``.
    :param handled: names of rows that this run has tried or found gone: those that were not refused are forgotten.
    """
    kept = {name: due for name, due in memory.items() if name not in handled and now - due.since < LONGEST}
    for name in refused:
        before = memory.get(name)
        if before is None:
            kept[name] = Due(0, now + PAUSES[0], now)
        elif now < before.at:
            # A full reload tried it early; that costs no try.
            kept[name] = before
        elif before.tries + 1 < len(PAUSES):
            kept[name] = Due(before.tries + 1, now + PAUSES[before.tries + 1], before.since)
    return kept


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
