"""The report adds up, lists AFAS keys up to a cap, and can be read as a few lines."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.audience import Member, MemberStatus, NewMember
from afas_mailchimp.errors import ConfigurationError, RefusedError, SafetyStop, SyncError, TemporaryError
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.report import KEYS_LISTED, Report, summary
from afas_mailchimp.writing import existed_before, not_taken, went_down, went_up

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@given(st.lists(st.sampled_from(Outcome), max_size=60))
def test_counts_add_up(outcomes: list[Outcome]) -> None:
    """Read = created + updated + unchanged + unsubscribed + skipped + invalid + rejected."""
    report = Report(["debtors"])
    for number, outcome in enumerate(outcomes):
        report.end("debtors", str(number), outcome)

    counts = report.as_json()["sources"]["debtors"]

    assert len(outcomes) == counts["read"] == sum(counts[outcome] for outcome in Outcome)


def test_keys_are_capped_and_quiet_reasons_not_listed() -> None:
    """The list is for looking at; the count beside it is complete."""
    report = Report(["debtors"])
    for number in range(40):
        report.end("debtors", str(number), Outcome.INVALID, Reason.EMAIL_INVALID)
        report.end("debtors", f"b{number}", Outcome.SKIPPED, Reason.FILTERED_OUT)

    json = report.as_json()

    assert KEYS_LISTED == len(json["keys"]["email_invalid"])
    assert 40 == json["sources"]["debtors"]["reasons"]["email_invalid"]
    assert "filtered_out" not in json["keys"]


def test_summary_is_readable() -> None:
    """The log says what happened in a few lines."""
    report = Report(["debtors"])
    report.end("debtors", "1", Outcome.CREATED)
    report.end("debtors", "2", Outcome.INVALID, Reason.EMAIL_MISSING)
    report.archived = 2

    text = "\n".join(
        summary(
            report.as_json(
                sync="customers",
                mode="full",
                why="asked for",
                dry_run=True,
                seconds=1.2,
                api_calls={"afas": 3, "mailchimp": 4},
            )
        )
    )

    assert "debtors: 2 read: 1 created, 1 invalid" in text
    assert "dry run, full (asked for)" in text
    assert "written: 3; members 2 archived" in text


def sent(**values: str) -> NewMember:
    """A member as it was sent."""
    return NewMember("00" * 16, "jan@korenaar.example", MemberStatus.SUBSCRIBED, values, NOW)


def came_back(signed_up: datetime | None = None, opted_in: datetime | None = NOW, **values: str) -> Member:
    """The same as Mailchimp returned it."""
    return Member("00" * 16, MemberStatus.SUBSCRIBED, values, opted_in, signed_up, NOW)


@pytest.mark.parametrize(
    ("member", "existed"),
    [
        pytest.param(came_back(COMPANY="A"), False, id="just what was sent"),
        pytest.param(came_back(COMPANY="A", FNAME=""), False, id="other fields empty"),
        pytest.param(came_back(COMPANY="A", FNAME="vriend"), False, id="default value of a field"),
        pytest.param(came_back(COMPANY="A", FNAME="Jan"), True, id="a value that was not sent"),
        pytest.param(came_back(COMPANY="A", signed_up=NOW - timedelta(days=9)), True, id="signed up long ago"),
        pytest.param(came_back(COMPANY="A", opted_in=NOW - timedelta(days=9)), True, id="opted in long ago"),
        pytest.param(came_back(COMPANY="A", opted_in=NOW - timedelta(seconds=20)), False, id="clocks a little apart"),
    ],
)
def test_a_new_member_that_existed_before(member: Member, *, existed: bool) -> None:
    """A create can wake an archived member up; it shows by its age and by values that were not sent."""
    assert existed == existed_before(member, sent(COMPANY="A"), started=NOW, defaults={"FNAME": "vriend"})


def test_status_order() -> None:
    """Less mail is down, more mail is up."""
    assert went_up(MemberStatus.UNSUBSCRIBED, MemberStatus.SUBSCRIBED)
    assert went_up(MemberStatus.CLEANED, MemberStatus.UNSUBSCRIBED)
    assert went_down(MemberStatus.SUBSCRIBED, MemberStatus.UNSUBSCRIBED)
    assert not went_up(MemberStatus.PENDING, MemberStatus.PENDING)


def test_dropped_value_is_seen() -> None:
    """Mailchimp answers 200 and drops an address that it does not like."""
    assert not_taken({"ADDRESS": {"addr1": "Stadsring 69"}}, came_back(ADDRESS=""))
    assert not not_taken({"COMPANY": "A "}, came_back(COMPANY="A"))


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("a"),
        SafetyStop("b"),
        TemporaryError("c", retry_after=7.5),
        RefusedError("d", status=400, refusal="exists"),
    ],
)
def test_errors_survive_pickling(error: SyncError) -> None:
    """Airflow pickles what a task raises."""
    again = pickle.loads(pickle.dumps(error))

    assert (type(error), str(error), vars(error)) == (type(again), str(again), vars(again))
