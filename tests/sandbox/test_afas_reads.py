"""GetConnectors of the AFAS stand-in: pages, order, filters, dates."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.afas_client import CONTACTS, DEBTORS, EXTRA, Afas


@pytest.fixture
def seeded(afas: Afas) -> Afas:
    """Three hundred debtors."""
    afas.control.seed(debtors=300, contacts=30, seed=5)
    return afas


def test_take_is_100_unless_asked(seeded: Afas) -> None:
    """Who asks for no number gets a hundred rows, silently."""
    body = seeded.get(f"/connectors/{DEBTORS}").json()

    assert (0, 100, 100) == (body["skip"], body["take"], len(body["rows"]))


def test_answer_is_one_line_with_echo(seeded: Afas) -> None:
    """An answer is one line of JSON that repeats skip and take, and has no total."""
    response = seeded.get(f"/connectors/{DEBTORS}", skip=295, take=50, orderbyfieldids="DebtorId")

    assert ["skip", "take", "rows"] == list(response.json())
    assert 5 == len(response.json()["rows"])
    assert "\n" not in response.text
    assert response.text.startswith('{"skip":295,"take":50,"rows":[{"DebtorId":"')


def test_minus_one_gives_everything(seeded: Afas) -> None:
    """Both -1 means all rows."""
    assert 300 == len(seeded.rows(skip=-1, take=-1))


@pytest.mark.parametrize(("skip", "take"), [(0, -1), (2, -1), (-1, 10), (-2, -2), ("x", 1), (0, "1.5")])
def test_other_negatives_are_the_general_error(seeded: Afas, skip: object, take: object) -> None:
    """Half of the pair is a 500 with AFAS's general error number, as JSON under an XML content type."""
    response = seeded.get(f"/connectors/{DEBTORS}", skip=skip, take=take)

    assert (500, -2147180999) == (response.status_code, response.json()["errorNumber"])
    assert "application/xml; charset=utf-8" == response.headers["Content-Type"]
    assert 32 == len(response.json()["profitLogReference"])


def test_no_rows_is_an_empty_list(afas: Afas) -> None:
    """The end of the data is an empty page."""
    assert [] == afas.rows(skip=100)


def test_without_order_every_request_has_its_own(seeded: Afas) -> None:
    """Paging without an order gives duplicates and gaps."""
    first, second = seeded.keys(), seeded.keys()
    paged = [key for skip in (0, 100, 200) for key in seeded.keys(skip=skip)]

    assert first != second
    assert len(set(paged)) < 300


def test_unique_order_pages_without_gap(seeded: Afas) -> None:
    """Paging by a unique key gives every row once."""
    paged = [key for skip in range(0, 301, 70) for key in seeded.keys(skip=skip, take=70, orderbyfieldids="DebtorId")]

    assert sorted(paged) == paged
    assert 300 == len(set(paged)) == len(paged)


def test_ties_are_shuffled(seeded: Afas) -> None:
    """Rows that are equal in the order asked for come in another order each time."""
    pages = [seeded.keys(take=-1, skip=-1, orderbyfieldids="Type") for _ in range(3)]

    assert 3 == len({tuple(page) for page in pages})
    types = [row["Type"] for row in seeded.rows(take=-1, skip=-1, orderbyfieldids="-Type")]
    assert sorted(types, reverse=True) == types


def test_string_keys_sort_as_strings_without_case(afas: Afas) -> None:
    """A debtor number is text: 100000 comes before 9999, and case does not count."""
    for key in ("9999", "100000", "00042", "d-0008", "D-0007", "A1"):
        afas.debtor(key)

    assert ["00042", "100000", "9999", "A1", "D-0007", "d-0008"] == afas.keys(orderbyfieldids="DebtorId")
    assert ["9999", "A1", "D-0007", "d-0008"] == afas.keys(
        orderbyfieldids="DebtorId", filterfieldids="DebtorId", filtervalues="100000", operatortypes=4
    )


def test_integer_keys_sort_as_numbers(seeded: Afas) -> None:
    """A contact number is a number."""
    assert list(range(30, 0, -1)) == seeded.keys(CONTACTS, orderbyfieldids="-ContactId")


def test_empty_is_null_and_booleans_are_real(afas: Afas) -> None:
    """Every column is there; an empty one is null, a boolean is true or false."""
    afas.debtor("1", Email="", Blocked=True)
    row = afas.rows(EXTRA)[0]

    assert row["Email"] is None
    assert row["AddressLine4"] is None
    assert row["Blocked"] is True


def test_query_of_2050_characters_is_not_found(afas: Afas) -> None:
    """A query string above 2,049 characters, its question mark included, looks like a missing connector."""
    url = afas.server.url + f"/connectors/{DEBTORS}"
    base = "?take=1&filterfieldids=Email&operatortypes=1&filtervalues="

    assert 200 == afas.session.get(url + base + "x" * (2049 - len(base)), timeout=5).status_code
    assert 404 == afas.session.get(url + base + "x" * (2050 - len(base)), timeout=5).status_code


@pytest.mark.parametrize(
    "parameters",
    [{"orderbyfieldids": "Debtorid"}, {"filterfieldids": "Debtorid", "filtervalues": "1", "operatortypes": "1"}],
    ids=["order", "filter"],
)
def test_unknown_field_is_named(afas: Afas, parameters: dict[str, str]) -> None:
    """A column that is not there, also by its case alone, is a 500 that names it."""
    response = afas.get(f"/connectors/{DEBTORS}", **parameters)

    assert (500, "Connector field 'Debtorid' not found") == (response.status_code, response.json()["externalMessage"])


def test_unknown_parameter_was_not_taught(afas: Afas) -> None:
    """A parameter that AFAS does not have is refused, not ignored."""
    assert 501 == afas.get(f"/connectors/{DEBTORS}", top=5).status_code


def test_field_with_a_dot_is_quoted_in_an_order(seeded: Afas) -> None:
    """The column A_Toev_Huisnr. can only be ordered by in quotes."""
    path = "/connectors/Profit_Deliveryaddress"

    assert 500 == seeded.get(path, orderbyfieldids="A_Toev_Huisnr.").status_code
    assert 200 == seeded.get(path, orderbyfieldids="['A_Toev_Huisnr.'],Adres_ID").status_code


OPERATORS = {
    1: "100",
    2: "100 Bcd 99",
    3: "100 050",
    4: "Bcd 99",
    5: "050",
    7: "050 Bcd 99",
}


@pytest.mark.parametrize(("number", "expected"), OPERATORS.items())
def test_comparisons(afas: Afas, number: int, expected: str) -> None:
    """Operators 1 to 5 and 7 compare text as text, without case."""
    for key in ("100", "99", "050", "Bcd"):
        afas.debtor(key)

    found = afas.keys(filterfieldids="DebtorId", filtervalues="100", operatortypes=number)
    assert set(expected.split()) == set(found)


@pytest.mark.parametrize("wildcard", ["", "%"])
@pytest.mark.parametrize(
    ("number", "value", "expected"),
    [
        (6, "ANK", "anker kranker"),
        (10, "het", "anker"),
        (11, "anker", "gans"),
        (12, "het", "kranker gans"),
        (13, "ANKER", "anker kranker"),
        (14, "anker", "gans"),
        (15, "gans kranker", "kranker gans"),
    ],
)
def test_text_operators(afas: Afas, number: int, value: str, expected: str, wildcard: str) -> None:
    """Operators on parts of text work with and without a percent sign, and leave nulls out."""
    for key, name in {"anker": "Het Anker", "kranker": "De Kranker", "gans": "De Gans", "none": None}.items():
        afas.debtor(key, DebtorName=name)

    found = afas.keys(filterfieldids="DebtorName", filtervalues=wildcard + value + wildcard, operatortypes=number)
    assert set(expected.split()) == set(found)


@pytest.mark.parametrize(("number", "expected"), [(8, ["no"]), (9, ["yes"])], ids=["empty", "not empty"])
@pytest.mark.parametrize("value", ["", "[is leeg]", "null"])
def test_empty_and_not_empty_ignore_their_value(afas: Afas, number: int, expected: list[str], value: str) -> None:
    """Operators 8 and 9 need a value and do not look at it."""
    afas.debtor("yes", Email="yes@anker.example")
    afas.debtor("no")

    assert expected == afas.keys(filterfieldids="Email", filtervalues=value, operatortypes=number)


def test_not_equal_leaves_nulls_out(afas: Afas) -> None:
    """A null is not unequal to anything, as in SQL."""
    afas.debtor("null")
    afas.debtor("other", Klantgroep="Groothandel")

    assert ["other"] == afas.keys(EXTRA, filterfieldids="Klantgroep", filtervalues="Zakelijk", operatortypes=7)


def test_equality_ignores_case_and_trailing_blanks(afas: Afas) -> None:
    """Text is compared as a case-insensitive collation does; an accent does count."""
    afas.debtor("1", Email="Info@Café.example")

    def count(value: str) -> int:
        return len(afas.keys(filterfieldids="Email", filtervalues=value, operatortypes=1))

    assert (1, 1, 0) == (count("INFO@CAFÉ.EXAMPLE"), count("info@café.example "), count("info@cafe.example"))


@pytest.mark.parametrize(("value", "expected"), [("true", ["1"]), ("1", ["1"]), ("False", ["2"]), ("0", ["2"])])
def test_booleans_filter_by_word_or_digit(afas: Afas, value: str, expected: list[str]) -> None:
    """A boolean is asked for as true, false, 1 or 0."""
    afas.debtor("1", Blocked=True)
    afas.debtor("2", Blocked=False)

    assert expected == afas.keys(filterfieldids="Blocked", filtervalues=value, operatortypes=1)


def test_semicolon_is_or_of_ands(afas: Afas) -> None:
    """(Type = ORG and Blocked) or DebtorId = 3."""
    afas.debtor("1", Type="ORG", Blocked=True)
    afas.debtor("2", Type="ORG", Blocked=False)
    afas.debtor("3", Type="PER", Blocked=False)
    afas.debtor("4", Type="PER", Blocked=True)

    found = afas.keys(
        filterfieldids="Type,Blocked;DebtorId",
        filtervalues="ORG,true;3",
        operatortypes="1,1;1",
        orderbyfieldids="DebtorId",
    )
    assert ["1", "3"] == found


def test_operators_default_to_equal(afas: Afas) -> None:
    """Without operatortypes every comparison is equality."""
    afas.debtor("1")
    afas.debtor("2")

    assert ["2"] == afas.keys(filterfieldids="DebtorId", filtervalues="2")


@pytest.mark.parametrize(
    "parameters",
    [
        {"filterfieldids": "Type,Blocked", "filtervalues": "ORG", "operatortypes": "1,1"},
        {"filterfieldids": "Type;Blocked", "filtervalues": "ORG,true", "operatortypes": "1;1"},
        {"filterfieldids": "Type", "filtervalues": "ORG", "operatortypes": "1,1"},
        {"filterfieldids": "Type", "operatortypes": "1,1"},
        {"filterfieldids": "Type", "filtervalues": "ORG", "operatortypes": "16"},
        {"filterfieldids": "Blocked", "filtervalues": "ja", "operatortypes": "1"},
        {"filterfieldids": "Blocked", "filtervalues": "tr", "operatortypes": "6"},
        {"filterjson": "{"},
        {"filterjson": '{"Filters":[]}'},
    ],
    ids=["count", "separator", "operators", "no values", "operator", "boolean", "contains on boolean", "json", "shape"],
)
def test_bad_filter_is_a_500(afas: Afas, parameters: dict[str, str]) -> None:
    """Filters that do not fit together are refused with AFAS's error shape."""
    response = afas.get(f"/connectors/{DEBTORS}", **parameters)

    assert 500 == response.status_code
    assert response.json()["externalMessage"]


def condition(field: str, operator: int, value: str) -> dict[str, str]:
    """One field of filterjson."""
    return {"@FieldId": field, "@OperatorType": str(operator), "#text": value}


@pytest.mark.parametrize("as_list", [True, False], ids=["lists", "single objects"])
def test_filterjson_takes_one_or_many(afas: Afas, as_list: bool) -> None:
    """Filter and Field may be an object or a list; a separator in a value is a letter like any other."""
    afas.debtor("1", DebtorName="Bakkerij, De; Korenaar")
    afas.debtor("2", DebtorName="Bakkerij")
    field = condition("DebtorName", 1, "bakkerij, de; korenaar")
    group = {"@FilterId": "Filter 1", "Field": [field] if as_list else field}
    text = json.dumps({"Filters": {"Filter": [group] if as_list else group}})

    assert ["1"] == afas.keys(filterjson=text)


def test_filterjson_is_or_of_ands(afas: Afas) -> None:
    """Filters are alternatives, the fields of one filter hold together."""
    for key, kind in {"1": "ORG", "2": "PER", "3": "ORG", "4": "PER"}.items():
        afas.debtor(key, Type=kind)
    filters = [
        {"Field": [condition("Type", 1, "ORG"), condition("DebtorId", 4, "1")]},
        {"Field": condition("DebtorId", 1, "2")},
    ]

    assert ["2", "3"] == afas.keys(filterjson=json.dumps({"Filters": {"Filter": filters}}), orderbyfieldids="DebtorId")


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00+01:00", "2026-03-01", "01-03-2026", "2026-13-01T00:00:00", ""],
)
def test_other_dates_than_wall_time_are_refused(afas: Afas, value: str) -> None:
    """A filter date has no Z and no offset, though the answers have a Z."""
    response = afas.get(f"/connectors/{DEBTORS}", filterfieldids="DateModified", filtervalues=value, operatortypes="2")

    assert 500 == response.status_code


@pytest.mark.parametrize(
    ("rounding", "shown"), [("half-up", "2026-03-01T10:00:01Z"), ("truncate", "2026-03-01T10:00:00Z")]
)
def test_filter_sees_the_fraction_that_is_not_shown(afas: Afas, rounding: str, shown: str) -> None:
    """A date is shown in whole seconds but compared as stored: from the second shown, the row may be missed."""
    afas.control.call("settings", rounding=rounding)
    afas.debtor("1", at="2026-03-01T10:00:00.500")

    def found(value: str) -> list[str]:
        return afas.keys(filterfieldids="DateModified", filtervalues=value, operatortypes=2)

    assert shown == afas.rows()[0]["DateModified"]
    assert ["1"] == found("2026-03-01T10:00:00")
    assert [] == found("2026-03-01T10:00:01")


def test_too_many_cells_can_be_out_of_memory(seeded: Afas) -> None:
    """With a limit on cells a page that is too large fails as AFAS does."""
    seeded.control.call("settings", max_cells=1200)

    assert 200 == seeded.get(f"/connectors/{DEBTORS}", take=100).status_code
    assert "Out of memory" == seeded.get(f"/connectors/{DEBTORS}", take=101).json()["externalMessage"]


@pytest.mark.parametrize(("form", "taken"), [("any", "true 1 false 0"), ("words", "true false"), ("digits", "1 0")])
def test_forms_of_yes_and_no(afas: Afas, form: str, taken: str) -> None:
    """How AFAS wants a yes or no in a filter is not documented: either form, or both, can be the right one."""
    afas.control.call("settings", booleans=form)

    statuses = {
        text: afas.get("/connectors/Profit_Debtor_App", filterfieldids="Blocked", filtervalues=text).status_code
        for text in ("true", "1", "false", "0", "ja")
    }

    assert {text: 200 if text in taken.split() else 500 for text in statuses} == statuses
