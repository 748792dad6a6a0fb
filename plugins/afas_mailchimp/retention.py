"""How long each DAG's traces are kept: which runs are due, which stay, and why. Pure: moments come in as arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afas_mailchimp.settings import RetentionSettings

SYNC_DAG = "afas_mailchimp_sync_"
RETENTION_DAG = "afas_mailchimp_log_retention"
ERASE_DAG = "afas_mailchimp_erase"
DAG_FILES = frozenset({"afas_mailchimp_sync.py", "afas_mailchimp_log_retention.py", "afas_mailchimp_erase.py"})
"""Only what comes from these files is the package's: another team's DAG may have a name that begins like ours."""

DEFAULT_DAYS, DEFAULT_FAILED_DAYS = 30, 7
"""For DAGs whose sync file is gone or cannot be read; the same as the sync file's defaults."""


class Ended(StrEnum):
    """How a run ended, in Airflow's words."""

    SUCCESS = "success"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Term:
    """How long the traces of one DAG are kept.

    :param days: after the end of a run that ended well; 0 means as soon as it has ended.
    :param failed_days: after the end of a run that failed; never shorter than ``days``.
    :param audit_log: whether entries of Airflow's audit log go too.
    """

    days: int
    failed_days: int
    audit_log: bool = True

    def before(self, ended: Ended | None, *, now: datetime) -> datetime:
        """Moment up to which traces are due.

        :param ended: how the run ended, None for traces that belong to no run.
        """
        return now - timedelta(days=self.failed_days if ended == Ended.FAILED else self.days)


def is_ours(dag_id: str, file: str | None) -> bool:
    """Whether a DAG belongs to the package.

    :param file: the DAG's file as Airflow knows it, None when Airflow has forgotten the DAG: then its name decides.
    """
    named = dag_id in {RETENTION_DAG, ERASE_DAG} or dag_id.startswith(SYNC_DAG)
    return named and (file is None or file.replace("\\", "/").rsplit("/", maxsplit=1)[-1] in DAG_FILES)


def terms(
    dag_ids: Iterable[str], settings: Mapping[str, RetentionSettings], *, older_than_days: int | None = None
) -> dict[str, Term]:
    """Say how long each of our DAGs is kept.

    The retention's own runs follow the strictest sync file. A run of the erasure holds its certificate, so it stays as
    long as the most patient file keeps a failed run: somebody must be able to fetch it.

    :param settings: of every sync file that can be read, by name of the sync.
    :param older_than_days: what a person asked for; it replaces every term, also that of failed runs.
    """
    known = {f"{SYNC_DAG}{name}": _of(each) for name, each in settings.items()}
    every = list(known.values()) or [_default()]
    audit = all(term.audit_log for term in every)
    strictest = Term(min(t.days for t in every), min(t.failed_days for t in every), audit_log=audit)
    patient = max(t.failed_days for t in every)
    known |= {RETENTION_DAG: strictest, ERASE_DAG: Term(patient, patient, audit_log=audit)}
    chosen = {dag_id: known.get(dag_id) or _default(audit_log=audit) for dag_id in sorted(set(dag_ids))}
    if older_than_days is None:
        return chosen
    return {dag_id: Term(older_than_days, older_than_days, audit_log=term.audit_log) for dag_id, term in chosen.items()}


def _of(settings: RetentionSettings) -> Term:
    failed = max(settings.days, settings.failed_days)
    return Term(settings.days, failed, audit_log=settings.audit_log)


def _default(*, audit_log: bool = True) -> Term:
    return Term(DEFAULT_DAYS, max(DEFAULT_DAYS, DEFAULT_FAILED_DAYS), audit_log=audit_log)


@dataclass(frozen=True, slots=True)
class Run:
    """One run as Airflow's database has it.

    :param row: its number in the table ``dag_run``.
    :param ended_at: UTC; of a run without an end the last moment that is known of it.
    :param busy: whether a task of it is not finished, whatever the run itself says.
    :param last_automated: the newest run of its DAG that the scheduler made.
    """

    row: int
    dag_id: str
    run_id: str
    state: str
    ended_at: datetime
    busy: bool = False
    last_automated: bool = False


class Fate(StrEnum):
    """What happens to a run."""

    DUE = "due"
    STAYS = "stays"
    """Its term is not over."""
    RUNNING = "running"
    """It has not ended, or one of its tasks has not."""
    EMPTIED = "emptied"
    """Its term is over, but the scheduler needs its row: only the row stays."""


_MOST_QUEUED = timedelta(days=1)


def fate(run: Run, term: Term, *, now: datetime) -> Fate:
    """Decide about one run.

    A run that waits in the queue is due a day after its term: before that it may start any moment.
    """
    if run.busy:
        return Fate.RUNNING
    if run.state == "queued":
        return Fate.DUE if run.ended_at <= term.before(None, now=now - _MOST_QUEUED) else Fate.RUNNING
    if run.state not in set(Ended):
        return Fate.RUNNING
    if run.ended_at > term.before(Ended(run.state), now=now):
        return Fate.STAYS
    # Without its newest row the scheduler takes a DAG for new, and starts its latest interval a second time.
    return Fate.EMPTIED if run.last_automated else Fate.DUE
