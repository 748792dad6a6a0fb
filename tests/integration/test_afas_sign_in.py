"""Signing in to AFAS with OAuth: tokens fetched, renewed, shared by threads and replaced, over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from afas_mailchimp.errors import ConfigurationError, TemporaryError
from hooks.afas import AfasHook
from hooks.afas_mailchimp_afas_sign_in import ClientCredentials
from sandbox.afas.oauth import OAuth
from tests.integration.conftest import Connect, Patience, Stand
from tests.integration.leaks import copied, everything_said, found_in

DEBTORS = "Profit_Debtor_App"
CLIENT = OAuth().client_id
SECRET = OAuth().client_secret
ODD_SECRET = "a+b&c=d%2F/~\"'"


def tokens(stand: Stand) -> int:
    """How many tokens were asked for."""
    return sum(entry["path"] == "/oauth/token" for entry in stand.control.log())


def statuses(stand: Stand, path: str) -> list[int]:
    """Statuses of the calls of a path, in order."""
    return [int(entry["status"]) for entry in stand.control.log() if path in str(entry["path"])]


def keys(hook: AfasHook, *, threads: int = 1) -> list[object]:
    """Read the keys of all debtors, two a page."""
    pages = hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", page_size=2, threads=threads)
    return [row[0] for page in pages for row in page]


@pytest.fixture
def stand(afas: Stand, connect: Connect) -> Stand:
    """AFAS with six debtors, and a connection with OAuth."""
    connect("afas_default", conn_type="afas", host=afas.url, login=CLIENT, password=SECRET)
    for number in range(6):
        afas.control.call("insert", connector=DEBTORS, row={"DebtorId": str(10001 + number), "DebtorName": "x"})
    return afas


@pytest.fixture
def hook(stand: Stand, patience: Patience) -> Iterator[AfasHook]:
    """A hook that signs in with OAuth."""
    hook = AfasHook(retry=patience.rule())
    yield hook
    hook.close()


def test_one_token_serves_all_calls(stand: Stand, hook: AfasHook) -> None:
    """It is asked for once, in a body, below the base URL; giving connections back does not throw it away."""
    found = hook.environment()
    hook.close()
    keys(hook)

    asked = stand.control.log()
    assert [("POST", "/oauth/token", ""), ("GET", "/metainfo", "")] == [
        (entry["method"], entry["path"], entry["query"]) for entry in asked[:2]
    ]
    assert 1 == tokens(stand)
    assert ("O12345AA", False, None) == (found.id, found.classic, found.token_expires)
    assert len(asked) == hook.calls


def test_the_end_that_metainfo_tells_is_not_of_oauth(stand: Stand, hook: AfasHook) -> None:
    """Whatever stands there would be the end of an access token: nobody is to be warned of it."""
    stand.control.call("settings", token_expiry="2099-01-01")

    assert None is hook.environment().token_expires


def test_a_secret_with_signs_arrives_whole(stand: Stand, connect: Connect) -> None:
    """The form is encoded: a plus, an ampersand or a quote in a secret is not read as something else."""
    stand.control.call("settings", client_secret=ODD_SECRET)
    connect("afas_default", conn_type="afas", host=stand.url, login=CLIENT, password=f" {ODD_SECRET} ")

    worked, message = AfasHook().test_connection()

    assert worked, message
    assert message.endswith("(OAuth).")


@pytest.mark.parametrize(
    ("life", "still", "renewed"),
    [
        pytest.param(3600, 3539.0, 3541.0, id="an hour: a minute before"),
        pytest.param(100, 79.0, 81.0, id="short: a fifth before"),
    ],
)
def test_a_token_is_renewed_before_it_ends(stand: Stand, life: int, still: float, renewed: float) -> None:
    """A call never leaves with a token that may end on its way: no 401 is needed to find out."""
    stand.control.call("settings", token_seconds=life)
    now = [1_000.0]
    session = requests.Session()
    session.auth = ClientCredentials(stand.url, (CLIENT, SECRET), connection="x", clock=lambda: now[0])
    counted = []
    for moment in (0.0, still, renewed):
        now[0] = 1_000.0 + moment
        assert 200 == session.get(stand.url + "/metainfo", timeout=10).status_code
        counted.append(tokens(stand))
    session.close()

    assert [1, 1, 2] == counted
    assert {200} == set(statuses(stand, "/"))


def test_threads_share_one_token_and_one_renewal(stand: Stand, hook: AfasHook) -> None:
    """Eight threads begin at once, and lose their token at once: AFAS is asked for two tokens, not for sixteen."""
    stand.control.latency(per_call=0.1)
    start = threading.Barrier(8)

    def work(_: int) -> str:
        start.wait(10)
        return hook.environment().id

    with ThreadPoolExecutor(8) as pool:
        first = set(pool.map(work, range(8)))
        asked = tokens(stand)
        stand.control.call("revoke_tokens")
        second = set(pool.map(work, range(8)))

    assert ({"O12345AA"}, {"O12345AA"}) == (first, second)
    assert (1, 2) == (asked, tokens(stand))


def test_what_fails_for_one_thread_fails_for_those_that_waited(stand: Stand, patience: Patience) -> None:
    """A token endpoint that is away is not asked once for each thread; every thread gets an error of its own."""
    stand.control.latency(per_call=0.5)
    stand.control.fail("503", match="oauth/token", count=None, seconds=9999)
    hook = AfasHook(retry=patience.rule())
    hook.get_conn()
    start = threading.Barrier(4)

    def work(_: int) -> TemporaryError:
        start.wait(10)
        with pytest.raises(TemporaryError, match="maintenance") as caught:
            hook.environment()
        return caught.value

    with ThreadPoolExecutor(4) as pool:
        errors = list(pool.map(work, range(4)))
    hook.close()

    assert (1, 4) == (tokens(stand), len({id(error) for error in errors}))
    assert {9999.0} == {error.retry_after for error in errors}


@pytest.mark.parametrize("named", [True, False], ids=["named", "as before Profit 9"])
@pytest.mark.parametrize("threads", [1, 3])
def test_a_token_that_is_thrown_away_in_the_middle(
    stand: Stand, hook: AfasHook, patience: Patience, *, named: bool, threads: int
) -> None:
    """One other token, each refused call once more, every row read; nobody waits."""
    stand.control.call("settings", names_errors=named)
    stand.control.call("after_requests", count=2, actions=[{"verb": "revoke_tokens"}])

    found = keys(hook, threads=threads)

    assert [str(10001 + number) for number in range(6)] == sorted(map(str, found))
    assert (2, []) == (tokens(stand), patience.slept)
    assert 401 in statuses(stand, "connectors/")
    assert len(stand.control.log()) == hook.calls


def test_tokens_that_are_thrown_away_again_and_again(stand: Stand, hook: AfasHook, patience: Patience) -> None:
    """A token that replaced another and served is one like any other: it is replaced in its turn."""
    for count in (1, 2, 3):
        stand.control.call("after_requests", count=count, actions=[{"verb": "revoke_tokens"}])

    assert 6 == len(keys(hook))
    assert (4, []) == (tokens(stand), patience.slept)


def test_a_write_is_made_once(stand: Stand, hook: AfasHook) -> None:
    """A PUT that met a dead token had no effect: it is repeated with a good one, its body whole."""
    stand.control.call(
        "insert", connector="Profit_Debtor_App_Extra", row={"DebtorId": "10010", "DebtorName": "Firma", "Type": "ORG"}
    )
    [row] = [each for each in stand.control.call("rows", connector=DEBTORS) if each["DebtorId"] == "10010"]
    hook.environment()
    stand.control.call("revoke_tokens")
    fields = {"MatchOga": "0", "BcCo": row["BcCo"], "EmAd": "nieuw@firma.example"}

    hook.update("KnOrganisation", {"KnOrganisation": {"Element": {"Fields": fields}}})

    assert [401, 201] == statuses(stand, "connectors/KnOrganisation")
    assert 1 == len(stand.control.call("writes"))


def test_a_client_that_is_blocked_in_the_middle(stand: Stand, hook: AfasHook, patience: Patience, all_logs) -> None:
    """One renewal is tried; then the run ends with a sentence, and AFAS is not asked again and again."""
    stand.control.call("after_requests", count=2, actions=[{"verb": "settings", "arguments": {"revoked": True}}])

    with pytest.raises(
        ConfigurationError, match="does not accept the OAuth client of connection afas_default"
    ) as caught:
        keys(hook)
    with pytest.raises(ConfigurationError, match="does not accept the OAuth client"):
        hook.environment()

    assert (2, []) == (tokens(stand), patience.slept)
    assert str(caught.value) == str(copied(caught.value))
    assert [] == found_in(everything_said(caught.value, all_logs), [SECRET, CLIENT])


def test_a_token_that_is_never_accepted(stand: Stand, hook: AfasHook, patience: Patience) -> None:
    """A token that AFAS gives and refuses is replaced once, not for ever."""
    stand.control.call("settings", token_seconds=0)

    with pytest.raises(
        ConfigurationError, match="gives an OAuth token for connection afas_default and does not accept"
    ):
        hook.environment()
    with pytest.raises(ConfigurationError, match="does not accept it"):
        keys(hook)

    assert (2, []) == (tokens(stand), patience.slept)


def test_a_connector_without_a_right_is_not_taken_for_a_token(stand: Stand, hook: AfasHook) -> None:
    """Both are a 401 that names nothing: one other token is tried, then the connector is what is told."""
    stand.control.call("connector", name=DEBTORS, authorised=False)

    with pytest.raises(ConfigurationError, match=f"{DEBTORS} does not exist or is not in the app connector"):
        hook.fields(DEBTORS)

    assert 2 == tokens(stand)


@pytest.mark.parametrize("kind", ["reset", "truncated", "429", "503"])
def test_a_token_endpoint_that_fails_twice(stand: Stand, hook: AfasHook, patience: Patience, kind: str) -> None:
    """What passes by itself is tried again, with the patience of the call that needs the token."""
    stand.control.fail(kind, match="oauth/token", count=2, seconds=1)

    assert 6 == len(keys(hook))
    assert (3, 2) == (tokens(stand), len(patience.slept))


def test_nothing_of_it_is_logged(stand: Stand, hook: AfasHook, all_logs, capfd) -> None:
    """Neither secret nor token in a log, at DEBUG either, in an address or in what an object shows of itself."""
    keys(hook)
    access = hook.get_conn().auth
    assert isinstance(access, ClientCredentials)
    given = access(requests.Request("GET", stand.url).prepare()).headers["Authorization"].removeprefix("Bearer ")

    shown = repr(access) + repr(access._access) + repr(hook) + str(stand.control.log())
    said = everything_said(None, all_logs) + "".join(capfd.readouterr())
    assert given
    assert [] == found_in(shown + said, [SECRET, given])
