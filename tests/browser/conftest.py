"""A real Airflow with both stand-ins and syncs in every state, and a headless Chromium that looks at the page."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from selenium import webdriver
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from demo.embedded_airflow import ROOT, USER, EmbeddedAirflow
from demo.stand_ins import StandIns
from tests.browser.scenes import live

VIEWER = "kijker"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
PLACE = (
    "const at = arguments[0].getBoundingClientRect();"
    "return {x: at.x + scrollX, y: at.y + scrollY, width: at.width, height: at.height, scale: 1}"
)
REPLACED = (StaleElementReferenceException, ElementNotInteractableException)
"""The page puts a fresh card in the place of one that changed; a person does not notice, a driver does."""
SHOTS = Path(os.environ.get("BROWSER_SHOTS") or ROOT / ".pytest_cache" / "browser")


@dataclass
class Stage:
    """What the tests look at."""

    airflow: EmbeddedAirflow
    stand_ins: StandIns
    passwords: dict[str, str]
    facts: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Iterator[Stage]:
    """Airflow after a history of runs."""
    home = tmp_path_factory.mktemp("browser")
    syncs = home / "syncs"
    syncs.mkdir()
    with StandIns(home, debtors=400, contacts=150) as stand_ins:
        passwords = home / "passwords.json"
        settings = {
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin,{VIEWER}:viewer",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        }
        airflow = EmbeddedAirflow(home / "airflow", syncs=syncs, settings=settings)
        known = {USER: airflow.password, VIEWER: "alleen kijken"}
        passwords.write_text(json.dumps(known))
        write_syncs(syncs)
        with airflow:
            made = Stage(airflow, stand_ins, known)
            live(made)
            yield made


def write_syncs(folder: Path) -> None:
    """One file for each state that a card can have."""
    content = yaml.safe_load((ROOT / "dags/syncs/customers.yaml").read_text(encoding="utf-8"))
    # A modified date of the organisation and a consent column, as the richer connector has them.
    content["sources"]["debtors"] |= {
        "connector": "Profit_Debtor_App_Extra",
        "modified": ["DateModified", "OrgModified"],
        "consent_field": {"field": "Nieuwsbrief", "yes": [True], "no": [False]},
    }

    def write(name: str, **changes: Any) -> None:
        text = yaml.safe_dump({**content, "schedule": None, "name": name, **changes}, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    write("customers")
    write("newsletter", schedule="30 6 * * *")
    write("wholesale", limits={"max_created": 10})
    write("webshop", audience={**content["audience"], "list_id": "ffffffffff"})
    write("archive", consent={"new_members": "everybody"})
    write("partners")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory) -> Iterator[Callable[..., Browser]]:
    """Open browsers; all are closed at the end."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("Chromium is not installed: sudo apt-get install chromium chromium-driver")
    opened: list[Browser] = []

    def start(language: str = "en", *, width: int = 1280, height: int = 1400, dark: bool = False) -> Browser:
        options = webdriver.ChromeOptions()
        options.binary_location = binary
        profile = tmp_path_factory.mktemp("profile")
        for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--lang={language}"):
            options.add_argument(flag)
        if dark:
            options.add_argument("--force-dark-mode")
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        made = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
        if width < 500:
            metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
            made.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        opened.append(Browser(made))
        return opened[-1]

    yield start
    for browser in opened:
        browser.driver.quit()


class Browser:
    """One browser, and the few things that a person does with it."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def log_in(self, stage: Stage, name: str = USER) -> None:
        """Log in by Airflow's own form's request, as its page does."""
        self.driver.get(f"{stage.airflow.url}/auth/login")
        self.fill_login(stage, name)

    def fill_login(self, stage: Stage, name: str = USER) -> None:
        """Fill in the form where it stands."""
        self.wait("input[name=username]").send_keys(name)
        self.one("input[name=password]").send_keys(stage.passwords[name])
        self.one("button[type=submit]").click()
        self.until(lambda: "/auth/" not in self.driver.current_url)

    def open(self, stage: Stage, path: str = "/afas-mailchimp/") -> None:
        """Open a page."""
        self.driver.get(stage.airflow.url + path)

    def one(self, selector: str) -> WebElement:
        """The first element."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        """Every element."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, selector: str, *, seconds: float = 30) -> WebElement:
        """Wait for an element that can be seen."""
        self.until(lambda: any(each.is_displayed() for each in self.all(selector)), seconds=seconds)
        return next(each for each in self.all(selector) if each.is_displayed())

    def until(self, condition: Callable[[], Any], *, seconds: float = 30) -> Any:
        """Wait for something."""
        waiting = WebDriverWait(self.driver, seconds, ignored_exceptions=REPLACED)
        return waiting.until(lambda _: condition())

    def click(self, selector: str) -> None:
        """Press the first element, as soon as it can be seen."""
        self.until(lambda: self.wait(selector).click() is None)

    def type(self, selector: str, *keys: str) -> None:
        """Type into the first element."""
        self.until(lambda: self.wait(selector).send_keys(*keys) is None)

    def card(self, name: str) -> WebElement:
        """The card of a sync."""
        return self.one(f"#sync-{name}")

    def shot(self, name: str, *, height: int | None = None, of: WebElement | None = None) -> Path:
        """Take a picture of the page or a part of it, to be looked at by a person."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        if height:
            self.driver.set_window_size(self.driver.get_window_size()["width"], height)
        path = SHOTS / f"{name}.png"
        wanted: dict[str, Any] = {}
        if of:
            # Of the document, wherever it is scrolled to; an element's own screenshot ends where the window does.
            wanted = {"clip": self.driver.execute_script(PLACE, of), "captureBeyondViewport": True}
        taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", wanted)
        path.write_bytes(base64.b64decode(taken["data"]))
        return path

    def complaints(self) -> list[str]:
        """What the console says: a policy that is broken, a script that fails."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
