"""Routes of tags: static segments, tags of one member, tag search."""

from __future__ import annotations

from typing import Final

from sandbox.mailchimp import body, problem
from sandbox.mailchimp.call import Call
from sandbox.mailchimp.clock import written
from sandbox.mailchimp.members import find
from sandbox.mailchimp.model import By, Member, Segment, Status
from sandbox.mailchimp.render import IN_BATCH, links, members_json

MOST_MEMBERS: Final = 500
LONGEST_NAME: Final = 100
_STALE_AFTER: Final = 300


def list_segments(call: Call) -> dict[str, object]:
    """GET: only static segments are here, whatever type is asked for."""
    kind = call.query.choice("type", ("saved", "static", "fuzzy"))
    found = list(call.audience.segments.values()) if kind in {None, "static"} else []
    offset, count = call.query.page()
    answer = {
        "segments": [_segment_json(call, segment) for segment in found[offset : offset + count]],
        "list_id": call.audience.list_id,
        "total_items": len(found),
        "_links": links(f"/lists/{call.audience.list_id}/segments", schema="Lists/Segments"),
    }
    return call.query.projection().applied_to(answer)


def get_segment(call: Call) -> dict[str, object]:
    """GET one."""
    return call.query.projection().applied_to(_segment_json(call, _find(call)))


def post_segment(call: Call) -> dict[str, object]:
    """POST: make a tag, with members at once if given."""
    sent = call.body()
    body.required(sent, ("name",))
    body.known_only(sent, ("name", "static_segment", "options"))
    if "options" in sent:
        raise problem.not_taught("segments with conditions")
    name = _name(call, sent["name"], own=None)
    addresses = _addresses(sent, "static_segment")
    segment = call.audience.add_segment(name)
    _add(call, segment, addresses)
    return _segment_json(call, segment)


def patch_segment(call: Call) -> dict[str, object]:
    """PATCH: rename; a ``static_segment`` replaces the members."""
    segment, sent = _find(call), call.body()
    body.required(sent, ("name",))
    body.known_only(sent, ("name", "static_segment", "options"))
    if "options" in sent:
        raise problem.not_taught("segments with conditions")
    name = _name(call, sent["name"], own=segment)
    addresses = _addresses(sent, "static_segment")
    segment.name = name
    if "static_segment" in sent:
        kept = {member.contact_id for member in _present(call, addresses)}
        leaving = [call.audience.by_contact[contact] for contact in sorted(segment.members - kept)]
        _remove(call, segment, [member.address for member in leaving])
        _add(call, segment, addresses)
    return _segment_json(call, segment)


def delete_segment(call: Call) -> None:
    """DELETE: the tag goes, its members stay."""
    segment = _find(call)
    for contact in segment.members:
        call.audience.by_contact[contact].tags.pop(segment.id, None)
    del call.audience.segments[segment.id]


def batch_segment(call: Call) -> dict[str, object]:
    """POST to a segment: add and remove up to 500 members each; unknown addresses are ignored without a word."""
    segment, sent = _find(call), call.body()
    body.known_only(sent, ("members_to_add", "members_to_remove"))
    added = _add(call, segment, _addresses(sent, "members_to_add"))
    removed = _remove(call, segment, _addresses(sent, "members_to_remove"))
    call.units = len(added) + len(removed)
    return {
        "members_added": members_json(call.audience, added, IN_BATCH),
        "members_removed": members_json(call.audience, removed, IN_BATCH),
        "errors": [],
        "total_added": len(added),
        "total_removed": len(removed),
        "error_count": 0,
        "_links": links(f"/lists/{call.audience.list_id}/segments/{segment.id}", schema="Lists/Segments"),
    }


def segment_members(call: Call) -> dict[str, object]:
    """GET the members of a segment: the mailable ones, unless more are asked for."""
    segment, query = _find(call), call.query
    statuses = {Status.SUBSCRIBED, Status.PENDING}
    for name in ("cleaned", "transactional", "unsubscribed"):
        if query.flag(f"include_{name}"):
            statuses.add(Status(name))
    members = [call.audience.by_contact[contact] for contact in sorted(segment.members)]
    found = [member for member in members if member.status in statuses]
    offset, count = query.page()
    page = found[offset : offset + count]
    call.units = len(page)
    wanted = query.projection()
    answer = {
        "members": members_json(call.audience, page, wanted.below("members")),
        "total_items": len(found),
        "_links": links(f"/lists/{call.audience.list_id}/segments/{segment.id}/members", schema="Lists/Segments"),
    }
    return {name: value for name, value in answer.items() if wanted.wants(name)}


def member_tags(call: Call) -> dict[str, object]:
    """GET all tags of a member, of which the member itself shows fifty."""
    member = find(call)
    offset, count = call.query.page()
    found = [
        {"id": key, "name": call.audience.segments[key].name, "date_added": written(added)}
        for key, added in member.tags.items()
    ]
    answer = {
        "tags": found[offset : offset + count],
        "total_items": len(found),
        "_links": links(f"/lists/{call.audience.list_id}/members/{member.id}/tags", schema="Lists/Members/Tags"),
    }
    return call.query.projection().applied_to(answer)


def post_member_tags(call: Call) -> None:
    """POST: switch tags on and off. What has the wrong shape gets the same 204 and does nothing."""
    audience, member, sent = call.audience, find(call), call.body()
    body.required(sent, ("tags",))
    body.known_only(sent, ("tags", "is_syncing"))
    items = sent["tags"]
    before, touched = member.status, False
    for item in items if isinstance(items, list) else ():
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or not name.strip():
            continue
        segment = audience.segment_named(name.strip())
        if item.get("status") == "active":
            segment = segment or audience.add_segment(name.strip()[:LONGEST_NAME])
            # Giving a tag again that was there already was seen to move last_changed.
            touched |= audience.tag(member, segment) or bool(audience.switches["tag_readd_bumps"])
        elif item.get("status") == "inactive" and segment is not None:
            touched |= audience.untag(member, segment)
    if touched:
        audience.changed(member, kind="tags", by=By.API, before=before, names=["tags"])


def search_tags(call: Call) -> dict[str, object]:
    """GET tags by the beginning of their name."""
    start = (call.query.text("name") or "").casefold()
    found = [
        {"id": segment.id, "name": segment.name}
        for segment in call.audience.segments.values()
        if segment.name.casefold().startswith(start)
    ]
    return {"tags": found, "total_items": len(found)}


def _find(call: Call) -> Segment:
    key = call.ids[0]
    segment = call.audience.segments.get(int(key)) if key.isascii() and key.isdigit() else None
    if segment is None:
        raise problem.not_found()
    return segment


def _name(call: Call, raw: object, *, own: Segment | None) -> str:
    errors: body.Errors = []
    if not body.expect(raw, "string", "name", errors) or not isinstance(raw, str):
        raise problem.not_validated(*errors)
    name = raw.strip()
    if not name or len(name) > LONGEST_NAME:
        raise problem.not_validated(("name", f"This value should have 1 to {LONGEST_NAME} characters."))
    there = call.audience.segment_named(name)
    if there is not None and there is not own:
        raise problem.invalid("Sorry, that tag already exists.")
    return name


def _addresses(sent: dict[str, object], key: str) -> list[str]:
    items = sent.get(key, [])
    errors: body.Errors = []
    if not body.expect(items, "array", key, errors) or not isinstance(items, list):
        raise problem.not_validated(*errors)
    if len(items) > MOST_MEMBERS:
        errors.append((key, f"There are too many items: {len(items)}, the most is {MOST_MEMBERS}"))
    for place, item in enumerate(items):
        body.expect(item, "string", f"{key}.{place}", errors)
    if errors:
        raise problem.not_validated(*errors)
    return items


def _present(call: Call, addresses: list[str]) -> list[Member]:
    found = {}
    for address in addresses:
        member = call.audience.find(address) if "@" in address else None
        if member is not None and member.status is not Status.ARCHIVED:
            found[member.id] = member
    return list(found.values())


def _add(call: Call, segment: Segment, addresses: list[str]) -> list[Member]:
    added = [member for member in _present(call, addresses) if call.audience.tag(member, segment)]
    for member in added:
        call.audience.changed(member, kind="segment", by=By.API, before=member.status, names=["tags"])
    return added


def _remove(call: Call, segment: Segment, addresses: list[str]) -> list[Member]:
    removed = [member for member in _present(call, addresses) if call.audience.untag(member, segment)]
    for member in removed:
        call.audience.changed(member, kind="segment", by=By.API, before=member.status, names=["tags"])
    return removed


def _segment_json(call: Call, segment: Segment) -> dict[str, object]:
    return {
        "id": segment.id,
        "name": segment.name,
        "member_count": _count(call, segment),
        "type": "static",
        "created_at": written(segment.created_at),
        "updated_at": written(segment.updated_at),
        "options": {"match": "any", "conditions": []},
        "list_id": call.audience.list_id,
        "_links": links(f"/lists/{call.audience.list_id}/segments/{segment.id}", schema="Lists/Segments"),
    }


def _count(call: Call, segment: Segment) -> int:
    """Count as the vendor does: late."""
    now = call.audience.clock.now()
    if not segment.counted_at or not 0 <= now - segment.counted_at < _STALE_AFTER:
        members = call.audience.by_contact
        segment.counted_at = now
        segment.counted = sum(members[contact].status is Status.SUBSCRIBED for contact in segment.members)
    return segment.counted
