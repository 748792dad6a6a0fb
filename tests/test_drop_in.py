"""Dropped into an Airflow that has plugins, hooks and operators of somebody else: theirs and ours load."""

from __future__ import annotations

import subprocess

import pytest

from demo.embedded_airflow import ROOT
from tests.fresh import run_fresh
from tests.test_airflow_loading import LOAD_PLUGINS, PARSE

THEIRS = {
    "plugins/.airflowignore": "# ours\nhooks/stock.py\noperators/",
    "plugins/hooks/__init__.py": "OWNER = 'them'\n",
    "plugins/hooks/stock.py": "class StockHook:\n    pass\n",
    "plugins/operators/__init__.py": "",
    "plugins/operators/stock.py": "from hooks.stock import StockHook\n\nOPERATOR = StockHook\n",
    "plugins/stock_plugin.py": (
        "from airflow.plugins_manager import AirflowPlugin\n\n\nclass Stock(AirflowPlugin):\n    name = 'stock'\n"
    ),
    "dags/.airflowignore": "drafts/\n",
    "dags/stock.py": (
        "from airflow.sdk import DAG\nfrom hooks import OWNER\nfrom operators.stock import OPERATOR\n\n"
        "with DAG(f'stock_of_{OWNER}', schedule=None):\n    pass\n"
    ),
}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """An Airflow of somebody else, with the package dropped into it twice."""
    root = tmp_path_factory.mktemp("theirs")
    for name, text in THEIRS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for _ in range(2):
        subprocess.run([ROOT / "tools" / "drop_in.sh", root], check=True, capture_output=True)
    return root


def test_their_files_are_as_they_were(theirs):
    """Only their .airflowignore gets lines of ours, each once although it was run twice."""
    changed = {name: text for name, text in THEIRS.items() if (theirs / name).read_text() != text}

    assert list(changed) == ["plugins/.airflowignore"]

    lines = (theirs / "plugins/.airflowignore").read_text().splitlines()
    assert lines[:3] == THEIRS["plugins/.airflowignore"].splitlines()
    assert len(set(lines)) == len(lines)
    assert "hooks/afas.py" in lines


def test_both_plugins_load(theirs, tmp_path):
    """Their plugin stays a plugin, and none of our modules becomes one."""
    loaded = run_fresh(LOAD_PLUGINS, home=tmp_path, root=theirs)

    assert loaded["errors"] == []
    assert {"afas_mailchimp", "stock"} <= set(loaded["plugins"])
    assert {"afas", "mailchimp", "afas_mailchimp_import", "settings"} & set(loaded["modules"]) == set()
    assert loaded["provider"]


def test_all_dags_load(theirs, tmp_path):
    """Two owners of the packages hooks and operators do not hide each other's modules."""
    parsed = run_fresh(PARSE, home=tmp_path, root=theirs)

    assert parsed["errors"] == {}
    assert parsed["dags"] == [
        "afas_mailchimp_erase",
        "afas_mailchimp_log_retention",
        "afas_mailchimp_sync_customers",
        "stock_of_them",
    ]


def test_own_sync_files_survive_an_upgrade(theirs):
    """The example is not put beside files that people wrote."""
    syncs = theirs / "dags/syncs"
    (syncs / "customers.yaml").rename(syncs / "klanten.yaml")
    subprocess.run([ROOT / "tools" / "drop_in.sh", theirs], check=True, capture_output=True)
    found = [path.name for path in syncs.iterdir()]
    (syncs / "klanten.yaml").rename(syncs / "customers.yaml")

    assert found == ["klanten.yaml"]
