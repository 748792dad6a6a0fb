"""What an audience consists of: members, merge fields, static segments (tags), and the record of every write."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MergeValue = str | int | float | dict[str, str]


class Status(StrEnum):
    """Every status of a member."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    CLEANED = "cleaned"
    PENDING = "pending"
    TRANSACTIONAL = "transactional"
    ARCHIVED = "archived"


class By(StrEnum):
    """Who did it."""

    USER = "user"
    ADMIN = "admin"
    API = "api"


class FieldType(StrEnum):
    """Every type of a merge field."""

    TEXT = "text"
    NUMBER = "number"
    ADDRESS = "address"
    PHONE = "phone"
    DATE = "date"
    URL = "url"
    IMAGEURL = "imageurl"
    RADIO = "radio"
    DROPDOWN = "dropdown"
    BIRTHDAY = "birthday"
    ZIP = "zip"


@dataclass(slots=True, kw_only=True)
class MergeField:
    """A merge field of the audience. ``merge_id`` never changes; the tag can."""

    merge_id: int
    tag: str
    name: str
    type: FieldType
    required: bool = False
    default_value: str = ""
    public: bool = True
    display_order: int = 0
    help_text: str = ""
    options: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OptOut:
    """One unsubscribing, as the activity of a member shows it. ``at`` is seconds since 1970."""

    at: int
    by: By
    reason: str


@dataclass(slots=True, kw_only=True)
class Member:
    """A member. Moments are seconds since 1970, 0 for none.

    :param values: by ``merge_id``, so that a renamed tag keeps its values.
    :param tags: segment id to the moment it was added.
    :param interests: interest id to whether the member is in that group.
    :param reason: what the person said when unsubscribing; empty where nothing was said.
    :param opt_outs: every unsubscribing, oldest first.
    :param compliance: the person opted out or the address bounced: the API cannot subscribe it any more.
    """

    id: str
    address: str
    contact_id: str
    unique_email_id: str
    web_id: int
    status: Status
    values: dict[int, MergeValue] = field(default_factory=dict)
    tags: dict[int, int] = field(default_factory=dict)
    interests: dict[str, bool] = field(default_factory=dict)
    unsubscribed_by: By | None = None
    reason: str = ""
    opt_outs: list[OptOut] = field(default_factory=list)
    compliance: bool = False
    timestamp_signup: int = 0
    timestamp_opt: int = 0
    last_changed: int = 0
    ip_signup: str = ""
    ip_opt: str = ""
    email_type: str = "html"
    language: str = ""
    vip: bool = False
    member_rating: int = 2
    avg_open_rate: float = 0
    avg_click_rate: float = 0
    latitude: float = 0
    longitude: float = 0
    source: str = "API - Generic"


@dataclass(slots=True)
class Segment:
    """A static segment, which is what a tag is."""

    id: int
    name: str
    created_at: int
    updated_at: int
    members: set[str] = field(default_factory=set)
    """Contact ids: they survive a change of address."""
    counted_at: int = 0
    counted: int = 0


class Stage(StrEnum):
    """The life of an asynchronous batch; each look at it goes one further."""

    PENDING = "pending"
    PREPROCESSING = "preprocessing"
    STARTED = "started"
    FINALIZING = "finalizing"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Operation:
    """One call inside an asynchronous batch."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    body: bytes
    operation_id: str


@dataclass(slots=True)
class Operations:
    """An asynchronous batch.

    :param results: what each operation answered: status, operation id, body.
    """

    id: str
    operations: tuple[Operation, ...]
    submitted_at: int
    stage: Stage = Stage.PENDING
    completed_at: int = 0
    results: list[dict[str, object]] = field(default_factory=list)
    signatures: dict[str, int] = field(default_factory=dict)
    """Signature of each address handed out for the results, and when it was."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write that had an effect, kept so that a test can prove what never happened.

    :param changed: names of what changed, such as ``status`` or ``merge_fields.FNAME``.
    :param before_values: merge fields by tag as they were, without empty ones.
    """

    at: str
    kind: str
    by: str
    member: str
    contact: str
    before: str
    after: str
    changed: tuple[str, ...]
    before_values: dict[str, MergeValue]
