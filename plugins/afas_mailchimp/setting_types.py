"""What the blocks of a sync file are made of: their base, and the small types that read one value each."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import pendulum
from croniter import croniter
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
MERGE_TAG = re.compile(r"[A-Z][A-Z0-9_]{0,9}")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


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


OneOrMany = BeforeValidator(_one_or_many)
"""A single value may be written without brackets."""

Duration = Annotated[timedelta, BeforeValidator(_duration)]
Schedule = Annotated[StrictStr, AfterValidator(_cron)]
TimeZone = Annotated[StrictStr, AfterValidator(_timezone)]
Name = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ConnectionId = Annotated[StrictStr, Field(min_length=1, max_length=250)]
"""As long as Airflow allows."""
ConnectorId = Annotated[StrictStr, Field(min_length=1, max_length=250)]
MergeTag = Annotated[StrictStr, Field(pattern=f"^{MERGE_TAG.pattern}$")]
PoolName = Annotated[StrictStr, Field(pattern=r"^\S(?:.*\S)?$", max_length=256)]
ColumnId = Annotated[StrictStr, Field(min_length=1, max_length=100)]
Columns = Annotated[tuple[ColumnId, ...], OneOrMany]
Scalar = bool | int | float | str
Scalars = Annotated[tuple[Scalar, ...], OneOrMany, Field(min_length=1)]
Percent = Annotated[float, Field(ge=0, le=100)]
