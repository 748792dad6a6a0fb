"""The decision table: what happens to a row, given its member and the other rows with its address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.rows import Consent
from tests.domain.samples import ADDRESS, OTHER_ADDRESS, T0, VALUES, decide, facts, member, sync_of

NO, YES, UNKNOWN = Consent.NO, Consent.YES, Consent.UNKNOWN
LATER = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("consent", "status", "outcome", "reason"),
    [
        pytest.param(UNKNOWN, None, "created", None, id="new address, AFAS silent: signed up"),
        pytest.param(YES, None, "created", None, id="new address, AFAS yes: signed up"),
        pytest.param(NO, None, "skipped", "no_consent", id="new address, AFAS no: not signed up"),
        pytest.param(UNKNOWN, "subscribed", "unchanged", None, id="subscribed, AFAS silent: nothing to do"),
        pytest.param(YES, "subscribed", "unchanged", None, id="subscribed, AFAS yes: nothing to do"),
        pytest.param(NO, "subscribed", "unsubscribed", None, id="subscribed, AFAS no: unsubscribed"),
        pytest.param(NO, "pending", "unsubscribed", None, id="pending, AFAS no: unsubscribed"),
        pytest.param(NO, "transactional", "unsubscribed", None, id="transactional, AFAS no: unsubscribed"),
        pytest.param(NO, "unsubscribed", "unchanged", None, id="opted out, AFAS no: both agree"),
        pytest.param(UNKNOWN, "unsubscribed", "unchanged", None, id="opted out, AFAS silent: stays opted out"),
        pytest.param(YES, "unsubscribed", "unchanged", None, id="opted out, AFAS yes: stays opted out"),
        pytest.param(YES, "cleaned", "unchanged", None, id="bounced, AFAS yes: stays bounced"),
        pytest.param(NO, "cleaned", "unchanged", None, id="bounced, AFAS no: stays bounced"),
        pytest.param(YES, "pending", "unchanged", None, id="pending, AFAS yes: stays pending"),
        pytest.param(
            YES, "archived", "skipped", "archived_by_a_person", id="archived by a person, AFAS yes: stays archived"
        ),
    ],
)
def test_consent_and_status(consent: Consent, status: str | None, outcome: str, reason: str | None) -> None:
    """Consent goes down by itself, never up."""
    members = [member(status)] if status else []

    decision, _ = decide(facts(consent=consent), *members)

    assert (outcome, reason) == (decision.outcome, decision.reason)
    assert not decision.update


@pytest.mark.parametrize(
    ("key", "opted_in", "given_opt_in", "outcome"),
    [
        pytest.param(
            "customers:debtors:10001",
            T0,
            T0,
            "unsubscribed",
            id="created by us: our own opt-in time counts for nothing",
        ),
        pytest.param(
            "customers:debtors:10001",
            LATER,
            LATER,
            "unsubscribed",
            id="created by us after AFAS's no: still our own time",
        ),
        pytest.param(
            "customers:debtors:10001", LATER, T0, "unchanged", id="the person signed up again later than AFAS's no"
        ),
        pytest.param("customers:debtors:10001", LATER, None, "unsubscribed", id="base lost: a no wins over a guess"),
        pytest.param(
            "customers:debtors:10001+", LATER, None, "unchanged", id="adopted, signed up later than AFAS's no"
        ),
        pytest.param(
            "customers:debtors:10001+",
            T0 - timedelta(days=9),
            None,
            "unsubscribed",
            id="adopted, signed up before AFAS's no",
        ),
    ],
)
def test_own_sign_up_against_no(key: str, opted_in: datetime, given_opt_in: datetime | None, outcome: str) -> None:
    """Only a sign-up of the person's own that is later than AFAS's no stands against it, and then it is listed."""
    opted_in = opted_in.replace(tzinfo=UTC)
    given_opt_in = given_opt_in.replace(tzinfo=UTC) if given_opt_in else None

    decision, _ = decide(facts(consent=NO), member(key=key, opted_in_at=opted_in, given_opt_in=given_opt_in))

    assert outcome == decision.outcome
    assert (outcome == "unchanged") == (Notice.CONSENT_DIFFERS in decision.notices)


def test_reverse_disagreement_is_listed() -> None:
    """AFAS says yes and the member opted out: nothing is written, and the report lists it."""
    decision, _ = decide(facts(consent=YES), member("unsubscribed"))

    assert (Notice.CONSENT_DIFFERS,) == decision.notices
    assert decision.outcome == Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("key", "status", "reason"),
    [
        pytest.param("prospects:leads:7", "subscribed", Reason.OTHER_SYNC, id="another owner's key"),
        pytest.param("something a person typed", "subscribed", Reason.NOT_OURS, id="key field used for something else"),
        pytest.param("", "archived", Reason.ARCHIVED_BY_PERSON, id="archived, never ours"),
        pytest.param("customers:debtors:10001", "archived", Reason.ARCHIVED_BY_PERSON, id="ours, archived by a person"),
    ],
)
def test_members_that_are_left_alone(key: str, status: str, reason: Reason) -> None:
    """Such a member is skipped and reported, whatever AFAS says."""
    decision, _ = decide(facts(), member(status, key=key, values={"COMPANY": "Other"}))

    assert (Outcome.SKIPPED, reason) == (decision.outcome, decision.reason)
    assert not decision.update
    assert not decision.opt_out


def test_adopts_member_without_key() -> None:
    """A member of before us gets our key with a plus and AFAS's values, and keeps what AFAS does not know."""
    decision, _ = decide(facts(), member(key="", values={"COMPANY": "Old name"}), values=("De Korenaar", ""))

    assert decision.adopts
    assert "customers:debtors:10001+" == decision.update["AFASID"]
    assert "De Korenaar" == decision.update["COMPANY"]
    assert "PHONE" not in decision.update


def test_adoption_can_be_forbidden() -> None:
    """With adopt: false a member without our key is not ours."""
    sync = sync_of(audience={"list_id": "a1b2c3d4e5", "adopt": False})

    decision, _ = decide(facts(), member(key=""), sync=sync)

    assert (Outcome.SKIPPED, Reason.NOT_OURS) == (decision.outcome, decision.reason)


def test_blank_in_afas_clears_our_own_member() -> None:
    """AFAS leads: a phone number that is gone there goes here."""
    decision, _ = decide(facts(), member(), values=("De Korenaar", ""))

    assert {"PHONE": ""} == decision.update


def test_only_differences_are_written() -> None:
    """One changed field is one field in the update."""
    decision, _ = decide(facts(), member(values={"COMPANY": "Oud"}))

    assert {"COMPANY": "De Korenaar"} == decision.update
    assert Outcome.UPDATED == decision.outcome
    assert MemberStatus.SUBSCRIBED == decision.known_status


def test_update_of_opted_out_member_has_fields_only() -> None:
    """AFAS's facts reach an opted-out member too; a status is never part of an update."""
    decision, _ = decide(facts(), member("unsubscribed", values={"COMPANY": "Oud"}))

    assert {"COMPANY": "De Korenaar"} == decision.update
    assert decision.create is None
    assert not decision.opt_out


@pytest.mark.parametrize(
    ("row", "rivals", "wins"),
    [
        pytest.param(facts("7", source="contacts"), (facts("10001"),), False, id="the first source wins"),
        pytest.param(facts("10001"), (facts("7", source="contacts"),), True, id="the second source loses"),
        pytest.param(
            facts("10001"), (facts("10002", modified=T0 + timedelta(days=1)),), False, id="the later change wins"
        ),
        pytest.param(facts("999"), (facts("10000"),), True, id="equal dates: the lower number wins, as a number"),
        pytest.param(facts("10001"), (facts("10002", modified=None),), True, id="a row without date loses"),
    ],
)
def test_shared_address_has_one_winner(row: object, rivals: tuple[object, ...], *, wins: bool) -> None:
    """Several rows with one address: the same one wins in every run."""
    decision, _ = decide(row, rivals=rivals)  # type: ignore[arg-type]

    assert wins == (decision.outcome == Outcome.CREATED)
    assert wins or decision.reason == Reason.SHARED_ADDRESS


def test_one_no_among_the_rows_is_enough() -> None:
    """For consent there is no winner."""
    decision, _ = decide(facts(consent=YES), member(), rivals=(facts("7", source="contacts", consent=NO),))

    assert Outcome.UNSUBSCRIBED == decision.outcome


def test_a_blocked_row_can_still_say_no() -> None:
    """A row that takes no part speaks for its address all the same."""
    blocked = facts("10002", consent=NO, reason=Reason.FILTERED_OUT)

    decision, _ = decide(facts(), member(), rivals=(blocked,))

    assert Outcome.UNSUBSCRIBED == decision.outcome


def test_new_winner_clears_the_losers_fields() -> None:
    """Fields that only the former winner's source maps are cleared."""
    theirs = member(key="customers:contacts:7", values={"FNAME": "Jan"})

    decision, _ = decide(facts(), theirs)

    assert {"AFASID": "customers:debtors:10001", "FNAME": ""} == decision.update


def test_key_copied_to_another_member() -> None:
    """An import in Mailchimp can copy our key: the member at the row's own address stays the right one."""
    decision, _ = decide(facts(), member(), member(address=OTHER_ADDRESS))

    assert Outcome.UNCHANGED == decision.outcome


def test_row_that_moved_since_the_survey_waits() -> None:
    """A row that the survey did not see is left to the next run."""
    _, decider = decide(facts())

    decision = decider.decide(facts("10009", address=OTHER_ADDRESS), None, VALUES)

    assert (Outcome.SKIPPED, Reason.CHANGED_WHILE_READING) == (decision.outcome, decision.reason)


def test_tags_are_set_once_on_entry() -> None:
    """A tag that a marketer removed later is not set again: the base remembers that it was set."""
    plain = sync_of()
    tagged = plain.sources["debtors"].model_copy(update={"tags": ("debiteur",)})
    sync = plain.model_copy(update={"sources": {**plain.sources, "debtors": tagged}})
    first, decider = decide(facts(), member(), sync=sync)
    assert first.base

    noted = str(decider.fields.tagged(first.base, "debtors"))
    second, _ = decide(facts(), member(base=noted), sync=sync)

    assert first.set_tags
    assert not second.set_tags
    assert Outcome.UNCHANGED == second.outcome


@given(
    consent=st.sampled_from(Consent),
    status=st.sampled_from(MemberStatus),
    key=st.sampled_from([
        "",
        "customers:debtors:10001",
        "customers:debtors:10001+",
        "customers:debtors:10001-s",
        "customers:contacts:7",
        "x:y:1",
        "?",
    ]),
    company=st.sampled_from(["De Korenaar", "", "Oud"]),
    rival_says=st.sampled_from([None, *Consent]),
)
def test_no_decision_ever_raises_a_status(
    consent: Consent, status: MemberStatus, key: str, company: str, rival_says: Consent | None
) -> None:
    """Whatever the situation: an existing member is never created, and only ever lowered."""
    rivals = (facts("7", source="contacts", consent=rival_says),) if rival_says else ()

    decision, _ = decide(facts(consent=consent), member(status, key=key), rivals=rivals, values=(company, ""))

    assert decision.create is None
    assert decision.returns is None or (key.endswith("-s") and status == MemberStatus.ARCHIVED)
    if decision.opt_out:
        assert NO in {consent, rival_says}
        assert status in {MemberStatus.SUBSCRIBED, MemberStatus.PENDING, MemberStatus.TRANSACTIONAL}
    assert not {"status", "email_address"} & set(decision.update)


def test_members_in_the_sample_are_in_sync() -> None:
    """The sample member equals the sample row, so that the tables above show differences only."""
    decision, _ = decide(facts(), member())

    assert Outcome.UNCHANGED == decision.outcome
    assert ADDRESS not in repr(decision)
