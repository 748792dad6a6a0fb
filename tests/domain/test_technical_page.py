"""The technical documentation shows the fields that the shipped sync file really reads and writes."""

from __future__ import annotations

import pytest

from afas_mailchimp.page_words import Language
from tests.domain.technical_page import BEGIN, END, PAGES, renewed


@pytest.mark.parametrize("language", Language)
def test_field_tables_are_those_of_the_file(language: Language) -> None:
    """After a change of the sync file: python -m tests.domain.technical_page."""
    text = PAGES[language].read_text(encoding="utf-8")

    assert text.count(BEGIN) == text.count(END) == 1
    assert renewed(text, language) == text, "python -m tests.domain.technical_page"


@pytest.mark.parametrize("language", Language)
def test_both_pages_have_the_same_parts(language: Language) -> None:
    """One is the translation of the other: as many chapters, in the order of the documentation that it succeeds."""
    chapters = [line for line in PAGES[language].read_text(encoding="utf-8").splitlines() if line.startswith("## ")]

    assert [f"{number}." for number in range(1, 8)] == [chapter.split()[1] for chapter in chapters]
