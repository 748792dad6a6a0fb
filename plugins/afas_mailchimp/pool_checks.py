"""Whether the Airflow pool of a sync lets its tasks run, and keeps them within Mailchimp's connections. Pure."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping

from afas_mailchimp.findings import Findings
from afas_mailchimp.settings import SyncFile

ACCOUNT_CONNECTIONS = 10
"""Simultaneous connections that Mailchimp allows a whole account."""

UNLIMITED = -1
"""How Airflow writes a pool without a limit; any other number below 1 lets nothing run."""


def check_pool(sync: SyncFile, pools: Mapping[str, int], *, connections: int, findings: Findings) -> None:
    """Refuse a pool in which tasks would wait for ever, warn of one that lets too many of them run.

    :param pools: slots of every pool, by name.
    :param connections: that one task may have open to Mailchimp.
    """
    name = sync.audience.pool
    if name is None:
        return
    slots = pools.get(name)
    advice = _advice(sync, name, connections)
    if slots is None:
        near = difflib.get_close_matches(name, pools, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        findings.problems.append(
            f"{_subject(sync)} does not exist{hint}, and tasks in it would wait for ever: make it, with {advice}"
        )
    elif slots < 1 and slots != UNLIMITED:
        findings.problems.append(
            f"{_subject(sync)} has {_counted(slots)}, and tasks in it would wait for ever: give it {advice}"
        )
    elif slots == UNLIMITED:
        findings.warnings.append(f"{_subject(sync)} has no limit (-1 slots) and keeps nothing back: give it {advice}")
    elif slots * connections > ACCOUNT_CONNECTIONS:
        findings.warnings.append(
            f"{_subject(sync)} has {_counted(slots)}: {slots * connections} connections together, and Mailchimp "
            f"answers those above {ACCOUNT_CONNECTIONS} with an error (429). Give it {advice}"
        )


def warn_unseen(sync: SyncFile, reason: str, *, connections: int, findings: Findings) -> None:
    """Say that nobody looked whether the pool is there.

    :param reason: why not, as a clause.
    """
    findings.warnings.append(
        f"{_subject(sync)} could not be checked ({reason}): see for yourself under Admin > Pools that it is there and "
        f"has {_counted(_best(connections))}, since tasks in a pool that does not exist wait for ever."
    )


def _subject(sync: SyncFile) -> str:
    return f"Sync {sync.name}: its pool {sync.audience.pool!r} (audience.pool)"


def _advice(sync: SyncFile, name: str, connections: int) -> str:
    best = _best(connections)
    return (
        f"{_counted(best)} ({ACCOUNT_CONNECTIONS} connections of the Mailchimp account, {connections} for each task by "
        f"connection {sync.audience.connection}), under Admin > Pools or by: "
        f'airflow pools set {shlex.quote(name)} {best} "Connections to Mailchimp"'
    )


def _best(connections: int) -> int:
    return max(1, ACCOUNT_CONNECTIONS // connections)


def _counted(slots: int) -> str:
    return f"{slots} slot" if slots == 1 else f"{slots} slots"
