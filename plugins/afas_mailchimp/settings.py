"""A sync file as frozen values. Unknown keys, wrong types and contradictions are refused; nothing here reads a file."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

import pendulum
from croniter import croniter
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

from afas_mailchimp.audience import MemberStatus

DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class FieldKind(StrEnum):
    """How the columns of AFAS become a merge field."""

    TEXT = "text"
    PHONE = "phone"
    DATE = "date"
    NUMBER = "number"
    ADDRESS = "address"


class Settings(BaseModel):
    """Base of every block: frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _duration(value: object) -> object:
    if isinstance(value, timedelta) or value is None:
        return value
    found = DURATION.fullmatch(str(value).strip())
    if not found:
        message = "write a number and a unit, such as 10m, 24h or 2d"
        raise ValueError(message)
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _cron(value: str) -> str:
    if not croniter.is_valid(value):
        message = "not a cron expression; write five parts such as '*/15 * * * *', or null to run by hand only"
        raise ValueError(message)
    return value


def _timezone(value: str) -> str:
    try:
        pendulum.timezone(value)
    except Exception:  # noqa: BLE001 - pendulum and its back-ends raise different types for one mistake
        message = "not a time zone; write a name such as Europe/Amsterdam"
        raise ValueError(message) from None
    return value


def _one_or_many(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Name = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
MergeTag = Annotated[StrictStr, Field(pattern=r"^[A-Z][A-Z0-9_]{0,9}$")]
ColumnId = Annotated[StrictStr, Field(min_length=1, max_length=100)]
Scalar = bool | int | float | str
Scalars = Annotated[tuple[Scalar, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
Percent = Annotated[float, Field(ge=0, le=100)]


class AfasSettings(Settings):
    """Which AFAS environment is read."""

    connection: StrictStr = "afas_default"


class AudienceSettings(Settings):
    """Which Mailchimp audience is written, and where our key lives in it."""

    connection: StrictStr = "mailchimp_default"
    list_id: Annotated[StrictStr, Field(pattern=r"^[0-9A-Za-z]{4,20}$")]
    key_field: MergeTag = "AFASID"
    base_field: MergeTag = "AFASSUM"
    owner: Name | None = None
    create_merge_fields: StrictBool = True
    adopt: StrictBool = True


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
    """How long logs and run metadata are kept."""

    days: Annotated[int, Field(ge=0)] = 30
    failed_days: Annotated[int, Field(ge=0)] = 7
    audit_log: StrictBool = True


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

    @model_validator(mode="after")
    def _no_overlap(self) -> ConsentField:
        both = {str(v).casefold() for v in self.yes} & {str(v).casefold() for v in self.no}
        if both:
            message = f"the values {', '.join(sorted(both))} are listed under yes and under no"
            raise ValueError(message)
        return self


class FieldMapping(Settings):
    """One merge field: kind and the AFAS columns it is made of."""

    kind: FieldKind
    columns: tuple[ColumnId, ...]


def _mapping(value: object) -> object:
    if isinstance(value, FieldMapping):
        return value
    if isinstance(value, str):
        return {"kind": FieldKind.TEXT, "columns": (value,)}
    kinds = ", ".join(FieldKind)
    if not isinstance(value, dict) or len(value) != 1:
        message = f"write a column name, or one of {{{kinds}: column}}"
        raise ValueError(message)
    ((kind, columns),) = value.items()
    if kind not in set(FieldKind):
        message = f"unknown kind {kind!r}; allowed: {kinds}"
        raise ValueError(message)
    columns = tuple(columns) if isinstance(columns, list | tuple) else (columns,)
    if kind == FieldKind.ADDRESS and len(columns) not in {2, 3}:
        message = "address takes two or three columns: street and number, postcode and city, country"
        raise ValueError(message)
    if kind != FieldKind.ADDRESS and len(columns) != 1:
        message = f"{kind} takes one column"
        raise ValueError(message)
    return {"kind": kind, "columns": columns}


def _not_built_yet(value: object) -> object:
    if value is not None:
        message = "not supported by this version; remove it or set it to null"
        raise ValueError(message)
    return value


class Source(Settings):
    """One GetConnector that feeds the audience."""

    connector: Annotated[StrictStr, Field(min_length=1)]
    key: ColumnId
    modified: Annotated[tuple[ColumnId, ...], BeforeValidator(_one_or_many)] = ("DateModified",)
    email: ColumnId
    filter: dict[ColumnId, Scalars] = Field(default_factory=dict)
    consent_field: Annotated[ConsentField | None, BeforeValidator(_yes_no_keys)] = None
    tags: tuple[Annotated[StrictStr, Field(min_length=1, max_length=100)], ...] = ()
    merge_fields: dict[MergeTag, Annotated[FieldMapping, BeforeValidator(_mapping)]] = Field(default_factory=dict)
    delivery_address: Annotated[Any, AfterValidator(_not_built_yet)] = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every AFAS column this source needs, each once, in a fixed order."""
        names = [self.key, self.email, *self.modified, *self.filter]
        if self.consent_field:
            names.append(self.consent_field.field)
        names += [column for mapping in self.merge_fields.values() for column in mapping.columns]
        return tuple(dict.fromkeys(names))


class SyncFile(Settings):
    """One sync: AFAS environment and sources → one audience."""

    name: Name
    schedule: Annotated[StrictStr, AfterValidator(_cron)] | None = "*/15 * * * *"
    timezone: Annotated[StrictStr, AfterValidator(_timezone)] = "Europe/Amsterdam"
    afas: AfasSettings = AfasSettings()
    audience: AudienceSettings
    full_reload_every: Duration | None = timedelta(hours=24)
    overlap: Duration = timedelta(minutes=10)
    consent: ConsentSettings
    archive_removed: StrictBool = True
    limits: LimitSettings = LimitSettings()
    sources: Annotated[dict[Name, Source], Field(min_length=1)]
    write_back: Annotated[Any, AfterValidator(_not_built_yet)] = None
    retention: RetentionSettings = RetentionSettings()

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

    @property
    def owner(self) -> str:
        """The first part of our key: members with another owner are another sync's."""
        return self.audience.owner or self.name

    @property
    def merge_kinds(self) -> dict[str, FieldKind]:
        """Every merge field that this sync writes, with its kind, in the order of the file."""
        return {tag: m.kind for source in self.sources.values() for tag, m in source.merge_fields.items()}
