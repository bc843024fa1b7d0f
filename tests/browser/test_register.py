"""The register as a clinic meets it: a log comes in, somebody asks who opened a record, a burst is looked into.

What is taken out is checked by the verifier in a process of its own, against a head that was kept before.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE
from tests.browser.first_day import SERIOUS
from tests.browser.test_first_hour import enrol
from tests.config.running import Instance, run, until

PATIENT = "0001234"
CLERK = "佐藤 次郎"
HEADING = "日時,職員番号,氏名,患者番号,操作,端末,結果,備考"
REMARK = "あ" * 3600  # makes the file so large that the worker looks at it
COLUMNS = {
    "time": "日時", "person": "職員番号", "person_name": "氏名", "patient": "患者番号", "action": "操作",
    "terminal": "端末", "outcome": "結果",
}  # fmt: skip
FORMS = {"csv": "events.csv", "xlsx": "events.xlsx", "fhir": "events.fhir.json", "dicom": "messages/"}


def access_log() -> bytes:
    """Return yesterday's log: one patient's morning, and a clerk who opens 35 records within an hour."""
    day = datetime.combine(clock.now().astimezone(FACILITY_ZONE) - timedelta(days=1), time(9), FACILITY_ZONE)
    rows = [
        (9, "D001", "髙橋 﨑子", PATIENT, "カルテ参照", "診察室1"),
        (12, "D001", "髙橋 﨑子", PATIENT, "カルテ更新", "診察室1"),
        (31, "N014", "中村 みどり", PATIENT, "カルテ参照", "処置室"),
        (95, "C003", CLERK, PATIENT, "カルテ印刷", "受付"),
        *((240 + number, "C003", CLERK, f"{2000 + number:07}", "カルテ参照", "受付") for number in range(35)),
    ]
    lines = [
        f"{day + timedelta(minutes=minute):%Y/%m/%d %H:%M},{number},{name},{patient},{what},{where},成功,{REMARK}"
        for minute, number, name, patient, what, where in rows
    ]
    return ("\r\n".join([HEADING, *lines]) + "\r\n").encode("cp932")


@pytest.fixture
def see() -> Callable[..., None]:
    """Return a function that looks at a page as axe does; with SHOTS it keeps pictures, wide and narrow, ja and en."""

    def look(page: Page, name: str, *, again: bool = True) -> None:
        found = Axe().run(page).response
        assert [one["id"] for one in found["violations"] if one["impact"] in SERIOUS] == [], page.url
        if not (folder := os.environ.get("SHOTS")):
            return
        for language in ("en", "ja") if again else ("ja",):
            address = re.sub("(:\\d+)/.*", "\\1", page.url)
            cookie = {"name": "sekisho_language", "value": language, "url": address, "secure": True}
            page.context.add_cookies([cookie])  # type: ignore[list-item]
            for width in (375, 1280):
                page.set_viewport_size({"width": width, "height": 768})
                if again:
                    page.reload()
                page.screenshot(path=f"{folder}/register-{name}-{language}-{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
            page.pdf(path=f"{folder}/register-{name}-{language}.pdf", format="A4")

    return look


@pytest.mark.timeout(300)
def test_a_log_comes_in_and_people_ask_it(
    platform: Instance, open_browser: Callable[..., Page], see: Callable[..., None], tmp_path: Path
) -> None:
    """From the exported file of the chart system to the monthly report."""
    found = re.search(r"https://\S+/invitation/\S+", platform.out.read_text())
    assert found is not None
    page = open_browser()
    enrol(page, found[0], name="山田 花子", kana="ヤマダ ハナコ", login="yamada")
    head = tmp_path / "head"
    head.write_bytes(page.request.get("/register/log/checkpoint").body())

    enter_source(page)
    import_log(page, see, tmp_path)
    read_history(page, see)
    archives = take_out(page, see, tmp_path)
    proof, key = newest_proof(archives[-1]), archives[0] / "log.vkey"
    verify("--proof", proof, "--key", key)
    proven = tmp_path / "proven"
    proven.write_bytes(proof.read_bytes().partition(b"\n\n")[2])
    verify(platform.home / "register", "--key", key, "--head", head, "--head", proven)

    judged = run(platform.home, ["register", "review", "run"], platform.settings)
    assert "burst_of_patients: ran" in judged.stdout, judged.stdout + judged.stderr
    decide(page, see)
    report(page, tmp_path)


def enter_source(page: Page) -> None:
    """The chart system, and where its log comes from."""
    page.goto("/estate/systems/new/")
    page.locator("[name=name]").fill("電子カルテ「みどり」")
    page.locator("[name=kind]").select_option("emr")
    page.locator("[name=form]").select_option("on_premises")
    page.locator("main form button.primary").click()
    page.goto("/register/sources/new/")
    page.locator("[name=name]").fill("電子カルテのアクセスログ")
    page.locator("[name=system]").select_option(label="電子カルテ「みどり」")
    page.locator("[name=kind]").select_option("csv")
    for field, heading in COLUMNS.items():
        page.locator(f"[name={field}]").fill(heading)
    page.locator("main form button.primary").click()
    expect(page.locator("h1")).to_contain_text("電子カルテのアクセスログ")


def import_log(page: Page, see: Callable[..., None], folder: Path) -> None:
    """The worker looks at the file; its page shows by itself what it comes to. Then it is imported."""
    file = folder / "アクセスログ.csv"
    file.write_bytes(access_log())
    page.get_by_role("link", name="ファイルを取り込む").click()
    page.locator("[name=file]").set_input_files([str(file)])
    page.locator("main form button.primary").click()
    expect(page.locator("main progress")).to_be_visible()
    expect(page.get_by_role("button", name="新しい行を取り込む")).to_be_visible(timeout=60_000)
    expect(page.locator("main tbody tr")).to_have_count(5)
    see(page, "import")
    page.locator("main form button.primary").click()
    expect(page.locator(".toast.ok")).to_be_visible()


def read_history(page: Page, see: Callable[..., None]) -> None:
    """A patient asks who opened the record; the answer can be printed."""
    page.goto("/register/")
    page.get_by_role("link", name="患者の記録を開いた人").click()
    assert search(page, "patient", "１２３４") == 0
    expect(page.locator("main")).to_contain_text("１２３４")
    until(lambda: search(page, "patient", PATIENT) == 3, what="three visits")
    rows = page.locator("main tbody tr")
    expect(rows.last).to_contain_text("髙橋 﨑子")
    expect(rows.first).to_contain_text(CLERK)
    see(page, "patient")


def search(page: Page, field: str, value: str) -> int:
    """Search, and return how many rows are shown; what was imported arrives a moment later."""
    page.locator(f"[name={field}]").fill(value)
    with page.expect_navigation():
        page.locator(f"[name={field}]").press("Enter")
    return page.locator("main tbody tr").count()


def take_out(page: Page, see: Callable[..., None], folder: Path) -> list[Path]:
    """Every form of the clerk's events; return the folders that they were unpacked into."""
    page.goto("/register/")
    until(lambda: search(page, "person", CLERK) == 36, what="all of the clerk's events")
    see(page, "list")
    folders = []
    for form, member in FORMS.items():
        page.locator("[name=format]").select_option(form)
        with page.expect_download() as coming:
            page.get_by_role("button", name="取り出す").click()
        coming.value.save_as(folder / f"{form}.zip")
        folders.append(folder / form)
        with zipfile.ZipFile(folder / f"{form}.zip") as archive:
            archive.extractall(folders[-1])
            names = archive.namelist()
        assert sum(name.startswith("proofs/") for name in names) == 36
        assert any(name.startswith(member) for name in names)
    return folders


def newest_proof(archive: Path) -> Path:
    """Return the proof of the newest event in an archive."""
    return max((archive / "proofs").iterdir(), key=lambda path: int(path.stem))


def verify(*words: str | Path) -> None:
    """Run the verifier on its own; it must find everything intact."""
    command = [sys.executable, "-P", "-m", "sekisho_verify", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "intact"), (done.stdout, done.stderr)


def decide(page: Page, see: Callable[..., None]) -> None:
    """The clerk's burst is looked at by somebody with a name, and explained."""
    burst = page.get_by_role("link", name="短時間に多数の患者を閲覧")
    until(lambda: (page.goto("/register/review/"), burst.count())[1], what="the item: the worker may be at it as well")
    see(page, "review")
    burst.first.click()
    expect(page.locator("main tbody tr")).to_have_count(36)
    expect(page.locator("main tbody")).to_contain_text("0002034")
    page.locator("[name=decided][value=explained]").check()
    page.locator("[name=comment]").fill("健診の結果の送付準備。医事課長の指示書を確認した")
    page.locator("main form button.primary").click()
    expect(page.locator(".toast.ok")).to_be_visible()
    expect(page.locator("main")).to_contain_text("山田 花子")
    see(page, "item")


def report(page: Page, folder: Path) -> None:
    """The monthly report is a PDF that names the rule and the decision."""
    page.goto("/register/review/")
    with page.expect_download() as coming:
        page.locator("main a[href*='/review/report/']").click()
    file = Path(os.environ.get("SHOTS", folder)) / "register-report.pdf"
    coming.value.save_as(file)
    assert file.read_bytes().startswith(b"%PDF-")
