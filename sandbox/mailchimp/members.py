"""Routes of one member: look up, create, upsert, change, archive, delete for good."""

from __future__ import annotations

from sandbox.mailchimp import body, problem
from sandbox.mailchimp.address import subscriber_hash
from sandbox.mailchimp.call import Call
from sandbox.mailchimp.model import By, Member, Status
from sandbox.mailchimp.projection import Projection
from sandbox.mailchimp.render import member_json
from sandbox.mailchimp.writing import create, settled, update

_ARCHIVABLE = frozenset({Status.SUBSCRIBED, Status.UNSUBSCRIBED, Status.TRANSACTIONAL})
_PATCH_STATUSES = frozenset({"subscribed", "unsubscribed", "cleaned", "pending"})
_ALL = Projection()


def find(call: Call) -> Member:
    """The member that a path names."""
    member = call.audience.find(call.ids[0])
    if member is None:
        raise problem.not_found()
    return member


def get_member(call: Call) -> dict[str, object]:
    """GET, also of an archived member."""
    return member_json(call.audience, find(call), call.query.projection())


def post_member(call: Call) -> dict[str, object]:
    """POST: create; an archived address comes back instead of being refused."""
    audience, sent = call.audience, call.body()
    body.required(sent, ("email_address", "status"))
    draft = body.member_draft(sent, extra=frozenset({"tags", "marketing_permissions"}))
    skip = call.query.flag("skip_merge_validation")
    member = audience.members.get(subscriber_hash(draft.address or ""))
    if member is None:
        assert draft.status is not None  # noqa: S101 - required above
        member = create(audience, draft, draft.status, kind="post", skip_validation=skip)
    elif member.status is Status.ARCHIVED:
        update(audience, member, draft, draft.status, kind="post", skip_validation=skip)
    else:
        settled(audience, member, draft.status, kind="post")
        raise problem.member_exists(member.address)
    return member_json(audience, member, _ALL)


def put_member(call: Call) -> dict[str, object]:
    """PUT: change, or create from the body's address when the path names nobody."""
    audience, sent = call.audience, call.body()
    draft = body.member_draft(sent, extra=frozenset({"status_if_new", "marketing_permissions"}))
    skip = call.query.flag("skip_merge_validation")
    member = audience.find(call.ids[0])
    if member is not None:
        update(audience, member, draft, draft.status, kind="put", skip_validation=skip, moves=True)
        return member_json(audience, member, _ALL)
    body.required(sent, ("email_address",))
    if subscriber_hash(draft.address or "") in audience.members:
        raise problem.member_exists(draft.address or "")
    status = draft.status_if_new or draft.status
    if status is None:
        body.required(sent, ("status_if_new",))
        raise AssertionError
    member = create(audience, draft, status, kind="put", skip_validation=skip)
    return member_json(audience, member, _ALL)


def patch_member(call: Call) -> dict[str, object]:
    """PATCH: change who is there."""
    member = find(call)
    draft = body.member_draft(call.body(), extra=frozenset({"marketing_permissions"}), statuses=_PATCH_STATUSES)
    skip = call.query.flag("skip_merge_validation")
    update(call.audience, member, draft, draft.status, kind="patch", skip_validation=skip, moves=True)
    return member_json(call.audience, member, _ALL)


def archive_member(call: Call) -> None:
    """DELETE: archive. The data stays."""
    member = find(call)
    if member.status not in _ARCHIVABLE:
        raise problem.cannot_archive()
    before = member.status
    call.audience.set_status(member, Status.ARCHIVED)
    call.audience.changed(member, kind="archive", by=By.API, before=before, names=["status"])


def delete_member_for_good(call: Call) -> None:
    """POST …/actions/delete-permanent: gone, and refused for ever."""
    member = find(call)
    before = member.status
    call.audience.forget(member)
    call.audience.changed(member, kind="delete_permanent", by=By.API, before=before, names=["status"])
