"""Watches every writing call to the audience and knows who must never be mailed. Nothing of the product is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.wire import Request
from tests.integration.importing.history_rows import Row, rows_of
from tests.integration.importing.history_world import HistoryWorld
from tests.integration.importing.world import member_id

RANK = {"archived": 0, "cleaned": 1, "unsubscribed": 2, "transactional": 3, "pending": 4, "subscribed": 5}
MAILABLE = frozenset({"transactional", "pending", "subscribed"})
OUR_FIELDS = frozenset({"AFASID", "AFASSUM"})
MAPPED = frozenset({"COMPANY", "PHONE", "ADDRESS", "CREATED", "FNAME", "LNAME"})
OUR_TAGS = frozenset({"debiteur"})
_KEY = re.compile(r"customers:(?P<row>(?:debtors|contacts):[^:+\-\s]+)(?P<adopted>\+)?(?:-(?P<mark>[st]))?")
_MARKS = {"s": "subscribed", "t": "transactional"}


@dataclass(frozen=True, slots=True)
class Sight:
    """A member as it was at one moment."""

    place: str
    status: str
    fields: Mapping[str, Any]
    tags: frozenset[str]

    @property
    def key(self) -> str:
        """What the key field holds."""
        return str(self.fields.get("AFASID", ""))

    @property
    def row(self) -> str | None:
        """Name of the row whose key it carries, None when the key is not ours."""
        found = _KEY.fullmatch(self.key)
        return found["row"].replace("%2D", "-") if found else None

    @property
    def adopted(self) -> bool:
        """It was there before us."""
        found = _KEY.fullmatch(self.key)
        return bool(found and found["adopted"])

    @property
    def mark(self) -> str | None:
        """The status from which we archived it, as its key says."""
        found = _KEY.fullmatch(self.key)
        return _MARKS.get(found["mark"] or "") if found else None


Audience = dict[str, Sight]
"""By contact id, which survives a change of address."""


@dataclass
class Oracle:
    """Knows what people did, and judges each write of the product when it happens.

    :param barred: places (hashes of addresses) that no write of ours may make mailable, and why.
    :param signed_up: contacts and places with a sign-up of the person's own, and when (Amsterdam).
    :param wandered: contacts whose address the person changed, and the place that they came from.
    :param disturbed: somebody acts in the middle of this run; AFAS may have said something else a moment ago.
    :param faults: what the product did and must not do.
    """

    world: HistoryWorld
    barred: dict[str, str] = field(default_factory=dict)
    signed_up: dict[str, str] = field(default_factory=dict)
    wandered: dict[str, str] = field(default_factory=dict)
    disturbed: bool = False
    faults: list[str] = field(default_factory=list)
    raised: set[str] = field(default_factory=set)
    writes: int = 0
    _before: Audience = field(default_factory=dict)

    # What people and marketers do

    def refuses(self, address: str, why: str) -> None:
        """Somebody opted out, bounced, was archived or erased."""
        self.barred[member_id(address)] = why

    def signs_up(self, address: str) -> None:
        """The person signed up: everything before is void."""
        place, now = member_id(address), self.world.now.in_timezone("Europe/Amsterdam").format("YYYY-MM-DDTHH:mm:ss")
        self.barred.pop(place, None)
        self.signed_up[place] = now
        self.signed_up |= {contact: now for contact, seen in self.sight().items() if seen.place == place}

    def wanders(self, contact: str) -> None:
        """The person is about to change the address in Mailchimp."""
        self.wandered.setdefault(contact, self.sight()[contact].place)

    def is_followed(self, contact: str, row: Row) -> bool:
        """Whether a row's member went elsewhere by the person's own doing, while AFAS says what it said then."""
        seen = self.sight().get(contact)
        return seen is not None and seen.row == row.name and self.wandered.get(contact) == row.place

    def _is_elsewhere(self, row: Row) -> bool:
        """Whether a row's own member left the row's address by the person's own doing."""
        return any(self.is_followed(contact, row) for contact in self.sight())

    # What the product does

    def sight(self) -> Audience:
        """The audience as it is."""
        audience = self.world.mailchimp.service._audience
        names = {merge_id: each.tag for merge_id, each in audience.fields.items()}
        segments = {number: segment.name for number, segment in audience.segments.items()}
        return {
            member.contact_id: Sight(
                member.id,
                member.status.value,
                {names[merge_id]: value for merge_id, value in member.values.items()},
                frozenset(segments[number] for number in member.tags),
            )
            for member in audience.members.values()
        }

    def before(self) -> None:
        """A writing call begins."""
        self._before = self.sight()

    def after(self, request: Request) -> None:
        """Judge what the call did."""
        before, after = self._before, self.sight()
        rows = rows_of(self.world.afas)
        for contact in dict.fromkeys((*before, *after)):
            was, now = before.get(contact), after.get(contact)
            if was != now:
                self.writes += 1
                for sentence in self._judge(contact, was, now, rows):
                    self.faults.append(f"{request.method}: {sentence}; before {was}, after {now}")
                if was and now and (was.place != now.place or was.row != now.row):
                    self.wandered.pop(contact, None)

    def end_of_run(self) -> None:
        """Whoever was raised while somebody acted must have been taken back."""
        now = self.sight()
        for contact in self.raised:
            if contact in now and now[contact].status in MAILABLE:
                self.faults.append(f"raised and not taken back: {now[contact]}")
        self.raised.clear()
        self.disturbed = False

    def _judge(self, contact: str, was: Sight | None, now: Sight | None, rows: list[Row]) -> list[str]:
        if now is None:
            return ["a member vanished"]
        found = [*_touched(was, now)]
        found += self._created(contact, now, rows) if was is None else self._changed(contact, was, now, rows)
        if now.status == "unsubscribed" and (was is None or was.status in MAILABLE):
            if not (self.disturbed or self._may_lower(now, rows)):
                found.append("lowered, and nobody said no")
            self.barred.setdefault(now.place, "lowered by us")
        return found

    def _created(self, contact: str, now: Sight, rows: list[Row]) -> list[str]:
        found = []
        if now.row is None:
            found.append("created without our key")
        if now.status in MAILABLE:
            if now.place in self.barred:
                found.append(f"created although {self.barred[now.place]}")
            if RANK[now.status] > RANK[self.world.new_members]:
                found.append("created with more than new members get")
            if self._left_out(now):
                if self.disturbed:
                    # It happened between our reading and our write: to be taken back before the run ends.
                    self.raised.add(contact)
                else:
                    found.append("created mailable although the row's member opted out or was archived by somebody")
            if self._somebody_says_no(now.place, rows):
                found.append("created although AFAS says no")
        return found

    def _left_out(self, now: Sight) -> bool:
        """Whether a member of the same row opted out, or was archived by somebody else than us."""
        left = {(each.status, bool(each.mark)) for each in self._before.values() if each.row == now.row}
        return bool(left & {("unsubscribed", False), ("unsubscribed", True), ("archived", False)})

    def _changed(self, contact: str, was: Sight, now: Sight, rows: list[Row]) -> list[str]:
        found = []
        if was.place != now.place:
            if now.status != was.status or was.status != "subscribed":
                found.append("moved with another status, or from one that cannot be moved")
            if now.place in self.barred:
                found.append(f"moved to an address of which is known: {self.barred[now.place]}")
        elif RANK[now.status] > RANK[was.status] and not self._may_return(was, now, rows):
            if self.disturbed:
                self.raised.add(contact)
            else:
                found.append(f"raised ({self.barred.get(was.place, 'nothing known of the place')})")
        if now.status == "archived" and was.status != "archived":
            found += self._archived(contact, was, rows)
        return found

    def _may_return(self, was: Sight, now: Sight, rows: list[Row]) -> bool:
        marked = was.status == "archived" and was.mark is not None
        if now.status == "unsubscribed":
            return marked
        quiet = was.place not in self.barred and not self._somebody_says_no(was.place, rows)
        quiet = quiet and not self._left_out(now)
        return marked and quiet and RANK[now.status] <= RANK[was.mark or "archived"]

    def _archived(self, contact: str, was: Sight, rows: list[Row]) -> list[str]:
        if self.disturbed:
            return []
        found = []
        if was.row is None or was.adopted:
            found.append("archived, and it was not ours")
        if was.status not in {"subscribed", "transactional"}:
            found.append("archived although it got no mail")
        if was.mark != was.status:
            found.append("archived without a mark of what it was")
        if any(row.takes_part and row.place == was.place and not self._is_elsewhere(row) for row in rows):
            found.append("archived although a row stands for it")
        if any(row.takes_part and self.is_followed(contact, row) for row in rows):
            found.append("archived because the person changed the address")
        return found

    def _may_lower(self, now: Sight, rows: list[Row]) -> bool:
        names = {row.name for row in rows if row.place == now.place} | {now.row}
        # A row that moved takes the member with it: what is said at its new address counts as well.
        places = {now.place, *(row.place for row in rows if row.name == now.row and row.place)}
        if any(row.says_no and (row.place in places or row.name == now.row) for row in rows):
            return True
        # The opt-out of a row's old address goes along to its new one.
        return any(
            seen.row in names and seen.status not in {"subscribed", "archived"} for seen in self._before.values()
        )

    def _somebody_says_no(self, place: str, rows: list[Row]) -> bool:
        return not self.disturbed and any(row.says_no and row.takes_part and row.place == place for row in rows)


def _touched(was: Sight | None, now: Sight) -> list[str]:
    """Fields and tags that are none of our business."""
    old_fields: Mapping[str, Any] = was.fields if was else {}
    changed = {tag for tag in {*old_fields, *now.fields} if old_fields.get(tag, "") != now.fields.get(tag, "")}
    found = []
    if foreign := changed - MAPPED - OUR_FIELDS:
        found.append(f"wrote fields that are not mapped: {sorted(foreign)}")
    if tags := (now.tags ^ (was.tags if was else frozenset())) - OUR_TAGS:
        found.append(f"changed tags of others: {sorted(tags)}")
    if was and was.key and was.row is None:
        found.append("touched a member with a key that is not ours")
    if was and not was.key and changed and not now.adopted:
        found.append("wrote to a member that was there before us, and did not adopt it")
    if was and (not was.key or was.adopted) and {tag for tag in changed & MAPPED if not now.fields.get(tag)}:
        found.append("cleared a field of an adopted member")
    return found
