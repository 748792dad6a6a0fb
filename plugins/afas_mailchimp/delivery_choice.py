"""One debtor has many addresses: which one is taken, by a configured order that is the same in every run."""

from __future__ import annotations

from collections.abc import Sequence

from afas_mailchimp.audience import MergeValue
from afas_mailchimp.cells import UNKNOWN_DEFINITION, same, text_of
from afas_mailchimp.delivery_settings import DeliveryAddress
from afas_mailchimp.getconnector import Cell
from afas_mailchimp.postal_address import address_of_parts

Order = tuple[int, tuple[bool, int, str]]


class DeliveryChooser:
    """Keeps, of all rows it is shown, one usable address for each debtor.

    :param delivery: where the parts are, and which address comes first.
    """

    def __init__(self, delivery: DeliveryAddress) -> None:
        at = {column: position for position, column in enumerate(delivery.columns)}
        self._id, self._match = at[delivery.id], at[delivery.match]
        self._parts = tuple(at[column] for column in delivery.address)
        prefer = delivery.prefer
        self._preferred = at[prefer.field] if prefer else None
        self._ranks: dict[str, int] = {}
        for rank, value in enumerate(prefer.values if prefer else ()):
            self._ranks.setdefault(same(value), rank)
        self._chosen: dict[str, tuple[Order, MergeValue]] = {}

    def add(self, row: Sequence[Cell]) -> None:
        """Take a row into account, in whatever order rows come; one without a debtor or a whole address is none."""
        key = same(row[self._match])
        if not key:
            return
        parts = [row[position] for position in self._parts]
        order = self._order(row)
        present = self._chosen.get(key)
        if (present and present[0] <= order) or UNKNOWN_DEFINITION in parts:
            return
        if address := address_of_parts(parts):
            self._chosen[key] = order, address

    def forget(self, key: str) -> None:
        """Drop what is known of a debtor, before its rows are shown anew."""
        self._chosen.pop(same(key), None)

    def clear(self) -> None:
        """Drop everything."""
        self._chosen.clear()

    def value_for(self, key: str) -> MergeValue | None:
        """The chosen address of a debtor, None when it has none that Mailchimp would take whole."""
        chosen = self._chosen.get(same(key))
        return chosen[1] if chosen else None

    def __len__(self) -> int:
        return len(self._chosen)

    def _order(self, row: Sequence[Cell]) -> Order:
        last = len(self._ranks)
        rank = last if self._preferred is None else self._ranks.get(same(row[self._preferred]), last)
        number = row[self._id]
        # Numbers by their size, everything else behind them by its letters.
        return rank, (False, number, "") if isinstance(number, int) else (True, 0, text_of(number))
