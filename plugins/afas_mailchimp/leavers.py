"""Members that we archived because their row had gone: how long ago, and who is due for erasure. Pure.

Mailchimp has no moment of archiving; its ``last_changed`` moves with any change of a member. So an age is the time
since the last change, never more than the time since archiving (unconfirmed: whether anything moves it later).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afas_mailchimp.audience_index import AudienceIndex
    from afas_mailchimp.survey import Survey

MOST_KEYS = 1_000
YEAR = timedelta(days=365)
BANDS = ("under_1_year", "1_to_2_years", "over_2_years")


def band(age: timedelta) -> str:
    """Return the band of an age."""
    return BANDS[min(max(age // YEAR, 0), len(BANDS) - 1)]


def leavers(index: AudienceIndex, survey: Survey, *, now: datetime, term: timedelta | None) -> dict[str, Any]:
    """Count them by age, and list the AFAS keys of those past the term.

    Whose row is still in AFAS (blocked, without an address, …), or whose address another row has, is not due: the
    sync may want that member back, and an erased address never comes back by itself. Of a source without a single row
    nobody is: that is a lost right rather than a company without customers.

    :param index: the whole audience.
    :param survey: every row of AFAS.
    :param term: None lists nobody.
    """
    ages: Counter[str] = Counter(dict.fromkeys(BANDS, 0))
    due: list[str] = []
    for name, member_id, moment in index.left_at():
        ages[band(now - moment)] += 1
        gone = not survey.has_seen(name) and survey.rows_of(name.partition(":")[0]) > 0
        if term and now - moment >= term and gone and survey.claim(member_id) is None:
            due.append(name)
    found: dict[str, Any] = {"by_age": dict(ages)}
    if term:
        found |= {"due_for_erasure": len(due), "keys": sorted(due)[:MOST_KEYS]}
    return found
