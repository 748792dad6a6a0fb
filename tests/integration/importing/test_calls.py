"""How many calls a run makes: work grows with what changed, not with what exists."""

from __future__ import annotations

from typing import Any

import pytest

from operators.afas_mailchimp_writing import AudienceWriter
from tests.integration.importing.world import EXTRA, World


@pytest.fixture
def quiet(world: World) -> World:
    """A source of thirty debtors, all of them members, and nothing new since."""
    world.settings["sources"] = {"debtors": world.settings["sources"]["debtors"]}
    for number in range(30):
        world.debtor(str(20001 + number), f"klant{number}@korenaar.example")
    world.run()
    world.at(world.now.add(days=1))
    world.run()
    return world


def calls(world: World, **conf: Any) -> tuple[list[str], list[str]]:
    """What a run asks of AFAS and of Mailchimp, by the last part of the path."""
    world.afas.clear_log()
    world.mailchimp.clear_log()
    world.run(**conf)
    asked = [[f"{each['method']} {each['path'].rpartition('/')[2]}" for each in side.log()] for side in sides(world)]
    return asked[0], asked[1]


def sides(world: World) -> tuple[Any, Any]:
    """Both stand-ins."""
    return world.afas, world.mailchimp


def test_nothing_to_do(quiet: World) -> None:
    """Three calls for the source and two for the audience: clock and number of members are not asked twice."""
    assert (["GET metainfo", f"GET {EXTRA}", f"GET {EXTRA}"], ["GET a1b2c3d4e5", "GET merge-fields"]) == calls(quiet)


def test_rows_of_known_members(quiet: World) -> None:
    """A call for each of the few, and one batch: the audience is not read."""
    for number in range(5):
        quiet.change(EXTRA, str(20001 + number), DebtorName="Nieuwe naam")

    afas, mailchimp = calls(quiet)

    # The window has a page of rows and the empty one behind it.
    assert ["GET metainfo", *[f"GET {EXTRA}"] * 3] == afas
    assert ["GET a1b2c3d4e5", "GET merge-fields"] == mailchimp[:2]
    assert 5 == len([call for call in mailchimp[2:] if call.startswith("GET ")])
    assert ["POST a1b2c3d4e5"] == mailchimp[7:]


def test_a_count_that_lags(quiet: World) -> None:
    """Mailchimp's number of members lags minutes behind a first load: what the last run left counts as well."""
    quiet.variables["afas_mailchimp.customers.members"] = "20000"
    for number in range(15):
        quiet.change(EXTRA, str(20001 + number), DebtorName="Nieuwe naam")

    _, mailchimp = calls(quiet)

    assert 15 == len([call for call in mailchimp if call.startswith("GET ") and len(call) == len("GET ") + 32])
    assert "GET members" not in mailchimp


def test_one_row_that_is_new(quiet: World) -> None:
    """One look-up shows that it is absent, then the audience is read: two calls, all but the archived and those."""
    quiet.debtor("20999", "nieuw@korenaar.example")

    afas, mailchimp = calls(quiet)

    # Its rivals are asked by address: a page that is not full is the last of so few.
    assert ["GET metainfo", *[f"GET {EXTRA}"] * 4] == afas
    assert ["GET members", "GET members", "POST a1b2c3d4e5"] == mailchimp[3:6]


def test_looking_up_ends_at_the_first_absent_one(quiet: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """New rows have the highest keys: they are looked up first, and then the audience is read anyway."""
    for number in range(9):
        quiet.change(EXTRA, str(20001 + number), DebtorName="Nieuwe naam")
    quiet.debtor("20999", "nieuw@korenaar.example")

    # Threads race for connections, so how many others pass before the absent one hangs on the machine: one at a time.
    monkeypatch.setattr(AudienceWriter, "for_each", lambda _, call, items: [call(item) for item in items])

    _, mailchimp = calls(quiet)

    assert 1 == len([call for call in mailchimp if call.startswith("GET ") and len(call) == len("GET ") + 32])
    assert 2 == mailchimp.count("GET members")


def test_a_full_reload_asks_each_status(quiet: World) -> None:
    """Which status Mailchimp leaves out of a list of all is not confirmed; who is gone must not depend on it."""
    _, mailchimp = calls(quiet, full_reload=True)

    assert 6 == mailchimp.count("GET members")
