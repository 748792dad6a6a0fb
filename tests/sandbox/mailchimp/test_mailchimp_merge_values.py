"""Merge values: per type what is refused with which words, and in which form the rest is read back."""

from __future__ import annotations

from typing import Any

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World, problem

JAN = "jan@bakkerij-de-korenaar.example"
ANY_OF = "Data did not match any of the schemas described in anyOf."
ADDRESS = {"addr1": "Molenstraat 1", "city": "Utrecht", "state": "UT", "zip": "3511 AA", "country": "NL"}


@pytest.mark.parametrize(
    ("kind", "options", "value", "message"),
    [
        pytest.param("number", {}, "veel", "Please enter a number", id="number"),
        pytest.param("number", {}, "1,5", "Please enter a number", id="Dutch number"),
        pytest.param("date", {}, "31-12-2025", "Please enter the date", id="date"),
        pytest.param("date", {}, "2025-02-30", "Please enter the date", id="no such day"),
        pytest.param("birthday", {}, "1980-05-17", "Please enter a month (01-12) and a day (01-31)", id="birthday"),
        pytest.param("radio", {"choices": ["m", "w"]}, "z", "Value must be one of: m, w,  (not z)", id="radio"),
        pytest.param("dropdown", {"choices": ["m", "w"]}, "z", "Value must be one of: m, w,  (not z)", id="dropdown"),
        pytest.param(
            "phone", {"phone_format": "US"}, "+31 30 123 4567", "Please enter a valid phone number", id="phone"
        ),
        pytest.param("zip", {}, "3511 AA", "Please enter a valid zip code", id="zip"),
        pytest.param("url", {}, "korenaar", "Please enter a valid URL", id="url"),
    ],
)
def test_refused_values(world: World, kind: str, options: dict[str, Any], value: str, message: str) -> None:
    """A value that does not fit its type refuses the whole write."""
    world.field("VELD", kind, options=options)
    with pytest.raises(ApiClientError) as refused:
        world.post(JAN, merge_fields={"FNAME": "Jan", "VELD": value})

    document = problem(refused)
    assert (document["title"], document["detail"]) == ("Invalid Resource", "Your merge fields were invalid.")
    assert document["errors"] == [{"field": "VELD", "message": message}]
    assert world.writes() == []


@pytest.mark.parametrize(
    ("kind", "options", "value", "kept"),
    [
        pytest.param("number", {}, "12.50", 12.5, id="number from text"),
        pytest.param("number", {}, 7, 7, id="number"),
        pytest.param("date", {}, "2025-12-31", "2025-12-31", id="ISO date"),
        pytest.param("date", {"date_format": "DD/MM/YYYY"}, "31/12/2025", "2025-12-31", id="day first"),
        pytest.param("date", {"date_format": "MM/DD/YYYY"}, "12/31/2025", "2025-12-31", id="month first"),
        pytest.param("date", {}, "2025-12-31T00:00:00Z", "2025-12-31", id="date with time"),
        pytest.param("birthday", {}, "5/7", "05/07", id="birthday"),
        pytest.param("birthday", {"date_format": "DD/MM"}, "29/02", "29/02", id="birthday, day first"),
        pytest.param("radio", {"choices": ["m", "w"]}, "w", "w", id="radio"),
        pytest.param("phone", {"phone_format": "none"}, "000", "000", id="international phone"),
        pytest.param("phone", {"phone_format": "US"}, "404-555-1212", "404-555-1212", id="US phone"),
        pytest.param("zip", {}, "30303", "30303", id="zip"),
        pytest.param("url", {}, "https://korenaar.example/", "https://korenaar.example/", id="url"),
        pytest.param("text", {}, "x" * 300, "x" * 255, id="long text is cut"),
        pytest.param("text", {}, "  Zoë 🎂 ", "Zoë 🎂", id="blanks round a text are cut"),
        pytest.param("text", {}, 12, "12", id="number in a text"),
    ],
)
def test_kept_values(world: World, kind: str, options: dict[str, Any], value: object, kept: object) -> None:
    """A value that fits is read back in the form of its type; an empty text clears it."""
    world.field("VELD", kind, options=options)

    assert world.post(JAN, merge_fields={"VELD": value})["merge_fields"]["VELD"] == kept
    assert world.put(JAN, merge_fields={"VELD": ""})["merge_fields"]["VELD"] == ""


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param(True, id="yes or no"),
        pytest.param(["x"], id="array"),
        pytest.param({"addr1": "x"}, id="object without state"),
        pytest.param(ADDRESS, id="address in a text field"),
    ],
)
def test_values_outside_the_schema(world: World, value: object) -> None:
    """Null, yes or no, arrays and objects fail the schema of a text field."""
    with pytest.raises(ApiClientError) as refused:
        world.post(JAN, merge_fields={"FNAME": value})

    assert problem(refused)["errors"] == [{"field": "merge_fields.FNAME", "message": ANY_OF}]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param({"merge_fields": []}, "Schema describes object, array found instead", id="PHP's empty array"),
        pytest.param({"status": None}, "Schema describes string, NULL found instead", id="null"),
        pytest.param({"language": 7}, "Schema describes string, integer found instead", id="number"),
        pytest.param({"ip_signup": "thuis"}, "This value is not a valid IP.", id="IP"),
        pytest.param({"timestamp_opt": "gisteren"}, "This value is not a valid datetime.", id="moment"),
    ],
)
def test_body_outside_the_schema(world: World, body: dict[str, object], message: str) -> None:
    """A body key of the wrong type is refused with the names of both types."""
    world.seed(JAN)
    with pytest.raises(ApiClientError) as refused:
        world.patch(JAN, **body)

    assert [error["message"] for error in problem(refused)["errors"]] == [message]


def test_unknown_tags_are_ignored_and_omitted_ones_kept(world: World) -> None:
    """What is not sent stays; what the audience does not have, or has in other case, vanishes in silence."""
    world.post(JAN, merge_fields={"FNAME": "Jan", "LNAME": "Smit"})
    member = world.put(JAN, merge_fields={"LNAME": "Bakker", "lname": "x", "NERGENS": "x"})

    assert (member["merge_fields"]["FNAME"], member["merge_fields"]["LNAME"]) == ("Jan", "Bakker")
    assert "NERGENS" not in member["merge_fields"]


def test_required_field(world: World) -> None:
    """A required field breaks every write without it, also of who is there, unless validation is skipped."""
    world.seed(JAN)
    world.field("KLANTNR", "text", required=True)
    for attempt in (lambda: world.put(JAN, merge_fields={"FNAME": "Jan"}), lambda: world.post("piet@slagerij.example")):
        with pytest.raises(ApiClientError) as refused:
            attempt()
        assert problem(refused)["errors"] == [{"field": "KLANTNR", "message": "Please enter a value"}]
    body = {"merge_fields": {"FNAME": "Jan"}}
    skipped = world.lists.set_list_member(LIST, world.hash(JAN), body, skip_merge_validation="true")

    assert skipped["merge_fields"]["FNAME"] == "Jan"
    assert world.put(JAN, merge_fields={"KLANTNR": "7"})["merge_fields"]["KLANTNR"] == "7"
    assert world.put(JAN, merge_fields={"FNAME": "Johan"})["merge_fields"]["FNAME"] == "Johan"


def test_messages_follow_the_language_of_the_account(world: World) -> None:
    """The message of a field is localised, title and detail are not."""
    world.switch("language", "de")
    world.field("KLANTNR", "text", required=True)
    with pytest.raises(ApiClientError) as refused:
        world.post(JAN)

    assert problem(refused)["errors"][0]["message"] == "Bitte gib einen Wert ein."
    assert problem(refused)["detail"] == "Your merge fields were invalid."


def test_whole_address(world: World) -> None:
    """A whole address is kept; without a country it gets the default of the field."""
    home = world.post(JAN, merge_fields={"ADDRESS": ADDRESS})["merge_fields"]["ADDRESS"]
    world.put(JAN, merge_fields={"ADDRESS": {**ADDRESS, "country": ""}})

    assert home == {**ADDRESS, "addr2": ""}
    assert world.get(JAN)["merge_fields"]["ADDRESS"]["country"] == "US"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("Molenstraat 1, Utrecht", id="text"),
        pytest.param({name: part for name, part in ADDRESS.items() if name != "zip"}, id="no zip"),
        pytest.param({**ADDRESS, "city": ""}, id="empty city"),
        pytest.param({**ADDRESS, "country": "Nederland"}, id="country by name"),
    ],
)
def test_incomplete_address(world: World, address: object) -> None:
    """An incomplete address is dropped in silence, or by switch refused; a required one always is."""
    dropped = world.post(JAN, merge_fields={"FNAME": "Jan", "ADDRESS": address})
    assert (dropped["merge_fields"]["FNAME"], dropped["merge_fields"]["ADDRESS"]) == ("Jan", "")
    world.switch("address_incomplete", "error")
    with pytest.raises(ApiClientError) as refused:
        world.put(JAN, merge_fields={"ADDRESS": address})

    assert problem(refused)["errors"] == [{"field": "ADDRESS", "message": "Please enter a complete address"}]


def test_incomplete_address_does_not_undo_the_one_that_is_there(world: World) -> None:
    """Dropped means: what was there stays; an empty text takes it away."""
    world.post(JAN, merge_fields={"ADDRESS": ADDRESS})
    kept = world.put(JAN, merge_fields={"ADDRESS": {**ADDRESS, "zip": ""}})
    cleared = world.put(JAN, merge_fields={"ADDRESS": ""})

    assert kept["merge_fields"]["ADDRESS"]["zip"] == "3511 AA"
    assert cleared["merge_fields"]["ADDRESS"] == ""


def test_incomplete_stored_address_can_block_updates(world: World) -> None:
    """One report: such an address makes later updates answer 200 and change nothing."""
    world.seed(JAN, merge_fields={"ADDRESS": {"addr1": "Molenstraat 1"}})
    world.switch("incomplete_address_blocks", value=True)

    assert world.put(JAN, merge_fields={"FNAME": "Jan"})["merge_fields"]["FNAME"] == ""
    assert world.put(JAN, merge_fields={"FNAME": "Jan", "ADDRESS": ADDRESS})["merge_fields"]["FNAME"] == "Jan"
