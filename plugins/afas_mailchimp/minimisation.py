"""Which AFAS columns a sync needs and which the token shows beside them (AVG, article 5: data minimisation). Pure.

AFAS sends whole rows: a GetConnector call cannot name columns. So what is not needed is dropped row by row in the
hook, and what should not travel at all must be left out of the connector itself. This finds out what that is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afas_mailchimp.sensitive_words import Danger, danger_of

if TYPE_CHECKING:
    from afas_mailchimp.findings import Findings
    from afas_mailchimp.getconnector import ConnectorField, Environment
    from afas_mailchimp.settings import Source, SyncFile

Uses = dict[str, tuple[str, ...]]
"""Column → the places in the sync file that name it, such as ``customers: sources.debtors.key``."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """What one token may see of an AFAS environment.

    :param columns: columns by GetConnector, of those whose columns could be asked.
    """

    environment: Environment
    columns: Mapping[str, Sequence[ConnectorField]]

    def label(self, connector: str, column: str) -> str:
        """AFAS's own name of a column; empty where it is not known."""
        return next((each.label for each in self.columns.get(connector, ()) if each.id == column), "")


@dataclass(frozen=True, slots=True)
class SensitiveColumn:
    """A column that a mailing has no business with.

    :param uses: places in the sync file that name it; empty when nothing does.
    :param accepted: a person looked at it and decided.
    """

    connector: str
    column: str
    label: str
    danger: Danger
    uses: tuple[str, ...] = ()
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """One GetConnector beside what the syncs need of it.

    :param needed: columns that a narrow copy must keep, in the connector's order.
    :param surplus: columns to leave out of it.
    :param missing: columns that the syncs name and the connector does not have.
    """

    connector: str
    needed: tuple[str, ...]
    surplus: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpareConnector:
    """A GetConnector that the token may read and no sync uses.

    :param description: AFAS's own name of it; empty where it is not known.
    :param danger: what its name says that it holds; its columns are judged apart.
    """

    connector: str
    description: str = ""
    danger: Danger | None = None


@dataclass(frozen=True, slots=True)
class Lint:
    """What was found about one AFAS connection.

    :param spare_updates: UpdateConnectors that the token may write and no sync does.
    :param unread: GetConnectors whose columns AFAS would not tell.
    """

    connection: str
    environment: str
    connectors: tuple[ConnectorView, ...]
    sensitive: tuple[SensitiveColumn, ...]
    spare: tuple[SpareConnector, ...]
    spare_updates: tuple[str, ...]
    unread: tuple[str, ...] = ()

    @property
    def mapped(self) -> tuple[SensitiveColumn, ...]:
        """Sensitive columns that a sync uses and nobody has accepted."""
        return tuple(each for each in self.sensitive if each.uses and not each.accepted)

    @property
    def has_errors(self) -> bool:
        """Whether a sync uses what it should not, or names what is not there."""
        return bool(self.mapped) or any(each.missing for each in self.connectors)

    @property
    def has_warnings(self) -> bool:
        """Whether the token shows or may do more than the syncs need."""
        seen = any(not each.uses and not each.accepted for each in self.sensitive)
        surplus = any(each.surplus for each in self.connectors)
        return seen or surplus or bool(self.spare or self.spare_updates or self.unread)


def uses_of(sync: SyncFile) -> dict[str, Uses]:
    """Every column that a sync needs, by GetConnector, with the places in its file that name it."""
    found: dict[str, dict[str, list[str]]] = {}
    for connector, column, place in _named(sync):
        found.setdefault(connector, {}).setdefault(column, []).append(f"{sync.name}: {place}")
    return {
        connector: {column: tuple(places) for column, places in columns.items()} for connector, columns in found.items()
    }


def lint(
    view: TokenView,
    syncs: Sequence[SyncFile],
    *,
    connection: str,
    beside: Sequence[SyncFile] = (),
    accepted: Collection[str] = (),
    unread: Collection[str] = (),
) -> Lint:
    """Compare what a token may see with what the syncs on it need.

    :param syncs: the syncs that are looked at; all of this connection.
    :param beside: other syncs of this connection: what they need is needed too.
    :param accepted: sensitive columns that a person decided on, as ``column`` or ``connector.column``.
    :param unread: connectors whose columns AFAS would not tell.
    """
    needed: dict[str, Uses] = {}
    for sync in (*syncs, *beside):
        for connector, uses in uses_of(sync).items():
            known = needed.setdefault(connector, {})
            for column, places in uses.items():
                known[column] = (*known.get(column, ()), *places)
    asked = dict.fromkeys(connector for sync in syncs for connector in uses_of(sync))
    backs = [back for sync in (*syncs, *beside) for back in sync.write_back.values()]
    written = {record.update for back in backs for record in back.records.values()}
    shown = (*asked, *sorted(set(view.columns) - set(asked)))
    sensitive = [each for name in shown for each in _sensitive(view, name, needed.get(name, {}), accepted)]
    return Lint(
        connection=connection,
        environment=view.environment.id,
        connectors=tuple(_compared(name, needed[name], view.columns[name]) for name in asked if name in view.columns),
        sensitive=tuple(sensitive),
        spare=tuple(_spare(each, view.environment) for each in sorted(view.environment.get_connectors - set(needed))),
        spare_updates=tuple(sorted(view.environment.update_connectors - written)),
        unread=tuple(unread),
    )


def check_sensitive(sync: SyncFile, columns: Mapping[str, Sequence[ConnectorField]], findings: Findings) -> None:
    """Warn of sensitive columns that a sync uses.

    :param columns: columns by GetConnector.
    """
    for connector, uses in uses_of(sync).items():
        for column in columns.get(connector, ()):
            danger = danger_of(column.id, column.label) if column.id in uses else None
            if danger:
                where = ", ".join(place.partition(": ")[2] for place in uses[column.id])
                findings.warnings.append(
                    f"Column {column.id} of {connector} looks like {danger}, and the sync uses it ({where}): a mailing "
                    "seldom has a ground for that. Remove it, or write the ground in the record of processing."
                )


def _named(sync: SyncFile) -> Iterator[tuple[str, str, str]]:
    """Connector, column and place of everything that a sync file names."""
    for name, source in sync.sources.items():
        for column, place in _of_source(source):
            yield source.connector, column, f"sources.{name}.{place}"
        if delivery := source.delivery_address:
            for column in dict.fromkeys((*delivery.columns, *delivery.modified)):
                yield delivery.connector, column, f"sources.{name}.delivery_address"
        if back := sync.write_back.get(name):
            for column in back.columns:
                yield source.connector, column, f"write_back.{name}"


def _of_source(source: Source) -> Iterator[tuple[str, str]]:
    yield source.key, "key"
    yield source.email, "email"
    yield from ((column, "modified") for column in source.modified)
    yield from ((column, "filter") for column in source.filter)
    if source.consent_field:
        yield source.consent_field.field, "consent_field"
    for tag, mapping in source.merge_fields.items():
        yield from ((column, f"merge_fields.{tag}") for column in mapping.columns)


def _spare(connector: str, environment: Environment) -> SpareConnector:
    description = environment.descriptions.get(connector, "")
    return SpareConnector(connector, description, danger_of(connector, description))


def _compared(connector: str, needed: Uses, columns: Sequence[ConnectorField]) -> ConnectorView:
    ids = dict.fromkeys(column.id for column in columns)
    return ConnectorView(
        connector=connector,
        needed=tuple(each for each in ids if each in needed),
        surplus=tuple(each for each in ids if each not in needed),
        missing=tuple(each for each in needed if each not in ids),
    )


def _sensitive(view: TokenView, connector: str, uses: Uses, accepted: Collection[str]) -> Iterator[SensitiveColumn]:
    for column in view.columns.get(connector, ()):
        if danger := danger_of(column.id, column.label):
            yield SensitiveColumn(
                connector=connector,
                column=column.id,
                label=column.label,
                danger=danger,
                uses=uses.get(column.id, ()),
                accepted=bool({column.id, f"{connector}.{column.id}"} & set(accepted)),
            )
