"""What is worth telling a person: one message for each cause, the same again daily, and one when it is well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from afas_mailchimp.alert_settings import AlertSettings
from afas_mailchimp.leaving import above_limit


class Cause(StrEnum):
    """What can be wrong, each told by itself."""

    FAILED = "failed"
    REJECTED = "rejected"
    LAG = "lag"


class News(StrEnum):
    """What there is to tell of a cause."""

    BEGUN = "begun"
    STILL = "still"
    WELL = "well"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class RunEnded:
    """How a run ended, as far as alerts go.

    :param failed: tasks that failed for good, in the order of the DAG.
    :param read: rows that were read; None when no import came to its report.
    :param rejected: of those, invalid ones and ones that Mailchimp refused.
    :param lag: the longest lag of a source; None before its first good run.
    """

    failed: tuple[str, ...] = ()
    read: int | None = None
    rejected: int = 0
    lag: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A cause that lasts.

    :param since: first seen (aware).
    :param told: last told (aware).
    """

    since: datetime
    told: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell.

    :param since: when it began (aware).
    """

    news: News
    cause: Cause
    since: datetime


Memory = Mapping[Cause, Told]


def causes(ended: RunEnded, settings: AlertSettings) -> dict[Cause, bool]:
    """Which causes hold after a run. One that this run cannot tell is left out: it stays as it was."""
    found = {Cause.FAILED: bool(ended.failed)}
    if settings.rejected_percent is None:
        found[Cause.REJECTED] = False
    elif ended.read:
        # Nothing read, nothing learnt: most incremental runs read nothing.
        found[Cause.REJECTED] = above_limit(ended.rejected, ended.read, settings.rejected_percent)
    if settings.lag is None:
        found[Cause.LAG] = False
    elif ended.lag is not None:
        found[Cause.LAG] = ended.lag > settings.lag
    return found


def news(found: Mapping[Cause, bool], memory: Memory, *, now: datetime, repeat: timedelta) -> list[Message]:
    """What is to be told now."""
    messages = []
    for cause, holds in found.items():
        before = memory.get(cause)
        if holds and before is None:
            messages.append(Message(News.BEGUN, cause, now))
        elif holds and before and now - before.told >= repeat:
            messages.append(Message(News.STILL, cause, before.since))
        elif before and not holds:
            messages.append(Message(News.WELL, cause, before.since))
    return messages


def remembered(memory: Memory, sent: list[Message], *, now: datetime) -> dict[Cause, Told]:
    """The memory after messages were sent; what could not be sent is not in it, and is tried again by the next run."""
    after = dict(memory)
    for message in sent:
        if message.news == News.WELL:
            after.pop(message.cause, None)
        else:
            after[message.cause] = Told(message.since, now)
    return after


def format_memory(memory: Memory) -> str:
    """For an Airflow Variable: causes and moments, nothing else."""
    return json.dumps({
        str(cause): {"since": _text(told.since), "told": _text(told.told)} for cause, told in sorted(memory.items())
    })


def parse_memory(text: str | None) -> dict[Cause, Told]:
    """What a Variable holds; whatever cannot be read counts as never told."""
    try:
        found = json.loads(text or "{}")
        return {
            Cause(cause): Told(datetime.fromisoformat(told["since"]), datetime.fromisoformat(told["told"]))
            for cause, told in found.items()
            if cause in set(Cause) and datetime.fromisoformat(told["told"]).tzinfo
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
