"""When the classic token of an AFAS app connector ends, and what to do before that day. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Environment

CLASSIC_END = date(2027, 5, 1)
"""The day on which AFAS ends every classic token (docs.afas.help, authentication, September 2026)."""

WARN_BEFORE = 60
"""Days."""

_OAUTH = "sign in with OAuth: client id in Login, client secret in Password of the connection (docs/afas-sign-in.md)."


def token_end(environment: Environment, *, today: date) -> str | None:
    """Say, from 60 days before, that a classic token ends.

    AFAS has just taken the token: one that is past its day is warned of as well, and does not stop a sync.
    """
    told = environment.token_expires
    end = told or CLASSIC_END
    days = (end - today).days
    if not environment.classic or days > WARN_BEFORE:
        return None
    if days < 0:
        past = f"The AFAS token ended on {end}" if told else f"AFAS announced that classic tokens end on {end}"
        return f"{past}, and this one still works. It can stop any day: {_OAUTH}"
    left = {0: "today", 1: "in 1 day"}.get(days, f"in {days} days")
    ends = f"The classic AFAS token ends on {end}, {left}"
    if not told:
        ends = f"AFAS does not say when its token ends; all classic ones end on {end}, {left}"
    if end < CLASSIC_END:
        return f"{ends}. Before then, make a new one in the app connector, or {_OAUTH}"
    return f"{ends}, and no new one lives longer. Before then, {_OAUTH}"
