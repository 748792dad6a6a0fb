"""A person types an AFAS key and reads why: row by row, asked from the browser, answered by both sides."""

from __future__ import annotations

import pytest

from tests.browser.asking import question
from tests.browser.scenes import DAG, change_rows

pytestmark = pytest.mark.timeout(600)

NL = {"opted out": "is afgemeld", "new": "Een run zou het lid aanmaken als aangemeld."}
TOLD = {
    "in sync": ("Its member in Mailchimp is subscribed.", "Mailchimp has what AFAS says"),
    "new": ("Mailchimp has no member at this address.", "would create the member as subscribed"),
    "changed": ("Its member in Mailchimp is subscribed.", "would update PHONE", "The next run sees this row."),
    "moved": ("at another address", "would move the member"),
    "no address": ("holds no valid address", "would do nothing"),
    "empty": ("Column Email is empty.", "would do nothing"),
    "blocked": ("does not pass the filter", "would do nothing"),
    "blocked just now": ("does not pass the filter", "would archive the member"),
    "says no": ("Nieuwsbrief says no", "would opt the member out"),
    "opted out": ("Its member in Mailchimp is unsubscribed.",),
    "bounced": ("Its member in Mailchimp is bounced.",),
    "loses": ("has this address too, and decides", "would do nothing"),
    "gone": ("AFAS shows no such row", "at another address", "would archive the member"),
    "unknown": ("AFAS shows no such row", "A run would do nothing."),
}
MARKED = {"in sync": "good", "blocked": "bad", "opted out": "bad", "unknown": "bad"}
"""How the sentence that decides is marked, for those who see no colours also by its sign."""


@pytest.fixture(scope="session")
def browser(stage, chromium):
    """An administrator."""
    made = chromium()
    made.log_in(stage)
    made.open(stage)
    return made


@pytest.fixture(scope="session")
def kinds(stage):
    """What changed on both sides since the last run, so that each kind of row is there."""
    return change_rows(stage)


@pytest.mark.parametrize("kind", TOLD)
def test_each_kind_of_row(browser, kinds, kind):
    """The sentences that a person needs stand in the answer; the address does not."""
    text = question(browser, "customers", kinds.keys[kind])

    for sentence in TOLD[kind]:
        assert sentence in text, (kind, text)
    if address := kinds.addresses.get(kind):
        assert address.lower() not in browser.card("customers").text.lower()
    if kind in MARKED:
        assert browser.all(f"#answers-customers li.{MARKED[kind]}")
    if kind == "moved":
        browser.shot("explain", of=browser.card("customers"))


def test_the_address_is_shown_when_asked_for(browser, kinds):
    """In full then, and masked again with the next question."""
    key, address = kinds.keys["in sync"], kinds.addresses["in sync"]

    assert address.lower() in question(browser, "customers", key, show=True).lower()
    assert address.lower() not in question(browser, "customers", key).lower()


@pytest.mark.parametrize("kind", NL)
def test_in_dutch(stage, chromium, kinds, kind):
    """The same in the other language."""
    dutch = chromium("nl")
    dutch.log_in(stage)
    dutch.open(stage)

    assert NL[kind] in question(dutch, "customers", kinds.keys[kind])


def test_no_question_is_kept(stage, kinds):
    """Neither Airflow's audit log nor its logs say who was asked about."""
    entries = stage.airflow.rest.call("GET", f"/api/v2/eventLogs?dag_id={DAG.format('customers')}&limit=100")
    logged = "".join(path.read_text(errors="replace") for path in stage.airflow.home.rglob("*.log"))

    assert "explain" not in str([entry["event"] for entry in entries["event_logs"]])
    assert logged
    for kind in ("new", "moved", "in sync"):
        assert kinds.addresses[kind].lower() not in logged.lower()
