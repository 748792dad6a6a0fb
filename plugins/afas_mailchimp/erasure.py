"""The right to be forgotten: what somebody asks for, and who in an audience it is about. Pure.

A person is named by source and AFAS key, never by address: what is typed into a run stays in Airflow's database.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from afas_mailchimp.member_key import parse_member_key

if TYPE_CHECKING:
    from afas_mailchimp.audience import Member
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.sync_files import FoundFile

PARAMETERS = ("source", "key", "confirm", "dry_run", "sync", "archived")
_TEXTS = ("source", "key", "confirm", "sync")
LONGEST_KEY = 100
CANNOT_BE_UNDONE = (
    "An erasure cannot be undone: Mailchimp refuses the address for ever after, also when it comes from AFAS again; "
    "only the person can sign up again, by a form."
)


_NO_ADDRESS = (
    "A person is named by source and AFAS key, never by an address: what is typed here stays in Airflow's database. "
    "Look the key up in AFAS. This run and Airflow's audit log now hold what was typed: run "
    "afas_mailchimp_log_retention with older_than_days = 0, which erases both."
)


class Answer(StrEnum):
    """What happened to members of one audience."""

    DELETED = "deleted"
    WOULD_BE_DELETED = "would_be_deleted"
    NOT_THERE = "was_not_there"
    REFUSED = "refused_by_mailchimp"


class Mark(StrEnum):
    """What happened to the mark on an AFAS record."""

    WRITTEN = "written"
    WOULD_BE_WRITTEN = "would_be_written"
    WAS_THERE = "was_there"
    REFUSED = "refused_by_afas"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for.

    :param sync: whose AFAS the key is of, where syncs read the source from different ones; else empty.
    :param archived: not one person, but all members whose ``archived_term`` is over; ``confirm`` says how many.
    """

    source: str
    key: str
    dry_run: bool
    sync: str = ""
    archived: bool = False
    confirm: str = ""

    @property
    def name(self) -> str:
        """How reports and Variables name the row."""
        return f"{self.source}:{self.key}"


@dataclass(frozen=True, slots=True)
class Target:
    """One audience of the sync files.

    :param syncs: names of the syncs that feed it.
    :param owners: whose keys of the asked source in it are the asked row's; empty where no sync of it has that row.
    """

    connection: str
    list_id: str
    key_fields: tuple[str, ...]
    syncs: tuple[str, ...]
    owners: frozenset[str]


def read_request(given: Mapping[str, object]) -> tuple[Request | None, list[str]]:
    """Read the run's parameters.

    :return: what is asked, or every reason why not, one sentence each; no sentence repeats what was typed.
    """
    unknown = sorted(str(name) for name in given if name not in PARAMETERS)
    problems = []
    if unknown:
        near = difflib.get_close_matches(unknown[0], PARAMETERS, n=1)
        problems.append(
            f"{len(unknown)} unknown run parameter(s){f'; did you mean {near[0]!r}?' if near else '.'} "
            f"Allowed: {', '.join(PARAMETERS)}."
        )
    texts = {name: str(given.get(name) or "").strip() for name in _TEXTS}
    if any("@" in text or "%40" in text for text in texts.values()):
        return None, [_NO_ADDRESS]
    if given.get("archived") is True:
        return _read_archived(given, texts, problems)
    problems += [f"Run parameter {name!r} is empty: {what}." for name, what in _NEEDED.items() if not texts[name]]
    if len(texts["key"]) > LONGEST_KEY or not texts["key"].isprintable() or ":" in texts["key"]:
        problems.append(
            f"Run parameter 'key' must be a key as AFAS writes it, at most {LONGEST_KEY} characters, without colon."
        )
    dry_run = given.get("dry_run", True)
    if not isinstance(dry_run, bool):
        problems.append("Run parameter 'dry_run' must be true or false.")
    elif not dry_run and texts["confirm"] != texts["key"]:
        problems.append(
            f"Run parameter 'confirm' must repeat the key. {CANNOT_BE_UNDONE} Look at the result of a dry run first."
        )
    if problems:
        return None, problems
    return Request(texts["source"], texts["key"], dry_run is not False, sync=texts["sync"]), []


def _read_archived(
    given: Mapping[str, object], texts: Mapping[str, str], problems: list[str]
) -> tuple[Request | None, list[str]]:
    if texts["source"] or texts["key"] or texts["sync"]:
        problems.append("Run parameter 'archived' goes without source and key: it is about everybody past the term.")
    dry_run = given.get("dry_run", True)
    if not isinstance(dry_run, bool):
        problems.append("Run parameter 'dry_run' must be true or false.")
    elif not dry_run and not texts["confirm"].isdecimal():
        problems.append(f"Run parameter 'confirm' must be the number that the dry run said. {CANNOT_BE_UNDONE}")
    if problems:
        return None, problems
    return Request("", "", dry_run is not False, archived=True, confirm=texts["confirm"]), []


_NEEDED = {
    "source": "name a source of the sync files, such as debtors",
    "key": "give the row's key in AFAS, such as a debtor number",
}


def choose(found: Iterable[FoundFile], source: str | None) -> tuple[list[SyncFile], list[str]]:
    """Return all syncs, or why an erasure cannot reach all of them.

    :param source: the asked source; None asks for no special one.
    """
    files = list(found)
    broken = [each.name for each in files if each.sync is None]
    if broken:
        problem = f"The sync file(s) of {', '.join(broken)} cannot be read, so their audiences are out of reach"
        return [], [f"{problem}: mend them first. Nothing was erased."]
    syncs = [each.sync for each in files if each.sync]
    sources = sorted({name for sync in syncs for name in sync.sources})
    if source is not None and source not in sources:
        near = difflib.get_close_matches(source, sources, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        return [], [f"No sync file has the asked source{hint} Sources: {', '.join(sources) or 'none'}."]
    return syncs, []


def meant(places: Mapping[str, tuple[str, str]], wanted: str) -> tuple[list[str], list[str]]:
    """Return the syncs in which the asked key is the same row, or why that cannot be told.

    :param places: of each sync that has the source: AFAS environment and key column. Elsewhere the same key is another
        person, and whoever is deleted by mistake cannot be brought back.
    :param wanted: the run parameter ``sync``.
    """
    if wanted and wanted not in places:
        return [], [f"Run parameter 'sync' names no sync with this source; those are: {', '.join(sorted(places))}."]
    if not wanted and len(set(places.values())) > 1:
        problem = (
            f"The syncs {', '.join(sorted(places))} read this source from different AFAS environments, or by different "
            "key columns, where the same key is somebody else: say with the run parameter 'sync' which is meant. "
            "Nothing was erased."
        )
        return [], [problem]
    return [name for name, place in places.items() if not wanted or place == places[wanted]], []


def spelling(key: str, found: Iterable[str]) -> str | None:
    """Say that AFAS writes a key in another way, None when it does not.

    AFAS tells neither capitals nor leading zeros of a number apart, the import does: a tombstone for another spelling
    would keep nobody out.

    :param found: keys of the rows that AFAS returned for it.
    """
    keys = sorted(set(found))
    if not keys or key in keys:
        return None
    return f"AFAS writes this key as {' or '.join(map(repr, keys))}: repeat it exactly so. Nothing was erased."


def audiences(syncs: Iterable[SyncFile], asked: Collection[str]) -> list[Target]:
    """Return every audience of the sync files, each once, those without the asked row first.

    :param asked: names of the syncs that have the asked row.
    """
    found: dict[tuple[str, str], list[SyncFile]] = {}
    for sync in syncs:
        found.setdefault((sync.audience.connection, sync.audience.list_id), []).append(sync)
    targets = [
        Target(
            connection,
            list_id,
            tuple(dict.fromkeys(sync.audience.key_field for sync in feeding)),
            tuple(sync.name for sync in feeding),
            frozenset(sync.owner for sync in feeding if sync.name in asked),
        )
        for (connection, list_id), feeding in found.items()
    ]
    return sorted(targets, key=lambda target: (bool(target.owners), target.list_id))


def carries(member: Member, target: Target, request: Request) -> bool:
    """Whether a member has the asked row's key, adopted and archived ones too."""
    keys = (parse_member_key(member.merge_fields.get(name, "")) for name in target.key_fields)
    return any(
        key and key.owner in target.owners and (key.source, key.key) == (request.source, request.key) for key in keys
    )


_REMARKS = {
    "undone": (
        CANNOT_BE_UNDONE,
        (
            "Wissen kan niet ongedaan worden gemaakt: Mailchimp weigert het adres voortaan, ook als het opnieuw uit "
            "AFAS komt; alleen de persoon zelf kan zich met een formulier weer aanmelden."
        ),
    ),
    "others": (
        (
            "Other rows in AFAS have the same address (other_keys): their member goes with it. Erase them too, or they "
            "come back when their address changes in AFAS."
        ),
        (
            "Andere regels in AFAS hebben hetzelfde adres (other_keys): ook hun lid gaat mee. Wis die ook, anders "
            "komen ze terug zodra hun adres in AFAS verandert."
        ),
    ),
    "gone": (
        "The row is not in AFAS (any more): members are found by their key alone.",
        "De regel staat niet (meer) in AFAS: leden zijn alleen op hun sleutel te vinden.",
    ),
    "nobody": (
        "Neither a row nor a member has this key: was it erased before, or is it mistyped (leading zeros count)?",
        "Geen regel en geen lid heeft deze sleutel: is die al gewist, of verkeerd getypt (voorloopnullen tellen mee)?",
    ),
    "elsewhere": (
        (
            "Not reached from here: AFAS itself, former addresses of which no member is left with this key, back-ups, "
            "and what Mailchimp keeps in campaign reports."
        ),
        (
            "Van hieruit niet te bereiken: AFAS zelf, oude adressen waarvan geen lid met deze sleutel over is, "
            "back-ups, en wat Mailchimp in campagnerapporten bewaart."
        ),
    ),
}


def remarks(certificate: Mapping[str, Any]) -> dict[str, list[str]]:
    """Say in both languages what a reader of a certificate must know."""
    holders = sum(each["found_by_key"] for each in certificate["audiences"])
    chosen = ["undone"]
    if certificate["other_keys"]:
        chosen.append("others")
    if not certificate["rows_in_afas"]:
        chosen.append("gone" if holders else "nobody")
    chosen.append("elsewhere")
    return {
        "en": [english for english, _ in map(_REMARKS.__getitem__, chosen)],
        "nl": [dutch for _, dutch in map(_REMARKS.__getitem__, chosen)],
    }
