"""Rows that ended badly or oddly, by reason, from the newest full run and everything after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from afas_mailchimp.audience import Refusal
from afas_mailchimp.outcomes import INVALID, Notice
from afas_mailchimp.page_words import Language
from afas_mailchimp.reason_words import Words
from afas_mailchimp.reason_words_dutch import DUTCH
from afas_mailchimp.reason_words_english import ENGLISH
from afas_mailchimp.report import QUIET
from afas_mailchimp.sync_seen import ReportSeen, SyncSeen


class Kind(StrEnum):
    """Why a person would look."""

    MEND = "to_mend"
    RULE = "by_rule"
    NOTICE = "worth_a_look"


@dataclass(frozen=True, slots=True)
class Listed:
    """One reason.

    :param count: how many rows; of the keys some may be missing.
    """

    reason: str
    kind: Kind
    count: int
    keys: tuple[str, ...]


_TO_MEND = frozenset({*map(str, INVALID), *map(str, Refusal)})
_NOTICES = frozenset(map(str, Notice))


def listed(seen: SyncSeen) -> tuple[Listed, ...]:
    """List what the runs found: the newest full run saw every row, and each run after it those that changed.

    A row that was mended since stays until the next full run has seen it.
    """
    counts: dict[str, int] = {}
    keys: dict[str, dict[str, None]] = {}
    for number, report in enumerate(reversed(list(_since_full(seen)))):
        for reason, count in _counts(report).items():
            known = keys.setdefault(reason, {})
            new = [key for key in report.keys.get(reason, ()) if key not in known]
            known.update(dict.fromkeys(new))
            # A later run sees some rows again, so only keys that are new count.
            counts[reason] = counts.get(reason, 0) + (count if number == 0 else len(new))
    found = [
        Listed(reason, _kind(reason), count, tuple(sorted(keys[reason], key=_by_key)))
        for reason, count in counts.items()
        if count
    ]
    return tuple(sorted(found, key=lambda each: (list(Kind).index(each.kind), -each.count, each.reason)))


def words_for(reason: str, language: Language) -> Words:
    """What a reason means and what to do; an unknown one speaks for itself."""
    table = DUTCH if language == Language.DUTCH else ENGLISH
    return table.get(reason) or Words(reason.replace("_", " "))


def _since_full(seen: SyncSeen) -> Iterator[ReportSeen]:
    for run in seen.real:
        if run.report:
            yield run.report
            if run.report.mode == "full":
                return


def _counts(report: ReportSeen) -> dict[str, int]:
    found: dict[str, int] = {}
    for source in report.sources.values():
        for reason, count in source.reasons.items():
            found[reason] = found.get(reason, 0) + count
    for notice, count in report.notices.items():
        found[notice] = found.get(notice, 0) + count
    return {reason: count for reason, count in found.items() if reason not in QUIET}


def _kind(reason: str) -> Kind:
    if reason in _NOTICES:
        return Kind.NOTICE
    return Kind.MEND if reason in _TO_MEND else Kind.RULE


def _by_key(name: str) -> tuple[str, int, str]:
    source, _, key = name.partition(":")
    return source, len(key), key
