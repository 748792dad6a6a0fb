"""Writes a first sync file from what AFAS says of its connectors: ``python -m operators.afas_mailchimp_new_sync``.

Only metainfo is asked, never a row. Without ``--connector`` it lists the connectors that the token may use.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from afas_mailchimp.errors import ConfigurationError, SyncError
from afas_mailchimp.starter import Wishes, starter_text
from afas_mailchimp.starter_source import described, may_hold_customers

if TYPE_CHECKING:
    from hooks.afas import AfasHook

MOST_ASKED = 30
"""Connectors whose columns are asked for when they are listed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 1 with one sentence on standard error."""
    given = _parser().parse_args(arguments)
    # Without it Airflow looks for connections in the environment only, and not in its own database.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    try:
        _refuse_to_overwrite(given)
        # Airflow logs to standard output, where the file goes.
        with redirect_stdout(sys.stderr):
            text = _asked(given)
        _hand_over(text, given)
    except SyncError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _asked(given: argparse.Namespace) -> str:
    from hooks.afas import AfasHook  # noqa: PLC0415 - heavy: --help answers without it

    with closing(AfasHook(given.connection)) as hook:
        return _text(hook, given) if given.connector else _listed(hook, given.connection)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m operators.afas_mailchimp_new_sync",
        description="Writes a commented sync file from the columns of AFAS GetConnectors. No row is read.",
    )
    parser.add_argument("--connection", default="afas_default", help="Airflow connection to AFAS (%(default)s)")
    parser.add_argument(
        "--connector",
        action="append",
        metavar="NAME",
        help="a GetConnector; may be given again, the first wins shared addresses. None: list them",
    )
    parser.add_argument("--name", default="customers", help="name of the sync, and of its DAG (%(default)s)")
    parser.add_argument("--list-id", default="", help="Audience ID of the Mailchimp audience")
    parser.add_argument("--mailchimp-connection", default="mailchimp_default", help="(%(default)s)")
    parser.add_argument("--output", type=Path, help="file to write, such as dags/syncs/customers.yaml; none: print it")
    parser.add_argument("--force", action="store_true", help="replace the file if there is one")
    return parser


def _listed(hook: AfasHook, connection: str) -> str:
    environment = hook.environment()
    names = sorted(environment.get_connectors)
    if not names:
        raise ConfigurationError(
            f"The token of connection {connection} may use no GetConnector: add them to its app connector in AFAS."
        )
    asked = [name for name in names if may_hold_customers(name)][:MOST_ASKED]
    about = {name: described(name, hook.fields(name)) for name in asked}
    width = max(map(len, names))
    rows = [f"  {name:<{width}}  {about.get(name, '')}".rstrip() for name in names]
    head = f"AFAS environment {environment.id}, app connector {environment.app!r}. GetConnectors that it may use:"
    tail = "Next: the same command with --connector NAME, once for each that the audience is made of."
    return "\n".join((head, *rows, tail, ""))


def _text(hook: AfasHook, given: argparse.Namespace) -> str:
    wishes = Wishes(
        name=given.name,
        list_id=given.list_id,
        afas_connection=given.connection,
        mailchimp_connection=given.mailchimp_connection,
    )
    return starter_text({name: hook.fields(name) for name in given.connector}, wishes)


def _refuse_to_overwrite(given: argparse.Namespace) -> None:
    if given.connector and given.output and given.output.exists() and not given.force:
        raise ConfigurationError(f"{given.output} is there already: name another file, or replace it with --force.")


def _hand_over(text: str, given: argparse.Namespace) -> None:
    if given.output is None or not given.connector:
        sys.stdout.write(text)
        return
    try:
        with given.output.open("w" if given.force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(f"{given.output} cannot be written: {error.strerror}.") from None
    decisions = text.count("DECIDE:")
    sys.stderr.write(
        f"{given.output} is written. Look for DECIDE in it ({decisions} times), then begin with a dry run.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
