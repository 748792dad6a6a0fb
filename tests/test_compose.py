"""docker-compose.yaml and Dockerfile, read by a parser of the Compose specification: no Docker engine is needed."""

from __future__ import annotations

import json
import re
import subprocess

import compose_spec
import pytest
from airflow.configuration import conf

from cluster import compose_file
from demo.embedded_airflow import ROOT

ENV = re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
CHOSEN = ("EXECUTOR", "EXECUTION_API_SERVER_URL")
AIRFLOW = ("init", "api-server", "scheduler", "dag-processor", "triggerer")
REDUNDANT = ("api-server-2", "scheduler-2", "worker-1", "worker-2")


@pytest.fixture(scope="module")
def services():
    """The services, with merges carried out and variables filled in."""
    return compose_file.load({name: "x" for name, _ in ENV})["services"]


def test_it_is_a_compose_file():
    """A parser of the specification accepts it, with its merges, volumes and profiles."""
    options = compose_spec.PyOptions(apply_merge=True)
    compose = options.from_yaml(compose_file.TEXT)
    compose.validate()

    assert set(compose.service_names()) == {*AIRFLOW, *REDUNDANT, "postgres", "redis", "proxy", "sandbox"}


def test_the_parser_refuses_mistakes():
    """The check above is no proof unless a slip is refused."""
    with pytest.raises(Exception, match=r"healthcheckk|unknown|invalid|expected"):
        compose_spec.PyOptions(apply_merge=True).from_yaml(compose_file.TEXT.replace("healthcheck:", "healthcheckk:"))


def test_every_secret_must_be_filled_in():
    """There are no open defaults: with one line of .env empty, nothing starts."""
    names = [name for name, _ in ENV]

    found = list(compose_file.VARIABLE.finditer(compose_file.TEXT))
    assert {match[1] for match in found if match["message"]} == set(names)
    assert [value for _, value in ENV if value] == []
    # The others choose between the small and the redundant set-up.
    assert {match[1] for match in found if not match["message"]} == {
        "AIRFLOW_EXECUTOR",
        "AIRFLOW_API",
        "REDIS_PASSWORD",
    }
    for missing in names:
        with pytest.raises(KeyError, match=missing):
            compose_file.load({name: "x" for name in names if name != missing})


def test_every_setting_is_one_of_airflow(services):
    """Airflow ignores a misspelt one, and one that is no more, without a word."""
    known = {
        f"AIRFLOW__{section}__{name}".upper()
        for section, described in conf.configuration_description.items()
        for name in described["options"]
    }
    said = {name for each in services.values() for name in each.get("environment", {}) if name.startswith("AIRFLOW__")}

    assert len(said) > 20
    assert said <= known


def test_ports_are_open_on_this_machine_only(services):
    """Whoever wants Airflow on the network decides so on purpose; the database is never published."""
    ports = {name: service["ports"] for name, service in services.items() if service.get("ports")}

    assert list(ports) == ["api-server", "proxy"]
    assert all(port.startswith("127.0.0.1:") for each in ports.values() for port in each)


def test_the_queue_does_not_start_without_a_password(services):
    """Whoever could reach it could give workers tasks of their own."""
    command = services["redis"]["command"]
    assert command[:2] == ["sh", "-c"]

    done = subprocess.run(["sh", "-c", command[2].replace("exec redis-server", "echo started")], env={}, check=False)
    assert done.returncode != 0
    assert "--requirepass" in command[2]


def test_redundant_is_a_choice(services):
    """Of what must be there twice there are two, alike but for their names; small is the default."""
    alike = [("api-server", "api-server-2"), ("scheduler", "scheduler-2"), ("worker-1", "worker-2")]
    for one, other in alike:
        assert services[other]["profiles"] == ["ha"]
        assert _shape(services[one]) == _shape(services[other]).replace(other, one)

    small = services["scheduler"]["environment"]
    env = re.findall(r"^# (\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    large = compose_file.load({name: "x" for name, _ in ENV} | dict(env))["services"]["worker-1"]["environment"]
    assert [small[f"AIRFLOW__CORE__{name}"] for name in CHOSEN] == [
        "LocalExecutor",
        "http://api-server:8080/execution/",
    ]
    assert [large[f"AIRFLOW__CORE__{name}"] for name in CHOSEN] == ["CeleryExecutor", "http://proxy:8080/execution/"]
    assert dict(env)["COMPOSE_PROFILES"] == "ha"


def _shape(service):
    """A service without what it may differ in from its double."""
    kept = {key: value for key, value in service.items() if key not in {"profiles", "ports", "environment"}}
    return json.dumps(kept)


def test_logs_of_containers_are_rotated(services):
    """What tasks print is repeated on standard output, where no retention of Airflow reaches."""
    options = [service["logging"]["options"] for service in services.values()]

    assert all(option["max-size"] and option["max-file"] for option in options)


def test_everything_that_lasts_is_watched(services):
    """Each service says how its health is seen, but for the one that ends by itself."""
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"init"}


def test_components_share_their_settings(services):
    """Airflow's components must agree on database, keys and addresses."""
    settings = [dict(services[name]["environment"]) for name in (*AIRFLOW, *REDUNDANT)]
    for one in settings:
        one.pop("ADMIN_PASSWORD", None)

    assert all(one == settings[0] for one in settings)
    assert settings[0]["PYTHONPATH"] == settings[0]["AIRFLOW__CORE__PLUGINS_FOLDER"]


def test_password_file_is_not_where_tasks_run(services):
    """LocalExecutor runs tasks in the scheduler."""
    holders = {name for name, service in services.items() if any("private:" in one for one in service["volumes"])}

    assert holders == {"init", "api-server", "api-server-2"}


def test_demo_is_optional(services):
    """The stand-ins start only with their profile."""
    assert {name for name, service in services.items() if service.get("profiles") == ["demo"]} == {"sandbox"}


def test_image_has_the_locked_requirements():
    """The image is what was tested, to the byte."""
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "--no-deps --require-hashes -r /tmp/requirements.txt" in dockerfile
    assert "--no-deps --require-hashes -r /tmp/requirements-ha.txt" in dockerfile
    assert re.search(r"^FROM python:3\.1[12]-slim", dockerfile, re.MULTILINE)
    assert re.search(r"^USER airflow$", dockerfile, re.MULTILINE)
