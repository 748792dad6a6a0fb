"""How a row comes into an audience that has no member at its address: moved, created, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import KnownMember
from afas_mailchimp.outcomes import Reason
from afas_mailchimp.rows import Consent
from afas_mailchimp.standing import archived_by_a_person, lowest


@dataclass(frozen=True, slots=True)
class Entry:
    """The way in. One of ``move``, ``create`` and ``reason`` is set.

    :param move: the member whose address is changed; its history stays.
    :param create: status of the new member.
    :param opted_in_at: opt-in time of a member that comes back at another address.
    """

    move: KnownMember | None = None
    create: MemberStatus | None = None
    opted_in_at: datetime | None = None
    reason: Reason | None = None


def entry(
    own: Sequence[KnownMember],
    everybody: Sequence[KnownMember],
    *,
    consent: Consent,
    new_members: MemberStatus,
    status_of: Callable[[KnownMember], MemberStatus],
    is_free: Callable[[KnownMember], bool],
) -> Entry:
    """Find the way in for the winner of an address.

    :param own: members that the winner left behind at former addresses.
    :param everybody: those of all rows with the address, the winner's among them.
    :param status_of: a member's status, with what this run has lowered.
    :param is_free: whether no other row has the member's address.
    """
    if consent == Consent.NO:
        return Entry(reason=Reason.NO_CONSENT)
    if any(status_of(member) == MemberStatus.UNSUBSCRIBED for member in everybody):
        # An opt-out goes along to the new address; who shares it is not signed up either.
        return Entry(create=MemberStatus.UNSUBSCRIBED)
    living = [member for member in own if member.status != MemberStatus.ARCHIVED]
    if not living:
        return _of_archived(own, new_members)
    if len(living) == 1 and living[0].status == MemberStatus.SUBSCRIBED and is_free(living[0]):
        return Entry(move=living[0])
    if archived_by_a_person(own):
        return Entry(reason=Reason.ARCHIVED_BY_PERSON)
    # A bounce belongs to the address that bounced.
    bounds = [member.status for member in living if member.status != MemberStatus.CLEANED]
    return Entry(create=lowest(new_members, *bounds))


def _of_archived(own: Sequence[KnownMember], new_members: MemberStatus) -> Entry:
    if archived_by_a_person(own):
        return Entry(reason=Reason.ARCHIVED_BY_PERSON)
    marks = [member.key.archived_from for member in own if member.key and member.key.archived_from]
    since = [member.opted_in_at for member in own if member.opted_in_at]
    return Entry(create=lowest(new_members, *marks), opted_in_at=min(since, default=None))
