"""The page as a person sees it: each state, both languages, narrow and dark, with and without rights, in its frame."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import VIEWER
from tests.browser.scenes import DAG

pytestmark = pytest.mark.timeout(600)

STATES = {
    "customers": "In sync",
    "newsletter": "Behind",
    "wholesale": "Stopped by a protection",
    "webshop": "Failed",
    "archive": "Mistake in the file",
    "partners": "Never run",
}


@pytest.fixture(scope="session")
def browser(stage, chromium):
    """An administrator."""
    made = chromium()
    made.log_in(stage)
    return made


@pytest.fixture
def page(browser, stage):
    """The page, fresh."""
    browser.open(stage)
    return browser


def test_each_state_of_a_card(page):
    """Six syncs, six states, the worst on top; no policy is broken and no script fails."""
    found = {name: page.card(name).find_element("css selector", ".badge").text for name in STATES}

    page.shot("states", height=4600)
    for name in STATES:
        page.shot(f"card-{name}", of=page.card(name))
    assert found == STATES
    order = [card.get_attribute("id") for card in page.all("article.card")]
    assert (order[0], order[-1]) == ("sync-archive", "sync-customers")
    assert page.complaints() == []


def test_card_in_sync_adds_up(page):
    """What AFAS has, less what has no place, is what Mailchimp has."""
    text = page.card("customers").text

    assert "Mailchimp has what AFAS says" in text
    assert "Even." in text
    assert "Last dry run" in text
    assert page.card("customers").find_elements("css selector", ".plot svg g.run")


def test_warnings_say_what_to_look_at(page):
    """Somebody opted out whom AFAS says yes for: nothing to mend, and worth knowing."""
    assert "AFAS and Mailchimp disagree about consent" in page.card("customers").text


def test_a_key_in_a_list_leads_to_its_explanation(page):
    """From the row to the reason in one click."""
    page.click("#sync-customers details.to_mend summary")
    page.click("#sync-customers details.to_mend button.key")

    text = page.until(lambda: page.one("#answers-customers").text)
    assert "A run would do nothing" in text


def test_settings_and_their_check(page):
    """The file as a table; after a check with the types of both sides."""
    page.click("#settings-customers summary")
    page.wait("#settings-of-customers table")
    page.click("#settings-of-customers [data-action=check]")
    page.wait("#settings-of-customers .right")

    page.shot("settings", of=page.card("customers"))
    assert "DebtorName string" in page.one("#settings-of-customers table").text


def test_settings_that_are_wrong(page):
    """An audience that is not there, or no more: the sentence stands where the file is shown."""
    page.click("#settings-webshop summary")
    page.wait("#settings-of-webshop table")
    page.click("#settings-of-webshop [data-action=check]")

    assert "check list_id in the sync file" in page.wait("#settings-of-webshop .bad").text


def test_connections_are_tried(page):
    """Two sentences, each good or bad."""
    page.click("#sync-customers [data-action=test]")

    page.until(lambda: len(page.all("#lines-customers li")) == 2)
    assert [line.get_attribute("class") for line in page.all("#lines-customers li")] == ["good", "good"]


def test_full_reload_asks_first(page):
    """The dialog shows the counts of the last dry run; Escape closes it, and nothing ran."""
    page.click("#sync-customers [data-dialog]")
    dialog = page.one("#full-customers")

    page.shot("full-reload", height=1300)
    assert "The last dry run of everything" in dialog.text
    assert "archived 0" in dialog.text
    dialog.find_element("css selector", "[data-close]").send_keys(Keys.ESCAPE)
    page.until(lambda: not dialog.is_displayed())
    page.click("#sync-wholesale [data-dialog]")
    assert "There has been no dry run of everything yet" in page.one("#full-wholesale").text


def test_a_paused_sync_is_resumed_run_and_watched(page, stage):
    """Resume, dry run, and the card says how far it is and that it ended, without a reload of the page."""
    latency = stage.stand_ins.afas.latency
    latency(per_call=1.0, per_unit=0.02)
    assert not page.one("#sync-partners [data-action=run]").is_enabled()
    page.click("#sync-partners [data-action=pause]")
    page.until(lambda: page.one("#sync-partners [data-action=run]").is_enabled())
    page.driver.execute_script("window.notReloaded = true")
    page.click("#sync-partners [data-action=run]:nth-of-type(2)")
    page.until(lambda: page.all("#sync-partners .running"))
    page.until(lambda: page.all("#sync-partners .running progress"), seconds=90)
    page.shot("running", of=page.card("partners"))
    latency()
    page.until(lambda: "dry run" in page.one("#sync-partners dl").text, seconds=90)

    runs = stage.airflow.rest.call("GET", f"/api/v2/dags/{DAG.format('partners')}/dagRuns")["dag_runs"]
    assert [(run["conf"], run["triggering_user_name"]) for run in runs] == [({"dry_run": True}, "admin")]
    assert "The dry run tells what a run would do." in page.card("partners").text
    assert page.driver.execute_script("return window.notReloaded")


def test_viewer_sees_and_does_nothing(stage, chromium):
    """The same cards without a button or a question."""
    viewer = chromium()
    viewer.log_in(stage, VIEWER)
    viewer.open(stage)

    assert len(viewer.all("article.card")) == len(STATES)
    assert viewer.all("button, form") == []
    viewer.shot("viewer", of=viewer.card("customers"))


def test_a_stranger_is_led_to_the_login(stage, chromium):
    """Who is not logged in sees a way in, and is where he wanted to be afterwards."""
    stranger = chromium()
    stranger.open(stage)
    stranger.click("a")
    stranger.fill_login(stage)

    stranger.wait("#sync-customers")


def test_the_language_that_was_picked_stays(stage, chromium):
    """In this browser, also where Airflow's navigation opens the page without naming a language."""
    browser = chromium()
    browser.log_in(stage)
    browser.open(stage)
    browser.click(".languages a[lang=nl]")
    browser.until(lambda: browser.one("html").get_attribute("lang") == "nl")
    browser.open(stage)

    browser.until(lambda: browser.one("html").get_attribute("lang") == "nl")


def test_dutch_browser_narrow_screen(stage, chromium):
    """The browser's language, a telephone's width, and nothing sticks out."""
    phone = chromium("nl", width=390, height=844)
    phone.log_in(stage)
    phone.open(stage)

    assert phone.one("html").get_attribute("lang") == "nl"
    assert "Mailchimp heeft wat AFAS zegt" in phone.card("customers").text
    wide = phone.driver.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0
    phone.driver.execute_script("document.getElementById('sync-customers').scrollIntoView()")
    phone.shot("phone")
    phone.one(".languages a[lang=en]").click()
    phone.until(lambda: phone.one("html").get_attribute("lang") == "en")


def test_keyboard_reaches_everything(page):
    """Tab goes from the top to the cards in order, and each stop can be seen."""
    body = page.one("body")
    body.send_keys(Keys.TAB)
    first = page.driver.switch_to.active_element
    assert first.get_attribute("class") == "skip"
    first.send_keys(Keys.ENTER)
    stops = []
    for _ in range(8):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        stops.append(page.driver.switch_to.active_element.tag_name)

    assert set(stops) <= {"a", "button", "summary", "input", "select"}
    unnamed = page.driver.execute_script(
        "return [...document.querySelectorAll('button,a,summary,svg,progress')]"
        ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label'))).length"
    )
    assert unnamed == 0


def test_keyboard_stays_where_it_was(page):
    """A card that changes under somebody's finger does not take the focus away."""
    page.driver.execute_script("document.querySelector('#settings-customers summary').focus()")
    page.driver.execute_script("document.querySelector('#sync-customers').dataset.old = 'yes'")
    page.until(lambda: page.card("customers").get_attribute("data-old") is None)

    focused = page.driver.switch_to.active_element
    assert (focused.tag_name, focused.text) == ("summary", "Settings")


def test_in_the_navigation_of_airflow(browser, stage):
    """The page stands in Airflow's own frame, dark where Airflow is, and its links lead out of the frame."""
    browser.driver.set_window_size(1500, 1000)
    browser.open(stage, "/")
    browser.wait("nav, [class*=chakra]")
    browser.driver.execute_script("localStorage.setItem('theme', 'dark')")
    browser.open(stage, "/plugin/afas-mailchimp")
    frame = browser.wait("iframe", seconds=60)
    assert "dark" in browser.one("html").get_attribute("class")
    browser.driver.switch_to.frame(frame)
    browser.wait("#sync-customers")
    browser.driver.execute_script("document.getElementById('sync-customers').scrollIntoView()")
    dark = browser.one("html").get_attribute("class")
    browser.driver.switch_to.default_content()
    browser.shot("dark-in-airflow")
    browser.driver.switch_to.frame(frame)
    browser.card("customers").find_element("css selector", "header a.airflow").click()
    browser.driver.switch_to.default_content()

    assert dark == "dark"
    browser.until(lambda: f"/dags/{DAG.format('customers')}" in browser.driver.current_url)
    browser.driver.execute_script("localStorage.setItem('theme', 'light')")
