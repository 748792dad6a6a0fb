"""Keys, envelopes and refusals that every route shares."""

from __future__ import annotations

import pytest
import requests
from mailchimp_marketing.api_client import ApiClientError

from sandbox.mailchimp import API_KEY
from tests.sandbox.mailchimp.conftest import LIST, World, problem


def test_ping_answers_with_any_user_name(world: World) -> None:
    """The user name of Basic authentication does not matter."""
    assert world.client.ping.get() == {"health_status": "Everything's Chimpy!"}
    assert world.http("GET", "/ping", auth=("", API_KEY)).status_code == 200


def test_bearer_is_taken(world: World) -> None:
    """The key also goes as a bearer token."""
    answer = requests.get(f"{world.server.url}/ping", headers={"Authorization": f"Bearer {API_KEY}"}, timeout=10)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("key", "status", "title"),
    [
        pytest.param("f" * 32 + "-us21", 401, "API Key Invalid", id="another key"),
        pytest.param(API_KEY.replace("us21", "us6"), 403, "Forbidden", id="wrong data centre"),
        pytest.param("", 401, "API Key Missing", id="no key"),
    ],
)
def test_wrong_key_is_refused(world: World, key: str, status: int, title: str) -> None:
    """Each kind of wrong key has its own title."""
    answer = world.http("GET", "/ping", auth=("anybody", key))

    assert (answer.status_code, answer.json()["title"]) == (status, title)


def test_no_authorization_header(world: World) -> None:
    """Without any header the key is missing."""
    answer = requests.get(f"{world.server.url}/ping", timeout=10)

    assert answer.json()["detail"] == "Your request did not include an API key."


def test_errors_are_problem_documents_with_the_request_id(world: World) -> None:
    """Errors are problem+json and repeat X-Request-Id as instance."""
    answer = world.http("GET", f"/lists/{LIST}/members/{'0' * 32}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert answer.json()["instance"] == answer.headers["X-Request-Id"]
    assert answer.json()["detail"] == "The requested resource could not be found."
    assert answer.json()["type"].startswith("https://mailchimp.com/")


def test_unknown_list(world: World) -> None:
    """A list that is not there is a 404."""
    with pytest.raises(ApiClientError) as refused:
        world.lists.get_list("ffffffffff")

    assert problem(refused)["title"] == "Resource Not Found"


def test_what_was_not_taught_is_refused_louder(world: World) -> None:
    """A route that the stand-in does not know names itself, without an address in it."""
    answer = world.http("GET", f"/lists/{LIST}/members/jan@bakkerij-de-korenaar.example/notes")

    assert answer.status_code == 501
    assert "GET /lists/a1b2c3d4e5/members/{}/notes" in answer.json()["detail"]
    assert "korenaar" not in answer.text


def test_wrong_method(world: World) -> None:
    """A known path with another method is a 405 that names the methods."""
    answer = world.http("DELETE", "/ping")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("body", [pytest.param(b"{", id="cut"), pytest.param(b'{"x": NaN}', id="NaN")])
def test_broken_json(world: World, body: bytes) -> None:
    """What is not JSON is refused, NaN included."""
    answer = world.http("POST", f"/lists/{LIST}/members", data=body)

    assert (answer.status_code, answer.json()["title"]) == (400, "JSON Parse Error")


def test_unknown_parameter_and_key_are_refused(world: World) -> None:
    """What the vendor's schema does not have is refused, in the query and in the body."""
    query = world.http("GET", f"/lists/{LIST}/members", params={"page": "2"})
    body = world.http(
        "POST", f"/lists/{LIST}/members", json={"email_address": "a@x.example", "status": "subscribed", "name": "A"}
    )

    assert (query.status_code, body.status_code) == (400, 400)
    assert body.json()["errors"][0]["field"] == "name"


def test_capital_true_follows_its_switch(world: World) -> None:
    """``True``, which the client sends for a Python bool, is refused unless the switch says otherwise."""
    with pytest.raises(ApiClientError):
        world.batch(skip_merge_validation=True)
    world.switch("capital_true", "accept")

    assert world.batch(skip_merge_validation=True)["error_count"] == 0


def test_list_statistics_lag_five_minutes(world: World) -> None:
    """Counts of a list are those of up to five minutes ago."""
    world.at("2026-11-23T08:00:00+00:00")
    assert world.lists.get_list(LIST)["stats"]["member_count"] == 0
    world.seed("jan@bakkerij-de-korenaar.example")
    world.at("2026-11-23T08:04:59+00:00")
    assert world.lists.get_list(LIST)["stats"]["member_count"] == 0
    world.at("2026-11-23T08:05:00+00:00")

    assert world.lists.get_list(LIST)["stats"]["member_count"] == 1


def test_list_shows_its_settings(world: World) -> None:
    """What a marketer set is what the list says."""
    world.control("list_settings", double_optin=True, has_welcome=True, marketing_permissions=True)
    shown = world.lists.get_list(LIST, fields=["double_optin", "has_welcome", "marketing_permissions", "id"])

    assert shown == {"id": LIST, "double_optin": True, "has_welcome": True, "marketing_permissions": True}


def test_lists_has_the_one_list(world: World) -> None:
    """GET /lists has total_items and constraints."""
    answer = world.lists.get_all_lists(fields=["lists.id", "total_items", "constraints.may_create"])

    assert answer == {"lists": [{"id": LIST}], "total_items": 1, "constraints": {"may_create": True}}


def test_too_many_connections_body(world: World) -> None:
    """The eleventh connection is told the limit."""
    answer = world.server.service.too_many_connections()

    assert answer.status == 429
    assert b"limit of 10 simultaneous connections" in answer.body


def test_date_header_follows_the_clock(world: World) -> None:
    """The Date header is the service's own time, so that a client can compare it with time stamps of members."""
    world.at("2026-03-01T09:00:00Z")

    assert world.http("GET", "/ping").headers["Date"] == "Sun, 01 Mar 2026 09:00:00 GMT"
    assert world.http("GET", "/nothing").headers["Date"] == "Sun, 01 Mar 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        pytest.param("key_revoked", 401, "API Key Invalid", id="key revoked"),
        pytest.param("user_without_rights", 403, "User does not have access", id="user without rights"),
        pytest.param("user_disabled", 403, "User Disabled", id="user disabled"),
        pytest.param("api_disabled", 403, "API Access has been disabled for this account.", id="account closed"),
        pytest.param("unpaid", 402, "Payment Required", id="bill not paid"),
    ],
)
def test_an_account_that_is_closed_refuses_everything(world: World, state: str, status: int, words: str) -> None:
    """The right key opens nothing while the account is closed, and everything again afterwards."""
    world.control("account", state=state)
    refused = [world.http("GET", path) for path in ("/ping", f"/lists/{LIST}/members")]
    world.control("account", state="active")

    assert [status] * 2 == [answer.status_code for answer in refused]
    assert all(words in answer.text for answer in refused)
    assert 200 == world.http("GET", "/ping").status_code


def test_a_deleted_audience_is_not_found(world: World) -> None:
    """Below an audience that was deleted there is nothing; the key still works."""
    world.control("marketer_deletes_audience")
    statuses = [world.http("GET", path).status_code for path in ("/ping", f"/lists/{LIST}", f"/lists/{LIST}/members")]
    world.control("marketer_deletes_audience", deleted=False)

    assert [200, 404, 404] == statuses
    assert 200 == world.http("GET", f"/lists/{LIST}").status_code
