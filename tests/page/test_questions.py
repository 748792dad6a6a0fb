"""Live questions from the page: explain, test, check. To the stand-ins over HTTP, and nothing of them is kept."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from tests.integration.importing.conftest import servers, world
from tests.integration.importing.world import SYNC
from tests.page.conftest import CUSTOMERS, PAGE
from tests.page.test_actions import post
from tests.retention.planting import texts

__all__ = ["servers", "world"]
ADDRESS = "jan@korenaar.example"


@pytest.fixture
def company(airflow, world):
    """A sync whose file leads to the stand-ins, with one debtor."""
    world.debtor("10001", ADDRESS, DebtorName="Bakkerij De Korenaar")
    airflow.sync_file(**SYNC)
    airflow.dag()
    return airflow


def ask(company, *, who="gebruiker", lang="en", **body):
    """Ask about a debtor."""
    return post(company, f"/dags/{CUSTOMERS}/explain?lang={lang}", {"source": "debtors", **body}, who=who)


def test_explain_tells_why_and_masks_the_address(company):
    """Steps in the order of the rules; the address only on request, and the name never."""
    answer = ask(company, key="10001")

    said = " ".join(line["text"] for line in answer.json()["lines"])
    assert answer.status_code == 200
    assert "Mailchimp has no member at this address." in said
    assert "A run would create the member as subscribed." in said
    assert "j•••@k•••.example" in said
    assert ADDRESS not in answer.text
    assert "Korenaar" not in answer.text
    assert ADDRESS in ask(company, key="10001", show=True).text
    assert "Een run zou het lid aanmaken als aangemeld." in ask(company, key="10001", lang="nl").text


def test_nothing_of_a_question_is_kept(company, caplog):
    """Neither the key that was asked for nor the answer stands in any table or log line."""
    caplog.set_level("DEBUG")
    assert ask(company, key="10001", show=True).status_code == 200

    kept = " ".join(text for _, text in texts(company.engine))
    for trace in (ADDRESS, "korenaar", "10001"):
        assert trace not in kept
        assert trace not in caplog.text.replace(f"{PAGE}/dags/{CUSTOMERS}/explain", "")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"key": "1' or 1=1"}, 422, id="no key of AFAS"),
        pytest.param({"key": "jan@korenaar.example"}, 422, id="an address is no key"),
        pytest.param({"key": " "}, 422, id="nothing"),
        pytest.param({"key": "1", "source": "people"}, 409, id="no such source"),
    ],
)
def test_only_keys_are_asked_for(company, body, status):
    """What is typed goes to AFAS as a key, or nowhere."""
    assert ask(company, **body).status_code == status


def test_a_service_that_does_not_answer_is_one_sentence(company, world):
    """The page says which one and what to do; no text of a foreign error gets out."""
    world.afas.call("faults", kind="503", count=50)
    answer = ask(company, key="10001")

    assert answer.status_code == 409
    assert "AFAS" in answer.json()["detail"]
    assert "10001" not in answer.json()["detail"]


def test_an_unexpected_error_tells_its_kind_alone(company, monkeypatch):
    """A library may quote what it was given."""
    monkeypatch.setattr("operators.afas_mailchimp_explain.inquire", lambda *_: 1 / 0)

    answer = ask(company, key="10001", lang="nl")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "De vraag kon niet beantwoord worden (ZeroDivisionError)."


def test_connections_are_tried(company, monkeypatch):
    """Both say in a sentence how it went."""
    good = post(company, f"/dags/{CUSTOMERS}/test", {}).json()["lines"]
    monkeypatch.setenv("AIRFLOW_CONN_MAILCHIMP_DEFAULT", json.dumps({"conn_type": "mailchimp", "password": "x"}))
    bad = post(company, f"/dags/{CUSTOMERS}/test", {}).json()["lines"]

    assert [line["good"] for line in good] == [True, True]
    assert [line["good"] for line in bad] == [True, False]
    assert "not a Mailchimp API key" in bad[1]["text"]


def test_settings_show_the_file_and_what_is_wrong(company):
    """The mapping as a table; after a check with the types of both sides, wrong columns marked."""
    path = f"/dags/{CUSTOMERS}/settings"
    shown = company.browser("kijker").get(PAGE + path).text
    sync = {**SYNC, "sources": {"debtors": {**SYNC["sources"]["debtors"], "merge_fields": {"COMPANY": "Debtorname"}}}}
    company.sync_file(**sync)
    checked = post(company, f"/dags/{CUSTOMERS}/check", {}).json()["html"]

    assert "<code>DebtorName</code>" in shown
    assert "debtors: Nieuwsbrief = false opts out, true is yes" in shown
    assert 'data-action="check"' not in shown
    assert '<span class="wrong">does not exist</span>' in checked
    assert "did you mean" in checked


def test_a_check_that_is_not_answered_says_so_beside_the_file(company, world):
    """What the file says stays in sight, and the sentence with it."""
    world.afas.call("faults", kind="503", count=50)
    answer = post(company, f"/dags/{CUSTOMERS}/check", {})

    assert answer.status_code == 200
    assert '<section class="notice bad"><p lang="en">AFAS' in answer.json()["html"]
    assert "<code>DebtorName</code>" in answer.json()["html"]
    assert "does not exist" not in answer.json()["html"]


def test_question_by_a_viewer_reaches_nobody(company, world):
    """The right to trigger is asked before anything leaves this machine."""
    before = len(world.afas.log())

    assert ask(company, key="10001", who="kijker").status_code == 403
    assert len(world.afas.log()) == before


def test_audit_log_does_not_say_who_was_asked_about(company):
    """Which customer somebody looked up is nobody's business later."""
    ask(company, key="10001")

    with company.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT count(*) FROM log WHERE dag_id = :dag"), {"dag": CUSTOMERS})
        assert found.scalar() == 0
