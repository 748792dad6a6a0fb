"""The block ``write_back``: which facts of a member go to which fields of which AFAS record. Nothing by default."""

from __future__ import annotations

import difflib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictStr, model_validator

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.member_news import Detail
from afas_mailchimp.setting_types import MERGE_TAG, ColumnId, Scalar, Scalars, Settings
from afas_mailchimp.updateconnector import NEVER_SENT

MOST_FIELDS = 14
"""Fields of one source: the digest of each must find room in one text of 255 characters beside the rest of the base."""

ADDRESS_PARTS = ("addr1", "addr2", "city", "state", "zip", "country")


class Fact(StrEnum):
    """What a member tells beside its merge fields."""

    STATUS = "status"
    BOUNCED = "bounced"
    UNSUBSCRIBED_AT = "unsubscribed_at"
    UNSUBSCRIBE_REASON = "unsubscribe_reason"
    EMAIL = "email"
    LANGUAGE = "language"
    MEMBER_RATING = "member_rating"
    OPEN_RATE = "open_rate"
    CLICK_RATE = "click_rate"
    LAST_CHANGED = "last_changed"
    ERASED = "erased"


DETAILS = {
    Fact.UNSUBSCRIBE_REASON: Detail.REASON,
    Fact.LANGUAGE: Detail.LANGUAGE,
    Fact.MEMBER_RATING: Detail.RATING,
    Fact.OPEN_RATE: Detail.OPEN_RATE,
    Fact.CLICK_RATE: Detail.CLICK_RATE,
}
"""Facts that Mailchimp is asked for only where they are mapped."""

ABOUT_THE_OPT_OUT = frozenset({Fact.STATUS, Fact.UNSUBSCRIBED_AT, Fact.UNSUBSCRIBE_REASON})
"""Facts that belong to the person: they go to every row with the address."""

WITHOUT_BASE = frozenset({*ABOUT_THE_OPT_OUT, Fact.BOUNCED, Fact.EMAIL, Fact.LAST_CHANGED, Fact.ERASED})
"""Facts with rules of their own; all others are compared three ways. ``erased`` is written by the erasure alone."""

RECORDS = ("organisation", "person", "contact", "debtor_organisation", "debtor_person")
_TYPES: dict[str, tuple[Scalar, ...]] = {
    "organisation": ("ORG",),
    "debtor_organisation": ("ORG",),
    "person": ("PER",),
    "debtor_person": ("PER",),
    "contact": ("PRS", "AFD", "AFL"),
}
_NAMED_BY = {
    "KnOrganisation": [{"key"}],
    "KnPerson": [{"key"}],
    "KnContact": [{"organisation", "person"}, {"contact", "kind"}],
    "KnSalesRelationOrg": [{"key", "organisation"}],
    "KnSalesRelationPer": [{"key", "person"}],
}
_NAMES = ("key", "organisation", "person", "contact", "kind")


class Record(Settings):
    """An AFAS record, and the columns of the GetConnector that name it.

    :param key: column with the number of the organisation or person (BcCo), or of the debtor.
    :param organisation: column with an organisation's number (BcCo): of a contact, or behind a debtor.
    :param person: column with a person's number (BcCo): of a contact, or behind a debtor.
    :param contact: column with a contact's id.
    :param kind: column with a contact's kind (PRS, AFD, AFL, ORG, PER).
    :param types: values of the source's ``type`` column for which a row is this record; None takes the usual ones.
    """

    update: Literal["KnOrganisation", "KnPerson", "KnContact", "KnSalesRelationOrg", "KnSalesRelationPer"]
    key: ColumnId | None = None
    organisation: ColumnId | None = None
    person: ColumnId | None = None
    contact: ColumnId | None = None
    kind: ColumnId | None = None
    types: Scalars | None = None

    @model_validator(mode="after")
    def _is_named(self) -> Record:
        given = {name for name in _NAMES if getattr(self, name) is not None}
        if given not in _NAMED_BY[self.update]:
            ways = ", or by ".join(" and ".join(sorted(way)) for way in _NAMED_BY[self.update])
            message = f"{self.update} is named by {ways}; given: {' and '.join(sorted(given)) or 'nothing'}"
            raise ValueError(message)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that name it, in a fixed order."""
        return tuple(column for name in _NAMES if (column := getattr(self, name)) is not None)


def _is_written(value: str) -> str:
    if value in NEVER_SENT or value.startswith("@"):
        message = f"{value} is never written: it names the record, or changes an address that nobody asked to change"
        raise ValueError(message)
    return value


Target = Annotated[StrictStr, Field(min_length=1, max_length=100), AfterValidator(_is_written)]


class BackField(Settings):
    """One fact and where it goes.

    :param origin: ``from`` in the file: the fact; without it the field's own name is the fact.
    :param to: id or label of the field in the UpdateConnector; a mapping says it for some kinds of record only.
    :param current: column of the GetConnector that shows the field's present value.
    :param values: what to write for which value of the fact; others are not written.
    :param person_may_return: a sign-up of the person's own, later than AFAS's no, may raise consent in AFAS.
    :param may_clear: a value that the subscriber emptied is emptied in AFAS too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    origin: StrictStr | None = Field(default=None, alias="from")
    to: Target | dict[Literal["organisation", "person", "contact", "debtor_organisation", "debtor_person"], Target]
    current: ColumnId
    values: dict[Scalar, Scalar] | None = None
    person_may_return: StrictBool = False
    may_clear: StrictBool = False

    def target(self, record: str) -> str | None:
        """Id or label of the field at a kind of record; None when it has none there."""
        return self.to if isinstance(self.to, str) else self.to.get(record)  # type: ignore[call-overload]

    def table(self) -> dict[str, Scalar]:
        """The value table by text."""
        return {_text(key): value for key, value in (self.values or {}).items()}


class WriteBackSource(Settings):
    """What goes back to the records behind the rows of one source."""

    type: ColumnId | None = None
    organisation: Record | None = None
    person: Record | None = None
    contact: Record | None = None
    debtor_organisation: Record | None = None
    debtor_person: Record | None = None
    fields: Annotated[dict[StrictStr, BackField], Field(min_length=1, max_length=MOST_FIELDS)]

    @model_validator(mode="after")
    def _records_can_be_told_apart(self) -> WriteBackSource:
        records = self.records
        if not records:
            message = f"name the record that is written: one or more of {', '.join(RECORDS)}"
            raise ValueError(message)
        if self.type is None and len(records) > 1:
            message = (
                f"type is required: the column that says whether a row is {' or '.join(records)} (such as Type with "
                "ORG and PER)"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _fields_make_sense(self) -> WriteBackSource:
        facts: set[str] = set()
        for name, field in self.fields.items():
            fact = field.origin or name
            _check_fact(name, fact)
            _check_values(name, fact, field)
            if isinstance(field.to, dict):
                missing = [record for record in field.to if record not in self.records]
                if missing:
                    message = f"fields.{name}.to: this source writes no {missing[0]}; it has: {', '.join(self.records)}"
                    raise ValueError(message)
            if fact in facts and fact not in WITHOUT_BASE:
                message = f"fields.{name}: {fact} is written back twice; one field is enough"
                raise ValueError(message)
            facts.add(fact)
        return self

    @property
    def records(self) -> dict[str, Record]:
        """Kinds of record that are written, by name."""
        return {name: record for name in RECORDS if (record := getattr(self, name)) is not None}

    @property
    def facts(self) -> dict[str, str]:
        """The fact of each field, by the field's name."""
        return {name: field.origin or name for name, field in self.fields.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every AFAS column that writing back needs, each once, in a fixed order."""
        names = [self.type] if self.type else []
        names += [column for record in self.records.values() for column in record.columns]
        return tuple(dict.fromkeys([*names, *(field.current for field in self.fields.values())]))

    def records_of(self, kind: str) -> dict[str, Record]:
        """The records that a row stands for.

        :param kind: the row's ``type``, folded.
        """
        if self.type is None:
            return self.records
        return {
            name: record
            for name, record in self.records.items()
            if kind in {_text(each).strip().casefold() for each in record.types or _TYPES[name]}
        }


def is_merge_field(fact: str) -> bool:
    """Whether a fact is a merge field, or a part of an address."""
    tag, dot, part = fact.partition(".")
    return bool(MERGE_TAG.fullmatch(tag)) and (not dot or part in ADDRESS_PARTS)


def _check_fact(name: str, fact: str) -> None:
    if fact in set(Fact) or is_merge_field(fact):
        return
    near = difflib.get_close_matches(fact, [str(each) for each in Fact], n=1, cutoff=0.5)
    message = (
        f"fields.{name}: {fact!r} is nothing that a member tells{f'; did you mean {near[0]!r}?' if near else '.'} "
        f"Possible: {', '.join(Fact)}, a merge field such as PHONE, a part of an address such as ADDRESS.zip "
        f"({', '.join(ADDRESS_PARTS)})"
    )
    raise ValueError(message)


def _check_values(name: str, fact: str, field: BackField) -> None:
    where = f"fields.{name}"
    if field.person_may_return and fact != Fact.STATUS:
        message = f"{where}.person_may_return goes with status only"
        raise ValueError(message)
    if fact == Fact.STATUS:
        _check_statuses(where, field)
    elif fact in {Fact.BOUNCED, Fact.ERASED} and set(field.table()) - {"true"}:
        message = f"{where}.values: {fact} is written when it is so; list true only, such as {{true: J}}"
        raise ValueError(message)


def _check_statuses(where: str, field: BackField) -> None:
    table = field.table()
    possible = [status for status in MemberStatus if status != MemberStatus.ARCHIVED]
    if not table:
        message = f"{where}.values is required: what to write for which status, such as {{unsubscribed: false}}"
        raise ValueError(message)
    for status in table:
        if status not in possible:
            message = f"{where}.values: {status!r} is no status; possible: {', '.join(possible)}"
            raise ValueError(message)
    raising = [status for status in table if status in RAISES]
    if raising and not field.person_may_return:
        message = (
            f"{where}.values: {raising[0]} would raise consent in AFAS, and consent only goes down by itself; remove "
            "it, or set person_may_return: true (then only a sign-up of the person's own, later than AFAS's no, "
            "is written)"
        )
        raise ValueError(message)
    opted_out = table.get(MemberStatus.UNSUBSCRIBED)
    if MemberStatus.CLEANED in table and (opted_out is None or _text(opted_out) == _text(table[MemberStatus.CLEANED])):
        message = (
            f"{where}.values: a bounce is no opt-out; give it a field of its own (bounced), or a value that differs "
            "from that of unsubscribed"
        )
        raise ValueError(message)


RAISES = frozenset({MemberStatus.SUBSCRIBED, MemberStatus.PENDING, MemberStatus.TRANSACTIONAL})
"""Statuses that say yes, more or less."""


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
