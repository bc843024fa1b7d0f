"""A key that is lost: recovered by a link from the server's console, the old key worth nothing any more."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_passkeys import SECURITY_KEY, Keys, enrol_with_key, first_link, press_key
from tests.config.running import Instance, run

ANOTHER = "natsu no kawa 2027 hinemosu"


@pytest.mark.full
def test_a_lost_key_is_replaced(
    platform: Instance, open_browser: Callable[..., Page], shot: Callable[[Page, str], None]
) -> None:
    """The finder of the key is refused; its owner sets up another with the recovery link and prints codes."""
    finder = open_browser(language="en")
    keys = Keys(finder)
    keys.plug(SECURITY_KEY)
    enrol_with_key(finder, first_link(platform))
    finder.locator("form[action='/sign-out/'] button").click()
    told = run(platform.home, ["people", "recover", "yamada"], platform.settings)
    link = re.search(r"https://\S+/invitation/\S+", told.stdout)
    assert link is not None, told.stderr
    owner = open_browser(language="en")
    Keys(owner).plug(SECURITY_KEY)
    owner.goto(link[0])
    owner.locator("[name=password]").fill(ANOTHER)
    owner.locator("[name=again]").fill(ANOTHER)
    press_key(owner)
    expect(owner.locator(".who-name")).to_contain_text("山田 花子")
    press_key(finder)
    expect(finder.locator("main")).to_contain_text("was not accepted")
    owner.goto("/my/sign-in/")
    shot(owner, "lost-own-en")
    owner.locator("form[action='/my/sign-in/codes/'] button").click()
    expect(owner.locator("#recovery-codes li")).to_have_count(10)
    shot(owner, "lost-codes-en")
    owner.goto("/terminals/")
    owner.locator("[name=name]").fill("3 East")
    owner.locator("main form button.primary").click()
    expect(owner.locator("table")).to_contain_text("3 East")
    shot(owner, "lost-terminals-en")
