"""Every test that docs/security.md names is there."""

from __future__ import annotations

import re

import pytest

from demo.embedded_airflow import ROOT

NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/security.md").read_text("utf-8"))))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=["::".join(filter(None, each)) for each in NAMED])
def test_it_is_there(file: str, name: str) -> None:
    """A threat whose test has gone is a threat again."""
    text = (ROOT / file).read_text(encoding="utf-8")

    assert f"def {name or 'test_'}" in text


def test_there_are_some() -> None:
    """An empty list would be no proof."""
    assert len(NAMED) > 10
