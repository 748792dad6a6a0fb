"""Who is archived when no row of AFAS stands for it any more, and when that is too many."""

from __future__ import annotations

import pytest

from afas_mailchimp.audience_index import AudienceIndex
from afas_mailchimp.leaving import Leave, above_limit, find_leavers, too_many_leave
from afas_mailchimp.member_key import Base
from afas_mailchimp.outcomes import Reason
from afas_mailchimp.settings import LimitSettings
from afas_mailchimp.survey import Survey
from tests.domain.samples import ADDRESS, OPTED_IN, OTHER_ADDRESS, facts, member


def index_of(*members: object) -> AudienceIndex:
    """An index of the customers sync."""
    index = AudienceIndex(tags=("COMPANY",), key_field="AFASID", base_field="AFASSUM", owner="customers")
    for each in members:
        index.add(each)  # type: ignore[arg-type]
    return index


@pytest.mark.parametrize(
    ("status", "key", "how"),
    [
        pytest.param("subscribed", "customers:debtors:10001", Leave.ARCHIVE, id="subscribed: archived"),
        pytest.param("transactional", "customers:debtors:10001", Leave.ARCHIVE, id="transactional: archived"),
        pytest.param("subscribed", "customers:debtors:10001+", Leave.RELEASE, id="adopted: loses our key and stays"),
        pytest.param(
            "unsubscribed", "customers:debtors:10001", None, id="opted out: stays, it is the memory of the opt-out"
        ),
        pytest.param("cleaned", "customers:debtors:10001", None, id="bounced: stays"),
        pytest.param("pending", "customers:debtors:10001", None, id="pending: Mailchimp cannot archive it"),
        pytest.param("archived", "customers:debtors:10001", None, id="archived already"),
        pytest.param("subscribed", "prospects:debtors:10001", None, id="another sync's"),
        pytest.param("subscribed", "", None, id="never ours"),
    ],
)
def test_who_leaves(status: str, key: str, how: Leave | None) -> None:
    """The row has gone from AFAS."""
    leavers = find_leavers(index_of(member(status, key=key)), Survey())

    assert ([how] if how else []) == [leaver.how for leaver in leavers]


def test_mark_of_a_killed_run_is_finished() -> None:
    """A run was killed between its mark and the archive, and the row is still gone."""
    base = str(Base(address="00", opted_in_at=OPTED_IN, left_with=OPTED_IN))

    leavers = find_leavers(index_of(member(key="customers:debtors:10001-s", base=base)), Survey())

    assert [Leave.ARCHIVE] == [leaver.how for leaver in leavers]


def test_who_stays() -> None:
    """A row that takes part keeps its member, also from another address; so does another row at its address."""
    moved, same, other = Survey(), Survey(), Survey()
    moved.add(facts(address=OTHER_ADDRESS))
    same.add(facts())
    other.add(facts("10002", address=ADDRESS))
    index = index_of(member())

    assert [[], [], []] == [find_leavers(index, survey) for survey in (moved, same, other)]


def test_blocked_row_leaves() -> None:
    """A row that is still there but filtered out does not keep its member."""
    survey = Survey()
    survey.add(facts(reason=Reason.FILTERED_OUT))

    assert [Leave.ARCHIVE] == [leaver.how for leaver in find_leavers(index_of(member()), survey)]


@pytest.mark.parametrize(
    ("part", "whole", "above"),
    [
        pytest.param(25, 25, False, id="up to 25 a percentage says nothing"),
        pytest.param(2, 26, True, id="7.7 % of 26"),
        pytest.param(1, 26, False, id="3.8 % of 26"),
        pytest.param(5, 100, False, id="exactly the limit"),
        pytest.param(6, 100, True, id="one more"),
        pytest.param(0, 0, False, id="nothing of nothing"),
    ],
)
def test_limit_of_five_percent(part: int, whole: int, *, above: bool) -> None:
    """A limit is a share, and only above 25."""
    assert above == above_limit(part, whole, 5)


def test_run_parameter_overrides_the_limit() -> None:
    """The person who looked says how many may go."""
    many = [member(address=f"nr{i}@korenaar.example", key=f"customers:debtors:{i}") for i in range(100)]
    index = index_of(*many)

    assert too_many_leave(30, index.mailable_ours(), LimitSettings(), override=None)
    assert not too_many_leave(30, index.mailable_ours(), LimitSettings(), override=31)
