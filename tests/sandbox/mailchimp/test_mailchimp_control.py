"""The hands behind the stand-in: people, marketers, the clock, the record of writes, many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.mailchimp import MailchimpService
from sandbox.mailchimp.switches import CHOICES
from tests.sandbox.mailchimp.conftest import LIST, World

JAN = "jan@bakkerij-de-korenaar.example"
NEW = "jan.nieuw@bakkerij-de-korenaar.example"


def test_sign_up_moves_the_opt_in_time(world: World) -> None:
    """A form sign-up is seen in ``timestamp_opt`` and ``timestamp_signup``, and undoes an opt-out."""
    world.at("2026-01-01T10:00:00+00:00")
    world.seed(JAN, status="unsubscribed", by="user")
    world.at("2026-02-01T10:00:00+00:00")
    world.control("person_signs_up", email=JAN)
    member = world.get(JAN)

    assert member["status"] == "subscribed"
    assert (member["timestamp_opt"], member["timestamp_signup"]) == ("2026-02-01T10:00:00+00:00",) * 2


def test_what_people_and_marketers_do(world: World) -> None:
    """Every verb does what it is called, and is recorded with who did it."""
    world.seed(JAN)
    world.control("person_edits", email=JAN, merge_fields={"FNAME": "Johan"})
    world.control("person_changes_address", email=JAN, new_email=NEW)
    world.control("unsubscribe", email=NEW, by="admin")
    world.control("clean", email=NEW)
    world.control("archive", email=NEW)
    assert world.get(NEW)["merge_fields"]["FNAME"] == "Johan"
    world.control("forget", email=NEW)

    assert [(w["kind"], w["by"], w["before"], w["after"]) for w in world.writes()] == [
        ("edit", "user", "subscribed", "subscribed"),
        ("change_address", "user", "subscribed", "subscribed"),
        ("unsubscribe", "admin", "subscribed", "unsubscribed"),
        ("clean", "admin", "unsubscribed", "cleaned"),
        ("archive", "admin", "cleaned", "archived"),
        ("forget", "admin", "archived", "absent"),
    ]
    assert world.control("dump")["forgotten"] == [NEW]


def test_marketer_deletes_a_field(world: World) -> None:
    """The field and its values are gone."""
    world.control("marketer_deletes_merge_field", tag="FNAME")

    assert "FNAME" not in [field["tag"] for field in world.control("dump")["merge_fields"]]


def test_writes_name_what_changed(world: World) -> None:
    """A write that had an effect is recorded with its kind, both statuses and the names of what changed."""
    world.batch({"email_address": JAN, "status": "subscribed", "merge_fields": {"FNAME": "Jan"}})
    world.batch({"email_address": JAN, "merge_fields": {"FNAME": "Jan"}})
    world.patch(JAN, status="unsubscribed")

    assert [(w["kind"], w["by"], w["before"], w["after"], w["changed"]) for w in world.writes()] == [
        ("batch", "api", "absent", "subscribed", ["status", "merge_fields.FNAME"]),
        ("patch", "api", "subscribed", "unsubscribed", ["status"]),
    ]
    assert world.control("writes", since=1)["total"] == 2
    assert len(world.control("writes", since=1)["writes"]) == 1


def test_dump_shows_members_whole(world: World) -> None:
    """The dump has every member, also archived ones, with what the API does not tell."""
    world.seed(JAN, status="archived", by="user", tags=["debiteur"])
    dump = world.control("dump")

    assert [(m["email_address"], m["compliance"], m["unsubscribed_by"]) for m in dump["members"]] == [
        (JAN, True, "user")
    ]
    assert dump["segments"] == [{"id": 1, "name": "debiteur", "members": [JAN]}]


def test_clock_stands_still_until_it_may_run(world: World) -> None:
    """Two writes can share a second."""
    world.at("2026-01-01T10:00:00.700+00:00")
    world.post(JAN)
    world.post(NEW)

    assert {world.get(JAN)["last_changed"], world.get(NEW)["last_changed"]} == {"2026-01-01T10:00:00+00:00"}
    assert world.control("clock", at=None)["now"] > "2026-01-01T10:00:00+00:00"


def test_reset_forgets_everything(world: World) -> None:
    """After a reset there is an empty audience with its own fields and default switches."""
    world.seed(JAN)
    world.field("AFASID", "text")
    world.switch("long_text", "error")
    world.control("forget", email=JAN)
    world.control("reset")
    dump = world.control("dump")

    assert (dump["members"], dump["forgotten"], dump["segments"], world.writes()) == ([], [], [], [])
    assert [field["tag"] for field in dump["merge_fields"]] == ["FNAME", "LNAME", "ADDRESS", "PHONE", "BIRTHDAY"]
    assert world.control("switch") == {name: allowed[0] for name, allowed in CHOICES.items()}


@pytest.mark.parametrize(
    ("verb", "arguments", "status"),
    [
        pytest.param("dansen", {}, 404, id="unknown verb"),
        pytest.param("switch", {"name": "licht", "value": True}, 400, id="unknown switch"),
        pytest.param("switch", {"name": "long_text", "value": "weg"}, 400, id="unknown position"),
        pytest.param("switch", {"name": "archived_in_list", "value": 1}, 400, id="number for a yes"),
        pytest.param("unsubscribe", {"email": JAN}, 400, id="nobody"),
        pytest.param("clock", {"at": "straks"}, 400, id="no moment"),
        pytest.param("list_settings", {"kleur": "rood"}, 400, id="unknown setting"),
        pytest.param("seed_members", {"members": [{"email": JAN}]}, 400, id="unknown key"),
    ],
)
def test_mistakes_in_control_are_told(world: World, verb: str, arguments: dict[str, object], status: int) -> None:
    """A mistake of a test is an error, never silence."""
    answer = requests.post(f"{world.server.root_url}/_control/{verb}", json=arguments, timeout=10)

    assert answer.status_code == status
    assert answer.json()["error"]


def test_the_same_seed_gives_the_same_identities() -> None:
    """Two stand-ins with one seed are equal, with another seed they are not."""
    dumps = []
    for seed in (1, 1, 2):
        service = MailchimpService(seed=seed)
        service.control("clock", {"at": "2026-01-01T00:00:00Z"})
        service.control("seed_members", {"count": 3})
        dumps.append(service.control("dump", {}))

    assert dumps[0] == dumps[1]
    assert dumps[0] != dumps[2]


def test_strangers_differ(world: World) -> None:
    """Generated members have addresses of their own, also in a second helping."""
    world.control("seed_members", count=150)
    world.control("seed_members", count=150, status="unsubscribed")

    assert world.lists.get_list_members_info(LIST)["total_items"] == 300
    assert world.lists.get_list_members_info(LIST, status="unsubscribed")["total_items"] == 150


def test_many_threads(world: World) -> None:
    """Batches from many threads neither lose nor double a member."""

    def load(part: int) -> int:
        members = [{"email_address": f"k{part}-{n}@korenaar.example", "status": "subscribed"} for n in range(100)]
        created: int = world.batch(*members)["total_created"]
        return created

    with ThreadPoolExecutor(8) as pool:
        created = sum(pool.map(load, [n % 10 for n in range(20)]))

    assert created == 1000
    assert world.lists.get_list_members_info(LIST, status="subscribed")["total_items"] == 1000
