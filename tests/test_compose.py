"""docker-compose.yaml and Dockerfile, read by a parser of the Compose specification: no Docker engine is needed."""

from __future__ import annotations

import re

import compose_spec
import pytest

from demo.embedded_airflow import ROOT
from tests import compose_file

ENV = re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
AIRFLOW = ("init", "api-server", "scheduler", "dag-processor", "triggerer")


@pytest.fixture(scope="module")
def services():
    """The services, with merges carried out and variables filled in."""
    return compose_file.load({name: "x" for name, _ in ENV})["services"]


def test_it_is_a_compose_file():
    """A parser of the specification accepts it, with its merges, volumes and profiles."""
    options = compose_spec.PyOptions(apply_merge=True)
    compose = options.from_yaml(compose_file.TEXT)
    compose.validate()

    assert set(compose.service_names()) == {*AIRFLOW, "postgres", "sandbox"}


def test_the_parser_refuses_mistakes():
    """The check above is no proof unless a slip is refused."""
    with pytest.raises(Exception, match=r"healthcheckk|unknown|invalid|expected"):
        compose_spec.PyOptions(apply_merge=True).from_yaml(compose_file.TEXT.replace("healthcheck:", "healthcheckk:"))


def test_every_secret_must_be_filled_in():
    """There are no open defaults: with one line of .env empty, nothing starts."""
    names = [name for name, _ in ENV]

    assert {match[1] for match in compose_file.VARIABLE.finditer(compose_file.TEXT)} == set(names)
    assert [value for _, value in ENV if value] == []
    assert all(match[2] for match in compose_file.VARIABLE.finditer(compose_file.TEXT))
    for missing in names:
        with pytest.raises(KeyError, match=missing):
            compose_file.load({name: "x" for name in names if name != missing})


def test_ports_are_open_on_this_machine_only(services):
    """Whoever wants Airflow on the network decides so on purpose; the database is never published."""
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert list(ports) == ["api-server"]
    assert all(port.startswith("127.0.0.1:") for port in ports["api-server"])


def test_logs_of_containers_are_rotated(services):
    """What tasks print is repeated on standard output, where no retention of Airflow reaches."""
    options = [service["logging"]["options"] for service in services.values()]

    assert all(option["max-size"] and option["max-file"] for option in options)


def test_everything_that_lasts_is_watched(services):
    """Each service says how its health is seen, but for the one that ends by itself."""
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"init"}


def test_components_share_their_settings(services):
    """Airflow's components must agree on database, keys and addresses."""
    settings = [dict(services[name]["environment"]) for name in AIRFLOW]
    for one in settings:
        one.pop("ADMIN_PASSWORD", None)

    assert all(one == settings[0] for one in settings)
    assert settings[0]["PYTHONPATH"] == settings[0]["AIRFLOW__CORE__PLUGINS_FOLDER"]


def test_password_file_is_not_where_tasks_run(services):
    """LocalExecutor runs tasks in the scheduler."""
    holders = {name for name, service in services.items() if any("private:" in one for one in service["volumes"])}

    assert holders == {"init", "api-server"}


def test_demo_is_optional(services):
    """The stand-ins start only with their profile."""
    assert {name for name, service in services.items() if "profiles" in service} == {"sandbox"}


def test_image_has_the_locked_requirements():
    """The image is what was tested, to the byte."""
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "--no-deps --require-hashes -r /tmp/requirements.txt" in dockerfile
    assert re.search(r"^FROM python:3\.1[12]-slim", dockerfile, re.MULTILINE)
    assert re.search(r"^USER airflow$", dockerfile, re.MULTILINE)
