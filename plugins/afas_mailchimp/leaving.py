"""Who leaves the audience because no row of AFAS stands for it any more. Planned only after a whole reading."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import StrEnum

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import MAILABLE, AudienceIndex, KnownMember
from afas_mailchimp.settings import LimitSettings
from afas_mailchimp.standing import Standing, came_back_alone, follows
from afas_mailchimp.survey import Survey

SMALL = 25
"""Up to this many a percentage says little: one member of ten is already ten percent."""


class Leave(StrEnum):
    """How a member leaves."""

    ARCHIVE = "archive"
    RELEASE = "release"
    """An adopted member loses our key and stays."""


@dataclass(frozen=True, slots=True)
class Leaver:
    """One member that leaves.

    :param name: name of its row, such as ``debtors:10001``.
    :param superseded: the row takes part, with another member at another address.
    """

    member: KnownMember
    how: Leave
    name: str
    superseded: bool = False


def find_leavers(
    index: AudienceIndex,
    survey: Survey,
    *,
    arrived: Container[str] = (),
    lowered: Container[str] = (),
    seen_only: bool = False,
) -> list[Leaver]:
    """Members of ours for which no row stands.

    Without a row an unsubscribed or cleaned member stays: its state is the memory of the opt-out. A row that is at
    another address now stands for its member until it is represented there.

    :param arrived: addresses (subscriber hashes) where a row with members elsewhere came in during this run.
    :param lowered: members that this run has opted out; the index shows them as they were.
    :param seen_only: the survey is of some rows only; a row that it has not seen has not gone.
    """
    found = []
    standing = Standing(index, survey)
    for name, member_id, status in _of_seen_rows(index, survey) if seen_only else index.ours():
        # Nearly all members are at their own row's address.
        if status == MemberStatus.ARCHIVED or survey.stands_alone(name, member_id):
            continue
        member = index.get(member_id)
        key = member.key if member else None
        if member is None or key is None:
            continue
        if standing.is_claimed(member.id):
            continue
        at = survey.address_of(name)
        mailable = member.status in MAILABLE and member.id not in lowered
        if at is not None and (follows(member, at) or not (at in arrived or _is_represented(standing, at, mailable))):
            continue
        if at is None and not mailable:
            continue
        takes_leave = mailable and not key.adopted and not came_back_alone(member)
        found.append(Leaver(member, Leave.ARCHIVE if takes_leave else Leave.RELEASE, name, superseded=at is not None))
    return found


def _of_seen_rows(index: AudienceIndex, survey: Survey) -> Iterator[tuple[str, str, MemberStatus]]:
    for name in survey.names():
        for member in index.holders(name):
            yield name, member.id, member.status


def _is_represented(standing: Standing, at: str, mailable: bool) -> bool:  # noqa: FBT001
    """Whether somebody stands for a row's new address, so that the member that it left behind is superfluous.

    The memory of an opt-out goes only when it went along to a member of ours.

    :param mailable: whether the member left behind can get mail.
    """
    there, claim = standing.index.get(at), standing.survey.claim(at)
    if mailable:
        return there is not None or (claim is not None and standing.followed(claim.winner, at) is not None)
    if there is None or there.key is None or there.status == MemberStatus.ARCHIVED:
        return False
    return there.key.owner == standing.index.owner


def above_limit(part: int, whole: int, percent: float) -> bool:
    """Whether a share is above a limit in percent; never among ``SMALL`` or fewer."""
    return whole > SMALL and part * 100 > percent * whole


def too_many_leave(count: int, ours: int, limits: LimitSettings, *, override: float | None) -> bool:
    """Whether archiving this many looks like a mistake.

    :param ours: members of this sync that can get mail.
    :param override: the run parameter ``max_archive_percent``, where given.
    """
    return above_limit(count, ours, limits.max_archive_percent if override is None else override)
