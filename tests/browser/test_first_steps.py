"""The first steps as people take them: with the keyboard, without JavaScript, on a small screen."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_first_hour import enrol
from tests.config.running import Instance


@pytest.fixture(scope="module")
def signed_in(platform: Instance, open_browser: Callable[..., Page]) -> Any:
    """What the browser of the administrator of a fresh installation holds: the cookies of a session."""
    found = re.search(r"https://\S+/invitation/\S+", platform.out.read_text())
    assert found is not None
    page = open_browser()
    enrol(page, found[0], name="山田 花子", login="yamada")
    return page.context.storage_state()


def go_on(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.locator("main form .buttons .primary").click()


def test_from_the_first_page_to_the_result_without_javascript(
    signed_in: Any, open_browser: Callable[..., Page], shot: Callable[[Page, str], None]
) -> None:
    """On a telephone's screen, in which nothing may stick out."""
    page = open_browser(java_script_enabled=False, storage_state=signed_in)
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto("/")
    page.locator(".first-steps a.primary").click()
    expect(page).to_have_url(re.compile("/start/facility/$"))
    page.locator("[name=name]").fill("関所内科クリニック")
    page.locator("[name=kind]").select_option("clinic")
    shot(page, "first-steps-facility-ja")
    go_on(page)
    page.locator("[name=role]").click()
    expect(page).to_have_url(re.compile("/start/systems/$"))

    expect(page.locator("[name=emr-form]")).to_be_hidden()
    page.locator("[name=emr-chosen]").check()
    page.locator("[name=emr-form]").select_option("cloud")
    page.locator("[name=emr-vendor]").fill("株式会社みどりシステム")
    go_on(page)
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("[name=emr-remote]").select_option("yes")
    shot(page, "first-steps-systems-ja")
    go_on(page)
    page.locator("[name=maintenance-chosen]").check()
    page.locator("[name=maintenance-line]").select_option("unknown")
    page.locator("[name=lan-chosen]").check()
    shot(page, "first-steps-lines-ja")
    go_on(page)
    page.locator("[name=update_duty][value=unknown]").check()
    go_on(page)
    expect(page.locator("#letter")).to_be_visible()
    shot(page, "first-steps-contract-ja")
    page.locator(".question > .buttons a.primary").click()
    expect(page.locator(".toast.warn")).to_contain_text("保守用VPN")
    again = page.locator("#judged a[href='/start/ready/']")
    for _each in range(60):
        if not again.is_visible():
            break
        page.wait_for_timeout(500)
        again.click()
    expect(page.locator("#judged a[href='/requirements/']")).to_be_visible()
    shot(page, "first-steps-ready-ja")


def test_a_row_is_ticked_and_filled_by_keyboard(signed_in: Any, open_browser: Callable[..., Page]) -> None:
    """Space ticks, Tab goes on into what unfolds; after a mistake the way leads to the list of faults."""
    page = open_browser(storage_state=signed_in)
    page.goto("/start/systems/")
    page.locator("[name=billing-chosen]").focus()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).not_to_have_attribute("name", "billing-name")
    page.locator("[name=billing-chosen]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("name", "billing-name")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("name", "billing-form")
