"""Members that were archived long ago: told by the full reload, erased by a person, and by nobody else."""

from __future__ import annotations

import copy

import pytest

from afas_mailchimp.errors import ConfigurationError, SafetyStop
from afas_mailchimp.settings import SyncFile
from operators import afas_mailchimp_erase
from tests.integration.importing.test_erasing_a_person import erase, forgotten
from tests.integration.importing.test_leaving import KEES, PIET
from tests.integration.importing.world import CONTACTS, EXTRA

ALL = {"archived": True}


@pytest.fixture
def left(small, monkeypatch):
    """Two left two years ago: one row is gone, one is blocked. The clock of this machine is the world's."""
    small.settings["retention"] = {"archived_term": "400d"}
    small.settings["limits"] = {"max_archive_percent": 100}
    small.afas.call("delete", connector=EXTRA, key="10002")
    small.change(CONTACTS, 7, Blocked=True)
    small.run(full_reload=True)
    assert {small.statuses()[PIET], small.statuses()[KEES]} == {"archived"}
    small.at(small.now.add(years=2))

    class Clock(afas_mailchimp_erase.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(small.now.timestamp(), tz)

    monkeypatch.setattr(afas_mailchimp_erase, "datetime", Clock)
    monkeypatch.setattr("operators.afas_mailchimp_session.datetime", Clock)
    return small


def test_the_full_reload_tells(left):
    """By age, and who is due: not whose row is still in AFAS. An incremental run does not know."""
    report = left.run(full_reload=True)

    assert report["archived_members"] == {
        "by_age": {"under_1_year": 0, "1_to_2_years": 0, "over_2_years": 2},
        "due_for_erasure": 1,
        "keys": ["debtors:10002"],
    }
    assert left.run()["archived_members"] is None
    assert forgotten(left) == []


def test_erased_only_when_told(left):
    """A dry run says how many, the real one wants that number; then exactly those are gone."""
    dry = erase(left, **ALL)
    assert (dry["archived"], dry["syncs"]["customers"]["keys"]) == (1, ["debtors:10002"])
    assert forgotten(left) == []

    for confirm in ("", "2", "10002"):
        with pytest.raises(ConfigurationError, match="'confirm' must be"):
            erase(left, **ALL, dry_run=False, confirm=confirm)
    assert forgotten(left) == []

    done = erase(left, **ALL, dry_run=False, confirm="1")

    assert done["syncs"]["customers"]["answers"] == {"deleted": 1}
    assert forgotten(left) == [PIET]
    assert left.statuses()[KEES] == "archived"


def test_somebody_else_has_the_address_now(left):
    """An address that another row of AFAS has is not erased: it may be wanted again."""
    left.contact(99, PIET.upper(), Blocked=True)

    assert erase(left, **ALL)["archived"] == 0


def test_another_sync_wants_the_address(left):
    """Two syncs feed one audience, and a forgotten address is forgotten for both: whom the other has stays."""
    settings = copy.deepcopy(left.settings)
    settings["name"], settings["retention"] = "suppliers", {}
    settings["sources"] = {"suppliers": {**settings["sources"]["contacts"], "filter": {}}}
    del left.settings["sources"]["contacts"]
    other = SyncFile.model_validate(settings)
    assert erase(left, **ALL)["archived"] == 1
    left.contact(99, PIET.upper())

    assert erase(left, **ALL)["archived"] == 1
    assert erase(left, other, **ALL)["archived"] == 0


def test_a_source_without_a_row(left):
    """A lost right looks like everybody having left: nothing is due in the report, and nobody is erased."""
    for row in left.afas.call("rows", connector=EXTRA):
        left.afas.call("delete", connector=EXTRA, key=row["DebtorId"])
    with pytest.raises(SafetyStop, match="no row at all"):
        left.run(full_reload=True)

    assert left.failed_report["archived_members"] is None
    with pytest.raises(SafetyStop, match="no row at all for source debtors"):
        erase(left, **ALL)


def test_whoever_came_back_meanwhile_stays(left, monkeypatch):
    """Between the list and the deletion somebody signs up again."""
    from hooks.mailchimp import MailchimpHook  # noqa: PLC0415

    original = MailchimpHook.address_of

    def signs_up(self, list_id, member_id):
        address = original(self, list_id, member_id)
        left.mailchimp.call("person_signs_up", email=PIET)
        return address

    monkeypatch.setattr(MailchimpHook, "address_of", signs_up)
    done = erase(left, **ALL, dry_run=False, confirm="1")

    assert done["syncs"]["customers"]["answers"] == {"was_not_there": 1}
    assert left.statuses()[PIET] == "subscribed"


def test_without_a_term(small):
    """Nobody is ever due: that is said."""
    with pytest.raises(ConfigurationError, match="No sync file has"):
        erase(small, **ALL)


def test_not_together_with_a_key(left):
    """One thing at a time."""
    with pytest.raises(ConfigurationError, match="goes without source and key"):
        erase(left, **ALL, source="debtors", key="10002")
