"""POST /lists/{id}: up to 500 members at once. The answer is 200 also when every one of them failed."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.mailchimp import body, problem
from sandbox.mailchimp.address import subscriber_hash
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.body import Draft
from sandbox.mailchimp.call import Call
from sandbox.mailchimp.model import By, Member, Status
from sandbox.mailchimp.render import IN_BATCH, links, members_json
from sandbox.mailchimp.writing import create, update

MOST_MEMBERS = 500
_EXISTS = "{} is already a list member, do you want to update? please provide update_existing:true in the request body"


@dataclass(slots=True, kw_only=True)
class _Batch:
    audience: Audience
    update_existing: bool
    sync_tags: bool
    skip_validation: bool

    def write(self, draft: Draft) -> tuple[Member, bool]:
        """Write one item; the answer says whether it counts as new."""
        audience, switches = self.audience, self.audience.switches
        if switches["batch_item_tags"] == "ignore":
            draft.tags = None
        member = audience.members.get(subscriber_hash(draft.address or ""))
        status = draft.status
        if status is None and switches["batch_status_if_new"] == "honour" and member is None:
            status = draft.status_if_new
        if status is None and switches["batch_missing_status"] == "refuse":
            raise problem.not_validated(("status", "Required fields were not provided: status"))
        if member is None:
            status = status or Status.SUBSCRIBED
            return create(audience, draft, status, kind="batch", skip_validation=self.skip_validation), True
        archived = member.status is Status.ARCHIVED
        if not self.update_existing and not (archived and switches["batch_archived"] == "resurrect"):
            raise _ExistsError(_EXISTS.format(member.address))
        if (
            archived
            and status is None
            and (not self.update_existing or switches["batch_missing_status"] == "resurrect")
        ):
            status = Status.SUBSCRIBED
        try:
            update(audience, member, draft, status, kind="batch", skip_validation=self.skip_validation)
        except problem.ProblemError as refused:
            silent = refused.title == "Member In Compliance State" and switches["batch_compliance"] == "silent"
            if not silent:
                raise
            update(audience, member, draft, None, kind="batch", skip_validation=self.skip_validation)
        self._sync_tags(member, draft)
        return member, not self.update_existing

    def _sync_tags(self, member: Member, draft: Draft) -> None:
        if not self.sync_tags or self.audience.switches["batch_item_tags"] == "ignore":
            return
        kept = {name.casefold() for name in draft.tags or []}
        going = [
            segment
            for segment in map(self.audience.segments.__getitem__, member.tags)
            if segment.name.casefold() not in kept
        ]
        for segment in going:
            self.audience.untag(member, segment)
        if going:
            self.audience.changed(member, kind="batch", by=By.API, before=member.status, names=["tags"])


class _ExistsError(Exception):
    """The address is there and the batch may not change it."""


def post_batch(call: Call) -> dict[str, object]:
    """Subscribe, unsubscribe or change many members."""
    audience, sent = call.audience, call.body()
    body.required(sent, ("members",))
    body.known_only(sent, ("members", "update_existing", "sync_tags"))
    items = sent["members"]
    errors: body.Errors = []
    if body.expect(items, "array", "members", errors) and isinstance(items, list) and len(items) > MOST_MEMBERS:
        errors.append(("members", f"There are too many items: {len(items)}, the most is {MOST_MEMBERS}"))
    for name in ("update_existing", "sync_tags"):
        body.expect(sent.get(name, False), "boolean", name, errors)
    if errors or not isinstance(items, list):
        raise problem.not_validated(*errors)
    items = _without_duplicates(items, quietly=call.query.flag("skip_duplicate_check"))

    batch = _Batch(
        audience=audience,
        update_existing=sent.get("update_existing") is True,
        sync_tags=sent.get("sync_tags") is True,
        skip_validation=call.query.flag("skip_merge_validation"),
    )
    call.units = len(items)
    return _answer(audience, batch, items)


def _answer(audience: Audience, batch: _Batch, items: list[object]) -> dict[str, object]:
    created: list[Member] = []
    updated: list[Member] = []
    refused: list[dict[str, object]] = []
    drafts = [(item, _draft(item, whole=audience.switches["batch_schema_errors"] == "request")) for item in items]
    for item, draft in drafts:
        address = str(item.get("email_address", "")) if isinstance(item, dict) else ""
        try:
            if isinstance(draft, problem.ProblemError):
                raise draft
            member, new = batch.write(draft)
        except _ExistsError as exists:
            refused.append(_error(address, str(exists), code="ERROR_CONTACT_EXISTS"))
        except problem.ProblemError as error:
            if error.status != 400:  # noqa: PLR2004 - HTTP
                raise
            refused.append(_error(address, error.detail, code="ERROR_GENERIC", first=error.errors[:1]))
        else:
            (created if new else updated).append(member)
    return {
        "new_members": members_json(audience, created, IN_BATCH),
        "updated_members": members_json(audience, updated, IN_BATCH),
        "errors": refused,
        "total_created": len(created),
        "total_updated": len(updated),
        "error_count": len(refused),
        "_links": links(f"/lists/{audience.list_id}", schema="Lists/BatchPOST"),
    }


def _draft(item: object, *, whole: bool) -> Draft | problem.ProblemError:
    try:
        if isinstance(item, dict):
            body.required(item, ("email_address",))
        return body.member_draft(item, extra=frozenset({"tags", "status_if_new"}))
    except problem.ProblemError as error:
        if whole:
            raise
        return error


def _error(address: str, text: str, *, code: str, first: tuple[tuple[str, str], ...] = ()) -> dict[str, object]:
    field, message = first[0] if first else ("", "")
    return {
        "email_address": address,
        "error": text,
        "error_code": code,
        "field": field,
        "field_message": message,
    }


def _without_duplicates(items: list[object], *, quietly: bool) -> list[object]:
    """Refuse the request for an address that occurs twice, or keep the first of each.

    :param quietly: keep the first.
    """
    seen: set[str] = set()
    kept = []
    for item in items:
        address = item.get("email_address") if isinstance(item, dict) else None
        if isinstance(address, str) and address.strip():
            folded = address.strip().lower()
            if folded in seen and not quietly:
                detail = (
                    f"Duplicate items found for email {address.strip()}, "
                    "please provide unique email address per member item"
                )
                raise problem.invalid(detail)
            if folded in seen:
                continue
            seen.add(folded)
        kept.append(item)
    return kept
