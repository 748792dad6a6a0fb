"""One Profit environment: its tables, connectors, clock and switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.afas.clock import Clock, Rounding
from sandbox.afas.connectors import Connector, standard_connectors
from sandbox.afas.metainfo import Environment
from sandbox.afas.tables import Store
from sandbox.afas.views import View

DEFAULT_TOKEN = "5A4D0BF1C0DE4AFA5A4D0BF1C0DE4AFA5A4D0BF1C0DE4AFA5A4D0BF1C0DE4AFA"  # noqa: S105 - the sandbox's own


@dataclass(slots=True)
class PendingActions:
    """Control actions that wait until this many more connector reads were answered.

    :param connector: the connector whose reads count; empty counts all.
    """

    count: int
    actions: tuple[tuple[str, Mapping[str, object]], ...]
    connector: str = ""


@dataclass(slots=True)
class Profit:
    """State of one environment.

    :param unauthorised: how a connector that the token may not use is answered: ``401`` (empty) or ``500`` (JSON).
    :param booleans: how a yes or no is written in a filter: ``words`` (true), ``digits`` (1) or ``any`` of both.
    :param max_cells: rows times columns above which a call ends in "Out of memory"; None has no limit.
    :param version_connector: whether the app connector may ask for Profit's version.
    """

    token: str = DEFAULT_TOKEN
    environment: Environment = field(default_factory=Environment)
    rounding: Rounding = Rounding.HALF_UP
    unauthorised: str = "401"
    booleans: str = "any"
    max_cells: int | None = None
    version_connector: bool = True
    store: Store = field(default_factory=Store)
    clock: Clock = field(default_factory=Clock)
    connectors: dict[str, Connector] = field(default_factory=standard_connectors)
    pending: list[PendingActions] = field(default_factory=list)
    _views: dict[str, tuple[int, Connector, View]] = field(default_factory=dict)

    def view(self, connector: Connector) -> View:
        """Rows of a connector, made again when a table changed."""
        version, of, view = self._views.get(connector.name, (-1, None, None))
        if view is None or version != self.store.version or of is not connector:
            view = View(self.store, connector)
            self._views[connector.name] = (self.store.version, connector, view)
        return view
