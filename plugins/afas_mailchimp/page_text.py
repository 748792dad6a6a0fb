"""Numbers, moments, spans and whole sentences of the page, as a person in one language reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal

from afas_mailchimp.balance import COUNTED
from afas_mailchimp.card_state import CardState, Verdict
from afas_mailchimp.near_limits import NearLimit
from afas_mailchimp.page_words import Language, word
from afas_mailchimp.run_plot import Bar
from afas_mailchimp.sync_seen import ProgressSeen, ReportSeen, RunSeen, RunState

_LOCALES = {Language.ENGLISH: Locale.parse("en_GB"), Language.DUTCH: Locale.parse("nl_NL")}
SHORT_SPAN = timedelta(minutes=2)
SOON = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaks one language about one moment.

    :param now: aware.
    :param zone: time zone in which moments are told.
    """

    language: Language
    now: datetime
    zone: str = "Europe/Amsterdam"

    def say(self, name: str, /, *places: object, **named: object) -> str:
        """Return a text of the page."""
        return word(name, self.language, *places, **named)

    def number(self, value: float) -> str:
        """A number with the separators of the language."""
        return _number(value, self.language)

    def moment(self, at: datetime) -> str:
        """A moment: time alone when it is near, else with its day."""
        local, here = at.astimezone(ZoneInfo(self.zone)), self.now.astimezone(ZoneInfo(self.zone))
        if local.date() == here.date():
            form = "HH:mm"
        elif local.year == here.year:
            form = "d MMM HH:mm"
        else:
            form = "d MMM y HH:mm"
        return _moment(local.replace(second=0, microsecond=0, tzinfo=None), form, self.language)

    def span(self, length: timedelta) -> str:
        """A span of time in one unit; under two minutes to the second."""
        threshold = 1.99 if length < timedelta(days=2) else 1.5
        granularity: Literal["second", "minute"] = "second" if length < SHORT_SPAN else "minute"
        text = format_timedelta(length, granularity=granularity, threshold=threshold, locale=_LOCALES[self.language])
        return str(text)

    def state(self, verdict: Verdict) -> str:
        """What a card says about its state, in a sentence."""
        if verdict.since is None:
            name = f"says_{verdict.state}"
            if verdict.state == CardState.IN_SYNC:
                name += "_unknown"
            elif verdict.tried:
                name += "_tried"
            return self.say(name, self.say("unknown"))
        since = self.moment(verdict.since)
        return self.say(f"says_{verdict.state}", self.say("at_least", since) if verdict.at_least else since)

    def outcome(self, run: RunSeen) -> str:
        """How a run ended, in words."""
        kind = []
        if run.dry_run:
            kind.append(self.say("dry_run_word"))
        if run.report:
            kind.append(self.say("full_word" if run.report.mode == "full" else "incremental_word"))
        if run.state == RunState.FAILED:
            where = run.failed_task
            ending = self.say("failed_in", where) if where else self.say("failed")
        elif run.report:
            ending = self.counts(run.report)
        else:
            ending = self.say("succeeded")
        return f"{', '.join(kind)}: {ending}" if kind else ending

    def counts(self, report: ReportSeen) -> str:
        """What a run did, in words."""
        parts = [
            f"{self.number(count)} {self.say(name)}"
            for name in (*map(str, COUNTED), "archived", "rejected", "invalid")
            if (count := getattr(report, name))
        ]
        return ", ".join(parts) or self.say("nothing_to_do")

    def near(self, near: NearLimit) -> str:
        """A limit that is near, in words."""
        share = "" if near.percent is None else f" ({self.number(round(near.percent, 1))}%)"
        allowed = self.number(near.allowed) + ("" if near.percent is None else "%")
        return self.say(f"near_{near.limit}", count=self.number(near.count), share=share, allowed=allowed)

    def bar(self, drawn: Bar) -> str:
        """One bar of the plot, in words."""
        parts = [self.moment(drawn.at)] if drawn.at else []
        if drawn.dry_run:
            parts.append(self.say("dry_run_word"))
        if drawn.failed:
            parts.append(self.say("failed"))
        parts += [f"{self.number(count)} {self.say(kind)}" for kind, count in drawn.counts.items() if count]
        if not drawn.failed and not drawn.pieces:
            parts.append(self.say("nothing_to_do"))
        return ", ".join(parts)

    def progress(self, seen: ProgressSeen) -> str:
        """How far a run is, in words."""
        phase = self.say(f"phase_{seen.phase}") if _is_known(seen.phase) else seen.phase
        rows = (
            self.say("progress_of", rows=self.number(seen.rows), of=self.number(seen.of))
            if seen.of is not None
            else self.say("progress", rows=self.number(seen.rows))
        )
        left = (
            ""
            if seen.seconds_left is None
            else ", " + self.say("time_left", self.span(timedelta(0, seen.seconds_left)))
        )
        return f"{phase}: {rows}{left}"


@lru_cache(maxsize=4096)
def _number(value: float, language: Language) -> str:
    return str(format_decimal(value, locale=_LOCALES[language]))


@lru_cache(maxsize=4096)
def _moment(wall: datetime, form: str, language: Language) -> str:
    return str(format_datetime(wall, form, locale=_LOCALES[language]))


def _is_known(phase: str) -> bool:
    return phase in {"reading both sides", "comparing and writing", "archiving"}
