"""/batches: operations that are carried out later, and their results in an archive."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Final

from sandbox.mailchimp import body, problem
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.call import Call
from sandbox.mailchimp.clock import written
from sandbox.mailchimp.model import Operation, Operations, Stage
from sandbox.mailchimp.render import links

RESULTS_PATH: Final = "/batch-results/"
MOST_OPERATIONS: Final = 1000
MOST_BATCHES: Final = 500
_KEPT_SECONDS: Final = 7 * 24 * 3600
_ADDRESS_SECONDS: Final = 600
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_KINDS: Final = {
    "method": "string",
    "path": "string",
    "params": "object",
    "body": "string",
    "operation_id": "string",
    "headers": "object",
}


def start_batch(call: Call) -> dict[str, object]:
    """POST: take operations in; nothing is done yet."""
    audience, sent = call.audience, call.body()
    body.required(sent, ("operations",))
    body.known_only(sent, ("operations",))
    items = sent["operations"]
    errors: body.Errors = []
    if not body.expect(items, "array", "operations", errors) or not isinstance(items, list):
        raise problem.not_validated(*errors)
    if len(items) > MOST_OPERATIONS:
        raise problem.bad_request(f"There are {len(items)} operations; the most is {MOST_OPERATIONS}.")
    if sum(batch.stage is not Stage.FINISHED for batch in audience.batches.values()) >= MOST_BATCHES:
        raise problem.ProblemError(429, "Too Many Requests", f"You have more than {MOST_BATCHES} pending batches.")
    operations = tuple(_operation(item, place) for place, item in enumerate(items))
    batch = Operations(f"{audience.random.getrandbits(40):010x}", operations, submitted_at=audience.clock.now())
    audience.batches[batch.id] = batch
    return _shown(call, batch)


def batch_status(call: Call) -> dict[str, object]:
    """GET: look at a batch, which goes one stage further by it."""
    batch = _find(call)
    _advance(call, batch)
    return call.query.projection().applied_to(_shown(call, batch))


def list_batches(call: Call) -> dict[str, object]:
    """GET all; they stay at the stage that they have."""
    batches = list(call.audience.batches.values())
    offset, count = call.query.page()
    answer = {
        "batches": [_shown(call, batch) for batch in batches[offset : offset + count]],
        "total_items": len(batches),
        "_links": links("/batches", schema="Batches"),
    }
    return call.query.projection().applied_to(answer)


def delete_batch(call: Call) -> None:
    """DELETE: stop it, and lose its results."""
    del call.audience.batches[_find(call).id]


def archive_of(audience: Audience, batch_id: str, signature: str) -> bytes | None:
    """The results of a batch as a gzipped tar, None when the address is not good or no longer good."""
    batch = audience.batches.get(batch_id)
    given_out = batch.signatures.get(signature) if batch is not None else None
    if batch is None or given_out is None or audience.clock.now() - given_out >= _ADDRESS_SECONDS:
        return None
    results = list(batch.results)
    audience.random.shuffle(results)
    half = len(results) // 2
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        folder = tarfile.TarInfo("./")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for number, part in enumerate((results[:half], results[half:], [])):
            content = json.dumps(part).encode()
            file = tarfile.TarInfo(f"./{batch.id}-{number}.json")
            file.size = len(content)
            archive.addfile(file, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=1)


def _operation(item: object, place: int) -> Operation:
    errors: body.Errors = []
    if not isinstance(item, dict):
        raise problem.not_validated((f"operations.{place}", "Schema describes object"))
    body.required(item, ("method", "path"))
    body.known_only(item, _KINDS)
    for name, value in item.items():
        body.expect(value, _KINDS[name], f"operations.{place}.{name}", errors)
    if item["method"] not in _METHODS:
        errors.append((f"operations.{place}.method", f"Value must be one of: {', '.join(_METHODS)}"))
    if errors:
        raise problem.not_validated(*errors)
    return Operation(
        method=item["method"],
        path=item["path"],
        params=tuple((str(name), str(value)) for name, value in item.get("params", {}).items()),
        body=item.get("body", "").encode(),
        operation_id=item.get("operation_id", ""),
    )


def _find(call: Call) -> Operations:
    batch = call.audience.batches.get(call.ids[0])
    if batch is None or call.audience.clock.now() - batch.submitted_at >= _KEPT_SECONDS:
        raise problem.not_found()
    return batch


def _advance(call: Call, batch: Operations) -> None:
    stages = list(Stage)
    stuck = batch.stage is Stage.FINALIZING and call.audience.switches["operations"] == "finalizing"
    if batch.stage is Stage.FINISHED or stuck:
        return
    batch.stage = stages[stages.index(batch.stage) + 1]
    if batch.stage is Stage.STARTED:
        for operation in batch.operations:
            status, answer = call.run(operation.method, operation.path, operation.params, operation.body)
            batch.results.append(
                {"status_code": status, "operation_id": operation.operation_id, "response": answer},
            )
    elif batch.stage is Stage.FINISHED:
        batch.completed_at = call.audience.clock.now()


def _shown(call: Call, batch: Operations) -> dict[str, object]:
    address = ""
    if batch.stage is Stage.FINISHED:
        signature = f"{call.audience.random.getrandbits(64):016x}"
        batch.signatures[signature] = call.audience.clock.now()
        address = f"{call.root_url}{RESULTS_PATH}{batch.id}.tar.gz?signature={signature}"
    counted = batch.stage in {Stage.STARTED, Stage.FINALIZING, Stage.FINISHED}
    return {
        "id": batch.id,
        "status": batch.stage.value,
        "total_operations": len(batch.operations) if counted else 0,
        "finished_operations": len(batch.results),
        "errored_operations": sum(int(str(result["status_code"])) >= 400 for result in batch.results),  # noqa: PLR2004 - HTTP
        "submitted_at": written(batch.submitted_at),
        "completed_at": written(batch.completed_at),
        "response_body_url": address,
        "_links": links(f"/batches/{batch.id}", schema="Batches"),
    }
