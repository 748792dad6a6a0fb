"""The survey keeps a million rows in columns: held against the obvious way to do it, with dictionaries."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta
from hashlib import md5

from hypothesis import given, settings
from hypothesis import strategies as st

from afas_mailchimp.digest_table import DigestTable
from afas_mailchimp.outcomes import Reason
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.survey import Claim, Survey, claim_of, merge_claims

# AFAS's wall time has no zone.
START, FIRST, LAST = datetime(2026, 1, 31, 9, 15), datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001
SOURCES = {"debtors": 0, "contacts": 1}


def _id(number: int) -> str:
    return md5(str(number).encode(), usedforsecurity=False).hexdigest()


@st.composite
def rows(draw: st.DrawFn) -> RowFacts:
    """Few keys and few addresses, so that they meet."""
    source = draw(st.sampled_from(sorted(SOURCES)))
    reason = draw(st.sampled_from([None, None, None, Reason.FILTERED_OUT, Reason.EMAIL_MISSING]))
    has_address = reason is None or (reason == Reason.FILTERED_OUT and draw(st.booleans()))
    return RowFacts(
        source=source,
        rank=SOURCES[source],
        key=draw(st.sampled_from(["1", "2", "10", "007", "A:7", "é\ud800", ""])),
        modified=draw(st.sampled_from([None, START, START + timedelta(microseconds=1), FIRST, LAST])),
        consent=draw(st.sampled_from(list(Consent))),
        reason=reason,
        member_id=_id(draw(st.integers(0, 3))) if has_address else "",
    )


def _claim(members: list[RowFacts], member_id: str) -> Claim | None:
    """What the rules say of all rows with an address."""
    claim = None
    for row in members:
        if row.reason is None and row.member_id == member_id:
            claim = merge_claims(claim, claim_of(row)) if claim else claim_of(row)
    noes = [row for row in members if row.reason == Reason.FILTERED_OUT and row.consent == Consent.NO]
    noes = [row for row in noes if row.member_id == member_id]
    if claim is None or not noes:
        return claim
    dates = [date for date in (claim.said_no_at, noes[-1].modified) if date]
    return Claim(claim.source, claim.rank, claim.key, claim.modified, Consent.NO, max(dates, default=None))


@given(st.lists(rows(), max_size=20))
@settings(max_examples=60)
def test_columns_say_what_dictionaries_would(given_rows: list[RowFacts]) -> None:
    """Whatever rows come, in whatever order, also while questions are asked."""
    survey, taken = Survey(), dict[str, RowFacts]()
    for row in given_rows:
        assert survey.add(row) == (row.name not in taken)
        taken.setdefault(row.name, row)
        if row.member_id:
            assert _claim(list(taken.values()), row.member_id) == survey.claim(row.member_id)
    everybody = list(taken.values())
    for number in range(5):
        member_id = _id(number)
        part = [row.name for row in everybody if row.reason is None and row.member_id == member_id]
        assert _claim(everybody, member_id) == survey.claim(member_id)
        assert sorted(part) == sorted(survey.names_at(member_id))
    claims = {_id(number): claim for number in range(5) if (claim := _claim(everybody, _id(number)))}
    assert claims == dict(survey.claims())
    for row in everybody:
        assert survey.has_seen(row.name)
        assert (None if row.reason else row.member_id) == survey.address_of(row.name)
        assert row.reason == survey.kept_out(row.name)
    assert not survey.has_seen("debtors:never")
    assert (None, None) == (survey.address_of("debtors:never"), survey.kept_out("debtors:never"))
    assert len(everybody) == survey.rows
    for source in (*SOURCES, "others"):
        assert sum(row.source == source for row in everybody) == survey.rows_of(source)


@given(st.lists(rows(), max_size=15), st.data())
@settings(max_examples=30)
def test_rows_are_ticked_off(given_rows: list[RowFacts], data: st.DataObject) -> None:
    """What a second reading has not met is left, by source; rows that came later do not count."""
    survey = Survey()
    taken = [row for row in given_rows if survey.add(row)]
    wanted = {row.name for row in taken if row.reason is None and row.source == "debtors"}
    unread = survey.unread("debtors")
    survey.add(RowFacts("debtors", 0, "later", None, Consent.YES, member_id=_id(9)))
    met = data.draw(st.lists(st.sampled_from([*(row.name for row in taken), "debtors:later", "debtors:never"])))
    for name in (*met, *met):
        unread.discard(name)

    left = sorted(name.partition(":")[2] for name in wanted - set(met))
    assert (len(left), left) == (len(unread), unread.keys())


def test_a_table_of_digests_grows() -> None:
    """Every digest keeps its position through all sizes, and one that was never added has none."""
    table, digests = DigestTable(), [md5(str(n).encode(), usedforsecurity=False).digest() for n in range(6_000)]

    assert [(n, True) for n in range(5_000)] == [table.add(digest) for digest in digests[:5_000]]
    assert (17, False) == table.add(digests[17])
    assert list(range(5_000)) == [table.find(digest) for digest in digests[:5_000]]
    assert {-1} == {table.find(digest) for digest in digests[5_000:]}
    assert (5_000, digests[4_999]) == (len(table), table[4_999])


def test_digests_that_begin_alike() -> None:
    """Two digests with one place in the table are two."""
    table, alike = DigestTable(), [bytes(8) + bytes([n]) * 8 for n in range(50)]

    assert list(range(50)) == [table.add(each)[0] for each in alike]
    assert list(range(50)) == [table.find(each) for each in alike]


def test_a_row_takes_less_than_a_hundred_bytes() -> None:
    """Or a million of them would not fit into the memory of a small worker."""
    count, survey = 2_000, Survey()
    facts = [
        RowFacts("debtors", 0, str(100_000 + number), START, Consent.UNKNOWN, member_id=_id(number))
        for number in range(count)
    ]
    tracemalloc.start()
    for row in facts:
        survey.add(row)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held / count < 100
