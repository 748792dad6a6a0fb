"""Addresses, phone numbers, postal addresses, dates and text: what AFAS has → what Mailchimp gets."""

from __future__ import annotations

import pytest

from afas_mailchimp.email_address import first_valid_address, subscriber_hash
from afas_mailchimp.merge_values import address_value, comparable, date_value, number_value, phone_value, text_value
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.postal_address import postal_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("jan@korenaar.example", "jan@korenaar.example", id="as it should be"),
        pytest.param("  Jan@Korenaar.EXAMPLE ", "jan@korenaar.example", id="blanks and capitals"),
        pytest.param("jan@korenaar.example; piet@korenaar.example", "jan@korenaar.example", id="two, semicolon"),
        pytest.param("geen mail; piet@korenaar.example", "piet@korenaar.example", id="first valid of two"),
        pytest.param("jan@korenaar.example en piet@korenaar.example", "jan@korenaar.example", id="two, in words"),
        pytest.param("Jan <jan@korenaar.example>", "jan@korenaar.example", id="with a name"),
        pytest.param("mailto:jan@korenaar.example", "jan@korenaar.example", id="pasted link"),
        pytest.param("jan@bäckerei.example", "jan@xn--bckerei-5wa.example", id="domain with umlaut"),
        pytest.param("jan@korenaar.example piet@korenaar.example", "jan@korenaar.example", id="two, blank between"),
        pytest.param("jan@korenaar.example / piet@korenaar.example", "jan@korenaar.example", id="two, slash"),
        pytest.param("jan jansen@korenaar.example", None, id="a blank inside is no shorter address"),
        pytest.param("a" * 65 + "@korenaar.example", None, id="local part of 65"),
        pytest.param("jan@", None, id="no domain"),
        pytest.param("jan.korenaar.example", None, id="no at sign"),
        pytest.param("jan@localhost", None, id="no dot in the domain"),
        pytest.param("jän@korenaar.example", None, id="local part outside ASCII"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param("   ", None, id="only blanks"),
    ],
)
def test_first_valid_address(text: str | None, address: str | None) -> None:
    """The address is the identity: trimmed, lower-cased, validated; of two the first valid one."""
    assert address == first_valid_address(text)


def test_subscriber_hash_is_md5_of_lower_case() -> None:
    """Mailchimp's id of a member (reference: Members)."""
    assert "1c01efb05a6ec08a6e1c62bf1bbd8e56" != subscriber_hash("a@b.example")
    assert subscriber_hash("Jan@Korenaar.example ") == subscriber_hash("jan@korenaar.example")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("033 298 12 34", "+31332981234", id="blanks"),
        pytest.param("033-2981234", "+31332981234", id="dash"),
        pytest.param("(033) 298 12 34", "+31332981234", id="brackets"),
        pytest.param("+31 (0)33 2981234", "+31332981234", id="country code with trunk zero"),
        pytest.param("0031332981234", "+31332981234", id="international prefix"),
        pytest.param("06-12345678", "+31612345678", id="mobile"),
        pytest.param("+32 2 555 12 12", "+3225551212", id="Belgian"),
        pytest.param("bellen na 18u", "", id="no number"),
        pytest.param("06 1234", "", id="too short"),
        pytest.param(None, "", id="null"),
    ],
)
def test_phone(text: str | None, number: str) -> None:
    """Dutch numbers in any spelling become E.164; an unusable one is left out and noted."""
    value, notice = phone_value([text])

    assert number == value
    assert (notice is Notice.PHONE_LEFT_OUT) == (text is not None and not number)


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        pytest.param(
            ("Stadsring 69", "3811 HN  AMERSFOORT"),
            ("Stadsring 69", "3811 HN", "AMERSFOORT", "NL"),
            id="AFAS's own form",
        ),
        pytest.param(
            ("Stadsring 69 a", "3811hn Amersfoort", None),
            ("Stadsring 69 a", "3811 HN", "Amersfoort", "NL"),
            id="postcode together",
        ),
        pytest.param(
            ("Kerkstraat 1", "1000  BRUSSEL", "België"),
            ("Kerkstraat 1", "1000", "BRUSSEL", "BE"),
            id="Belgium in Dutch",
        ),
        pytest.param(
            ("Hauptstr. 5", "10115 Berlin", "Duitsland"),
            ("Hauptstr. 5", "10115", "Berlin", "DE"),
            id="Germany in Dutch",
        ),
        pytest.param(
            ("Hauptstr. 5", "D-10115 Berlin", "D"), ("Hauptstr. 5", "10115", "Berlin", "DE"), id="number plate codes"
        ),
        pytest.param(
            ("1 High St", "London SW1A 1AA", "United Kingdom"),
            ("1 High St", "SW1A 1AA", "London", "GB"),
            id="city before postcode",
        ),
        pytest.param(("Stadsring 69", "3811 HN"), None, id="no city"),
        pytest.param((None, "3811 HN  AMERSFOORT"), None, id="no street"),
        pytest.param(("Stadsring 69", "AMERSFOORT"), None, id="no postcode"),
        pytest.param(("Stadsring 69", "3811 HN  AMERSFOORT", "Atlantis"), None, id="unknown country"),
    ],
)
def test_postal_address(lines: tuple[str | None, ...], address: tuple[str, str, str, str] | None) -> None:
    """All parts that Mailchimp wants, or nothing at all: it drops or refuses half an address."""
    found = postal_address(*lines)

    assert address == (found and (found["addr1"], found["zip"], found["city"], found["country"]))
    assert found is None or all(found.values())


def test_half_an_address_is_noted() -> None:
    """An address that is left out shows in the report; an empty one does not."""
    assert ("", Notice.ADDRESS_LEFT_OUT) == address_value(["Stadsring 69", None, None])
    assert ("", None) == address_value([None, "  ", None])


def test_text() -> None:
    """Text is trimmed and cut at Mailchimp's 255; yes and no travel as words, since Mailchimp has no booleans."""
    assert ("Bakkerij 🥐 Müller", None) == text_value(["  Bakkerij 🥐 Müller "])
    assert ("x" * 255, Notice.TEXT_CUT) == text_value(["x" * 300])
    assert ("true", None) == text_value([True])
    assert ("", None) == text_value([None])


def test_dates_and_numbers() -> None:
    """A date is a day; a number is a number; what is neither is left out and noted."""
    assert ("2026-01-31", None) == date_value(["2026-01-31T23:30:00Z"])
    assert ("", Notice.DATE_LEFT_OUT) == date_value(["31-01-2026"])
    assert ("", None) == date_value([None])
    assert (12.5, None) == number_value(["12,5"])
    assert (3, None) == number_value([3.0])
    assert ("", Notice.NUMBER_LEFT_OUT) == number_value(["veel"])


def test_values_that_mean_the_same_compare_equal() -> None:
    """Mailchimp adds an empty addr2 to addresses and gives numbers back as numbers."""
    sent = {"addr1": "Stadsring 69", "city": "A", "state": "-", "zip": "1", "country": "NL"}

    assert comparable(sent) == comparable({**sent, "addr2": ""})
    assert comparable(3) == comparable(3.0)
    assert comparable("") == comparable(None)
    assert comparable({"addr1": "", "city": ""}) == comparable("")
    assert comparable("a") != comparable("b")
