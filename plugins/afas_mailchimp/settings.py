"""A sync file as frozen values. Unknown keys, wrong types and contradictions are refused; nothing here reads a file."""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictStr, model_validator

from afas_mailchimp.alert_settings import AlertSettings
from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.delivery_settings import DeliveryAddress, Preference
from afas_mailchimp.field_mapping import FieldKind, FieldMapping, Mapped
from afas_mailchimp.setting_types import (
    ColumnId,
    Columns,
    ConnectionId,
    ConnectorId,
    Duration,
    MergeTag,
    Name,
    Percent,
    PoolName,
    Scalar,
    Scalars,
    Schedule,
    Settings,
    TimeZone,
)
from afas_mailchimp.write_back_checks import problems_beside_sources
from afas_mailchimp.write_back_settings import WriteBackSource

__all__ = [
    "ConsentField",
    "DeliveryAddress",
    "FieldKind",
    "FieldMapping",
    "Preference",
    "Scalar",
    "Settings",
    "Source",
    "SyncFile",
]


class AfasSettings(Settings):
    """Which AFAS environment is read."""

    connection: ConnectionId = "afas_default"


class AudienceSettings(Settings):
    """Which Mailchimp audience is written, and where our key lives in it."""

    connection: ConnectionId = "mailchimp_default"
    list_id: Annotated[StrictStr, Field(pattern=r"^[0-9A-Za-z]{4,20}$")]
    key_field: MergeTag = "AFASID"
    base_field: MergeTag = "AFASSUM"
    owner: Name | None = None
    create_merge_fields: StrictBool = True
    adopt: StrictBool = True
    pool: PoolName | None = None
    """Airflow pool of the tasks that talk to Mailchimp in bulk, shared by all syncs on one account."""


class ConsentSettings(Settings):
    """What a new member becomes, and on which ground the company may mail it."""

    new_members: Literal[MemberStatus.SUBSCRIBED, MemberStatus.PENDING, MemberStatus.TRANSACTIONAL]
    basis: StrictStr | None = None
    every: Duration = timedelta(hours=1)


class LimitSettings(Settings):
    """Brakes against mistakes; above one, that kind of write is left out and the run fails at its end."""

    max_archive_percent: Percent = 5
    max_unsubscribed_percent: Percent = 5
    max_rejected_percent: Percent = 10
    max_created: Annotated[int, Field(ge=0)] | None = None
    max_write_back: Annotated[int, Field(ge=0)] | None = 100


class RetentionSettings(Settings):
    """How long logs and run metadata are kept, and archived members before they are due for erasure."""

    days: Annotated[int, Field(ge=0)] = 30
    failed_days: Annotated[int, Field(ge=0)] = 7
    audit_log: StrictBool = True
    archived_term: Duration | None = None
    """How long after archiving a member of ours is due for erasure, told in the report; only a person erases it."""


def _yes_no_keys(value: object) -> object:
    # YAML 1.1 reads the bare keys yes and no as booleans.
    if isinstance(value, dict):
        return {
            {True: "yes", False: "no"}.get(key, key) if isinstance(key, bool) else key: v for key, v in value.items()
        }
    return value


class ConsentField(Settings):
    """The AFAS column that says yes or no to mail; any other value, and blank, means unknown."""

    field: ColumnId
    yes: Scalars = (True,)
    no: Scalars = (False,)
    sweep: StrictBool | None = None
    """Whether rows that say no are looked for whatever their dates; None leaves it to the source's dates."""

    @model_validator(mode="after")
    def _no_overlap(self) -> ConsentField:
        both = {str(v).casefold() for v in self.yes} & {str(v).casefold() for v in self.no}
        if both:
            message = f"the values {', '.join(sorted(both))} are listed under yes and under no"
            raise ValueError(message)
        return self


def _none_is_empty(value: object) -> object:
    return {} if value is None else value


class Source(Settings):
    """One GetConnector that feeds the audience."""

    connector: ConnectorId
    key: ColumnId
    modified: Columns = ("DateModified",)
    email: ColumnId
    filter: dict[ColumnId, Scalars] = Field(default_factory=dict)
    consent_field: Annotated[ConsentField | None, BeforeValidator(_yes_no_keys)] = None
    tags: tuple[Annotated[StrictStr, Field(min_length=1, max_length=100)], ...] = ()
    merge_fields: dict[MergeTag, Mapped] = Field(default_factory=dict)
    delivery_address: DeliveryAddress | None = None

    @model_validator(mode="after")
    def _delivery_address_has_a_fall_back(self) -> Source:
        if self.delivery_address:
            tag = self.delivery_address.merge_field
            addresses = [each for each, mapping in self.merge_fields.items() if mapping.kind == FieldKind.ADDRESS]
            if tag not in addresses:
                near = difflib.get_close_matches(tag, addresses, n=1, cutoff=0.5)
                message = (
                    f"delivery_address.merge_field: {tag} must stand in merge_fields of this source, as an address (it "
                    f"is used where a debtor has no delivery address)"
                    f"{f'; did you mean {near[0]!r}?' if near else ''} "
                    f"Addresses there: {', '.join(addresses) or 'none'}"
                )
                raise ValueError(message)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every AFAS column this source needs, each once, in a fixed order."""
        names = [self.key, self.email, *self.modified, *self.filter]
        if self.consent_field:
            names.append(self.consent_field.field)
        names += [column for mapping in self.merge_fields.values() for column in mapping.columns]
        return tuple(dict.fromkeys(names))

    @property
    def sweeps_consent(self) -> bool:
        """Whether rows that say no must be looked for whatever their dates.

        A consent column of the organisation or person does not move the debtor's own date; several modified columns
        are taken as cover, unless the file says otherwise.
        """
        if self.consent_field is None:
            return False
        return len(self.modified) <= 1 if self.consent_field.sweep is None else self.consent_field.sweep


class SyncFile(Settings):
    """One sync: AFAS environment and sources → one audience."""

    name: Name
    schedule: Schedule | None = "*/15 * * * *"
    timezone: TimeZone = "Europe/Amsterdam"
    afas: AfasSettings = AfasSettings()
    audience: AudienceSettings
    full_reload_every: Duration | None = timedelta(hours=24)
    overlap: Duration = timedelta(minutes=10)
    consent: ConsentSettings
    archive_removed: StrictBool = True
    limits: LimitSettings = LimitSettings()
    sources: Annotated[dict[Name, Source], Field(min_length=1)]
    write_back: Annotated[dict[Name, WriteBackSource], BeforeValidator(_none_is_empty)] = Field(default_factory=dict)
    retention: RetentionSettings = RetentionSettings()
    alerts: AlertSettings | None = None

    @model_validator(mode="after")
    def _own_fields_are_ours(self) -> SyncFile:
        own = {self.audience.key_field, self.audience.base_field}
        if len(own) == 1:
            message = "audience.key_field and audience.base_field must differ"
            raise ValueError(message)
        for name, source in self.sources.items():
            taken = own & set(source.merge_fields)
            if taken:
                message = f"sources.{name}.merge_fields.{taken.pop()}: this merge field holds our key; map another one"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _one_kind_per_merge_field(self) -> SyncFile:
        kinds: dict[str, FieldKind] = {}
        for name, source in self.sources.items():
            for tag, mapping in source.merge_fields.items():
                if kinds.setdefault(tag, mapping.kind) != mapping.kind:
                    message = (
                        f"sources.{name}.merge_fields.{tag}: mapped as {mapping.kind} here and as {kinds[tag]} by "
                        f"an earlier "
                        "source; a merge field has one type"
                    )
                    raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _write_back_fits_the_sources(self) -> SyncFile:
        problems = list(problems_beside_sources(self.write_back, self.sources))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def owner(self) -> str:
        """The first part of our key: members with another owner are another sync's."""
        return self.audience.owner or self.name

    @property
    def merge_kinds(self) -> dict[str, FieldKind]:
        """Every merge field that this sync writes, with its kind, in the order of the file."""
        return {tag: m.kind for source in self.sources.values() for tag, m in source.merge_fields.items()}

    @property
    def merge_choices(self) -> dict[str, tuple[str, ...]]:
        """Values that the file lists for choice fields, of all sources that map one."""
        found: dict[str, tuple[str, ...]] = {}
        for source in self.sources.values():
            for tag, mapping in source.merge_fields.items():
                if mapping.kind == FieldKind.CHOICE:
                    found[tag] = tuple(dict.fromkeys((*found.get(tag, ()), *mapping.choices)))
        return found
