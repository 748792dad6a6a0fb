"""Tags: static segments, tags of one member, search."""

from __future__ import annotations

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World, problem

JAN = "jan@bakkerij-de-korenaar.example"
PIET = "piet@slagerij-piet.example"


def names(world: World, address: str) -> list[str]:
    """Tags of a member."""
    return [tag["name"] for tag in world.lists.get_list_member_tags(LIST, world.hash(address))["tags"]]


def test_bulk_through_a_static_segment(world: World) -> None:
    """Members are added and removed in bulk; unknown addresses are ignored without a word."""
    world.seed(JAN)
    world.seed(PIET)
    made = world.lists.create_segment(LIST, {"name": "debiteur", "static_segment": [JAN, "niemand@korenaar.example"]})
    answer = world.lists.batch_segment_members(
        {"members_to_add": [PIET.upper(), "wie@korenaar.example"], "members_to_remove": [JAN]}, LIST, made["id"]
    )

    assert (made["type"], made["member_count"]) == ("static", 1)
    assert (answer["total_added"], answer["total_removed"], answer["error_count"]) == (1, 1, 0)
    assert (names(world, JAN), names(world, PIET)) == ([], ["debiteur"])


def test_501_addresses_are_too_many(world: World) -> None:
    """500 each is the most."""
    made = world.lists.create_segment(LIST, {"name": "debiteur", "static_segment": []})
    with pytest.raises(ApiClientError) as refused:
        world.lists.batch_segment_members(
            {"members_to_add": [f"a{n}@korenaar.example" for n in range(501)]}, LIST, made["id"]
        )

    assert problem(refused)["errors"][0]["field"] == "members_to_add"


def test_segments_are_listed_and_found_by_type(world: World) -> None:
    """Tags are the static segments; a name exists once, whatever its case."""
    for name in ("debiteur", "contact"):
        world.lists.create_segment(LIST, {"name": name, "static_segment": []})
    with pytest.raises(ApiClientError) as refused:
        world.lists.create_segment(LIST, {"name": "Debiteur", "static_segment": []})

    assert world.lists.list_segments(LIST, type="static")["total_items"] == 2
    assert world.lists.list_segments(LIST, type="saved")["total_items"] == 0
    assert problem(refused)["detail"] == "Sorry, that tag already exists."


def test_rename_replace_and_delete(world: World) -> None:
    """PATCH renames and replaces; DELETE takes the tag from its members."""
    world.seed(JAN, tags=["oud"])
    world.seed(PIET)
    segment = world.lists.list_segments(LIST)["segments"][0]["id"]
    world.lists.update_segment(LIST, segment, {"name": "nieuw", "static_segment": [PIET]})
    assert (names(world, JAN), names(world, PIET)) == ([], ["nieuw"])
    members = world.lists.get_segment_members_list(LIST, segment, fields=["members.id", "total_items"])
    assert members == {"members": [{"id": world.hash(PIET)}], "total_items": 1}
    world.lists.delete_segment(LIST, segment)

    assert names(world, PIET) == []


def test_tags_of_one_member(world: World) -> None:
    """Unknown tags are made, names are compared without case, the answer is empty."""
    world.seed(JAN, tags=["Debiteur"])
    answer = world.lists.update_list_member_tags(
        LIST,
        world.hash(JAN),
        {"tags": [{"name": "debiteur", "status": "inactive"}, {"name": "vip", "status": "active"}], "is_syncing": True},
    )

    assert (answer.status_code, names(world, JAN)) == (204, ["vip"])


@pytest.mark.parametrize("tags", [pytest.param(["vip"], id="names"), pytest.param("vip", id="text")])
def test_wrong_shape_does_nothing_in_silence(world: World, tags: object) -> None:
    """The wrong shape gets the same 204, and nothing happens."""
    world.seed(JAN)
    answer = world.lists.update_list_member_tags(LIST, world.hash(JAN), {"tags": tags})

    assert (answer.status_code, names(world, JAN)) == (204, [])


def test_tags_of_nobody(world: World) -> None:
    """An unknown member is a 404."""
    with pytest.raises(ApiClientError) as refused:
        world.lists.update_list_member_tags(LIST, "0" * 32, {"tags": []})

    assert refused.value.status_code == 404


def test_a_member_shows_fifty_tags(world: World) -> None:
    """The rest is found at the member's own tags."""
    world.seed(JAN, tags=[f"tag {n}" for n in range(60)])
    member = world.get(JAN)

    assert (len(member["tags"]), member["tags_count"]) == (50, 60)
    assert len(world.lists.get_list_member_tags(LIST, world.hash(JAN), count=100)["tags"]) == 60


def test_search_by_the_beginning(world: World) -> None:
    """Tags are found by how they begin."""
    for name in ("debiteur", "debiteur oud", "contact"):
        world.lists.create_segment(LIST, {"name": name, "static_segment": []})

    assert [tag["name"] for tag in world.lists.tag_search(LIST, name="Deb")["tags"]] == [
        "debiteur",
        "debiteur oud",
    ]
