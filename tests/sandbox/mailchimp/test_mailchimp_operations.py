"""/batches: finished does not mean done, and the results come in an odd archive."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Any

import pytest
import requests
from mailchimp_marketing.api_client import ApiClientError

from sandbox.mailchimp import API_KEY
from tests.sandbox.mailchimp.conftest import LIST, World, problem

JAN = "jan@bakkerij-de-korenaar.example"


def operation(number: int, address: str) -> dict[str, Any]:
    """An operation that creates a member."""
    body = json.dumps({"email_address": address, "status": "subscribed"})
    return {"method": "POST", "path": f"/lists/{LIST}/members", "operation_id": f"nr {number}", "body": body}


def finished(world: World, batch_id: str) -> dict[str, Any]:
    """Look at a batch until it says finished."""
    for _ in range(5):
        batch: dict[str, Any] = world.client.batches.status(batch_id)
        if batch["status"] == "finished":
            return batch
    pytest.fail("the batch did not finish")


def test_stages(world: World) -> None:
    """Each look goes one stage further; the work is done in the middle."""
    started = world.client.batches.start({"operations": [operation(1, JAN)]})
    seen = [world.client.batches.status(started["id"]) for _ in range(5)]

    assert (started["status"], started["total_operations"], started["completed_at"]) == ("pending", 0, "")
    assert [(b["status"], b["finished_operations"]) for b in seen] == [
        ("preprocessing", 0),
        ("started", 1),
        ("finalizing", 1),
        ("finished", 1),
        ("finished", 1),
    ]
    assert world.get(JAN)["status"] == "subscribed"


def test_finished_with_errors_and_its_archive(world: World) -> None:
    """A batch in which everything failed is finished; the archive begins with a folder and may hold an empty file."""
    operations = [operation(number, "x@example.com") for number in range(3)]
    batch = finished(world, world.client.batches.start({"operations": operations})["id"])
    content = requests.get(batch["response_body_url"], timeout=10).content
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as archive:
        names = archive.getnames()
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        parts = [json.load(file) for file in files if file]

    assert (batch["status"], batch["errored_operations"]) == ("finished", 3)
    assert (names[0], [] in parts) == (".", True)
    results = [result for part in parts for result in part]
    assert sorted(result["operation_id"] for result in results) == ["nr 0", "nr 1", "nr 2"]
    assert {json.loads(result["response"])["title"] for result in results} == {"Invalid Resource"}


def test_results_want_no_key_and_no_delay(world: World) -> None:
    """The address of the results refuses the API's key, and is good for ten minutes."""
    world.at("2026-03-01T10:00:00+00:00")
    batch = finished(world, world.client.batches.start({"operations": [operation(1, JAN)]})["id"])
    url = batch["response_body_url"]
    assert requests.get(url, auth=("user", API_KEY), timeout=10).status_code == 400
    world.at("2026-03-01T10:10:00+00:00")
    assert requests.get(url, timeout=10).status_code == 403
    fresh = world.client.batches.status(batch["id"])["response_body_url"]

    assert requests.get(fresh, timeout=10).status_code == 200


def test_finalizing_can_last(world: World) -> None:
    """Everything is done while the batch stays finalizing: seen for hours."""
    world.switch("operations", "finalizing")
    started = world.client.batches.start({"operations": [operation(1, JAN)]})
    last = [world.client.batches.status(started["id"]) for _ in range(8)][-1]

    assert (last["status"], last["finished_operations"], last["total_operations"]) == ("finalizing", 1, 1)


def test_gone_after_delete_and_after_a_week(world: World) -> None:
    """A deleted batch and one of a week ago are not found."""
    world.at("2026-03-01T10:00:00+00:00")
    first, second = (world.client.batches.start({"operations": []})["id"] for _ in range(2))
    assert world.client.batches.list()["total_items"] == 2
    world.client.batches.delete_request(first)
    world.at("2026-03-08T10:00:00+00:00")
    for batch in (first, second):
        with pytest.raises(ApiClientError) as refused:
            world.client.batches.status(batch)
        assert refused.value.status_code == 404


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param({"method": "POST"}, id="no path"),
        pytest.param({"method": "FETCH", "path": "/ping"}, id="unknown method"),
        pytest.param({"method": "POST", "path": "/ping", "body": {}}, id="body that is no text"),
    ],
)
def test_operations_that_are_refused(world: World, operation: dict[str, object]) -> None:
    """An operation outside the schema refuses the request."""
    with pytest.raises(ApiClientError) as refused:
        world.client.batches.start({"operations": [operation]})

    assert problem(refused)["title"] == "Invalid Resource"
