"""Delivery addresses of a source's rows, from their own connector; in memory only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from afas_mailchimp.amsterdam_time import Window
from afas_mailchimp.audience import MergeValue
from afas_mailchimp.cells import same, text_of
from afas_mailchimp.delivery_choice import DeliveryChooser
from operators.afas_mailchimp_reading import WINDOW_PAGE, window_filter

if TYPE_CHECKING:
    from afas_mailchimp.settings import Source
    from hooks.afas import AfasHook


class DeliveryAddresses:
    """Knows one address for each debtor: of all debtors, or of those that were asked for.

    :param source: a source with a ``delivery_address``.
    :param name: the source's name in the sync file.
    """

    def __init__(self, afas: AfasHook, source: Source, name: str) -> None:
        if source.delivery_address is None:
            message = f"sources.{name} has no delivery_address."
            raise ValueError(message)
        self.afas, self.delivery, self.name = afas, source.delivery_address, name
        self._chooser = DeliveryChooser(self.delivery)
        self._asked: set[str] = set()
        self._all = False

    def load_all(self) -> None:
        """Read the whole connector; afterwards a debtor that is not known has no delivery address."""
        self._chooser.clear()
        for page in self.afas.pages(self.delivery.connector, columns=self.delivery.columns, key=self.delivery.id):
            for row in page:
                self._chooser.add(row)
        self._all = True

    def load_for(self, keys: Sequence[str]) -> None:
        """Read the addresses of these debtors, also of those that were read before: an address may have moved.

        :param keys: keys of the source's rows.
        """
        wanted = list(dict.fromkeys(key for key in keys if key.strip()))
        if not wanted:
            return
        delivery = self.delivery
        found = list(
            self.afas.find(
                delivery.connector, columns=delivery.columns, key=delivery.id, field=delivery.match, values=wanted
            )
        )
        for key in wanted:
            self._chooser.forget(key)
            self._asked.add(same(key))
        for row in found:
            self._chooser.add(row)

    def changed(self, window: Window) -> set[str]:
        """Keys of the debtors that have an address which changed in a window.

        An address that went away leaves no date: only a full reload sees that.
        """
        delivery = self.delivery
        if not delivery.modified:
            return set()
        pages = self.afas.pages(
            delivery.connector,
            columns=(delivery.match,),
            key=delivery.id,
            where=window_filter(delivery.modified, window),
            page_size=WINDOW_PAGE,
        )
        return {key for page in pages for (cell,) in page if (key := text_of(cell))}

    def value_for(self, key: str) -> MergeValue | None:
        """The address of a debtor; None when it has no usable one, so that the mapped columns are used.

        A debtor that was not read yet is asked for now: taking it for one without an address would change its member.
        """
        if not self._all and same(key) not in self._asked:
            self.load_for([key])
        return self._chooser.value_for(key)
