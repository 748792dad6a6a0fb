"""Addresses, phone numbers, postal addresses, dates and text: what AFAS has → what Mailchimp gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from afas_mailchimp.email_address import first_valid_address, subscriber_hash
from afas_mailchimp.field_checks import TYPES
from afas_mailchimp.getconnector import Cell
from afas_mailchimp.merge_values import (
    choice_value,
    comparable,
    date_value,
    make_value,
    number_value,
    phone_value,
    text_value,
    yes_no_value,
)
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.postal_address import address_of_parts, postal_address
from afas_mailchimp.settings import DeliveryAddress, FieldKind, FieldMapping


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
        pytest.param("033 - 298 12 34", "+31332981234", id="dash with blanks"),
        pytest.param("033 \u2013 298 12 34", "+31332981234", id="long dash of a word processor"),
        pytest.param("033.298.12.34", "+31332981234", id="dots"),
        pytest.param("033/2981234", "+31332981234", id="slash behind the area code"),
        pytest.param("+31(0)332981234", "+31332981234", id="trunk zero without blanks"),
        pytest.param("0031 (0)33-2981234", "+31332981234", id="international prefix with trunk zero"),
        pytest.param("(+31) 33 298 12 34", "+31332981234", id="country code in brackets"),
        pytest.param("31 33 2981234", "+31332981234", id="country code without plus"),
        pytest.param("033-2981234 tst 12", "+31332981234", id="extension in Dutch"),
        pytest.param("033-2981234 (Jan, 's middags)", "+31332981234", id="remark behind"),
        pytest.param("Tel.: 033-2981234", "+31332981234", id="word before"),
        pytest.param("033-2981234 / 06-12345678", "+31332981234", id="two numbers: the first"),
        pytest.param("onbekend / 06-12345678", "+31612345678", id="word and number"),
        pytest.param("06 1234 of 033 2981234", "+31332981234", id="first of two unusable"),
        pytest.param("0800-1234", "+318001234", id="service number"),
        pytest.param("06-12345678", "+31612345678", id="mobile"),
        pytest.param("06-12345 tst", "", id="letters are never read as the digits on a keypad"),
        pytest.param("toestel 12", "", id="extension only"),
        pytest.param("0000000000", "", id="zeros"),
        pytest.param("   ", "", id="blanks"),
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
    assert (notice is Notice.PHONE_LEFT_OUT) == (bool((text or "").strip()) and not number)


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
        pytest.param(
            ("Stadsring 69 bis", "3811 HN  'S-GRAVENHAGE", "NEDERLAND"),
            ("Stadsring 69 bis", "3811 HN", "'S-GRAVENHAGE", "NL"),
            id="the Netherlands by name, city with an apostrophe",
        ),
        pytest.param(
            ("Postbus  12", " 3800 AA   AMERSFOORT ", "  "),
            ("Postbus 12", "3800 AA", "AMERSFOORT", "NL"),
            id="blanks everywhere",
        ),
        pytest.param(
            ("1 High St", "LONDON  EC1A 1BB", "Engeland"), ("1 High St", "EC1A 1BB", "LONDON", "GB"), id="two blanks"
        ),
        pytest.param(
            ("100 King St", "TORONTO  M5V 2T6", "Canada"), ("100 King St", "M5V 2T6", "TORONTO", "CA"), id="Canada"
        ),
        pytest.param(
            ("Rue 1", "B-1000  BRUXELLES", "B"), ("Rue 1", "1000", "BRUXELLES", "BE"), id="country before the postcode"
        ),
        pytest.param(
            ("Ulica 2", "00-950 Warszawa", "Polen"), ("Ulica 2", "00-950", "Warszawa", "PL"), id="dash inside"
        ),
        pytest.param(
            ("Gata 3", "111 22 Stockholm", "Zweden"), ("Gata 3", "111 22", "Stockholm", "SE"), id="blank inside"
        ),
        pytest.param(("Street 1", "DUBLIN", "Ierland"), None, id="no postcode abroad"),
        pytest.param(("Kerkstraat 1", "1000  BRUSSEL", None), None, id="abroad without saying where"),
        pytest.param(("Stadsring 69", "0811 HN  AMERSFOORT"), None, id="no Dutch postcode begins with a zero"),
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


@pytest.mark.parametrize(
    ("parts", "address"),
    [
        pytest.param(
            ("Stadsring", 69, "A", "3811 HN", "AMERSFOORT", "NL"),
            ("Stadsring 69 A", "3811 HN", "AMERSFOORT", "NL"),
            id="all six",
        ),
        pytest.param(
            ("Stadsring ", 69, None, "3811hn", " Amersfoort", None),
            ("Stadsring 69", "3811 HN", "Amersfoort", "NL"),
            id="no addition, no country",
        ),
        pytest.param(
            ("Postbus 12", 0, None, "3800 AA", "AMERSFOORT", "NL"),
            ("Postbus 12", "3800 AA", "AMERSFOORT", "NL"),
            id="number zero is none",
        ),
        pytest.param(
            ("Kerkstraat", 1, "bus 3", "2000", "ANTWERPEN", "BE"),
            ("Kerkstraat 1 bus 3", "2000", "ANTWERPEN", "BE"),
            id="Belgium",
        ),
        pytest.param(
            ("Stadsring", 69, None, "2000", "AMERSFOORT", "NL"), None, id="Belgian postcode in the Netherlands"
        ),
        pytest.param((None, 69, None, "3811 HN", "AMERSFOORT", "NL"), None, id="no street"),
        pytest.param(("Stadsring", 69, None, None, "AMERSFOORT", "NL"), None, id="no postcode"),
        pytest.param(("Stadsring", 69, None, "3811 HN", None, "NL"), None, id="no city"),
        pytest.param(("Stadsring", 69, None, "3811 HN", "AMERSFOORT", "QQ"), None, id="unknown country"),
    ],
)
def test_address_of_parts(parts: tuple[Cell, ...], address: tuple[str, str, str, str] | None) -> None:
    """Delivery addresses come in six columns (reference: Profit_Deliveryaddress); all Mailchimp wants, or nothing."""
    found = address_of_parts(parts)

    assert address == (found and (found["addr1"], found["zip"], found["city"], found["country"]))
    assert found is None or all(found.values())


def test_half_an_address_is_noted() -> None:
    """An address that is left out shows in the report; an empty one does not."""
    mapping = FieldMapping(kind=FieldKind.ADDRESS, columns=("A", "B", "C"))

    assert ("", Notice.ADDRESS_LEFT_OUT) == make_value(mapping, ["Stadsring 69", None, None])
    assert ("", None) == make_value(mapping, [None, "  ", None])
    assert ("", None) == make_value(mapping, [None, None, "België"])


@pytest.mark.parametrize(
    ("cell", "value", "notice"),
    [
        pytest.param("  Bakkerij 🥐 Müller ", "Bakkerij 🥐 Müller", None, id="trimmed"),
        pytest.param("3811 HN  AMERSFOORT", "3811 HN  AMERSFOORT", None, id="blanks inside stay"),
        pytest.param("Jan\r\nJansen\t", "Jan Jansen", None, id="one line"),
        pytest.param("👩\u200d🌾", "👩\u200d🌾", None, id="joined emoji"),
        pytest.param("x" * 255, "x" * 255, None, id="255 characters"),
        pytest.param("x" * 256, "x" * 255, Notice.TEXT_CUT, id="256 characters"),
        pytest.param("x" * 254 + " yz", "x" * 254, Notice.TEXT_CUT, id="no blank behind the cut"),
        pytest.param(True, "true", None, id="yes: Mailchimp has no booleans"),
        pytest.param(12, "12", None, id="whole number"),
        pytest.param(12.0, "12", None, id="whole decimal"),
        pytest.param(12.5, "12.5", None, id="decimal"),
        pytest.param(None, "", None, id="null"),
        pytest.param("   ", "", None, id="blanks"),
    ],
)
def test_text(cell: Cell, value: str, notice: Notice | None) -> None:
    """Text is trimmed, on one line, and cut at Mailchimp's 255."""
    assert (value, notice) == text_value([cell])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        pytest.param("2026-01-31T23:30:00Z", "2026-01-31", id="with a time: the day in AFAS, whatever the Z says"),
        pytest.param("2026-01-31T00:00:00Z", "2026-01-31", id="day alone"),
        pytest.param(None, "", id="null"),
    ],
)
def test_dates(cell: Cell, value: str) -> None:
    """A date of AFAS becomes its day (reference: the Z is a lie)."""
    assert (value, None) == date_value([cell])


@pytest.mark.parametrize("cell", ["31-01-2026", "2026-02-30T00:00:00Z", "morgen"])
def test_no_date(cell: str) -> None:
    """What is no date of AFAS is left out and noted."""
    assert ("", Notice.DATE_LEFT_OUT) == date_value([cell])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        pytest.param(3, 3, id="whole"),
        pytest.param(3.0, 3, id="whole decimal"),
        pytest.param(-12.5, -12.5, id="negative"),
        pytest.param("12,5", 12.5, id="Dutch decimal"),
        pytest.param("12.5", 12.5, id="English decimal"),
        pytest.param("12,345", 12.345, id="a comma is decimal"),
        pytest.param("1.234,56", 1234.56, id="Dutch, with thousands"),
        pytest.param("1.234.567", 1234567, id="Dutch millions"),
        pytest.param("1,234.56", 1234.56, id="English, with thousands"),
        pytest.param("1 234,5", 1234.5, id="blank for thousands"),
        pytest.param("€ 1.234,-", None, id="amount that can mean two things"),
        pytest.param("€ 12,-", 12, id="amount"),
        pytest.param(" 12 ", 12, id="blanks"),
        pytest.param("0.125", 0.125, id="small"),
        pytest.param("1.234", None, id="a thousand, or hardly more than one: nobody can tell"),
        pytest.param("1.23.4", None, id="groups of other lengths"),
        pytest.param("1,234,56", None, id="one separator for two things"),
        pytest.param("veel", None, id="word"),
        pytest.param("nan", None, id="not a number, in JSON neither"),
        pytest.param("12%", None, id="percentage"),
        pytest.param(float("inf"), None, id="infinite"),
        pytest.param(True, None, id="yes"),
    ],
)
def test_numbers(cell: Cell, value: float | None) -> None:
    """A number is read where it can be read in one way; anything else is left out and noted."""
    assert (("", Notice.NUMBER_LEFT_OUT) if value is None else (value, None)) == number_value([cell])


def test_blank_number_is_no_notice() -> None:
    """Blank in AFAS is blank in Mailchimp, and nothing to look at."""
    assert ("", None) == number_value([None])
    assert ("", None) == number_value(["  "])


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        pytest.param((True, 1, "1", "J", "j", "ja", "Ja ", "JA", "Y", "yes", "true", "waar"), "true", id="yes"),
        pytest.param((False, 0, 0.0, "0", "N", "nee", "Nee", "no", "FALSE", "onwaar"), "false", id="no"),
        pytest.param((None, "", "  "), "", id="blank stays blank"),
    ],
)
def test_yes_no(cells: tuple[Cell, ...], value: str) -> None:
    """Every usual spelling of yes and no becomes one word."""
    assert [(value, None)] * len(cells) == [yes_no_value([cell]) for cell in cells]


@pytest.mark.parametrize("cell", ["misschien", "2", 2, "x", "-"])
def test_neither_yes_nor_no(cell: Cell) -> None:
    """Anything else is left out and noted, never guessed."""
    assert ("", Notice.YES_NO_LEFT_OUT) == yes_no_value([cell])


@pytest.mark.parametrize(
    ("cell", "allowed", "value", "notice"),
    [
        pytest.param("Horeca", ("Horeca", "Retail"), "Horeca", None, id="among them"),
        pytest.param(" Horeca ", ("Horeca", "Retail"), "Horeca", None, id="blanks around"),
        pytest.param("HORECA", ("Horeca", "Retail"), "Horeca", None, id="the audience's spelling"),
        pytest.param("a", ("A", "a"), "a", None, id="exact before alike"),
        pytest.param("horeca", ("Horeca", "HORECA"), "", Notice.CHOICE_LEFT_OUT, id="alike to two"),
        pytest.param("Zorg", ("Horeca", "Retail"), "", Notice.CHOICE_LEFT_OUT, id="not among them"),
        pytest.param("Zorg", (), "Zorg", None, id="nothing to check against"),
        pytest.param(12, ("12",), "12", None, id="number"),
        pytest.param(None, ("Horeca",), "", None, id="blank"),
    ],
)
def test_choice(cell: Cell, allowed: tuple[str, ...], value: str, notice: Notice | None) -> None:
    """Mailchimp refuses a whole member for a value that is not among the choices (reference: 3.3)."""
    assert (value, notice) == choice_value([cell], allowed)


@pytest.mark.parametrize("kind", FieldKind)
def test_column_without_definition_is_blank(kind: FieldKind) -> None:
    """AFAS shows a constant where it does not know the column (auditor DATA-23): no value for anybody."""
    columns = ("A", "B") if kind == FieldKind.ADDRESS else ("A",)
    cells: tuple[Cell, ...] = ("(replaced)", "3811 HN  AMERSFOORT")[: len(columns)]

    assert ("", Notice.COLUMN_UNKNOWN) == make_value(FieldMapping(kind=kind, columns=columns), cells)


@pytest.mark.parametrize("kind", FieldKind)
def test_blank_is_blank_in_every_kind(kind: FieldKind) -> None:
    """A blank in AFAS is an empty value without a notice, whatever the kind: it clears the field."""
    columns = ("A", "B") if kind == FieldKind.ADDRESS else ("A",)
    mapping = FieldMapping(kind=kind, columns=columns)

    assert ("", None) == make_value(mapping, [None] * len(columns))
    assert ("", None) == make_value(mapping, ["  "] * len(columns))


def test_values_that_mean_the_same_compare_equal() -> None:
    """Mailchimp adds an empty addr2 to addresses and gives numbers back as numbers."""
    sent = {"addr1": "Stadsring 69", "city": "A", "state": "-", "zip": "1", "country": "NL"}

    assert comparable(sent) == comparable({**sent, "addr2": ""})
    assert comparable(3) == comparable(3.0)
    assert comparable("") == comparable(None)
    assert comparable({"addr1": "", "city": ""}) == comparable("")
    assert comparable("a") != comparable("b")


def tables(page: str) -> list[list[list[str]]]:
    """Every table of a page as rows of cells, without its head."""
    blocks = re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE)
    return [
        [[cell.strip(" ") for cell in line.strip("|\n").split("|")] for line in rows.splitlines()[2:]]
        for rows in blocks
    ]


PAGE = (Path(__file__).parents[2] / "docs" / "fields.md").read_text(encoding="utf-8")
KINDS, EXAMPLES, DELIVERY = tables(PAGE)


def codes(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]*)`", cell)


def test_the_page_has_every_kind() -> None:
    """Kinds, the types that they fill, and the names of their notices are those of the program."""
    assert [kind.value for kind in FieldKind] == [code for row in KINDS for code in codes(row[0])]
    for (kind,), types, (notice,) in ((codes(row[0]), row[2], codes(row[3])) for row in KINDS):
        named = re.findall(r"\b(?:text|url|imageurl|zip|phone|date|number|address|dropdown|radio)\b", types)
        assert list(TYPES[FieldKind(kind)]) == named
        assert notice.startswith(kind)
        assert notice in list(Notice)


@pytest.mark.parametrize("row", EXAMPLES, ids=[f"{row[0]} {row[1]}".replace("`", "") for row in EXAMPLES])
def test_examples_of_the_page(row: list[str]) -> None:
    """What the page says becomes of a value is what becomes of it."""
    (kind,), cells, wanted, notice = map(codes, row)
    mapping = FieldMapping(kind=FieldKind(kind), columns=tuple(cells), choices=("Horeca", "Retail", "Zorg"))

    value, noted = make_value(mapping, cells)

    shown = [str(part) for part in value.values()] if isinstance(value, Mapping) else [str(value)]
    assert (wanted or [""]) == shown
    assert notice == ([noted.value] if noted else [])


def test_defaults_of_the_page() -> None:
    """The page's table of delivery addresses is the block's own."""
    block = DeliveryAddress().model_dump()

    assert {name: codes(default) for (name,), default, _ in ((codes(row[0]), *row[1:]) for row in DELIVERY)} == {
        name: [f"[{', '.join(value)}]" if isinstance(value, tuple) else value] if value else []
        for name, value in block.items()
    }


def test_every_notice_about_values_is_on_the_page() -> None:
    """A reader of a report finds its words here."""
    about = {each.value for each in Notice if "left_out" in each or "cut" in each or "definition" in each}

    assert about <= set(codes(PAGE))
