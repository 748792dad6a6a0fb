"""GET of the members: filters, pages, projections, and an order that cannot be trusted."""

from __future__ import annotations

from collections import Counter

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World


def fill(world: World, count: int, **more: object) -> list[str]:
    """Seed members with increasing moments; the answer is their hashes."""
    rows = [
        {
            "email_address": f"klant{n}@korenaar.example",
            "last_changed": f"2026-03-01T10:00:{n:02}+00:00",
            "timestamp_opt": f"2026-01-01T10:00:{n:02}+00:00",
            **more,
        }
        for n in range(count)
    ]
    ids: list[str] = world.control("seed_members", members=rows)["ids"]
    return ids


def ids_of(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    """Hashes of a page."""
    return [member["id"] for member in answer["members"]]


def test_ten_a_page_and_a_thousand_at_most(world: World) -> None:
    """The default is ten; more than a thousand is cut by the server; past the end is empty."""
    world.control("seed_members", count=1200)
    default = world.lists.get_list_members_info(LIST)
    most = world.http(
        "GET", f"/lists/{LIST}/members", params={"count": "3000", "fields": "members.id,total_items"}
    ).json()
    past = world.lists.get_list_members_info(LIST, offset=5000)

    assert (len(default["members"]), default["total_items"]) == (10, 1200)
    assert (len(most["members"]), most["total_items"]) == (1000, 1200)
    assert (past["members"], past["total_items"]) == ([], 1200)


def test_status_filter_counts_what_it_finds(world: World) -> None:
    """``total_items`` is the size of the filtered set."""
    fill(world, 3)
    world.seed("weg@korenaar.example", status="unsubscribed")
    answer = world.lists.get_list_members_info(LIST, status="unsubscribed")

    assert (ids_of(answer), answer["total_items"]) == ([world.hash("weg@korenaar.example")], 1)


@pytest.mark.parametrize("since", ["2026-03-01T10:00:02+00:00", "2026-03-01T10:00:02Z", "2026-03-01T11:00:02+01:00"])
def test_since_last_changed_is_exclusive(world: World, since: str) -> None:
    """The second itself is not in the answer."""
    ids = fill(world, 5)

    assert sorted(ids_of(world.lists.get_list_members_info(LIST, since_last_changed=since))) == sorted(ids[3:])


def test_milliseconds_are_honoured(world: World) -> None:
    """A fraction below the second finds that second."""
    ids = fill(world, 5)
    found = ids_of(world.lists.get_list_members_info(LIST, since_last_changed="2026-03-01T10:00:01.999Z"))

    assert sorted(found) == sorted(ids[2:])


@pytest.mark.parametrize(
    "since",
    [
        pytest.param("2026-03-01T10:00:02.6364226+00:00", id="seven digits"),
        pytest.param("2026-03-01T10:00:02 00:00", id="plus that was not encoded"),
        pytest.param("vandaag", id="nonsense"),
    ],
)
def test_an_unreadable_moment_filters_nothing(world: World, since: str) -> None:
    """A moment that cannot be read is ignored: everybody is returned."""
    fill(world, 5)

    assert world.lists.get_list_members_info(LIST, since_last_changed=since)["total_items"] == 5


def test_closed_window(world: World) -> None:
    """Since and before together cut a window, of both times."""
    ids = fill(world, 6)
    changed = world.lists.get_list_members_info(
        LIST, since_last_changed="2026-03-01T10:00:01Z", before_last_changed="2026-03-01T10:00:04Z"
    )
    opted = world.lists.get_list_members_info(
        LIST, since_timestamp_opt="2026-01-01T10:00:01Z", before_timestamp_opt="2026-01-01T10:00:03Z"
    )

    assert (sorted(ids_of(changed)), ids_of(opted)) == (sorted(ids[2:4]), ids[2:3])


def test_order(world: World) -> None:
    """Members can be ordered by a time, both ways."""
    ids = fill(world, 8)
    rising = world.lists.get_list_members_info(LIST, sort_field="last_changed", sort_dir="ASC")
    falling = world.lists.get_list_members_info(LIST, sort_field="timestamp_opt", sort_dir="DESC")

    assert (ids_of(rising), ids_of(falling)) == (ids, ids[::-1])


def test_ties_are_shuffled_for_each_request(world: World) -> None:
    """Members with one time stand in another order each time, so pages overlap and miss."""
    moment = "2026-03-01T10:00:00+00:00"
    fill(world, 40, last_changed=moment)
    orders = {
        tuple(ids_of(world.lists.get_list_members_info(LIST, sort_field="last_changed", count=100))) for _ in range(4)
    }
    world.switch("tie_order", "stable")
    stable = {
        tuple(ids_of(world.lists.get_list_members_info(LIST, sort_field="last_changed", count=100))) for _ in range(4)
    }

    assert (len(orders), len(stable)) == (4, 1)


def test_ties_never_leave_their_place_in_the_order(world: World) -> None:
    """Only members with an equal time change places; a page holds nobody twice."""
    rows = [
        {"email_address": f"k{n}@korenaar.example", "last_changed": f"2026-03-01T10:00:{n // 10:02}+00:00"}
        for n in range(50)
    ]
    world.control("seed_members", members=rows)
    page = world.lists.get_list_members_info(LIST, sort_field="last_changed", offset=5, count=30)["members"]

    assert [m["last_changed"][17:19] for m in page] == ["00"] * 5 + ["01"] * 10 + ["02"] * 10 + ["03"] * 5
    assert max(Counter(m["id"] for m in page).values()) == 1


def test_a_change_while_paging_skips_somebody(world: World) -> None:
    """With the order by ``last_changed`` a member that changes moves to the end and shifts the rest."""
    ids = fill(world, 20)
    first = ids_of(world.lists.get_list_members_info(LIST, sort_field="last_changed", count=10))
    world.control("person_edits", email="klant0@korenaar.example", merge_fields={"FNAME": "Jan"})
    second = ids_of(world.lists.get_list_members_info(LIST, sort_field="last_changed", count=10, offset=10))

    assert first == ids[:10]
    assert ids[10] not in first + second


def test_projection_by_full_names(world: World) -> None:
    """Only full paths count: a bare name does nothing below ``members``."""
    world.seed("jan@korenaar.example", merge_fields={"FNAME": "Jan", "LNAME": "Smit"})
    some = world.lists.get_list_members_info(LIST, fields=["members.id", "members.merge_fields.LNAME", "total_items"])
    bare = world.lists.get_list_members_info(LIST, exclude_fields=["email_address", "_links"])
    full = world.lists.get_list_members_info(
        LIST, exclude_fields=["members.email_address", "members.merge_fields.FNAME"]
    )

    assert some == {
        "members": [{"id": world.hash("jan@korenaar.example"), "merge_fields": {"LNAME": "Smit"}}],
        "total_items": 1,
    }
    assert "email_address" in bare["members"][0]
    assert "_links" not in bare
    assert "email_address" not in full["members"][0]
    assert full["members"][0]["merge_fields"]["LNAME"] == "Smit"
    assert "FNAME" not in full["members"][0]["merge_fields"]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"count": "tien"}, id="count"),
        pytest.param({"offset": "-1"}, id="offset"),
        pytest.param({"status": "actief"}, id="status"),
        pytest.param({"sort_field": "email_address"}, id="order"),
        pytest.param({"sort_dir": "up"}, id="direction"),
    ],
)
def test_parameters_that_are_refused(world: World, query: dict[str, str]) -> None:
    """A parameter outside its type or enumeration is refused and named."""
    answer = world.http("GET", f"/lists/{LIST}/members", params=query)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in query


def test_interest_filters_were_not_taught(world: World) -> None:
    """A filter of the vendor that the stand-in lacks is refused louder than an unknown one."""
    with pytest.raises(ApiClientError) as refused:
        world.lists.get_list_members_info(LIST, interest_ids="a")

    assert refused.value.status_code == 501


def test_members_that_came_over_the_years(world: World) -> None:
    """After ageing no two members share a moment, and all of them changed before yesterday."""
    world.control("seed_members", count=30)
    world.control("seed_members", members=[{"email_address": "laatste@thuis.example"}])

    world.control("age_members", seconds_apart=60)
    found = world.lists.get_list_members_info(LIST, count=100, sort_field="last_changed", sort_dir="ASC")["members"]

    moments = [member["last_changed"] for member in found]
    assert 31 == len(set(moments))
    assert "laatste@thuis.example" == found[-1]["email_address"]
    assert moments == sorted(moments)


def test_a_change_is_in_the_next_page(world: World) -> None:
    """Pages come from a list that is kept sorted until something changes, whoever changes it."""
    world.control("seed_members", count=5)
    world.control("age_members")

    def order() -> list[str]:
        found = world.lists.get_list_members_info(LIST, sort_field="last_changed", sort_dir="ASC")["members"]
        return [member["email_address"] for member in found]

    before = order()
    world.lists.update_list_member(LIST, world.hash(before[2]), {"merge_fields": {"FNAME": "Anders"}})
    after = order()
    world.control("person_edits", email=before[0], merge_fields={"FNAME": "Anders"})
    world.control("archive", email=before[1])

    assert [before[0], before[1], before[3], before[4], before[2]] == after
    assert {before[0], before[2], before[3], before[4]} == set(order())
