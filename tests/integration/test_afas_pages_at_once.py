"""Several pages of AFAS at once: the same rows in the same order, and no row taken by its position."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from afas_mailchimp.errors import SyncError
from hooks.afas import AfasHook
from tests.integration.conftest import Stand

DEBTORS = "Profit_Debtor_App"


def _read(hook: AfasHook, *, size: int, threads: int = 3) -> list[list[str]]:
    pages = hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", page_size=size, threads=threads)
    return [[str(row[0]) for row in page] for page in pages]


def _flat(pages: list[list[str]]) -> list[str]:
    return [key for page in pages for key in page]


def _reads(stand: Stand) -> list[dict[str, list[str]]]:
    return [parse_qs(query) for query in stand.queries("connectors/")]


@pytest.mark.parametrize("rows", [0, 1, 4, 5, 6, 9, 10, 11, 25, 26, 85, 86, 100, 201])
@pytest.mark.parametrize("threads", [2, 5])
def test_the_same_rows_in_the_same_order(afas: Stand, afas_hook: AfasHook, rows: int, threads: int) -> None:
    """Whatever lies on the cuts, a reading of several pages at once is that of one by one; twice in a row as well."""
    if rows:
        afas.control.seed(debtors=rows, seed=3)
    wanted = _flat(_read(afas_hook, size=5, threads=1))

    assert wanted == _flat(_read(afas_hook, size=5, threads=threads))
    assert wanted == _flat(_read(afas_hook, size=5, threads=threads))
    assert rows == len(wanted)


def test_no_more_calls_at_once_than_asked(afas: Stand, afas_hook: AfasHook) -> None:
    """AFAS advises five on one set of data; looking for cuts counts among them."""
    afas.control.seed(debtors=120, seed=3)
    afas.control.latency(per_call=0.02)
    afas.control.clear_log()

    _read(afas_hook, size=5, threads=4)

    assert 4 == afas.control.stats()["peak_in_flight"]


def test_cuts_are_looked_up_once(afas: Stand, afas_hook: AfasHook) -> None:
    """The first reading looks for places to cut, one row each; the second one knows them and costs a call a page."""
    afas.control.seed(debtors=100, seed=3)

    _read(afas_hook, size=5)
    first = _reads(afas)
    afas.control.clear_log()
    _read(afas_hook, size=5)
    second = _reads(afas)

    assert {"1", "5"} == {each["take"][0] for each in first}
    assert ["5"] * 21 == [each["take"][0] for each in second]
    assert ["0"] * 21 == [each["skip"][0] for each in second]


def test_no_row_is_taken_by_its_position(afas: Stand, afas_hook: AfasHook) -> None:
    """Skip finds a place to cut and never grows: it counts from a known key, three stretches at most."""
    afas.control.seed(debtors=200, seed=3)

    _read(afas_hook, size=5)

    skips = [(each["take"][0], int(each["skip"][0])) for each in _reads(afas)]
    assert {0} == {skip for take, skip in skips if take != "1"}
    assert 29 == max(skip for _, skip in skips)


def test_rows_that_come_and_go_meanwhile_shift_no_other(afas: Stand, afas_hook: AfasHook) -> None:
    """Of rows that are there from the first call to the last none is missed, and none comes twice."""
    afas.control.seed(debtors=60, seed=3)
    there = _flat(_read(afas_hook, size=4, threads=1))
    going = [{"verb": "delete", "arguments": {"connector": DEBTORS, "key": key}} for key in there[7:40:4]]
    coming = [
        {"verb": "insert", "arguments": {"connector": DEBTORS, "row": {"DebtorId": f"{key}a", "DebtorName": "Late"}}}
        for key in there[3:50:3]
    ]
    for at, action in enumerate([each for pair in zip(going, coming, strict=False) for each in pair], start=1):
        afas.control.call("after_requests", count=at, actions=[action])

    rows = _flat(_read(afas_hook, size=4))

    assert len(rows) == len(set(rows))
    assert set(there) - set(there[7:40:4]) <= set(rows)


def test_a_row_on_a_cut_that_goes_ends_nothing_early(afas: Stand, afas_hook: AfasHook) -> None:
    """The second reading has old cuts: where the row at a cut has gone, the stretch is read to its empty page."""
    afas.control.seed(debtors=30, seed=3)
    there = _flat(_read(afas_hook, size=5))
    for place in (9, 14, 19):
        afas.control.call("delete", connector=DEBTORS, key=there[place])

    assert [key for place, key in enumerate(there) if place not in {9, 14, 19}] == _flat(_read(afas_hook, size=5))


def test_a_failure_ends_all_threads(afas: Stand, afas_hook: AfasHook) -> None:
    """What goes wrong in one page comes out of the reading; nothing is asked afterwards."""
    afas.control.seed(debtors=200, seed=3)
    afas.control.fail("500", count=None, match="GET /connectors", skip=9, message="Onbekende fout")

    with pytest.raises(SyncError):
        _read(afas_hook, size=5)
    calls = len(_reads(afas))

    assert calls == len(_reads(afas))
    assert 0 == afas.control.stats()["in_flight"]


def test_reading_waits_for_its_reader(afas: Stand, afas_hook: AfasHook) -> None:
    """Who is slow to use the rows gets no more than a few pages into memory."""
    afas.control.seed(debtors=400, seed=3)
    pages = iter(afas_hook.pages(DEBTORS, columns=["DebtorId"], key="DebtorId", page_size=5, threads=2))
    next(pages), next(pages)

    taken = [each for each in _reads(afas) if each["take"][0] == "5"]
    pages.close()  # type: ignore[attr-defined]

    assert len(taken) <= 1 + 3 * 2


def test_keys_that_repeat_are_all_returned(afas: Stand, afas_hook: AfasHook) -> None:
    """A column that is not unique is still read whole: who repeats is reported elsewhere, not lost."""
    afas.control.seed(debtors=40, seed=3)
    for pages in (1, 3):
        read = afas_hook.pages(DEBTORS, columns=["DebtorId"], key="AddressLine3", page_size=20, threads=pages)
        assert 40 == sum(map(len, read))
