"""What a marketer does in Mailchimp's own screens: tags, interest groups, bulk edits, imports, fields."""

from __future__ import annotations

from sandbox.mailchimp import orders, seeding
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.model import By, Status
from sandbox.mailchimp.orders import Arguments


def tags(audience: Audience, arguments: Arguments) -> object:
    """Give a member tags, and take tags from it."""
    orders.only(arguments, "email", "add", "remove")
    member = orders.member(audience, arguments)
    changed = False
    for name in orders.texts(arguments, "add"):
        changed |= audience.tag(member, audience.segment_named(name) or audience.add_segment(name))
    for name in orders.texts(arguments, "remove"):
        segment = audience.segment_named(name)
        changed |= segment is not None and audience.untag(member, segment)
    if changed:
        audience.changed(member, kind="tags", by=By.ADMIN, before=member.status, names=["tags"])
    return {"id": member.id, "tags": [audience.segments[each].name for each in member.tags]}


def interests(audience: Audience, arguments: Arguments) -> object:
    """Put a member in interest groups or out of them, by name; a group that is not there is made."""
    orders.only(arguments, "email", "interests")
    member = orders.member(audience, arguments)
    seeding.put_interests(audience, member, orders.mapping(arguments, "interests"))
    return orders.done(audience, member, "interests", By.ADMIN, member.status, names=["interests"])


def overwrites(audience: Audience, arguments: Arguments) -> object:
    """Write one value into a merge field of many members; without ``emails`` of all of them."""
    orders.only(arguments, "tag", "value", "emails")
    tag, value = orders.text(arguments, "tag"), arguments.get("value", "")
    if "emails" in arguments:
        members = [orders.known(audience, address) for address in orders.texts(arguments, "emails")]
    else:
        members = list(audience.members.values())
    for member in members:
        seeding.put_values(audience, member, {tag: value})
        audience.changed(member, kind="edit", by=By.ADMIN, before=member.status, names=[f"merge_fields.{tag}"])
    return {"members": len(members)}


def copies(audience: Audience, arguments: Arguments) -> object:
    """Import a copy of a member's fields and tags under another address, as a spreadsheet that was edited would."""
    orders.only(arguments, "email", "new_email", "status")
    member, address = orders.member(audience, arguments), orders.text(arguments, "new_email")
    there = audience.find(address)
    if there is None:
        twin = audience.born(address, status=Status(orders.text(arguments, "status", default=member.status.value)))
        twin.timestamp_opt, twin.source, before = audience.clock.now(), "Import", "absent"
        audience.forgotten.pop(twin.id, None)
        audience.keep(twin)
    elif "status" in arguments:
        message = "new_email is a member already: its status stays"
        raise ValueError(message)
    else:
        twin, before = there, there.status.value
    twin.values = dict(member.values)
    for segment_id in member.tags:
        audience.tag(twin, audience.segments[segment_id])
    return orders.done(audience, twin, "import", By.ADMIN, before, names=["merge_fields", "tags"])


def deletes_merge_field(audience: Audience, arguments: Arguments) -> object:
    """Delete a merge field with every value in it."""
    orders.only(arguments, "tag")
    tag = orders.text(arguments, "tag")
    field = audience.field_by_tag(tag)
    if field is None:
        message = f"no merge field {tag!r}"
        raise ValueError(message)
    audience.drop_field(field)
    return {"tag": tag}
