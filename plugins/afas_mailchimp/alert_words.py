"""Texts of alerts, in English and Dutch. Counts, task names and a link: nothing of a person."""

from __future__ import annotations

from afas_mailchimp.alerts import Cause, Message, News, RunEnded
from afas_mailchimp.page_text import Speaker
from afas_mailchimp.page_words import Language

_TITLES = {
    News.BEGUN: ("{name}: {what}", "{name}: {what}"),
    News.STILL: ("{name}: still {what}", "{name}: nog steeds {what}"),
    News.WELL: ("{name}: well again ({what})", "{name}: weer goed ({what})"),
    News.TEST: ("{name}: test message", "{name}: testbericht"),
}
_WHAT = {
    Cause.FAILED: ("the run failed", "de run is mislukt"),
    Cause.REJECTED: ("many rows are not taken", "veel rijen worden niet overgenomen"),
    Cause.LAG: ("the audience lags behind AFAS", "de audience loopt achter op AFAS"),
}
_FAILED = (
    "Failed: {tasks}. The last line of its log says what is wrong and what to do. What was confirmed in Mailchimp "
    "stays; the next run begins where the last good one ended."
)
_MISLUKT = (
    "Mislukt: {tasks}. De laatste regel van het log zegt wat er mis is en wat u kunt doen. Wat in Mailchimp is "
    "bevestigd, blijft; de volgende run begint waar de laatste goede ophield."
)
_REJECTED = (
    "{rejected} of {read} rows were invalid, or were refused by Mailchimp. The page names them by AFAS key, and says "
    "how to mend each."
)
_NIET_OVERGENOMEN = (
    "{rejected} van {read} rijen waren ongeldig of zijn door Mailchimp geweigerd. De pagina noemt ze met hun "
    "AFAS-sleutel en zegt wat eraan te doen is."
)
_BODIES = {
    Cause.FAILED: (_FAILED, _MISLUKT),
    Cause.REJECTED: (_REJECTED, _NIET_OVERGENOMEN),
    Cause.LAG: (
        "What changed in AFAS during the last {lag} is not in Mailchimp yet.",
        "Wat de laatste {lag} in AFAS wijzigde, staat nog niet in Mailchimp.",
    ),
}
_SINCE = ("Since {since}.", "Sinds {since}.")
_WELL = ("It was wrong since {since}. Nothing needs to be done.", "Het was mis sinds {since}. U hoeft niets te doen.")
_TEST = (
    "This is a test from the page: alerts of this sync arrive here. Nothing is wrong.",
    "Dit is een test vanaf de pagina: meldingen van deze koppeling komen hier aan. Er is niets mis.",
)


def title(name: str, message: Message, language: Language) -> str:
    """The subject of a mail, the first line of a chat message.

    :param name: of the sync.
    """
    at = _place(language)
    return "AFAS → Mailchimp, " + _TITLES[message.news][at].format(name=name, what=_WHAT[message.cause][at])


def body(message: Message, ended: RunEnded, speaker: Speaker, *, link: str) -> str:
    """What is wrong, since when, and where to look.

    :param link: to the run in the Airflow UI, or to the page.
    """
    at = _place(speaker.language)
    since = speaker.moment(message.since)
    if message.news == News.WELL:
        lines = [_WELL[at].format(since=since)]
    else:
        told = _BODIES[message.cause][at].format(
            tasks=", ".join(ended.failed),
            rejected=speaker.number(ended.rejected),
            read=speaker.number(ended.read or 0),
            lag=speaker.span(ended.lag) if ended.lag else "",
        )
        lines = [told, *([_SINCE[at].format(since=since)] if message.news == News.STILL else [])]
    return "\n\n".join([*lines, link])


def test_title(name: str, language: Language) -> str:
    """The title of a test message."""
    return "AFAS → Mailchimp, " + _TITLES[News.TEST][_place(language)].format(name=name)


def test_body(language: Language, *, link: str) -> str:
    """The text of a test message."""
    return f"{_TEST[_place(language)]}\n\n{link}"


def _place(language: Language) -> int:
    return int(language == Language.DUTCH)
