"""Full or incremental, and with which windows: decided from the state that the last runs left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from afas_mailchimp.amsterdam_time import to_utc
from afas_mailchimp.fingerprint import Fingerprint
from afas_mailchimp.retry_memory import Due
from afas_mailchimp.settings import SyncFile

BIG_RUN = 5_000
"""Rows in the windows of an incremental run from which comparing everything is cheaper than asking for each rival."""


class Why(StrEnum):
    """Why a run is what it is; shown in the report."""

    ASKED = "asked for"
    FIRST = "first run: a source has no watermark"
    CONFIGURATION = "the configuration changed"
    DUE = "the last full reload is older than full_reload_every"
    BIG = "more changed rows than an incremental run takes"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class State:
    """What earlier runs left in the Variables of a sync.

    :param watermarks: naive Amsterdam wall time by source; sources without one are absent.
    :param full_reload_at: end of the last full reload, aware UTC.
    :param retry: rows due for another try, by name.
    :param members: how many members carried a key of this sync at the end of the last run that counted them.
    :param unfinished: a run began to let members change hands, and did not confirm.
    """

    watermarks: Mapping[str, datetime]
    full_reload_at: datetime | None
    fingerprint: Fingerprint | None
    erased: frozenset[str] = frozenset()
    retry: Mapping[str, Due] = field(default_factory=dict)
    members: int | None = None
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Mode:
    """How a run goes."""

    full: bool
    why: Why
    may_archive: bool


def choose_mode(
    sync: SyncFile, state: State, now_is: Fingerprint, *, asked: bool, scheduled: bool, now: datetime
) -> Mode:
    """Choose the mode of a run.

    :param now_is: fingerprint of the sync as it is configured now.
    :param asked: the run parameter ``full_reload``.
    :param scheduled: only scheduled runs become full because the last one is old.
    :param now: aware.
    """
    known = state.fingerprint
    same_target = known is not None and known.target == now_is.target
    may_archive = sync.archive_removed and same_target
    if asked:
        return Mode(full=True, why=Why.ASKED, may_archive=may_archive)
    if any(source not in state.watermarks for source in sync.sources) or known is None:
        return Mode(full=True, why=Why.FIRST, may_archive=may_archive)
    if known != now_is:
        return Mode(full=True, why=Why.CONFIGURATION, may_archive=may_archive)
    every, last = sync.full_reload_every, state.full_reload_at
    if scheduled and every is not None and (last is None or now - last >= every):
        return Mode(full=True, why=Why.DUE, may_archive=may_archive)
    return Mode(full=False, why=Why.INCREMENTAL, may_archive=may_archive)


def sweep_is_due(watermark: datetime, now: datetime, *, every: timedelta) -> bool:
    """Whether the rows that say no are to be swept: once in each span of ``every``, and nothing has to be remembered.

    :param watermark: naive Amsterdam wall time of the last confirmed run.
    :param now: AFAS's clock, aware.
    """
    if every <= timedelta(0):
        return True
    return to_utc(watermark).timestamp() // every.total_seconds() != now.timestamp() // every.total_seconds()
