"""Signing in to the AFAS stand-in: OAuth's token endpoint, what ends a token, and the end of a classic one."""

from __future__ import annotations

import base64

import pytest
import requests

from sandbox.afas.oauth import OAuth
from tests.sandbox.afas_client import AUTHORIZATION, Afas

NOW = "2026-03-02T11:30:00Z"
CLIENT = {
    "grant_type": "client_credentials",
    "client_id": OAuth().client_id,
    "client_secret": OAuth().client_secret,
}


def basic(name: str, secret: str) -> dict[str, str]:
    """Credentials in a header."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def ask(afas: Afas, *, headers: dict[str, str] | None = None, data: object = CLIENT) -> requests.Response:
    """Ask for a token."""
    return requests.post(afas.server.url + "/oauth/token", data=data, headers=headers, timeout=10)


def status(afas: Afas, authorization: str) -> int:
    """Use what one has."""
    headers = {"Authorization": authorization}
    return requests.get(afas.server.url + "/metainfo", headers=headers, timeout=10).status_code


def given(afas: Afas) -> str:
    """Ask for a token, and make a header of it."""
    answer = ask(afas).json()
    return f"{answer['token_type']} {answer['access_token']}"


@pytest.fixture
def clocked(afas: Afas) -> Afas:
    """AFAS with its clock stopped."""
    afas.control.call("clock", at=NOW)
    return afas


def test_client_credentials_give_a_token_that_expires(clocked: Afas) -> None:
    """A Bearer token opens what the classic token opens, for an hour by AFAS's clock."""
    answer = ask(clocked)
    token = f"Bearer {answer.json()['access_token']}"
    statuses = []
    for moment in (NOW, "2026-03-02T12:29:59Z", "2026-03-02T12:30:00Z"):
        clocked.control.call("clock", at=moment)
        statuses.append(status(clocked, token))

    assert ([200, 200, 401], 3600) == (statuses, answer.json()["expires_in"])
    assert "no-store" in answer.headers["Cache-Control"]


REFUSED = [
    pytest.param({"client_secret": "x"}, "invalid_client", id="another secret"),
    pytest.param({"client_id": "x"}, "invalid_client", id="another client"),
    pytest.param({"client_secret": None}, "invalid_client", id="no secret"),
    pytest.param({"grant_type": "password"}, "invalid_request", id="another grant"),
    pytest.param({"grant_type": None}, "invalid_request", id="no grant"),
    pytest.param({"client_id": [OAuth().client_id] * 2}, "invalid_request", id="a parameter twice"),
]


@pytest.mark.parametrize(("change", "error"), REFUSED)
def test_other_credentials_are_refused(afas: Afas, change: dict[str, str], error: str) -> None:
    """Errors have OAuth's own names."""
    response = ask(afas, data={**CLIENT, **change})

    assert (400, {"error": error}) == (response.status_code, response.json())


def test_credentials_in_a_query_are_not_read(afas: Afas) -> None:
    """Only the body counts: a secret in a URL ends in logs."""
    response = requests.post(afas.server.url + "/oauth/token", params=CLIENT, timeout=10)

    assert (400, {"error": "invalid_request"}) == (response.status_code, response.json())


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_the_form_is_a_form(afas: Afas, content_type: str) -> None:
    """The right body under another content type is another thing."""
    assert 200 == ask(afas).status_code
    assert "invalid_request" == ask(afas, headers={"Content-Type": content_type}).json()["error"]


def test_credentials_in_a_header(afas: Afas) -> None:
    """Basic serves too; a wrong one is told with the scheme, and both ways at once are one too many."""
    grant = {"grant_type": "client_credentials"}
    right, wrong = basic(OAuth().client_id, OAuth().client_secret), basic(OAuth().client_id, "x")

    assert 200 == ask(afas, data=grant, headers=right).status_code
    refused = ask(afas, data=grant, headers=wrong)
    assert (401, "invalid_client") == (refused.status_code, refused.json()["error"])
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert "invalid_request" == ask(afas, headers=right).json()["error"]


def test_what_is_not_taught_is_said(afas: Afas) -> None:
    """A client with a key of its own, or with DPoP, is not taken for another kind of client."""
    assert 501 == ask(afas, data={**CLIENT, "client_assertion": "x"}).status_code
    assert 501 == ask(afas, headers={"DPoP": "x"}).status_code


def test_a_secret_ends(clocked: Afas) -> None:
    """By AFAS's clock, and a token given before goes on."""
    clocked.control.call("settings", secret_expiry="2026-03-02T11:30:01Z")
    token = given(clocked)
    clocked.control.call("clock", at="2026-03-02T11:30:01Z")

    assert "invalid_client" == ask(clocked).json()["error"]
    assert 200 == status(clocked, token)


def test_tokens_are_thrown_away(afas: Afas) -> None:
    """AFAS may do so at any moment; the next one is another."""
    first = given(afas)
    assert {"revoked": 1} == afas.control.call("revoke_tokens")
    second = given(afas)

    assert (401, 200) == (status(afas, first), status(afas, second))


def test_a_revoked_app_connector(afas: Afas) -> None:
    """Neither its secret nor its token is good any more."""
    token = given(afas)
    afas.control.call("settings", revoked=True)

    assert (401, "invalid_client") == (status(afas, token), ask(afas).json()["error"])


@pytest.mark.parametrize("names", [True, False])
def test_how_a_refused_token_is_told(afas: Afas, *, names: bool) -> None:
    """From Profit 9 on a header names what is wrong; before, the answer is as empty as any 401."""
    afas.control.call("settings", names_errors=names)
    headers = {"Authorization": "Bearer never-given"}
    response = requests.get(afas.server.url + "/metainfo", headers=headers, timeout=10)

    assert (401, b"") == (response.status_code, response.content)
    assert names == ('Bearer error="invalid_token"' == response.headers.get("WWW-Authenticate"))


@pytest.mark.parametrize(
    ("sign_in", "classic", "oauth"), [("token", 200, 400), ("hybrid", 200, 200), ("oauth", 401, 200)]
)
def test_the_type_of_an_app_connector(afas: Afas, sign_in: str, classic: int, oauth: int) -> None:
    """It decides which way in there is."""
    afas.control.call("settings", sign_in=sign_in)

    assert (classic, oauth) == (status(afas, AUTHORIZATION), ask(afas).status_code)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("2027-05-01T21:59:59Z", 200, id="last second in Amsterdam"),
        pytest.param("2027-05-01T22:00:00Z", 401, id="the day after"),
    ],
)
def test_a_classic_token_ends(afas: Afas, now: str, expected: int) -> None:
    """The day that metainfo tells is its last one."""
    afas.control.call("settings", token_expiry="2027-05-01T00:00:00Z")
    afas.control.call("clock", at=now)

    assert expected == status(afas, AUTHORIZATION)


@pytest.mark.parametrize("wrong", [{"sign_in": "geen"}, {"secret_expiry": "2026-03-02T11:30:01"}])
def test_settings_are_checked(afas: Afas, wrong: dict[str, str]) -> None:
    """A setting that means nothing is refused."""
    assert 400 == requests.post(f"{afas.server.root_url}/_control/settings", json=wrong, timeout=10).status_code
