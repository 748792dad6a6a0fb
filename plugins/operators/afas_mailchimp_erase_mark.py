"""Marks the AFAS record of an erased person, where the sync file has a field for it (fact ``erased``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from afas_mailchimp.cells import same
from afas_mailchimp.erasure import Mark, Request
from afas_mailchimp.errors import ConfigurationError, RefusedError
from afas_mailchimp.rows import RowReader
from afas_mailchimp.write_back_settings import Fact
from afas_mailchimp.write_back_targets import DoesNotFitError, convert, find_field, record_key, update_body
from operators.afas_mailchimp_reading import read_by_key

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Cell
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.write_back_settings import BackField, Record, WriteBackSource
    from hooks.afas import AfasHook


def mark_in_afas(sync: SyncFile, afas: AfasHook, request: Request) -> Iterator[dict[str, Any]]:
    """Write the mark to every record that the row stands for; a row that has gone has none.

    :return: sync, record and answer of each.
    :raises ConfigurationError: the field is not in the UpdateConnector, or cannot hold the value.
    """
    back = sync.write_back.get(request.source)
    fields = [back.fields[name] for name, fact in back.facts.items() if fact == Fact.ERASED] if back else []
    if not back or not fields:
        return
    reader = RowReader(sync.sources[request.source], name=request.source, rank=0, back=back)
    for row, facts in read_by_key(afas, reader, [request.key]):
        cells: dict[str, Cell] = {column: row[position] for column, position in reader.at.items()}
        for field in fields:
            yield from _marks(sync, afas, back, facts.kind, cells, field, dry_run=request.dry_run)


def _marks(
    sync: SyncFile,
    afas: AfasHook,
    back: WriteBackSource,
    kind: str,
    cells: Mapping[str, Cell],
    field: BackField,
    *,
    dry_run: bool,
) -> Iterator[dict[str, Any]]:
    value = field.table().get("true", True)
    for name, record in back.records_of(kind).items():
        target, key = field.target(name), record_key(record, cells)
        if target and key:
            told: dict[str, Any] = {"sync": sync.name, "record": record.update}
            if same(cells[field.current]) == same(value):
                yield {**told, "answer": Mark.WAS_THERE}
            elif dry_run:
                yield {**told, "answer": Mark.WOULD_BE_WRITTEN}
            else:
                yield {**told, **_write(afas, record, key, target, value)}


def _write(afas: AfasHook, record: Record, key: tuple[str, ...], target: str, value: Any) -> dict[str, Any]:
    found = find_field(afas.update_fields(record.update), target)
    if isinstance(found, str):
        raise ConfigurationError(f"write_back, field erased: {found}.")
    try:
        afas.update(record.update, update_body(record, key, {found.id: convert(value, found)}))
    except DoesNotFitError as error:
        raise ConfigurationError(f"write_back, field erased: the value does not fit in {target}: {error}.") from None
    except RefusedError as error:
        return {"answer": Mark.REFUSED, "because": str(error)}
    return {"answer": Mark.WRITTEN}
