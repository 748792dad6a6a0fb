"""Reads docker-compose.yaml as Compose does: YAML with merges, and variables from an environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from demo.embedded_airflow import ROOT

TEXT = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::(?:\?(?P<message>[^}]*)|-(?P<default>[^}]*)))?\}")


def load(env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file as data.

    :param env: values for its variables; None leaves them as they are written.
    :raises KeyError: when a variable that has to be filled in is absent or empty.
    """

    def value(match: re.Match[str]) -> str:
        found = (env or {}).get(match[1]) or match["default"] or ""
        if match["message"] is not None and not found:
            raise KeyError(f"{match[1]}: {match['message']}")
        return found

    data: dict[str, Any] = yaml.safe_load(TEXT if env is None else VARIABLE.sub(value, TEXT).replace("$$", "$"))
    return data
