"""What write-back reads: figures, language, reasons, and the activity feed with its opt-outs."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World, problem

JAN = "jan@bakkerij-de-korenaar.example"
NEW = "jan.nieuw@bakkerij-de-korenaar.example"
FIRST, THEN = "2026-02-01T10:00:00+00:00", "2026-03-01T10:00:00+00:00"


def feed(world: World, address: str = JAN, **query: Any) -> list[dict[str, Any]]:
    """Read the opt-outs of a member."""
    query.setdefault("activity_filters", ["unsub"])
    answer = world.lists.get_list_member_activity_feed(LIST, world.hash(address), **query)
    rows: list[dict[str, Any]] = answer["activity"]
    return rows


@pytest.mark.parametrize(
    ("bumps", "moved_to"), [pytest.param(False, FIRST, id="stays"), pytest.param(True, THEN, id="moves")]
)
def test_figures_are_state(world: World, bumps: bool, moved_to: str) -> None:
    """Rating, rates and a detected language are shown; whether they move last_changed is a switch."""
    world.seed(JAN, last_changed=FIRST)
    world.switch("figures_bump", bumps)
    world.at(THEN)
    world.control(
        "mailchimp_figures", email=JAN, member_rating=4, avg_open_rate=0.25, avg_click_rate=0.1, language="nl"
    )
    member = world.get(JAN)

    assert (member["member_rating"], member["language"], member["last_changed"]) == (4, "nl", moved_to)
    assert member["stats"] == {"avg_open_rate": 0.25, "avg_click_rate": 0.1}
    assert world.writes() == []


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param({"member_rating": 6}, id="six stars"),
        pytest.param({"avg_open_rate": 25}, id="a percentage"),
        pytest.param({"avg_clickrate": 0.1}, id="an unknown name"),
    ],
)
def test_impossible_figures(world: World, figures: dict[str, object]) -> None:
    """A slip in a test is an error, not silence."""
    world.seed(JAN)

    with pytest.raises(requests.HTTPError, match="400"):
        world.control("mailchimp_figures", email=JAN, **figures)


def test_a_person_chooses_a_language(world: World) -> None:
    """It is an edit like that of a field: recorded, and last_changed moves."""
    world.seed(JAN, last_changed=FIRST)
    world.at(THEN)
    world.control("person_edits", email=JAN, language="fr")

    assert (world.get(JAN)["language"], world.get(JAN)["last_changed"]) == ("fr", THEN)
    assert [write["changed"] for write in world.writes()] == [["language"]]


def test_a_reason_is_shown_until_the_return(world: World) -> None:
    """The reason belongs to one opt-out: the next one has its own."""
    world.seed(JAN)
    world.control("unsubscribe", email=JAN, reason="Te veel mail")
    said = world.get(JAN)["unsubscribe_reason"]
    world.control("person_signs_up", email=JAN)
    back = world.get(JAN)
    world.control("unsubscribe", email=JAN, by="admin")

    assert said == "Te veel mail"
    assert "unsubscribe_reason" not in back
    assert world.get(JAN)["unsubscribe_reason"] == "N/A (Unsubscribed by an admin)"


def test_the_feed_shows_each_opt_out(world: World) -> None:
    """Newest first, with who did it and why; it stays with the contact when the address changes."""
    world.seed(JAN)
    world.at(FIRST)
    world.control("unsubscribe", email=JAN, reason="Te veel mail")
    world.control("person_signs_up", email=JAN)
    world.at(THEN)
    world.control("unsubscribe", email=JAN, by="admin")
    world.control("person_changes_address", email=JAN, new_email=NEW)

    assert feed(world, NEW) == [
        {
            "activity_type": "unsub",
            "created_at_timestamp": THEN,
            "campaign_id": "",
            "campaign_title": "",
            "is_admin_unsubscribed": True,
            "unsubscribe_reason": "N/A (Unsubscribed by an admin)",
        },
        {
            "activity_type": "unsub",
            "created_at_timestamp": FIRST,
            "campaign_id": "",
            "campaign_title": "",
            "is_admin_unsubscribed": False,
            "unsubscribe_reason": "Te veel mail",
        },
    ]


@pytest.mark.parametrize(
    ("shown", "expected"), [pytest.param(True, [FIRST], id="shown"), pytest.param(False, [], id="not shown")]
)
def test_an_opt_out_by_the_api(world: World, shown: bool, expected: list[str]) -> None:
    """Whether the vendor shows it is not known; writing the same status again is no second one."""
    world.switch("api_opt_out_in_feed", shown)
    world.seed(JAN)
    world.at(FIRST)
    world.patch(JAN, status="unsubscribed")
    world.at(THEN)
    world.batch({"email_address": JAN, "status": "unsubscribed"})

    assert [each["created_at_timestamp"] for each in feed(world)] == expected


def test_who_never_unsubscribed(world: World) -> None:
    """Somebody created or imported as unsubscribed has no moment, unless it is seeded."""
    world.post(JAN, status="unsubscribed")
    world.seed(NEW, status="unsubscribed", unsubscribed_at=FIRST)

    assert feed(world) == []
    assert [each["created_at_timestamp"] for each in feed(world, NEW)] == [FIRST]


def test_the_feed_in_pages_and_parts(world: World) -> None:
    """Ten unless asked for more; ``fields`` cuts the answer; the order may be made untrustworthy."""
    world.seed(JAN)
    for day in range(1, 13):
        world.at(f"2026-01-{day:02}T10:00:00+00:00")
        world.control("unsubscribe", email=JAN)
    parts = feed(world, count=12, offset=1, fields=["activity.created_at_timestamp"])
    world.switch("unsorted_order", "shuffled")
    shuffled = feed(world, count=12)

    assert len(feed(world)) == 10
    assert parts[0] == {"created_at_timestamp": "2026-01-11T10:00:00+00:00"}
    assert [each["created_at_timestamp"][8:10] for each in shuffled] != [f"{day:02}" for day in range(12, 0, -1)]


@pytest.mark.parametrize(
    ("filters", "status"),
    [
        pytest.param(["unsub", "open"], 501, id="more than was taught"),
        pytest.param(["nonsense"], 400, id="unknown to the vendor"),
        pytest.param([], 501, id="none"),
    ],
)
def test_filters_of_the_feed(world: World, filters: list[str], status: int) -> None:
    """What the stand-in was not taught it refuses louder than the vendor."""
    world.seed(JAN)

    with pytest.raises(ApiClientError) as refused:
        feed(world, activity_filters=filters)

    assert problem(refused)["status"] == status


def test_the_feed_goes_by_hash(world: World) -> None:
    """An address or an unknown hash finds nobody."""
    world.seed(JAN)

    for name in (JAN, "0" * 32):
        path = f"/lists/{LIST}/members/{name}/activity-feed"
        assert world.http("GET", path, params={"activity_filters": "unsub"}).status_code == 404


def test_news_of_every_status_at_once(world: World) -> None:
    """Without a status the filter on time is as exclusive, and archived members stay out unless switched in."""
    for number, status in enumerate(("subscribed", "unsubscribed", "cleaned", "archived")):
        world.seed(f"k{number}@korenaar.example", status=status, last_changed=f"2026-03-01T10:00:0{number}+00:00")

    def seen() -> list[str]:
        found = world.lists.get_list_members_info(
            LIST, since_last_changed="2026-03-01T10:00:00+00:00", sort_field="last_changed", sort_dir="ASC"
        )
        return [member["status"] for member in found["members"]]

    assert seen() == ["unsubscribed", "cleaned"]
    world.switch("archived_in_list", value=True)
    assert seen() == ["unsubscribed", "cleaned", "archived"]
