"""The first hour of an installation, clicked: the administrator's link, an invitation, the first entries."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import STRONG, Codes, seed_on
from tests.config.running import Instance

Shot = Callable[[Page, str], None]


def enrol(page: Page, address: str, **values: str) -> Codes:
    """Open a one-time link and fill in the form."""
    page.goto(address)
    expect(page).to_have_url(re.compile(r"/enrolment/$"))
    codes = Codes(seed_on(page))
    for name, value in {**values, "password": STRONG, "again": STRONG, "code": codes.next()}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main form button.primary").click()
    expect(page).to_have_url(re.compile(r":\d+/$"))
    return codes


def sign_in(page: Page, login: str, codes: Codes) -> None:
    """Sign in with both factors."""
    page.goto("/sign-in/")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(STRONG)
    page.keyboard.press("Enter")
    page.locator("[name=code]").fill(codes.next())
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r":\d+/$"))


def test_the_first_hour(platform: Instance, open_browser: Callable[..., Page], shot: Shot) -> None:
    """From the printed link to a planning manager who signs in, and the first entries of the estate."""
    found = re.search(r"https://localhost:\d+/invitation/\S+", platform.out.read_text())
    assert found is not None
    first = open_browser()
    first.goto(found[0])
    shot(first, "enrol-ja")
    enrol(first, found[0], name="山田 花子", kana="ヤマダ ハナコ", login="yamada")
    shot(first, "home-empty-ja")
    expect(first.locator("main")).to_contain_text("はじめにすること")

    _enter_the_estate(first, shot)

    first.goto("/people/invite/")
    shot(first, "invite-ja")
    first.locator("[name=name]").fill("鈴木 一郎")
    first.locator("[name=kana]").fill("スズキ イチロウ")
    first.get_by_label("企画管理者").check()
    first.locator("main form button.primary").click()
    link = first.locator("#one-time-link").text_content() or ""
    shot(first, "link-ja")
    first.reload()
    expect(first.locator("#one-time-link")).to_have_count(0)
    shot(first, "link-again-ja")

    second = open_browser()
    codes = enrol(second, link, login="suzuki")
    second.locator("header").get_by_role("button", name="サインアウト").click()
    expect(second).to_have_url(re.compile("/sign-in/"))
    shot(second, "sign-in-ja")
    sign_in(second, "suzuki", codes)
    shot(second, "home-planning-manager-ja")
    second.goto("/people/invite/")
    expect(second.locator("main")).to_contain_text("kernel.forbidden")
    shot(second, "forbidden-ja")

    first.goto("/people/")
    shot(first, "people-ja")
    first.get_by_role("link", name="鈴木 一郎").click()
    shot(first, "person-ja")
    _take_rights_away(first, shot)
    _change_at_once(first, shot)
    first.goto("/register/")
    expect(first.locator("main")).to_contain_text("拒否")
    shot(first, "register-ja")
    _look_in_english(first, shot)


def _enter_the_estate(page: Page, shot: Shot) -> None:
    page.goto("/estate/facility/")
    shot(page, "facility-empty-ja")
    page.locator("main a.primary").click()
    page.locator("[name=name]").fill("関所内科クリニック")
    page.locator("[name=kind]").select_option("clinic")
    page.locator("main form button.primary").click()
    expect(page.locator("header")).to_contain_text("関所内科クリニック")
    page.goto("/estate/systems/")
    shot(page, "systems-empty-ja")
    page.locator("main a.primary").first.click()
    page.locator("main form button.primary").click()
    expect(page.locator(".error-summary")).to_be_visible()
    shot(page, "system-errors-ja")
    page.locator("[name=name]").fill("電子カルテ「みどり」")
    page.locator("[name=kind]").select_option("emr")
    page.locator("[name=form]").select_option("on_premises")
    page.locator("[name=renewal_on]").fill("Ｒ９．４．１")
    shot(page, "system-form-ja")
    page.locator("main form button.primary").click()
    expect(page.locator("main")).to_contain_text("令和9年4月1日")
    shot(page, "system-ja")
    page.goto("/estate/links/new/")
    page.locator("[name=name]").fill("電子カルテ保守回線")
    page.locator("[name=line]").select_option("ssl_vpn_client")
    page.locator("main form button.primary").click()
    page.goto("/estate/systems/")
    shot(page, "systems-ja")


def _take_rights_away(page: Page, shot: Shot) -> None:
    """A role and an account go and come back; each page asks why."""
    page.get_by_role("link", name="取り消す", exact=True).click()
    page.locator("main form button.danger").click()
    expect(page.locator(".error-summary")).to_be_visible()
    shot(page, "revoke-ja")
    page.locator("[name=reason]").fill("担当を交代したため")
    page.locator("main form button.danger").click()
    page.get_by_role("link", name="アカウントを停止").click()
    shot(page, "disable-ja")
    page.locator("[name=reason]").fill("休職のため")
    page.locator("main form button.danger").click()
    shot(page, "person-disabled-ja")
    page.get_by_role("link", name="アカウントを再開").click()
    page.locator("main form button.primary").click()
    page.locator("[name=role]").select_option("planning_manager")
    page.locator("main form button.primary").last.click()
    expect(page.locator(".toast.ok")).to_be_visible()
    shot(page, "person-history-ja")


def _change_at_once(page: Page, shot: Shot) -> None:
    """Two windows hold the same form; the second to save sees both values, and can save again."""
    page.goto("/estate/systems/")
    page.get_by_role("link", name="電子カルテ「みどり」").click()
    entry = page.url
    forms = (page, page.context.new_page())
    for form in forms:
        form.goto(f"{entry}change/")
    forms[1].locator("[name=name]").fill("電子カルテ「みどり」本館")
    forms[1].locator("[name=renewal_on]").fill("R10.4.1")
    forms[1].locator("main form button.primary").click()
    page.locator("[name=note]").fill("保守契約は年度ごとに更新")
    page.locator("main form button.primary").click()
    expect(page.locator("table.diff")).to_contain_text("令和10年4月1日")
    shot(page, "conflict-ja")
    page.locator("main form button.primary").click()
    expect(page).to_have_url(entry)
    page.get_by_role("link", name="登録を終了").click()
    shot(page, "close-ja")
    page.locator("[name=reason]").fill("後継システムに移行したため")
    page.locator("main form button.danger").click()
    shot(page, "closed-ja")
    page.get_by_role("link", name="再開").click()
    shot(page, "reopen-ja")
    page.locator("main form button.primary").click()
    expect(page.locator(".toast.ok")).to_be_visible()


def _look_in_english(page: Page, shot: Shot) -> None:
    page.goto("/")
    shot(page, "home-ja")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    shot(page, "home-en")
    for name, address in {
        "systems-en": "/estate/systems/",
        "people-en": "/people/",
        "register-en": "/register/",
        "components-en": "/components",
        "password-en": "/password/",
    }.items():
        page.goto(address)
        shot(page, name)
    page.get_by_role("button", name="日本語").click()
    page.goto("/components")
    shot(page, "components-ja")
