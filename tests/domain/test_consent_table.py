"""The consent table, row by row on the decision function; and the pages that show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

import pytest

from afas_mailchimp.audience import Member, MemberStatus, Refusal
from afas_mailchimp.decision import Decision
from afas_mailchimp.email_address import subscriber_hash
from afas_mailchimp.member_key import Base, address_digest
from afas_mailchimp.outcomes import Notice, Reason
from afas_mailchimp.retry_memory import PAUSES, TRANSIENT
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.settings import SyncFile
from tests.domain.consent_page import PAGES, renewed
from tests.domain.consent_table import TABLE, Afas, Case, Ends, Entry, Known
from tests.domain.samples import ADDRESS, OPTED_IN, OTHER_ADDRESS, T0, decide, facts, member, sync_of

LATER = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""After AFAS's row was last changed."""

LEFT = str(Base(address=address_digest(subscriber_hash(ADDRESS)), opted_in_at=OPTED_IN, left_with=OPTED_IN))
OURS, ADOPTED = "customers:debtors:10001", "customers:debtors:10001+"


def archived(mark: str) -> Member:
    """A member that we archived, and nobody touched since."""
    return member("archived", key=f"{OURS}-{mark}", base=LEFT)


BY_A_PERSON = (
    member("archived", key=""),
    member("archived"),
    member("archived", key=f"{OURS}-s", base=LEFT, opted_in_at=LATER),
)
"""Never ours; ours; and archived by us, signed up by himself, and archived again by a person."""

SCENES: dict[Known, tuple[tuple[Member, ...], ...]] = {
    Known.ABSENT: ((),),
    Known.OURS: ((member(),), (member(opted_in_at=LATER, given_opt_in=LATER),), (member(opted_in_at=None),)),
    Known.OWN_SIGN_UP: (
        (member(opted_in_at=LATER),),
        (member(key=ADOPTED, opted_in_at=LATER, given_opt_in=None),),
        (member(key="", opted_in_at=LATER),),
    ),
    Known.OLDER_SIGN_UP: ((member(key=""),), (member(key=ADOPTED, given_opt_in=None),)),
    Known.PENDING: ((member("pending"),), (member("pending", key=""),)),
    Known.TRANSACTIONAL: ((member("transactional"),), (member("transactional", key="", opted_in_at=LATER),)),
    Known.UNSUBSCRIBED: ((member("unsubscribed"),), (member("unsubscribed", key=""),)),
    Known.CLEANED: ((member("cleaned"),), (member("cleaned", key=""),)),
    Known.ARCHIVED_BY_PERSON: tuple((each,) for each in BY_A_PERSON),
    Known.ARCHIVED_WHILE_SUBSCRIBED: ((archived("s"),),),
    Known.ARCHIVED_WHILE_TRANSACTIONAL: ((archived("t"),),),
    Known.SIGNED_UP_SINCE: ((member(key=f"{OURS}-s", base=LEFT, opted_in_at=LATER),),),
    Known.OTHER_SYNC: ((member(key="prospects:leads:7"),), (member("archived", key="prospects:leads:7"),)),
    Known.NOT_ADOPTED: ((member(key=""),), (member("unsubscribed", key=""),)),
    Known.WAS_SUBSCRIBED: ((member(),),),
    Known.WAS_PENDING: ((member("pending"),),),
    Known.WAS_TRANSACTIONAL: ((member("transactional"),),),
    Known.WAS_UNSUBSCRIBED: ((member("unsubscribed"),),),
    Known.WAS_CLEANED: ((member("cleaned"),),),
    Known.WAS_ARCHIVED_BY_PERSON: tuple((each,) for each in BY_A_PERSON[1:]),
    Known.WAS_ARCHIVED_BY_US: ((archived("s"),),),
    Known.MEETS_SUBSCRIBED: ((member(), member(key="", address=OTHER_ADDRESS)),),
    Known.MEETS_UNSUBSCRIBED: ((member(), member("unsubscribed", key="", address=OTHER_ADDRESS)),),
    Known.BRINGS_OPT_OUT: ((member("unsubscribed"), member(key="", address=OTHER_ADDRESS)),),
    Known.FORGOTTEN: ((),),
    Known.MANY_LISTS: ((),),
}
"""Audiences in which Mailchimp knows the address so; each is tried."""

CHANGED = {known for known in Known if known.startswith(("was_", "meets_", "brings_"))}
"""The row's address changed in AFAS: its member is at the old one."""

REFUSALS = {Known.FORGOTTEN: Refusal.FORGOTTEN, Known.MANY_LISTS: Refusal.MANY_LISTS}


def rows_that_say(afas: Afas, address: str) -> list[tuple[RowFacts, tuple[RowFacts, ...]]]:
    """The winning row and the others with its address; a no can come from any of them."""
    if afas != Afas.NO:
        return [(facts(consent=Consent(afas), address=address), ())]
    yes = facts(consent=Consent.YES, address=address)
    other = facts("7", source="contacts", consent=Consent.NO, address=address)
    blocked = facts("10002", consent=Consent.NO, reason=Reason.FILTERED_OUT, address=address)
    return [(facts(consent=Consent.NO, address=address), ()), (yes, (other,)), (yes, (blocked,))]


@cache
def sync_with(entry: Entry, *, adopt: bool) -> SyncFile:
    """A sync with a setting for new members."""
    return sync_of(
        consent={"new_members": entry.value, "basis": "existing customers"},
        audience={"list_id": "a1b2c3d4e5", "adopt": adopt},
    )


def ends_of(decision: Decision, known: Known) -> Ends:  # noqa: PLR0911 - one answer for each kind of decision
    """A decision in the words of the table."""
    if decision.opt_out:
        return Ends.LOWERED
    if decision.move_from:
        return Ends.MOVED
    if decision.create and known in REFUSALS:
        return Ends.REFUSED_FOR_NOW if REFUSALS[known] in TRANSIENT else Ends.ERASED
    if decision.create:
        return Ends(f"created_{decision.create}")
    if decision.returns:
        return Ends(f"returned_{decision.returns}")
    if decision.reason in {Reason.OTHER_SYNC, Reason.NOT_OURS}:
        return Ends.LEFT_ALONE
    if decision.reason:
        return Ends.STAYS_ARCHIVED if decision.known_status == MemberStatus.ARCHIVED else Ends.NOT_CREATED
    return Ends.UNCHANGED


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_row_of_the_table(case: Case) -> None:
    """What the table says is what the decision function does, with every answer and setting that the row names."""
    address = OTHER_ADDRESS if case.known in CHANGED else ADDRESS
    tried = 0
    for afas, entry, members in product(case.afas, case.entries, SCENES[case.known]):
        sync = sync_with(entry, adopt=case.known != Known.NOT_ADOPTED)
        for row, rivals in rows_that_say(afas, address):
            decision, _ = decide(row, *members, rivals=rivals, sync=sync)

            assert (case.ends, case.differs) == (
                ends_of(decision, case.known),
                Notice.CONSENT_DIFFERS in decision.notices,
            ), (afas, entry)
            tried += 1

    assert tried >= len(case.afas) * len(case.entries)


def test_table_is_complete() -> None:
    """Each way in which Mailchimp can know an address has exactly one row for each answer and setting."""
    cells = [(case.known, afas, entry) for case in TABLE for afas in case.afas for entry in case.entries]

    assert sorted(product(Known, Afas, Entry)) == sorted(cells)
    assert len({case.name for case in TABLE}) == len(TABLE)


def test_both_addresses_are_lowered() -> None:
    """Where the table says that both addresses are unsubscribed, both are; where it says the old one, that one is."""
    old, new = subscriber_hash(ADDRESS), subscriber_hash(OTHER_ADDRESS)
    row = facts(consent=Consent.NO, address=OTHER_ADDRESS)

    lowered = {known: set(decide(row, *SCENES[known][0])[0].opt_out) for known in CHANGED}

    assert {old, new} == lowered[Known.MEETS_SUBSCRIBED]
    assert {new} == lowered[Known.BRINGS_OPT_OUT]
    assert {old} == lowered[Known.WAS_SUBSCRIBED] == lowered[Known.WAS_PENDING] == lowered[Known.MEETS_UNSUBSCRIBED]


def test_times_of_another_try() -> None:
    """The pauses that the table names are the program's."""
    assert (timedelta(minutes=5), timedelta(days=1), timedelta(days=2), timedelta(days=7)) == PAUSES
    assert T0.replace(tzinfo=UTC) < LATER


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)
def test_page_shows_the_table(page: object) -> None:
    """The pages are written from the table; after a change: python -m tests.domain.consent_page."""
    text = page.path.read_text(encoding="utf-8")  # type: ignore[attr-defined]

    assert renewed(text, page) == text, "renew the page: python -m tests.domain.consent_page"  # type: ignore[arg-type]
    assert all(getattr(case, page.language) in text for case in TABLE)  # type: ignore[attr-defined]
