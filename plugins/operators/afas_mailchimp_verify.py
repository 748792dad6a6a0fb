"""Looks whether anything that the package's runs left looks like a person: ``make verify``.

Reads Airflow's database (only rows of our DAGs) and its task logs, searches for e-mail addresses, Dutch phone numbers
and postcodes, and says how many were found in how much. Prints places, never what stands there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from afas_mailchimp.errors import ConfigurationError, SyncError

CLEAN, FOUND, COULD_NOT_LOOK = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Look once.

    :return: 0 when nothing was found, 1 when something was, 2 when it could not look.
    """
    given = _parser().parse_args(arguments)
    try:
        report = look(given.database)
    except SyncError as error:
        sys.stderr.write(f"{error}\n")
        return COULD_NOT_LOOK
    sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n" if given.json else _text(report))
    return FOUND if report["found"] else CLEAN


def look(database_url: str | None = None) -> dict[str, Any]:
    """Search what is kept.

    :param database_url: of Airflow's database; None finds it as the log retention does.
    :raises ConfigurationError: the database is out of reach.
    """
    from hooks.afas_mailchimp_log_files import log_stores  # noqa: PLC0415 - heavy: help must come at once
    from hooks.afas_mailchimp_metadata import MetadataDatabase, metadata_url  # noqa: PLC0415
    from operators.afas_mailchimp_retention_proof import look_for_people, not_seen  # noqa: PLC0415
    from operators.afas_mailchimp_retention_run import Asked, Scene  # noqa: PLC0415

    try:
        url = make_url(database_url) if database_url else metadata_url()
    except ArgumentError:
        raise ConfigurationError("The address of the database cannot be read: it begins like postgresql://.") from None
    with MetadataDatabase(url) as database:
        scene = Scene(database, Asked({}, None, datetime.now(UTC)))
        report = look_for_people([*scene.terms], database, log_stores(), scene)
        return {**report, "not_seen": list(not_seen(database, scene))}


def _text(report: dict[str, Any]) -> str:
    places = [f"{place}: {kinds}" for place, kinds in report["places"].items()]
    unseen = [f"Not looked at: {place['en']}" for place in report["not_seen"]]
    return "\n".join([*places, report["summary"], *unseen]) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m operators.afas_mailchimp_verify",
        description="Searches what the package's runs left for e-mail addresses, Dutch phone numbers and postcodes.",
        epilog="Exit code 0: nothing found; 1: something found; 2: could not look. Settings of Airflow (AIRFLOW_HOME, "
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER, …) say where to look, as for Airflow itself.",
    )
    parser.add_argument("--database", metavar="URL", help="Airflow's database, where its configuration does not say it")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
