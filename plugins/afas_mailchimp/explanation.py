"""Why one row of AFAS is, or is not, in the audience: what was found, as steps without any value of a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from afas_mailchimp.amsterdam_time import to_utc
from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import KnownMember, row_name
from afas_mailchimp.decision import Decision
from afas_mailchimp.leaving import Leave, Leaver
from afas_mailchimp.outcomes import Outcome, Reason
from afas_mailchimp.retry_memory import Due
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.settings_view import filter_text
from afas_mailchimp.survey import Claim


@dataclass(frozen=True, slots=True)
class Inquired:
    """What was asked and found about one row.

    :param facts: the row, None when AFAS does not have it.
    :param claim: what all rows with its address say; None when it takes no part.
    :param sharing: names of the rows with its address.
    :param member: the member at its address.
    :param elsewhere: members at other addresses that carry its key.
    :param last_changed: of the member at its address, UTC.
    :param whole: the audience was read as a whole, so that "elsewhere" is complete.
    :param watermark: of its source, naive Amsterdam wall time.
    """

    sync: SyncFile
    name: str
    facts: RowFacts | None
    twice: bool = False
    claim: Claim | None = None
    sharing: tuple[str, ...] = ()
    member: KnownMember | None = field(default=None, repr=False)
    elsewhere: tuple[KnownMember, ...] = field(default=(), repr=False)
    last_changed: datetime | None = None
    whole: bool = True
    decision: Decision | None = None
    leaver: Leaver | None = None
    due: Due | None = None
    watermark: datetime | None = None


class Topic(StrEnum):
    """What a step is about."""

    ROW = "row"
    FILTER = "filter"
    ADDRESS = "address"
    CONSENT = "consent"
    WINNER = "winner"
    MEMBER = "member"
    CHANGED = "changed"
    RETRY = "retry"
    NEXT = "next"
    WHEN = "when"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at.

    :param says: name of its sentence.
    :param good: whether it speaks for membership; None when it is only told.
    :param places: what is filled in: AFAS keys, statuses, columns, merge tags, moments.
    :param reason: a reason of the report that tells the rest.
    """

    topic: Topic
    says: str
    good: bool | None = None
    places: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None


def explain(found: Inquired) -> Iterator[Step]:
    """Tell it in the order in which the rules apply."""
    facts = found.facts
    source = found.sync.sources[found.name.partition(":")[0]]
    if facts is None:
        yield Step(Topic.ROW, "row_absent", good=False, places={"connector": source.connector})
    else:
        yield Step(Topic.ROW, "row_found", good=True, places={"connector": source.connector})
        yield from _of_the_row(found, facts)
    yield from _members(found)
    yield from _changes(found)
    if found.due:
        yield Step(Topic.RETRY, "retry_at", places={"at": found.due.at, "tries": found.due.tries + 1})
    yield from _next(found)


def _of_the_row(found: Inquired, facts: RowFacts) -> Iterator[Step]:
    source = found.sync.sources[facts.source]
    if found.twice:
        yield Step(Topic.ROW, "row_twice", good=False, reason=Reason.KEY_NOT_UNIQUE)
    if facts.reason in {Reason.ERASED, Reason.KEY_MISSING}:
        yield Step(Topic.ROW, "row_out", good=False, reason=facts.reason)
        return
    if source.filter:
        passes = facts.reason != Reason.FILTERED_OUT
        yield Step(
            Topic.FILTER,
            "filter_passed" if passes else "filter_failed",
            good=passes,
            places={"filter": filter_text(source)},
        )
    if facts.reason in {Reason.EMAIL_INVALID, Reason.EMAIL_MISSING} or not facts.member_id:
        says = "address_missing" if facts.reason == Reason.EMAIL_MISSING else "address_invalid"
        yield Step(Topic.ADDRESS, says, good=False, places={"column": source.email})
    else:
        yield Step(Topic.ADDRESS, "address_valid", good=True, places={"column": source.email})
    yield _consent(found, facts)
    if found.claim:
        yield _winner(found, found.claim)


def _consent(found: Inquired, facts: RowFacts) -> Step:
    column = found.sync.sources[facts.source].consent_field
    if found.claim and found.claim.consent == Consent.NO and facts.consent != Consent.NO:
        return Step(Topic.CONSENT, "consent_of_another", good=False)
    if column is None:
        return Step(Topic.CONSENT, "consent_not_asked", places={"basis": found.sync.consent.basis or "-"})
    good = {Consent.YES: True, Consent.NO: False, Consent.UNKNOWN: None}[facts.consent]
    return Step(Topic.CONSENT, f"consent_{facts.consent}", good=good, places={"column": column.field})


def _winner(found: Inquired, claim: Claim) -> Step:
    if len(found.sharing) <= 1:
        return Step(Topic.WINNER, "winner_alone", good=True)
    others = ", ".join(sorted(name for name in found.sharing if name != found.name))
    if claim.winner == found.name:
        return Step(Topic.WINNER, "winner_wins", good=True, places={"others": others})
    return Step(Topic.WINNER, "winner_loses", good=False, places={"winner": claim.winner})


def _members(found: Inquired) -> Iterator[Step]:
    member = found.member
    if member is not None:
        good = member.status in {MemberStatus.SUBSCRIBED, MemberStatus.PENDING, MemberStatus.TRANSACTIONAL}
        places = {"status": member.status, "whose": ""}
        whose = _whose(found, member)
        if member.key and whose == "member_of_row":
            places["whose"] = row_name(member.key)
        yield Step(Topic.MEMBER, whose, good=good and whose in {"member_own", "member_own_adopted"}, places=places)
    elif found.facts is not None and found.facts.member_id:
        yield Step(Topic.MEMBER, "member_none", good=False)
    for other in found.elsewhere:
        yield Step(Topic.MEMBER, "member_elsewhere", places={"status": other.status})
    if not found.whole:
        yield Step(Topic.MEMBER, "member_not_searched")


def _whose(found: Inquired, member: KnownMember) -> str:
    key = member.key
    if key is None:
        return "member_stray" if member.stray_key else "member_without_key"
    if key.owner != found.sync.owner:
        return "member_of_sync"
    if row_name(key) != found.name:
        return "member_of_row"
    if key.archived_from is not None:
        return "member_archived_by_us"
    return "member_own_adopted" if key.adopted else "member_own"


def _changes(found: Inquired) -> Iterator[Step]:
    if found.facts and found.facts.modified:
        yield Step(Topic.CHANGED, "changed_in_afas", places={"at": to_utc(found.facts.modified)})
    elif found.facts:
        yield Step(Topic.CHANGED, "changed_unknown")
    if found.last_changed:
        yield Step(Topic.CHANGED, "changed_in_mailchimp", places={"at": found.last_changed})


def _next(found: Inquired) -> Iterator[Step]:
    decision = found.decision
    acts = False
    if found.leaver:
        acts = True
        yield Step(Topic.NEXT, "next_archive" if found.leaver.how == Leave.ARCHIVE else "next_release", good=False)
    elif decision is None or decision.outcome in {Outcome.SKIPPED, Outcome.INVALID, Outcome.REJECTED}:
        reason = decision.reason if decision else None
        yield Step(Topic.NEXT, "next_nothing_because" if reason else "next_nothing", good=None, reason=reason)
    else:
        acts = decision.outcome != Outcome.UNCHANGED
        yield _does(found, decision)
    if acts and found.facts is not None:
        yield Step(Topic.WHEN, _when(found, found.facts))
    elif acts:
        yield Step(Topic.WHEN, "when_full")


def _does(found: Inquired, decision: Decision) -> Step:  # noqa: PLR0911 - one sentence for each kind of write
    own = {found.sync.audience.key_field, found.sync.audience.base_field}
    tags = ", ".join(sorted(set(decision.update) - own))
    if decision.outcome == Outcome.UNSUBSCRIBED:
        return Step(Topic.NEXT, "next_opt_out", good=False, reason=decision.reason)
    if decision.create:
        return Step(Topic.NEXT, "next_create", good=True, places={"status": decision.create})
    if decision.returns:
        return Step(Topic.NEXT, "next_return", good=True, places={"status": decision.returns})
    if decision.move_from:
        return Step(Topic.NEXT, "next_move", good=True)
    if decision.outcome == Outcome.UNCHANGED:
        return Step(Topic.NEXT, "next_unchanged", good=True)
    if decision.adopts:
        return Step(Topic.NEXT, "next_adopt", good=True, places={"fields": tags or "-"})
    return Step(Topic.NEXT, "next_update" if tags else "next_mark", good=True, places={"fields": tags})


def _when(found: Inquired, facts: RowFacts) -> str:
    """Whether the next ordinary run sees the row, or only one that reads everything."""
    if found.watermark is None or found.due is not None:
        return "when_next"
    if facts.modified is None:
        return "when_full"
    return "when_next" if facts.modified >= found.watermark - found.sync.overlap else "when_full"


def masked(address: str) -> str:
    """An address by the first letter of its two halves, enough to recognise it and too little to use it."""
    local, _, domain = address.partition("@")
    name, _, ending = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••.{ending}" if local and ending else "•••"
