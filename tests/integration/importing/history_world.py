"""A world without sockets for histories: the same sync each time, read once, and nothing that costs time for no use."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import yaml

from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import parse_sync
from hooks import afas_mailchimp_transport
from tests.integration.importing.in_process import Killed, Lifeline, LocalServer, plugged_in, stand_ins
from tests.integration.importing.world import SYNC, Variables, World

NO_LIMITS = dict.fromkeys(("max_archive_percent", "max_unsubscribed_percent", "max_rejected_percent"), 100) | {
    "max_write_back": None
}
"""Limits have tests of their own; in a world of ten people they would only stop what is to be shown."""


WRITE_BACK = {
    "debtors": {
        "type": "Type",
        "organisation": {"update": "KnOrganisation", "key": "BcCo"},
        "person": {"update": "KnPerson", "key": "BcCo"},
        "fields": {
            "status": {"to": "Nieuwsbrief", "current": "Nieuwsbrief", "values": {"unsubscribed": False}},
            "bounced": {"to": "E-mail onjuist", "current": "EmailOnjuist"},
            "PHONE": {"to": "TeNr", "current": "TelNr"},
            "email": {"to": "EmAd", "current": "Email"},
        },
    }
}


@functools.cache
def parsed_sync(new_members: str = "subscribed", *, writes_back: bool = False) -> SyncFile:
    """The sync of all histories with one kind of new members.

    :param new_members: as the sync file has it.
    :param writes_back: facts of members go to AFAS.
    """
    consent = {**SYNC["consent"], "new_members": new_members}
    settings = {**SYNC, "consent": consent, "limits": NO_LIMITS, "schedule": "*/15 * * * *"}
    if writes_back:
        settings["write_back"] = WRITE_BACK
    return parse_sync(yaml.safe_dump(settings, sort_keys=False), file="customers.yaml")


class MortalVariables(Variables):
    """Variables that a killed process can no longer reach; writing one counts as a call.

    :param lifeline: of the process.
    """

    def __init__(self, lifeline: Lifeline) -> None:
        super().__init__()
        self.lifeline = lifeline

    def write(self, key: str, value: str, **_: object) -> None:
        """As ``Variable.set``."""
        self.lifeline.before(writing=True)
        self[key] = value
        self.lifeline.after(writing=True)

    def delete(self, key: str, **_: object) -> None:
        """As ``Variable.delete``."""
        self.lifeline.before(writing=True)
        self.pop(key, None)
        self.lifeline.after(writing=True)


@dataclass
class HistoryWorld(World):
    """A world in one process.

    :param new_members: what the sync makes of new members.
    :param writes_back: facts of members go to AFAS.
    :param log: every line that the product logged.
    """

    lifeline: Lifeline = field(default_factory=Lifeline)
    new_members: str = "subscribed"
    writes_back: bool = False
    log: list[str] = field(default_factory=list)
    afas: LocalServer
    mailchimp: LocalServer

    @property
    def sync(self) -> SyncFile:
        """The sync, read once in a session."""
        return parsed_sync(self.new_members, writes_back=self.writes_back)

    def import_only(self, *, scheduled: bool = False, **conf: Any) -> dict[str, Any]:
        """Run the second task; the time that goes by is the history's own."""
        now = self.now
        try:
            return super().import_only(scheduled=scheduled, **conf)
        finally:
            self.at(now)


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.INFO)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line as a log would hold it."""
        self.lines.append(record.getMessage())


def _plain(harden: Any) -> Any:
    def without_environment(session: Any) -> Any:
        # Proxies and CA files are looked for at each call; here nobody is called.
        session.trust_env = False
        return harden(session)

    return without_environment


@contextmanager
def history_world(new_members: str = "subscribed", *, writes_back: bool = False) -> Iterator[HistoryWorld]:
    """A fresh world, plugged in until the end of the block."""
    afas, mailchimp, lifeline = stand_ins()
    variables = MortalVariables(lifeline)
    world = HistoryWorld(afas, mailchimp, variables, lifeline=lifeline)
    world.new_members, world.writes_back = new_members, writes_back
    harden = _plain(afas_mailchimp_transport.harden)
    handler = _Lines(world.log)
    loggers = [logging.getLogger(name) for name in ("operators", "hooks", "afas_mailchimp")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    with ExitStack() as stack:
        stack.enter_context(plugged_in(afas, mailchimp))
        for target, replaced in (
            ("operators.afas_mailchimp_state.Variable.get", variables.read),
            ("operators.afas_mailchimp_state.Variable.set", variables.write),
            ("operators.afas_mailchimp_state.Variable.delete", variables.delete),
            ("hooks.afas.harden", harden),
            ("hooks.mailchimp.harden", harden),
        ):
            stack.enter_context(mock.patch(target, replaced))
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
            logger.propagate = False
        try:
            world.at(world.now)
            yield world
        finally:
            for logger, (level, propagate) in zip(loggers, before, strict=True):
                logger.removeHandler(handler)
                logger.setLevel(level)
                logger.propagate = propagate


__all__ = ["HistoryWorld", "Killed", "history_world", "parsed_sync"]
