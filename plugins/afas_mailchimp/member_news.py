"""What write-back reads of a member: what it needs to know, and no more. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from afas_mailchimp.audience import MemberStatus, MergeValue


class Detail(StrEnum):
    """What is asked for beside id, address, status, merge fields and times, only as far as a mapping needs it."""

    LANGUAGE = "language"
    RATING = "rating"
    OPEN_RATE = "open_rate"
    CLICK_RATE = "click_rate"
    REASON = "unsubscribe_reason"


@dataclass(frozen=True, slots=True)
class MemberNews:
    """A member that changed, with its address, since AFAS has to be asked about it. Never log it.

    :param id: subscriber hash.
    :param merge_fields: only the tags asked for; one that Mailchimp did not return is absent.
    :param opted_in_at: ``timestamp_opt`` in UTC, None where Mailchimp has none.
    :param last_changed: in UTC, whole seconds.
    :param details: only those asked for and given, blank ones are absent; rates are fractions, as Mailchimp gives them.
    """

    id: str = field(repr=False)
    address: str = field(repr=False)
    status: MemberStatus
    merge_fields: Mapping[str, MergeValue] = field(repr=False)
    opted_in_at: datetime | None = None
    last_changed: datetime | None = None
    details: Mapping[Detail, str | int | float] = field(default_factory=dict, repr=False)
