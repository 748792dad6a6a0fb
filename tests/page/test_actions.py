"""What can be done from the page, by whom, and that no other site can do it for them."""

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa

from tests.page.conftest import CUSTOMERS, PAGE, RETENTION

THEIRS = "afas_mailchimp_sync_of_another_team"
HERE = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
ACTIONS = {
    "run": (f"/dags/{CUSTOMERS}/run", {"kind": "run"}),
    "pause": (f"/dags/{CUSTOMERS}/pause", {"paused": True}),
    "test": (f"/dags/{CUSTOMERS}/test", {}),
    "check": (f"/dags/{CUSTOMERS}/check", {}),
    "explain": (f"/dags/{CUSTOMERS}/explain", {"source": "debtors", "key": "10001"}),
    "erase logs": (f"/dags/{RETENTION}/erase-logs", {"confirm": True}),
}


@pytest.fixture
def syncs(airflow, monkeypatch):
    """A sync and the log retention, and what is triggered instead of a real DAG, which a database alone has not."""
    airflow.sync_file(schedule=None)
    airflow.dag()
    airflow.dag(RETENTION)
    airflow.triggered = []
    monkeypatch.setattr(
        "afas_mailchimp_ui.actions.trigger_dag",
        lambda dag_id, *, conf, triggering_user_name, **_: airflow.triggered.append((
            dag_id,
            conf,
            triggering_user_name,
        )),
    )
    return airflow


def post(airflow, path, body, *, who="gebruiker", **headers):
    """Send what a button sends."""
    return airflow.browser(who, **{**HERE, **headers}).post(PAGE + path, json=body)


@pytest.mark.parametrize(
    ("kind", "conf"),
    [
        ("run", {}),
        ("dry_run", {"dry_run": True}),
        ("full_dry_run", {"dry_run": True, "full_reload": True}),
        ("full_reload", {"full_reload": True}),
    ],
)
def test_runs_are_started_with_their_parameters(syncs, kind, conf):
    """One button is one kind of run, in the name of who pressed it."""
    answer = post(syncs, f"/dags/{CUSTOMERS}/run", {"kind": kind, "confirm": True})

    assert answer.status_code == 200
    assert syncs.triggered == [(CUSTOMERS, conf, "gebruiker")]


def test_what_may_archive_or_erase_wants_a_confirmation(syncs):
    """A slip of the finger is not enough."""
    for path, body in (
        (f"/dags/{CUSTOMERS}/run", {"kind": "full_reload"}),
        (f"/dags/{RETENTION}/erase-logs", {}),
    ):
        assert post(syncs, path, body).status_code == 409

    assert syncs.triggered == []


def test_logs_are_erased_by_their_own_dag(syncs):
    """The page erases nothing itself: it starts the log retention for everything that has ended."""
    assert post(syncs, f"/dags/{RETENTION}/erase-logs", {"confirm": True}).status_code == 200
    assert syncs.triggered == [(RETENTION, {"older_than_days": 0}, "gebruiker")]


def test_a_paused_sync_is_not_started(syncs):
    """Its run would wait for ever; the answer says what to do, in the language of the page."""
    assert post(syncs, f"/dags/{CUSTOMERS}/pause", {"paused": True}).status_code == 200

    answer = post(syncs, f"/dags/{CUSTOMERS}/run?lang=nl", {"kind": "run"})
    assert (answer.status_code, syncs.triggered) == (409, [])
    assert "op pauze" in answer.json()["detail"]
    assert post(syncs, f"/dags/{CUSTOMERS}/pause", {"paused": False}).status_code == 200
    assert post(syncs, f"/dags/{CUSTOMERS}/run", {"kind": "run"}).status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewer_can_do_nothing(syncs, action):
    """Who may only look gets no button, and no answer from behind it either."""
    path, body = ACTIONS[action]

    assert post(syncs, path, body, who="kijker").status_code == 403
    assert syncs.triggered == []
    assert "<button" not in syncs.browser("kijker").get(f"{PAGE}/").text
    assert "<button" in syncs.browser("gebruiker").get(f"{PAGE}/").text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"sec-fetch-site": "cross-site", "origin": "http://evil.example"}, 403, id="another site"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="a neighbour on the same domain"),
        pytest.param({"origin": "http://evil.example"}, 403, id="another origin, however it says it came"),
        pytest.param({"origin": "null"}, 403, id="a sandboxed frame"),
        pytest.param({"content-type": "text/plain"}, 415, id="what a form can send"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, 415, id="a form"),
    ],
)
@pytest.mark.parametrize("action", ACTIONS)
def test_another_site_can_do_nothing(syncs, action, headers, status):
    """A browser that is logged in here may be sent here by anybody; then nothing happens."""
    path, body = ACTIONS[action]
    browser = syncs.browser("beheer", **HERE)
    answer = browser.post(
        PAGE + path, content=json.dumps(body), headers={"content-type": "application/json", **headers}
    )

    assert answer.status_code == status
    assert syncs.triggered == []


def test_a_cookie_without_an_origin_can_do_nothing(syncs):
    """Every browser of today says where a request comes from; a script has a token."""
    path, body = ACTIONS["run"]
    browser = syncs.browser("beheer")

    assert browser.post(PAGE + path, json=body).status_code == 403
    token = browser.cookies.get("_token")
    script = syncs.browser(None, Authorization=f"Bearer {token}")
    assert script.post(PAGE + path, json=body).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param(f"/dags/{CUSTOMERS}/run", {"kind": "erase everything"}, 422, id="unknown run"),
        pytest.param(f"/dags/{CUSTOMERS}/run", {"kind": "run", "conf": {}}, 422, id="unknown key"),
        pytest.param(f"/dags/{RETENTION}/run", {"kind": "run"}, 404, id="the retention is no sync"),
        pytest.param(f"/dags/{CUSTOMERS}/erase-logs", {"confirm": True}, 404, id="a sync is no retention"),
        pytest.param(f"/dags/{THEIRS}/run", {"kind": "run"}, 404, id="another team's DAG"),
    ],
)
def test_only_what_the_page_offers(syncs, path, body, status):
    """No parameter and no DAG beside those of the buttons."""
    syncs.dag(THEIRS, file="their_dags.py")

    assert post(syncs, path, body, who="beheer").status_code == status
    assert syncs.triggered == []


def test_actions_stand_in_the_audit_log(syncs):
    """Who started what is asked later; the body has nothing that must not be kept."""
    post(syncs, f"/dags/{CUSTOMERS}/run", {"kind": "dry_run"})

    with syncs.engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT event, owner, extra FROM log WHERE dag_id = :dag"), {"dag": CUSTOMERS}
        )
        (entry,) = [tuple(row) for row in rows]
    assert entry[:2] == ("trigger_dag_run", "gebruiker")


def test_full_reload_of_a_sync_that_keeps_nothing(syncs):
    """Its dry runs leave no counts, so nobody is sent to look at them for ever."""
    syncs.sync_file(schedule=None, retention={"days": 0})
    text = syncs.browser().get(f"{PAGE}/").text

    assert "the counts of a dry run included" in text
    assert "There has been no dry run of everything yet" not in text


def test_full_reload_shows_the_counts_of_a_dry_run_first(syncs):
    """Whoever presses the button sees what would happen, or that nobody looked yet."""
    assert "There has been no dry run of everything yet" in syncs.browser().get(f"{PAGE}/").text

    report = {"mode": "full", "dry_run": True, "created": 12, "archived": 7, "problems": ["7 would be archived."]}
    syncs.run("dry", conf={"dry_run": True, "full_reload": True}, xcoms={("import_customers", "return_value"): report})

    text = syncs.browser().get(f"{PAGE}/").text
    counts = dict(re.findall(r'<th scope="row">([^<]+)</th><td>([^<]+)</td>', text.partition("<dialog")[2]))
    assert [counts[name] for name in ("created", "updated", "opted out", "archived")] == ["12", "0", "0", "7"]
    assert "7 would be archived." in text
