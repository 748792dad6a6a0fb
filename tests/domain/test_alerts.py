"""One message for each cause, the same again daily, one when it is well; nothing of a person in any of them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp import alert_words
from afas_mailchimp.alert_settings import AlertSettings
from afas_mailchimp.alerts import (
    Cause,
    Message,
    News,
    RunEnded,
    Told,
    causes,
    format_memory,
    news,
    parse_memory,
    remembered,
)
from afas_mailchimp.page_text import Speaker
from afas_mailchimp.page_words import Language

NOW = datetime(2026, 6, 2, 8, tzinfo=UTC)
DAY = timedelta(hours=24)
SETTINGS = AlertSettings(to=("alerts",), rejected_percent=10, lag=timedelta(hours=6))


@pytest.mark.parametrize(
    ("ended", "wrong"),
    [
        pytest.param(RunEnded(read=100, lag=timedelta(hours=1)), set(), id="a good run"),
        pytest.param(RunEnded(failed=("import_customers",)), {Cause.FAILED}, id="a task failed"),
        pytest.param(RunEnded(read=100, rejected=11), {Cause.REJECTED}, id="above the share"),
        pytest.param(RunEnded(read=100, rejected=10), set(), id="at the share"),
        pytest.param(RunEnded(read=3, rejected=1), set(), id="one of few"),
        pytest.param(RunEnded(lag=timedelta(hours=6, seconds=1)), {Cause.LAG}, id="behind"),
        pytest.param(RunEnded(lag=timedelta(hours=6)), set(), id="just not behind"),
        pytest.param(
            RunEnded(failed=("preflight",), lag=timedelta(hours=9)), {Cause.FAILED, Cause.LAG}, id="two at once"
        ),
    ],
)
def test_what_is_wrong(ended: RunEnded, wrong: set[Cause]) -> None:
    """Each cause is judged by itself, by the limits of the sync file."""
    assert wrong == {cause for cause, holds in causes(ended, SETTINGS).items() if holds}


def test_what_a_run_cannot_tell_stays_as_it_was() -> None:
    """A run that read nothing says nothing about rejects: the alert is not taken back for it."""
    memory = {Cause.REJECTED: Told(NOW, NOW)}

    found = causes(RunEnded(read=0), SETTINGS)

    assert Cause.REJECTED not in found
    assert [] == news(found, memory, now=NOW + 2 * DAY, repeat=DAY)


def test_a_limit_of_none_is_no_alert() -> None:
    """Switched off by the file, and taken back where it was told before."""
    settings = AlertSettings(to=("alerts",), rejected_percent=None, lag=None)

    assert not any(causes(RunEnded(read=9, rejected=9, lag=DAY), settings).values())


@pytest.mark.parametrize(
    ("before", "holds", "wanted"),
    [
        pytest.param(None, True, News.BEGUN, id="begins"),
        pytest.param(None, False, None, id="all well"),
        pytest.param(DAY - timedelta(seconds=1), True, None, id="told today"),
        pytest.param(DAY, True, News.STILL, id="told yesterday"),
        pytest.param(timedelta(minutes=1), False, News.WELL, id="well again"),
    ],
)
def test_when_it_is_told(before: timedelta | None, wanted: News | None, *, holds: bool) -> None:
    """Per cause and day, not per run."""
    memory = {} if before is None else {Cause.FAILED: Told(NOW - 9 * DAY, NOW - before)}

    found = news({Cause.FAILED: holds}, memory, now=NOW, repeat=DAY)

    since = NOW - 9 * DAY if memory else NOW
    assert found == ([Message(wanted, Cause.FAILED, since)] if wanted else [])


def test_what_could_not_be_sent_is_told_by_the_next_run() -> None:
    """Only what arrived is remembered."""
    memory = {Cause.LAG: Told(NOW - DAY, NOW - DAY)}
    message = Message(News.STILL, Cause.LAG, NOW - DAY)

    assert memory == remembered(memory, [], now=NOW)
    assert {Cause.LAG: Told(NOW - DAY, NOW)} == remembered(memory, [message], now=NOW)
    assert {} == remembered(memory, [Message(News.WELL, Cause.LAG, NOW - DAY)], now=NOW)


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 60))
def test_one_message_a_day_and_one_at_the_end(wrong: list[bool], minutes: int) -> None:
    """However runs go: it begins once, is told again after a day, and ends once."""
    memory: dict[Cause, Told] = {}
    told: list[tuple[News, datetime]] = []
    for run, holds in enumerate(wrong):
        now = NOW + run * timedelta(minutes=minutes)
        sent = news({Cause.FAILED: holds}, memory, now=now, repeat=DAY)
        memory = remembered(memory, sent, now=now)
        told += [(message.news, now) for message in sent]

    for (kind, at), (following, later) in itertools.pairwise(told):
        assert following in ({News.BEGUN} if kind == News.WELL else {News.STILL, News.WELL})
        assert following != News.STILL or later - at >= DAY
    assert bool(memory) == (bool(wrong) and wrong[-1])


def test_memory_survives_a_variable() -> None:
    """And what somebody else wrote there counts as never told."""
    memory = {Cause.FAILED: Told(NOW, NOW + DAY), Cause.LAG: Told(NOW, NOW)}

    assert memory == parse_memory(format_memory(memory))
    for odd in (None, "", "[]", "{", '{"failed": 1}', '{"other": {}}', '{"lag": {"since": "2026-06-02", "told": "x"}}'):
        assert {} == parse_memory(odd)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("kind", [News.BEGUN, News.STILL, News.WELL])
def test_every_message_says_where_to_look(kind: News, cause: Cause, language: Language) -> None:
    """Sync, what, since when, and a link; numbers as the language writes them."""
    message = Message(kind, cause, NOW - DAY)
    ended = RunEnded(("import_customers",), 12_345, 2_345, timedelta(hours=7))
    text = alert_words.body(message, ended, Speaker(language, NOW), link="https://airflow.example/dags/x")

    assert "customers" in alert_words.title("customers", message, language)
    assert text.endswith("https://airflow.example/dags/x")
    assert "{" not in text
    if cause == Cause.FAILED and kind != News.WELL:
        assert "import_customers" in text
    if cause == Cause.REJECTED and kind != News.WELL:
        assert ("2.345" if language == Language.DUTCH else "2,345") in text


def test_a_test_message_says_that_it_is_one() -> None:
    """Nobody gets up at night for it."""
    assert "test" in alert_words.test_title("customers", Language.ENGLISH)
    assert "niets mis" in alert_words.test_body(Language.DUTCH, link="https://airflow.example")


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        pytest.param({"to": []}, "to", id="nobody"),
        pytest.param({"to": [""]}, "to", id="no name"),
        pytest.param({"to": "a", "language": "fr"}, "language", id="a language we do not speak"),
        pytest.param({"to": "a", "lag": "soon"}, "lag", id="no length of time"),
        pytest.param({"to": "a", "rejected_percent": 101}, "rejected_percent", id="more than all"),
        pytest.param({"to": "a", "mail": "x"}, "mail", id="unknown key"),
    ],
)
def test_mistakes_in_the_block(block: dict[str, object], problem: str) -> None:
    """Refused when the file is read, not when something is wrong at night."""
    with pytest.raises(ValueError, match=problem):
        AlertSettings.model_validate(block)
