"""Values of the Mailchimp side: audience, merge fields, members, what is written and what came back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from afas_mailchimp.values import Value, Word

MergeValue = str | int | float | Mapping[str, str]
"""Text, number, or an address object ``{addr1, addr2, city, state, zip, country}``. Empty is ``""``, never None."""

BATCH_SIZE = 500
"""Members in one batch call, the vendor's maximum."""


class MemberStatus(Word):
    """Every status a member can have."""

    SUBSCRIBED = "subscribed"
    PENDING = "pending"
    TRANSACTIONAL = "transactional"
    UNSUBSCRIBED = "unsubscribed"
    CLEANED = "cleaned"
    ARCHIVED = "archived"


class Refusal(Word):
    """Why Mailchimp refused one member. The vendor's own text is never kept: it repeats the address."""

    EXISTS = "exists"
    COMPLIANCE = "compliance_state"
    FORGOTTEN = "permanently_deleted"
    LOOKS_FAKE = "looks_fake"
    MANY_LISTS = "signed_up_to_many_lists"
    BAD_ADDRESS = "address_not_accepted"
    MERGE_FIELDS = "merge_field_not_accepted"
    STATUS_REQUIRED = "status_required"
    DUPLICATE = "duplicate_in_request"
    NOT_FOUND = "not_found"
    CANNOT_ARCHIVE = "cannot_be_archived"
    NOT_SUBSCRIBED = "not_subscribed"
    """Only a subscribed member's address can be changed."""
    TOO_LARGE = "too_large"
    OTHER = "refused_by_mailchimp"


@dataclass(frozen=True, slots=True)
class Audience:
    """What matters of an audience before anything is written to it.

    :param member_count: as Mailchimp counts; its statistics lag five minutes or more.
    """

    id: str
    name: str
    member_count: int
    double_optin: bool
    has_welcome: bool
    marketing_permissions: bool


@dataclass(frozen=True, slots=True)
class MergeField:
    """A merge field. ``phone_format`` is ``none`` (international) or a country's format such as ``US``."""

    merge_id: int
    tag: str
    name: str
    type: str
    required: bool
    public: bool
    default_value: str = ""
    help_text: str = ""
    phone_format: str = ""
    choices: tuple[str, ...] = ()


class Member(Value, frozen=True, gc=False):
    """A member as Mailchimp returned it, without the address itself.

    :param id: the subscriber hash that Mailchimp returned (MD5 of the lower-cased address, hexadecimal).
    :param opted_in_at: ``timestamp_opt`` in UTC, None where Mailchimp has none.
    :param signed_up_at: ``timestamp_signup`` in UTC, None where Mailchimp has none.
    :param last_changed: in UTC, whole seconds.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"id", "merge_fields"})

    id: str
    status: MemberStatus
    merge_fields: Mapping[str, MergeValue]
    opted_in_at: datetime | None = None
    signed_up_at: datetime | None = None
    last_changed: datetime | None = None


class NewMember(Value, frozen=True, gc=False):
    """A member to create. A status in a write can subscribe people, so only this kind of write has one.

    :param opted_in_at: sent along as ``timestamp_opt`` (UTC); None sends none (a member that starts unsubscribed).
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"id", "address", "merge_fields"})

    id: str
    address: str
    status: MemberStatus
    merge_fields: Mapping[str, MergeValue]
    opted_in_at: datetime | None


class MemberUpdate(Value, frozen=True, gc=False):
    """Merge fields of an existing member. It has no status, on purpose."""

    hidden: ClassVar[frozenset[str]] = frozenset({"id", "address", "merge_fields"})

    id: str
    address: str
    merge_fields: Mapping[str, MergeValue]


class RefusedItem(Value, frozen=True, gc=False):
    """One item of a batch that Mailchimp refused.

    :param id: subscriber hash of the item.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"id"})

    id: str
    refusal: Refusal


class BatchAnswer(Value, frozen=True, gc=False):
    """What a batch did, each item matched to one of the three."""

    created: tuple[Member, ...]
    updated: tuple[Member, ...]
    refused: tuple[RefusedItem, ...]
