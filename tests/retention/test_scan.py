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
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.needles import needles, parse_values
from demo.embedded_airflow import ROOT
from hooks.afas_mailchimp_scan_database import DatabasePlace
from hooks.afas_mailchimp_scan_places import FolderPlace, StorePlace
from operators.afas_mailchimp_scan import look, scan
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
        assert ("a.log.gz", "plain", 2) in hits


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


DAMAGED = gzip.compress(b"x" * 100_000)[:-12]


def test_a_file_that_cannot_be_read(tmp_path):
    """Damaged packing stops the scan: what was not read is not clean."""
    (tmp_path / "a.log.gz").write_bytes(DAMAGED)

    with pytest.raises(ConfigurationError, match=r"a\.log\.gz cannot be read \(EOFError\)"):
        scan([JAN], [FolderPlace(tmp_path)])


def test_one_that_cannot_be_read_hides_no_other(tmp_path):
    """What was found is told, whatever else could not be looked at; without a finding it is not clean either."""
    (tmp_path / "a.log.gz").write_bytes(DAMAGED)
    (tmp_path / "b.log").write_text(JAN)
    found = command("--values", "-", "--folder", "/nowhere", "--folder", str(tmp_path), stdin=JAN)
    assert found.returncode == 1
    assert "b.log: value 1 of the list" in found.stdout
    assert "places that could not be read: 2" in found.stdout
    assert "a.log.gz cannot be read" in found.stderr

    found = command("--values", "-", "--folder", str(tmp_path), stdin=ELS)
    assert found.returncode == 2
    assert "places that could not be read: 1" in found.stdout


@pytest.mark.skipif(os.getuid() != 0, reason="needs a user without rights beside its own")
def test_a_folder_without_rights_is_not_clean(tmp_path):
    """A folder that may not be listed looks empty to careless code."""
    for parent in [tmp_path, *tmp_path.parents][:-2]:
        parent.chmod(0o755)
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed/a.log").write_text(JAN)
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c"]
    code = "import pathlib, sys; next(pathlib.Path(sys.argv[1]).iterdir())"
    if subprocess.run([*words, code, str(tmp_path)], capture_output=True, timeout=60, check=False).returncode:
        pytest.skip("the tests' Python is out of reach for other users")

    words[-1] = "-m"
    env = os.environ | {"PYTHONPATH": str(ROOT / "plugins"), "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nowhere"}
    found = subprocess.run(
        [*words, "operators.afas_mailchimp_scan", "--values", "-", "--folder", str(tmp_path)],
        input=JAN,
        env=env,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert found.returncode == 2
    assert "closed cannot be read (PermissionError)" in found.stderr


def test_names_of_files_and_folders(tmp_path):
    """A value in a name is found, also hashed, and the result does not repeat it."""
    (tmp_path / hashlib.md5(JAN.encode()).hexdigest()).mkdir()
    (tmp_path / f"map_index={JAN}").mkdir()
    (tmp_path / f"map_index={JAN}/a.log").write_text(f"x {JAN}")
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff.log", os.O_CREAT))

    found = scan([JAN], [FolderPlace(tmp_path)])

    stars = "*" * len(JAN)
    assert {(place, str(form)): times for (place, form, _), times in found.people.items()} == {
        (f"name of {'*' * 32}", "md5"): 1,
        (f"name of map_index={stars}", "plain"): 1,
        (f"map_index={stars}/a.log", "plain"): 1,
    }


def test_a_linked_folder_is_looked_at_once(tmp_path):
    """A log folder that is mounted elsewhere counts; a link back up does not make it endless."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk/a.log").write_text(JAN)
    (tmp_path / "home").mkdir()
    (tmp_path / "home/logs").symlink_to(tmp_path / "disk")
    (tmp_path / "disk/up").symlink_to(tmp_path / "home")
    (tmp_path / "home/gone").symlink_to(tmp_path / "nothing")

    assert scan([JAN], [FolderPlace(tmp_path / "home")]).people.total() == 1


def test_a_list_from_windows(tmp_path):
    """The mark that its editors put in front is no part of the first value."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/a.log").write_text(JAN)
    values = tmp_path / "values.txt"
    values.write_bytes(b"\xef\xbb\xbf" + f"{JAN}\r\n".encode())

    assert command("--values", str(values), "--folder", str(tmp_path / "logs")).returncode == 1


def test_a_database_keeps_more_than_rows(url):
    """Every schema and stored view, the planner's samples, and text and moments that Python cannot read."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql('CREATE TABLE "odd name" ("from" TEXT, "a b" BLOB)')
            connection.exec_driver_sql(f"INSERT INTO \"odd name\" VALUES (CAST(x'ff' AS TEXT) || '{JAN}', x'00')")
            wanted = {"odd name.from"}
        else:
            connection.exec_driver_sql(
                'CREATE SCHEMA other CREATE TABLE "odd name" ("from" TEXT, "at" TIMESTAMP, j JSONB)'
            )
            row = f"'{JAN}', '0044-03-15 BC', '{{\"a\": [\"{JAN}\"]}}'"
            connection.exec_driver_sql(f'INSERT INTO other."odd name" SELECT {row} FROM generate_series(1, 100)')
            connection.exec_driver_sql('CREATE MATERIALIZED VIEW stored AS SELECT * FROM other."odd name"')
            connection.exec_driver_sql('ANALYZE other."odd name"')
            wanted = {"odd name.from", "odd name.j", "stored.from", "stored.j", "pg_stats.most_common_vals"}
    engine.dispose()

    found = scan([JAN], [DatabasePlace(url)])

    assert wanted <= {place for place, _, _ in found.people}


def test_rows_hidden_by_a_policy_are_not_clean(postgres_template, url):
    """Whoever may read a table, and not all of its rows, is told so."""
    if not url.startswith("postgresql"):
        pytest.skip("only PostgreSQL has policies")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (a TEXT)")
        connection.exec_driver_sql("ALTER TABLE kept ENABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql("CREATE ROLE looker LOGIN PASSWORD 'geheim'")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker")
    try:
        found = look([JAN], [DatabasePlace(url.replace("airflow:", "looker:", 1))])
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY looker")
            connection.exec_driver_sql("DROP ROLE looker")
        engine.dispose()

    assert found.unread == ["kept cannot be read (ProgrammingError)."]


@pytest.mark.parametrize("address", ["nosuch://bucket/x", "file:///nowhere"])
def test_a_store_that_does_not_answer(address):
    """One sentence, and the exit code that says so."""
    found = command("--values", "-", "--store", address, stdin=JAN)

    assert found.returncode == 2
    assert "object store" in found.stderr
    assert "Traceback" not in found.stderr
