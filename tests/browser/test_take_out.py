"""A laptop on its way out and back, and its end, clicked by three people: approved, overdue, checked, disposed of."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from tests.browser.test_first_hour import enrol
from tests.config.running import Instance

pytestmark = pytest.mark.full
Shot = Callable[[Page, str], None]
TAKE_OUT, DISPOSALS = "/assets/take_out/", "/assets/disposals/"


def day(ago: int) -> str:
    """Return a day as people type it."""
    return f"{in_facility(clock.now()).date() - timedelta(days=ago):%Y/%m/%d}"


def test_a_laptop_goes_out_comes_back_late_and_is_disposed_of(
    platform: Instance, open_browser: Callable[..., Page], shot: Shot, tmp_path: Path
) -> None:
    found = re.search(r"https://localhost:\d+/invitation/\S+", platform.out.read_text())
    assert found is not None
    operator, planner, head = open_browser(), open_browser(), open_browser()
    enrol(operator, found[0], name="山田 花子", kana="ヤマダ ハナコ", login="yamada")
    enrol(planner, invite(operator, "鈴木 一郎", "planning_manager"), login="suzuki")
    enrol(head, invite(operator, "佐藤 恵", "department_manager"), login="sato")
    laptop = _add(operator, "/assets/devices/", name="訪問用ノートPC", kind="terminal", holds_medical_information=True)

    entry = _take_out(planner, laptop, shot)
    application = apply_for(planner, shot)
    _approve(head, application, shot, "take-out-approve-first")
    _approve(operator, application, shot, "take-out-approve-second")
    _fill(operator, entry, out_on=day(0))
    both(operator, shot, f"{TAKE_OUT}?attention=expired", "take-out-overdue")
    expect(operator.locator("#rows")).to_contain_text("TO-00001")
    _paper(operator, f"{TAKE_OUT}export.pdf", "take-out.pdf")
    _fill(operator, entry, returned_on=day(0), wifi="no", check_result="in_order", checked_by="山田 花子")
    both(operator, shot, entry, "take-out-returned")
    operator.goto(f"{TAKE_OUT}?shelf=closed")
    expect(operator.locator("#rows")).to_contain_text("TO-00001")

    gone = _dispose(operator, laptop)
    application = apply_for(operator)
    _approve(planner, application, shot, "disposal-approve")
    _fill(operator, gone, done_on=day(0))
    _attach(operator, gone, tmp_path)
    rest = {"witness": "佐藤 恵", "residual": "nothing", "residual_checked_by": "山田 花子", "reported_on": day(0)}
    _fill(operator, gone, certificate="消去証明書 2026-118（事務室の棚）", **rest)
    both(operator, shot, gone, "disposal-done")
    operator.goto(laptop)
    expect(operator.locator("main")).to_contain_text("DS-00001")
    _paper(operator, f"{DISPOSALS}export.pdf?shelf=all", "disposals.pdf")


def both(page: Page, shot: Shot, address: str, name: str) -> None:
    """Take a picture in English and one in Japanese, which stays."""
    url = page.url.split("/", 3)[:3]
    for language in ("en", "ja"):
        cookie: Any = {"name": "sekisho_language", "value": language, "url": "/".join(url), "secure": True}
        page.context.add_cookies([cookie])
        page.goto(address)
        shot(page, f"{name}-{language}")


def invite(page: Page, name: str, role: str) -> str:
    """Invite somebody and return the link."""
    page.goto("/people/invite/")
    page.locator("[name=name]").fill(name)
    page.locator(f"input[value={role}]").check()
    page.locator("main form button.primary").click()
    return page.locator("#one-time-link").text_content() or ""


def enter(page: Page, **values: Any) -> None:
    """Fill in fields by their names and save."""
    for name, value in values.items():
        field = page.locator(f"main form [name={name}]").first
        if value is True:
            field.check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form button.primary").first.click()


def _add(page: Page, book: str, **values: Any) -> str:
    page.goto(f"{book}new/")
    enter(page, **values)
    expect(page).to_have_url(re.compile(rf"{book}[0-9a-f-]{{36}}/$"))
    return page.url


def _fill(page: Page, entry: str, **values: str) -> None:
    page.goto(f"{entry}change/")
    enter(page, **values)
    expect(page).to_have_url(entry)


def _device(page: Page, laptop: str) -> str:
    return re.findall(r"[0-9a-f-]{36}", laptop)[0]


def _take_out(page: Page, laptop: str, shot: Shot) -> str:
    both(page, shot, f"{TAKE_OUT}new/", "take-out-form")
    enter(
        page, device=_device(page, laptop), information="訪問先の患者12名の氏名と病名", purpose="訪問診療",
        destination="患者宅", carrier="佐藤 恵", out_from=day(3), due_on=day(1), lock="device",
        measures="車内に置かない、遠隔消去",
    )  # fmt: skip
    expect(page).to_have_url(re.compile(rf"{TAKE_OUT}[0-9a-f-]{{36}}/$"))
    shot(page, "take-out-entry-ja")
    return page.url


def _dispose(page: Page, laptop: str) -> str:
    return _add(
        page, DISPOSALS, device=_device(page, laptop), information="訪問診療の記録", reason="リース満了、移行済み",
        method="destroyed", planned_on=day(0), executor="海山リサイクル 田中", qualification="データ消去技術者",
    )  # fmt: skip


def apply_for(page: Page, shot: Shot | None = None) -> str:
    """Apply for the approval of the entry that is shown; return the address of the application."""
    page.locator("main a[href*='/applications/entries/']").first.click()
    if shot is not None:
        shot(page, "take-out-apply-ja")
    page.locator("main form button.primary").click()
    expect(page).to_have_url(re.compile(r"/applications/[0-9a-f-]{36}/$"))
    return page.url


def _approve(page: Page, application: str, shot: Shot, name: str) -> None:
    both(page, shot, application, name)
    page.goto(f"{application}approve/")
    page.locator("main form button.primary").click()
    expect(page).to_have_url(application)


def _attach(page: Page, entry: str, folder: Path) -> None:
    path = folder / "消去証明書.pdf"
    path.write_bytes(b"%PDF-1.7 certificate")
    page.goto(entry)
    page.locator("main details summary").first.click()
    page.locator("main form [type=file]").set_input_files(str(path))
    page.locator("main details form button").first.click()
    expect(page.locator("main")).to_contain_text("消去証明書.pdf")


def _paper(page: Page, address: str, name: str) -> None:
    answer = page.request.get(address)
    assert answer.body().startswith(b"%PDF-")
    if folder := os.environ.get("SHOTS"):
        (Path(folder) / name).write_bytes(answer.body())
