"""Signing in to AFAS: what may be typed, what a refusal says, and where a secret never goes."""

from __future__ import annotations

import base64
import json
import threading
from urllib.parse import parse_qs

import pytest
import requests
from airflow.sdk import Connection

from afas_mailchimp.errors import ConfigurationError, TemporaryError
from hooks.afas import AfasHook
from hooks.afas_mailchimp_afas_sign_in import AfasToken, ClientCredentials, sign_in
from hooks.afas_mailchimp_transport import pooled_adapter
from sandbox.afas import DEFAULT_TOKEN
from tests.integration.conftest import XML_TOKEN, Canned, Connect, Patience, Stand
from tests.integration.leaks import copied, everything_said, found_in

AFAS = "https://12345.rest.afas.online/ProfitRestServices"
CLIENT = "koppeling-van-de-korenaar"
SECRET = "zeer-geheim-9F2C"
BASE64_TOKEN = base64.b64encode(XML_TOKEN.encode()).decode()


@pytest.fixture
def with_oauth(canned: Canned, connect: Connect) -> Canned:
    """A server with prepared answers, and a connection with OAuth to it."""
    connect("afas_default", conn_type="afas", host=canned.url, login=CLIENT, password=SECRET)
    return canned


def _typed(**values: object) -> Connection:
    return Connection(conn_id="mijn", conn_type="afas", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("login", "password", "way"),
    [
        pytest.param(None, XML_TOKEN, AfasToken, id="XML"),
        pytest.param("", DEFAULT_TOKEN, AfasToken, id="digits"),
        pytest.param("  ", BASE64_TOKEN, AfasToken, id="base64 and a blank login"),
        pytest.param(f" {CLIENT}\n", SECRET, ClientCredentials, id="client"),
        pytest.param(CLIENT, DEFAULT_TOKEN, ClientCredentials, id="a secret of 64 digits"),
    ],
)
def test_login_decides(login: str | None, password: str, way: type) -> None:
    """A client id makes it OAuth; without one it is a classic token, as ever."""
    assert way is type(sign_in(_typed(login=login, password=password), AFAS))


@pytest.mark.parametrize(
    ("login", "password", "extra", "sentence"),
    [
        pytest.param(CLIENT, None, {}, "Password must hold the client secret", id="no secret"),
        pytest.param(CLIENT, XML_TOKEN, {}, "but Password a classic token", id="client and token"),
        pytest.param(CLIENT, BASE64_TOKEN, {}, "but Password a classic token", id="client and token in base64"),
        pytest.param(XML_TOKEN, None, {}, "Login holds a classic token", id="token in the wrong place"),
        pytest.param(None, SECRET, {}, "Login must hold the client id", id="secret alone"),
        pytest.param(CLIENT, f"{SECRET} x", {}, "one word each", id="a space in the secret"),
        pytest.param(f"{CLIENT}\u200b", SECRET, {}, "one word each", id="an invisible letter in the id"),
        pytest.param(None, XML_TOKEN, {"client_id": CLIENT}, "not in Extra", id="client id in the extra"),
        pytest.param(CLIENT, None, {"client_secret": SECRET}, "not in Extra", id="secret in the extra"),
    ],
)
def test_wrong_combinations(login: str | None, password: str | None, extra: dict[str, str], sentence: str) -> None:
    """One sentence names the connection and says which field holds what; it repeats nothing that was typed."""
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        sign_in(_typed(login=login, password=password, extra=json.dumps(extra)), AFAS)

    assert "mijn" in str(caught.value)
    assert [] == found_in(repr(caught.value), [CLIENT, SECRET, DEFAULT_TOKEN])


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        pytest.param("12345", "https://12345.rest.afas.online/ProfitRestServices/oauth/token", id="production"),
        pytest.param("test", "https://12345.resttest.afas.online/ProfitRestServices/oauth/token", id="test"),
        pytest.param("accept", "https://12345.restaccept.afas.online/ProfitRestServices/oauth/token", id="accept"),
        pytest.param(f"{AFAS}/", f"{AFAS}/oauth/token", id="base URL"),
    ],
)
def test_where_the_token_comes_from(host: str, asked: str, connect: Connect) -> None:
    """From the host that the rows come from: a test secret is never shown to production."""
    environment = host if host in {"test", "accept"} else "production"
    number = "12345" if host == environment else host
    extra = {"environment": environment}
    connect("afas_default", conn_type="afas", host=number, login=CLIENT, password=SECRET, extra=extra)

    access = AfasHook().get_conn().auth

    assert isinstance(access, ClientCredentials)
    assert asked == access._url


@pytest.mark.parametrize(
    "host",
    [
        "https://afas.example/ProfitRestServices",
        "https://12345.rest.afas.online.evil.example/ProfitRestServices",
        "https://xafas.online/ProfitRestServices",
        "https://afas.online/ProfitRestServices",
    ],
)
def test_a_secret_goes_nowhere_else(host: str, connect: Connect) -> None:
    """Only to AFAS's own hosts, or to a stand-in on this machine."""
    connect("afas_default", conn_type="afas", host=host, login=CLIENT, password=SECRET)

    with pytest.raises(ConfigurationError, match="the client secret is sent nowhere else") as caught:
        AfasHook().environment()

    assert [] == found_in(repr(caught.value), [SECRET, "evil"])


REFUSED = [
    pytest.param(400, {"error": "invalid_client"}, "does not accept the OAuth client", id="client"),
    pytest.param(401, b"", "does not accept the OAuth client", id="401 without a word"),
    pytest.param(400, {"error": f"wrong {SECRET}"}, "does not accept the OAuth client", id="an error that quotes"),
    pytest.param(400, {"error": "unauthorized_client"}, r"\(unauthorized_client\).*OAuth or Hybrid", id="not allowed"),
    pytest.param(400, {"error": "invalid_request"}, r"\(invalid_request\).*OAuth or Hybrid", id="request"),
    pytest.param(400, {"error": "use_dpop_nonce"}, "asks for DPoP, which is not built", id="DPoP"),
    pytest.param(200, {"access_token": "x", "token_type": "DPoP"}, "asks for DPoP", id="another kind of token"),
    pytest.param(404, b"", "no OAuth tokens at Host", id="another service"),
    pytest.param(403, b"", "allow list", id="IP address"),
    pytest.param(302, b"", "redirect", id="redirect"),
    pytest.param(500, {"externalMessage": "not authorized"}, "does not accept the OAuth client", id="500 in words"),
]


@pytest.mark.parametrize(("status", "body", "sentence"), REFUSED)
def test_what_a_person_must_mend(
    with_oauth: Canned, patience: Patience, all_logs, status: int, body: object, sentence: str
) -> None:
    """One sentence, at the first try; AFAS is asked once, also when the hook is used again; nothing is followed."""
    with_oauth.says(status, body, Location=f"{with_oauth.url}/elsewhere")
    hook = AfasHook(retry=patience.rule())

    with pytest.raises(ConfigurationError, match=sentence) as caught:
        hook.environment()
    with pytest.raises(ConfigurationError, match=sentence):
        hook.fields("Profit_Debtor_App")

    assert [("POST", "/oauth/token")] == [(method, path) for method, path, _ in with_oauth.asked]
    assert [] == patience.slept
    assert str(caught.value) == str(copied(caught.value))
    assert [] == found_in(everything_said(caught.value, all_logs), [CLIENT, SECRET, "elsewhere"])
    assert (False, str(caught.value)) == AfasHook().test_connection()


PASSING = [
    pytest.param(503, b"", id="maintenance"),
    pytest.param(429, {"error": "slow_down"}, id="too many"),
    pytest.param(400, b"<html>no</html>", id="HTML of the gateway"),
    pytest.param(200, b"<html>hello</html>", id="HTML 200"),
    pytest.param(200, b'{"access_token": "x', id="cut off"),
    pytest.param(200, {"token_type": "Bearer"}, id="no token in it"),
    pytest.param(200, {"token_type": "Bearer", "access_token": "a\r\nX-Other: b"}, id="a token with another header"),
]


@pytest.mark.parametrize(("status", "body"), PASSING)
def test_what_passes_by_itself(with_oauth: Canned, patience: Patience, all_logs, status: int, body: object) -> None:
    """Tried again with the call's own patience: six times, not six times six."""
    with_oauth.says(status, body)

    with pytest.raises(TemporaryError) as caught:
        AfasHook(retry=patience.rule()).environment()

    assert ({"/oauth/token"}, 6) == ({path for _, path, _ in with_oauth.asked}, len(with_oauth.asked))
    assert [] == found_in(everything_said(caught.value, all_logs), [CLIENT, SECRET, "X-Other"])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"token_type": "bearer"}, id="no life, small letters"),
        pytest.param({"token_type": "Bearer", "expires_in": "3600"}, id="life as text"),
        pytest.param({"token_type": "Bearer", "expires_in": True}, id="no number"),
        pytest.param({"token_type": "Bearer", "expires_in": 0, "refresh_token": "r"}, id="none, and a refresh token"),
    ],
)
def test_answers_with_odd_shapes(with_oauth: Canned, answer: dict[str, object]) -> None:
    """A life that is not told, or not a number, is taken as short; the token serves all the same."""
    with_oauth.says(200, {"access_token": "toegang", **answer})
    with_oauth.says(200, {"info": {}})
    hook = AfasHook()

    hook.environment()
    hook.environment()

    assert ["/oauth/token", "/metainfo", "/metainfo"] == [path for _, path, _ in with_oauth.asked]
    assert ["Bearer toegang"] * 2 == [headers["Authorization"] for _, _, headers in with_oauth.asked[1:]]


def test_a_right_that_is_missing_is_not_taken_for_a_token(with_oauth: Canned) -> None:
    """Where AFAS names another error than the token, no other token is asked for."""
    with_oauth.says(200, {"access_token": "toegang", "token_type": "Bearer"})
    with_oauth.says(401, WWW_Authenticate='Bearer error="insufficient_scope"')

    with pytest.raises(ConfigurationError, match="gives an OAuth token"):
        AfasHook().environment()

    assert ["/oauth/token", "/metainfo"] == [path for _, path, _ in with_oauth.asked]


def test_a_refused_call_gives_its_connection_back(canned: Canned) -> None:
    """The repeat takes a connection from the same pool: with the refused answer unread, the last one would be held."""
    given = {"access_token": "toegang", "token_type": "Bearer"}
    for status, body in ((200, given), (401, b"x" * 1_000_000), (200, given), (200, {"info": {}})):
        canned.says(status, body)
    session = requests.Session()
    session.mount("http://", pooled_adapter(1))
    session.auth = ClientCredentials(canned.url, (CLIENT, SECRET), connection="x")
    found: list[int] = []

    def ask() -> None:
        found.append(session.get(f"{canned.url}/metainfo", stream=True, timeout=10).status_code)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(10)
    session.close()

    assert [200] == found


def test_what_is_sent_for_a_token(with_oauth: Canned, tmp_path, monkeypatch) -> None:
    """A form with three things and no more: no header that a netrc file would add, no cookie, nothing in the URL."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login jan password geheim\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with_oauth.says(200, {"access_token": "toegang", "token_type": "Bearer", "expires_in": 3600}, Set_Cookie="a=b")
    with_oauth.says(200, {"info": {}})

    AfasHook().environment()

    headers = {name.lower(): value for name, value in with_oauth.asked[0][2].items()}
    assert {"authorization", "cookie"}.isdisjoint(headers)
    assert "application/x-www-form-urlencoded" == headers["content-type"]
    assert {
        "grant_type": ["client_credentials"],
        "client_id": [CLIENT],
        "client_secret": [SECRET],
    } == parse_qs(with_oauth.bodies[0].decode(), strict_parsing=True)


def test_the_test_button_with_oauth(afas: Stand, connect: Connect) -> None:
    """It says which way was used, and of a classic token when it ends."""
    afas.control.call("settings", token_expiry="2099-05-01T00:00:00", client_id=CLIENT, client_secret=SECRET)
    classic = AfasHook().test_connection()
    connect("afas_default", conn_type="afas", host=afas.url, login=CLIENT, password=SECRET)
    oauth = AfasHook().test_connection()
    afas.control.call("settings", sign_in="token")
    refused = AfasHook().test_connection()

    assert classic[0]
    assert classic[1].endswith("(classic token, ends on 2099-05-01).")
    assert oauth[0]
    assert oauth[1].endswith("(OAuth).")
    assert not refused[0]
    assert [] == found_in(oauth[1] + refused[1], [CLIENT, SECRET])


def test_the_button_as_airflow_presses_it(afas: Stand, monkeypatch) -> None:
    """What was typed goes through Airflow's URI form, with signs that mean something in a URI."""
    secret = "a+b/c:d@e%20&f"
    afas.control.call("settings", client_id="id/van:ons@hier", client_secret=secret)
    typed = Connection(conn_id="typed", conn_type="afas", host=afas.url, login="id/van:ons@hier", password=secret)
    monkeypatch.setenv("AIRFLOW_CONN_TYPED", typed.get_uri())

    worked, message = AfasHook("typed").test_connection()

    assert worked, message


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ("0", None),
        ("", None),
        ("2027-05-01", "2027-05-01"),
        ("2027-05-01T00:00:00Z", "2027-05-01"),
        ("1-5-2027", "2027-05-01"),
        ("01-05-2027 00:00:00", "2027-05-01"),
        ("31-31-2027", None),
        ("morgen", None),
    ],
)
def test_the_end_of_a_classic_token(afas: Stand, told: str, ends: str | None) -> None:
    """AFAS documents no form of the date: ISO and Dutch ones are read, another is as good as none."""
    later = told.replace("2027", "2099")
    afas.control.call("settings", token_expiry=later)

    found = AfasHook().environment().token_expires

    assert (ends.replace("2027", "2099") if ends else None) == (str(found) if found else None)
