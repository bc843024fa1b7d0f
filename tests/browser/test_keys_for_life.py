"""A key's life in Chromium: enrolled, used, a second one, lost, set up anew by the operator; the app beside it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_first_hour import enrol, sign_in
from tests.browser.test_passkeys import (
    BUILT_IN,
    SECURITY_KEY,
    Keys,
    Shot,
    fill_account,
    first_link,
    press_key,
    use_keys,
)
from tests.config.running import Instance

ANOTHER = "natsu no kawa 2027 hinemosu"
NAMES = {"ja": "鈴木 一郎", "en": "Suzuki Ichiro"}


def secret_on(page: Page) -> str:
    """Return the link that a page shows once."""
    shown: Locator = page.locator(".secret")
    found = re.search(r"https://\S+/invitation/[\w-]+", shown.text_content() or "")
    assert found is not None, shown.text_content()
    return found[0]


def invite(operator: Page, name: str) -> str:
    """Enter a person and return their link."""
    operator.goto("/people/invite/")
    operator.locator("[name=name]").fill(name)
    operator.locator("[name=roles][value=staff]").check()
    operator.locator("main form button.primary").click()
    return secret_on(operator)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_key_from_its_link_to_its_loss(platform: Instance, open_browser: Callable[..., Page], shot: Shot) -> None:
    """In both languages: one-time link, sign in, second key, lock, unlock, lost, identity proof, another key."""
    operator = open_browser(language="ja")
    codes = enrol(operator, first_link(platform), name="山田 花子", login="yamada")
    operator.locator("form[action='/sign-out/'] button").click()
    shot(operator, "keys-totp-ja")
    sign_in(operator, "yamada", codes)
    operator.goto("/sign-in/policy/")
    expect(operator.locator("[name=hardware]").first).to_be_visible()
    shot(operator, "keys-policy-ja")
    for language, name in NAMES.items():
        login = f"suzuki.{language}"
        live_with_keys(operator, open_browser(language=language), invite(operator, name), (login, name, language), shot)
        set_up_anew(operator, open_browser(language=language), (login, name, language), shot)


def live_with_keys(operator: Page, page: Page, link: str, who: tuple[str, str, str], shot: Shot) -> None:
    """Enrol with the built-in key, use it, add another, lock and unlock; then both are lost."""
    login, name, language = who
    keys = Keys(page)
    built_in = keys.plug(BUILT_IN)
    page.goto(link)
    fill_account(page, login)
    shot(page, f"keys-enrol-{language}")
    press_key(page)
    expect(page.locator(".who-name")).to_contain_text(name)
    keys.pull(use_keys(page, keys, built_in, name, shot, language))
    page.locator("form[action='/sign-out/'] button").click()
    keys.plug(SECURITY_KEY)
    press_key(page)
    expect(page.locator("#key-status")).not_to_have_text("")
    shot(page, f"keys-lost-{language}")


def set_up_anew(operator: Page, page: Page, who: tuple[str, str, str], shot: Shot) -> None:
    """The operator makes sure who it is and hands out a link; the person makes another key, and it signs in."""
    _login, name, language = who
    operator.goto("/people/")
    operator.get_by_role("link", name=name).first.click()
    operator.locator("a[href$='/reset/']").click()
    operator.locator("[name=proof]").first.check()
    operator.locator("[name=reason]").fill("鍵を2本とも紛失")
    operator.locator("main form button.primary").click()
    link = secret_on(operator)
    shot(operator, f"keys-anew-{language}")
    Keys(page).plug(SECURITY_KEY)
    page.goto(link)
    page.locator("[name=password]").fill(ANOTHER)
    page.locator("[name=again]").fill(ANOTHER)
    press_key(page)
    expect(page.locator(".who-name")).to_contain_text(name)
    page.locator("form[action='/sign-out/'] button").click()
    press_key(page)
    expect(page.locator(".who-name")).to_contain_text(name)
    page.goto("/my/sign-in/")
    expect(page.locator("main")).to_contain_text("AAL 2")
    shot(page, f"keys-again-{language}")
