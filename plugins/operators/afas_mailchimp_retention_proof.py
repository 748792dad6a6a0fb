"""Looks for what should be gone: by table, by folder, and for anything that looks like a person in what may stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from afas_mailchimp.personal_patterns import find_personal
from afas_mailchimp.retention import Fate
from hooks.afas_mailchimp_log_files import remote_out_of_reach
from hooks.afas_mailchimp_metadata_texts import database_texts, log_texts
from hooks.afas_mailchimp_metadata_traces import aware
from operators.afas_mailchimp_retention_run import Asked, Scene

if TYPE_CHECKING:
    from hooks.afas_mailchimp_log_files import LogStore
    from hooks.afas_mailchimp_metadata import MetadataDatabase
    from hooks.afas_mailchimp_metadata_texts import Text

NOT_SEEN = {
    "container_output": (
        "standard output of containers and services, where task output stands again; let Docker or journald rotate it",
        "standaarduitvoer van containers en services, waar taakuitvoer nog eens staat; laat Docker of journald roteren",
    ),
    "back_ups": (
        "back-ups and snapshots of the database and of the log folder",
        "back-ups en snapshots van de database en van de logmap",
    ),
    "other_hosts": (
        "log folders on other hosts that ran tasks: {}; erase there too, see docs/log-retention.md",
        "logmappen op andere machines waar taken draaiden: {}; wis ook daar, zie docs/nl/bewaartermijn.md",
    ),
    "remote_logs": (
        "task logs at {}: they cannot be erased from here; set a term there",
        "taaklogs bij {}: die zijn van hieruit niet te wissen; stel daar een bewaartermijn in",
    ),
    "postgresql_files": (
        "bytes of erased rows in PostgreSQL's files and write-ahead log, until the server writes over them",
        "bytes van gewiste rijen in PostgreSQL's bestanden en write-ahead log, tot de server ze overschrijft",
    ),
    "celery_results": (
        "answers of Celery that came after their run was erased, or stand in another store: they name no DAG",
        "antwoorden van Celery die na het wissen van hun run kwamen, of elders staan: ze noemen geen DAG",
    ),
}
"""Where a clean-up cannot look, English and Dutch. None of these is ever called clean."""


def prove(
    database: MetadataDatabase, stores: Sequence[LogStore], asked: Asked, *, hosts: Sequence[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Look again, with new eyes, at everything that can be seen from here.

    :param asked: the same question as the clean-up's, with its moment.
    :param hosts: other hosts that ran tasks, as the clean-up still saw them.
    :return: the report, and one sentence for each thing that is wrong.
    """
    scene = Scene(database, asked)
    left = _left(database, stores, scene)
    personal = look_for_people([*scene.terms], database, stores, scene)
    report = {
        "left": left,
        "kept": _kept(database, stores, scene),
        "oldest_trace": _oldest(database, stores, scene),
        "personal": personal,
        "not_seen": list(not_seen(database, scene, hosts=hosts)),
    }
    problems = [
        f"{count} past their term are left in {place}. Run the clean-up again; docs/log-retention.md says what can be "
        "in its way."
        for place, count in left.items()
    ]
    if personal["found"]:
        places = ", ".join(f"{place} ({kinds})" for place, kinds in personal["places"].items())
        problems.append(
            f"{personal['found']} texts that look like a person's address, number or postcode stand in {places}. Run "
            "the retention with older_than_days = 0, and tell the makers what wrote them."
        )
    return report, problems


def look_for_people(
    dag_ids: Sequence[str], database: MetadataDatabase, stores: Sequence[LogStore], scene: Scene
) -> dict[str, Any]:
    """Search everything that is kept for patterns of people: e-mail addresses, Dutch phone numbers, postcodes.

    :return: how many were found and where, never what; how much was read.
    """
    places: dict[str, Counter[str]] = {}
    rows = size = 0
    for piece in _everything(dag_ids, database, stores, scene):
        rows += piece.rows
        size += len(piece.text.encode())
        for kind, count in find_personal(piece.text).items():
            places.setdefault(piece.place, Counter())[str(kind)] += count
    found = sum(sum(kinds.values()) for kinds in places.values())
    return {
        "found": found,
        "bytes": size,
        "rows": rows,
        "places": {
            place: ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
            for place, kinds in sorted(places.items())
        },
        "summary": f"{found} found in {size} bytes, {rows} rows",
    }


def not_seen(database: MetadataDatabase, scene: Scene, *, hosts: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Return the places that cannot be looked at from here, in both languages."""
    yield _place("container_output")
    yield _place("back_ups")
    if others := sorted({*hosts, *scene.traces.other_hosts([*scene.terms])}):
        yield _place("other_hosts", ", ".join(others))
    if remote := remote_out_of_reach():
        yield _place("remote_logs", remote)
    if database.kind == "postgresql":
        yield _place("postgresql_files")
    if "celery" in _executor().lower() or scene.traces.schema.table("celery_taskmeta") is not None:
        yield _place("celery_results")


def _everything(
    dag_ids: Sequence[str], database: MetadataDatabase, stores: Sequence[LogStore], scene: Scene
) -> Iterator[Text]:
    yield from database_texts(database, scene.traces.schema, dag_ids)
    yield from log_texts(stores)


def _left(database: MetadataDatabase, stores: Sequence[LogStore], scene: Scene) -> dict[str, int]:
    """Count what is past its term, by table and folder; nothing where all is gone."""
    found: Counter[str] = Counter()
    found["dag_run"] += len(scene.having(Fate.DUE))
    schema = scene.traces.schema
    with database.transaction() as connection:
        for run in scene.having(Fate.EMPTIED):
            for table in schema.below:
                if table is not schema.runs:
                    condition = schema.of_runs(table, run.dag_id, [run.run_id], [run.row])
                    query = select(func.count()).select_from(table).where(condition)
                    found[table.name] += int(connection.scalar(query) or 0)
        if database.kind == "sqlite":
            below = {table.name for table in schema.below}
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            found.update(row[0] for row in orphans if row[0] in below)
    found += scene.others.count()
    for store in stores:
        found[str(store)] += sum(scene.goes(file) for file in store.files())
    return dict(sorted((+found).items()))


def _kept(database: MetadataDatabase, stores: Sequence[LogStore], scene: Scene) -> dict[str, Any]:
    """Count what may stay: rows by table, and logs."""
    rows: Counter[str] = Counter()
    dag_ids = list(scene.terms)
    with database.transaction() as connection:
        for table in scene.traces.schema.below:
            query = select(func.count()).select_from(table).where(scene.traces.schema.of_dags(table, dag_ids))
            rows[table.name] += int(connection.scalar(query) or 0)
        for beside in scene.traces.schema.beside:
            query = select(func.count()).select_from(beside.table).where(beside.owner.in_(dag_ids))
            rows[beside.table.name] += int(connection.scalar(query) or 0)
    files = [file for store in stores for file in store.files()]
    return {
        "runs": scene.as_json(),
        "rows": dict(sorted((+rows).items())),
        "logs": {"files": len(files), "bytes": sum(file.size for file in files)},
    }


def _oldest(database: MetadataDatabase, stores: Sequence[LogStore], scene: Scene) -> dict[str, str]:
    """Return the moment of the oldest trace that is left, by kind."""
    found: dict[str, list[datetime]] = {
        "runs": [run.ended_at for run in scene.having(Fate.STAYS)],
        "logs": [file.written_at for store in stores for file in store.files()],
        "rows_kept_for_the_scheduler": [run.ended_at for run in scene.having(Fate.EMPTIED)],
    }
    with database.transaction() as connection:
        for beside in scene.traces.schema.beside:
            if beside.moment is not None:
                query = select(func.min(beside.moment)).where(beside.owner.in_(list(scene.terms)))
                found[beside.table.name] = _known(aware(connection.scalar(query)))
    return {kind: min(moments).isoformat(timespec="seconds") for kind, moments in sorted(found.items()) if moments}


def _known(moment: datetime | None) -> list[datetime]:
    return [moment] if moment else []


def _executor() -> str:
    from airflow.configuration import conf  # noqa: PLC0415 - heavy, and only here

    return str(conf.get("core", "executor"))


def _place(name: str, value: str = "") -> dict[str, str]:
    english, dutch = NOT_SEEN[name]
    return {"place": name, "en": english.format(value), "nl": dutch.format(value)}
