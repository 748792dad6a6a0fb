"""When the classic token of an app connector ends: from when it is said, and what to do."""

from __future__ import annotations

from datetime import date

import pytest

from afas_mailchimp.getconnector import Environment
from afas_mailchimp.token_end import CLASSIC_END, token_end

PHASE_OUT = date(2027, 5, 1)


def said(expires: date | None, today: date, *, classic: bool = True) -> str | None:
    """What is said on a day."""
    about = Environment("O12345AA", "Mailchimp", expires, frozenset(), frozenset(), classic=classic)
    return token_end(about, today=today)


@pytest.mark.parametrize(
    ("expires", "today", "expected"),
    [
        pytest.param(PHASE_OUT, date(2027, 3, 1), None, id="61 days before"),
        pytest.param(PHASE_OUT, date(2027, 3, 2), "on 2027-05-01, in 60 days, and no new one", id="60 days before"),
        pytest.param(PHASE_OUT, date(2027, 4, 30), "ends on 2027-05-01, in 1 day, and", id="the day before"),
        pytest.param(PHASE_OUT, PHASE_OUT, "ends on 2027-05-01, today, and", id="the day itself"),
        pytest.param(PHASE_OUT, date(2027, 5, 2), "ended on 2027-05-01, and this one still", id="past, and taken"),
        pytest.param(date(2026, 4, 1), date(2026, 3, 1), "in 31 days. Before then, make a new one", id="another end"),
        pytest.param(None, date(2027, 3, 1), None, id="not told, long before"),
        pytest.param(None, date(2027, 4, 1), "does not say when its token ends; all classic ones end", id="not told"),
        pytest.param(None, date(2027, 6, 1), "announced that classic tokens end on 2027-05-01", id="not told, past"),
        pytest.param(date(2027, 8, 31), date(2027, 5, 2), None, id="AFAS gives it longer than announced"),
    ],
)
def test_what_is_said_of_a_classic_token(expires: date | None, today: date, expected: str | None) -> None:
    """From 60 days before; where AFAS tells no end, the day that it announced for all of them counts."""
    found = said(expires, today)

    assert (expected is None) == (found is None)
    assert (expected or "") in (found or "")
    assert found is None or "client id in Login, client secret in Password" in found


def test_nothing_is_said_with_oauth() -> None:
    """Who has moved is left in peace, also past the last day of classic tokens."""
    assert None is said(None, date(2027, 4, 30), classic=False)
    assert None is said(PHASE_OUT, date(2027, 6, 1), classic=False)


def test_the_day_of_the_vendor() -> None:
    """1 May 2027, says AFAS's page on authentication."""
    assert PHASE_OUT == CLASSIC_END
