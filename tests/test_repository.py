"""What the repository promises about itself: no machine's path in it, commands that exist, locks that fit."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from demo.embedded_airflow import ROOT

LOCKS = ("requirements", "requirements-dev", "requirements-ha", "requirements-browser")
# Written in pieces, so that this file itself is clean.
FOREIGN = re.compile(
    r"(?<![\w.$}>])/(?:ro"
    r"ot|ho"
    r"me|wo"
    r"rk|Us"
    r"ers)/|\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}\b"
)
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,})\b")
RESERVED = (".example", ".test", ".invalid", ".localhost", "example.com", "example.net", "example.org", "test.com")


def tracked_files():
    """Text files that git knows, or would know."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git clone")
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file() and path.suffix not in {".png", ".ico"}]


def pins(path):
    """Requirements by normalised name: what comes after the name."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)((?:==|<|>=)\S+)", path.read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): rest for name, rest in found}


def test_no_path_or_host_of_a_machine():
    """What is in the repository works in any folder of any machine."""
    hits = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if path.stem not in LOCKS and FOREIGN.search(line)
    ]

    assert hits == []


def test_every_invented_address_is_at_a_reserved_domain():
    """A test or a demo must not be able to mail anybody, ever."""
    hits = {
        f"{path.relative_to(ROOT)}: {domain}"
        for path in tracked_files()
        if path.stem not in LOCKS
        for domain in ADDRESS.findall(path.read_text(encoding="utf-8"))
        if not domain.lower().endswith(RESERVED)
    }

    assert hits == set()


def test_no_secret_is_tracked():
    """A .env belongs to one machine."""
    assert [path.name for path in tracked_files() if path.name == ".env" or path.suffix in {".pem", ".key"}] == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_what_was_asked_for(name):
    """Somebody who adds a requirement and forgets make lock is told."""
    wanted, locked = pins(ROOT / f"{name}.in"), pins(ROOT / f"{name}.txt")

    assert set(wanted) <= set(locked)
    assert {key: rest for key, rest in wanted.items() if rest.startswith("==")}.items() <= locked.items()


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_hashed_and_names_no_host(name):
    """The same bytes everywhere, from whatever index a company uses."""
    text = (ROOT / f"{name}.txt").read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert len(blocks) > 10
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://|--index|--find-links|--extra", text) == []


def test_package_and_lock_agree():
    """A pip install of the package and of the lock file mean the same libraries."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = project["optional-dependencies"]["postgres"]
    named = {re.match(r"[\w-]+", text)[0].lower() for text in [*project["dependencies"], *extra]}

    assert named == set(pins(ROOT / "requirements.in"))


def test_package_holds_every_module():
    """What pip installs is what lies in plugins/."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    plugins = ROOT / "plugins"

    assert sorted(tool["packages"]) == sorted(path.parent.name for path in plugins.glob("*/__init__.py"))
    assert sorted(tool["py-modules"]) == sorted(path.stem for path in plugins.glob("*.py"))


def test_dropped_in_and_installed_have_one_version():
    """The metadata for the drop-in is written by hand, so it is compared."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    metadata = (ROOT / f"plugins/airflow_afas_mailchimp-{version}.dist-info/METADATA").read_text()

    assert f"Version: {version}\n" in metadata
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def test_readme_names_targets_that_exist():
    """Every make command in the README works, and none is kept secret."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text()))

    assert named == targets


def documents():
    """README, CHANGELOG and everything in docs."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """Files and headings that the documents point at are there."""
    targets = re.findall(r"\]\(([^)#\s]*)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    files = [target for target in targets if target and not target.startswith("http")]
    broken = [target for target in files if not (path.parent / target).exists()]

    assert broken == []


def python_files(*folders):
    """Python files of the repository's own folders."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return found


def test_no_file_has_two_jobs():
    """A file past 300 lines is two files."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files("plugins", "dags", "sandbox", "demo", "bench")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }

    assert long == {}


def test_every_test_says_its_rule():
    """The docstring of a test is the rule that it protects."""
    silent = [
        f"{path.relative_to(ROOT)}::{node.name}"
        for path in python_files("tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []


def test_ci_runs_what_the_readme_says():
    """What is green there is green for a person who types the README's command."""
    script = (ROOT / ".ci/run").read_text()

    assert script.splitlines()[-1] == "exec make test"
    assert Path(ROOT / ".ci/run").stat().st_mode & 0o100
