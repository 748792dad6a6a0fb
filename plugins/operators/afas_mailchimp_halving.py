"""A chunk that is refused as a whole is halved until the item that caused it stands alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from afas_mailchimp.audience import BatchAnswer, MemberUpdate, NewMember, Refusal, RefusedItem
from afas_mailchimp.errors import RefusedError

Item = TypeVar("Item", NewMember, MemberUpdate)


def halving(call: Callable[[list[Item]], BatchAnswer], items: list[Item]) -> BatchAnswer:
    """Send a chunk; one that is refused as a whole is halved until the item that caused it stands alone."""
    if not items:
        return BatchAnswer((), (), ())
    try:
        return call(items)
    except RefusedError as error:
        if error.refusal == Refusal.NOT_FOUND:
            raise
        if len(items) == 1:
            return BatchAnswer((), (), (RefusedItem(items[0].id, Refusal(error.refusal)),))
    middle = len(items) // 2
    one, other = halving(call, items[:middle]), halving(call, items[middle:])
    return BatchAnswer(one.created + other.created, one.updated + other.updated, one.refused + other.refused)
