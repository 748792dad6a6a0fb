"""Why a row is or is not in the audience, asked live: ten kinds of rows and more, and nothing is written or told."""

from __future__ import annotations

import logging

import pytest

from afas_mailchimp.explanation import explain
from operators import afas_mailchimp_explain as asking
from operators.afas_mailchimp_explain import inquire
from tests.integration.importing.world import CONTACTS, EXTRA, JAN, PIET

NEW = "nieuw@korenaar.example"


def told(world, key, source="debtors"):
    """Names of the sentences about one row, in order."""
    found, _ = inquire(world.sync, source, key)
    return [step.says for step in explain(found)]


def kinds(world):
    """One row of each kind beside the two of ``small``, after the first run."""
    world.debtor("20001", NEW)
    world.debtor("20002", "geen adres")
    world.debtor("20003", None)
    world.debtor("20004", "vol@korenaar.example", Blocked=True)
    world.debtor("20005", "nee@korenaar.example", Nieuwsbrief=False)
    world.debtor("20006", JAN)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("10001", {"row_found", "filter_passed", "address_valid", "member_own"}, id="in sync"),
        pytest.param("99999", {"row_absent", "next_nothing"}, id="no such row"),
        pytest.param("20001", {"member_none", "next_create", "when_next", "winner_alone"}, id="new"),
        pytest.param("20002", {"address_invalid", "next_nothing_because"}, id="no address in the field"),
        pytest.param("20003", {"address_missing", "next_nothing_because"}, id="an empty field"),
        pytest.param("20004", {"filter_failed", "next_nothing_because"}, id="filtered out"),
        pytest.param("20005", {"consent_no", "next_nothing_because"}, id="says no"),
        pytest.param("20006", {"winner_wins", "member_of_row"}, id="wins an address that another row had"),
        pytest.param("10001", {"winner_loses", "next_nothing_because"}, id="loses its address"),
    ],
)
def test_each_kind_of_row(small, key, expected, request):
    """The sentence that a person needs is among them."""
    if request.node.callspec.id != "in sync":
        kinds(small)

    assert expected <= set(told(small, key))


def test_in_sync_means_nothing_to_do(small):
    """A row that a run has just brought over is not touched again."""
    assert told(small, "10001")[-1] == "next_unchanged"


def test_a_changed_row(small):
    """The merge fields are named, their values are not."""
    small.change(EXTRA, "10002", TelNr="030-7654321")
    found, _ = inquire(small.sync, "debtors", "10002")
    steps = {step.says: step for step in explain(found)}

    assert steps["next_update"].places == {"fields": "PHONE"}
    assert "7654321" not in repr(list(explain(found)))


def test_a_contact_by_its_number(small):
    """Keys of any type are typed as people see them."""
    small.change(CONTACTS, 7, Voornaam="Cornelis")

    assert {"row_found", "member_own", "next_update"} <= set(told(small, "7", "contacts"))


def test_a_moved_row(small):
    """The member at the former address is found although its address is in nothing but Mailchimp."""
    small.change(EXTRA, "10001", Email=NEW)

    assert {"member_none", "member_elsewhere", "next_move"} <= set(told(small, "10001"))


def test_a_blocked_row_leaves(small):
    """What archiving would do is told before it is done."""
    small.change(EXTRA, "10001", Blocked=True)

    assert {"filter_failed", "member_own", "next_archive"} <= set(told(small, "10001"))


def test_a_row_that_is_gone(small):
    """Whose row AFAS has no more is found by the key at the member."""
    small.afas.call("delete", connector=EXTRA, key="10001")

    assert {"row_absent", "member_elsewhere", "next_archive", "when_full"} <= set(told(small, "10001"))


def test_a_person_who_opted_out(small):
    """The state in Mailchimp belongs to the person, whatever AFAS says."""
    small.mailchimp.call("unsubscribe", email=PIET)
    found, _ = inquire(small.sync, "debtors", "10002")
    (member,) = [step for step in explain(found) if step.says == "member_own"]

    assert (member.good, str(member.places["status"])) == (False, "unsubscribed")


def test_an_erased_row(small):
    """A tombstone is told as such."""
    small.variables["afas_mailchimp.customers.erased"] = '["debtors:10001"]'

    assert "row_out" in told(small, "10001")


def test_the_answer_is_what_the_next_run_does(small):
    """The same rules decide: what was foretold for each row is how a run then counts them."""
    kinds(small)
    outcomes = {}
    for key in ("20001", "20002", "20003", "20004", "20005", "20006"):
        found, _ = inquire(small.sync, "debtors", key)
        outcome = str(found.decision.outcome)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    counts = small.run()["sources"]["debtors"]

    assert {name: counts[name] for name in outcomes} == outcomes


def test_asking_writes_nothing(small):
    """Neither in Mailchimp nor in a Variable, whatever the row is."""
    kinds(small)
    small.change(EXTRA, "10002", Email="anders@korenaar.example")
    writes, variables = len(small.writes()), dict(small.variables)
    for key in ("20001", "20005", "20006", "10001", "10002", "99999"):
        told(small, key)

    assert (len(small.writes()), dict(small.variables)) == (writes, variables)


def test_asking_tells_nobody(small, caplog):
    """No address, name or hash of one in a log, even where everybody logs all they can."""
    caplog.set_level(logging.DEBUG)
    kinds(small)
    found, address = inquire(small.sync, "debtors", "20001")

    assert address == NEW
    assert NEW not in repr(found)
    for text in ("korenaar", "nieuw", found.facts.member_id):
        assert text not in caplog.text


def test_a_large_audience_is_not_read_whole(small, monkeypatch):
    """A page must answer in seconds: then other addresses are not searched, and that is said."""
    monkeypatch.setattr(asking, "MOST_MEMBERS", 1)
    small.change(EXTRA, "10001", Email=NEW)

    says = told(small, "10001")
    assert "member_not_searched" in says
    assert "member_elsewhere" not in says
