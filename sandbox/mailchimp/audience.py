"""The audience: its state, its indexes, and the few ways in which state changes. One lock guards all of it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from threading import RLock
from typing import Final

from sandbox.mailchimp.address import subscriber_hash
from sandbox.mailchimp.clock import Clock, written
from sandbox.mailchimp.model import (
    By,
    FieldType,
    Member,
    MergeField,
    MergeValue,
    Operations,
    Segment,
    Status,
    Write,
)
from sandbox.mailchimp.switches import Switches

DEFAULT_SETTINGS: Final[dict[str, object]] = {
    "name": "Bakkerij De Korenaar",
    "double_optin": False,
    "has_welcome": False,
    "marketing_permissions": False,
    "merge_field_limit": 30,
}


class Audience:
    """One list with everything in it. Hold ``lock`` while reading or changing it."""

    def __init__(self, *, list_id: str, seed: int) -> None:
        self.list_id = list_id
        self.lock = RLock()
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.clock = Clock()
        self.switches = Switches()
        self.settings = dict(DEFAULT_SETTINGS)
        self.account = "active"
        self.deleted = False
        self.members: dict[str, Member] = {}
        self.by_contact: dict[str, Member] = {}
        self.by_status: dict[Status, dict[str, Member]] = {status: {} for status in Status}
        self.fields: dict[int, MergeField] = {}
        self.segments: dict[int, Segment] = {}
        self.batches: dict[str, Operations] = {}
        self.forgotten: dict[str, str] = {}
        self.many_lists: set[str] = set()
        self.writes: list[Write] = []
        self.interests: dict[str, str] = {}
        """Name of each interest by its id."""
        self._known: dict[str, dict[int, MergeValue]] = {}
        """Values of each contact at the last record of it, for the next one."""
        self.stats: tuple[int, dict[str, object]] | None = None
        self.listings: dict[tuple[object, ...], list[Member]] = {}
        """Members as they were sorted for a page, until something changes."""
        self.date_created = self.clock.now()
        self._seed = seed
        self._born = 0
        self._last_field = 0
        self._last_segment = 0
        for tag, name, kind, options in (
            ("FNAME", "First Name", FieldType.TEXT, {"size": 25}),
            ("LNAME", "Last Name", FieldType.TEXT, {"size": 25}),
            ("ADDRESS", "Address", FieldType.ADDRESS, {"default_country": 164}),
            ("PHONE", "Phone Number", FieldType.PHONE, {"phone_format": "none"}),
            ("BIRTHDAY", "Birthday", FieldType.BIRTHDAY, {"date_format": "MM/DD"}),
        ):
            self.add_field(tag=tag, name=name, type=kind, options=dict(options))

    # Members

    def born(self, address: str, *, status: Status) -> Member:
        """Make a member with identities of its own; it is not in the audience before ``keep``."""
        self._born += 1
        token = hashlib.md5(f"{self._seed}:{self._born}".encode(), usedforsecurity=False).hexdigest()
        return Member(
            id=subscriber_hash(address),
            address=address,
            contact_id=token,
            unique_email_id=token[10:20],
            web_id=100_000_000 + self._born,
            status=status,
        )

    def keep(self, member: Member) -> None:
        """Put a new member into every index."""
        self.members[member.id] = self.by_contact[member.contact_id] = member
        self.by_status[member.status][member.id] = member

    def find(self, key: str) -> Member | None:
        """Find a member by subscriber hash, address or contact id."""
        lowered = key.strip().lower()
        if "@" in lowered:
            return self.members.get(subscriber_hash(lowered))
        return self.members.get(lowered) or self.by_contact.get(lowered)

    def set_status(self, member: Member, status: Status) -> None:
        """Change a status; what it means for opt-outs and times is the caller's."""
        del self.by_status[member.status][member.id]
        member.status = status
        self.by_status[status][member.id] = member

    def set_address(self, member: Member, address: str) -> None:
        """Change an address: new hash and e-mail id, the same contact."""
        del self.members[member.id], self.by_status[member.status][member.id]
        if subscriber_hash(address) != member.id:
            self._born += 1
            token = hashlib.md5(f"{self._seed}:{self._born}".encode(), usedforsecurity=False).hexdigest()
            member.unique_email_id = token[10:20]
        member.id, member.address = subscriber_hash(address), address
        self.members[member.id] = self.by_status[member.status][member.id] = member

    def forget(self, member: Member) -> None:
        """Delete a member for good and remember that."""
        del self.members[member.id], self.by_contact[member.contact_id], self.by_status[member.status][member.id]
        for segment in self.segments.values():
            segment.members.discard(member.contact_id)
        self.forgotten[member.id] = member.address

    def remember(self, member: Member) -> None:
        """Take a member's values as what was there before the next write."""
        self._known[member.contact_id] = dict(member.values)

    def changed(self, member: Member, *, kind: str, by: By, before: str, names: Sequence[str]) -> None:
        """Record a write that had an effect, and move ``last_changed``."""
        member.last_changed = self.clock.now()
        after = member.status if member.id in self.members else "absent"
        were = self._known.get(member.contact_id, {})
        self.remember(member)
        self.writes.append(
            Write(
                at=written(member.last_changed),
                kind=kind,
                by=by,
                member=member.id,
                contact=member.contact_id,
                before=before,
                after=after,
                changed=tuple(names),
                before_values={
                    field.tag: were[merge_id] for merge_id, field in self.fields.items() if merge_id in were
                },
            ),
        )

    # Merge fields, interests and segments

    def interest_named(self, name: str) -> str:
        """Return the id of an interest, made where missing."""
        found = next((key for key, other in self.interests.items() if other == name), None)
        if found is None:
            found = hashlib.md5(f"interest:{name}".encode(), usedforsecurity=False).hexdigest()[:10]
            self.interests[found] = name
        return found

    def field_by_tag(self, tag: str) -> MergeField | None:
        """Find a merge field by its tag, which is compared as it stands."""
        return next((field for field in self.fields.values() if field.tag == tag), None)

    def add_field(self, *, tag: str, name: str, type: FieldType, options: dict[str, object]) -> MergeField:  # noqa: A002
        """Add a merge field with the next number; numbers are never used again."""
        self._last_field += 1
        field = MergeField(
            merge_id=self._last_field,
            tag=tag or f"MMERGE{self._last_field}",
            name=name,
            type=type,
            options=options,
            display_order=self._last_field + 1,
        )
        self.fields[field.merge_id] = field
        return field

    def drop_field(self, field: MergeField) -> None:
        """Delete a merge field with every value in it."""
        del self.fields[field.merge_id]
        for member in self.members.values():
            member.values.pop(field.merge_id, None)

    def segment_named(self, name: str) -> Segment | None:
        """Find a tag; case does not matter."""
        folded = name.casefold()
        return next((segment for segment in self.segments.values() if segment.name.casefold() == folded), None)

    def add_segment(self, name: str) -> Segment:
        """Make a tag."""
        self._last_segment += 1
        now = self.clock.now()
        segment = Segment(id=self._last_segment, name=name, created_at=now, updated_at=now)
        self.segments[segment.id] = segment
        return segment

    def tag(self, member: Member, segment: Segment) -> bool:
        """Give a member a tag; True when it did not have it."""
        new = segment.id not in member.tags
        if new:
            segment.updated_at = member.tags[segment.id] = self.clock.now()
            segment.members.add(member.contact_id)
        return new

    def untag(self, member: Member, segment: Segment) -> bool:
        """Take a tag away; True when the member had it."""
        had = member.tags.pop(segment.id, None) is not None
        if had:
            segment.updated_at = self.clock.now()
            segment.members.discard(member.contact_id)
        return had
