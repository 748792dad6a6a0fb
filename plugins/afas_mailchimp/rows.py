"""What a row of AFAS says: who it is, where it mails to, whether it takes part, whether it consents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import ClassVar

from afas_mailchimp.amsterdam_time import parse_modified
from afas_mailchimp.audience import MergeValue
from afas_mailchimp.cells import UNKNOWN_DEFINITION, same
from afas_mailchimp.email_address import first_valid_address, subscriber_hash
from afas_mailchimp.getconnector import Cell
from afas_mailchimp.merge_values import Values, maker_of
from afas_mailchimp.outcomes import Notice, Reason
from afas_mailchimp.settings import Source
from afas_mailchimp.values import Value, Word
from afas_mailchimp.write_back_settings import WriteBackSource


class Consent(Word):
    """What AFAS says about mail; unknown neither signs up nor unsubscribes anybody."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RowFacts(Value, frozen=True, gc=False):
    """A row, judged on its own.

    :param rank: position of its source in the sync file; a lower one wins a shared address.
    :param reason: why it takes no part (filtered out, no valid address, …); None when it does.
    :param member_id: subscriber hash of its address, empty when it has none.
    :param modified: latest of its configured modified dates, naive Amsterdam wall time.
    :param kind: what its ``type`` column says, folded; empty where nothing is written back by type.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"member_id", "address"})

    source: str
    rank: int
    key: str
    modified: datetime | None
    consent: Consent
    reason: Reason | None = None
    member_id: str = ""
    address: str = ""
    kind: str = ""

    @property
    def name(self) -> str:
        """How reports and Variables name it: ``debtors:10001``."""
        return f"{self.source}:{self.key}"


class RowReader:
    """Judges and maps the rows of one source.

    :param name: the source's name in the sync file.
    :param rank: its position there.
    :param erased: names (``debtors:10001``) of rows that were erased on request.
    :param choices: what the audience's choice fields may have, by merge tag; without an entry the file's list counts.
    :param back: what is written back to the source's rows.
    """

    def __init__(
        self,
        source: Source,
        *,
        name: str,
        rank: int,
        erased: Collection[str] = (),
        choices: Mapping[str, Collection[str]] = {},
        back: WriteBackSource | None = None,
    ) -> None:
        self.source, self.name, self.rank, self.erased, self.back = source, name, rank, erased, back
        self.columns = tuple(dict.fromkeys((*source.columns, *(back.columns if back else ()))))
        self.at = at = {column: position for position, column in enumerate(self.columns)}
        self._type = at[back.type] if back and back.type else None
        self._key, self._email = at[source.key], at[source.email]
        self._modified = tuple(at[column] for column in source.modified)
        self._filter = tuple((at[column], frozenset(map(same, wanted))) for column, wanted in source.filter.items())
        consent = source.consent_field
        self._consent = at[consent.field] if consent else None
        self._yes = frozenset(map(same, consent.yes)) if consent else frozenset()
        self._no = frozenset(map(same, consent.no)) if consent else frozenset()
        self._mappings = tuple(
            (tag, _picker([at[column] for column in mapping.columns]), maker_of(mapping, allowed=choices.get(tag, ())))
            for tag, mapping in source.merge_fields.items()
        )

    def key_of(self, row: Sequence[Cell]) -> str:
        """AFAS's key of a row as text; debtor numbers keep their leading zeros."""
        return str(row[self._key] if row[self._key] is not None else "").strip()

    def judge(self, row: Sequence[Cell]) -> RowFacts:
        """Say what the row says, without looking at any other row or at Mailchimp."""
        key = self.key_of(row)
        address = first_valid_address(_as_text(row[self._email]))
        dates = [moment for position in self._modified if (moment := parse_modified(row[position]))]
        return RowFacts(
            source=self.name,
            rank=self.rank,
            key=key,
            modified=max(dates, default=None),
            consent=self._consent_of(row),
            reason=self._reason(row, key=key, address=address),
            member_id=subscriber_hash(address) if address else "",
            address=address or "",
            kind=same(row[self._type]) if self._type is not None else "",
        )

    def values(
        self, row: Sequence[Cell], *, replaced: Mapping[str, MergeValue] = {}
    ) -> tuple[Values, tuple[Notice, ...]]:
        """The merge values in the order of the source's mapping, and what was left out of them.

        :param replaced: values from elsewhere, by merge tag, in the place of those that the row would give.
        """
        values: list[MergeValue] = []
        notices: list[Notice] = []
        for tag, pick, make in self._mappings:
            if replaced and tag in replaced:
                values.append(replaced[tag])
                continue
            cells = pick(row)
            value, notice = ("", Notice.COLUMN_UNKNOWN) if UNKNOWN_DEFINITION in cells else make(cells)
            values.append(value)
            if notice:
                notices.append(notice)
        return tuple(values), tuple(notices)

    def _reason(self, row: Sequence[Cell], *, key: str, address: str | None) -> Reason | None:
        if not key:
            return Reason.KEY_MISSING
        if self.erased and f"{self.name}:{key}" in self.erased:
            return Reason.ERASED
        for position, wanted in self._filter:
            if same(row[position]) not in wanted:
                return Reason.FILTERED_OUT
        if address is None:
            return Reason.EMAIL_INVALID if _as_text(row[self._email]).strip() else Reason.EMAIL_MISSING
        return None

    def _consent_of(self, row: Sequence[Cell]) -> Consent:
        if self._consent is None:
            return Consent.UNKNOWN
        value = same(row[self._consent])
        return Consent.NO if value in self._no else Consent.YES if value in self._yes else Consent.UNKNOWN


def _picker(positions: Sequence[int]) -> Callable[[Sequence[Cell]], Sequence[Cell]]:
    """Return what takes these cells out of a row."""
    if len(positions) > 1:
        return itemgetter(*positions)
    (only,) = positions
    return lambda row: (row[only],)


def _as_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""
