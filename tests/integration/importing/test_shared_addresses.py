"""Several rows of AFAS with one address: one member, one winner, the strictest consent, and tags that go along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.importing.local import (
    ANNA,
    JAN,
    KEES,
    NEW,
    LocalWorld,
    Stages,
    both_kinds,
    in_sync,
    stages,
)
from tests.integration.importing.world import CONTACTS, EXTRA

SPELLINGS = {
    "as it is": JAN,
    "in capitals": JAN.upper(),
    "blanks around it": f"  {JAN} ",
    "another address behind it": f"{JAN}; anders@korenaar.example",
    "something invalid before it": f"geen adres, {JAN.title()}",
}

RIVALS = {"contact": "customers:contacts:8", "debtor": "customers:debtors:10008"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Stages]:
    """One world for all tests here."""
    with stages(lambda world: both(world, "contact"), first=bystanders) as made:
        yield made


@pytest.fixture
def world(shared: Stages) -> LocalWorld:
    """A bystander in each source."""
    world, begin, _ = shared
    begin()
    return world


@pytest.fixture
def pair(shared: Stages) -> LocalWorld:
    """The same, and a debtor and a contact with one address, loaded."""
    world, _, loaded = shared
    loaded()
    return world


def bystanders(world: LocalWorld) -> None:
    """Somebody in each source who has to do with nothing; contacts have a tag of their own, too."""
    world.settings["sources"]["contacts"]["tags"] = ["contactpersoon"]
    world.debtor("10099", KEES)
    world.contact(99, ANNA)


def rival(world: LocalWorld, kind: str, address: str | None, **columns: Any) -> None:
    """Add the row that loses against debtor 10001: changed two hours before it."""
    world.at(world.now.subtract(hours=2))
    if kind == "contact":
        world.contact(8, address, Voornaam="Jan", **columns)
    else:
        world.debtor("10008", address, **columns)
    world.at(world.now.add(hours=2))


def both(world: LocalWorld, kind: str, spelling: str = JAN) -> None:
    """A winner and a loser of one address, loaded."""
    world.debtor("10001", JAN, TelNr="033-4612345", AddressLine1="Stadsring 69", AddressLine3="3811 HN  AMERSFOORT")
    rival(world, kind, spelling)
    world.at(world.now.add(hours=1))
    world.run()


def owner(world: LocalWorld, address: str = JAN) -> str:
    """Whose key the member at an address carries."""
    assert "subscribed" == world.statuses()[address]
    return world.key_of(address)


@pytest.mark.parametrize("kind", RIVALS)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_one_member_however_the_address_is_spelled(world: LocalWorld, kind: str, spelling: str) -> None:
    """Two rows mean the same address: one member, with the winner's key and fields."""
    both(world, kind, spelling)

    assert {JAN, KEES, ANNA} == set(world.members())
    assert "customers:debtors:10001" == owner(world)
    assert "Firma 10001" == world.members()[JAN]["merge_fields"]["COMPANY"]
    assert in_sync(world)


@both_kinds
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_rival_that_comes_later(world: LocalWorld, spelling: str, *, full: bool) -> None:
    """A contact gets a debtor's address in any spelling: the debtor keeps the member, in whatever run sees it."""
    world.debtor("10001", JAN)
    world.run()
    world.contact(8, spelling, Voornaam="Jan")

    report = world.run(full_reload=full)

    assert ("customers:debtors:10001", 0) == (owner(world), report["written"])
    assert 1 == report["sources"]["contacts"]["reasons"]["another_row_has_this_address"]
    assert in_sync(world)


@both_kinds
def test_better_row_that_comes_later_takes_over(world: LocalWorld, *, full: bool) -> None:
    """A debtor gets a contact's address: sources have an order, so the member goes over to the debtor."""
    world.contact(8, JAN, Voornaam="Jan")
    world.run()
    world.debtor("10001", JAN)

    world.run(full_reload=full)

    fields = world.members()[JAN]["merge_fields"]
    assert ("customers:debtors:10001", "Firma 10001", "") == (owner(world), fields["COMPANY"], fields["FNAME"])
    assert in_sync(world)


@both_kinds
def test_of_two_debtors_the_one_changed_last_wins(world: LocalWorld, *, full: bool) -> None:
    """The loser is changed in AFAS and so becomes the winner, with its own fields."""
    both(world, "debtor")
    world.change(EXTRA, "10008", DebtorName="Nieuwe naam")

    world.run(full_reload=full)

    assert ("customers:debtors:10008", "Nieuwe naam") == (
        owner(world),
        world.members()[JAN]["merge_fields"]["COMPANY"],
    )
    assert in_sync(world)


@both_kinds
def test_change_of_the_loser_alone_writes_nothing(pair: LocalWorld, *, full: bool) -> None:
    """An incremental run sees only the losing contact: AFAS is asked who else has the address."""
    pair.change(CONTACTS, 8, Voornaam="Johan")

    report = pair.run(full_reload=full)

    assert ("customers:debtors:10001", 0) == (owner(pair), report["written"])


WINNER_GOES: dict[str, Callable[[LocalWorld], Any]] = {
    "deleted": lambda pair: pair.afas.call("delete", connector=EXTRA, key="10001"),
    "blocked": lambda pair: pair.change(EXTRA, "10001", Blocked=True),
    "e-mail emptied": lambda pair: pair.change(EXTRA, "10001", Email=None),
    "moved": lambda pair: pair.change(EXTRA, "10001", Email=NEW),
    "moved to an address that is there": lambda pair: pair.change(EXTRA, "10001", Email=KEES),
}


@both_kinds
@pytest.mark.parametrize("kind", RIVALS)
@pytest.mark.parametrize("how", WINNER_GOES)
def test_winner_goes(world: LocalWorld, kind: str, how: str, *, full: bool) -> None:
    """The other row has the member from then on, with its own fields and tags; what only the winner mapped is empty."""
    both(world, kind)
    WINNER_GOES[how](world)

    report = world.run(full_reload=full)
    if how == "deleted" and not full:
        assert "customers:debtors:10001" == owner(world)
        world.run(full_reload=True)

    assert (RIVALS[kind], 0) == (owner(world), report["archived"])
    fields = world.members()[JAN]["merge_fields"]
    company, first, tag = ("", "Jan", "contactpersoon") if kind == "contact" else ("Firma 10008", "", "debiteur")
    assert (company, first, "", "") == tuple(fields[each] for each in ("COMPANY", "FNAME", "PHONE", "ADDRESS"))
    assert [tag] == world.tags_of(JAN)
    if how.startswith("moved"):
        assert "customers:debtors:10001" == owner(world, NEW if how == "moved" else KEES)
    assert in_sync(world)


@both_kinds
@pytest.mark.parametrize("how", ["blocked", "moved"])
def test_winner_comes_back(pair: LocalWorld, how: str, *, full: bool) -> None:
    """The winner went, and is there again: everything is as it was."""
    before = pair.members()[JAN]
    WINNER_GOES[how](pair)
    pair.run(full_reload=full)
    pair.change(EXTRA, "10001", Blocked=False, Email=JAN)

    pair.run(full_reload=full)

    after = pair.members()[JAN]
    assert "customers:debtors:10001" == owner(pair)
    shown = ("COMPANY", "FNAME", "PHONE", "ADDRESS", "CREATED")
    assert [before["merge_fields"][each] for each in shown] == [after["merge_fields"][each] for each in shown]
    assert ["debiteur"] == pair.tags_of(JAN)
    assert "subscribed" not in {status for address, status in pair.statuses().items() if address == NEW}
    assert in_sync(pair)


@both_kinds
@pytest.mark.parametrize("goes", ["blocked", "moved"])
def test_loser_goes(pair: LocalWorld, goes: str, *, full: bool) -> None:
    """Nothing happens to the member of the winner; a loser that moved gets one of its own."""
    pair.change(CONTACTS, 8, **({"Blocked": True} if goes == "blocked" else {"MailWork": NEW}))

    pair.run(full_reload=full)

    assert "customers:debtors:10001" == owner(pair)
    assert NEW not in pair.members() or "customers:contacts:8" == owner(pair, NEW)
    assert ({JAN, KEES, ANNA} | ({NEW} if goes == "moved" else set())) == set(pair.members())
    assert in_sync(pair)


# ---- consent is that of all rows


@both_kinds
@pytest.mark.parametrize("first", ["debtors", "contacts"])
@pytest.mark.parametrize("blocked", [False, True], ids=["takes part", "blocked"])
def test_one_no_is_enough(world: LocalWorld, first: str, *, blocked: bool, full: bool) -> None:
    """A debtor says no for the address that it shares, as winner, as loser, or while the filter keeps it out."""
    sources = world.settings["sources"]
    world.settings["sources"] = {first: sources[first], **sources}
    world.debtor("10001", JAN, Blocked=blocked)
    world.contact(8, f" {JAN.upper()}", Voornaam="Jan")
    world.run()
    assert "subscribed" == world.statuses()[JAN]
    world.change(EXTRA, "10001", Nieuwsbrief=False)

    world.run(full_reload=full)

    assert "unsubscribed" == world.statuses()[JAN]
    assert in_sync(world)


@both_kinds
@pytest.mark.parametrize("says", [True, None], ids=["yes", "unknown"])
def test_yes_of_another_row_does_not_outweigh_a_no(world: LocalWorld, says: bool | None, *, full: bool) -> None:
    """Two debtors with one address, one says no: nobody is signed up, in whatever order they come."""
    world.debtor("10001", JAN, Nieuwsbrief=False)
    world.run()
    world.debtor("10002", JAN, Nieuwsbrief=says)

    report = world.run(full_reload=full)

    assert JAN not in world.members()
    assert ["debtors:10002"] == sorted(set(report["keys"]["no_consent"]) - {"debtors:10001"})
    assert in_sync(world)


@both_kinds
def test_no_stays_with_the_address_when_its_row_moves_on(pair: LocalWorld, *, full: bool) -> None:
    """The row that said no goes elsewhere: who stays was unsubscribed by it, and is not signed up again."""
    pair.change(EXTRA, "10001", Nieuwsbrief=False)
    pair.run()
    pair.change(EXTRA, "10001", Email=NEW)

    pair.run(full_reload=full)

    assert "unsubscribed" == pair.statuses()[JAN]
    assert "subscribed" != pair.statuses().get(NEW)
    assert in_sync(pair)


# ---- tags and interests


@both_kinds
def test_tags_of_others_stay_when_a_member_changes_hands(pair: LocalWorld, *, full: bool) -> None:
    """Only the former source's tags go; what a marketer gave, and every interest, stays."""
    pair.mailchimp.call("marketer_tags", email=JAN, add=["klant", "beurs"])
    pair.mailchimp.call("marketer_sets_interests", email=JAN, interests={"Brood": True, "Taart": False})
    interests = pair.members()[JAN]["interests"]
    WINNER_GOES["blocked"](pair)

    pair.run(full_reload=full)

    assert ["beurs", "contactpersoon", "klant"] == pair.tags_of(JAN)
    assert interests == pair.members()[JAN]["interests"]
    assert in_sync(pair)


@both_kinds
def test_tag_that_both_sources_have_stays(world: LocalWorld, *, full: bool) -> None:
    """A member goes over to a source that has one of the tags, too."""
    for name, tags in (("debtors", ["afas", "debiteur"]), ("contacts", ["afas", "contactpersoon"])):
        world.settings["sources"][name]["tags"] = tags
    both(world, "contact")
    WINNER_GOES["blocked"](world)

    world.run(full_reload=full)

    assert ["afas", "contactpersoon"] == world.tags_of(JAN)
    assert in_sync(world)


@both_kinds
def test_tags_are_not_fought_over(world: LocalWorld, *, full: bool) -> None:
    """A marketer takes our tag away and gives another: neither a change in AFAS nor a full reload undoes that."""
    world.debtor("10001", JAN)
    world.run()
    world.mailchimp.call("marketer_tags", email=JAN, add=["vip"], remove=["debiteur"])
    world.change(EXTRA, "10001", DebtorName="Nieuwe naam")

    world.run(full_reload=full)

    assert ("Nieuwe naam", ["vip"]) == (world.members()[JAN]["merge_fields"]["COMPANY"], world.tags_of(JAN))
    assert in_sync(world)
    assert ["vip"] == world.tags_of(JAN)


@both_kinds
def test_tags_and_interests_move_along(world: LocalWorld, *, full: bool) -> None:
    """The address changes in AFAS: tags and interests are those of the same contact, set by whomever."""
    world.debtor("10001", JAN)
    world.run()
    world.mailchimp.call("marketer_tags", email=JAN, add=["vip"], remove=["debiteur"])
    world.mailchimp.call("marketer_sets_interests", email=JAN, interests={"Brood": True})
    interests = world.members()[JAN]["interests"]
    world.change(EXTRA, "10001", Email=NEW)

    world.run(full_reload=full)

    assert (["vip"], interests) == (world.tags_of(NEW), world.members()[NEW]["interests"])
    assert in_sync(world)
