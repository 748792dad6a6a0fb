"""Searches a database, folders and object stores for given people: ``python -m operators.afas_mailchimp_scan``.

For whoever wants to see for themselves: give the names, addresses and numbers of some customers, and the places where
Airflow keeps things. Values are found plain, escaped, URL-encoded, in base64 and hashed. AFAS keys (``key: 10001``) are
pseudonymous and may be kept for their term: they are counted apart. A result names a value by its number in the list.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from afas_mailchimp.errors import ConfigurationError, SyncError
from afas_mailchimp.needles import needles, parse_values

if TYPE_CHECKING:
    from hooks.afas_mailchimp_scan_places import Piece
    from operators.afas_mailchimp_scan_engine import Found, Searcher

CLEAN, FOUND, COULD_NOT_LOOK = 0, 1, 2


class Place(Protocol):
    """Something that can be read piece by piece."""

    def pieces(self) -> Iterator[Piece]:
        """Return where, and the bytes."""
        ...


def scan(lines: Sequence[str], places: Sequence[Place]) -> Found:
    """Search places for values; all of them must be readable.

    :param lines: the list, one value a line.
    :raises ConfigurationError: a value is too short, or a place cannot be read; nothing is called clean then.
    """
    found = look(lines, places)
    if found.unread:
        raise ConfigurationError(" ".join(found.unread))
    return found


def look(lines: Sequence[str], places: Sequence[Place]) -> Found:
    """Search places for values; what cannot be read is told apart, and hides nothing that was found elsewhere.

    :param lines: the list, one value a line.
    :raises ConfigurationError: a value is too short, or there is none.
    """
    from operators.afas_mailchimp_scan_engine import Searcher  # noqa: PLC0415 - help must come at once

    values = parse_values(lines)
    if not values:
        raise ConfigurationError("The list of values is empty: nothing was looked for.")
    searcher = Searcher(needles(values))
    for place in places:
        try:
            for where, blocks in place.pieces():
                _look(searcher, where, blocks)
        except ConfigurationError as error:
            searcher.found.unread.append(str(error))
        searcher.found.rows += getattr(place, "rows", 0)
    return searcher.found


def _look(searcher: Searcher, where: str, blocks: Iterator[bytes]) -> None:
    try:
        searcher.look(where, blocks)
    except ConfigurationError as error:
        searcher.found.unread.append(f"{searcher.shown(where)} {error}")


def as_json(found: Found) -> dict[str, Any]:
    """Return a result that names places, forms and numbers, never a value."""
    hits = found.people.total()
    return {
        "found": hits,
        "bytes": found.bytes,
        "rows": found.rows,
        "hits": [
            {"place": place, "form": str(form), "value": number, "times": times}
            for (place, form, number), times in sorted(found.people.items())
        ],
        "keys": {
            "found": found.keys.total(),
            "places": dict(sorted(_by_place(found).items())),
        },
        "unread": found.unread,
        "summary": f"{hits} found in {found.bytes} bytes, {found.rows} rows"
        + (f"; places that could not be read: {len(found.unread)}" if found.unread else ""),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Search once.

    :return: 0 when nothing was found, 1 when something was, 2 when it could not look.
    """
    given = _parser().parse_args(arguments)
    try:
        report = as_json(look(_lines(given.values), list(_places(given))))
    except SyncError as error:
        return _not_clean(str(error))
    except Exception as error:  # noqa: BLE001 - Python's own exit code for it means "found"
        return _not_clean(f"The scan broke off ({type(error).__name__}).")
    sys.stdout.write(json.dumps(report, indent=2) + "\n" if given.json else _text(report))
    code = _not_clean("\n".join(report["unread"])) if report["unread"] else CLEAN
    return FOUND if report["found"] else code


def _not_clean(why: str) -> int:
    sys.stderr.write(f"{why} Nothing can be called clean.\n")
    return COULD_NOT_LOOK


def _by_place(found: Found) -> Counter[str]:
    places: Counter[str] = Counter()
    for (place, _), times in found.keys.items():
        places[place] += times
    return places


def _text(report: dict[str, Any]) -> str:
    lines = [
        f"{hit['place']}: value {hit['value']} of the list, {hit['form']}, {hit['times']}x" for hit in report["hits"]
    ]
    if report["keys"]["found"]:
        lines.append(f"AFAS keys (pseudonymous, kept for their term): {report['keys']['found']}x")
    return "\n".join([*lines, report["summary"]]) + "\n"


def _lines(source: str) -> list[str]:
    try:
        # Editors on Windows put a mark in front, which would make the first value another one.
        text = (sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{source} cannot be read as UTF-8 text ({type(error).__name__}).") from None
    return text.splitlines()


def _places(given: argparse.Namespace) -> Iterator[Place]:
    from hooks.afas_mailchimp_scan_database import DatabasePlace  # noqa: PLC0415 - heavy
    from hooks.afas_mailchimp_scan_places import FolderPlace, StorePlace  # noqa: PLC0415

    if not (given.database or given.folder or given.store or given.airflow):
        raise ConfigurationError("No place to look was given: --airflow, --database, --folder or --store.")
    if given.airflow:
        from hooks.afas_mailchimp_log_files import log_stores  # noqa: PLC0415 - heavy
        from hooks.afas_mailchimp_metadata import metadata_url  # noqa: PLC0415

        yield DatabasePlace(metadata_url().render_as_string(hide_password=False))
        for store in log_stores():
            yield FolderPlace(store.base) if isinstance(store.base, Path) else StorePlace(str(store.base))
    yield from (DatabasePlace(address) for address in given.database)
    yield from (FolderPlace(Path(folder)) for folder in given.folder)
    yield from (StorePlace(address) for address in given.store)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m operators.afas_mailchimp_scan",
        description="Searches everything that is kept somewhere for given people.",
        epilog="Exit code 0: nothing found; 1: something found; 2: nothing found, and a place could not be read.",
    )
    parser.add_argument(
        "--values",
        metavar="FILE",
        required=True,
        help="one value a line, key: 10001 for an AFAS key; - = standard input",
    )
    parser.add_argument("--airflow", action="store_true", help="this Airflow's database and task logs")
    parser.add_argument(
        "--database", metavar="URL", action="append", default=[], help="a database, such as sqlite:////path/airflow.db"
    )
    parser.add_argument(
        "--folder", metavar="DIR", action="append", default=[], help="a folder with everything below it"
    )
    parser.add_argument(
        "--store", metavar="URL", action="append", default=[], help="an object store, such as s3://bucket/logs"
    )
    parser.add_argument("--json", action="store_true", help="the whole result as JSON")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
