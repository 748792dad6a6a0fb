"""Who leaves the audience because no row of AFAS stands for it any more. Planned only after a whole reading."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afas_mailchimp.audience_index import MAILABLE, AudienceIndex, KnownMember, row_name
from afas_mailchimp.settings import LimitSettings
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
    """One member that leaves."""

    member: KnownMember
    how: Leave
    name: str
    """Name of its row, such as ``debtors:10001``."""


def find_leavers(index: AudienceIndex, survey: Survey) -> list[Leaver]:
    """Members of ours for whose address and key no row takes part.

    An unsubscribed or cleaned member stays: its state is the memory of the opt-out. A row that is now at another
    address still stands for its member.
    """
    found = []
    for member in index.ours():
        key = member.key
        if key is None or member.status not in MAILABLE:
            continue
        name = row_name(key)
        if survey.claim(member.id) is None and survey.address_of(name) is None:
            found.append(Leaver(member, Leave.RELEASE if key.adopted else Leave.ARCHIVE, name))
    return found


def above_limit(part: int, whole: int, percent: float) -> bool:
    """Whether a share is above a limit in percent; never among ``SMALL`` or fewer."""
    return whole > SMALL and part * 100 > percent * whole


def too_many_leave(count: int, index: AudienceIndex, limits: LimitSettings, *, override: float | None) -> bool:
    """Whether archiving this many looks like a mistake.

    :param override: the run parameter ``max_archive_percent``, where given.
    """
    percent = limits.max_archive_percent if override is None else override
    return above_limit(count, index.mailable_ours(), percent)
