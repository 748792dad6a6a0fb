"""Creating and changing one member: the status machine, merge values, change of address. All or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.mailchimp import activity, address, messages, problem
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.body import Draft
from sandbox.mailchimp.merge_values import DroppedError, ValueRefusedError, is_complete, kept
from sandbox.mailchimp.model import By, Member, MergeValue, Status

_SIGN_UPS = frozenset({Status.SUBSCRIBED, Status.PENDING})
_REFUSED_IN_COMPLIANCE = frozenset({Status.SUBSCRIBED, Status.TRANSACTIONAL})


def create(audience: Audience, draft: Draft, status: Status, *, kind: str, skip_validation: bool) -> Member:
    """Create a member.

    :param kind: how the write is called in the record of writes.
    """
    accepted = _accepted(audience, draft.address or "", kind=kind)
    member = audience.born(accepted, status=status)
    if status in _SIGN_UPS and member.id in audience.many_lists:
        raise problem.many_lists(accepted)
    values = judged(audience, {}, draft.merge_fields, skip_validation=skip_validation)
    _enter(audience, member, status, draft.plain)
    changed = ["status", *_put_values(audience, member, values, draft.plain)]
    audience.keep(member)
    changed += put_tags(audience, member, draft.tags)
    audience.changed(member, kind=kind, by=By.API, before="absent", names=changed)
    return member


def update(
    audience: Audience,
    member: Member,
    draft: Draft,
    status: Status | None,
    *,
    kind: str,
    skip_validation: bool,
    moves: bool = False,
) -> Member:
    """Change a member.

    :param status: what it is to become; None keeps what it is.
    :param moves: whether another address in the draft changes the member's address.
    """
    before = member.status
    target = settled(audience, member, status, kind=kind)
    moved = _new_address(audience, member, draft, kind=kind) if moves else None
    values = judged(audience, member.values, draft.merge_fields, skip_validation=skip_validation)
    if audience.switches["incomplete_address_blocks"] and _has_incomplete_address({**member.values, **values}):
        return member

    changed = []
    if moved is not None:
        audience.set_address(member, moved)
        changed.append("email_address")
    if target is not before:
        _enter(audience, member, target, draft.plain)
        audience.set_status(member, target)
        if target is Status.UNSUBSCRIBED:
            activity.record_opt_out(audience, member, By.API)
        changed.append("status")
    changed += _put_values(audience, member, values, draft.plain)
    changed += put_tags(audience, member, draft.tags)
    if changed:
        audience.changed(member, kind=kind, by=By.API, before=before, names=changed)
    elif audience.switches["identical_write_bumps"]:
        member.last_changed = audience.clock.now()
    return member


def settled(audience: Audience, member: Member, wanted: Status | None, *, kind: str) -> Status:
    """Decide the status after a write, or refuse it.

    Who opted out himself or bounced cannot be subscribed by the API; who was unsubscribed by the API or by an
    administrator can.
    """
    if wanted is None or wanted is member.status:
        return member.status
    lost = member.status is Status.ARCHIVED and audience.switches["archived_opt_out"] == "lost"
    if wanted in _REFUSED_IN_COMPLIANCE and member.compliance and not lost:
        raise problem.in_compliance_state(member.address, posted=kind == "post")
    if wanted in _SIGN_UPS and member.id in audience.many_lists:
        raise problem.many_lists(member.address)
    return wanted


def judged(
    audience: Audience,
    present: Mapping[int, MergeValue],
    sent: Mapping[str, object],
    *,
    skip_validation: bool,
) -> dict[int, MergeValue]:
    """Judge the merge fields of a write; tags that the audience does not have are ignored without a word.

    :param present: what the member has: a required field may be filled already.
    """
    by_tag = {field.tag: field for field in audience.fields.values()}
    values: dict[int, MergeValue] = {}
    errors = []
    for tag, raw in sent.items():
        field = by_tag.get(tag)
        if field is None:
            continue
        if isinstance(raw, dict) and field.type != "address":
            raise problem.not_validated((f"merge_fields.{tag}", messages.ANY_OF))
        try:
            values[field.merge_id] = kept(field, raw, switches=audience.switches, skip_validation=skip_validation)
        except ValueRefusedError as refused:
            errors.append((tag, str(refused)))
        except DroppedError:
            continue
    if not skip_validation:
        refused_tags = {tag for tag, _ in errors}
        errors.extend(
            (field.tag, messages.text("required", audience.switches["language"]))
            for field in by_tag.values()
            if field.required
            and field.tag not in refused_tags
            and values.get(field.merge_id, present.get(field.merge_id, "")) == ""
        )
    if errors:
        raise problem.invalid(problem.MERGE_FIELDS_INVALID, *errors)
    return values


def put_tags(audience: Audience, member: Member, names: list[str] | None) -> list[str]:
    """Give a member tags by name, making those that are not there; the answer names what changed."""
    changed = []
    for name in names or []:
        segment = audience.segment_named(name) or audience.add_segment(name)
        if audience.tag(member, segment):
            changed.append("tags")
    return changed[:1]


def _put_values(
    audience: Audience, member: Member, values: Mapping[int, MergeValue], plain: Mapping[str, object]
) -> list[str]:
    changed = []
    for merge_id, value in values.items():
        if member.values.get(merge_id, "") != value:
            changed.append(f"merge_fields.{audience.fields[merge_id].tag}")
            if value == "":
                del member.values[merge_id]
            else:
                member.values[merge_id] = value
    for name, attribute in plain.items():
        if getattr(member, name) != attribute:
            setattr(member, name, attribute)
            changed.append(name)
    return changed


def _accepted(audience: Audience, raw: str, *, kind: str) -> str:
    # Role addresses are blocked on import only, and the batch route is what comes nearest to one.
    roles_refused = kind == "batch" and bool(audience.switches["role_addresses"])
    accepted = address.accepted(raw, roles_refused=roles_refused)
    if address.subscriber_hash(accepted) in audience.forgotten:
        raise problem.forgotten(accepted)
    return accepted


def _new_address(audience: Audience, member: Member, draft: Draft, *, kind: str) -> str | None:
    if draft.address is None or draft.address == member.address:
        return None
    hashed = address.subscriber_hash(draft.address)
    if hashed == member.id:
        return draft.address
    accepted = _accepted(audience, draft.address, kind=kind)
    if hashed in audience.members:
        raise problem.member_exists(accepted)
    if member.status is not Status.SUBSCRIBED:
        raise problem.not_subscribed(member.status)
    return accepted


def _enter(audience: Audience, member: Member, status: Status, sent: Mapping[str, object]) -> None:
    """Do what goes with a status: times of opting in, who unsubscribed."""
    now = audience.clock.now()
    match status:
        case Status.SUBSCRIBED:
            member.unsubscribed_by, member.reason, member.compliance = None, "", False
            member.timestamp_opt = now
        case Status.UNSUBSCRIBED:
            # An opt-out of the person stays his, also when the API repeats it.
            if not member.compliance:
                member.unsubscribed_by, member.reason = By.API, ""
            member.timestamp_opt = member.timestamp_opt or now
        case Status.CLEANED:
            member.compliance = True
            member.timestamp_opt = member.timestamp_opt or now
        case Status.PENDING if "timestamp_signup" not in sent:
            member.timestamp_signup = now


def _has_incomplete_address(values: Mapping[int, MergeValue]) -> bool:
    return any(isinstance(value, dict) and not is_complete(value) for value in values.values())
