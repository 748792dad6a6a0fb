"""Settled rows and newcomers are decided by a short way, which must decide what the long one does."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afas_mailchimp.audience import Member, MemberStatus
from afas_mailchimp.decisions import Decider
from afas_mailchimp.email_address import subscriber_hash
from afas_mailchimp.member_key import address_digest
from afas_mailchimp.outcomes import Reason
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.standing import Standing
from tests.domain.samples import ADDRESS, OTHER_ADDRESS, VALUES, decide, facts, member, sync_of

SECOND = "customers:debtors:10002"
ADDRESSES = [ADDRESS, OTHER_ADDRESS]
TAGGED = sync_of(
    sources={
        "debtors": {
            "connector": "Profit_Debtor_App",
            "key": "DebtorId",
            "email": "Email",
            "tags": ["debiteur"],
            "merge_fields": {"COMPANY": "DebtorName", "PHONE": {"phone": "TelNr"}},
        },
        "contacts": {
            "connector": "Profit_Contacts_App",
            "key": "ContactId",
            "email": "MailWork",
            "tags": ["contact"],
            "merge_fields": {"FNAME": "Voornaam", "PHONE": {"phone": "TelWork"}},
        },
    }
)

rows = st.builds(
    facts,
    st.sampled_from(["10001", "10002"]),
    source=st.sampled_from(["debtors", "debtors", "contacts"]),
    address=st.sampled_from(ADDRESSES),
    consent=st.sampled_from([Consent.UNKNOWN, Consent.YES, Consent.NO]),
    reason=st.sampled_from([None, None, None, Reason.FILTERED_OUT]),
)
keys = st.sampled_from([
    *("customers:debtors:10001",) * 4,
    *(f"customers:debtors:10001{mark}" for mark in ("+", "-s", "+-t")),
    *(SECOND,) * 3,
    *("customers:contacts:10001", "others:debtors:10001", "mine", ""),
])
bases = st.sampled_from([
    None,
    "",
    *(f"a:{address_digest(subscriber_hash(address))}" for address in ADDRESSES),
    f"a:{address_digest(subscriber_hash(ADDRESS))} o:65000000 t:abc l:66000000",
])


@st.composite
def audiences(draw: st.DrawFn) -> list[Member]:
    """At most one member at each address."""
    taken = draw(st.lists(st.sampled_from(ADDRESSES), unique=True, max_size=2))
    return [
        member(
            draw(st.sampled_from([status.value for status in MemberStatus])),
            key=draw(keys),
            address=address,
            base=draw(bases),
            values=draw(st.sampled_from([None, {"COMPANY": "Anders"}, {"FNAME": "Jan"}])),
        )
        for address in taken
    ]


@given(rows, st.lists(rows, max_size=2), audiences(), st.booleans())
@settings(max_examples=300)
@example(facts(), [facts("10002")], [member(), member("unsubscribed", key=SECOND, address=OTHER_ADDRESS)], False)
@example(facts(), [facts("10002")], [member(), member(key=SECOND, address=OTHER_ADDRESS)], False)
@example(facts(), [facts("10002")], [member(key=SECOND, address=OTHER_ADDRESS)], False)
@example(facts(), [], [member("cleaned", address=OTHER_ADDRESS)], True)
@example(facts(consent=Consent.NO), [], [], False)
@example(facts(), [], [member(), member("cleaned", address=OTHER_ADDRESS)], False)
def test_both_ways_decide_alike(row: RowFacts, rivals: list[RowFacts], members: list[Member], tagged: bool) -> None:
    """Rows that share, moved, left or said no are not taken for settled, and those that are end the same."""
    sync = TAGGED if tagged else sync_of()
    others = tuple({rival.name: rival for rival in rivals if rival.name != row.name}.values())
    short, _ = decide(row, *members, rivals=others, values=VALUES, sync=sync)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Standing, "is_settled", lambda *_: False)
        patch.setattr(Standing, "is_newcomer", lambda *_: False)
        long, _ = decide(row, *members, rivals=others, values=VALUES, sync=sync)

    assert long == short


def test_most_rows_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise this would be no faster than before."""
    monkeypatch.setattr(Decider, "decide_existing", lambda *_: pytest.fail("the long way was taken"))

    decision, _ = decide(facts(), member())

    assert "unchanged" == decision.outcome
