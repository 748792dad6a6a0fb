"""Two Airflows point at one audience by mistake: a warning for as long as both live, and no harm."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest

from hooks.mailchimp import MailchimpHook
from tests.integration.importing.world import DEBTORS, JAN, LIST_ID, PIET, Variables, World

ANOTHER = "Another Airflow (mark "


class TwoAirflows:
    """A world in which two Airflows live, each with Variables of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept = {"here": Variables(world.variables), "there": Variables()}

    @contextmanager
    def as_one(self, name: str) -> Iterator[World]:
        """Be one of them for a while."""
        self.world.variables.clear()
        self.world.variables.update(self.kept[name])
        yield self.world
        self.kept[name] = Variables(self.world.variables)

    def run(self, name: str, **conf: Any) -> dict[str, Any]:
        """Let one of them run."""
        with self.as_one(name) as world:
            return world.run(**conf)

    def warned(self, name: str, **conf: Any) -> bool:
        """Whether a run of one of them tells of the other."""
        return any(text.startswith(ANOTHER) for text in self.run(name, **conf)["warnings"])

    @property
    def help_text(self) -> str:
        """Of the key field."""
        fields = self.world.mailchimp.call("dump")["merge_fields"]
        return str(next(field["help_text"] for field in fields if field["tag"] == "AFASID"))


@pytest.fixture
def two(small: World) -> TwoAirflows:
    """The first has loaded the audience."""
    return TwoAirflows(small)


def test_both_warn_for_as_long_as_both_live(two: TwoAirflows) -> None:
    """Each finds the other's mark in the place of its own."""
    assert not two.warned("here")
    assert [two.warned(name) for name in ("there", "here", "there", "here")] == [True] * 4
    assert not two.warned("here")


def test_one_that_took_the_place_of_another_warns_once(two: TwoAirflows) -> None:
    """A new server, a database begun anew."""
    assert [two.warned("there") for _ in range(3)] == [True, False, False]


def test_a_dry_run_leaves_no_mark(two: TwoAirflows) -> None:
    """It warns all the same."""
    before = two.help_text

    assert two.warned("there", dry_run=True)
    assert two.help_text == before
    assert not two.kept["there"]


def test_owners_of_their_own_do_not_meet(two: TwoAirflows) -> None:
    """Two syncs with owners of their own are meant to share an audience."""
    two.world.settings["audience"]["owner"] = "elders"
    assert not two.warned("there")
    del two.world.settings["audience"]["owner"]
    assert not two.warned("here")
    assert "customers=" in two.help_text
    assert "elders=" in two.help_text


def test_who_may_change_no_merge_field_leaves_no_mark(two: TwoAirflows) -> None:
    """With create_merge_fields: false Mailchimp's settings are a person's."""
    before = two.help_text
    two.world.settings["audience"]["create_merge_fields"] = False

    assert two.warned("there")
    assert two.help_text == before


def test_a_person_may_empty_the_help_text(two: TwoAirflows) -> None:
    """The next run puts the mark there again, in one call, and says nothing."""
    with closing(MailchimpHook("mailchimp_default")) as hook:
        key = next(field for field in hook.merge_fields(LIST_ID) if field.tag == "AFASID")
        hook.describe_merge_field(LIST_ID, key, "")

    assert not two.warned("here")
    assert "customers=" in two.help_text


def test_both_at_once_do_no_harm(two: TwoAirflows, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes, a newcomer, one who opted out and one who left: as if one had run, and nothing is left to write."""
    world = two.world
    for number in range(40):
        world.debtor(f"2{number:04}", f"klant{number}@korenaar.example")
    world.change("Profit_Debtor_App_Extra", "10001", DebtorName="Bakkerij")
    world.mailchimp.call("unsubscribe", email=PIET)
    world.afas.call("delete", connector=DEBTORS, key="10002")
    mine = threading.local()
    for verb, method in (("get", "read"), ("set", "write"), ("delete", "drop")):
        monkeypatch.setattr(
            f"operators.afas_mailchimp_state.Variable.{verb}",
            lambda key, *args, _method=method, **more: getattr(mine.variables, _method)(key, *args, **more),
        )

    def run(name: str) -> dict[str, Any]:
        mine.variables = two.kept[name]
        return World(world.afas, world.mailchimp, mine.variables, world.settings).run(full_reload=True)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, ("here", "there")))

    members = world.members()
    assert len(members) == 43
    assert members[PIET]["status"] == "unsubscribed"
    assert members[JAN]["merge_fields"]["COMPANY"] == "Bakkerij"
    assert all(member["status"] == "subscribed" for email, member in members.items() if email != PIET)
    assert sum(report["created"] for report in reports) >= 40
    mine.variables = two.kept["here"]
    assert world.run(full_reload=True)["written"] == 0
