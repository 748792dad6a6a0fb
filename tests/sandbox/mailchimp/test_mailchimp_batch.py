"""POST /lists/{id}: 500 members at once, and everything that hides in its 200."""

from __future__ import annotations

import time

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World, problem

JAN = "jan@bakkerij-de-korenaar.example"
PIET = "piet@slagerij-piet.example"


def item(address: str, status: str | None = None, **merge_fields: object) -> dict[str, object]:
    """One item of a batch."""
    return {"email_address": address, "merge_fields": merge_fields} | ({"status": status} if status else {})


def test_new_updated_and_refused(world: World) -> None:
    """Each item is in exactly one of three lists, and the counts agree."""
    world.seed(JAN)
    answer = world.batch(
        item(JAN, "subscribed", FNAME="Jan"), item(PIET, "subscribed"), item("x@example.com", "subscribed")
    )

    assert [m["id"] for m in answer["new_members"]] == [world.hash(PIET)]
    assert [m["merge_fields"]["FNAME"] for m in answer["updated_members"]] == ["Jan"]
    assert answer["errors"] == [
        {
            "email_address": "x@example.com",
            "error": "x@example.com looks fake or invalid, please enter a real email address.",
            "error_code": "ERROR_GENERIC",
            "field": "",
            "field_message": "",
        }
    ]
    assert (answer["total_created"], answer["total_updated"], answer["error_count"]) == (1, 1, 1)


def test_objects_of_a_batch_are_smaller(world: World) -> None:
    """Members of a batch answer lack what only single look-ups show."""
    member = world.batch(item(JAN, "unsubscribed"))["new_members"][0]

    assert {"full_name", "web_id", "source", "unsubscribe_reason", "consents_to_one_to_one_messaging"} & set(
        member
    ) == set()
    assert {"id", "email_address", "status", "merge_fields", "last_changed", "timestamp_opt"} <= set(member)


def test_existing_without_update_existing(world: World) -> None:
    """``update_existing`` false leaves who is there alone."""
    world.seed(JAN, status="unsubscribed", by="api")
    answer = world.batch(item(JAN, "subscribed", FNAME="Jan"), update_existing=False)

    assert answer["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"
    assert (world.get(JAN)["status"], world.get(JAN)["merge_fields"]["FNAME"]) == ("unsubscribed", "")


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"])
def test_without_status_the_status_is_kept(world: World, status: str) -> None:
    """An update without a status changes fields alone, whatever the status."""
    world.seed(JAN, status=status)
    answer = world.batch(item(JAN, FNAME="Jan"))

    assert [(m["status"], m["merge_fields"]["FNAME"]) for m in answer["updated_members"]] == [(status, "Jan")]
    assert [(w["before"], w["after"], w["changed"]) for w in world.writes()] == [
        (status, status, ["merge_fields.FNAME"])
    ]


def test_without_status_nobody_becomes_subscribed(world: World) -> None:
    """The worst case: an absent address without status is created as subscribed."""
    assert [m["status"] for m in world.batch(item(JAN))["new_members"]] == ["subscribed"]


def test_missing_status_refused_by_switch(world: World) -> None:
    """The other possibility: every item needs a status."""
    world.seed(JAN)
    world.switch("batch_missing_status", "refuse")
    answer = world.batch(item(JAN, FNAME="Jan"), item(PIET))

    assert [error["field_message"] for error in answer["errors"]] == ["Required fields were not provided: status"] * 2
    assert world.get(JAN)["merge_fields"]["FNAME"] == ""


def test_missing_status_resurrects_by_switch(world: World) -> None:
    """The worst possibility: an archived member comes back by an update without status."""
    world.seed(JAN, status="archived", by="api")
    world.switch("batch_missing_status", "resurrect")

    assert [m["status"] for m in world.batch(item(JAN))["updated_members"]] == ["subscribed"]


@pytest.mark.parametrize("update_existing", [pytest.param(False, id="create"), pytest.param(True, id="update")])
def test_an_archived_address_with_a_status_comes_back(world: World, update_existing: bool) -> None:
    """An archived member is subscribed again, listed as new where nothing was to be updated."""
    world.at("2026-01-01T10:00:00+00:00")
    world.seed(JAN, status="archived", merge_fields={"FNAME": "Jan"})
    world.at("2026-02-01T10:00:00+00:00")
    answer = world.batch(item(JAN, "subscribed", LNAME="Smit"), update_existing=update_existing)
    member = answer["updated_members" if update_existing else "new_members"][0]

    assert (member["status"], member["timestamp_opt"]) == ("subscribed", "2026-02-01T10:00:00+00:00")
    assert (member["merge_fields"]["FNAME"], member["merge_fields"]["LNAME"]) == ("Jan", "Smit")


def test_an_archived_address_exists_by_switch(world: World) -> None:
    """The kind possibility: an archived address counts as existing."""
    world.seed(JAN, status="archived")
    world.switch("batch_archived", "exists")
    answer = world.batch(item(JAN, "subscribed"), update_existing=False)

    assert [error["error_code"] for error in answer["errors"]] == ["ERROR_CONTACT_EXISTS"]


def test_opt_in_time_of_an_item(world: World) -> None:
    """An item's ``timestamp_opt`` is kept."""
    answer = world.batch({**item(JAN, "subscribed"), "timestamp_opt": "2018-05-25T00:00:00Z"})

    assert answer["new_members"][0]["timestamp_opt"] == "2018-05-25T00:00:00+00:00"


def test_duplicates_refuse_the_request(world: World) -> None:
    """One address twice, in whatever case, refuses everything, and nothing is written."""
    with pytest.raises(ApiClientError) as refused:
        world.batch(item(PIET, "subscribed"), item(JAN, "subscribed"), item(f" {JAN.upper()}", "subscribed"))

    assert problem(refused)["detail"] == (
        f"Duplicate items found for email {JAN.upper()}, please provide unique email address per member item"
    )
    assert world.lists.get_list_members_info(LIST)["total_items"] == 0


def test_skip_duplicate_check_takes_the_first(world: World) -> None:
    """Without the check the first of two wins in silence."""
    answer = world.batch(
        item(JAN, "subscribed", FNAME="eerste"), item(JAN, "subscribed", FNAME="tweede"), skip_duplicate_check="true"
    )

    assert [m["merge_fields"]["FNAME"] for m in answer["new_members"]] == ["eerste"]
    assert answer["error_count"] == 0


def test_501_members_are_too_many(world: World) -> None:
    """500 is the most."""
    with pytest.raises(ApiClientError) as refused:
        world.batch(*(item(f"a{n}@korenaar.example", "subscribed") for n in range(501)))

    assert problem(refused)["errors"][0]["field"] == "members"


def test_a_schema_error_is_the_items_own(world: World) -> None:
    """A null in one item refuses that item, or by switch the request."""
    batch = (item(JAN, "subscribed", FNAME=None), item(PIET, "subscribed"))
    answer = world.batch(*batch)
    assert (answer["total_created"], answer["errors"][0]["field"]) == (1, "merge_fields.FNAME")
    assert answer["errors"][0]["error"].startswith("The resource submitted could not be validated.")
    world.switch("batch_schema_errors", "request")
    with pytest.raises(ApiClientError):
        world.batch(*batch)


def test_merge_error_of_an_item(world: World) -> None:
    """A bad value refuses the whole item and names its field."""
    world.field("LTV", "number")
    answer = world.batch(item(JAN, "subscribed", FNAME="Jan", LTV="veel"))

    assert [(e["error"], e["field"], e["field_message"]) for e in answer["errors"]] == [
        ("Your merge fields were invalid.", "LTV", "Please enter a number")
    ]
    assert world.http("GET", f"/lists/{LIST}/members/{world.hash(JAN)}").status_code == 404


def test_refused_resubscription_can_be_silent(world: World) -> None:
    """One report: an opt-out in a batch stays, without an error, while its fields are written."""
    world.seed(JAN, status="unsubscribed", by="user")
    world.switch("batch_compliance", "silent")
    answer = world.batch(item(JAN, "subscribed", FNAME="Jan"))

    assert [(m["status"], m["merge_fields"]["FNAME"]) for m in answer["updated_members"]] == [("unsubscribed", "Jan")]


def test_status_if_new_of_an_item_is_not_trusted(world: World) -> None:
    """``status_if_new`` in an item is ignored unless the switch honours it."""
    ignored = world.batch({"email_address": JAN, "status_if_new": "unsubscribed"})
    world.switch("batch_status_if_new", "honour")
    honoured = world.batch({"email_address": PIET, "status_if_new": "unsubscribed"})

    assert [a["new_members"][0]["status"] for a in (ignored, honoured)] == ["subscribed", "unsubscribed"]


def test_sync_tags_replaces_tags(world: World) -> None:
    """Tags of an item are added; with ``sync_tags`` the others go."""
    world.seed(JAN, tags=["oud"])
    world.batch({"email_address": JAN, "tags": ["nieuw"]})
    both = [tag["name"] for tag in world.get(JAN)["tags"]]
    world.lists.batch_list_members(
        LIST, {"members": [{"email_address": JAN, "tags": ["nieuw"]}], "update_existing": True, "sync_tags": True}
    )

    assert both == ["oud", "nieuw"]
    assert [tag["name"] for tag in world.get(JAN)["tags"]] == ["nieuw"]


def test_marketing_permissions_are_not_for_batches(world: World) -> None:
    """The schema of an item has no marketing permissions."""
    answer = world.batch({**item(JAN, "subscribed"), "marketing_permissions": []})

    assert answer["errors"][0]["field"] == "marketing_permissions"


def test_500_members_are_quick(world: World) -> None:
    """The stand-in is not what a benchmark measures."""
    members = [item(f"klant{n}@korenaar.example", "subscribed", FNAME="Jan", LNAME=str(n)) for n in range(500)]
    started = time.perf_counter()
    answer = world.batch(*members)

    assert answer["total_created"] == 500
    assert time.perf_counter() - started < 2
