"""Both pages about metrics list what is sent, no more and no less; the dashboard asks for nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from afas_mailchimp import errors
from afas_mailchimp.metrics import NAMES, Kind

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("metrics.md", "nl/metingen.md")
ROW = re.compile(r"\| `(afas_mailchimp\.[a-z_.]+)` \| (\w+) \| ([a-z_` ]*)\|")
ASKED = re.compile(r"airflow_(afas_mailchimp_[a-z_]+)(\{[^}]*\})?")


@pytest.mark.parametrize("page", PAGES)
def test_every_name_is_documented(page: str) -> None:
    """With its kind and its tags, in the order of the code."""
    text = (DOCS / page).read_text(encoding="utf-8")
    listed = [(name, kind, tuple(re.findall(r"\w+", tags))) for name, kind, tags in ROW.findall(text)]

    assert listed == [(each.name, str(each.kind), each.tags) for each in sorted(NAMES, key=order(listed))]
    assert len(listed) == len(NAMES)


def order(listed: list[tuple[str, str, tuple[str, ...]]]):
    """Sort as a page does; what it does not have comes last."""
    names = [name for name, _, _ in listed]
    return lambda each: names.index(each.name) if each.name in names else len(names)


def test_the_dashboard_asks_for_what_is_sent() -> None:
    """Gauges only: their names are the same by OpenTelemetry and by StatsD. And only tags that a name has."""
    board = json.loads((DOCS / "grafana/afas-mailchimp.json").read_text(encoding="utf-8"))
    gauges = {each.name.replace(".", "_"): each for each in NAMES if each.kind == Kind.GAUGE}
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [each["definition"] for each in board["templating"]["list"] if "definition" in each]

    found = [match for expression in asked for match in ASKED.findall(expression)]
    assert len(found) == len(asked)
    for name, selector in found:
        assert name in gauges
        assert set(re.findall(r"(\w+)=", selector)) <= set(gauges[name].tags)
    grouped = [(ASKED.search(each), re.search(r"by \(([\w, ]+)\)", each)) for each in asked]
    for name, tags in ((name[1], tags[1]) for name, tags in grouped if name and tags):
        assert set(tags.split(", ")) <= set(gauges[name].tags)


def test_every_kind_of_error_is_explained() -> None:
    """A class of errors that a task can fail by is a value of a tag."""
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    ours = {
        name
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, errors.SyncError) and each.__module__ == errors.__name__
    }

    assert {name for name in ours if f"| `{name}` |" not in text} <= {"SyncError"}
