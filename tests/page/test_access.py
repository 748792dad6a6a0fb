"""Who may see the page, and who may not: Airflow's login and its permissions, route by route."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute

from tests.page.conftest import PAGE


def routes():
    """Every route of the page, with a value for each place in its path."""
    from afas_mailchimp_ui.app import app  # noqa: PLC0415 - Airflow must have its settings first

    found = [route for route in app.routes if isinstance(route, APIRoute)]
    assert len(found) >= 4
    return [
        (method, route.path.format(name="page.css", dag_id="afas_mailchimp_sync_customers"))
        for route in found
        for method in route.methods
    ]


@pytest.fixture
def one_sync(airflow):
    """A sync to look for."""
    airflow.sync_file(schedule=None)
    airflow.dag()
    return airflow


def test_a_stranger_gets_nothing(one_sync):
    """Each route, also those that somebody adds later, wants a login; the answer tells nothing."""
    stranger = one_sync.browser(None)

    for method, path in routes():
        answer = stranger.request(method, PAGE + path, json={}, headers={"sec-fetch-site": "same-origin"})
        assert (path, answer.status_code) == (path, 401)
        assert "customers" not in answer.text


def test_a_browser_without_a_login_is_led_to_it(one_sync):
    """A person whose login has ended gets no JSON to look at; what a script asks for stays JSON."""
    stranger = one_sync.browser(None, Accept="text/html,*/*", **{"Accept-Language": "nl"})
    page, data = stranger.get(f"{PAGE}/"), stranger.get(f"{PAGE}/data")
    link = re.search(r'href="([^"]+)"', page.text)

    assert (page.status_code, data.status_code) == (401, 401)
    assert "Log eerst in bij Airflow" in page.text
    assert data.json() == {"detail": "Not authenticated"}
    answer = stranger.get(link[1].replace("&amp;", "&"), follow_redirects=False)
    assert (answer.status_code, "next=%2Fafas-mailchimp%2F" in answer.headers["location"]) == (307, True)


def test_a_forged_login_is_no_login(one_sync):
    """A cookie that Airflow did not sign opens nothing."""
    stranger = one_sync.browser(None)
    stranger.cookies.set("_token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJiZWhlZXIifQ.")

    assert stranger.get(f"{PAGE}/").status_code in {401, 403}


def test_nothing_describes_the_routes(one_sync):
    """No schema, no documentation pages."""
    browser = one_sync.browser()

    for path in ("/docs", "/redoc", "/openapi.json"):
        assert browser.get(PAGE + path).status_code == 404


def test_a_viewer_sees_cards(one_sync):
    """Who may see DAGs may see their cards."""
    assert "sync-customers" in one_sync.browser("kijker").get(f"{PAGE}/").text


def test_a_dag_that_may_not_be_seen_has_no_card(one_sync, monkeypatch):
    """The permission of each DAG counts, on the page and in the data."""
    from airflow.api_fastapi.app import get_auth_manager  # noqa: PLC0415

    monkeypatch.setattr(get_auth_manager(), "get_authorized_dag_ids", lambda **_: {"another_team"})
    browser = one_sync.browser("kijker")

    assert "sync-customers" not in browser.get(f"{PAGE}/").text
    assert browser.get(f"{PAGE}/data").json() == {"syncs": []}


def test_reports_need_the_right_to_read_xcoms(one_sync, monkeypatch):
    """A role that sees DAGs and no XComs sees states, and neither counts nor keys."""
    from airflow.api_fastapi.app import get_auth_manager  # noqa: PLC0415
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity  # noqa: PLC0415

    report = {"mode": "full", "read": 77123, "keys": {"email_invalid": ["debtors:4711"]}}
    one_sync.run("full", xcoms={("import_customers", "return_value"): report})
    manager = get_auth_manager()

    def no_xcoms(asked, *, user):
        return all(one.get("access_entity") != DagAccessEntity.XCOM for one in asked)

    monkeypatch.setattr(manager, "batch_is_authorized_dag", no_xcoms)
    text = one_sync.browser("kijker").get(f"{PAGE}/").text

    assert "sync-customers" in text
    assert "4711" not in text
    assert "may not see what this DAG reports" in text
