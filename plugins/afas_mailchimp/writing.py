"""What is written and how answers are judged: pure checks behind every write to the audience."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from afas_mailchimp.audience import Member, MemberStatus, MergeValue, NewMember, Refusal
from afas_mailchimp.audience_index import STRICTNESS
from afas_mailchimp.decision import Decision
from afas_mailchimp.merge_values import comparable
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.rows import RowFacts
from afas_mailchimp.survey import Claim
from afas_mailchimp.values import Value

CLOCK_MARGIN = timedelta(minutes=1)
"""Mailchimp's time stamps can lie a little before its own ``Date`` header."""


class Planned(Value, frozen=True, gc=False):
    """A row with its decision, kept until the write is confirmed.

    :param claim: what AFAS says about its address; None when it has none, or only the second reading saw it.
    :param values: the row's merge values, in the order of its source's mapping.
    :param notices: what was left out of them.
    :param tries: how often the decision was made anew because the member had changed meanwhile.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"values"})

    row: RowFacts
    claim: Claim | None
    values: tuple[MergeValue, ...]
    decision: Decision
    notices: tuple[Notice, ...] = ()
    tries: int = 0


class Ending(Value, frozen=True, gc=False):
    """How a row ended.

    :param decision: what was decided and done; None when nothing was.
    """

    row: RowFacts
    outcome: Outcome
    reason: str | None = None
    notices: tuple[Notice, ...] = ()
    decision: Decision | None = None


def ending(planned: Planned, *notices: Notice) -> Ending:
    """The end of a row whose writes all succeeded."""
    decision = planned.decision
    all_notices = (*planned.notices, *decision.notices, *notices)
    return Ending(planned.row, decision.outcome, decision.reason, all_notices, decision)


def refused(planned: Planned, refusal: str) -> Ending:
    """The end of a row that Mailchimp refused.

    An address that was deleted for good is no mistake of the row: it was erased on request, here or in Mailchimp.
    """
    if refusal == Refusal.FORGOTTEN:
        return Ending(planned.row, Outcome.SKIPPED, Reason.ERASED, planned.notices)
    return Ending(planned.row, Outcome.REJECTED, refusal, planned.notices)


def existed_before(member: Member, sent: NewMember, *, started: datetime, defaults: Mapping[str, str]) -> bool:
    """Whether a member that came back as new was there before: somebody had archived it, and our write woke it up.

    :param started: Mailchimp's clock when the chunk was made.
    :param defaults: default values of the audience's merge fields; a new member may have those.
    """
    early = started - CLOCK_MARGIN
    if member.signed_up_at is not None and member.signed_up_at < early:
        return True
    if member.opted_in_at is not None and member.opted_in_at < min(early, sent.opted_in_at or early):
        return True
    return any(
        comparable(value) not in {"", defaults.get(tag, "")}
        for tag, value in member.merge_fields.items()
        if tag not in sent.merge_fields
    )


def went_up(before: MemberStatus, after: MemberStatus) -> bool:
    """Whether a status allows more mail than the one known."""
    return STRICTNESS[after] > STRICTNESS[before]


def went_down(before: MemberStatus, after: MemberStatus) -> bool:
    """Whether a status allows less mail than the one known: the person opted out meanwhile."""
    return STRICTNESS[after] < STRICTNESS[before]


def not_taken(sent: Mapping[str, MergeValue], member: Member) -> bool:
    """Whether Mailchimp answered with success and kept another value (it drops addresses it does not like)."""
    return any(comparable(member.merge_fields.get(tag, "")) != comparable(value) for tag, value in sent.items())
