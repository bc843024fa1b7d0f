"""A change of the host name in Chromium, which bridges keys of the former name (related origins) at port 443 only."""

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, HEIGHT, WIDTH
from tests.browser.test_passkeys import BUILT_IN, Keys, enrol_with_key, first_link, press_key
from tests.config.running import Instance

OLD, NEW = "kyu.clinic.example", "shin.clinic.example"
RULES = f"--host-resolver-rules=MAP {OLD} 127.0.0.1, MAP {NEW} 127.0.0.1"


def may_listen() -> bool:
    """Tell whether this computer lets us have the one port at which browsers ask for related origins."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 443))
        except OSError:
            return False
    return True


@pytest.fixture
def window() -> Iterator[Page]:
    """A window of a Chromium that finds both names here; what it fetches by itself must trust our root as well."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        flags = [*FLAGS, RULES, "--ignore-certificate-errors"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="ja-JP")
        for host in (OLD, NEW):
            context.add_cookies([{"name": "sekisho_language", "value": _language(), "url": f"https://{host}"}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        yield page
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _language() -> str:
    return os.environ.get("SHOTS_LANGUAGE", "en")


@pytest.fixture
def start() -> Iterator[Callable[..., Instance]]:
    """Return a function that starts the same data directory, under one name after the other."""
    base, running = Path(tempfile.mkdtemp(prefix="skh")), []

    def run(**settings: str) -> Instance:
        if running:
            running[-1].stop()
        running.append(Instance(base / "home", {"port": "443", **settings}).start())
        return running[-1].ready(60)

    yield run
    for instance in running:
        instance.destroy()
    shutil.rmtree(base)


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.skipif(not may_listen(), reason="browsers ask for related origins at port 443, which is not ours here")
def test_a_key_of_the_former_name_opens_the_new_one_until_it_is_finished(
    window: Page, start: Callable[..., Instance], shot: Callable[[Page, str], None]
) -> None:
    """Announced, restarted under the new name, signed in with the former key, a new key added, finished."""
    platform, page = start(host=OLD), window
    Keys(page).plug(BUILT_IN)
    enrol_with_key(page, first_link(platform))
    page.goto(f"https://{OLD}/host-name/")
    page.locator("[name=host]").fill(NEW)
    page.locator("[name=due_on]").fill("2099-01-01")
    shot(page, "host-name-before")
    page.locator("main form button.primary").click()
    expect(page.locator("main ol")).to_contain_text(f"SEKISHO_HOST={NEW}")
    shot(page, "host-name-prepared")
    platform = start(host=NEW, former_host=OLD)
    assert f"was changed from {OLD} to {NEW}" in platform.out.read_text()
    page.goto(f"https://{OLD}/sign-in/")
    expect(page).to_have_url(f"https://{NEW}/sign-in/")
    shot(page, "host-name-sign-in")
    former = page.locator("[data-purpose='alone former']")
    expect(former).to_be_visible()
    former.click()
    expect(page.locator(".who-name")).to_contain_text("山田 花子")
    shot(page, "host-name-told")
    page.goto(f"https://{NEW}/my/sign-in/")
    page.locator("[name=name]").fill("新しい鍵")
    press_key(page)
    expect(page.locator("table").first).to_contain_text("新しい鍵")
    shot(page, "host-name-own")
    page.goto(f"https://{NEW}/host-name/")
    shot(page, "host-name-done")
    page.set_viewport_size({"width": 375, "height": 720})
    shot(page, "host-name-done-375")
    page.locator("form[action='/host-name/finish/'] button").click()
    page.locator("#confirm-dialog button.primary, #confirm-dialog button.danger").first.click()
    expect(page.locator("main")).to_contain_text(re.compile("1.*1"))
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    shot(page, "host-name-finished")
    page.locator("form[action='/sign-out/'] button").click()
    expect(page.locator("[data-purpose='alone former']")).to_have_count(0)
    page.locator("[data-purpose='alone']").click()
    expect(page.locator(".who-name")).to_contain_text("山田 花子")
