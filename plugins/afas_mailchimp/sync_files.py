"""Reads sync files: YAML → settings, with every mistake as one sentence that names file, key and allowed values."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.write_back_checks import same_target

try:
    # Ten times as fast, and every parse of a DAG file reads every sync file.
    from yaml import CSafeLoader as _SafeLoader
except ImportError:
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file of the folder: a sync, or the sentence that says why it is none.

    :param name: the sync's name; of a bad file the name it tried to have, else the file's stem.
    """

    name: str
    sync: SyncFile | None
    problem: str | None


class _UniqueKeyLoader(_SafeLoader):
    """YAML lets a later key replace an earlier one silently; here that is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                message = f"the key {key!r} occurs twice"
                raise yaml.constructor.ConstructorError(None, None, message, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def parse_sync(text: str, *, file: str) -> SyncFile:
    """Read one sync.

    :param text: the YAML text.
    :param file: the file's name, for the sentences.
    :raises ConfigurationError: with one sentence for each mistake found.
    """
    try:
        content = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        message = f"{file}{where}: not readable as YAML: {getattr(error, 'problem', None) or 'syntax error'}"
        raise ConfigurationError(message) from None
    if not isinstance(content, dict):
        message = f"{file}: a sync file is a list of keys such as 'name: customers'; see the example in the README"
        raise ConfigurationError(message)
    try:
        return SyncFile.model_validate(content)
    except ValidationError as error:
        sentences = [_sentence(detail) for detail in error.errors(include_url=False)]
        raise ConfigurationError("\n".join(f"{file}: {sentence}" for sentence in sentences)) from None


def find_syncs(folder: Path) -> Iterator[FoundFile]:
    """Read every ``*.yaml`` of a folder; a bad one does not stop the others. Two files with one name are both told."""
    found = list(_files(folder))
    for one, other, field in same_target({each.name: each.sync for each in found if each.sync}):
        problem = (
            f"The syncs {one} and {other} both write a status into field {field} in AFAS: opting out of one audience "
            "is not opting out of all. Give each audience a field of its own, or remove status from one of them."
        )
        found = [replace(each, sync=None, problem=problem) if each.name in {one, other} else each for each in found]
    yield from found


def _files(folder: Path) -> Iterator[FoundFile]:
    owners: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            sync = parse_sync(path.read_text(encoding="utf-8"), file=path.name)
        except (ConfigurationError, OSError, UnicodeDecodeError) as error:
            problem = (
                str(error) if isinstance(error, ConfigurationError) else f"{path.name}: cannot be read as UTF-8 text"
            )
            yield FoundFile(name=_safe_name(path.stem), sync=None, problem=problem)
            continue
        if sync.name in owners:
            problem = (
                f"{path.name}: the name {sync.name!r} is taken by {owners[sync.name]}; give each sync file its own name"
            )
            yield FoundFile(name=_safe_name(path.stem) + "_duplicate", sync=None, problem=problem)
            continue
        owners[sync.name] = path.name
        yield FoundFile(name=sync.name, sync=sync, problem=None)


def _safe_name(stem: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-.") else "_" for c in stem) or "unnamed"


def _sentence(detail: ErrorDetails) -> str:  # noqa: PLR0911 - one sentence for each kind of mistake
    location = tuple(part for part in detail["loc"] if not str(part).startswith(("function-", "literal[")))
    where = ".".join(str(part) for part in location)
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            allowed = _keys_at(location[:-1])
            near = difflib.get_close_matches(str(location[-1]), allowed, n=1, cutoff=0.6)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            return f"unknown key {where!r}{hint} Allowed here: {', '.join(allowed)}."
        case "missing":
            return f"the key {where!r} is required."
        case "value_error":
            return f"{where}: {context['error']}." if where else f"{context['error']}."
        case "literal_error" | "enum":
            allowed_values = re.findall(r"'([^']*)'", str(context["expected"]))
            return f"{where}: {detail['input']!r} is not possible; allowed: {', '.join(allowed_values)}."
        case "string_type":
            return f"{where}: write text; put the value in quotes."
        case "string_pattern_mismatch":
            return f"{where}: {detail['input']!r} does not have the right form ({context['pattern']})."
        case _:
            return f"{where}: {detail['msg']}."


def _keys_at(location: tuple[str | int, ...]) -> list[str]:
    """Names that are allowed in the block at a location, by walking the models' own fields."""
    here: Any = SyncFile
    for part in location:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = field.annotation if field else None
        elif typing.get_origin(here) is dict:
            here = typing.get_args(here)[1]
        here = _model_in(here)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return sorted(field.alias or name for name, field in here.model_fields.items())
    return []


def _model_in(annotation: Any) -> Any:
    if typing.get_origin(annotation) is dict:
        return annotation
    for option in (annotation, *typing.get_args(annotation)):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return annotation
