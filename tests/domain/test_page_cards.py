"""What a card says: its state and since when, its balance, its rows, its plot, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from afas_mailchimp.balance import Ends, Line, balance_of, bill_of
from afas_mailchimp.card_state import CardState, judge
from afas_mailchimp.page_text import Speaker
from afas_mailchimp.page_words import WORDS, Language, choose_language
from afas_mailchimp.reason_words_dutch import DUTCH
from afas_mailchimp.reason_words_english import ENGLISH
from afas_mailchimp.reject_list import Kind, listed
from afas_mailchimp.run_plot import HEIGHT, RUNS, bars
from afas_mailchimp.sync_seen import ProgressSeen
from tests.domain.samples import sync_of
from tests.page.seen import HOUR, MINUTE, NOW, full, report, run, seen

DOCS = Path(__file__).resolve().parents[2] / "docs"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("sync", "state", "since"),
    [
        pytest.param(seen(problem="no list_id"), CardState.BAD_FILE, None, id="the file cannot be used"),
        pytest.param(seen(marked=None), CardState.NEVER_RUN, None, id="nothing ever ran"),
        pytest.param(seen(run(1, dry_run=True), marked=None), CardState.NEVER_RUN, None, id="a dry run is no run"),
        pytest.param(seen(run(1, "running"), marked=None), CardState.FIRST_RUN, None, id="the first run is busy"),
        pytest.param(
            seen(run(1, "running", dry_run=True), marked=None),
            CardState.NEVER_RUN,
            None,
            id="a dry run is not the first",
        ),
        pytest.param(seen(run(1)), CardState.IN_SYNC, NOW - HOUR, id="one good run"),
        pytest.param(
            seen(run(3, ago=MINUTE), run(2, ago=HOUR), run(1, "failed", ago=DAY)),
            CardState.IN_SYNC,
            NOW - HOUR,
            id="since the first good run after a failure",
        ),
        pytest.param(
            seen(run(3, "failed", ago=MINUTE), run(2, "failed", ago=HOUR), run(1, ago=DAY)),
            CardState.FAILED,
            NOW - HOUR,
            id="since the first of the failures",
        ),
        pytest.param(
            seen(run(2, "running"), run(1, "failed")), CardState.FAILED, NOW - HOUR, id="failed until one ends well"
        ),
        pytest.param(
            seen(run(2, "success", dry_run=True, ago=MINUTE), run(1, "failed")),
            CardState.FAILED,
            NOW - HOUR,
            id="a dry run mends nothing",
        ),
        pytest.param(
            seen(run(1, "failed", report=full(problems=["7 would be archived"]))),
            CardState.LIMIT,
            NOW - HOUR,
            id="a protection stopped it",
        ),
        pytest.param(seen(run(1), paused=True), CardState.PAUSED, None, id="paused"),
        pytest.param(
            seen(run(1, "failed"), paused=True), CardState.FAILED, NOW - HOUR, id="a failure is told before a pause"
        ),
        pytest.param(
            seen(run(1), marked=HOUR), CardState.BEHIND, NOW - HOUR, id="changes wait longer than the schedule allows"
        ),
        pytest.param(
            seen(run(2, "running", ago=50 * MINUTE), run(1), marked=HOUR),
            CardState.IN_SYNC,
            NOW - HOUR,
            id="a long run is not late by that",
        ),
        pytest.param(
            seen(run(1), marked=30 * DAY, sync=sync_of(schedule=None)),
            CardState.IN_SYNC,
            NOW - HOUR,
            id="by hand only is never late",
        ),
        pytest.param(
            seen(run(1), marked=3 * DAY, sync=sync_of(schedule="0 6 * * 1-5")),
            CardState.IN_SYNC,
            NOW - HOUR,
            id="working days only: a weekend is no lag",
        ),
        pytest.param(
            seen(marked=MINUTE, full_reload_at=NOW - DAY),
            CardState.IN_SYNC,
            NOW - DAY,
            id="no run is kept, marks say so",
        ),
        pytest.param(seen(marked=DAY), CardState.BEHIND, NOW - DAY, id="no run is kept, and the marks are old"),
    ],
)
def test_state_of_a_card(sync, state, since):
    """One look says whether the two sides are equal, since when, and who must do something."""
    verdict = judge(sync, now=NOW)

    assert (state, since) == (verdict.state, verdict.since)


def test_after_a_dry_run_nobody_is_told_to_begin_with_one():
    """What to do next is another thing then."""
    speaker = Speaker(Language.ENGLISH, NOW)
    before = speaker.state(judge(seen(marked=None), now=NOW))
    after = speaker.state(judge(seen(run(1, dry_run=True, report=full()), marked=None), now=NOW))

    assert ("Begin with a dry run." in before, "Begin with a dry run." in after) == (True, False)


def test_lag_is_of_each_source():
    """The mark of a source is Amsterdam wall time; what lies between it and now may not be in Mailchimp yet."""
    assert judge(seen(run(1), marked=8 * MINUTE), now=NOW).lags == {"contacts": 8 * MINUTE, "debtors": 8 * MINUTE}


def test_since_says_when_it_may_be_longer():
    """Older runs were erased, so who was good all along has been so for at least that long."""
    month = [run(number, ago=(30 - number) * DAY) for number in range(30, 0, -1)]
    erased_before = judge(seen(run(2, ago=MINUTE), run(1, ago=29 * DAY)), now=NOW)
    first_ever = judge(seen(run(2, ago=MINUTE), run(1, ago=3 * DAY)), now=NOW)
    failed_before = judge(seen(*month[:-1], run(1, "failed", ago=29 * DAY)), now=NOW)

    assert judge(seen(*month), now=NOW).at_least
    assert (erased_before.at_least, first_ever.at_least, failed_before.at_least) == (True, False, False)


def test_balance_adds_up():
    """In AFAS, less what has no place, is what is expected; each row is taken off once."""
    reasons = {"filtered_out": 8, "another_row_has_this_address": 5, "no_consent": 3, "member_not_ours": 1}
    sheet = balance_of(full(read=120, unchanged=98, skipped=17, invalid=4, rejected=1, reasons=reasons))

    assert dict(sheet.lines) == {
        Line.FILTERED: 8, Line.INVALID: 4, Line.SHARED: 5, Line.NO_CONSENT: 3, Line.OTHER: 1, Line.REJECTED: 1,
    }  # fmt: skip
    assert sheet.read - sum(count for _, count in sheet.lines) == sheet.expected == 98
    assert (sheet.actual, sheet.ends) == (98, Ends.EVEN)


@pytest.mark.parametrize(
    ("unchanged", "ends", "difference"),
    [
        pytest.param(98, Ends.EVEN, 0, id="as many"),
        pytest.param(90, Ends.MORE, 8, id="members without a row"),
        pytest.param(99, Ends.FEWER, -1, id="rows without a member"),
    ],
)
def test_balance_says_how_it_ends(unchanged, ends, difference):
    """Members that nobody expected and rows that have none are two different questions."""
    sheet = balance_of(full(unchanged=unchanged))

    assert (ends, difference) == (sheet.ends, sheet.difference)


def test_bill_tells_who_costs_and_is_never_mailed():
    """Opted-out members are charged for; archived and bounced ones are not."""
    bill = bill_of({"billed": 96, "unsubscribed": 6}, balance_of(full(unchanged=90)))

    assert (bill.billed, bill.unmailable, bill.without_row) == (96, 6, 8)
    assert bill_of({"billed": 96}, None).without_row is None


def test_rows_come_from_the_last_full_run_and_all_after_it():
    """A full run saw every row; a later run adds keys that it had not, and what was before it no longer counts."""
    sync = seen(
        run(4, report=report(reasons={"email_invalid": 2}, keys={"email_invalid": ["debtors:7", "debtors:8"]})),
        run(3, report=full(reasons={"email_invalid": 40, "filtered_out": 9}, keys={"email_invalid": ["debtors:7"]})),
        run(2, report=report(reasons={"looks_fake": 1}, keys={"looks_fake": ["debtors:1"]})),
    )

    (only,) = listed(sync)
    assert (only.reason, only.kind, only.count, only.keys) == (
        "email_invalid", Kind.MEND, 41, ("debtors:7", "debtors:8"),
    )  # fmt: skip


def test_rows_are_sorted_by_what_they_ask():
    """What a person can mend comes first, then what is worth a look, then what a rule left out."""
    made = full(reasons={"no_consent": 50, "looks_fake": 1, "email_missing": 3}, notices={"consent_differs": 9})

    assert [(row.kind, row.reason) for row in listed(seen(run(1, report=made)))] == [
        (Kind.MEND, "email_missing"),
        (Kind.MEND, "looks_fake"),
        (Kind.RULE, "no_consent"),
        (Kind.NOTICE, "consent_differs"),
    ]


def test_plot_fits_and_keeps_proportions():
    """No bar is higher than the plot, none that wrote something is invisible, and the newest run is on the right."""
    runs = [run(number, report=report(created=number, updated=number)) for number in range(200, 0, -1)]
    drawn = bars(runs)

    assert len(drawn) == RUNS
    assert [bar.number for bar in drawn] == list(range(171, 201))
    for bar in drawn:
        created, updated = bar.pieces
        assert created.height == pytest.approx(updated.height, abs=0.02)
        assert 0 <= updated.y <= created.y <= HEIGHT
    assert drawn[-1].pieces[-1].y == pytest.approx(0, abs=0.01)


def test_plot_makes_no_tower_of_little():
    """Nine invalid rows are half a bar, also when no run did more."""
    (bar,) = bars([run(1, report=report(invalid=9))])

    assert bar.pieces[0].height == pytest.approx(HEIGHT / 2, abs=1)


def test_plot_shows_failures_and_empty_runs():
    """A run that failed or wrote nothing has its place."""
    failed, empty = bars([run(2, report=report()), run(1, "failed")])

    assert (failed.failed, failed.pieces, empty.failed, empty.pieces) == (True, (), False, ())


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        pytest.param("nl", "en-GB,en;q=0.9", Language.DUTCH, id="what the person picked"),
        pytest.param(None, "nl-NL,nl;q=0.9,en;q=0.8", Language.DUTCH, id="Dutch browser"),
        pytest.param(None, "fr-FR,de;q=0.9,nl;q=0.8,en;q=0.7", Language.DUTCH, id="the first that the page has"),
        pytest.param(None, "en-US,nl;q=0.5", Language.ENGLISH, id="English browser"),
        pytest.param("<script>", None, Language.ENGLISH, id="nonsense"),
    ],
)
def test_language_is_chosen(asked, accepted, language):
    """By the switch, else by the browser, else English."""
    assert choose_language(asked, accepted) == language


def test_every_text_is_there_twice_with_the_same_places():
    """A translation that forgets a number would say something else."""
    differ = [name for name, (en, nl) in WORDS.items() if _places(en) != _places(nl) or not nl.strip()]

    assert differ == []
    assert {f"{kind}_{state}" for kind in ("state", "says") for state in CardState} <= set(WORDS)
    assert {f"line_{line}" for line in Line} | {f"balance_{end}" for end in Ends} | set(map(str, Kind)) <= set(WORDS)


def _places(text):
    return sorted(re.findall(r"\{\w*\}", text))


@pytest.mark.parametrize(("page", "table"), [("report.md", ENGLISH), ("nl/rapport.md", DUTCH)])
def test_reasons_are_told_in_the_words_of_the_manual(page, table):
    """One truth: what the page says of a reason stands in the manual, letter for letter."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    outcomes = {"created", "updated", "unchanged", "unsubscribed", "skipped", "invalid", "rejected"}
    manual = {name: text.replace("`", "").split(" | ") for name, text in rows if name not in outcomes}

    assert manual == {name: [part for part in (said.meaning, said.do) if part] for name, said in table.items()}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.ENGLISH, "full reload: 1,204 created, 3 opted out, 2 invalid"),
        (Language.DUTCH, "volledige herlaad: 1.204 aangemaakt, 3 afgemeld, 2 ongeldig"),
    ],
)
def test_a_run_in_words(language, expected):
    """What a run did, with the separators of the language; what it did not is not told."""
    done = run(1, report=full(created=1204, unsubscribed=3, invalid=2, unchanged=9000))

    assert Speaker(language, NOW).outcome(done) == expected


def test_progress_in_words():
    """How far, of how many, and how long it may still last."""
    half = ProgressSeen("comparing and writing", rows=20_000, of=41_000, seconds_left=190)

    assert Speaker(Language.DUTCH, NOW).progress(half) == (
        "vergelijken en schrijven: 20.000 van 41.000 rijen, nog ongeveer 3 minuten"
    )
    assert Speaker(Language.ENGLISH, NOW).progress(ProgressSeen("new phase", rows=5)) == "new phase: 5 rows"


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(5 * MINUTE, "13:02"), (DAY, "1 mrt 13:07"), (400 * DAY, "26 jan 2025 13:07")],
)
def test_moments_are_told_as_near_as_they_are(ago, expected):
    """Today by its time alone, in Amsterdam."""
    assert Speaker(Language.DUTCH, NOW).moment(NOW - ago) == expected
