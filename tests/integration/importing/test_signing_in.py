"""Whole runs with OAuth, and with a classic token whose end is near."""

from __future__ import annotations

import json
import os

import pytest

from afas_mailchimp.errors import ConfigurationError
from sandbox.afas.oauth import OAuth
from tests.integration.importing.world import JAN, KEES, PIET, World
from tests.integration.leaks import everything_said, found_in

ADDRESSES = {f"klant{number}@korenaar.example" for number in range(20)}
NEAR = "2026-07-20T00:00:00"
"""Within 60 days of the day on which the world begins."""


@pytest.fixture
def oauth(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An empty audience, twenty debtors read five at a time, and OAuth."""
    typed = json.loads(os.environ["AIRFLOW_CONN_AFAS_DEFAULT"])
    typed |= {"login": OAuth().client_id, "password": OAuth().client_secret, "extra": {"page_size": 5}}
    monkeypatch.setenv("AIRFLOW_CONN_AFAS_DEFAULT", json.dumps(typed))
    for number, address in enumerate(sorted(ADDRESSES)):
        world.debtor(str(20000 + number), address)
    return world


def _refused(world: World) -> int:
    return sum(entry["status"] == 401 for entry in world.afas.log())


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({"verb": "revoke_tokens"}, id="thrown away"),
        pytest.param({"verb": "clock", "arguments": {"at": "2026-06-02T09:30:00Z"}}, id="expired by AFAS's clock"),
    ],
)
@pytest.mark.parametrize("calls", [1, 3, 6])
def test_a_token_dies_in_the_middle_of_a_run(oauth: World, order: dict[str, object], calls: int) -> None:
    """The run goes on with another token; the audience, the report and the next run are those of any other day."""
    oauth.afas.call("after_requests", count=calls, actions=[order])

    report = oauth.run()
    met = _refused(oauth)
    oauth.afas.clear_log()
    again = oauth.run()

    assert (True, 20, ADDRESSES) == (met > 0, report["created"], set(oauth.statuses()))
    assert (0, 0) == (again["written"], _refused(oauth))


def test_a_client_that_is_blocked_in_the_middle(oauth: World, all_logs: pytest.LogCaptureFixture) -> None:
    """The run ends with a sentence, archives nobody, confirms nothing; the next one finishes the work."""
    oauth.run()
    for number in range(5):
        oauth.change("Profit_Debtor_App_Extra", str(20000 + number), DebtorName="Anders")
    block = [{"verb": "settings", "arguments": {"revoked": True}}]
    watermark = oauth.watermark()
    oauth.afas.call("after_requests", count=2, actions=block)

    with pytest.raises(
        ConfigurationError, match="does not accept the OAuth client of connection afas_default"
    ) as caught:
        oauth.run(full_reload=True)

    assert watermark == oauth.watermark()
    assert {"subscribed"} == set(oauth.statuses().values())
    assert [] == found_in(everything_said(caught.value, all_logs), [OAuth().client_secret, *ADDRESSES])
    oauth.afas.call("settings", revoked=False)
    oauth.run(full_reload=True)
    assert 0 == oauth.run(full_reload=True)["written"]


def test_the_end_of_a_classic_token_stands_in_the_report(small: World, all_logs: pytest.LogCaptureFixture) -> None:
    """From 60 days before: in the preflight, in the import's report, and in its log."""
    before = small.run()["warnings"]
    small.afas.call("settings", token_expiry=NEAR)

    checked = small.preflight()["warnings"]
    report = small.run()

    assert [] == before
    assert checked == report["warnings"]
    assert "The classic AFAS token ends on 2026-07-20, in 48 days" in report["warnings"][0]
    assert "Warning of the preflight: The classic AFAS token ends on" in everything_said(None, all_logs)
    assert {JAN, PIET, KEES} == set(small.statuses())


def test_moving_to_oauth_is_no_other_environment(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run is an ordinary one that finds nothing to do: no full reload, nobody written or archived."""
    small.run()
    typed = json.loads(os.environ["AIRFLOW_CONN_AFAS_DEFAULT"])
    typed |= {"login": OAuth().client_id, "password": OAuth().client_secret}
    monkeypatch.setenv("AIRFLOW_CONN_AFAS_DEFAULT", json.dumps(typed))

    report = small.run()

    assert ("incremental", 0) == (report["mode"], report["written"])


def test_with_oauth_there_is_nothing_to_warn_of(oauth: World) -> None:
    """What metainfo tells of an access token is nobody's business."""
    oauth.afas.call("settings", token_expiry=NEAR)

    assert [] == oauth.run()["warnings"]
