"""The state of a sync in Airflow Variables: small, readable by a person, no personal data."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow.sdk import Variable

from afas_mailchimp.alerts import Cause, Told, format_memory, parse_memory
from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.fingerprint import Fingerprint, parse_fingerprint
from afas_mailchimp.retry_memory import Due, format_retry, parse_retry
from afas_mailchimp.run_mode import State

if TYPE_CHECKING:
    from afas_mailchimp.settings import SyncFile


INSTANCE = "afas_mailchimp.instance"
"""Variable with the mark of this Airflow: afas_mailchimp.instance_mark."""


def variable_name(sync: SyncFile, *parts: str) -> str:
    """``afas_mailchimp.<sync>.<source>.watermark`` and its sisters."""
    return ".".join(("afas_mailchimp", sync.name, *parts))


def load_state(sync: SyncFile, *, forgiving: bool = False) -> State:
    """Read what earlier runs left.

    :param forgiving: an unreadable watermark counts as none (a full reload does not need it).
    :raises ConfigurationError: a Variable holds something unreadable; the sentence names it.
    """
    watermarks = {}
    for source in sync.sources:
        moment = _moment(variable_name(sync, source, "watermark"), aware=False, forgiving=forgiving)
        if moment:
            watermarks[source] = moment
    return State(
        watermarks=watermarks,
        full_reload_at=_moment(variable_name(sync, "full_reload_at"), aware=True, forgiving=True),
        fingerprint=parse_fingerprint(_text(variable_name(sync, "fingerprint"))),
        erased=_names(variable_name(sync, "erased")),
        retry=parse_retry(_text(variable_name(sync, "retry"))),
        members=_number(variable_name(sync, "members")),
        unfinished=_text(variable_name(sync, "unfinished")) is not None,
    )


def load_instance() -> str | None:
    """Read the mark of this Airflow."""
    return _text(INSTANCE)


def make_instance() -> str:
    """Make the mark of this Airflow out of chance; it lives as long as its database."""
    Variable.set(INSTANCE, secrets.token_hex(4))
    # Two syncs may begin at once: what was kept counts.
    return _text(INSTANCE) or ""


def load_write_back(sync: SyncFile, *, forgiving: bool = False) -> tuple[datetime | None, dict[str, Due]]:
    """Read up to when members were looked at (UTC), and the rows that AFAS refused.

    :param forgiving: an unreadable watermark counts as none.
    :raises ConfigurationError: the Variable holds something unreadable.
    """
    watermark = _moment(variable_name(sync, "write_back", "watermark"), aware=True, forgiving=forgiving)
    return watermark, parse_retry(_text(variable_name(sync, "write_back", "retry")))


def save_write_back(
    sync: SyncFile, watermark: datetime, *, retry: Mapping[str, Due], before: Mapping[str, Due]
) -> None:
    """Remember that every member that changed before a moment was looked at.

    :param watermark: UTC.
    :param retry: rows that AFAS refused, due for another try.
    """
    moment = watermark.astimezone(UTC).isoformat(timespec="seconds")
    Variable.set(variable_name(sync, "write_back", "watermark"), moment)
    if retry != before:
        Variable.set(variable_name(sync, "write_back", "retry"), format_retry(retry))


def save_watermark(sync: SyncFile, source: str, watermark: datetime) -> None:
    """Move a watermark; called only when everything before it is confirmed in Mailchimp."""
    Variable.set(variable_name(sync, source, "watermark"), watermark.isoformat(timespec="seconds"))


def save_retry(sync: SyncFile, memory: Mapping[str, Due], before: Mapping[str, Due]) -> None:
    """Remember which rows are due for another try; a memory that stays empty is not written."""
    if memory != before:
        Variable.set(variable_name(sync, "retry"), format_retry(memory))


def load_alerts(sync: SyncFile) -> dict[Cause, Told]:
    """Read what people were told already."""
    return parse_memory(_text(variable_name(sync, "alerts")))


def save_alerts(sync: SyncFile, memory: Mapping[Cause, Told], *, before: Mapping[Cause, Told]) -> None:
    """Remember what people were told; where all is well nothing stays."""
    if memory and memory != before:
        Variable.set(variable_name(sync, "alerts"), format_memory(memory))
    elif before and not memory:
        Variable.delete(variable_name(sync, "alerts"))


def note_erased(sync: SyncFile, name: str) -> bool:
    """Leave a tombstone: no import ever brings this row in again. It is not due for another try either.

    :param name: source and key, ``debtors:10001``.
    :return: whether it is new.
    """
    for parts in (("retry",), ("write_back", "retry")):
        memory = parse_retry(_text(variable_name(sync, *parts)))
        if memory.pop(name, None):
            Variable.set(variable_name(sync, *parts), format_retry(memory))
    erased = _names(variable_name(sync, "erased"))
    if name in erased:
        return False
    Variable.set(variable_name(sync, "erased"), json.dumps(sorted({*erased, name})))
    return True


def note_unfinished(sync: SyncFile) -> None:
    """Say that members are changing hands: if no run confirms, the next one looks at the whole audience."""
    Variable.set(variable_name(sync, "unfinished"), datetime.now(UTC).isoformat(timespec="seconds"))


def clear_unfinished(sync: SyncFile) -> None:
    """Say that all members are where they belong."""
    Variable.delete(variable_name(sync, "unfinished"))


def save_run(sync: SyncFile, *, fingerprint: Fingerprint, full_reload_at: datetime | None, members: int | None) -> None:
    """Remember with which configuration the run went, when a full reload ended, and how many members are ours."""
    Variable.set(variable_name(sync, "fingerprint"), str(fingerprint))
    if members is not None:
        Variable.set(variable_name(sync, "members"), str(members))
    if full_reload_at:
        Variable.set(variable_name(sync, "full_reload_at"), full_reload_at.isoformat(timespec="seconds"))


def _text(name: str) -> str | None:
    value = Variable.get(name, default=None)
    return value if isinstance(value, str) and value.strip() else None


def _number(name: str) -> int | None:
    text = _text(name) or ""
    return int(text) if text.isascii() and text.isdigit() else None


def _moment(name: str, *, aware: bool, forgiving: bool) -> datetime | None:
    text = _text(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or (moment.tzinfo is not None) != aware:
        if forgiving:
            return None
        message = (
            f"Variable {name}: cannot be read as a date such as "
            f"{'2026-01-31T08:15:00+00:00 (UTC)' if aware else '2026-01-31T09:15:00 (Amsterdam time, no offset)'}. "
            "Delete the Variable or run with full_reload; nothing was changed."
        )
        raise ConfigurationError(message)
    return moment


def _names(name: str) -> frozenset[str]:
    text = _text(name)
    try:
        names = json.loads(text) if text else []
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(entry, str) for entry in names):
        # An unreadable list of erased keys must stop the run: importing an erased person again cannot be undone.
        message = f'Variable {name}: must be a JSON list of keys such as ["debtors:10001"]; nothing was changed.'
        raise ConfigurationError(message)
    return frozenset(names)
