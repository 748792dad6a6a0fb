"""The pages about faults say what the tests try."""

from __future__ import annotations

import pytest

from operators.afas_mailchimp_waiting import LONGEST, MOST_WAITS, SHORT
from tests.integration.faults.matrix import FAULTS
from tests.integration.faults.page import PAGES, Page, renewed
from tests.integration.faults.table import PHASES, phases_of


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)
def test_page_shows_the_matrix(page: Page) -> None:
    """The tables are written from the rows; after a change: python -m tests.integration.faults.page."""
    text = page.path.read_text(encoding="utf-8")

    assert renewed(text, page) == text, "renew the pages: python -m tests.integration.faults.page"
    assert all(page.name(fault) in text for fault in FAULTS)


def test_rows_name_phases_of_their_own_system() -> None:
    """A cell under a wrong name would never be tried."""
    wrong = [
        (fault.key, key)
        for fault in FAULTS
        for key in fault.cells
        if key not in {phase.key for phase in phases_of(fault.system)}
    ]

    assert [] == wrong
    assert len({(fault.system, fault.key) for fault in FAULTS}) == len(FAULTS)
    assert all(key == phase.key for key, phase in PHASES.items())


def test_the_waits_that_the_pages_name() -> None:
    """Two minutes, four hours and twelve times are the program's."""
    assert (2 * 60, 4 * 3600, 12) == (SHORT.total_seconds(), LONGEST.total_seconds(), MOST_WAITS)
