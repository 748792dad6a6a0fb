"""The index of the audience: small, and the same as a plain dictionary of members whatever comes and goes."""

from __future__ import annotations

import hashlib
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_mailchimp.audience import Member, MemberStatus
from afas_mailchimp.audience_index import AudienceIndex, value_digest
from afas_mailchimp.member_key import parse_base, parse_member_key

IDS = [f"{number:032x}" for number in range(7)]
KEYS = ["", "customers:debtors:1", "customers:debtors:2+", "customers:debtors:1-s", "others:debtors:1", "hers", 7]
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

members = st.builds(
    lambda number, status, key, company, opted_in_at: Member(
        IDS[number],
        status,
        {"COMPANY": company, "AFASID": key, "AFASSUM": "a:0123456789ab"},
        opted_in_at=opted_in_at,
        last_changed=NOW,
    ),
    st.integers(0, len(IDS) - 1),
    st.sampled_from(MemberStatus),
    st.sampled_from(KEYS),
    st.sampled_from(["", "De Korenaar", "Café 't Hoekje"]),
    st.sampled_from([None, NOW, datetime(1969, 12, 31, tzinfo=UTC)]),
)


def index_of(*known: Member) -> AudienceIndex:
    """An index of some members."""
    index = AudienceIndex(tags=("COMPANY", "PHONE"), key_field="AFASID", base_field="AFASSUM", owner="customers")
    for member in known:
        index.add(member)
    return index


@given(st.lists(st.one_of(members, st.sampled_from(IDS)), max_size=30))
def test_holds_what_was_taken_in_last(steps):
    """Whoever comes, changes and is forgotten, in whatever order: the index says what the last sight of each said."""
    index, plain = index_of(), {}
    for step in steps:
        if isinstance(step, Member):
            index.add(step)
            plain[step.id] = step
        else:
            index.discard(step)
            plain.pop(step, None)
        name = "debtors:1"
        holders = [m.id for m in plain.values() if _own(m) and _own(m).key == "1"]
        assert [m.id for m in index.holders(name)] == sorted(holders)
        assert index.is_held(name) == bool(holders)
        assert [at for at in IDS if index.is_only_holder(name, at)] == (holders if len(holders) == 1 else [])

    assert len(index) == len(plain)
    assert index.statuses() == {s: n for s in MemberStatus if (n := sum(m.status == s for m in plain.values()))}
    assert {m.id for m in index} == set(plain)
    assert index.count_ours() == sum(_own(m) is not None for m in plain.values())
    assert {at for _, at, _ in index.ours()} == {m.id for m in plain.values() if _own(m)}
    left = {m.id for m in plain.values() if m.status == MemberStatus.ARCHIVED and _own(m) and _own(m).archived_from}
    assert {at for _, at, _ in index.left_at()} == left
    for member_id in IDS:
        known, member = index.get(member_id), plain.get(member_id)
        if member is None:
            assert known is None
            continue
        text = member.merge_fields["AFASID"]
        assert (known.id, known.status, known.opted_in_at) == (member.id, member.status, member.opted_in_at)
        assert known.key == parse_member_key(text)
        assert known.stray_key == (text in ("hers", 7))
        assert known.base == parse_base("a:0123456789ab")
        assert known.digests == (value_digest(member.merge_fields["COMPANY"]), value_digest(""))


def _own(member):
    key = parse_member_key(member.merge_fields["AFASID"])
    return key if key and key.owner == "customers" else None


@pytest.mark.parametrize("count", [pytest.param(3_000, id="3,000 members")])
def test_is_small(count):
    """A member takes some two hundred bytes, so that a million fit beside everything else."""
    tracemalloc.start()
    try:
        index = index_of(
            *(
                Member(
                    hashlib.md5(b"%d" % number).hexdigest(),
                    MemberStatus.SUBSCRIBED,
                    {
                        "COMPANY": f"Bakkerij {number}",
                        "AFASID": f"customers:debtors:{number}",
                        "AFASSUM": "a:0123456789ab",
                    },
                    opted_in_at=NOW,
                )
                for number in range(count)
            )
        )
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(index) == count
    assert taken / count < 260
