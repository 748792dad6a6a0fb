"""AfasHook over HTTP: what a sync reads from AFAS, and how."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from afas_mailchimp.errors import ConfigurationError, SyncError
from afas_mailchimp.getconnector import Condition, Operator
from hooks import afas_mailchimp_transport
from hooks.afas import AfasHook
from sandbox.afas import DEFAULT_TOKEN
from tests.integration.conftest import XML_TOKEN, Canned, Connect, Patience, Stand

DEBTORS, CONTACTS, EXTRA = "Profit_Debtor_App", "Profit_Contacts_App", "Profit_Debtor_App_Extra"


def _keys(stand: Stand, connector: str, key: str) -> list[object]:
    return [row[key] for row in stand.control.call("rows", connector=connector)]


def _debtor(stand: Stand, key: str) -> None:
    stand.control.call("insert", connector=DEBTORS, row={"DebtorId": key, "DebtorName": "Bakkerij De Korenaar"})


@pytest.mark.parametrize(
    "password",
    [
        pytest.param(XML_TOKEN, id="XML as AFAS shows it"),
        pytest.param(f"\n <token> <version>1</version>\n<data>{DEFAULT_TOKEN}</data> </token> ", id="XML with blanks"),
        pytest.param(DEFAULT_TOKEN, id="hexadecimal digits"),
        pytest.param(base64.b64encode(XML_TOKEN.encode()).decode(), id="base64"),
        pytest.param(base64.encodebytes(XML_TOKEN.encode()).decode(), id="base64 on several lines"),
    ],
)
def test_every_form_of_the_token_is_accepted(afas: Stand, connect: Connect, password: str) -> None:
    """People paste the token in three forms; AFAS takes one."""
    connect("afas_default", conn_type="afas", host=afas.url, password=password)

    assert "O12345AA" == AfasHook().environment().id


@pytest.mark.parametrize("page_size", [1, 7, 29, 30, 31, 1000])
def test_every_row_comes_once(afas: Stand, afas_hook: AfasHook, page_size: int) -> None:
    """Whatever the size of the pages, each row is read exactly once."""
    afas.control.seed(debtors=30, seed=3)

    pages = list(afas_hook.pages(DEBTORS, columns=["DebtorId", "Email"], key="DebtorId", page_size=page_size))

    rows = [row for page in pages for row in page]
    assert 30 == len(rows)
    assert sorted(map(str, _keys(afas, DEBTORS, "DebtorId"))) == sorted(str(row[0]) for row in rows)
    assert all(len(page) <= page_size for page in pages)


def test_nothing_there_is_no_page(afas_hook: AfasHook) -> None:
    """An empty connector yields nothing."""
    assert [] == list(afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId"))


def test_pages_are_asked_for_by_key(afas: Stand, afas_hook: AfasHook) -> None:
    """Without an order AFAS shuffles, and with skip a change shifts rows: so order by key, and go on behind it."""
    afas.control.seed(debtors=5, seed=1)

    rows = [row for page in afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", page_size=3) for row in page]

    asked = [parse_qs(query) for query in afas.queries("connectors/")]
    behind = [json.loads(each["filterjson"][0])["Filters"]["Filter"][0]["Field"] for each in asked[1:]]
    assert [("0", "3", "DebtorId")] * 3 == [
        (each["skip"][0], each["take"][0], each["orderbyfieldids"][0]) for each in asked
    ]
    assert "filterjson" not in asked[0]
    assert [[{"@FieldId": "DebtorId", "@OperatorType": "4", "#text": rows[place][0]}] for place in (2, 4)] == behind


def test_a_short_page_is_not_the_end(afas: Stand, afas_hook: AfasHook) -> None:
    """Only an empty page ends the reading: a server may give less than asked, and rows may come meanwhile."""
    for key in ("10001", "10002"):
        _debtor(afas, key)
    late = {"connector": DEBTORS, "row": {"DebtorId": "10003", "DebtorName": "Late"}}
    afas.control.call("after_requests", count=1, actions=[{"verb": "insert", "arguments": late}])

    pages = list(afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", page_size=10))

    assert [(("10001",), ("10002",)), (("10003",),)] == pages


def test_a_row_that_goes_between_pages_hides_no_other(afas: Stand, afas_hook: AfasHook) -> None:
    """A deleted row shifts the others up; by key nobody is missed."""
    for number in range(6):
        _debtor(afas, f"1000{number}")
    gone = {"connector": DEBTORS, "key": "10000"}
    afas.control.call("after_requests", count=1, actions=[{"verb": "delete", "arguments": gone}])

    rows = [row for page in afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", page_size=2) for row in page]

    assert [f"1000{number}" for number in range(6)] == [row[0] for row in rows]


def test_text_keys_are_in_the_order_of_afas(afas: Stand, afas_hook: AfasHook) -> None:
    """DebtorId is a text: 10000 comes before 9999, and leading zeros stay."""
    for key in ("9999", "10000", "00012", "A7"):
        _debtor(afas, key)

    rows = [row for page in afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", page_size=1) for row in page]

    assert ["00012", "10000", "9999", "A7"] == [row[0] for row in rows]


def test_whole_number_keys(afas: Stand, afas_hook: AfasHook) -> None:
    """ContactId is a number, and is compared as one."""
    afas.control.seed(debtors=10, contacts=12, seed=2)

    pages = afas_hook.pages(CONTACTS, columns=["ContactId"], key="ContactId", page_size=5)

    assert sorted(_keys(afas, CONTACTS, "ContactId"), key=int) == [row[0] for page in pages for row in page]  # type: ignore[call-overload]


def test_alternatives_of_a_filter_hold_on_every_page(afas: Stand, afas_hook: AfasHook) -> None:
    """The condition on the key goes into each alternative, or later pages would start over."""
    for number in range(9):
        _debtor(afas, f"1000{number}")
    where = (
        (Condition("DebtorId", Operator.LESS, "10003"), Condition("DebtorName", Operator.CONTAINS, "Korenaar")),
        (Condition("DebtorId", Operator.AT_LEAST, "10006"),),
    )

    pages = afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", where=where, page_size=2)

    assert ["10000", "10001", "10002", "10006", "10007", "10008"] == [row[0] for page in pages for row in page]


def test_rows_are_in_the_order_of_the_columns(afas: Stand, afas_hook: AfasHook) -> None:
    """Cells come as asked for, with their JSON types."""
    afas.control.call("insert", connector=DEBTORS, row={"DebtorId": "10001", "DebtorName": "De Boer", "Blocked": True})

    [[row]] = afas_hook.pages(DEBTORS, columns=["Blocked", "TelNr", "DebtorId"], key="DebtorId")

    assert (True, None, "10001") == row


@pytest.mark.parametrize(
    ("columns", "extra", "argument", "take"),
    [
        pytest.param(0, {}, None, 5000, id="never more than 5,000"),
        pytest.param(48, {}, None, 2500, id="150,000 cells over 60 columns"),
        pytest.param(0, {"page_size": "200"}, None, 200, id="connection"),
        pytest.param(0, {"page_size": 200}, 50, 50, id="argument before connection"),
    ],
)
def test_the_page_fits_the_columns(
    afas: Stand, connect: Connect, columns: int, extra: dict[str, object], argument: int | None, take: int
) -> None:
    """AFAS counts all columns of a connector, also those that nobody keeps."""
    connect("afas_default", conn_type="afas", host=afas.url, password=XML_TOKEN, extra=extra)
    added = [{"id": f"Vrij{number}"} for number in range(columns)]
    afas.control.call("connector", name="Breed", copy_of=DEBTORS, extra=added)

    list(AfasHook().pages("Breed", columns=["DebtorId"], key="DebtorId", page_size=argument))

    assert [f"{take}"] == [parse_qs(query)["take"][0] for query in afas.queries("connectors/")]


def test_an_unknown_column_is_named(afas: Stand, afas_hook: AfasHook) -> None:
    """A column that the connector does not return ends the reading, by name."""
    _debtor(afas, "10001")

    with pytest.raises(ConfigurationError, match="Profit_Debtor_App returns no column Nieuwsbrief"):
        list(afas_hook.pages(DEBTORS, columns=["DebtorId", "Nieuwsbrief"], key="DebtorId"))


def test_an_unknown_key_is_named(afas: Stand, afas_hook: AfasHook) -> None:
    """AFAS says which field it does not know; it is repeated because we asked for it."""
    _debtor(afas, "10001")

    with pytest.raises(ConfigurationError, match="no field Debiteur: check"):
        list(afas_hook.pages(DEBTORS, columns=["DebtorId"], key="Debiteur"))


def test_a_key_that_many_rows_share_still_loses_nothing(afas: Stand, afas_hook: AfasHook) -> None:
    """Where a join doubles rows, those with the last key of a page are all left to the next page."""
    afas.control.seed(debtors=12, contacts=40, seed=4)
    where = ((Condition("OrgNumber", Operator.NOT_EMPTY, ""),),)
    expected = [row["ContactId"] for row in afas.control.call("rows", connector=CONTACTS) if row["OrgNumber"]]

    pages = afas_hook.pages(CONTACTS, columns=["ContactId"], key="OrgNumber", where=where, page_size=12)

    assert sorted(expected) == sorted(row[0] for page in pages for row in page)


def test_a_key_that_a_whole_page_shares_is_refused(afas: Stand, afas_hook: AfasHook) -> None:
    """A page full of one key cannot be gone beyond without losing rows."""
    for number in range(4):
        _debtor(afas, f"1000{number}")

    with pytest.raises(SyncError, match="More than 3 rows of Profit_Debtor_App share one DebtorName"):
        list(afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorName", page_size=3))


def test_rows_without_a_key_are_refused(afas: Stand, afas_hook: AfasHook) -> None:
    """A row without a key would be read over and over, or never."""
    _debtor(afas, "10001")

    with pytest.raises(SyncError, match="has no value in TelNr"):
        list(afas_hook.pages(DEBTORS, columns=["DebtorId"], key="TelNr"))


def test_a_filter_that_is_ignored_is_noticed(canned: Canned, connect: Connect, patience: Patience) -> None:
    """If AFAS gave the same page again, reading would never end."""
    connect("afas_default", conn_type="afas", host=canned.url, password=XML_TOKEN)
    canned.says(200, {"fields": [{"id": "DebtorId"}]})
    canned.says(200, {"skip": 0, "take": 2, "rows": [{"DebtorId": "1"}, {"DebtorId": "2"}]})

    with pytest.raises(SyncError, match="again that were asked to lie behind the last DebtorId"):
        list(AfasHook(retry=patience.rule()).pages(DEBTORS, columns=["DebtorId"], key="DebtorId"))


def test_find_reads_each_row_once_in_questions_that_fit(afas: Stand, afas_hook: AfasHook) -> None:
    """AFAS answers 404 to 2,050 characters: many values are cut into several questions."""
    afas.control.seed(debtors=60, seed=5)
    expected = [str(key) for key in _keys(afas, DEBTORS, "DebtorId")]
    missing = [f"X{number}" for number in range(10)]

    found = list(
        afas_hook.find(
            DEBTORS, columns=["DebtorId"], key="DebtorId", field="DebtorId", values=[*expected, "", *missing, "X1"]
        )
    )

    assert sorted(expected) == sorted(str(row[0]) for row in found)
    assert 404 not in {entry["status"] for entry in afas.control.log()}


def test_find_goes_on_when_a_page_is_full(afas: Stand, afas_hook: AfasHook, connect: Connect) -> None:
    """Many rows can have one value: each question is read to its end."""
    connect("afas_default", conn_type="afas", host=afas.url, password=XML_TOKEN, extra={"page_size": 2})
    for number in range(5):
        _debtor(afas, f"1000{number}")

    found = list(
        afas_hook.find(
            DEBTORS, columns=["DebtorId"], key="DebtorId", field="DebtorName", values=["Bakkerij De Korenaar"]
        )
    )

    assert [f"1000{number}" for number in range(5)] == [row[0] for row in found]


def test_find_by_a_part_yields_a_row_once(afas: Stand, afas_hook: AfasHook) -> None:
    """A field with two addresses contains both, and is one row."""
    both = "jan@bakkerij-de-korenaar.example; piet@bakkerij-de-korenaar.example"
    afas.control.call("insert", connector=DEBTORS, row={"DebtorId": "10001", "DebtorName": "De Boer", "Email": both})
    values = [f"{name}@bakkerij-de-korenaar.example" for name in ("jan", "piet", *map(str, range(30)))]

    found = list(
        afas_hook.find(DEBTORS, columns=["Email"], key="DebtorId", field="Email", values=values[::-1], contains=True)
    )

    assert [(both,)] == found


def test_a_value_with_every_sign_is_found(afas: Stand, afas_hook: AfasHook) -> None:
    """Separators, percent, plus, quotes and letters beyond ASCII are encoded once, and arrive."""
    name = 'Café 100% "t\'Hoekje", Zürich; A&B #1 + [één] \\ 🥖'
    afas.control.call("insert", connector=DEBTORS, row={"DebtorId": "10001", "DebtorName": name})

    found = list(afas_hook.find(DEBTORS, columns=["DebtorName"], key="DebtorId", field="DebtorName", values=[name]))

    assert [(name,)] == found


def test_a_filter_that_is_too_long_is_not_sent(afas: Stand, afas_hook: AfasHook) -> None:
    """AFAS would answer as if the connector did not exist."""
    where = tuple((Condition("DebtorName", Operator.EQUAL, "x" * 90),) for _ in range(20))

    with pytest.raises(ConfigurationError, match="shorten the filter"):
        list(afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", where=where))

    assert [] == afas.queries("connectors/")


def test_fields_are_asked_for_once(afas: Stand, afas_hook: AfasHook) -> None:
    """Columns do not change during a run."""
    first, second = afas_hook.fields(DEBTORS), afas_hook.fields(DEBTORS)

    assert first is second
    assert ("DebtorId", "string") == (first[0].id, first[0].data_type)
    assert 1 == afas_hook.calls == len(afas.queries("metainfo/get"))


def test_the_clock_is_that_of_afas(afas: Stand, afas_hook: AfasHook) -> None:
    """Watermarks are cut by AFAS's own clock, in Amsterdam wall time with its offset."""
    afas.control.call("clock", at="2026-07-01T21:30:15Z")

    moment = afas_hook.clock()

    assert "2026-07-01T23:30:15+02:00" == moment.isoformat()
    assert timedelta(hours=2) == moment.utcoffset()


def test_without_a_date_our_own_clock_serves(
    afas: Stand, afas_hook: AfasHook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A proxy may drop the Date header: said, not fatal."""
    monkeypatch.setattr(afas_mailchimp_transport, "http_date", lambda _: None)

    assert afas_hook.clock().utcoffset() is not None
    assert "this machine's clock" in caplog.text


def test_headers_are_ours_alone(canned: Canned, connect: Connect) -> None:
    """Extras never become headers; the language is pinned, connections stay open, the integration id goes along."""
    extra = {"integration_id": "12345_123456", "X-Extra": "1", "page_size": 9, "proxies": {}}
    connect("afas_default", conn_type="afas", host=canned.url, password=XML_TOKEN, extra=extra)
    canned.says(200, {"info": {}})
    hook = AfasHook()

    for _ in range(3):
        hook.environment()

    sent = canned.asked[-1][2]
    assert "AfasToken " + base64.b64encode(XML_TOKEN.encode()).decode() == sent["Authorization"]
    assert ("application/json", "nl-nl", "gzip", "12345_123456") == (
        sent["Accept"],
        sent["Accept-Language"],
        sent["Accept-Encoding"],
        sent["IntegrationId"],
    )
    assert "keep-alive" == sent["Connection"]
    assert {"X-Extra", "page_size", "proxies"}.isdisjoint(sent)
    assert 1 == len(canned.ports)


def test_netrc_does_not_replace_the_token(canned: Canned, connect: Connect, tmp_path, monkeypatch) -> None:
    """A netrc entry for the host would otherwise be sent in place of the token."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login jan password geheim\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    connect("afas_default", conn_type="afas", host=canned.url, password=XML_TOKEN)
    canned.says(200, {"info": {}})

    AfasHook().environment()

    assert canned.asked[0][2]["Authorization"].startswith("AfasToken ")


def test_run_of_the_http_hook_goes_the_same_way(afas: Stand, afas_hook: AfasHook) -> None:
    """Who knows HttpHook can call any endpoint, with the same errors and bounds."""
    afas.control.seed(debtors=3, seed=1)

    found = afas_hook.run(f"connectors/{DEBTORS}", {"skip": 0, "take": 2, "orderbyfieldids": "-DebtorId"})

    assert 2 == len(found["rows"])
    with pytest.raises(ValueError, match="an endpoint, and query parameters"):
        afas_hook.run("metainfo", headers={"Authorization": "other"})


def test_one_hook_serves_ten_threads(afas: Stand, afas_hook: AfasHook) -> None:
    """Answers are not mixed up, and AFAS sees at most eight calls at once."""
    afas.control.seed(debtors=40, seed=6)
    keys = [str(key) for key in _keys(afas, DEBTORS, "DebtorId")]
    afas.control.latency(per_call=0.01)

    def read(key: str) -> list[object]:
        rows = afas_hook.find(DEBTORS, columns=["DebtorId"], key="DebtorId", field="DebtorId", values=[key])
        return [row[0] for row in rows]

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(read, keys))

    assert [[key] for key in keys] == found
    assert 1 < afas.control.stats()["peak_in_flight"] <= 8


def test_building_a_hook_reaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A DAG file may make hooks by the hundred: connection and network wait for the first call."""
    monkeypatch.delenv("AIRFLOW_CONN_AFAS_DEFAULT", raising=False)

    assert 0 == AfasHook("not_there").calls


def test_the_address_can_have_been_taken_apart(afas: Stand, connect: Connect) -> None:
    """Airflow's URI form of a connection stores port and path in fields of their own."""
    parts = urlsplit(afas.url)
    connect(
        "afas_default",
        conn_type="afas",
        host=f"http://{parts.hostname}",
        port=parts.port,
        schema=parts.path.strip("/"),
        password=XML_TOKEN,
    )

    assert "O12345AA" == AfasHook().environment().id


@pytest.mark.parametrize("form", ["any", "words", "digits"])
@pytest.mark.parametrize("value", ["false", "False", "0"])
def test_rows_that_say_no(afas: Stand, afas_hook: AfasHook, connect: Connect, form: str, value: str) -> None:
    """All rows with a no are found, over several pages, in whichever way this AFAS wants a no to be written."""
    connect("afas_default", conn_type="afas", host=afas.url, password=XML_TOKEN, extra={"page_size": 2})
    afas.control.call("settings", booleans=form)
    said: list[bool | None] = [False, True, None, False, False, True, False, None, False]
    for number, newsletter in enumerate(said):
        row = {"DebtorId": f"1000{number}", "DebtorName": "Firma", "Nieuwsbrief": newsletter}
        afas.control.call("insert", connector=EXTRA, row=row)

    found = list(
        afas_hook.find(
            EXTRA, columns=["DebtorId", "Nieuwsbrief"], key="DebtorId", field="Nieuwsbrief", values=[value, value]
        )
    )

    assert [(f"1000{number}", False) for number in (0, 3, 4, 6, 8)] == found


def test_a_no_that_cannot_be_asked_for_is_an_error(afas: Stand, afas_hook: AfasHook) -> None:
    """A refused question about consent is never taken for "nobody said no"."""
    afas.control.seed(debtors=1)
    afas.control.fail("500", match="GET /connectors", message="Er is iets mis", count=None)

    with pytest.raises(SyncError):
        list(afas_hook.find(EXTRA, columns=["DebtorId"], key="DebtorId", field="Nieuwsbrief", values=["false"]))


def test_numbers_that_look_like_yes_and_no_stay(afas: Stand, afas_hook: AfasHook) -> None:
    """Only a column of yes and no is written in words: debtor 1 is asked for as 1."""
    for key in ("0", "1", "true"):
        _debtor(afas, key)

    found = list(afas_hook.find(DEBTORS, columns=["DebtorId"], key="DebtorId", field="DebtorId", values=["1", "0"]))

    assert [("0",), ("1",)] == found
