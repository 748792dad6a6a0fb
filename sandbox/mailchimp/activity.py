"""The activity feed of a member: of everything that the vendor shows there, when somebody unsubscribed."""

from __future__ import annotations

from typing import Final

from sandbox.mailchimp import problem
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.call import Call
from sandbox.mailchimp.clock import written
from sandbox.mailchimp.model import By, Member, OptOut
from sandbox.mailchimp.render import links, usual_reason

_TAUGHT: Final = "unsub"
_FILTERS: Final = (
    "bounce", "click", "conversation", "ecommerce_signup", "event", "web_engagement", "generic_signup",
    "landing_page_signup", "marketing_permission", "note", "open", "order", "postcard_sent", "sent", "signup",
    "squatter_signup", "unsub", "website_signup", "survey_response",
)  # fmt: skip


def record_opt_out(audience: Audience, member: Member, by: By, *, reason: str = "") -> None:
    """Remember that a member was unsubscribed now."""
    member.opt_outs.append(OptOut(at=audience.clock.now(), by=by, reason=reason or usual_reason(by)))


def feed(call: Call) -> dict[str, object]:
    """GET the activity of a member, newest first, unless the order is not to be trusted.

    Named by its hash alone: the vendor's page promises no other name here.
    """
    audience = call.audience
    member = audience.members.get(call.ids[0])
    if member is None:
        raise problem.not_found()
    filters = (call.query.text("activity_filters") or "").split(",")
    for each in filters:
        if each and each not in _FILTERS:
            raise problem.not_validated(("activity_filters", f"Value must be one of: {', '.join(_FILTERS)}"))
    if filters != [_TAUGHT]:
        raise problem.not_taught(f"an activity feed without activity_filters={_TAUGHT} alone")
    shown = [each for each in member.opt_outs if each.by is not By.API or audience.switches["api_opt_out_in_feed"]]
    shown.reverse()
    if audience.switches["unsorted_order"] == "shuffled":
        audience.random.shuffle(shown)
    offset, count = call.query.page()
    page = shown[offset : offset + count]
    call.units = len(page)
    answer: dict[str, object] = {
        "activity": [_json(each) for each in page],
        "email_id": member.id,
        "list_id": audience.list_id,
        "_links": links(f"/lists/{audience.list_id}/members/{member.id}/activity-feed", schema="Lists/Members/Feed"),
    }
    return call.query.projection().applied_to(answer)


def _json(one: OptOut) -> dict[str, object]:
    return {
        "activity_type": _TAUGHT,
        "created_at_timestamp": written(one.at),
        "campaign_id": "",
        "campaign_title": "",
        "is_admin_unsubscribed": one.by is By.ADMIN,
        "unsubscribe_reason": one.reason,
    }
