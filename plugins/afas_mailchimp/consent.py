"""What AFAS's consent does to a member that exists: it lowers, or the two sides are reported to disagree."""

from __future__ import annotations

from datetime import timedelta

from afas_mailchimp.amsterdam_time import to_utc
from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import KnownMember
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.rows import Consent
from afas_mailchimp.survey import Claim

CAN_OPT_OUT = frozenset({MemberStatus.SUBSCRIBED, MemberStatus.PENDING, MemberStatus.TRANSACTIONAL})
OWN_SIGN_UP_MARGIN = timedelta(minutes=10)
"""How much later than the opt-in time that we gave a member's must be to count as the person's own sign-up."""


def lowers(claim: Claim, member: KnownMember) -> tuple[bool, tuple[Notice, ...]]:
    """Whether what AFAS says lowers a member, and whether the two sides disagree."""
    if claim.consent == Consent.NO and member.status in CAN_OPT_OUT:
        return (False, (Notice.CONSENT_DIFFERS,)) if signed_up_later(claim, member) else (True, ())
    if claim.consent == Consent.YES and member.status == MemberStatus.UNSUBSCRIBED:
        return False, (Notice.CONSENT_DIFFERS,)
    return False, ()


def signed_up_later(claim: Claim, member: KnownMember) -> bool:
    """The person's own sign-up in Mailchimp is later than AFAS's no.

    The opt-in time of a member that we created is ours, unless it moved since.
    """
    if member.opted_in_at is None or claim.said_no_at is None or member.status != MemberStatus.SUBSCRIBED:
        return False
    if member.key and not member.key.adopted:
        given = member.base.opted_in_at if member.base else None
        if given is None or member.opted_in_at <= given + OWN_SIGN_UP_MARGIN:
            return False
    return member.opted_in_at > to_utc(claim.said_no_at)
