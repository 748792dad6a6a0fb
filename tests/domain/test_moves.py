"""The address changes: in AFAS, by the subscriber, by swapping; and members that come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from afas_mailchimp.audience import Member, MemberStatus, MemberUpdate, Refusal, RefusedItem
from afas_mailchimp.email_address import subscriber_hash
from afas_mailchimp.leaving import Leave, find_leavers
from afas_mailchimp.member_key import Base, address_digest
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.rows import Consent
from tests.domain.samples import ADDRESS, OPTED_IN, OTHER_ADDRESS, decide, facts, member, sync_of

OLD, NEW = ADDRESS, OTHER_ADDRESS
OLD_ID, NEW_ID = subscriber_hash(OLD), subscriber_hash(NEW)
MOVED = facts(address=NEW)
"""Debtor 10001, whose member is at ``OLD``."""

LEFT = str(Base(address=address_digest(OLD_ID), opted_in_at=OPTED_IN, left_with=OPTED_IN))
"""Base of a member that we archived, and nobody touched since."""


def new_member_of(decision: object) -> str:
    """How a decision brings a row in, in one word."""
    if decision.move_from:  # type: ignore[attr-defined]
        return "moved"
    return decision.create or decision.reason or decision.outcome  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("old", "new_members", "ends"),
    [
        pytest.param("subscribed", "subscribed", "moved", id="subscribed: the member moves, its history stays"),
        pytest.param("subscribed", "pending", "moved", id="subscribed, new members confirm: it moves all the same"),
        pytest.param("unsubscribed", "subscribed", "unsubscribed", id="opted out: the opt-out goes along"),
        pytest.param("cleaned", "subscribed", "subscribed", id="bounced: a bounce belongs to the old address"),
        pytest.param("cleaned", "pending", "pending", id="bounced: a new sign-up under the consent rule"),
        pytest.param("pending", "subscribed", "pending", id="pending: still to be confirmed"),
        pytest.param("pending", "transactional", "transactional", id="pending: the lower of the two"),
        pytest.param("transactional", "subscribed", "transactional", id="transactional: no more than it was"),
        pytest.param("archived", "subscribed", "archived_by_a_person", id="archived by a person: not created"),
    ],
)
def test_new_address_is_absent(old: str, new_members: str, ends: str) -> None:
    """The address changed in AFAS, and nobody in the audience has the new one."""
    sync = sync_of(consent={"new_members": new_members, "basis": "existing customers"})

    decision, _ = decide(MOVED, member(old), sync=sync)

    assert ends == new_member_of(decision)


def test_move_carries_no_status() -> None:
    """A move writes the new base and what else differs, never a status."""
    decision, _ = decide(MOVED, member(values={"COMPANY": "Oud"}))

    base = str(Base(address=address_digest(NEW_ID), opted_in_at=OPTED_IN))
    assert OLD_ID == decision.move_from
    assert {"COMPANY": "De Korenaar", "AFASSUM": base} == decision.update
    assert (decision.create, decision.returns) == (None, None)


def test_another_row_has_the_old_address() -> None:
    """Then the member there is that row's, and the row that moved begins anew under the consent rule."""
    stays = facts("10002", address=OLD)

    moved, _ = decide(MOVED, member(), rivals=(stays,))
    stayed, _ = decide(stays, member(), rivals=(MOVED,))

    assert "subscribed" == new_member_of(moved)
    assert "customers:debtors:10002" == stayed.update["AFASID"]
    assert "debtors:10001" == stayed.takes_over_from


def test_opt_out_goes_along_and_stays() -> None:
    """Somebody opted out, moves, and another row takes the old address: both addresses stay opted out."""
    stays = facts("10002", address=OLD)

    moved, _ = decide(MOVED, member("unsubscribed"), rivals=(stays,))
    stayed, _ = decide(stays, member("unsubscribed"), rivals=(MOVED,))

    assert "unsubscribed" == new_member_of(moved)
    assert "debtors:10001" == stayed.takes_over_from
    assert (None, None) == (stayed.create, stayed.returns)


@pytest.mark.parametrize(
    ("old", "there", "there_key", "lowered"),
    [
        pytest.param("subscribed", "subscribed", "", False, id="both subscribed: nothing is lowered"),
        pytest.param("unsubscribed", "subscribed", "", True, id="opted out at the old one: lowered at the new one"),
        pytest.param("unsubscribed", "pending", "", True, id="opted out at the old one, pending at the new one"),
        pytest.param("unsubscribed", "cleaned", "", False, id="bounced at the new one: already strict"),
        pytest.param("subscribed", "unsubscribed", "", False, id="opted out at the new one: stays so"),
        pytest.param("cleaned", "subscribed", "", False, id="bounced at the old one: says nothing of the new one"),
        pytest.param("archived", "subscribed", "", False, id="archived at the old one: not ours to stop"),
        pytest.param("unsubscribed", "subscribed", "customers:debtors:10002", True, id="another row's member there"),
    ],
)
def test_new_address_is_present(old: str, there: str, there_key: str, *, lowered: bool) -> None:
    """Key and fields go to the member there, with the stricter of the two states."""
    decision, _ = decide(MOVED, member(old), member(there, key=there_key, address=NEW))

    assert decision.update["AFASID"].startswith("customers:debtors:10001")  # type: ignore[union-attr]
    assert ((subscriber_hash(NEW),) if lowered else ()) == decision.opt_out
    assert lowered == decision.inherits
    assert decision.leaves_behind


def test_opt_out_of_a_row_that_comes_to_share_an_address() -> None:
    """Who opted out and now shares an address is not mailed there by way of the other row."""
    winner = facts("10000", address=NEW, modified=MOVED.modified + timedelta(days=1))  # type: ignore[operator]
    theirs = member(key="customers:debtors:10000", address=NEW)

    joins, _ = decide(winner, member("unsubscribed"), theirs, rivals=(MOVED,))
    begins, _ = decide(winner, member("unsubscribed"), rivals=(MOVED,))

    assert (NEW_ID,) == joins.opt_out
    assert MemberStatus.UNSUBSCRIBED == begins.create


def test_two_debtors_swap_addresses() -> None:
    """Each takes the member at its new address over; an opt-out of one lowers where that one goes."""
    here, there = facts("10001", address=NEW), facts("10002", address=OLD)
    members = (member("unsubscribed"), member(key="customers:debtors:10002", address=NEW))

    one, _ = decide(here, *members, rivals=(there,))
    other, _ = decide(there, *members, rivals=(here,))

    assert (NEW_ID,) == one.opt_out
    assert "customers:debtors:10001" == one.update["AFASID"]
    assert "customers:debtors:10002" == other.update["AFASID"]
    assert not other.opt_out


def test_subscriber_changed_the_address() -> None:
    """What we last put there is still what AFAS says: the subscriber moved, and that is reported, never reverted."""
    theirs = member(address=NEW, base=str(Base(address=address_digest(OLD_ID), opted_in_at=OPTED_IN)))

    decision, _ = decide(facts(address=OLD), theirs)
    changed, _ = decide(facts(address=OLD), theirs, values=("Nieuw", "+31332981234"))

    assert (Outcome.UNCHANGED, (Notice.ADDRESS_OF_SUBSCRIBER,)) == (decision.outcome, decision.notices)
    assert ({"COMPANY": "Nieuw"}, NEW_ID) == (changed.update, changed.member_id)


def test_archived_member_of_a_subscribers_choice_is_history() -> None:
    """The row has been elsewhere since, where the person opted out: that counts when it comes back."""
    chosen = member(
        "archived",
        key="customers:debtors:10001-s",
        address=NEW,
        base=str(Base(address=address_digest(OLD_ID), opted_in_at=OPTED_IN, left_with=OPTED_IN)),
    )

    decision, _ = decide(facts(address=OLD), chosen, member("unsubscribed", address="eerst@korenaar.example"))

    assert "unsubscribed" == new_member_of(decision)


def test_both_sides_changed_the_address() -> None:
    """AFAS and the subscriber changed it since we last wrote: AFAS wins."""
    third = str(Base(address=address_digest(subscriber_hash("eerst@korenaar.example")), opted_in_at=OPTED_IN))

    decision, _ = decide(facts(address=OLD), member(address=NEW, base=third))

    assert NEW_ID == decision.move_from


def test_address_that_a_subscriber_chose_is_not_taken_over() -> None:
    """Another row with the address that a subscriber moved to waits: the member is of the subscriber's own row."""
    theirs = member(address=NEW, base=str(Base(address=address_digest(OLD_ID), opted_in_at=OPTED_IN)))

    decision, _ = decide(facts("10002", address=NEW), theirs, rivals=(facts(address=OLD),))

    assert (Outcome.SKIPPED, Reason.HELD_BY_SUBSCRIBER) == (decision.outcome, decision.reason)


@pytest.mark.parametrize(
    ("mark", "new_members", "consent", "opted_in", "ends"),
    [
        pytest.param("s", "subscribed", Consent.UNKNOWN, OPTED_IN, "subscribed", id="archived while subscribed"),
        pytest.param("t", "subscribed", Consent.YES, OPTED_IN, "transactional", id="never more than it was"),
        pytest.param("s", "pending", Consent.YES, OPTED_IN, "pending", id="never more than a new member"),
        pytest.param("s", "subscribed", Consent.NO, OPTED_IN, "no_consent", id="AFAS says no: stays archived"),
        pytest.param(
            "s",
            "subscribed",
            Consent.YES,
            OPTED_IN + timedelta(days=3),
            "archived_by_a_person",
            id="signed up himself since, and was archived again by a person: stays archived",
        ),
    ],
)
def test_coming_back(mark: str, new_members: str, consent: Consent, opted_in: object, ends: str) -> None:
    """Only a member that we archived ourselves comes back, with its original opt-in time."""
    sync = sync_of(consent={"new_members": new_members, "basis": "existing customers"})
    theirs = member("archived", key=f"customers:debtors:10001-{mark}", base=LEFT, opted_in_at=opted_in)  # type: ignore[arg-type]

    decision, _ = decide(facts(consent=consent), theirs, sync=sync)

    assert ends == (decision.returns or decision.reason)
    if decision.returns:
        assert OPTED_IN == decision.opted_in_at
        assert "customers:debtors:10001" == decision.update["AFASID"]


def test_coming_back_at_another_address() -> None:
    """The row is back with a new address: created there, to at most what it was."""
    theirs = member("archived", key="customers:debtors:10001-t", base=LEFT)

    decision, _ = decide(MOVED, theirs)

    assert (MemberStatus.TRANSACTIONAL, OPTED_IN) == (decision.create, decision.opted_in_at)


def test_opted_out_elsewhere_does_not_come_back() -> None:
    """Who opted out at one address does not return at a former one."""
    archived = member("archived", key="customers:debtors:10001-s", base=LEFT)
    opted_out = member("unsubscribed", address=NEW)

    decision, _ = decide(facts(address=OLD), archived, opted_out)

    assert (Outcome.SKIPPED, Reason.OPTED_OUT_BEFORE) == (decision.outcome, decision.reason)


def test_mark_on_a_living_member_is_undone() -> None:
    """A run was killed between mark and archive, and the row is back: the mark goes."""
    theirs = member(key="customers:debtors:10001-s", base=LEFT)

    decision, _ = decide(facts(), theirs)

    assert "customers:debtors:10001" == decision.update["AFASID"]
    assert " l:" not in str(decision.update["AFASSUM"])


def test_person_who_signed_up_after_we_archived_is_adopted() -> None:
    """A sign-up of the person's own makes the member not ours to archive again."""
    theirs = member(key="customers:debtors:10001-s", base=LEFT, opted_in_at=OPTED_IN + timedelta(days=1))

    decision, decider = decide(facts(), theirs)
    leavers = find_leavers(decider.index, type(decider.survey)())

    assert "customers:debtors:10001+" == decision.update["AFASID"]
    assert [Leave.RELEASE] == [leaver.how for leaver in leavers]


@pytest.mark.parametrize(
    ("left", "there", "arrived", "how"),
    [
        pytest.param("subscribed", "customers:debtors:10001", False, Leave.ARCHIVE, id="its row has a member there"),
        pytest.param("subscribed", "", False, Leave.ARCHIVE, id="a foreign member is there: mail to the old one ends"),
        pytest.param("subscribed", None, False, None, id="nobody is there yet: it stays"),
        pytest.param("transactional", None, True, Leave.ARCHIVE, id="its row came in there in this run"),
        pytest.param("unsubscribed", None, False, None, id="opted out, nobody there: the memory stays"),
        pytest.param("unsubscribed", "", False, None, id="opted out, a foreign member there: the memory stays"),
        pytest.param("unsubscribed", "customers:debtors:10001", False, Leave.RELEASE, id="the opt-out went along"),
        pytest.param("pending", None, True, Leave.RELEASE, id="pending cannot be archived: it loses our key"),
    ],
)
def test_member_that_a_row_left_behind(left: str, there: str | None, *, arrived: bool, how: Leave | None) -> None:
    """A row moved: its former member goes once the row is represented at the new address, no sooner."""
    others: tuple[Member, ...] = () if there is None else (member(key=there, address=NEW),)
    _, decider = decide(MOVED, member(left), *others)

    leavers = find_leavers(decider.index, decider.survey, arrived={NEW_ID} if arrived else ())

    assert ([how] if how else []) == [leaver.how for leaver in leavers]


def test_no_hash_in_a_repr() -> None:
    """A value that ends up in a traceback shows neither an address nor its hash."""
    one = member()
    values = [one, MemberUpdate(one.id, ADDRESS, {}), RefusedItem(one.id, Refusal.EXISTS)]

    assert not [value for value in values if one.id in repr(value) or ADDRESS in repr(value)]
