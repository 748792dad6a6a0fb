"""What the page on write-back shows can be used, and it names every fact and every record."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import parse_sync
from afas_mailchimp.write_back_settings import RECORDS, Fact

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "write-back.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "dags" / "syncs" / "customers.yaml").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def with_example(block: str) -> SyncFile:
    """The example file with this block, read from a connector that shows the present values."""
    content: dict[str, Any] = {**yaml.safe_load(EXAMPLE), **yaml.safe_load(block)}
    return parse_sync(yaml.safe_dump(content), file="customers.yaml")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[1].strip())
def test_every_example_is_a_valid_file(block: str) -> None:
    """A block copied from the page fits the example file."""
    assert with_example(block).write_back


def test_the_commented_example_is_valid() -> None:
    """The example at the end of the sync file works when its comment signs go."""
    lines = EXAMPLE.partition("# write_back:")[1:]
    block = "".join(lines).partition("\n\n")[0].replace("\n# ", "\n").removeprefix("# ")
    assert set(with_example(block).write_back["debtors"].facts.values()) == {Fact.STATUS, Fact.BOUNCED}


@pytest.mark.parametrize("name", [*Fact, *RECORDS])
def test_every_word_is_explained(name: str) -> None:
    """A fact or a kind of record that can be configured stands on the page."""
    assert f"`{name}`" in PAGE
