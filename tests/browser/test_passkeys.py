"""Passkeys as people meet them: Chromium with its own authenticators (CDP), enrolled, used, added, locked, unlocked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import STRONG
from tests.config.running import Instance

Shot = Callable[[Page, str], None]
BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
SECURITY_KEY = BUILT_IN | {"transport": "usb"}


class Keys:
    """The authenticators plugged into one window."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")

    def plug(self, options: dict[str, Any]) -> str:
        """Plug one in and return its id."""
        found = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return str(found["authenticatorId"])

    def pull(self, authenticator: str) -> None:
        """Pull one out."""
        self.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})


def first_link(platform: Instance) -> str:
    """Return the first administrator's link."""
    found = re.search(r"https://\S+/invitation/\S+", platform.out.read_text())
    assert found is not None
    return found[0]


def press_key(page: Page) -> None:
    """Press the button that asks for a key; it is shown by the script only."""
    button = page.locator("[data-passkey]")
    expect(button).to_be_visible()
    button.click()


def enrol_with_key(page: Page, link: str) -> None:
    """Set up the first account with a key in place of the app."""
    page.goto(link)
    page.locator("[name=name]").fill("山田 花子")
    fill_account(page, "yamada")
    press_key(page)
    expect(page.locator(".who-name")).to_contain_text("山田 花子")


def fill_account(page: Page, login: str) -> None:
    """Fill in what every account needs."""
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(STRONG)
    page.locator("[name=again]").fill(STRONG)


def use_keys(page: Page, keys: Keys, built_in: str, name: str, shot: Shot, language: str) -> str:
    """Sign out, sign in in two presses, add a second key, lock, unlock with it; return the second key."""
    page.locator("form[action='/sign-out/'] button").click()
    expect(page).to_have_url(re.compile("/sign-in/"))
    shot(page, f"passkey-sign-in-{language}")
    press_key(page)
    expect(page.locator(".who-name")).to_contain_text(name)
    keys.pull(built_in)
    security_key = keys.plug(SECURITY_KEY)
    page.goto("/my/sign-in/")
    page.locator("[name=name]").fill("青い鍵")
    press_key(page)
    expect(page.locator("table").first).to_contain_text("青い鍵")
    shot(page, f"passkey-own-{language}")
    page.locator("form[action='/lock/'] button").click()
    expect(page).to_have_url(re.compile("/unlock/"))
    shot(page, f"passkey-locked-{language}")
    page.goto("/people/")
    expect(page).to_have_url(re.compile("/unlock/"))
    press_key(page)
    expect(page.locator(".who-name")).to_contain_text(name)
    return security_key


def test_a_passkey_from_the_link_to_the_lock(platform: Instance, open_browser: Callable[..., Page], shot: Shot) -> None:
    """Enrol with a passkey, sign out, sign in with it in two presses, add a second key, lock, unlock."""
    page = open_browser(language="ja")
    keys = Keys(page)
    built_in = keys.plug(BUILT_IN)
    page.goto(first_link(platform))
    shot(page, "passkey-enrol-ja")
    enrol_with_key(page, first_link(platform))
    keys.pull(use_keys(page, keys, built_in, "山田 花子", shot, "ja"))


@pytest.mark.full
def test_the_pages_in_english_and_what_they_say_when_no_key_answers(
    platform: Instance, open_browser: Callable[..., Page], shot: Shot
) -> None:
    """An authenticator that holds no key of ours: the page says so and offers the other way."""
    page = open_browser(language="en")
    keys = Keys(page)
    keys.plug(SECURITY_KEY | {"isUserVerified": False})
    page.goto("/sign-in/")
    press_key(page)
    expect(page.locator("#key-status")).to_contain_text("No key answered")
    shot(page, "passkey-none-en")
    plain = open_browser(language="en", java_script_enabled=False)
    plain.goto("/sign-in/")
    expect(plain.locator("main")).to_contain_text("need JavaScript")
    expect(plain.locator("[data-passkey]")).to_be_hidden()
    shot(plain, "passkey-plain-en")
