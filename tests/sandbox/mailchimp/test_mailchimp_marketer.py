"""What marketers do in Mailchimp's own screens, and what happens between two calls of a reader."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.mailchimp.conftest import LIST, World

JAN = "jan@bakkerij-de-korenaar.example"
PIET = "piet@bakkerij-de-korenaar.example"
KEES = "kees@bakkerij-de-korenaar.example"


def _tags(world: World, address: str) -> list[str]:
    return [tag["name"] for tag in world.get(address)["tags"]]


def _done(world: World) -> list[tuple[object, ...]]:
    return [(w["kind"], w["by"], w["before"], w["after"], w["changed"]) for w in world.writes()]


def test_tags(world: World) -> None:
    """A marketer gives and takes tags; one that is there already, or is not, is no change."""
    world.seed(JAN, tags=["klant"])

    world.control("marketer_tags", email=JAN, add=["vriend", "Klant"], remove=["onbekend"])
    assert ["klant", "vriend"] == _tags(world, JAN)
    world.control("marketer_tags", email=JAN, remove=["KLANT"])
    world.control("marketer_tags", email=JAN, remove=["KLANT"])

    assert ["vriend"] == _tags(world, JAN)
    assert [("tags", "admin", "subscribed", "subscribed", ["tags"])] * 2 == _done(world)


def test_interests(world: World) -> None:
    """Members show interests once there are groups: every group, true or false; the API's writes leave them alone."""
    world.seed(JAN)
    assert "interests" not in world.get(JAN)

    world.control("marketer_sets_interests", email=JAN, interests={"Taart": True, "Brood": False})
    world.seed(PIET, interests={"Brood": True})
    world.patch(JAN, merge_fields={"FNAME": "Jan"})

    assert [True, False] == list(world.get(JAN)["interests"].values())
    assert [False, True] == list(world.get(PIET)["interests"].values())
    assert world.get(JAN)["interests"] == world.control("dump")["members"][0]["interests"]


def test_one_value_for_many(world: World) -> None:
    """A bulk edit empties or overwrites a field, of some or of all, and moves ``last_changed``."""
    world.at("2026-01-01T10:00:00+00:00")
    for address in (JAN, PIET, KEES):
        world.seed(address, merge_fields={"FNAME": "Jan"})
    world.at("2026-01-02T10:00:00+00:00")

    world.control("marketer_overwrites", tag="FNAME", value="X", emails=[JAN, PIET])
    assert ["X", "X", "Jan"] == [world.get(each)["merge_fields"]["FNAME"] for each in (JAN, PIET, KEES)]
    world.control("marketer_overwrites", tag="FNAME", value="")

    assert ["", "", ""] == [world.get(each)["merge_fields"]["FNAME"] for each in (JAN, PIET, KEES)]
    assert "2026-01-02T10:00:00+00:00" == world.get(KEES)["last_changed"]
    assert [("edit", "admin", "subscribed", "subscribed", ["merge_fields.FNAME"])] * 5 == _done(world)


def test_an_import_of_a_copy(world: World) -> None:
    """A copy has fields and tags of the first under an identity of its own; who is there keeps his status."""
    world.seed(JAN, merge_fields={"FNAME": "Jan"}, tags=["klant"])
    world.seed(KEES, status="unsubscribed", merge_fields={"LNAME": "Bakker"})

    world.control("marketer_copies", email=JAN, new_email=PIET)
    world.control("marketer_copies", email=JAN, new_email=KEES)

    twin, there = world.get(PIET), world.get(KEES)
    assert ("Jan", ["klant"], "subscribed") == (twin["merge_fields"]["FNAME"], _tags(world, PIET), twin["status"])
    assert ("Jan", "", "unsubscribed") == (*(there["merge_fields"][t] for t in ("FNAME", "LNAME")), there["status"])
    assert 3 == len({world.get(each)["contact_id"] for each in (JAN, PIET, KEES)})
    assert [("absent", "subscribed"), ("unsubscribed", "unsubscribed")] == [w[2:4] for w in _done(world)]
    world.patch(PIET, merge_fields={"FNAME": "Piet"})
    assert "Jan" == world.get(JAN)["merge_fields"]["FNAME"]


def test_a_person_may_take_a_deleted_address(world: World) -> None:
    """What is refused to the API is open to the person: the address is no longer a forgotten one."""
    world.seed(JAN)
    world.seed(PIET)
    world.control("forget", email=PIET)

    world.control("person_changes_address", email=JAN, new_email=PIET)

    assert [] == world.control("dump")["forgotten"]


def test_writes_tell_the_values_before(world: World) -> None:
    """Each write tells the fields as they were: seeded, written by the API, edited by people, moved, archived."""
    world.field("AFASID", "text")
    world.seed(JAN, merge_fields={"AFASID": "c:d:1"})
    world.patch(JAN, merge_fields={"AFASID": "c:d:2", "FNAME": "Jan"})
    world.patch(JAN, email_address=PIET)
    world.control("person_edits", email=PIET, merge_fields={"FNAME": ""})
    world.lists.delete_list_member(LIST, world.hash(PIET))
    world.post(KEES, merge_fields={"AFASID": "c:d:3"})
    world.control("forget", email=KEES)

    assert [
        {"AFASID": "c:d:1"},
        {"AFASID": "c:d:2", "FNAME": "Jan"},
        {"AFASID": "c:d:2", "FNAME": "Jan"},
        {"AFASID": "c:d:2"},
        {},
        {"AFASID": "c:d:3"},
    ] == [write["before_values"] for write in world.writes()]


# ---- between calls


def _page(world: World, **more: Any) -> list[str]:
    return [each["email_address"] for each in world.lists.get_list_members_info(LIST, **more)["members"]]


def test_between_two_pages(world: World) -> None:
    """What waits happens behind the second page, not before it, and once."""
    world.seed(JAN)
    world.control(
        "after_requests",
        count=2,
        actions=[
            {"verb": "seed_members", "arguments": {"members": [{"email_address": PIET}]}},
            {"verb": "unsubscribe", "arguments": {"email": JAN}},
        ],
    )
    world.get(JAN)

    pages = [_page(world, status="subscribed") for _ in range(4)]

    assert [[JAN], [JAN], [PIET], [PIET]] == pages
    assert 1 == len(world.writes())


def test_between_two_calls_of_another_kind(world: World) -> None:
    """A part of method and path says which calls count; refused ones do not."""
    world.seed(JAN)
    order = {"verb": "archive", "arguments": {"email": JAN}}
    world.control("after_requests", match="patch /lists", actions=[order])
    assert 404 == world.http("PATCH", f"/lists/{LIST}/members/{'0' * 32}", json={}).status_code
    _page(world)
    assert "subscribed" == world.get(JAN)["status"]

    answer = world.patch(JAN, merge_fields={"FNAME": "Jan"})

    assert ("subscribed", "archived") == (answer["status"], world.get(JAN)["status"])


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        pytest.param("after_requests", {"actions": [{"verb": "dansen"}]}, id="unknown verb that waits"),
        pytest.param("after_requests", {"actions": [{"verb": "clean", "email": JAN}]}, id="slip in what waits"),
        pytest.param("after_requests", {"count": "2", "actions": []}, id="no number"),
        pytest.param("marketer_tags", {"email": JAN, "tags": ["x"]}, id="unknown name"),
        pytest.param("marketer_tags", {"email": JAN, "add": "x"}, id="no list"),
        pytest.param("marketer_overwrites", {"tag": "ONBEKEND", "value": "x"}, id="unknown field"),
        pytest.param("marketer_overwrites", {"tag": "FNAME", "value": "x", "emails": [PIET]}, id="nobody"),
        pytest.param("marketer_sets_interests", {"email": JAN, "interests": {"Brood": "ja"}}, id="no yes or no"),
        pytest.param("marketer_copies", {"email": JAN, "new_email": JAN, "status": "cleaned"}, id="status of a copy"),
    ],
)
def test_mistakes_are_told(world: World, verb: str, arguments: dict[str, object]) -> None:
    """A slip of a test is a 400 with a reason."""
    world.seed(JAN)

    answer = requests.post(f"{world.server.root_url}/_control/{verb}", json=arguments, timeout=10)

    assert 400 == answer.status_code
    assert answer.json()["error"]
