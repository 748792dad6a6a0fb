"""The scan over real databases, folders and an object store, as a function and as an operator types it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.needles import needles, parse_values
from demo.embedded_airflow import ROOT
from hooks.afas_mailchimp_scan_places import DatabasePlace, FolderPlace, StorePlace
from operators.afas_mailchimp_scan import scan
from operators.afas_mailchimp_scan_engine import Searcher
from tests.retention.planting import OURS

JAN, ELS = "jan@korenaar.example", "Els van der Zevenbergen"
NOW = datetime.now(UTC)


def test_in_a_database(planter, url):
    """Found in columns of text, JSON and bytes alike, of whatever DAG; the row count says how much was read."""
    planter.dag(OURS)
    planter.run("manual__1", ended=NOW, marker=f"{ELS} ")

    found = scan([JAN, ELS, "key: 10001"], [DatabasePlace(url)])

    tables = {place.split(".")[0] for place, _, number in found.people if number == 2}
    assert {"xcom", "dag_run", "log", "task_instance", "task_state_store", "asset_event"} <= tables
    assert {number for _, _, number in found.people} == {2}
    assert found.rows > 25


def test_in_a_folder_and_an_object_store(tmp_path):
    """Packed files are unpacked; a hash in a file's content is found by its form."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/a.log.gz").write_bytes(gzip.compress(b"x" * 100 + JAN.encode()))
    (tmp_path / "b.log").write_text(f"GET /members/{hashlib.md5(JAN.encode()).hexdigest()} key 10001, not 100012")

    for place in (FolderPlace(tmp_path), StorePlace(f"file://{tmp_path}")):
        found = scan([ELS, JAN, "key: 10001"], [place])

        hits = {(where.split("/")[-1], str(form), number) for where, form, number in found.people}
        assert ("b.log", "md5", 2) in hits
        assert found.keys.total() == 1
        assert isinstance(place, StorePlace) or ("a.log.gz", "plain", 2) in hits


@given(
    st.sampled_from(list(needles(parse_values([JAN, ELS, "+31301234567"])))),
    st.binary(max_size=300),
    st.binary(max_size=300),
    st.lists(st.integers(1, 60), min_size=1),
)
def test_across_any_border(needle, before, behind, sizes):
    """Wherever a file is cut into pieces, what stands there is found, and found once."""
    content = before + needle.text + behind
    blocks, start = [], 0
    for size in sizes:
        blocks.append(content[start : start + size])
        start += size
    blocks.append(content[start:])
    searcher = Searcher([needle])

    searcher.look("x", iter(blocks))

    assert searcher.found.people.total() == content.lower().count(needle.text)
    assert searcher.found.bytes == len(content)


def test_thousands_of_values_in_megabytes(tmp_path):
    """A list of all customers takes seconds, not hours."""
    line = b'{"timestamp":"2026-11-23T12:33:10.123456+00:00","event":"Pushing xcom","logger":"task"}\n'
    (tmp_path / "a.log").write_bytes(line * 100_000 + b"klant4999@korenaar.example")
    started = time.monotonic()

    found = scan([f"klant{number}@korenaar.example" for number in range(5_000)], [FolderPlace(tmp_path)])

    assert {number for _, _, number in found.people} == {5_000}
    assert time.monotonic() - started < 60


def command(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the scan in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT / "plugins")}
    words = [sys.executable, "-m", "operators.afas_mailchimp_scan", *arguments]
    return subprocess.run(
        words, env=env, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


def test_as_an_operator_types_it(tmp_path):
    """The result names places, forms and numbers of the list, and never a value."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/a.log").write_text("nothing")
    values = tmp_path / "values.txt"
    values.write_text(f"# customers\n{JAN}\n{ELS}\nkey: 10001\n")
    clean = command("--values", str(values), "--folder", str(tmp_path / "logs"))
    assert (clean.returncode, clean.stdout, clean.stderr) == (0, "0 found in 7 bytes, 0 rows\n", "")

    (tmp_path / "logs/a.log").write_text(f"{ELS} 10001")
    found = command("--values", "-", "--folder", str(tmp_path / "logs"), "--json", stdin=values.read_text())

    assert found.returncode == 1
    report = json.loads(found.stdout)
    assert {"place": "a.log", "form": "plain", "value": 2, "times": 1} in report["hits"]
    assert report["keys"]["found"] == 1
    assert "Zevenbergen" not in found.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--folder", "/nowhere"], id="no folder"),
        pytest.param(["--database", "sqlite:////nowhere/airflow.db"], id="no file"),
        pytest.param(["--database", "postgresql+psycopg2://me:geheim1@127.0.0.1:9/x"], id="no server"),
        pytest.param(["--database", "///"], id="no address"),
        pytest.param([], id="no place"),
    ],
)
def test_what_cannot_be_read_is_not_clean(arguments):
    """One sentence, no password, an exit code of its own."""
    found = command("--values", "-", *arguments, stdin=f"{JAN}\n")

    assert found.returncode == 2
    assert found.stderr.endswith("Nothing can be called clean.\n")
    assert "Traceback" not in found.stderr
    assert "geheim1" not in found.stderr


def test_a_file_that_cannot_be_read(tmp_path):
    """Damaged packing stops the scan: what was not read is not clean."""
    (tmp_path / "a.log.gz").write_bytes(b"not packed at all")

    with pytest.raises(ConfigurationError, match="cannot be read"):
        scan([JAN], [FolderPlace(tmp_path)])
