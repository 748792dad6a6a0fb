"""The two pages that explain the report name everything that a report can say, in English and in Dutch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from afas_mailchimp.audience import Refusal
from afas_mailchimp.outcomes import Notice, Outcome, Reason

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["report.md", "nl/rapport.md"])
def test_every_word_of_a_report_is_explained(page: str) -> None:
    """Each outcome, reason, refusal and notice has a row of its own, and no row explains what no longer exists."""
    explained = re.findall(r"^\| `([^`]+)` \|", (DOCS / page).read_text(), flags=re.MULTILINE)

    assert sorted(map(str, [*Outcome, *Reason, *Refusal, *Notice])) == sorted(explained)
