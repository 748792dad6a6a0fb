"""One Profit environment: its tables, connectors, clock and switches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.afas.clock import AMSTERDAM, Clock, Rounding
from sandbox.afas.connectors import Connector, standard_connectors
from sandbox.afas.metainfo import Environment
from sandbox.afas.oauth import OAuth
from sandbox.afas.tables import Store
from sandbox.afas.update_schema import FreeField, standard_free_fields
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


@dataclass(frozen=True, slots=True)
class Write:
    """One row that an UpdateConnector wrote.

    :param sent: fields of the body but for the key; free ones by label.
    :param changed: those of them that had another value before.
    :param moved: whether the modified date of the row moved.
    """

    at: str
    object: str
    key: str | int
    sent: list[str]
    changed: list[str]
    moved: bool


@dataclass(slots=True)
class Profit:
    """State of one environment.

    :param unauthorised: how a connector that the token may not use is answered: ``401`` (empty) or ``500`` (JSON).
    :param booleans: how a yes or no is written in a filter: ``words`` (true), ``digits`` (1) or ``any`` of both.
    :param max_cells: rows times columns above which a call ends in "Out of memory"; None has no limit.
    :param bump_unchanged: whether a write that changes nothing moves the modified date of its row.
    :param bump_matched: whether an organisation or person that a sales relation only names has its date moved.
    :param closed: UpdateConnectors that the token may not use.
    :param version_connector: whether the app connector may ask for Profit's version.
    """

    token: str = DEFAULT_TOKEN
    environment: Environment = field(default_factory=Environment)
    rounding: Rounding = Rounding.HALF_UP
    unauthorised: str = "401"
    booleans: str = "any"
    max_cells: int | None = None
    version_connector: bool = True
    bump_unchanged: bool = True
    bump_matched: bool = True
    closed: set[str] = field(default_factory=set)
    free_fields: list[FreeField] = field(default_factory=standard_free_fields)
    writes: list[Write] = field(default_factory=list)
    oauth: OAuth = field(default_factory=OAuth)
    store: Store = field(default_factory=Store)
    clock: Clock = field(default_factory=Clock)
    connectors: dict[str, Connector] = field(default_factory=standard_connectors)
    pending: list[PendingActions] = field(default_factory=list)
    _views: dict[str, tuple[int, Connector, View]] = field(default_factory=dict)

    def takes_classic_token(self) -> bool:
        """Whether the app connector still signs in with a classic token, and its last day has not passed."""
        today = self.clock.now().astimezone(AMSTERDAM).date().isoformat()
        dated = re.match(r"\d{4}-\d{2}-\d{2}", self.environment.token_expiry)
        return self.oauth.sign_in != "oauth" and (dated is None or today <= dated.group())

    def view(self, connector: Connector) -> View:
        """Rows of a connector, made again when a table changed."""
        version, of, view = self._views.get(connector.name, (-1, None, None))
        if view is None or version != self.store.version or of is not connector:
            view = View(self.store, connector)
            self._views[connector.name] = (self.store.version, connector, view)
        return view
