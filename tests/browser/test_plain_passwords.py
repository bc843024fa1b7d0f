"""Plain-text passwords, reused ones and sealed prints as people meet them in Chromium."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sekisho.trust.nt_hash import nt_hash
from tests.browser.test_passkeys import BUILT_IN, Keys, enrol_with_key, fill_account, first_link, press_key
from tests.config.running import Instance
from tests.people.test_identity_copies import JPEG
from tests.people.test_password_lists import EMPTY_LM, OTHER

Shot = Callable[[Page, str], None]
PHONE = {"width": 375, "height": 720}


def views(page: Page, shot: Shot, name: str) -> None:
    """Keep a picture in both languages, for a desk and for a telephone."""
    origin = page.evaluate("location.origin")
    for language in ("ja", "en"):
        page.context.add_cookies([{"name": "sekisho_language", "value": language, "url": origin, "secure": True}])
        page.reload()
        shot(page, f"{name}-{language}")
    size = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shot(page, f"{name}-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(size)  # type: ignore[arg-type]


@pytest.mark.full
def test_from_a_directory_to_a_settled_finding(
    platform: Instance, open_browser: Callable[..., Page], shot: Shot, tmp_path: Path
) -> None:
    """The worker looks by itself; what it found is opened and settled; hashes are compared."""
    (tmp_path / "karte.ini").write_text("[db]\npassword=Zettai-Himitsu7\n")
    (tmp_path / "backup.bat").write_bytes("rem 夜間\r\nnet use Z: \\\\nas\\b Himitsu7 /user:b\r\n".encode("cp932"))
    page = open_browser(language="en")
    Keys(page).plug(BUILT_IN)
    enrol_with_key(page, first_link(platform))
    page.goto("/estate/systems/new/")
    page.locator("[name=name]").fill("電子カルテ")
    page.locator("[name=kind]").select_option("emr")
    page.locator("[name=form]").select_option("on_premises")
    page.locator("main form button.primary").click()
    page.goto("/people/secrets/")
    views(page, shot, "secrets-systems")
    page.get_by_role("link", name="電子カルテ").first.click()
    views(page, shot, "secrets-empty")
    page.locator("[name=path]").fill(str(tmp_path))
    page.locator("main form button.primary").click()
    row = page.locator("#rows tbody tr")
    for _try in range(40):
        if row.count() == 2:
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(row).to_have_count(2)
    views(page, shot, "secrets-found")
    row.first.locator("a").click()
    views(page, shot, "secrets-finding")
    expect(page.locator("main")).not_to_contain_text("Himitsu7")
    page.locator("[name=reason]").fill("試験用の値")
    page.locator("main form button.primary").click()
    views(page, shot, "secrets-settled")
    page.goto("/people/reuse/")
    page.get_by_role("link", name="電子カルテ").first.click()
    views(page, shot, "reuse-empty")
    lines = "".join(f"{name}:1:{EMPTY_LM}:{nt_hash(OTHER)}:::\n" for name in ("hanako", "taro"))
    page.locator("[name=file]").set_input_files({"name": "x.txt", "mimeType": "text/plain", "buffer": lines.encode()})
    page.locator("[name=understood]").check()
    page.locator("main form button.primary").click()
    expect(page.locator("main")).to_contain_text("taro")
    views(page, shot, "reuse-found")
    page.goto("/people/set-up-anew/")
    views(page, shot, "resets-empty")
    nurse = invited(page, open_browser)
    page.goto("/people/")
    page.get_by_role("link", name=nurse).first.click()
    page.locator("a[href$='/reset/']").click()
    views(page, shot, "reset-form")
    page.locator("[name=proof][value=official]").check()
    page.locator("[name=document]").fill("運転免許証")
    page.locator("[name=copy]").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
    page.locator("[name=telling][value=print]").check()
    page.locator("[name=reason]").fill("忘れた")
    with page.expect_download() as sealed:
        page.locator("main form button.primary").click()
    assert sealed.value.suggested_filename.endswith(".pdf")
    page.goto("/people/set-up-anew/")
    views(page, shot, "resets")
    with page.expect_download() as copy:
        page.locator("form[action$='/copy/'] button").click()
    assert copy.value.suggested_filename.endswith(".jpg")


def invited(page: Page, open_browser: Callable[..., Page]) -> str:
    """Invite somebody who sets up their account with a key of their own; return the name."""
    page.goto("/people/invite/")
    page.locator("[name=name]").fill("佐藤 次郎")
    page.locator("[name=roles][value=staff]").check()
    page.locator("main form button.primary").click()
    link = page.locator(".secret-value").text_content() or ""
    other = open_browser(language="en")
    Keys(other).plug(BUILT_IN)
    other.goto(link)
    fill_account(other, "sato")
    press_key(other)
    expect(other.locator(".who-name")).to_contain_text("佐藤 次郎")
    return "佐藤 次郎"
