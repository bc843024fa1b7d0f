"""A real instance and a real Chromium: what people see is what is tested."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sekisho.trust.totp import STEP_SECONDS, code_at
from tests.config.running import Instance, free_port

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",  # root in a container has no other way; every page opened here is ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH, HEIGHT = 1280, 768
STRONG = "haru no umi 2026 hinemosu"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def platform() -> Iterator[Instance]:
    """A fresh installation, running, its first administrator's link on its standard output."""
    base = Path(tempfile.mkdtemp(prefix="skb"))
    instance = Instance(base / "home", {"port": str(free_port())}).start()
    try:
        yield instance.ready(60)
    finally:
        instance.destroy()
        shutil.rmtree(base)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    # Its event loop makes Django believe that tests run in one; they do not.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def open_browser(chromium: Browser, platform: Instance) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a window of its own; whatever the browser complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(*, language: str = "ja", **options: Any) -> Page:
        context = chromium.new_context(
            base_url=f"https://localhost:{platform.port}",
            ignore_https_errors=True,
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            **options,
        )
        contexts.append(context)
        address = f"https://localhost:{platform.port}"
        cookie = {"name": "sekisho_language", "value": language, "url": address, "secure": True}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if _complains(line.type, line.text) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _complains(kind: str, text: str) -> bool:
    expected = re.search(r"status of (401|403|404|409|422)", text)
    return kind == "error" and not expected


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Return a function that keeps a picture of the page where SHOTS says; without it nothing is written."""

    def take(page: Page, name: str) -> None:
        if folder := os.environ.get("SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    return take


def seed_on(page: Page) -> bytes:
    """Return the seed that the enrolment page shows for typing."""
    import base64

    return base64.b32decode(page.locator("#totp-secret").text_content() or "")


class Codes:
    """The authenticator app of one person: never shows the same code twice."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.last = -1

    def next(self) -> str:
        """Return a code that was not used before, waiting for none: one step ahead is accepted."""
        from sekisho.kernel import clock

        step = max(int(clock.now().timestamp()) // STEP_SECONDS, self.last + 1)
        self.last = step
        return code_at(self.seed, step)
