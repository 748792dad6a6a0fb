"""What Mailchimp works out itself: stars, rates, and a language from somebody's browser. Nobody wrote it."""

from __future__ import annotations

from sandbox.mailchimp import orders
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.orders import Arguments

_STARS = range(1, 6)


def worked_out(audience: Audience, arguments: Arguments) -> object:
    """Give a member figures; the record of writes says nothing of it."""
    orders.only(arguments, "email", "member_rating", "avg_open_rate", "avg_click_rate", "language")
    member = orders.member(audience, arguments)
    rating = orders.whole(arguments, "member_rating", default=member.member_rating)
    if rating not in _STARS:
        message = "member_rating is 1 to 5"
        raise ValueError(message)
    opened = _rate(arguments, "avg_open_rate", default=member.avg_open_rate)
    clicked = _rate(arguments, "avg_click_rate", default=member.avg_click_rate)
    if "language" in arguments:
        member.language = orders.text(arguments, "language")
    member.member_rating, member.avg_open_rate, member.avg_click_rate = rating, opened, clicked
    if audience.switches["figures_bump"]:
        member.last_changed = audience.clock.now()
    return {"id": member.id}


def _rate(arguments: Arguments, name: str, *, default: float) -> float:
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        message = f"{name} is a number from 0 to 1"
        raise ValueError(message)
    return value
