"""The status machine: who can be subscribed again and by what, and when ``last_changed`` moves."""

from __future__ import annotations

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World, problem

JAN = "jan@bakkerij-de-korenaar.example"
EARLY = "2026-03-01T09:00:00+00:00"
LATER = "2026-03-01T09:00:07+00:00"


@pytest.mark.parametrize(
    ("status", "by"),
    [
        pytest.param("unsubscribed", "user", id="unsubscribed himself"),
        pytest.param("cleaned", None, id="bounced"),
        pytest.param("archived", "user", id="archived after his own opt-out"),
    ],
)
def test_compliance_state_cannot_be_subscribed(world: World, status: str, by: str | None) -> None:
    """PUT, PATCH and batch refuse to subscribe who opted out himself or bounced."""
    world.seed(JAN, status=status, **({"by": by} if by else {}))
    for attempt in (world.put, world.patch):
        with pytest.raises(ApiClientError) as refused:
            attempt(JAN, status="subscribed")
        document = problem(refused)
        assert document["title"] == "Member In Compliance State"
        assert document["detail"].startswith(f"{JAN} is in a compliance state due to unsubscribe, bounce")
        assert "type" not in document
    error = world.batch({"email_address": JAN, "status": "subscribed"})["errors"][0]

    assert (error["error_code"], "compliance state" in error["error"]) == ("ERROR_GENERIC", True)
    assert world.get(JAN)["status"] == status
    assert world.writes() == []


def test_post_has_its_own_compliance_wording(world: World) -> None:
    """POST says that the address is a list member already."""
    world.seed(JAN, status="unsubscribed", by="user")
    with pytest.raises(ApiClientError) as refused:
        world.post(JAN)

    assert problem(refused)["detail"].startswith(f"{JAN} is already a list member in compliance state due to")


@pytest.mark.parametrize("by", ["api", "admin"])
def test_unsubscribed_by_others_can_be_subscribed(world: World, by: str) -> None:
    """Who was unsubscribed by the API or an administrator is subscribed by a status in a write: the danger."""
    world.seed(JAN, status="unsubscribed", by=by)

    assert world.batch({"email_address": JAN, "status": "subscribed"})["updated_members"][0]["status"] == "subscribed"
    assert [(w["before"], w["after"]) for w in world.writes()] == [("unsubscribed", "subscribed")]


def test_pending_is_the_way_back_but_not_through_it(world: World) -> None:
    """After an opt-out the API can ask for confirmation, and cannot confirm by itself."""
    world.seed(JAN, status="unsubscribed", by="user")
    assert world.put(JAN, status="pending")["status"] == "pending"
    with pytest.raises(ApiClientError) as refused:
        world.put(JAN, status="subscribed")
    assert problem(refused)["title"] == "Member In Compliance State"
    world.control("person_signs_up", email=JAN)

    assert world.get(JAN)["status"] == "subscribed"


def test_an_opt_out_of_the_person_stays_his(world: World) -> None:
    """Unsubscribing again by API does not turn a person's opt-out into one that the API can undo."""
    world.seed(JAN, status="unsubscribed", by="user")
    world.put(JAN, status="unsubscribed")

    with pytest.raises(ApiClientError):
        world.put(JAN, status="subscribed")


def test_archived_opt_out_can_be_lost_by_switch(world: World) -> None:
    """The worst case: the archive forgets that the person opted out."""
    world.seed(JAN, status="archived", by="user")
    world.switch("archived_opt_out", "lost")

    assert world.put(JAN, status="subscribed")["status"] == "subscribed"


def test_double_opt_in_list_takes_the_status_sent(world: World) -> None:
    """On a list with double opt-in a status sent by the API wins."""
    world.control("list_settings", double_optin=True)

    assert world.post(JAN)["status"] == "subscribed"


def test_other_fields_of_an_unsubscribed_member(world: World) -> None:
    """Fields of an unsubscribed member can be written; the status stays."""
    world.seed(JAN, status="unsubscribed", by="user")
    member = world.patch(JAN, merge_fields={"FNAME": "Jan"})

    assert (member["status"], member["merge_fields"]["FNAME"]) == ("unsubscribed", "Jan")
    assert member["unsubscribe_reason"] != ""


@pytest.mark.parametrize("status", ["archived", "onbekend"])
def test_status_outside_the_enumeration(world: World, status: str) -> None:
    """A status that cannot be written is refused."""
    with pytest.raises(ApiClientError) as refused:
        world.post(JAN, status=status)

    assert problem(refused)["errors"][0]["field"] == "status"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"merge_fields": {"FNAME": "Johan"}}, id="merge field"),
        pytest.param({"status": "unsubscribed"}, id="status"),
        pytest.param({"email_address": "jan2@bakkerij-de-korenaar.example"}, id="address"),
        pytest.param({"timestamp_opt": "2020-01-01T00:00:00Z"}, id="opt-in time"),
    ],
)
def test_a_write_with_effect_moves_last_changed(world: World, body: dict[str, object]) -> None:
    """What changes something is seen in ``last_changed``, in whole seconds."""
    world.at(EARLY)
    world.post(JAN, merge_fields={"FNAME": "Jan"})
    world.at(LATER)

    assert world.patch(JAN, **body)["last_changed"] == LATER


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"email_address": JAN, "merge_fields": {"NERGENS": "x"}}, id="unknown merge tag"),
        pytest.param({"merge_fields": {"FNAME": "Jan"}}, id="same value"),
        pytest.param({"status": "subscribed"}, id="same status"),
    ],
)
def test_a_write_without_effect_moves_nothing(world: World, body: dict[str, object]) -> None:
    """What changes nothing leaves ``last_changed``, unless the switch says that an identical write moves it."""
    world.at(EARLY)
    world.post(JAN, merge_fields={"FNAME": "Jan"})
    world.at(LATER)
    assert world.put(JAN, **body)["last_changed"] == EARLY
    assert len(world.writes()) == 1
    world.switch("identical_write_bumps", value=True)

    assert world.put(JAN, **body)["last_changed"] == LATER


def test_archive_and_tags_move_last_changed(world: World) -> None:
    """Archiving, adding, adding again and removing a tag are changes; an empty array of tags is none."""
    world.at(EARLY)
    world.post(JAN)
    moves = []
    for second, tags in enumerate((
        [{"name": "a", "status": "active"}],
        [{"name": "a", "status": "active"}],
        [],
        [{"name": "a", "status": "inactive"}],
    )):
        world.at(f"2026-03-01T10:00:0{second}+00:00")
        world.lists.update_list_member_tags(LIST, world.hash(JAN), {"tags": tags})
        moves.append(world.get(JAN)["last_changed"][17:19])
    world.at("2026-03-01T10:00:09+00:00")
    world.lists.delete_list_member(LIST, world.hash(JAN))

    assert moves == ["00", "01", "01", "03"]
    assert world.get(JAN)["last_changed"] == "2026-03-01T10:00:09+00:00"
