"""Connections: what may be typed, what the Test button says, and how Airflow finds the two types and their forms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import jsonschema
import pytest
from airflow.sdk import Connection

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp_provider import get_provider_info
from hooks.afas import AfasHook
from hooks.afas_mailchimp_connections import afas_base_url, afas_token, mailchimp_credentials, whole_number
from hooks.mailchimp import MailchimpHook
from sandbox.afas import DEFAULT_TOKEN
from sandbox.mailchimp import API_KEY
from tests.integration.conftest import LIST, XML_TOKEN, Connect, Stand
from tests.integration.leaks import found_in

ROOT = Path(__file__).resolve().parents[2]


def _connection(**values: object) -> Connection:
    return Connection(conn_id="mijn", **values)  # type: ignore[arg-type]


# ---- what may be typed


@pytest.mark.parametrize(
    ("host", "environment", "url"),
    [
        ("12345", None, "https://12345.rest.afas.online/ProfitRestServices"),
        (" 12345 ", "production", "https://12345.rest.afas.online/ProfitRestServices"),
        ("12345", "test", "https://12345.resttest.afas.online/ProfitRestServices"),
        ("12345", "accept", "https://12345.restaccept.afas.online/ProfitRestServices"),
        ("https://afas.example/ProfitRestServices/", "test", "https://afas.example/ProfitRestServices"),
        ("http://127.0.0.1:8901/ProfitRestServices", None, "http://127.0.0.1:8901/ProfitRestServices"),
        ("http://localhost:8901/x", None, "http://localhost:8901/x"),
        ("http://[::1]:8901/x", None, "http://[::1]:8901/x"),
    ],
)
def test_the_address_of_afas(host: str, environment: str | None, url: str) -> None:
    """Five digits are enough; a whole URL serves proxies and tests."""
    extra = json.dumps({"environment": environment} if environment else {})

    assert url == afas_base_url(_connection(conn_type="afas", host=host, extra=extra))


@pytest.mark.parametrize(
    ("host", "extra", "sentence"),
    [
        pytest.param("", {}, "five digits", id="nothing"),
        pytest.param("1234", {}, "five digits", id="four digits"),
        pytest.param("geheim.afas.online", {}, "five digits", id="without https"),
        pytest.param("12345", {"environment": "geheim"}, "accept, production, test", id="environment"),
        pytest.param("http://geheim.example/x", {}, "plain http is for this machine", id="plain http elsewhere"),
        pytest.param("http://127.0.0.1.geheim.example/x", {}, "plain http", id="looks like this machine"),
        pytest.param("https://geheim:pw@afas.example/x", {}, "without user", id="user in the URL"),
        pytest.param("https://afas.example/x?token=geheim", {}, "without user, query", id="query"),
        pytest.param("ftp://geheim.example", {}, "begins with https", id="another protocol"),
        pytest.param("https://afas.example:geheim/x", {}, "not a readable URL", id="port"),
    ],
)
def test_a_wrong_address_of_afas(host: str, extra: dict[str, str], sentence: str) -> None:
    """One sentence names the connection and what is allowed, and does not repeat what was typed."""
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        afas_base_url(_connection(conn_type="afas", host=host, extra=json.dumps(extra)))

    assert "mijn" in str(caught.value)
    assert [] == found_in(repr(caught.value), ["geheim"])


@pytest.mark.parametrize(
    "password",
    [None, "", "geheim", DEFAULT_TOKEN[:-1], XML_TOKEN.replace("<version>1", "<version>2"), "Z2VoZWlt", "=geheim="],
)
def test_a_wrong_token(password: str | None) -> None:
    """Anything else than a token is refused before it is sent, and is not repeated."""
    with pytest.raises(ConfigurationError, match="not an AFAS app connector token") as caught:
        afas_token(_connection(conn_type="afas", password=password))

    assert [] == found_in(repr(caught.value), ["geheim", DEFAULT_TOKEN[:20]])


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (None, "https://us21.api.mailchimp.com/3.0"),
        ("", "https://us21.api.mailchimp.com/3.0"),
        ("https://us6.api.mailchimp.com/3.0/", "https://us6.api.mailchimp.com/3.0"),
        ("http://127.0.0.1:8902/3.0", "http://127.0.0.1:8902/3.0"),
    ],
)
def test_the_address_of_mailchimp(host: str | None, url: str) -> None:
    """The key names the data centre; a base URL serves tests."""
    assert (url, API_KEY) == mailchimp_credentials(_connection(conn_type="mailchimp", host=host, password=API_KEY))


@pytest.mark.parametrize(
    ("host", "password"),
    [
        pytest.param("", "abc-evil.example/x", id="key with a host in it"),
        pytest.param("", "geheim", id="not a key"),
        pytest.param("", API_KEY.upper(), id="capitals"),
        pytest.param("", API_KEY[:32], id="without data centre"),
        pytest.param("", None, id="no key"),
        pytest.param("https://mailchimp.example/3.0", API_KEY, id="another host"),
        pytest.param("https://us21.api.mailchimp.com.example/3.0", API_KEY, id="looks like Mailchimp"),
        pytest.param("http://us21.api.mailchimp.com/3.0", API_KEY, id="plain http"),
        pytest.param("https://us21.api.mailchimp.com@evil.example/3.0", API_KEY, id="hidden host"),
    ],
)
def test_a_key_goes_nowhere_else(host: str, password: str | None) -> None:
    """The key is checked, and so is the host, before anything is built with them."""
    with pytest.raises(ConfigurationError) as caught:
        mailchimp_credentials(_connection(conn_type="mailchimp", host=host, password=password))

    assert [] == found_in(repr(caught.value), ["geheim", "evil", API_KEY[:32]])


@pytest.mark.parametrize("value", ["0", 11, "tien", True, 2.5, "-1"])
def test_numbers_in_the_extra_field(value: object) -> None:
    """A number out of range is said, with the range."""
    connection = _connection(conn_type="mailchimp", extra=json.dumps({"connections": value}))

    with pytest.raises(ConfigurationError, match="connections must be a whole number from 1 to 10"):
        whole_number(connection, "connections", default=5, least=1, most=10)


# ---- the Test button


def test_the_test_button_of_afas(afas: Stand, connect: Connect) -> None:
    """It says what was reached, or what to do; never what was typed or answered."""
    good = AfasHook().test_connection()
    connect("afas_default", conn_type="afas", host=afas.url, password="0" * 64)
    refused = AfasHook().test_connection()
    connect("afas_default", conn_type="afas", host=afas.url, password="geheim")
    mistyped = AfasHook().test_connection()

    assert good[0]
    assert "environment O12345AA" in good[1]
    assert (False, False) == (refused[0], mistyped[0])
    assert "token is not accepted" in refused[1]
    assert [] == found_in(good[1] + refused[1] + mistyped[1], [DEFAULT_TOKEN, "0000", "geheim"])


def test_the_test_button_of_mailchimp(mailchimp: Stand, connect: Connect) -> None:
    """It says what was reached, or what to do; never what was typed or answered."""
    good = MailchimpHook().test_connection()
    connect("mailchimp_default", conn_type="mailchimp", host=mailchimp.url, password="0" * 32 + "-us21")
    refused = MailchimpHook().test_connection()

    assert (True, "Mailchimp answers: the key is accepted, audiences in the account: 1.") == good
    assert not refused[0]
    assert "does not accept the API key" in refused[1]
    assert [] == found_in(refused[1], ["0000", LIST])


@pytest.mark.parametrize("kind", ["afas", "mailchimp"])
def test_the_button_works_as_airflow_presses_it(afas: Stand, mailchimp: Stand, kind: str) -> None:
    """Airflow sends what was typed through its URI form, which takes addresses apart and puts them together again."""
    hook = {"afas": AfasHook, "mailchimp": MailchimpHook}[kind]
    stand, password = {"afas": (afas, XML_TOKEN), "mailchimp": (mailchimp, API_KEY)}[kind]
    typed = Connection(conn_id="typed", conn_type=kind, host=stand.url, password=password)
    os.environ["AIRFLOW_CONN_TYPED"] = typed.get_uri()
    try:
        worked, message = hook("typed").test_connection()
    finally:
        del os.environ["AIRFLOW_CONN_TYPED"]

    assert worked, message


# ---- how Airflow finds them


def _in_a_fresh_process(code: str, tmp_path: Path) -> str:
    """Run code as somebody would who only put ``plugins/`` on the PYTHONPATH of the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environment |= {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT / "plugins"),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def test_airflow_finds_types_hooks_and_forms(tmp_path: Path) -> None:
    """The folder and PYTHONPATH are enough: no installation."""
    code = """
import json
from airflow.providers_manager import ProvidersManager
manager = ProvidersManager()
manager.initialize_providers_hooks()
hooks = {name: manager.hooks[name].hook_class_name for name in ("afas", "mailchimp") if manager.hooks.get(name)}
widgets = sorted(name for name in manager.connection_form_widgets if "afas" in name or "mailchimp" in name)
labels = {name: manager.field_behaviours[name]["relabeling"]["password"] for name in hooks}
print(json.dumps([hooks, widgets, labels]))
"""

    hooks, widgets, labels = json.loads(_in_a_fresh_process(code, tmp_path))

    assert {"afas": "hooks.afas.AfasHook", "mailchimp": "hooks.mailchimp.MailchimpHook"} == hooks
    assert [
        "extra__afas__environment",
        "extra__afas__integration_id",
        "extra__afas__page_size",
        "extra__mailchimp__connections",
    ] == widgets
    assert {"afas": "Secret, or token", "mailchimp": "API key"} == labels


def test_airflow_loads_one_plugin_and_no_hook(tmp_path: Path) -> None:
    """Without the ignore file Airflow would run every module below plugins/ under its bare name."""
    code = """
import json, sys
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
names = ("afas", "mailchimp", "hooks.afas", "hooks.mailchimp", "mailchimp_marketing")
ours = [name for name in names if name in sys.modules]
print(json.dumps([[plugin.name for plugin in plugins if "afas" in str(plugin.name)], [str(e) for e in errors], ours]))
"""

    plugins, errors, loaded = json.loads(_in_a_fresh_process(code, tmp_path))

    assert ["afas_mailchimp"] == plugins
    assert not errors
    assert [] == loaded


def test_the_provider_fits_the_schema_of_airflow() -> None:
    """Airflow drops a provider that does not fit, and says so only in a log."""
    import airflow  # noqa: PLC0415

    schema = json.loads((Path(airflow.__file__).parent / "provider_info.schema.json").read_text())

    jsonschema.validate(get_provider_info(), schema)


def test_the_hooks_are_what_the_provider_says() -> None:
    """Type, name and class of each connection stand in two places, which must agree."""
    for told, hook in zip(get_provider_info()["connection-types"], (AfasHook, MailchimpHook), strict=True):
        assert (told["connection-type"], told["hook-name"]) == (hook.conn_type, hook.hook_name)
        assert told["hook-class-name"] == f"{hook.__module__}.{hook.__name__}"


def test_versions_agree() -> None:
    """The metadata of the drop-in is a copy of the package's."""
    [folder] = (ROOT / "plugins").glob("airflow_afas_mailchimp-*.dist-info")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    dropped_in = metadata.Distribution.at(folder)

    assert (project["name"], project["version"]) == (dropped_in.metadata["Name"], dropped_in.version)
    assert f"airflow_afas_mailchimp-{project['version']}.dist-info" == folder.name
    assert project["requires-python"] == dropped_in.metadata["Requires-Python"]
    assert project["entry-points"]["apache_airflow_provider"] == {
        each.name: each.value for each in dropped_in.entry_points.select(group="apache_airflow_provider")
    }


def test_the_client_is_the_one_that_was_wrapped() -> None:
    """A later version under the same name is another client altogether."""
    assert "3.0.80" == metadata.version("mailchimp-marketing")


@pytest.mark.parametrize(
    ("hook", "kind"),
    [
        pytest.param(AfasHook("niet_gemaakt"), "AFAS Profit", id="afas"),
        pytest.param(MailchimpHook("niet_gemaakt"), "Mailchimp", id="mailchimp"),
    ],
)
def test_missing_connection_is_told_at_once(hook: AfasHook | MailchimpHook, kind: str) -> None:
    """The first mistake of a newcomer: no retries, but which connection of which type to make, and where."""
    with pytest.raises(ConfigurationError, match=rf"no connection 'niet_gemaakt'.*Admin, Connections \(type {kind}\)"):
        hook.get_connection("niet_gemaakt")

    assert not hook.test_connection()[0]
    assert "niet_gemaakt" in hook.test_connection()[1]
