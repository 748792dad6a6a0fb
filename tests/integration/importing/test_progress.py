"""A long run says how far it is: in its log, and as a value for the UI."""

from __future__ import annotations

import logging

import pytest

from operators import afas_mailchimp_progress
from tests.integration.importing.local import in_sync, local_world, ready
from tests.integration.importing.world import EXTRA


def test_every_phase_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Reading, writing and archiving, each with how many of how many; the last value stays for the UI."""
    monkeypatch.setattr(afas_mailchimp_progress, "EVERY_SECONDS", 0.0)
    caplog.set_level(logging.INFO)
    with local_world() as world:
        ready(world)
        in_sync(world)
        world.afas.call("delete", connector=EXTRA, key="10002")
        caplog.clear()
        world.run(full_reload=True, max_archive_percent=100)

    told = [text for text in caplog.messages if "rows a second" in text]
    phases = list(dict.fromkeys(text.partition(":")[0] for text in told))

    assert ["comparing and writing", "archiving"] == [phase for phase in phases if phase != "reading both sides"]
    assert told[-1].startswith("archiving: 1 of 1 rows")
    assert "archiving" == world.pushed["progress"]["phase"]
