"""The first day of somebody alone in a clinic, from the link on the console to the printed pack: one walk, two ways.

The same walk is gone with the mouse in Japanese and by keyboard alone in English. On every page axe looks for what
keeps people out, and what a page prints is laid out on A4.
"""

import os
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import STRONG, Codes, seed_on
from tests.browser.hands import Keyboard, Mouse
from tests.config.running import Instance

Hands = Mouse | Keyboard
SERIOUS = {"serious", "critical"}


class Day:
    """The walk: the hands that do it, what axe found on the way, and the pictures for the manual."""

    def __init__(self, hands: Hands, language: str) -> None:
        self.hands, self.page, self.language = hands, hands.page, language

    def see(self, name: str, *, print_too: bool = False) -> None:
        """Look at the page as axe does; keep a picture where SHOTS says, and how it prints."""
        found = Axe().run(self.page).response
        assert len(found["passes"]) > 15, "axe did look"
        barred = [
            f"{one['id']}: {[node['html'] for node in one['nodes']][:3]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]
        assert barred == [], (self.page.url, barred)
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
        if folder := os.environ.get("SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}-{self.language}.png", full_page=True)
            if print_too:
                self.page.pdf(path=f"{folder}/{name}-{self.language}.pdf", format="A4")

    def on(self, path: str) -> None:
        """Wait until the browser is on a page."""
        expect(self.page).to_have_url(re.compile(rf":\d+{path}(#\w+)?$"))


def enrol(day: Day, link: str) -> Codes:
    """The one-time link: name, password and authenticator app."""
    hands, page = day.hands, day.page
    page.goto(link)
    codes = Codes(seed_on(page))
    day.see("first-day-1-account")
    values = {"name": "山田 花子", "kana": "ヤマダ ハナコ", "login": "yamada", "password": STRONG, "again": STRONG}
    for name, value in values.items():
        hands.fill(page.locator(f"[name={name}]"), value)
    hands.fill(page.locator("[name=code]"), codes.next())
    hands.go(page.locator("main form button.primary"))
    day.on("/")
    return codes


def answer_the_questions(day: Day) -> None:
    """The wizard: five questions."""
    hands, page = day.hands, day.page
    go_on = page.locator("main form .buttons .primary")

    def field(name: str) -> Any:
        return page.locator(f"[name={name}]")

    day.see("first-day-2-home")
    hands.go(page.locator(".first-steps a.primary"))
    day.on("/start/facility/")
    hands.fill(field("name"), "関所内科クリニック")
    hands.choose(field("kind"), "clinic")
    day.see("first-day-3-facility")
    hands.go(go_on)
    day.on("/start/people/")
    day.see("first-day-4-people")
    hands.go(field("role"))
    day.on("/start/systems/")
    for key, form, remote in (("emr", "cloud", "yes"), ("eligibility", "on_premises", "no")):
        hands.tick(field(f"{key}-chosen"))
        hands.choose(field(f"{key}-form"), form)
        hands.fill(field(f"{key}-vendor"), "株式会社みどりシステム")
        hands.choose(field(f"{key}-remote"), remote)
    day.see("first-day-5-systems")
    hands.go(go_on)
    day.on("/start/lines/")
    hands.tick(field("internet-chosen"))
    hands.choose(field("internet-line"), "open_other")
    hands.tick(field("maintenance-chosen"))
    hands.choose(field("maintenance-line"), "unknown")
    hands.tick(field("lan-chosen"))
    day.see("first-day-6-lines")
    hands.go(go_on)
    day.on("/start/contract/")
    hands.tick(page.locator("[name=update_duty][value=unknown]"))
    hands.go(go_on)
    expect(page.locator("#letter")).to_be_visible()
    day.see("first-day-7-contract", print_too=True)
    hands.go(page.locator(".question > .buttons a.primary"))
    day.on("/start/ready/")


def first_result(day: Day) -> None:
    """The first Fit&Gap: it comes by itself, and the page says so until then."""
    expect(day.page.locator("#judged .counts, #judged [href*='verdict=']").first).to_be_visible(timeout=90_000)
    expect(day.page.locator("#judged .toast.info")).to_have_count(0, timeout=90_000)
    day.see("first-day-8-result")


def what_next(day: Day) -> None:
    """The first page with its five themes, one requirement, and how they print."""
    hands, page = day.hands, day.page
    hands.go(page.locator("#main a.primary[href='/']"))
    day.on("/")
    expect(page.locator("ol.themes > li")).to_have_count(5)
    day.see("first-day-9-first-page", print_too=True)
    hands.go(page.locator("nav a[href='/requirements/']").first)
    day.on("/requirements/")
    day.see("first-day-10-requirements", print_too=True)
    hands.go(page.locator("main table a[href='/requirements/SO-14-5/'], main a[href='/requirements/SO-2-3/']").first)
    expect(page).to_have_url(re.compile(r"/requirements/SO-[\d-]+/(#\w+)?$"))
    day.see("first-day-11-requirement", print_too=True)


def papers(day: Day, folder: Path) -> None:
    """The pack for the inspector, as a file that is whole."""
    hands, page = day.hands, day.page
    hands.go(page.locator("nav a[href='/papers/']").first)
    day.on("/papers/")
    day.see("first-day-12-papers")
    with page.expect_download(timeout=60_000) as coming:
        hands.go(page.locator("main a[href$='/inspection.zip']").first)
    file = folder / "pack.zip"
    coming.value.save_as(file)
    with zipfile.ZipFile(file) as pack:
        names = pack.namelist()
        assert pack.testzip() is None
        assert sum(name.endswith(".pdf") for name in names) >= 3, names
        for name in names:
            if name.endswith(".pdf"):
                assert pack.read(name).startswith(b"%PDF-")
        if kept := os.environ.get("SHOTS"):
            pack.extractall(Path(kept) / f"pack-{day.language}")


def walk(day: Day, platform: Instance, folder: Path, say: Callable[[str], object]) -> None:
    """Go the whole way from the link that the platform printed, and say what it took since it was started."""
    found = re.search(r"https://\S+/invitation/\S+", platform.out.read_text())
    assert found is not None
    enrol(day, found[0])
    answer_the_questions(day)
    first_result(day)
    count, machine = day.hands.count, time.time() - psutil.Process(platform.pid).create_time()
    say(
        f"{type(day.hands).__name__}, {day.language}: “sekisho up” to first Fit&Gap: {count.clicks} clicks, "
        f"{count.keys} keys, {count.decisions} decisions; {count.seconds / 60:.1f} minutes by the keystroke-level "
        f"model, the machine took {machine / 60:.1f} minutes of it or waited"
    )
    assert count.seconds < 15 * 60
    what_next(day)
    papers(day, folder)
