"""The sync in a real Airflow with scheduler, API server and workers, run by the REST API."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from afas_mailchimp.metrics import NAMES
from tests.e2e.conftest import (
    BAD_DAG,
    BLOCKED,
    BOUNCES,
    BRIEF_DAG,
    DAG,
    ERASE_DAG,
    ERASED,
    EXTRA,
    MOVED,
    MOVED_OPTED_OUT,
    NEW,
    OPTS_OUT,
    PHONE_CHANGES,
    RETENTION_DAG,
    TYPED,
)
from tests.e2e.expected import NASTY_DOMAIN, seen, wanted
from tests.e2e.traces import files_with, personal_texts, search

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def in_mail(step):
    """Members that are neither archived nor difficult, nor the memory of an opt-out whose row is elsewhere now."""
    return {
        address: member
        for address, member in step.members.items()
        if member["status"] != "archived" and not address.endswith(NASTY_DOMAIN)
        if member["status"] != "unsubscribed" or member["merge_fields"]["AFASID"]
    }


@pytest.mark.parametrize("name", ["first", "nothing to do", "25 changes", "full reload", "full reload again"])
def test_audience_is_what_afas_says(history, name):
    """Member by member: key, names, company, number, address and date, and nobody else."""
    step = history.steps[name]
    expected = dict(wanted(step.rows))
    actual = {address: seen(member) for address, member in in_mail(step).items()}

    assert len(expected) > 400
    assert expected == actual


def test_first_run_creates_everybody(history):
    """Every row is accounted for by source, and a new member has the status of the sync file."""
    step = history.steps["first"]
    report = step.report

    assert step.state == "success"
    assert report["created"] == len([member for member in step.members.values() if member["status"] == "subscribed"])
    outcomes = ("created", "updated", "unchanged", "unsubscribed", "skipped", "invalid", "rejected")
    for counts in report["sources"].values():
        assert counts["read"] == sum(counts[outcome] for outcome in outcomes)
    assert set(report["sources"]) == {"debtors", "contacts"}


def test_second_run_writes_nothing(history):
    """Nothing changed, so no row is read twice to no end and none is written."""
    report = history.steps["nothing to do"].report

    assert (report["mode"], report["written"]) == ("incremental", 0)


def test_changes_reach_mailchimp(history):
    """20 members are updated, one moves, 3 are new and one begins opted out; 2 are blocked now, and leave."""
    report = history.steps["25 changes"].report

    assert report["mode"] == "incremental"
    assert (report["created"], report["updated"], report["moved"]) == (NEW + 1, len(PHONE_CHANGES) + 1, 1)
    assert report["sources"]["debtors"]["reasons"] == {"filtered_out": len(BLOCKED)}
    assert report["archived"] == len(BLOCKED)


def test_opt_out_in_between_stays(history):
    """A person who unsubscribed gets the new facts, but never mail again."""
    for name in ("25 changes", "full reload", "full reload again"):
        member = history.steps[name].members[history.opted_out]
        assert member["status"] == "unsubscribed"
        assert member["merge_fields"]["PHONE"].endswith("309988700")


def test_opt_out_goes_along_to_a_new_address(history):
    """Who opted out and has another address in AFAS now starts opted out there; the memory stays at the old one."""
    members = history.steps["25 changes"].members

    assert members[f"verhuisd{MOVED_OPTED_OUT}@nieuwkomer.example"]["status"] == "unsubscribed"
    assert members[f"verhuisd{MOVED}@nieuwkomer.example"]["status"] == "subscribed"


def test_full_reload_archives_the_deleted(history):
    """What was deleted in AFAS is archived, and that is all there was to do; the next one finds nothing."""
    report, again = history.steps["full reload"].report, history.steps["full reload again"].report

    assert (report["mode"], report["archived"], report["written"]) == ("full", 1, 1)
    assert (again["mode"], again["written"]) == ("full", 0)


def test_opt_outs_reach_afas_before_the_import(history):
    """Those who unsubscribed while AFAS changed say no in AFAS after the same run, one of them at a new address."""
    step = history.steps["25 changes"]
    noes = {key for key, row in step.extra.items() if row["Nieuwsbrief"] is False}
    before = {key for key, row in history.steps["first"].extra.items() if row["Nieuwsbrief"] is False}

    assert noes - before <= {PHONE_CHANGES[0], MOVED_OPTED_OUT}
    assert {PHONE_CHANGES[0], MOVED_OPTED_OUT} <= noes


def test_a_write_back_that_is_stopped_shows_and_the_import_goes_on(history):
    """Above max_write_back nothing is written; the import respects the opt-out, and the run as a whole is red."""
    step = history.steps["limit"]

    assert step.state == "failed"
    assert step.tasks == {
        "preflight": "success",
        "write_back": "failed",
        "import_customers": "success",
        "all_done": "upstream_failed",
    }
    assert step.extra == history.steps["full reload again"].extra
    assert "max_write_back = 0" in step.back["problems"][0]


def test_facts_go_back_once(history):
    """An opt-out and a bounce reach AFAS, each in its field; the next run finds nothing to do."""
    step, silent, before = (history.steps[name] for name in ("goes back", "from a webhook", "limit"))

    assert step.state == "success"
    assert step.extra[OPTS_OUT]["Nieuwsbrief"] is False
    assert step.extra[BOUNCES]["EmailOnjuist"] is True
    assert step.extra[BOUNCES]["Nieuwsbrief"] == before.extra[BOUNCES]["Nieuwsbrief"]
    changed = {key for key, row in step.extra.items() if row != before.extra[key]}
    assert changed == {OPTS_OUT, BOUNCES} - {key for key in (OPTS_OUT,) if before.extra[key]["Nieuwsbrief"] is False}
    assert step.report["written"] == silent.report["written"] == silent.back["written"] == 0
    assert silent.extra == step.extra
    assert step.report["echoes"]["written"] == silent.report["echoes"]["written"] == 0


def test_a_run_from_a_webhook_carries_nothing(history):
    """Started without any configuration: an incremental run, that is all."""
    step = history.steps["from a webhook"]

    assert step.conf == {}
    assert (step.state, step.report["mode"], step.back["mode"]) == ("success", "incremental", "changed members")


def test_unknown_parameter_is_refused(history):
    """Airflow takes a misspelt parameter silently, so the preflight does not: at once, and nothing is written."""
    assert "full_relaod" in history.failures["unknown parameter"]
    assert "full_reload" in history.failures["unknown parameter"]
    assert history.tries["unknown parameter"] == 1
    assert history.written_by_refused == 0


def test_bad_file_is_told_by_a_dag_of_its_own(history):
    """A slip in one file is one sentence with near matches there, and the other syncs stay."""
    assert {DAG, BAD_DAG, BRIEF_DAG, RETENTION_DAG, ERASE_DAG} == set(history.dags)
    assert "bad.yaml" in history.failures["bad file"]
    assert "audiance" in history.failures["bad file"]
    assert history.tries["bad file"] == 1


def test_a_failed_run_is_told(history):
    """By one message with a link to the run; the task that tells it does not make the run green."""
    assert history.alerted_run == "failed"
    assert len(history.alerts) == 1
    assert "brief: de run is mislukt" in history.alerts[0]["title"]
    assert "preflight" in history.alerts[0]["message"]
    assert f"/dags/{BRIEF_DAG}/runs/" in history.alerts[0]["message"]


def test_figures_reach_monitoring(history):
    """By Airflow's own OpenTelemetry: every documented name, no other, and the numbers of the reports."""
    sent = history.metrics
    reports = [step.report for step in history.steps.values() if step.report]

    assert set(sent.points) == {f"airflow.{each.name}" for each in NAMES}
    for source in ("debtors", "contacts"):
        for outcome in ("created", "updated", "unchanged", "skipped"):
            told = sent.total("airflow.afas_mailchimp.rows", task="import_customers", source=source, outcome=outcome)
            assert told == sum(report["sources"][source][outcome] for report in reports), (source, outcome)
    ends = {tags["result"] for tags, _ in sent.points["airflow.afas_mailchimp.ends"]}
    assert ends >= {"success", "ConfigurationError", "SafetyStop"}


def test_lineage_is_declared(history):
    """The graph shows what a sync reads and writes: AFAS's connectors, and the audience."""
    found = history.assets

    assert f"AFAS {EXTRA} (afas_default)" in found
    assert "AFAS Profit_Contacts_App (afas_default)" in found
    assert "AFAS KnPerson (afas_default)" in found
    audience = next(name for name in found if name.startswith("Mailchimp audience "))
    assert found[audience]["producing_tasks"]


def test_state_is_small_and_readable(history):
    """Watermarks are wall times in Variables that a person can read, and set back."""
    watermarks = {key: value for key, value in history.variables.items() if key.endswith(".watermark")}

    back = watermarks.pop("afas_mailchimp.customers.write_back.watermark").strip('"')
    assert datetime.fromisoformat(back).utcoffset() == timedelta(0)
    assert set(watermarks) == {f"afas_mailchimp.customers.{source}.watermark" for source in ("debtors", "contacts")}
    assert not [key for key in history.variables if key.endswith((".unfinished", ".retry"))]
    assert all(len(value.strip('"')) == len("2026-11-22T10:00:00") for value in watermarks.values())


def test_nobody_is_found_in_what_airflow_keeps(history):
    """Database, write-ahead log, task logs and standard output hold counts and keys, and nobody's address or name."""
    texts = {text for step in history.steps.values() for text in personal_texts(step.rows)}

    assert len(texts) > 2_000
    assert (history.kept / "airflow.db").stat().st_size > 0
    assert list(history.kept.rglob("attempt=1.log"))
    assert files_with([DAG], history.kept)
    for home in (history.kept, history.home):
        found = search(texts | set(history.secrets), home)
        assert found.people == {}
        assert found.rows > 50


def test_an_erased_person_is_gone_and_stays_away(history):
    """Nobody with that key or address is left after a full reload, and nothing else was written."""
    step = history.steps["after an erasure"]
    (address,) = [address for address, facts in wanted(step.rows) if facts["AFASID"] == f"customers:debtors:{ERASED}"]

    assert history.certificate["audiences"][0]["answers"] == {"deleted": 1}
    assert address not in step.members
    assert step.state == "success"
    assert step.report["sources"]["debtors"]["reasons"]["erased_on_request"] == 1
    assert json.loads(history.variables["afas_mailchimp.customers.erased"]) == [f"debtors:{ERASED}"]
    expected = {at: facts for at, facts in wanted(step.rows) if at != address}
    assert expected == {at: seen(member) for at, member in in_mail(step).items()}


def test_an_address_that_somebody_typed_goes_with_the_logs(history):
    """Airflow keeps what a run was started with; the refusal says so, and the log retention takes it away."""
    assert "stays in Airflow's database" in history.failures["an address as key"]
    kept = files_with([TYPED], history.kept)
    left = files_with([TYPED], history.home)

    assert any(name.startswith("airflow.db") for name in kept)
    assert not [name for name in left if name.startswith(("airflow.db", "logs/"))]


def test_a_run_that_keeps_nothing_is_gone_at_once(history):
    """With days: 0 nobody has to ask: the log retention starts when a good run has ended."""
    assert history.gone_at_once


def test_logs_end_on_demand(history):
    """Every run of every sync goes, rows and files and bytes, and what remains is what the state needs."""
    dry, done = history.retention["dry"], history.retention["all"]

    assert dry["clean_up"]["runs"]["past_their_term"] >= len(history.steps)
    assert done["clean_up"]["runs"]["past_their_term"] >= dry["clean_up"]["runs"]["past_their_term"]
    assert done["left"] == {}
    assert done["kept"]["runs"]["within_their_term"] == 0
    assert done["personal"]["found"] == 0
    assert done["personal"]["rows"] > 0
    assert {"container_output", "back_ups"} <= {place["place"] for place in done["not_seen"]}
    assert done["clean_up"]["counted"]["created"] == sum(
        step.report.get("created", 0) for step in history.steps.values()
    )

    kept = files_with(history.erased_runs, history.kept)
    assert any(name.startswith("airflow.db") for name in kept)
    assert any(name.startswith("logs/") for name in kept)
    left = files_with(history.erased_runs, history.home)
    assert [name for name in left if name.startswith(("airflow.db", "logs/"))] == []


def test_watermarks_outlive_the_logs(history):
    """The next run goes on where the last one ended, and nobody is told a second time what the failed run told."""
    kept = dict(history.variables_after)
    assert set(json.loads(kept.pop("afas_mailchimp.brief.alerts"))) == {"failed"}
    assert kept == history.variables


def test_an_unknown_parameter_of_the_retention_erases_nothing(history):
    """A misspelt one must not mean the default."""
    assert "older_than_dags" in history.failures["unknown parameter of the retention"]


def test_the_search_finds_people(tmp_path):
    """The search for traces is no proof unless it finds them in plain text, JSON and binary files."""
    row = {"Name": "Zoë de Vries", "Email": "Zoe@De-Vries.example", "TelNr": "030 - 123 45 67"}
    texts = personal_texts({"x": [row]})
    (tmp_path / "a.log").write_text('{"event": "Zo\\u00eb de Vries"}')
    (tmp_path / "b.log").write_text("calls 0301234567")
    (tmp_path / "c.db").write_bytes(b"\x00\xffZOE@de-vries.example\x00")
    (tmp_path / "d.log").write_text("nobody")

    assert set(files_with(texts, tmp_path)) == {"a.log", "b.log", "c.db"}
