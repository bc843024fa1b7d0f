"""A stocktake with each of the five results, by keyboard as a scanner types it, and on a phone with its camera."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_first_hour import enrol
from tests.config.running import Instance

Shot = Callable[[Page, str], None]
DEVICES = (("受付端末", "1階 受付"), ("ノートPC", "2階 診察室1"), ("タブレット", "3階 病棟"))
# Headless Chromium has neither a camera nor the codes: what the page does with them is what is tested.
CAMERA = """
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 10, 10);
    return canvas.captureStream(10);
  };
  window.BarcodeDetector = class { async detect() { return window.shown ? [{ rawValue: window.shown }] : []; } };
"""


def test_a_stocktake_is_counted_settled_and_signed(
    platform: Instance, open_browser: Callable[..., Page], shot: Shot
) -> None:
    """From the ledger to the summary."""
    found = re.search(r"https://localhost:\d+/invitation/\S+", platform.out.read_text())
    assert found is not None
    page = open_browser()
    enrol(page, found[0], name="山田 花子", kana="ヤマダ ハナコ", login="yamada")
    for place, (name, room) in enumerate(DEVICES, start=1):
        _enter(page, name, room, f"A-{place:03}")
    page.goto("/assets/labels/")
    shot(page, "labels-ja")
    with page.expect_download() as labels:
        page.locator("form[action$='labels.pdf'] button.primary").click()
    assert labels.value.suggested_filename.endswith(".pdf")

    page.goto("/assets/stocktakes/")
    shot(page, "stocktakes-empty-ja")
    page.locator("main .page-actions a.primary").click()
    page.locator("[name=name]").fill("令和8年度 機器の棚卸")
    page.locator("[name=ends_on]").fill("R20.3.31")
    shot(page, "stocktake-begin-ja")
    page.locator("main form button.primary").last.click()
    expect(page.locator(".toast.ok")).to_be_visible()
    _count(page, shot)
    _settle(page, shot)
    page.get_by_role("link", name="棚卸を完了").click()
    shot(page, "stocktake-close-ja")
    page.locator("main form button.primary").click()
    expect(page.locator(".lead .badge.ok")).to_be_visible()
    shot(page, "stocktake-closed-ja")
    with page.expect_download() as summary:
        page.get_by_role("link", name="まとめ（PDF）").click()
    assert summary.value.suggested_filename.startswith("ST-00001")


def _enter(page: Page, name: str, place: str, number: str) -> None:
    page.goto("/assets/devices/new/")
    page.locator("[name=name]").fill(name)
    page.locator("[name=kind]").select_option("terminal")
    page.locator("[name=place]").fill(place)
    page.locator("[name=asset_number]").fill(number)
    page.locator("main form button.primary").last.click()
    expect(page.locator(".toast.ok")).to_be_visible()


def _scanned(page: Page, code: str, answer: str) -> None:
    """Type as a scanner does: the code and Enter, wherever the cursor waits."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#scanned [role=status]")).to_contain_text(answer)


def _count(page: Page, shot: Shot) -> None:
    page.locator("main .page-actions a.primary").click()
    expect(page.locator("[name=place]")).to_be_focused()
    shot(page, "stocktake-scan-ja")
    page.keyboard.type("1階 受付")
    page.keyboard.press("Enter")
    expect(page.locator("[name=code]")).to_be_focused()
    address = page.url
    _scanned(page, "EQ-00001", "一致")
    _scanned(page, "A-002", "場所違い")
    shot(page, "stocktake-elsewhere-ja")
    _scanned(page, "A-900", "台帳外")
    _scanned(page, "A-001", "二重")
    expect(page.locator("[name=code]")).to_have_value("")
    assert page.url == address, "no page was loaded in between"
    # Two codes in one breath: neither is lost, the order stays.
    page.keyboard.type("A-901")
    page.keyboard.press("Enter")
    page.keyboard.type("A-902")
    page.keyboard.press("Enter")
    expect(page.locator("#scanned tbody th").first).to_have_text("A-902")
    expect(page.locator("#scanned tbody th").nth(1)).to_have_text("A-901")
    for code in ("A-902", "A-901"):
        page.locator("#scanned tbody tr", has_text=code).get_by_role("button").click()
        expect(page.locator(".toast.ok")).to_contain_text(code)
    shot(page, "stocktake-counted-ja")
    _on_a_phone(page, address, shot)


def _on_a_phone(page: Page, address: str, shot: Shot) -> None:
    """In the width of a phone; the camera types like a scanner, and a label held still is read once."""
    phone = page.context.new_page()
    phone.set_viewport_size({"width": 375, "height": 740})
    phone.add_init_script(CAMERA)
    phone.goto(f"{address}?place=1階 受付")
    assert phone.evaluate("document.featurePolicy.allowsFeature('camera')")
    phone.get_by_role("button", name="カメラで読み取る").click()
    expect(phone.locator("[data-picture]")).to_be_visible()
    phone.evaluate("window.shown = 'ＥＱ－００００２'")
    expect(phone.locator("#scanned [role=status]")).to_contain_text("二重")
    rows = phone.locator("#scanned tbody tr").count()
    phone.wait_for_timeout(500)
    assert phone.locator("#scanned tbody tr").count() == rows
    shot(phone, "stocktake-phone-ja")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    phone.get_by_role("button", name="カメラを止める").click()
    phone.locator("#scanned tbody tr").first.get_by_role("button").click()
    phone.goto("/assets/stocktakes/")
    assert not phone.evaluate("document.featurePolicy.allowsFeature('camera')")
    shot(phone, "stocktakes-phone-ja")
    phone.close()


def _settle(page: Page, shot: Shot) -> None:
    page.locator(".breadcrumb a").last.click()
    shot(page, "stocktake-ja")
    _in_english(page, shot)
    page.get_by_role("link", name="棚卸を完了").click()
    shot(page, "stocktake-not-yet-ja")
    page.locator("main .empty a").click()
    ways = (
        ("場所違い", "台帳の場所を訂正"),
        ("未発見", "滅失"),
        ("台帳外", "院内のものではない"),
        ("二重", "読取りの誤り"),
    )
    for result, way in ways:
        page.locator("main .table tbody tr", has_text=result).get_by_role("link").click()
        page.locator("main form label", has_text=way).first.click()
        page.locator("[name=reason]").fill("現物と担当者に確かめた")
        shot(page, f"stocktake-settle-{way}-ja")
        page.locator("main form button.primary").click()
        expect(page.locator(".toast.ok")).to_be_visible()
    expect(page.locator("main .table")).to_have_count(0)


def _in_english(page: Page, shot: Shot) -> None:
    header = page.locator("header")
    header.get_by_role("button", name="English").click()
    expect(page.locator("main")).to_contain_text("Found in another place")
    shot(page, "stocktake-en")
    page.locator("main .page-actions a.primary").click()
    shot(page, "stocktake-scan-en")
    page.locator(".breadcrumb a").last.click()
    header.get_by_role("button", name="日本語").click()
    expect(page.locator("main")).to_contain_text("場所違い")
