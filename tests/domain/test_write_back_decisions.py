"""What goes back to AFAS, case by case: consent, three-way comparison, facts with rules of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.email_address import subscriber_hash
from afas_mailchimp.member_key import Base, MemberKey, address_digest, fact_digest, field_digest
from afas_mailchimp.member_news import Detail, MemberNews
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.values import replace as value_replace
from afas_mailchimp.write_back import Later, RowDecision, RowNow, SeenMember, WriteBackRules
from afas_mailchimp.write_back_settings import WriteBackSource
from tests.domain.samples import ADDRESS, OPTED_IN, OTHER_ADDRESS, T0, facts, sync_of

AFAS_SAID = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
"""The row's modified date, T0, in UTC."""
LAST_RUN = AFAS_SAID + timedelta(hours=1)
LATER = LAST_RUN + timedelta(hours=1)
NUMBER, OTHER_NUMBER = "+31332981234", "+31201234567"

DOWN = {"unsubscribed": False}
CODES = {"unsubscribed": "U", "cleaned": "B"}
BOTH = {"subscribed": True, "unsubscribed": False}
UNMAPPED = "BIRTHPLACE"[:10]


def rules_of(raise_since: datetime | None = LAST_RUN, **fields: Any) -> WriteBackRules:
    """The rules of the sample's debtors with these fields."""
    back = WriteBackSource.model_validate({
        "organisation": {"update": "KnOrganisation", "key": "BcCo"},
        "fields": fields,
    })
    return WriteBackRules(back, sync_of().sources["debtors"], raise_since=raise_since)


def status(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A status field with this table."""
    return {"to": "Nieuwsbrief", "current": "Nieuwsbrief", "values": values, **more}


def seen(
    state: str = "subscribed",
    *,
    address: str = ADDRESS,
    opted_in_at: datetime | None = OPTED_IN,
    values: dict[str, Any] | None = None,
    details: dict[Detail, Any] | None = None,
    agreed: dict[str, str] | None = None,
    base_address: str = ADDRESS,
) -> SeenMember:
    """A member with our key; ``agreed`` is what both sides last had, by fact."""
    news = MemberNews(
        subscriber_hash(address), address, MemberStatus(state), values or {}, opted_in_at, LATER, details or {}
    )
    noted = {fact_digest(fact): field_digest(text) for fact, text in (agreed or {}).items()}
    base = Base(address_digest(subscriber_hash(base_address)), opted_in_at=OPTED_IN, fields=noted)
    return SeenMember(news, MemberKey("customers", "debtors", "10001"), base)


def written(decision: RowDecision) -> dict[str, Any]:
    """What is written, by field."""
    return {write.name: write.value for write in decision.writes}


def decide(
    rules: WriteBackRules, member: SeenMember, *, own: bool = True, row: Any = None, **currents: Any
) -> RowDecision:
    """Decide the sample row with these present values."""
    present = {name: currents.get(name) for name in rules.facts}
    return rules.decide(RowNow(row or facts(), present), member, own=own)


CONSENT = [
    # table, AFAS, Mailchimp, written
    pytest.param(DOWN, True, "unsubscribed", False, id="yes-and-opted-out"),
    pytest.param(DOWN, None, "unsubscribed", False, id="nothing-and-opted-out"),
    pytest.param(DOWN, False, "unsubscribed", None, id="no-and-opted-out"),
    pytest.param(DOWN, True, "subscribed", None, id="yes-and-subscribed"),
    pytest.param(DOWN, False, "subscribed", None, id="no-and-subscribed-is-not-raised"),
    pytest.param(DOWN, True, "cleaned", None, id="a-bounce-is-no-opt-out"),
    pytest.param(DOWN, True, "archived", None, id="archived-says-nothing"),
    pytest.param(DOWN, True, "pending", None, id="pending-is-not-listed"),
    pytest.param(DOWN, True, "transactional", None, id="transactional-is-not-listed"),
    pytest.param(CODES, "A", "unsubscribed", "U", id="another-code"),
    pytest.param(CODES, "A", "cleaned", "B", id="a-bounce-has-a-code"),
    pytest.param(CODES, "U", "cleaned", None, id="a-bounce-never-over-an-opt-out"),
    pytest.param(CODES, "B", "unsubscribed", "U", id="an-opt-out-over-a-bounce"),
    pytest.param(CODES, "u ", "unsubscribed", None, id="the-code-in-other-letters"),
]


@pytest.mark.parametrize(("table", "afas", "mailchimp", "value"), CONSENT)
def test_consent_goes_down_only(table: dict[str, Any], afas: Any, mailchimp: str, value: Any) -> None:
    """The strictest side wins, whoever was later."""
    decision = decide(rules_of(status=status(table)), seen(mailchimp), status=afas)
    assert written(decision) == ({} if value is None else {"status": value})
    assert [write.opts_out for write in decision.writes] == [mailchimp == "unsubscribed"] * len(decision.writes)


@pytest.mark.parametrize(
    ("opted_in", "since", "own", "raised"),
    [
        pytest.param(LATER, LAST_RUN, True, True, id="own-sign-up-later-than-both"),
        pytest.param(LATER, None, True, False, id="first-run-raises-nothing"),
        pytest.param(LATER, LATER, True, False, id="seen-before"),
        pytest.param(
            AFAS_SAID - timedelta(minutes=1), AFAS_SAID - timedelta(days=1), True, False, id="before-afas-said-no"
        ),
        pytest.param(OPTED_IN, OPTED_IN - timedelta(days=1), True, False, id="the-time-that-we-gave"),
        pytest.param(LATER, LAST_RUN, False, False, id="not-the-members-own-row"),
        pytest.param(None, LAST_RUN, True, False, id="no-time"),
    ],
)
def test_a_persons_own_sign_up(opted_in: datetime | None, since: datetime | None, own: bool, raised: bool) -> None:
    """Only a sign-up of the person's own, later than AFAS's no and than the last run, raises consent."""
    rules = rules_of(since, status=status(BOTH, person_may_return=True))
    decision = decide(rules, seen("subscribed", opted_in_at=opted_in), own=own, status=False)
    assert written(decision) == ({"status": True} if raised else {})


def test_a_row_without_a_date_is_not_raised() -> None:
    """Nobody can say whether the sign-up is later than the no."""
    rules = rules_of(status=status(BOTH, person_may_return=True))
    assert not decide(rules, seen(opted_in_at=LATER), row=facts(modified=None), status=False).writes


PHONE = {"to": "TeNr", "current": "TelNr"}
THREE_WAYS = [
    # member, AFAS, agreed, written, notice
    pytest.param(OTHER_NUMBER, NUMBER, NUMBER, OTHER_NUMBER, None, id="the-subscriber-changed-it"),
    pytest.param(NUMBER, "030 2345678", NUMBER, None, None, id="afas-changed-it"),
    pytest.param(OTHER_NUMBER, "030 2345678", NUMBER, None, Notice.CHANGED_ON_BOTH_SIDES, id="both-changed-it"),
    pytest.param(OTHER_NUMBER, NUMBER, None, None, None, id="nothing-known"),
    pytest.param(OTHER_NUMBER, None, None, None, None, id="nothing-known-and-afas-blank"),
    pytest.param("033-298 12 34", NUMBER, NUMBER, None, None, id="the-same-number-spelled-otherwise"),
    pytest.param("020-1234567", "033-2981234", NUMBER, OTHER_NUMBER, None, id="written-in-one-form"),
    pytest.param("", NUMBER, NUMBER, None, None, id="emptied"),
    pytest.param(OTHER_NUMBER, None, "", OTHER_NUMBER, None, id="afas-was-blank-and-is"),
]


@pytest.mark.parametrize(("mine", "afas", "agreed", "value", "notice"), THREE_WAYS)
def test_three_ways(mine: str, afas: str | None, agreed: str | None, value: str | None, notice: Notice | None) -> None:
    """Written only when the subscriber changed it and AFAS did not."""
    member = seen(values={"PHONE": mine}, agreed={} if agreed is None else {"PHONE": agreed})
    decision = decide(rules_of(PHONE=PHONE), member, PHONE=afas)
    assert written(decision) == ({} if value is None else {"PHONE": value})
    assert decision.notices == ((notice,) if notice else ())


def test_an_emptied_value_goes_back_where_the_file_says_so() -> None:
    """``may_clear`` empties the field in AFAS too."""
    member = seen(values={"PHONE": ""}, agreed={"PHONE": NUMBER})
    assert written(decide(rules_of(PHONE={**PHONE, "may_clear": True}), member, PHONE=NUMBER)) == {"PHONE": None}


def test_a_merge_field_that_mailchimp_did_not_return_says_nothing() -> None:
    """A deleted merge field is not an emptied one."""
    assert not decide(rules_of(PHONE={**PHONE, "may_clear": True}), seen(agreed={"PHONE": NUMBER}), PHONE=NUMBER).writes


def test_what_no_import_fills_may_fill_a_blank() -> None:
    """Where AFAS has nothing and never fills the merge field, nothing of AFAS is overwritten."""
    rules = rules_of(**{UNMAPPED: {"to": "RsBi", "current": "Plaats"}})
    member = seen(values={UNMAPPED: "Utrecht"})
    assert written(decide(rules, member, **{UNMAPPED: None})) == {UNMAPPED: "Utrecht"}
    assert not decide(rules, member, **{UNMAPPED: "Leiden"}).writes


def test_a_table_is_read_both_ways() -> None:
    """AFAS's code stands for the member's value, so the same is the same."""
    rules = rules_of(language={"to": "LgId", "current": "Taal", "values": {"nl": "NLD", "en": "ENG"}})
    same = decide(rules, seen(details={Detail.LANGUAGE: "nl"}), language="NLD")
    assert (same.writes, same.agreed) == ((), {fact_digest("language"): field_digest("nl")})
    changed = seen(details={Detail.LANGUAGE: "en"}, agreed={"language": "nl"})
    assert written(decide(rules, changed, language="NLD")) == {"language": "ENG"}
    unknown = seen(details={Detail.LANGUAGE: "fr"}, agreed={"language": "nl"})
    assert not decide(rules, unknown, language="NLD").writes


def test_rates_are_whole_percents() -> None:
    """A fraction of Mailchimp is a percentage in AFAS, and AFAS's spelling of it is the same number."""
    rules = rules_of(open_rate={"to": "Opens", "current": "Opens"})
    assert written(decide(rules, seen(details={Detail.OPEN_RATE: 0.2549}), open_rate=None)) == {"open_rate": "25"}
    assert not decide(rules, seen(details={Detail.OPEN_RATE: 0.2549}), open_rate=25.0).writes


def test_other_rows_and_former_addresses_get_the_opt_out_alone() -> None:
    """A number belongs to the row whose key the member carries, at its own address; an opt-out to the person."""
    rules = rules_of(status=status(DOWN), PHONE=PHONE, bounced={"to": "E-mail onjuist", "current": "EmailOnjuist"})
    member = seen("unsubscribed", values={"PHONE": OTHER_NUMBER}, agreed={"PHONE": NUMBER})
    shared = decide(rules, member, own=False, row=facts("10002"), PHONE=NUMBER, status=True)
    moved = decide(rules, member, row=facts(address=OTHER_ADDRESS), PHONE=NUMBER, status=True)
    assert written(shared) == written(moved) == {"status": False}
    assert shared.agreed is None
    assert set(written(decide(rules, member, PHONE=NUMBER, status=True))) == {"status", "PHONE"}


@pytest.mark.parametrize(
    ("state", "afas", "value"),
    [("cleaned", False, True), ("cleaned", None, True), ("cleaned", True, None), ("subscribed", True, None)],
)
def test_a_bounce(state: str, afas: Any, value: Any) -> None:
    """Written while the address bounces; never taken back by itself."""
    decision = decide(rules_of(bounced={"to": "x", "current": "EmailOnjuist"}), seen(state), bounced=afas)
    assert written(decision) == ({} if value is None else {"bounced": value})


@pytest.mark.parametrize(
    ("base_address", "row_address", "state", "goes"),
    [
        pytest.param(ADDRESS, ADDRESS, "subscribed", True, id="subscriber-moved"),
        pytest.param("oud@korenaar.example", ADDRESS, "subscribed", False, id="afas-moved-too"),
        pytest.param(ADDRESS, ADDRESS, "cleaned", False, id="the-new-one-bounces"),
        pytest.param(ADDRESS, OTHER_ADDRESS, "subscribed", False, id="afas-has-it"),
    ],
)
def test_the_subscribers_address(base_address: str, row_address: str, state: str, goes: bool) -> None:
    """It goes back where AFAS still has the address that we last put at the member."""
    rules = rules_of(email={"to": "EmAd", "current": "Email"})
    member = seen(state, address=OTHER_ADDRESS, base_address=base_address)
    decision = decide(rules, member, row=facts(address=row_address), email=row_address)
    assert written(decision) == ({"email": OTHER_ADDRESS} if goes else {})


@pytest.mark.parametrize(
    ("consent", "known", "fields"),
    [
        pytest.param(True, "2020-01-01", {"status", "unsubscribed_at"}, id="with-the-opt-out"),
        pytest.param(False, None, {"unsubscribed_at"}, id="afas-knows-no-moment"),
        pytest.param(False, "2020-01-01", set(), id="afas-knows-one"),
    ],
)
def test_the_moment_of_opting_out(consent: bool, known: str | None, fields: set[str]) -> None:
    """It goes with the opt-out, or fills a blank; it is asked for only then."""
    rules = rules_of(status=status(DOWN), unsubscribed_at={"to": "Op", "current": "Op"})
    found = written(decide(rules, seen("unsubscribed"), status=consent, unsubscribed_at=known))
    assert set(found) == fields
    assert found.get("unsubscribed_at", Later.OPTED_OUT_AT) == Later.OPTED_OUT_AT


def test_the_last_change_goes_along_and_never_alone() -> None:
    """Our own writes move it: alone it would go round for ever."""
    rules = rules_of(PHONE=PHONE, last_changed={"to": "Laatst", "current": "Laatst"})
    member = seen(values={"PHONE": OTHER_NUMBER}, agreed={"PHONE": NUMBER})
    assert set(written(decide(rules, member, PHONE=NUMBER))) == {"PHONE", "last_changed"}
    assert not decide(rules, seen(values={"PHONE": NUMBER}, agreed={"PHONE": NUMBER}), PHONE=NUMBER).writes


TEXT = st.sampled_from(["", "a", "b", "c"])
EVERY = rules_of(
    status=status({**BOTH, "cleaned": "bounce"}, person_may_return=True),
    bounced={"to": "b", "current": "B"},
    COMPANY={"to": "Nm", "current": "DebtorName"},
    **{UNMAPPED: {"to": "RsBi", "current": "Plaats", "may_clear": True}},
    unsubscribe_reason={"to": "Re", "current": "Re"},
)


@given(
    state=st.sampled_from([*MemberStatus]),
    opted_in=st.sampled_from([None, OPTED_IN, LATER]),
    company=TEXT,
    place=TEXT,
    agreed=st.dictionaries(st.sampled_from(["COMPANY", UNMAPPED]), TEXT),
    now=st.fixed_dictionaries({
        "status": st.sampled_from([None, True, False, "bounce", "x"]),
        "bounced": st.sampled_from([None, True, False]),
        "COMPANY": TEXT,
        UNMAPPED: TEXT,
        "unsubscribe_reason": TEXT,
    }),
    own=st.booleans(),
)
def test_always(
    *, state: Any, opted_in: Any, company: str, place: str, agreed: Any, now: dict[str, Any], own: bool
) -> None:
    """Never what AFAS has, never over AFAS's own change, consent up only after a sign-up; deciding again is silent."""
    member = seen(
        state,
        opted_in_at=opted_in,
        values={"COMPANY": company, UNMAPPED: place},
        details={Detail.REASON: "reden"},
        agreed=agreed,
    )
    decision = decide(EVERY, member, own=own, **now)
    found = written(decision)
    assert all(found[name] != now[name] for name in found)
    assert found.get("status") is not True or (own and state == "subscribed" and opted_in == LATER)
    assert state != "unsubscribed" or now["status"] is False or found["status"] is False
    for fact in ("COMPANY", UNMAPPED):
        assert fact not in found or agreed.get(fact, "") == now[fact]
    # The first, cheap look never leaves out what would be written.
    if found:
        assert EVERY.concerns_all_rows(member) or (own and EVERY.concerns_its_row(member))
    after = {**now, **{name: value if value is not None else "" for name, value in found.items()}}
    noted = dict(decision.agreed or {}) | {
        write.agreed[0]: write.agreed[1] for write in decision.writes if write.agreed
    }
    base = value_replace(member.base, fields=noted) if member.base and decision.agreed is not None else member.base
    assert not decide(EVERY, replace(member, base=base), own=own, row=facts(modified=T0), **after).writes
