"""Both stand-ins, each in a process of its own, answering as slowly as the model says."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Self

import requests

from bench import model
from demo.stand_ins import StandIns


class SlowStandIns:
    """AFAS with so many debtors, and an empty audience.

    :param rows: debtors.
    :param slow: whether answers take the time of the model.
    """

    def __init__(self, rows: int, *, slow: bool = True) -> None:
        self.rows, self.slow = rows, slow
        self._folder = tempfile.TemporaryDirectory(prefix="afas-mailchimp-bench-")
        self.home = Path(self._folder.name)
        self._afas, self._mailchimp = (self._make(name) for name in ("afas", "mailchimp"))

    def _make(self, name: str) -> StandIns:
        home = self.home / name
        home.mkdir()
        return StandIns(home, debtors=self.rows if name == "afas" else 0, contacts=0, nasty=False)

    def __enter__(self) -> Self:
        try:
            self._afas.start(seconds=600)
            self._mailchimp.start()
        except BaseException:
            self.__exit__()
            raise
        self.afas, self.mailchimp = self._afas.afas, self._mailchimp.mailchimp
        if self.slow:
            self.afas.latency(per_call=model.AFAS_CALL, per_unit=model.AFAS_ROW)
            self.mailchimp.latency(per_call=model.MAILCHIMP_CALL, per_unit=model.MAILCHIMP_MEMBER, unit_method="POST")
        return self

    def __exit__(self, *exception: object) -> None:
        self._afas.stop()
        self._mailchimp.stop()
        self._folder.cleanup()

    @property
    def said(self) -> dict[str, str]:
        """Addresses, secrets and the audience."""
        mine, theirs = self._afas.said, self._mailchimp.said
        return {**theirs, "afas_url": mine["afas_url"], "afas_token": mine["afas_token"]}

    def warm_up(self, connector: str) -> None:
        """Read one row: the stand-in sorts its rows at the first call after a change, where AFAS has an index."""
        about = self.environment()["AIRFLOW_CONN_AFAS_DEFAULT"]
        afas = json.loads(about)
        token = f"<token><version>1</version><data>{afas['password']}</data></token>"
        headers = {"Authorization": f"AfasToken {base64.b64encode(token.encode()).decode()}"}
        requests.get(f"{afas['host']}/connectors/{connector}?take=1", headers=headers, timeout=60).raise_for_status()

    def environment(self, *, connections: int = model.CONNECTIONS) -> dict[str, str]:
        """What a process needs to reach both as an Airflow task would."""
        afas, mailchimp = self._afas.connections()[0], self._mailchimp.connections()[1]
        found: dict[str, dict[str, Any]] = {
            "AFAS_DEFAULT": afas,
            "MAILCHIMP_DEFAULT": {**mailchimp, "extra": json.dumps({"connections": connections})},
        }
        kept = ("conn_type", "host", "password", "extra")
        return {
            **os.environ,
            **{
                f"AIRFLOW_CONN_{name}": json.dumps({key: each[key] for key in kept if key in each})
                for name, each in found.items()
            },
        }
