"""Which facts of a member go to an AFAS row: the decision, for one member and one row, without reading or writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from afas_mailchimp.amsterdam_time import to_utc
from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.cells import same
from afas_mailchimp.consent import OWN_SIGN_UP_MARGIN
from afas_mailchimp.email_address import first_valid_address
from afas_mailchimp.member_key import Base, MemberKey, address_digest, field_digest
from afas_mailchimp.member_news import MemberNews
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.rows import RowFacts
from afas_mailchimp.write_back_settings import ABOUT_THE_OPT_OUT, DETAILS, Fact
from afas_mailchimp.write_back_values import BLANK, ComparedFact, compared_facts

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Cell
    from afas_mailchimp.settings import Source
    from afas_mailchimp.write_back_settings import BackField, WriteBackSource

STRICTEST_FIRST = (
    MemberStatus.UNSUBSCRIBED,
    MemberStatus.CLEANED,
    MemberStatus.TRANSACTIONAL,
    MemberStatus.PENDING,
    MemberStatus.SUBSCRIBED,
)
"""How much a status says no. An opt-out is stricter than a bounce: it belongs to the person, whatever the address."""


ADDRESS_KEY = "a"
"""Stands for the address among what both sides agree on; facts have longer names there."""


class Later(Enum):
    """Values that are asked for only once it is known that they will be written."""

    OPTED_OUT_AT = "opted_out_at"


Written = str | bool | int | float | datetime | Later | None


@dataclass(frozen=True, slots=True)
class SeenMember:
    """A member that changed, with what our two fields say of it.

    :param key: None when it is not ours.
    """

    news: MemberNews
    key: MemberKey | None
    base: Base | None


@dataclass(frozen=True, slots=True)
class RowNow:
    """A row as AFAS shows it now.

    :param currents: present value of each field that may be written, by the field's name in the file.
    """

    facts: RowFacts
    currents: Mapping[str, Cell] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One value on its way to AFAS.

    :param name: the field's name in the file.
    :param opts_out: it says that the person opted out; a bounce does not.
    :param agreed: entry of the base once it is written: digest of the fact and of the value.
    """

    name: str
    value: Written = field(repr=False)
    opts_out: bool = False
    agreed: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RowDecision:
    """What happens to one row.

    :param agreed: what both sides have without any write, for the base; None when this row is not the member's own.
    """

    writes: tuple[FieldWrite, ...] = ()
    notices: tuple[Notice, ...] = ()
    agreed: Mapping[str, str] | None = None


class WriteBackRules:
    """The ``write_back`` block of one source, applied.

    :param raise_since: a sign-up counts only when it is later (UTC): AFAS's dates alone cannot tell, since a debtor's
        does not move with its organisation's consent. None: consent is not raised at all.
    """

    def __init__(self, back: WriteBackSource, source: Source, *, raise_since: datetime | None) -> None:
        self.back, self.raise_since = back, raise_since
        self.facts = back.facts
        self.compared = compared_facts(back, source)

    def concerns_all_rows(self, member: SeenMember) -> bool:
        """Whether a member says something that goes to every row with its address, as far as the member alone tells."""
        return any(
            (fact == Fact.STATUS and self._speaks(self.back.fields[name], member))
            or (fact in ABOUT_THE_OPT_OUT and fact != Fact.STATUS and _opted_out(member))
            for name, fact in self.facts.items()
        )

    def concerns_its_row(self, member: SeenMember) -> bool:
        """Whether a member says something that goes to its own row, as far as the member alone tells."""
        facts = set(self.facts.values())
        if Fact.BOUNCED in facts and member.news.status == MemberStatus.CLEANED:
            return True
        if Fact.EMAIL in facts and _moved_by_subscriber(member):
            return True
        return any(self._may_differ(fact, member) for fact in self.compared)

    def decide(self, row: RowNow, member: SeenMember, *, own: bool) -> RowDecision:
        """Decide one row.

        :param own: the member carries this row's key.
        """
        writes: list[FieldWrite] = []
        notices: list[Notice] = []
        records = self.back.records_of(row.facts.kind)
        fields = {
            name: fact
            for name, fact in self.facts.items()
            if any(self.back.fields[name].target(record) for record in records)
        }
        at_home = own and row.facts.member_id == member.news.id
        for name, fact in fields.items():
            if fact == Fact.STATUS:
                writes += self._status(name, row, member, own=at_home)
        lowered = any(write.opts_out for write in writes)
        for name, fact in fields.items():
            if fact == Fact.BOUNCED and at_home:
                writes += self._bounced(name, row, member)
            elif fact == Fact.EMAIL and own:
                writes += self._email(name, row, member)
            elif fact in ABOUT_THE_OPT_OUT and fact != Fact.STATUS:
                writes += self._about_the_opt_out(name, fact, row, member, lowered=lowered)
        agreed: dict[str, str] = {}
        if at_home:
            for compared in (each for each in self.compared if each.name in fields):
                write, notice = self._compare(compared, row, member, agreed)
                writes += [write] if write else []
                notices += [notice] if notice else []
            if writes:
                writes += self._travelling(fields, row, member)
        return RowDecision(tuple(writes), tuple(dict.fromkeys(notices)), agreed if at_home else None)

    def _speaks(self, settings: BackField, member: SeenMember) -> bool:
        status = member.news.status
        return status in settings.table() and (status != MemberStatus.SUBSCRIBED or self._signed_up(member))

    def _status(self, name: str, row: RowNow, member: SeenMember, *, own: bool) -> list[FieldWrite]:
        """Consent: the strictest side wins."""
        settings, status = self.back.fields[name], member.news.status
        table = settings.table()
        if status not in table or same(row.currents[name]) == same(_cell(table[status])):
            return []
        ranks = {same(_cell(value)): STRICTEST_FIRST.index(MemberStatus(each)) for each, value in table.items()}
        now = ranks.get(same(row.currents[name]))
        wanted = STRICTEST_FIRST.index(status)
        no = STRICTEST_FIRST.index(MemberStatus.CLEANED)
        lowers = wanted < now if now is not None else wanted <= no
        if not lowers and not (own and status == MemberStatus.SUBSCRIBED and self._may_return(settings, row, member)):
            return []
        return [FieldWrite(name, table[status], opts_out=status == MemberStatus.UNSUBSCRIBED)]

    def _signed_up(self, member: SeenMember) -> bool:
        """Whether the person signed up since the last run."""
        opted_in, given = member.news.opted_in_at, member.base.opted_in_at if member.base else None
        if opted_in is None or self.raise_since is None or opted_in <= self.raise_since:
            return False
        return given is None or opted_in > given + OWN_SIGN_UP_MARGIN

    def _may_return(self, settings: BackField, row: RowNow, member: SeenMember) -> bool:
        opted_in, said_at = member.news.opted_in_at, row.facts.modified
        later = opted_in is not None and said_at is not None and opted_in > to_utc(said_at)
        return settings.person_may_return and later and self._signed_up(member)

    def _bounced(self, name: str, row: RowNow, member: SeenMember) -> list[FieldWrite]:
        value = self.back.fields[name].table().get("true", True)
        bounced = member.news.status == MemberStatus.CLEANED
        return [FieldWrite(name, value)] if bounced and same(row.currents[name]) != same(_cell(value)) else []

    def _email(self, name: str, row: RowNow, member: SeenMember) -> list[FieldWrite]:
        """The address that the subscriber chose, where AFAS still has the one that we last put there."""
        if member.news.status in {MemberStatus.CLEANED, MemberStatus.ARCHIVED} or member.news.id == row.facts.member_id:
            return []
        unchanged = member.base is not None and member.base.address == address_digest(row.facts.member_id)
        current = row.currents[name]
        there = first_valid_address(current) if isinstance(current, str) else None
        if not unchanged or there == first_valid_address(member.news.address):
            return []
        return [FieldWrite(name, member.news.address, agreed=(ADDRESS_KEY, address_digest(member.news.id)))]

    def _about_the_opt_out(
        self, name: str, fact: str, row: RowNow, member: SeenMember, *, lowered: bool
    ) -> list[FieldWrite]:
        """When and why: with the opt-out itself, or where AFAS knows nothing yet."""
        if not _opted_out(member) or not (lowered or same(row.currents[name]) == ""):
            return []
        if fact == Fact.UNSUBSCRIBED_AT:
            return [FieldWrite(name, Later.OPTED_OUT_AT)]
        reason = str(member.news.details.get(DETAILS[Fact.UNSUBSCRIBE_REASON], "")).strip()
        table = self.back.fields[name].table()
        value = table.get(reason) if table else reason
        return (
            [FieldWrite(name, value)]
            if value not in {None, ""} and same(_cell(value)) != same(row.currents[name])
            else []
        )

    def _compare(
        self, compared: ComparedFact, row: RowNow, member: SeenMember, agreed: dict[str, str]
    ) -> tuple[FieldWrite | None, Notice | None]:
        text = self._text(compared, member)
        base = member.base.fields.get(compared.key) if member.base else None
        if base is not None:
            agreed[compared.key] = base
        if text is None:
            return None, None
        afas, mine = field_digest(compared.of_afas(row.currents[compared.name])), field_digest(text)
        if mine == afas:
            agreed[compared.key] = mine
            return None, None
        if compared.is_subscribers(member=mine, afas=afas, base=base):
            table = self.back.fields[compared.name].table()
            if table and text and text not in table:
                return None, None
            value = table.get(text, text) if table else text
            return FieldWrite(compared.name, value if text else None, agreed=(compared.key, mine)), None
        both = base is not None and base not in {mine, afas}
        return None, Notice.CHANGED_ON_BOTH_SIDES if both else None

    def _may_differ(self, compared: ComparedFact, member: SeenMember) -> bool:
        text = self._text(compared, member)
        if text is None:
            return False
        base = member.base.fields.get(compared.key) if member.base else None
        if base is None:
            return compared.mapping is None and text != ""
        return base != field_digest(text) and (field_digest(text) != BLANK or compared.may_clear)

    def _travelling(self, fields: Mapping[str, str], row: RowNow, member: SeenMember) -> list[FieldWrite]:
        """The last change goes along with others, never alone: our own writes move it."""
        moment = member.news.last_changed
        return [
            FieldWrite(name, moment)
            for name, fact in fields.items()
            if fact == Fact.LAST_CHANGED and moment and same(row.currents[name]) != same(moment.isoformat())
        ]

    def _text(self, compared: ComparedFact, member: SeenMember) -> str | None:
        """A member's value as text; None when Mailchimp did not give it."""
        if compared.fact in set(Fact):
            value = member.news.details.get(DETAILS[Fact(compared.fact)])
            if value is None:
                return None
            if compared.fact in {Fact.OPEN_RATE, Fact.CLICK_RATE}:
                value = round(100 * float(value))
            return compared.of_member(value)
        value_of_tag = member.news.merge_fields.get(compared.tag)
        return None if value_of_tag is None else compared.of_member(value_of_tag)


def _opted_out(member: SeenMember) -> bool:
    return member.news.status == MemberStatus.UNSUBSCRIBED


def _moved_by_subscriber(member: SeenMember) -> bool:
    return member.base is not None and member.base.address != address_digest(member.news.id)


def _cell(value: object) -> Cell:
    # AFAS shows a yes or no as a boolean, and a table of values may say it in words.
    return value if isinstance(value, str | bool | int | float) else None
