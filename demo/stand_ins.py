"""AFAS and Mailchimp as processes of their own: ``python -m sandbox``, and the connections that lead there."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Self

from demo.embedded_airflow import ROOT
from demo.processes import ProcessGroup, free_port
from sandbox.client import Control

MARK = "AFAS_MAILCHIMP_STAND_INS"


class StandIns:
    """Both stand-ins in one process.

    :param home: folder for their log.
    :param ports: preferred ports of AFAS and Mailchimp.
    :param nasty: add the fixed set of difficult rows.
    """

    def __init__(
        self, home: Path, *, debtors: int, contacts: int, ports: tuple[int, int] = (0, 0), nasty: bool = True
    ) -> None:
        self.home, self._nasty = home.resolve(), nasty
        self._options = {
            "--afas-port": free_port(ports[0]),
            "--mailchimp-port": free_port(ports[1]),
            "--debtors": debtors,
            "--contacts": contacts,
        }
        self._log = self.home / "stand-ins.log"
        self._group: ProcessGroup | None = None

    def start(self, *, seconds: float = 60) -> Self:
        """Start, and wait until both listen."""
        options = [str(part) for pair in self._options.items() for part in pair]
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env |= {MARK: str(self.home), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._log.unlink(missing_ok=True)
        command = [sys.executable, "-m", "sandbox", *options, *(["--nasty"] if self._nasty else [])]
        self._group = ProcessGroup(command, env=env, log=self._log, mark=MARK, cwd=ROOT)
        try:
            self._read_addresses(time.monotonic() + seconds)
        except BaseException:
            self.stop()
            raise
        return self

    def _read_addresses(self, deadline: float) -> None:
        patterns = {
            "afas_url": r"^AFAS +(\S+)",
            "afas_token": r"token (\S+)",
            "mailchimp_url": r"^Mailchimp +(\S+)",
            "api_key": r"API key (\S+),",
            "list_id": r"audience (\S+)",
        }
        while True:
            text = self._log.read_text()
            found = {name: re.search(pattern, text, re.MULTILINE) for name, pattern in patterns.items()}
            if "Control" in text and all(found.values()):
                break
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError("the stand-ins did not start")
            time.sleep(0.1)
        self.said = {name: match[1] for name, match in found.items() if match}
        self.afas_root = self.said["afas_url"].removesuffix("/ProfitRestServices")
        self.mailchimp_root = self.said["mailchimp_url"].removesuffix("/3.0")
        self.afas, self.mailchimp = Control(self.afas_root), Control(self.mailchimp_root)

    def check(self) -> None:
        """Raise when they are not running (any more)."""
        if self._group:
            self._group.check()

    def connections(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two connections that a person would make in the Airflow UI."""
        return (
            {
                "connection_id": "afas_default",
                "conn_type": "afas",
                "host": self.said["afas_url"],
                "password": self.said["afas_token"],
                "description": "AFAS stand-in with invented customers",
            },
            {
                "connection_id": "mailchimp_default",
                "conn_type": "mailchimp",
                "host": self.said["mailchimp_url"],
                "password": self.said["api_key"],
                "description": "Mailchimp stand-in",
            },
        )

    def stop(self) -> None:
        """Stop both."""
        if self._group:
            self._group.stop()
            self._group = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()
