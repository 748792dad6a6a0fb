"""Defects that going through the promises one by one brought to light, each as small as it gets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from afas_mailchimp.errors import SyncError
from tests.integration.importing.local import LocalWorld, in_sync, local_world
from tests.integration.importing.world import EXTRA, many


@pytest.fixture
def world() -> Iterator[LocalWorld]:
    """A world in this process."""
    with local_world() as made:
        yield made


def test_preflight_lets_another_list_begin_without_key_field(world: LocalWorld) -> None:
    """The file names a list that never had our key field: nobody removed it there, so it is made."""
    many(world, 5)
    world.another_audience("b2b2b2b2b2")

    report = world.run()

    assert ("full", 5, 0) == (report["mode"], report["created"], report["archived"])
    assert in_sync(world)


def test_full_reload_of_an_audience_that_may_not_be_adopted(world: LocalWorld) -> None:
    """``adopt: false`` and more than 25 members of before us: they never had our key, so they have not lost it."""
    world.settings["audience"]["adopt"] = False
    for number in range(30):
        world.debtor(str(20000 + number), f"klant{number}@korenaar.example")
    members = [{"email_address": f"klant{number}@korenaar.example", "status": "subscribed"} for number in range(30)]
    world.mailchimp.call("seed_members", members=members)
    world.run()

    report = world.run(full_reload=True)

    assert (0, 30) == (report["written"], report["sources"]["debtors"]["reasons"]["member_not_ours"])


def test_no_key_is_left_and_an_opted_out_person_moves(world: LocalWorld) -> None:
    """A marketer empties every key, and a row whose member opted out gets a new address: nobody is signed up there."""
    many(world)
    world.run()
    world.mailchimp.call("unsubscribe", email="klant5@korenaar.example", by="user")
    world.mailchimp.call("marketer_overwrites", tag="AFASID", value="")
    world.change(EXTRA, "20005", Email="nieuw@korenaar.example")

    with contextlib.suppress(SyncError):
        world.run()

    assert "subscribed" != world.statuses().get("nieuw@korenaar.example")
