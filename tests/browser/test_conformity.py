"""A requirement on its way to a proof, clicked: attested with a file, approved by another, kept by a locked round."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_first_hour import enrol
from tests.config.running import Instance

Shot = Callable[[Page, str], None]
ITEM = "維持・運用の手順書の最新化"


def test_a_requirement_is_attested_approved_and_kept(
    platform: Instance, open_browser: Callable[..., Page], shot: Shot, tmp_path: Path
) -> None:
    """Two people, one file through the front, a refused one before it, and the round at the end of the year."""
    found = re.search(r"https://localhost:\d+/invitation/\S+", platform.out.read_text())
    assert found is not None
    operator, planner = open_browser(), open_browser()
    enrol(operator, found[0], name="山田 花子", kana="ヤマダ ハナコ", login="yamada")
    operator.goto("/estate/facility/new/")
    operator.locator("[name=name]").fill("関所内科クリニック")
    operator.locator("[name=kind]").select_option("clinic")
    operator.locator("main form button.primary").click()
    enrol(planner, _invite(operator, "鈴木 一郎", "企画管理者"), login="suzuki")

    operator.goto("/requirements/")
    operator.locator("[name=q]").fill("手順書")
    operator.keyboard.press("Enter")
    shot(operator, "requirements-search-ja")
    operator.get_by_role("link", name=ITEM).click()
    operator.locator("main .buttons").get_by_role("link", name="確認を申請").click()
    _attest(operator, shot, tmp_path)
    application = operator.url
    planner.goto(application)
    planner.locator("main").get_by_role("link", name="承認", exact=True).click()
    shot(planner, "approve-ja")
    planner.locator("main form button.primary").click()
    operator.goto("/requirements/SO-2-3/")
    shot(operator, "requirement-ja")
    expect(operator.locator("main")).to_contain_text("証明あり")

    planner.goto("/rounds/")
    planner.locator("main form button.primary").click()
    planner.get_by_role("link", name="この評価を確定").click()
    planner.locator("main form button.primary").click()
    shot(planner, "round-ja")
    planner.get_by_role("link", name=ITEM).click()
    shot(planner, "round-item-ja")
    expect(planner.locator("main")).to_contain_text("手順書")
    for page, name in (("/requirements/", "requirements-ja"), ("/documents/", "documents-ja")):
        operator.goto(page)
        shot(operator, name)


def _invite(page: Page, name: str, role: str) -> str:
    page.goto("/people/invite/")
    page.locator("[name=name]").fill(name)
    page.get_by_label(role).check()
    page.locator("main form button.primary").click()
    return page.locator("#one-time-link").text_content() or ""


def _attest(page: Page, shot: Shot, folder: Path) -> None:
    """A file that is too large is refused at its field with everything typed kept; the right one is taken."""
    statement = "手順書の棚を見て、最新版か一冊ずつ確かめた"
    page.locator("[name=statement]").fill(statement)
    for name, size in (("大きい.pdf", 12), ("手順書.pdf", 8)):
        path = folder / name
        path.write_bytes(b"%PDF-1.7" + bytes(size * 2**20))
        page.locator("[name=files]").set_input_files([str(path)])
        page.locator("main form button.primary").click()
        if size > 10:
            expect(page.locator("#id_files_error")).to_be_visible()
            shot(page, "attest-refused-ja")
            assert page.locator("[name=statement]").input_value() == statement
    expect(page).to_have_url(re.compile(r"/applications/[0-9a-f-]{36}/$"))
    shot(page, "application-ja")
