"""AfasHook when AFAS refuses, fails or is away: what is tried again, what is said, and what is never said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from afas_mailchimp.errors import ConfigurationError, SyncError, TemporaryError
from afas_mailchimp.getconnector import Condition, Operator
from hooks.afas import AfasHook
from sandbox.afas import DEFAULT_TOKEN
from tests.integration.conftest import XML_TOKEN, Canned, Connect, Patience, Stand
from tests.integration.leaks import copied, everything_said, found_in

DEBTORS = "Profit_Debtor_App"
ADDRESS = "jan@bakkerij-de-korenaar.example"
ABOUT_JAN = ((Condition("Email", Operator.EQUAL, ADDRESS),),)
SECRETS = (ADDRESS, "jan%40", "korenaar", DEFAULT_TOKEN, DEFAULT_TOKEN[:20], "PHRva2Vu", "filterjson", "De Boer")


def _read(hook: AfasHook) -> list[object]:
    pages = hook.pages(DEBTORS, columns=["DebtorId", "Email"], key="DebtorId", where=ABOUT_JAN)
    return [row for page in pages for row in page]


@pytest.fixture
def jan(afas: Stand) -> Stand:
    """One customer, in AFAS."""
    row = {"DebtorId": "10001", "DebtorName": "De Boer", "Email": ADDRESS}
    afas.control.call("insert", connector=DEBTORS, row=row)
    return afas


PASSING = [
    pytest.param({"kind": "429"}, id="429"),
    pytest.param({"kind": "503", "seconds": 5}, id="503 for 5 seconds"),
    pytest.param({"kind": "reset"}, id="reset"),
    pytest.param({"kind": "reset_after"}, id="reset after the answer was made"),
    pytest.param({"kind": "truncated"}, id="truncated"),
    pytest.param({"kind": "empty"}, id="empty body"),
    pytest.param({"kind": "html", "status": 502}, id="HTML 502"),
    pytest.param({"kind": "html", "status": 400}, id="HTML 400 of the gateway"),
    pytest.param({"kind": "html", "status": 200}, id="HTML 200"),
]


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again(
    jan: Stand, afas_hook: AfasHook, patience: Patience, fault: dict[str, object]
) -> None:
    """Two failures in a row do not disturb a reading."""
    jan.control.fail(**{"count": 2, "match": "connectors/", **fault})

    assert [("10001", ADDRESS)] == _read(afas_hook)
    assert 2 == len(patience.slept)


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_ends_after_six_tries(
    jan: Stand, afas_hook: AfasHook, patience: Patience, all_logs, capfd, fault: dict[str, object]
) -> None:
    """Tries are bounded; the error can be pickled, and says nothing of customers, tokens or addresses."""
    jan.control.fail(**{"count": None, "match": "connectors/", **fault})

    with pytest.raises(TemporaryError) as caught:
        _read(afas_hook)

    output = "".join(capfd.readouterr())
    assert 5 == len(patience.slept)
    assert str(caught.value) == str(copied(caught.value))
    assert [] == found_in(everything_said(caught.value, all_logs) + output, SECRETS)
    assert "try 5 failed" in everything_said(None, all_logs)


def test_waits_grow_and_vary(patience: Patience, jan: Stand) -> None:
    """Exponential, with jitter, so that many tasks do not come back at one moment."""
    jan.control.fail("429", count=None)
    for _ in range(2):
        with pytest.raises(TemporaryError):
            AfasHook(retry=patience.rule()).environment()

    first, second = patience.slept[:5], patience.slept[5:]
    assert first == sorted(first)
    assert first != second


def test_tries_are_bounded_in_time(jan: Stand, patience: Patience) -> None:
    """No try begins later than the rule allows, however many tries are left."""
    jan.control.fail("503", count=None, seconds=30)

    with pytest.raises(TemporaryError):
        AfasHook(retry=patience.rule(seconds=20.0)).environment()

    assert [] == patience.slept


def test_retry_after_is_obeyed(jan: Stand, afas_hook: AfasHook, patience: Patience) -> None:
    """What AFAS asks for is waited, not what we would have waited."""
    jan.control.fail("503", count=1, seconds=17)

    afas_hook.environment()

    assert [17.0] == patience.slept


def test_retry_after_as_a_date(canned: Canned, connect: Connect, patience: Patience) -> None:
    """The header may hold a date; it counts from the server's own clock."""
    connect("afas_default", conn_type="afas", host=canned.url, password=XML_TOKEN)
    canned.says(503, Date="Mon, 23 Nov 2026 10:00:00 GMT", Retry_After="Mon, 23 Nov 2026 10:00:40 GMT")
    canned.says(200, {"info": {}})

    AfasHook(retry=patience.rule()).environment()

    assert [40.0] == patience.slept


def test_maintenance_says_until_when(jan: Stand, afas_hook: AfasHook, patience: Patience) -> None:
    """Two hours are not slept through in a task: the error says when to come back, for whoever schedules the retry."""
    jan.control.call("clock", at="2026-11-23T20:15:00Z")
    jan.control.fail("503", count=None)

    with pytest.raises(TemporaryError, match=r"maintenance until about 23:15 \(Amsterdam time\)") as caught:
        _read(afas_hook)

    assert 7200.0 == caught.value.retry_after
    assert [] == patience.slept


@pytest.mark.parametrize(
    "text",
    [
        "De maximale tijdsduur voor het uitvoeren van de opdracht is verstreken.",
        "The maximum duration for performing the assignment has been exceeded.",
        "Command timeout expired.",
    ],
)
def test_a_time_out_of_afas_waits_a_quarter(jan: Stand, afas_hook: AfasHook, patience: Patience, text: str) -> None:
    """AFAS goes on computing after its own time-out: asking again at once would double the load."""
    jan.control.fail("500", match="connectors/", message=text, count=None)

    with pytest.raises(TemporaryError, match="page_size") as caught:
        _read(afas_hook)

    assert (900.0, []) == (caught.value.retry_after, patience.slept)


def test_other_failures_name_what_support_asks_for(jan: Stand, afas_hook: AfasHook, all_logs) -> None:
    """The reference and the trace go along, AFAS's own text does not: it may quote what was sent."""
    jan.control.fail("500", match="connectors/", message=f"Waarde {ADDRESS} bestaat niet", count=None)

    with pytest.raises(SyncError, match=r"profitLogReference [0-9A-F]{32}, X-Trace-Identifier [0-9a-f]{32}") as caught:
        _read(afas_hook)

    assert not isinstance(caught.value, ConfigurationError | TemporaryError)
    assert [] == found_in(everything_said(caught.value, all_logs), SECRETS)
    assert str(caught.value) == str(copied(caught.value))


def test_a_page_that_is_too_large(jan: Stand, afas_hook: AfasHook) -> None:
    """Out of memory names the setting that helps."""
    jan.control.call("settings", max_cells=1)

    with pytest.raises(SyncError, match="lower page_size"):
        _read(afas_hook)


def _wrong_token(stand: Stand) -> None:
    stand.control.call("settings", token="0" * 64)


def _not_allowed(stand: Stand) -> None:
    stand.control.call("connector", name=DEBTORS, authorised=False)


def _not_allowed_in_words(stand: Stand) -> None:
    stand.control.call("settings", unauthorised="500")
    _not_allowed(stand)


def _blocked(stand: Stand) -> None:
    stand.control.call("connector", name=DEBTORS, blocked=True)


def _address_refused(stand: Stand) -> None:
    stand.control.fail("403_empty", count=None)


def _dutch(stand: Stand) -> None:
    text = "GetConnector wordt niet ondersteund of de gebruiker is niet geautoriseerd"
    stand.control.fail("500", match="connectors/", message=text, count=None)


def _nobody_knows(stand: Stand) -> None:
    stand.control.fail("500", match="connectors/", message=f"Connector field '{ADDRESS}' not found", count=None)


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        pytest.param(_wrong_token, "token is not accepted", id="token"),
        pytest.param(_not_allowed, "Profit_Debtor_App does not exist or is not in the app connector", id="401"),
        pytest.param(_not_allowed_in_words, "does not exist or is not in the app connector", id="500 in words"),
        pytest.param(_dutch, "refuses GetConnector Profit_Debtor_App", id="500 in Dutch, though allowed"),
        pytest.param(_blocked, "blocked this GetConnector", id="blocked"),
        pytest.param(_address_refused, "allow list", id="IP address"),
        pytest.param(_nobody_knows, "no field that was asked for", id="a name that we did not ask for"),
    ],
)
def test_what_a_person_must_mend_is_said_at_once(
    jan: Stand,
    afas_hook: AfasHook,
    patience: Patience,
    all_logs,
    arrange: Callable[[Stand], None],
    sentence: str,
) -> None:
    """AFAS answers several causes alike: each becomes one sentence that says what to do, and is not tried again."""
    afas_hook.fields(DEBTORS)
    arrange(jan)

    with pytest.raises(ConfigurationError, match=sentence) as caught:
        _read(afas_hook)

    assert [] == patience.slept
    assert [] == found_in(everything_said(caught.value, all_logs), SECRETS)
    assert str(caught.value) == str(copied(caught.value))


@pytest.mark.parametrize("answer", ["401", "500"])
def test_an_unknown_connector_lists_what_is_near(jan: Stand, afas_hook: AfasHook, answer: str) -> None:
    """A typing slip is the commonest cause."""
    jan.control.call("settings", unauthorised=answer)

    with pytest.raises(ConfigurationError, match="Near it: Profit_Debtor_App"):
        afas_hook.fields("Profit_Debiteur_App")


def test_redirects_are_not_followed(canned: Canned, connect: Connect) -> None:
    """A token must not travel to wherever an answer points."""
    connect("afas_default", conn_type="afas", host=canned.url, password=XML_TOKEN)
    canned.says(302, Location=f"{canned.url}/elsewhere")

    with pytest.raises(ConfigurationError, match="redirect"):
        AfasHook().environment()

    assert ["/metainfo"] == [path for _, path, _ in canned.asked]


def test_a_host_without_afas(canned: Canned, connect: Connect) -> None:
    """A base URL with a typing slip is told from a wrong token."""
    connect("afas_default", conn_type="afas", host=canned.url, password=XML_TOKEN)
    canned.says(404)

    with pytest.raises(ConfigurationError, match="no AFAS REST services at Host"):
        AfasHook().environment()


def test_nobody_listens(connect: Connect, patience: Patience, all_logs) -> None:
    """A refused connection is temporary, and the address that was tried is not in the text."""
    connect("afas_default", conn_type="afas", host="http://127.0.0.1:9/geheim", password=XML_TOKEN)

    with pytest.raises(TemporaryError, match="could not be reached") as caught:
        AfasHook(retry=patience.rule()).environment()

    assert [] == found_in(everything_said(caught.value, all_logs), [*SECRETS, "geheim", "127.0.0.1"])


def test_an_answer_that_trickles_in_is_cut(canned: Canned, connect: Connect, patience: Patience, monkeypatch) -> None:
    """The read time-out counts per piece: an answer as a whole has a bound of its own."""
    monkeypatch.setattr("hooks.afas_mailchimp_transport.READ_SECONDS", -1.0)
    monkeypatch.setattr("hooks.afas_mailchimp_transport.SOCKET_SECONDS", 5.0)
    connect("afas_default", conn_type="afas", host=canned.url, password=XML_TOKEN)
    canned.says(200, {"info": {}})

    with pytest.raises(TemporaryError, match="did not answer in time"):
        AfasHook(retry=patience.rule()).environment()


def test_good_reading_leaks_nothing(jan: Stand, afas_hook: AfasHook, all_logs, capfd) -> None:
    """Also when all goes well, no URL with its filter is logged, at DEBUG either."""
    _read(afas_hook)

    assert [] == found_in(everything_said(None, all_logs) + "".join(capfd.readouterr()), SECRETS)
