"""Routes of the account and of the list itself."""

from __future__ import annotations

from typing import Final

from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.call import Call
from sandbox.mailchimp.clock import written
from sandbox.mailchimp.model import Status
from sandbox.mailchimp.render import links

STATS_FOR_SECONDS: Final = 300


def ping(_call: Call) -> dict[str, object]:
    """GET /ping."""
    return {"health_status": "Everything's Chimpy!"}


def get_list(call: Call) -> dict[str, object]:
    """GET the list."""
    return call.query.projection().applied_to(_list_json(call))


def get_lists(call: Call) -> dict[str, object]:
    """GET the one list there is."""
    offset, count = call.query.page()
    answer = {
        "lists": [_list_json(call)][offset : offset + count],
        "total_items": 1,
        "constraints": {"may_create": True, "max_instances": 5, "current_total_instances": 1},
        "_links": links("/lists", schema="Lists"),
    }
    return call.query.projection().applied_to(answer)


def _list_json(call: Call) -> dict[str, object]:
    audience = call.audience
    settings = audience.settings
    stats = dict(_stats(audience))
    if not call.query.flag("include_total_contacts"):
        del stats["total_contacts"]
    return {
        "id": audience.list_id,
        "web_id": 100_001,
        "name": settings["name"],
        "contact": {
            "company": settings["name"],
            "address1": "Molenstraat 1",
            "address2": "",
            "city": "Utrecht",
            "state": "UT",
            "zip": "3511 AA",
            "country": "NL",
            "phone": "",
        },
        "permission_reminder": "You are a customer of ours.",
        "use_archive_bar": True,
        "campaign_defaults": {
            "from_name": settings["name"],
            "from_email": "info@bakkerij-de-korenaar.example",
            "subject": "",
            "language": "nl",
        },
        "notify_on_subscribe": "",
        "notify_on_unsubscribe": "",
        "date_created": written(audience.date_created),
        "list_rating": 0,
        "email_type_option": False,
        "subscribe_url_short": "",
        "subscribe_url_long": "",
        "beamer_address": "",
        "visibility": "prv",
        "double_optin": settings["double_optin"],
        "has_welcome": settings["has_welcome"],
        "marketing_permissions": settings["marketing_permissions"],
        "modules": [],
        "stats": stats,
        "_links": links(f"/lists/{audience.list_id}", schema="Lists"),
    }


def _stats(audience: Audience) -> dict[str, object]:
    """Counts as they were up to five minutes ago."""
    now = audience.clock.now()
    if audience.stats is not None and 0 <= now - audience.stats[0] < STATS_FOR_SECONDS:
        return audience.stats[1]
    counts = {status: len(members) for status, members in audience.by_status.items()}
    subscribed = audience.by_status[Status.SUBSCRIBED].values()
    unsubscribed = audience.by_status[Status.UNSUBSCRIBED].values()
    stats: dict[str, object] = {
        "member_count": counts[Status.SUBSCRIBED],
        "total_contacts": sum(counts.values()) - counts[Status.ARCHIVED],
        "unsubscribe_count": counts[Status.UNSUBSCRIBED],
        "cleaned_count": counts[Status.CLEANED],
        "member_count_since_send": counts[Status.SUBSCRIBED],
        "unsubscribe_count_since_send": counts[Status.UNSUBSCRIBED],
        "cleaned_count_since_send": counts[Status.CLEANED],
        "campaign_count": 0,
        "campaign_last_sent": "",
        "merge_field_count": len(audience.fields),
        "avg_sub_rate": 0,
        "avg_unsub_rate": 0,
        "target_sub_rate": 0,
        "open_rate": 0,
        "click_rate": 0,
        "last_sub_date": written(max((member.timestamp_opt for member in subscribed), default=0)),
        "last_unsub_date": written(max((member.last_changed for member in unsubscribed), default=0)),
    }
    audience.stats = (now, stats)
    return stats
