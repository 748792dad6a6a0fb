"""What Airflow loads from plugins/ and dags/, looked at in fresh processes: nothing by accident, nothing too early."""

from __future__ import annotations

import sys

import pytest

from demo.embedded_airflow import ROOT
from tests.fresh import run_fresh

LOAD_PLUGINS = """
import json, sys
from airflow import plugins_manager
from airflow.sdk import plugins_manager as of_tasks
own, errors = plugins_manager._get_plugins()
of_tasks_own, of_tasks_errors = of_tasks._get_plugins()
from airflow.providers_manager import ProvidersManager
from hooks.afas import AfasHook
from operators.afas_mailchimp_import import ImportCustomersOperator
print(json.dumps({
    "errors": [*errors, *of_tasks_errors],
    "plugins": sorted({plugin.name for plugin in [*own, *of_tasks_own]}),
    "modules": {name: getattr(module, "__file__", None) for name, module in sys.modules.items()},
    "json": json.__file__,
    "provider": "airflow-afas-mailchimp" in ProvidersManager().providers,
}))
"""

PARSE = """
import json, socket, sys, time
asked = []
def refuse(what):
    def refused(*arguments, **more):
        asked.append(what)
        raise RuntimeError(what)
    return refused
from airflow.dag_processing.dagbag import DagBag
from airflow.models import Connection, Variable
import airflow.sdk
from airflow.sdk import BaseHook
import airflow.sdk.execution_time.context as context
socket.socket.connect = refuse("socket")
socket.getaddrinfo = refuse("name look-up")
for owner, name in [
    (Connection, "get_connection_from_secrets"), (Variable, "get_variable_from_secrets"), (Variable, "get"),
    (airflow.sdk.Variable, "get"), (airflow.sdk.Connection, "get"), (BaseHook, "get_connection"),
    (context, "_get_connection"), (context, "_get_variable"),
]:
    assert hasattr(owner, name), name
    setattr(owner, name, refuse(f"{owner.__name__}.{name}"))
bag = DagBag(dag_folder=sys.argv[1] if len(sys.argv) > 1 else None)
print(json.dumps({
    "asked": asked,
    "dags": sorted(bag.dags),
    "errors": bag.import_errors,
    "seconds": max(stat.duration.total_seconds() for stat in bag.dagbag_stats),
    "heavy": sorted({"requests", "mailchimp_marketing", "phonenumbers", "babel", "pandas"} & set(sys.modules)),
}))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A process that loaded plugins and providers as an Airflow component does."""
    return run_fresh(LOAD_PLUGINS, home=tmp_path_factory.mktemp("home"))


def test_only_our_plugin_file_is_a_plugin(loaded):
    """Airflow runs every file below plugins/ that the .airflowignore does not name: that is exactly one of ours."""
    assert loaded["errors"] == []
    assert "afas_mailchimp" in loaded["plugins"]

    bare = {path.stem for path in (ROOT / "plugins").rglob("*.py")} - {"__init__", "afas_mailchimp_plugin"}
    top_level = {"afas_mailchimp_provider"}

    assert bare & set(loaded["modules"]) <= top_level


def test_each_module_is_loaded_once(loaded):
    """A file under two names would give two classes of one name, and stale code in long-lived workers."""
    plugins = str(ROOT / "plugins")
    files = [
        file
        for file in loaded["modules"].values()
        if file and file.startswith(plugins) and not file.endswith("__init__.py")
    ]

    assert f"{plugins}/hooks/afas.py" in files
    assert sorted(set(files)) == sorted(files)


def test_nothing_of_the_standard_library_is_replaced(loaded):
    """A plugin file called json.py would become everybody's json."""
    own = [path for path in (ROOT / "plugins").rglob("*.py") if path.stem in sys.stdlib_module_names]

    assert own == []
    assert "/plugins/" not in loaded["json"]


def test_forms_of_the_connection_types_are_found_without_installing(loaded):
    """With plugins/ in PYTHONPATH the package is a provider as it lies there."""
    assert loaded["provider"]


@pytest.fixture(scope="module")
def parsed(tmp_path_factory):
    """A process that parsed dags/ and noted everybody it was about to ask."""
    return run_fresh(PARSE, home=tmp_path_factory.mktemp("home"))


def test_parsing_asks_nobody(parsed):
    """Each parse, every few seconds, reads the sync files and nothing else: no secret, no Variable, no network."""
    assert parsed["errors"] == {}
    assert parsed["dags"] == ["afas_mailchimp_erase", "afas_mailchimp_log_retention", "afas_mailchimp_sync_customers"]
    assert parsed["asked"] == []


def test_parsing_is_cheap(parsed):
    """What only tasks need is imported by tasks; a second is far above what a slow machine takes."""
    assert {"mailchimp_marketing", "pandas", "phonenumbers", "babel"} & set(parsed["heavy"]) == set()
    assert parsed["seconds"] < 1.5
