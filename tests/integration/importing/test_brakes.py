"""Brakes against mistakes: limits, broken readings, lost keys, and what preflight refuses."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from afas_mailchimp.errors import ConfigurationError, SafetyStop, TemporaryError
from tests.integration.importing.world import CONTACTS, EXTRA, JAN, World, many


def test_archive_limit(world: World) -> None:
    """More leave than the limit: none is archived, everything else is done, and the run fails saying how to go on."""
    many(world)
    for number in range(10):
        world.afas.call("delete", connector=EXTRA, key=str(20000 + number))
    world.change(EXTRA, "20030", DebtorName="Nieuwe naam")

    with pytest.raises(SafetyStop, match=r"10 of 40 members \(25.0 %\).*max_archive_percent = 26"):
        world.run(full_reload=True)
    report = world.failed_report
    kept = set(world.statuses().values())
    world.run(full_reload=True, max_archive_percent=26)

    assert (1, 0) == (report["updated"], report["archived"])
    assert {"subscribed"} == kept
    assert 10 == sum(status == "archived" for status in world.statuses().values())


def test_silent_source_archives_nobody(small: World) -> None:
    """A token that lost its rights, or a wrong filter in AFAS, is never taken for "everybody left"."""
    small.afas.call("connector", name=CONTACTS, restrict={"column": "Type", "values": ["nobody"]})

    with pytest.raises(SafetyStop, match="no row at all for source contacts, and 1 members come from there"):
        small.run(full_reload=True)

    assert {"subscribed"} == set(small.statuses().values())


def early_empty_page(world: World, monkeypatch: pytest.MonkeyPatch, request_number: int) -> None:
    """80 debtors in pages of 20, one by one, and an empty page where a reading has not ended."""
    many(world, 80)
    monkeypatch.setattr("operators.afas_mailchimp_both_sides.SURVEY_THREADS", 1)
    monkeypatch.setattr("operators.afas_mailchimp_gathering.SECOND_THREADS", 1)
    connection = {**json.loads(os.environ["AIRFLOW_CONN_AFAS_DEFAULT"]), "extra": {"page_size": 20}}
    monkeypatch.setenv("AIRFLOW_CONN_AFAS_DEFAULT", json.dumps(connection))
    hide = {"name": EXTRA, "restrict": {"column": "DebtorId", "values": ["20000"]}}
    for count, arguments in ((request_number, hide), (request_number + 1, {"name": EXTRA, "restrict": {}})):
        world.afas.call("after_requests", count=count, actions=[{"verb": "connector", "arguments": arguments}])


def test_survey_that_breaks_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty page ends a reading; when one comes too early, nothing is confirmed and nobody archived."""
    early_empty_page(world, monkeypatch, 2)
    watermark = world.watermark()

    with pytest.raises(TemporaryError, match=f"Two readings of {EXTRA} within one run differ in 40 rows"):
        world.import_only(full_reload=True)

    assert {"subscribed"} == set(world.statuses().values())
    assert watermark == world.watermark()


def test_second_reading_that_breaks_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the survey saw and the second reading did not is asked for by key: no row is missing."""
    early_empty_page(world, monkeypatch, 8)

    report = world.import_only(full_reload=True)

    assert (80, 80) == (report["read"], report["unchanged"])


def test_dry_run_tells_of_limits_and_does_not_fail(world: World) -> None:
    """A dry run is for looking: what would fail is in its report."""
    many(world)
    for number in range(10):
        world.afas.call("delete", connector=EXTRA, key=str(20000 + number))

    report = world.run(full_reload=True, dry_run=True)

    assert "10 of 40 members" in report["problems"][0]


def test_unsubscribe_limit(world: World) -> None:
    """A fresh consent field full of no does not unsubscribe the audience."""
    many(world)
    watermark = world.watermark()
    for number in range(10):
        world.change(EXTRA, str(20000 + number), Nieuwsbrief=False, DebtorName="Nieuwe naam")

    with pytest.raises(SafetyStop, match="10 members would be unsubscribed"):
        world.run()

    assert {"subscribed"} == set(world.statuses().values())
    assert {"limit_max_unsubscribed_percent": 10} == world.failed_report["sources"]["debtors"]["reasons"]
    assert watermark == world.watermark()


def test_create_limit(world: World) -> None:
    """max_created protects against a wrong filter."""
    world.settings["limits"] = {"max_created": 3}
    for number in range(5):
        world.debtor(str(20000 + number), f"klant{number}@korenaar.example")

    with pytest.raises(SafetyStop, match="5 members would be created"):
        world.run()

    assert {} == world.statuses()
    assert world.watermark() is None


def test_rejected_limit(world: World) -> None:
    """Too many refusals keep the watermark and fail the run; the others are there."""
    for number in range(30):
        world.debtor(str(20000 + number), f"klant{number}@{'example.com' if number < 10 else 'korenaar.example'}")

    with pytest.raises(SafetyStop, match="refused 10 of 30 rows"):
        world.run()

    assert 20 == len(world.statuses())
    assert {"looks_fake": 10} == world.failed_report["sources"]["debtors"]["reasons"]
    assert world.watermark() is None


def test_first_run_archives_nothing(world: World) -> None:
    """Without a fingerprint of an earlier run it is not known whose members these are."""
    many(world, 3)
    world.variables.clear()
    world.afas.call("delete", connector=EXTRA, key="20000")

    report = world.run()

    assert 0 == report["archived"]
    assert 1 == world.run(full_reload=True)["archived"]


def test_key_field_emptied_by_a_marketer(world: World) -> None:
    """Most keys gone: nothing is written, nothing is recreated silently."""
    many(world)
    for number in range(30):
        world.mailchimp.call("person_edits", email=f"klant{number}@korenaar.example", merge_fields={"AFASID": ""})
    before = len(world.writes())

    with pytest.raises(SafetyStop, match=r"30 of 40 members .* have lost their key in merge field AFASID"):
        world.run(full_reload=True)

    assert before == len(world.writes())


def test_key_field_removed_by_a_marketer(small: World) -> None:
    """Preflight stops before anything is guessed."""
    small.mailchimp.call("marketer_deletes_merge_field", tag="AFASID")

    with pytest.raises(ConfigurationError, match="AFASID is gone from the audience"):
        small.run()


@pytest.mark.parametrize(
    ("change", "conf", "sentence"),
    [
        pytest.param(
            {},
            {"ful_reload": True},
            "Unknown run parameter 'ful_reload'; did you mean 'full_reload'",
            id="run parameter",
        ),
        pytest.param({"email": "EMail"}, {}, "has no column 'EMail'; did you mean 'Email'", id="column"),
        pytest.param({"connector": "Profit_Debtor_Apps"}, {}, "Profit_Debtor_App", id="connector"),
    ],
)
def test_preflight_refuses(world: World, change: dict[str, Any], conf: dict[str, Any], sentence: str) -> None:
    """What can be known to be wrong is said before any data moves."""
    world.settings["sources"]["debtors"].update(change)

    with pytest.raises(ConfigurationError, match=sentence):
        world.preflight(**conf)


def test_preflight_names_watermark_trouble(small: World) -> None:
    """A watermark in the future or unreadable is told with the Variable's name; a full reload mends it."""
    name = "afas_mailchimp.customers.debtors.watermark"
    small.variables[name] = "2027-01-01T00:00:00"
    with pytest.raises(ConfigurationError, match="lies in the future"):
        small.run()
    small.variables[name] = "gisteren"
    with pytest.raises(ConfigurationError, match=f"Variable {name}: cannot be read as a date"):
        small.run()

    small.run(full_reload=True)

    assert "2026-06-02T12:00:00" == small.variables[name]


def test_merge_fields_that_preflight_creates(world: World) -> None:
    """Hidden from subscribers, not required; a phone field takes numbers of any country."""
    world.settings["sources"]["debtors"]["merge_fields"]["PHONE2"] = {"phone": "TelNr"}
    world.debtor("10001", JAN, TelNr="033-4612345")

    world.run()

    fields = {field["tag"]: field for field in world.mailchimp.dump()["merge_fields"]}
    assert ("phone", "none") == (fields["PHONE2"]["type"], fields["PHONE2"]["options"]["phone_format"])
    assert (False, False) == (fields["AFASID"]["public"], fields["AFASID"]["required"])
    assert "+31334612345" == world.members()[JAN]["merge_fields"]["PHONE2"]
