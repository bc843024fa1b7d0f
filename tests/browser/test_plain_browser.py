"""Browsers that can do less, and people who use no mouse."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_first_hour import enrol
from tests.config.running import Instance


def test_without_javascript_everything_still_works(platform: Instance, open_browser: Callable[..., Page]) -> None:
    """An old browser, a strict proxy: sign-in, lists and forms do not need scripts."""
    found = re.search(r"https://\S+/invitation/\S+", platform.out.read_text())
    assert found is not None
    page = open_browser(java_script_enabled=False)
    enrol(page, found[0], name="山田 花子", login="yamada")
    page.goto("/estate/vendors/new/")
    page.locator("[name=name]").fill("株式会社みどりシステム")
    page.locator("main form button.primary").click()
    expect(page.locator("h1")).to_contain_text("株式会社みどりシステム")
    page.goto("/estate/vendors/?q=ミドリ")
    expect(page.locator("main")).to_contain_text("みどりシステム")


def test_the_keyboard_is_enough(platform: Instance, open_browser: Callable[..., Page]) -> None:
    """The first stop of Tab is the way past the menu; slash finds the search box on a list."""
    page = open_browser()
    page.goto("/sign-in/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.locator("body").press("Shift+Tab")
    page.goto("/no-such-page/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("skip")
