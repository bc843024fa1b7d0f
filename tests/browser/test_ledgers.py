"""A book as a clinic lives with it: an entry typed without a mouse, the old Excel sheet, many at once, papers."""

import io
import os
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.first_day import SERIOUS
from tests.browser.hands import KEY, Keyboard
from tests.browser.test_first_hour import enrol
from tests.browser.test_take_out import apply_for, enter, invite
from tests.config.running import Instance

DEVICES, PRIVATE = "/assets/devices/", "/assets/private_devices/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPED = {
    "asset_number": "A-0101", "name": "受付用ノートPC", "maker": "Dell", "product": "Latitude 5450",
    "serial": "5CG4123XYZ", "place": "1階 受付", "os": "Windows 11",
}  # fmt: skip
WIDTHS = (375, 1280)


@pytest.fixture(scope="module")
def keeper(platform: Instance, open_browser: Callable[..., Page]) -> Page:
    """The window of whoever keeps the ledgers."""
    found = re.search(r"https://localhost:\d+/invitation/\S+", platform.out.read_text())
    assert found is not None
    page = open_browser()
    enrol(page, found[0], name="山田 花子", kana="ヤマダ ハナコ", login="yamada")
    return page


def look(page: Page, name: str) -> None:
    """Look at a page as axe does, and whether it is as wide as the window; with SHOTS keep a picture."""
    found = Axe().run(page).response
    barred = [
        f"{one['id']}: {[node['html'] for node in one['nodes']][:3]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]
    assert barred == [], (page.url, barred)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
        if folder := os.environ.get("SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_a_book_is_typed_read_in_and_changed(keeper: Page, shot: Callable[[Page, str], None]) -> None:
    """What a clerk does with a ledger in the first week."""
    _type_one(keeper)
    shot(keeper, "book-typed-ja")
    _read_in(keeper, shot)
    _change_many(keeper, shot)
    _keep_a_view(keeper, shot)


def _type_one(page: Page) -> None:
    """Enter a device with its usual fields: no mouse, and fewer keys than 30 seconds of typing hold."""
    page.goto(f"{DEVICES}new/")
    hands = Keyboard(page)
    for name, text in TYPED.items():
        hands.fill(page.locator(f"[name={name}]"), text)
        if name == "name":
            hands.choose(page.locator("[name=kind]"), "terminal")
        elif name == "place":
            hands.tick(page.locator("[name=holds_medical_information]"))
    page.keyboard.press("Enter")
    expect(page.locator(".toast.ok")).to_contain_text(TYPED["name"])
    # A Japanese letter is about three keys: two to spell it, and its part of choosing the right word.
    keys = hands.count.keys + 1 + 2 * sum(not letter.isascii() for text in TYPED.values() for letter in text)
    assert keys * KEY < 30, keys


def ugly_sheet(*rows: Sequence[Any]) -> bytes:
    """Return a sheet as a hospital has kept it: a cover, notes above the headings, merged cells, a blank row."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "表紙"
    book.active["B4"] = "〇〇医院 機器管理表"
    page = book.create_sheet("機器一覧")
    page["A1"] = "機器管理表（様式３）"
    page.merge_cells("A1:G1")
    page["A2"] = "※医事課で記入すること"
    lines = [("No.", "資産番号", "機器名", "種別", "設置\n場所", "購入日", "備考"), *rows]
    for number, line in enumerate(lines, start=4):
        for place, value in enumerate(line, start=1):
            page.cell(number, place, value)
    page.merge_cells("E5:E6")
    book.save(out)
    return out.getvalue()


def _rows(kind: str, bought: str) -> list[Sequence[Any]]:
    return [
        (1, "Ａ－０２０１", "電子カルテ端末", "端末（PC・タブレット・スマートフォン）", "診察室", "R5.4.1", None),
        (2, "Ａ－０２０２", "処置室端末", kind, None, date(2024, 10, 1), "リース"),
        (),
        (3, "Ａ－０２０３", "ＮＡＳ", "サーバ", "サーバ室", bought, None),
    ]


def _give(page: Page, data: bytes) -> None:
    file: Any = {"name": "機器管理表（最新）.xlsx", "mimeType": XLSX, "buffer": data}
    page.locator("main [type=file]").set_input_files(file)
    page.locator("main form button.primary").last.click()


def _read_in(page: Page, shot: Callable[[Page, str], None]) -> None:
    """The sheet of so far: its headings are asked once, its faults said with their cells, nothing is half-done."""
    page.goto(f"{DEVICES}import/")
    _give(page, ugly_sheet(*_rows("パソコン", "令和7年2月30日")))
    asked = {"column-0": "-", "column-2": "name", "column-4": "place", "column-5": "introduced_on"}
    for name, means in asked.items():
        page.locator(f"[name={name}]").select_option(means)
    shot(page, "book-import-asked-ja")
    page.locator("main form button.primary").first.click()
    expect(page.locator("main")).to_contain_text("(D6)")
    expect(page.locator("main")).to_contain_text("(F8)")
    shot(page, "book-import-wrong-ja")
    _give(page, ugly_sheet(*_rows("端末（PC・タブレット・スマートフォン）", "令和7年2月28日")))
    expect(page.locator("main .confirm")).to_be_visible()
    shot(page, "book-import-ready-ja")
    page.locator("main .confirm button.primary").click()
    expect(page).to_have_url(re.compile(f"{DEVICES}$"))
    page.goto(f"{DEVICES}?q=a-020")
    for words in ("EQ-00004", "電子カルテ端末", "処置室端末"):
        expect(page.locator("#rows")).to_contain_text(words)


def _change_many(page: Page, shot: Callable[[Page, str], None]) -> None:
    """All terminals get their keeper at once, after a look at what would change."""
    page.goto(f"{DEVICES}?kind=terminal")
    page.get_by_label("条件に合うすべて").check()
    shot(page, "book-list-ja")
    page.locator("#bulk-do").select_option("keeper")
    page.locator("#bulk button").click()
    page.locator("[name=value]").fill("佐藤 恵")
    page.locator("main form button.primary").click()
    expect(page.locator("main .confirm")).to_be_visible()
    shot(page, "book-bulk-ja")
    page.locator("main .confirm button.primary").click()
    expect(page.locator(".toast.ok")).to_contain_text("3")
    page.locator("#rows tbody a").first.click()
    expect(page.locator("main dl").first).to_contain_text("佐藤 恵")


def _keep_a_view(page: Page, shot: Callable[[Page, str], None]) -> None:
    page.goto(f"{DEVICES}?kind=terminal")
    page.locator("main details summary").first.click()
    page.locator("main details [name=name]").fill("端末だけ")
    page.locator("main details button").click()
    expect(page.get_by_role("link", name="端末だけ")).to_have_attribute("aria-current", "page")
    shot(page, "book-view-ja")


PAGES = {
    "books": "/ledgers/", "list": DEVICES, "new": f"{DEVICES}new/", "import": f"{DEVICES}import/",
    "rights": f"{DEVICES}rights/", "private": PRIVATE, "no-case": f"{PRIVATE}no-case/", "inbox": "/applications/",
    "delegations": "/applications/delegations/", "delegate": "/applications/delegations/new/", "reports": "/reports/",
    "labels": "/assets/labels/", "stocktakes": "/assets/stocktakes/", "begin": "/assets/stocktakes/new/",
    "bulk": f"{DEVICES}bulk/?bulk-all=1&bulk-do=place",
}  # fmt: skip
OWN = {
    "person": "佐藤 恵", "kind": "smartphone", "product": "Pixel 9", "purpose": "往診先での連絡", "os": "Android 16",
    "separation": "managed", "requested_on": "R8.11.1", "allowed_until": "R9.3.31", "pledge_on": "R8.11.2",
}  # fmt: skip


@pytest.mark.full
@pytest.mark.timeout(600)
def test_every_page_of_the_books_can_be_read_by_everybody(
    keeper: Page, open_browser: Callable[..., Page], shot: Callable[[Page, str], None]
) -> None:
    """An entry is applied for, approved by another person and printed; then each page, both languages, both widths."""
    planner = open_browser()
    enrol(planner, invite(keeper, "鈴木 一郎", "planning_manager"), login="suzuki")
    keeper.goto(f"{PRIVATE}new/")
    enter(keeper, **OWN)
    entry = keeper.url
    _attach(keeper)
    application = apply_for(keeper)
    keeper.goto(f"{application}approve/")
    expect(keeper).to_have_url(application)
    expect(keeper.locator(".toast")).to_contain_text("権限")
    planner.goto(f"{application}approve/")
    planner.locator("main form button.primary").click()
    expect(planner.locator(".toast.ok")).to_be_visible()
    see_both(keeper, application, "application")
    see_both(keeper, entry, "entry")
    counting = _begin_to_count(keeper)
    for name, address in {**PAGES, "count": counting, "stocktake": counting.replace("scan/", "")}.items():
        see_both(keeper, address, name)
    for language in ("en", "ja"):
        speak(keeper, language)
        for book in (DEVICES, PRIVATE, "/estate/contracts/"):
            answer = keeper.request.get(f"{book}export.pdf")
            assert answer.body().startswith(b"%PDF-")
            keep(answer.body(), f"paper-{book.split('/')[2]}-{language}.pdf")


def speak(page: Page, language: str) -> None:
    """Change the language by its cookie."""
    address = "/".join(page.url.split("/")[:3])
    cookie: Any = {"name": "sekisho_language", "value": language, "url": address, "secure": True}
    page.context.add_cookies([cookie])


def see_both(page: Page, address: str, name: str) -> None:
    """Look at a page in English, then in Japanese, which stays; and at how it prints."""
    for language in ("en", "ja"):
        speak(page, language)
        page.goto(address)
        look(page, f"{name}-{language}")
    if os.environ.get("SHOTS"):
        keep(page.pdf(format="A4"), f"{name}-print.pdf")


def keep(data: bytes, name: str) -> None:
    """Keep a paper where SHOTS says."""
    if folder := os.environ.get("SHOTS"):
        (Path(folder) / name).write_bytes(data)


def _attach(page: Page) -> None:
    page.locator("main details summary").first.click()
    file: Any = {"name": "私物端末の誓約書.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed"}
    page.locator("main details [type=file]").set_input_files(file)
    page.locator("main details form button").first.click()
    expect(page.locator("main")).to_contain_text("私物端末の誓約書.pdf")


def _begin_to_count(page: Page) -> str:
    page.goto(f"{DEVICES}new/")
    enter(page, name="院長室の端末", kind="terminal", asset_number="X-1")
    page.goto("/assets/stocktakes/new/")
    enter(page, name="令和8年度 機器の棚卸", ends_on="R20.3.31")
    page.locator("main .page-actions a.primary").click()
    expect(page.locator("[name=place]")).to_be_focused()
    return page.url
