"""When a run is full, and when it may archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from afas_mailchimp.fingerprint import Fingerprint, fingerprint, parse_fingerprint
from afas_mailchimp.run_mode import State, Why, choose_mode
from tests.domain.samples import T0, sync_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PRINT = Fingerprint("target", "settings")
STATE = State(watermarks={"debtors": T0, "contacts": T0}, full_reload_at=NOW - timedelta(hours=1), fingerprint=PRINT)


@pytest.mark.parametrize(
    ("state", "asked", "scheduled", "why", "may_archive"),
    [
        pytest.param(STATE, False, True, Why.INCREMENTAL, True, id="all known: incremental, archives who leaves"),
        pytest.param(STATE, True, False, Why.ASKED, True, id="asked for"),
        pytest.param(
            replace(STATE, full_reload_at=NOW - timedelta(hours=25)),
            False,
            True,
            Why.DUE,
            True,
            id="last one too old, scheduled",
        ),
        pytest.param(
            replace(STATE, full_reload_at=NOW - timedelta(hours=25)),
            False,
            False,
            Why.INCREMENTAL,
            True,
            id="last one too old, by hand",
        ),
        pytest.param(
            replace(STATE, watermarks={"debtors": T0}), False, True, Why.FIRST, True, id="a source without watermark"
        ),
        pytest.param(
            replace(STATE, fingerprint=None, watermarks={}),
            False,
            True,
            Why.FIRST,
            False,
            id="first run ever: archives nothing",
        ),
        pytest.param(
            replace(STATE, fingerprint=None), True, False, Why.ASKED, False, id="state lost: archives nothing"
        ),
        pytest.param(
            replace(STATE, fingerprint=Fingerprint("target", "x")),
            False,
            True,
            Why.CONFIGURATION,
            True,
            id="mapping changed",
        ),
        pytest.param(
            replace(STATE, fingerprint=Fingerprint("x", "settings")),
            False,
            True,
            Why.CONFIGURATION,
            False,
            id="another audience: archives nothing",
        ),
        pytest.param(
            replace(STATE, fingerprint=Fingerprint("x", "settings")),
            True,
            True,
            Why.ASKED,
            False,
            id="another audience, asked for: archives nothing",
        ),
    ],
)
def test_mode(state: State, why: Why, *, asked: bool, scheduled: bool, may_archive: bool) -> None:
    """The mode follows from the state that the last runs left."""
    mode = choose_mode(sync_of(), state, PRINT, asked=asked, scheduled=scheduled, now=NOW)

    assert (why, may_archive) == (mode.why, mode.may_archive)
    assert mode.full == (why != Why.INCREMENTAL)


def test_archiving_can_be_switched_off() -> None:
    """archive_removed: false archives nothing, ever."""
    mode = choose_mode(sync_of(archive_removed=False), STATE, PRINT, asked=True, scheduled=False, now=NOW)

    assert not mode.may_archive


def test_fingerprint_follows_what_matters() -> None:
    """A schedule may change without a full reload; a mapping, an audience or an environment may not."""
    where = {
        "afas": "https://12345.rest.afas.online/ProfitRestServices",
        "mailchimp": "https://us21.api.mailchimp.com/3.0",
    }
    first = fingerprint(sync_of(), **where)

    assert first == fingerprint(sync_of(schedule=None, overlap="1h"), **where)
    assert first == fingerprint(sync_of(audience={"list_id": "a1b2c3d4e5", "pool": "mailchimp"}), **where)
    assert first == parse_fingerprint(str(first))
    assert first.settings != fingerprint(sync_of(consent={"new_members": "pending"}), **where).settings
    assert (
        first.target
        != fingerprint(sync_of(), **{**where, "afas": "https://54321.rest.afas.online/ProfitRestServices"}).target
    )
    assert parse_fingerprint(None) is None
