"""Control verbs that wait for calls of the API: what happens in an audience between two pages of a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.mailchimp import orders
from sandbox.mailchimp.orders import Arguments


@dataclass(slots=True)
class _Order:
    count: int
    match: str
    actions: tuple[tuple[str, Mapping[str, object]], ...]


class Waiting:
    """Orders that are carried out after so many calls were answered.

    :param members: ``METHOD path`` of the page of members, which is waited for unless something else is said.
    """

    def __init__(self, *, members: str) -> None:
        self._members = members
        self._orders: list[_Order] = []

    def add(self, arguments: Arguments, *, verbs: Mapping[str, object]) -> object:
        """Take an order."""
        orders.only(arguments, "count", "match", "actions")
        actions = arguments.get("actions")
        if not isinstance(actions, list) or not all(
            isinstance(each, Mapping) and each.get("verb") in verbs and set(each) <= {"verb", "arguments"}
            for each in actions
        ):
            message = f"actions is a list of {{verb, arguments}} with a verb of {', '.join(verbs)}"
            raise ValueError(message)
        found = [(str(each["verb"]), orders.mapping({"arguments": {}, **each}, "arguments")) for each in actions]
        match = str(arguments.get("match", ""))
        self._orders.append(_Order(orders.whole(arguments, "count", default=1), match, tuple(found)))
        return {"waiting": len(self._orders)}

    def answered(self, call: str, carry_out: Callable[[str, Mapping[str, object]], object]) -> None:
        """Count a call that was answered, and carry out what waited for it.

        :param call: ``METHOD path``.
        """
        for order in list(self._orders):
            counts = order.match.lower() in call.lower() if order.match else call == self._members
            if not counts:
                continue
            order.count -= 1
            if order.count <= 0:
                self._orders.remove(order)
                for verb, arguments in order.actions:
                    carry_out(verb, arguments)
