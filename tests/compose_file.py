"""Reads docker-compose.yaml as Compose does: YAML with merges, and ``${NAME:?message}`` from an environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from demo.embedded_airflow import ROOT

TEXT = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\$\{(\w+)(?::\?([^}]*))?\}")


def load(env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file as data.

    :param env: values for its variables; None leaves them as they are written.
    :raises KeyError: when a variable that has to be filled in is absent or empty.
    """

    def value(match: re.Match[str]) -> str:
        assert env is not None
        if match[2] is not None and not env.get(match[1]):
            raise KeyError(f"{match[1]}: {match[2]}")
        return env[match[1]]

    data: dict[str, Any] = yaml.safe_load(TEXT if env is None else VARIABLE.sub(value, TEXT))
    return data
