"""Holds what an AFAS token may see against what the syncs need: ``python -m operators.afas_mailchimp_lint``.

Only metainfo is asked, never a row. With ``--register`` it also writes the record of processing activities.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, redirect_stdout
from datetime import date
from pathlib import Path

from afas_mailchimp.errors import ConfigurationError, SyncError
from afas_mailchimp.minimisation import Lint, TokenView, lint, uses_of
from afas_mailchimp.minimisation_report import lint_json, lint_text
from afas_mailchimp.processing_record import Language, record_text
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.sync_files import find_syncs, parse_sync


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 1 with an error found or one sentence on standard error."""
    given = _parser().parse_args(arguments)
    # Without it Airflow looks for connections in the environment only, and not in its own database.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    try:
        _refuse_to_overwrite(given)
        # Airflow logs to standard output, where the findings go.
        with redirect_stdout(sys.stderr):
            chosen, beside = _syncs(given)
            views = {} if given.offline else {name: _asked(name, chosen) for name in _connections(chosen)}
        found = [_linted(name, view, unread, chosen, beside, given) for name, (view, unread) in views.items()]
        _write_register(given, chosen, {name: view for name, (view, _) in views.items()})
    except SyncError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if given.json:
        sys.stdout.write(f"{json.dumps([lint_json(each) for each in found], indent=2)}\n")
    else:
        sys.stdout.write("\n".join(lint_text(each) for each in found))
    return int(any(each.has_errors or (given.strict and each.has_warnings) for each in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m operators.afas_mailchimp_lint",
        description="Lists columns and rights of an AFAS token that no sync needs, and sensitive columns. No row is "
        "read. Exit code 1: a sync uses a sensitive column, or something could not be asked.",
    )
    parser.add_argument(
        "--sync",
        action="append",
        metavar="NAME_or_FILE",
        help="a sync by name, or a sync file; may be given again. None: every file of the syncs folder",
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a sensitive column that a person decided to use: COLUMN or CONNECTOR.COLUMN; may be given again",
    )
    parser.add_argument("--strict", action="store_true", help="exit code 1 for warnings too")
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    parser.add_argument("--register", type=Path, metavar="FILE", help="write the record of processing (AVG art. 30)")
    parser.add_argument("--language", choices=list(Language), default=Language.DUTCH, help="of it (%(default)s)")
    parser.add_argument("--date", type=date.fromisoformat, help="date to write in it, such as 2026-11-23; none: none")
    parser.add_argument("--offline", action="store_true", help="ask AFAS nothing: with --register only, without labels")
    parser.add_argument("--force", action="store_true", help="replace the file of --register if there is one")
    return parser


def _folder() -> Path:
    """Where sync files are: as the DAG file has it, else beside it in Airflow's own folder."""
    if named := os.environ.get("AFAS_MAILCHIMP_SYNCS"):
        return Path(named)
    here = Path("dags/syncs")
    if here.is_dir():
        return here
    from airflow.configuration import conf  # noqa: PLC0415 - heavy: --help answers without it

    return Path(conf.get_mandatory_value("core", "dags_folder")) / "syncs"


def _syncs(given: argparse.Namespace) -> tuple[list[SyncFile], list[SyncFile]]:
    """The syncs that were asked for, and the others of the folder."""
    folder = _folder()
    found = {each.name: each for each in find_syncs(folder)}
    wanted = given.sync or list(found)
    if not wanted:
        raise ConfigurationError(f"There is no sync file in {folder}: name one with --sync.")
    chosen: dict[str, SyncFile] = {}
    for name in wanted:
        if name in found:
            known = found[name]
            if known.sync is None:
                raise ConfigurationError(known.problem or f"{name} cannot be read.")
            chosen[name] = known.sync
        else:
            sync = _read(name, sorted(found))
            chosen[sync.name] = sync
    beside = [each.sync for each in found.values() if each.sync and each.sync.name not in chosen]
    for each in found.values():
        if each.sync is None:
            sys.stderr.write(f"Left out of the comparison: {each.problem}\n")
    return list(chosen.values()), beside


def _read(name: str, known: Sequence[str]) -> SyncFile:
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"--sync {name} is neither a readable file nor a sync. Syncs: {', '.join(known) or 'none'}."
        ) from None
    return parse_sync(text, file=path.name)


def _connections(syncs: Sequence[SyncFile]) -> Iterator[str]:
    yield from dict.fromkeys(sync.afas.connection for sync in syncs)


def _of(connection: str, syncs: Sequence[SyncFile]) -> list[SyncFile]:
    return [sync for sync in syncs if sync.afas.connection == connection]


def _asked(connection: str, chosen: Sequence[SyncFile]) -> tuple[TokenView, list[str]]:
    """Ask metainfo of everything that the token may read."""
    from hooks.afas import AfasHook  # noqa: PLC0415 - heavy: --help answers without it

    named = {connector for sync in _of(connection, chosen) for connector in uses_of(sync)}
    unread: list[str] = []
    with closing(AfasHook(connection)) as hook:
        environment = hook.environment()
        columns = {connector: hook.fields(connector) for connector in sorted(named)}
        for connector in sorted(environment.get_connectors - named):
            try:
                columns[connector] = hook.fields(connector)
            except SyncError:
                unread.append(connector)
    return TokenView(environment=environment, columns=columns), unread


def _linted(
    connection: str,
    view: TokenView,
    unread: Sequence[str],
    chosen: Sequence[SyncFile],
    beside: Sequence[SyncFile],
    given: argparse.Namespace,
) -> Lint:
    return lint(
        view,
        _of(connection, chosen),
        connection=connection,
        beside=_of(connection, beside),
        accepted=given.accept,
        unread=unread,
    )


def _refuse_to_overwrite(given: argparse.Namespace) -> None:
    if given.offline and not given.register:
        raise ConfigurationError("--offline goes with --register: without AFAS there is nothing to compare.")
    if given.register and given.register.exists() and not given.force:
        raise ConfigurationError(
            f"{given.register} is there already, perhaps filled in by a person: name another file, or replace it with "
            "--force."
        )


def _write_register(given: argparse.Namespace, syncs: Sequence[SyncFile], views: dict[str, TokenView]) -> None:
    if given.register is None:
        return
    text = record_text(syncs, language=Language(given.language), views=views, day=given.date)
    try:
        with given.register.open("w" if given.force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(f"{given.register} cannot be written: {error.strerror}.") from None
    # The introduction shows the brackets themselves.
    places = text.count("**[") - text.count("**[**")
    sys.stderr.write(f"{given.register} is written: {places} places are for a person to fill in or check.\n")


if __name__ == "__main__":
    sys.exit(main())
