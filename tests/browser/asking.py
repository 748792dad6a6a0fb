"""Types an AFAS key into a card and reads the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from tests.browser.conftest import Browser


def question(browser: Browser, name: str, key: str, *, show: bool = False) -> str:
    """Ask about a debtor, and answer the sentences.

    :param show: with the address in full.
    """
    form = f"#explain-{name} form"
    if not browser.one(f"#explain-{name}").get_attribute("open"):
        browser.click(f"#explain-{name} summary")
    if browser.wait(f"{form} input[name=show]").is_selected() != show:
        browser.click(f"{form} input[name=show]")
    browser.driver.execute_script("document.getElementById(arguments[0]).replaceChildren()", f"answers-{name}")
    # In one go: who leaves the field for a moment may find a fresh card in its place.
    browser.type(f"{form} input[name=key]", Keys.CONTROL, "a", Keys.NULL, key, Keys.ENTER)
    return str(browser.until(lambda: browser.one(f"#answers-{name}").text))
