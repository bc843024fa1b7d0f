"""The accounts of a system: read in from its file, held against staff and ledger, reviewed; what the control says."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.estate.services import add_platform
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.ledgers.models.base import AppendOnlyViolation
from sekisho.ledgers.services.books import add_entry
from sekisho.people.controls import account_reconciliation
from sekisho.people.ledgers import ACCOUNT_COVERAGE, ACCOUNTS
from sekisho.people.models import AccountReview, AccountSnapshot, Owner, ReviewItem, SystemAccount, User
from sekisho.people.rules.owners import Seen
from sekisho.people.services.id_review import SnapshotData, store_snapshot
from sekisho.people.services.leavers import end_leavers
from sekisho.people.services.staff import PersonData, add_staff
from sekisho.register.models import Event

pytestmark = pytest.mark.django_db
COLUMNS = {
    "login": "ユーザーID",
    "name": "氏名",
    "kana": "フリガナ",
    "staff_number": "職員番号",
    "state": "状態",
    "administrator": "管理者",
    "last_used": "最終ログイン",
}
HEADING = "ユーザーID,氏名,フリガナ,職員番号,状態,管理者,最終ログイン"
ROWS = [
    "takahashi,髙橋 一郎,タカハシ イチロウ,1001,有効,×,2026/11/20 8:31",  # right, by number
    "yamazaki,山崎 花子,ﾔﾏｻﾞｷ ﾊﾅｺ,,有効,×,R8.11.1",  # the staff list writes 山﨑
    "suzuki,鈴木 次郎,,1003,有効,×,20261101",  # has left
    "old,佐藤 三郎,,1004,有効,×,2026/5/1",  # unused
    "Administrator,,,,有効,○,2026/11/20",  # shared, administrator
    "gone-person,知らない 人,,,有効,×,2026/11/20",  # nobody
    "left,鈴木 次郎,,1003,無効,×,2025/1/1",  # disabled: nothing to say but that the ledger lacks it
]


@pytest.fixture
def emr(operator: Actor, at_nine: clock.FixedClock) -> Any:
    """An electronic record, and the staff whose accounts it has."""
    add_staff(PersonData("高橋 一郎", "タカハシ イチロウ", "1001"))
    add_staff(PersonData("山﨑 花子", "ヤマザキ ハナコ", "1002"))
    add_staff(PersonData("鈴木 次郎", "スズキ ジロウ", "1003", employed_until=date(2026, 3, 31)))
    add_staff(PersonData("佐藤 三郎", "サトウ サブロウ", "1004"))
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    return add_to_estate(actor=operator, ledger=SYSTEMS, values=values)


def finding(system: Any) -> Finding:
    return next(found for found in account_reconciliation.check() if found.subject.id == str(system.pk))


def upload(client: Client, system: Any, text: str, encoding: str = "cp932") -> Any:
    file = SimpleUploadedFile("ユーザー一覧.csv", text.encode(encoding))
    return client.post(f"/people/systems/{system.pk}/read/", {"taken_on": "R8.11.21", "file": file})


def keep_address(page: str) -> str:
    return page.split('action="/people/systems/', 1)[1].split('"', 1)[0]


@pytest.mark.failing_fixture("people.account_reconciliation")
def test_a_list_is_read_in_found_faulty_reviewed_and_settled(
    emr: Any, signed_in: Callable[..., Client], operator: Actor
) -> None:
    """In CP932 with 髙 and a reading in half width; nothing is invented, and every decision is written down."""
    client, base = signed_in(Role.SYSTEM_OPERATOR), f"/people/systems/{emr.pk}/"
    assert finding(emr).outcome is Outcome.UNKNOWN
    assert client.get(f"{base}read/").status_code == 302, "first its headings"
    assert client.post(f"{base}source/", {**COLUMNS, "interval_days": "31", "version": "0"}).status_code == 302
    text = "\r\n".join(["利用者一覧", HEADING, *ROWS])
    # One wrong cell stops the whole file, and is named with its line.
    answer = upload(client, emr, text.replace("2026/5/1", "きのう"))
    assert "きのう" in answer.content.decode()
    assert "7" in answer.content.decode()
    assert "/people/systems/" in client.get("/people/systems/").content.decode()
    page = upload(client, emr, text).content.decode()
    assert AccountSnapshot.objects.count() == 0, "looked at only"
    kept = f"/people/systems/{keep_address(page)}"
    sent = {"taken_on": "2026/11/21", "name": "ユーザー一覧.csv"}
    assert client.post(kept, sent).status_code == 302
    assert client.post(kept, sent).status_code == 302
    row = AccountSnapshot.objects.get()
    assert (row.accounts, row.documents[0]["name"], row.documents[1]["last_used"]) == (7, "髙橋 一郎", "2026-11-01")
    with pytest.raises(AppendOnlyViolation):
        row.delete()
    found = finding(emr)
    assert found.outcome is Outcome.FAIL
    assert found.facts["open_by_fault"] == {
        "administrator": 1,
        "leaver": 1,
        "no_owner": 1,
        "shared": 1,
        "unregistered": 7,
        "unused": 1,
    }
    # What is missing in the ledger is entered there, with the owner as far as one was found.
    assert client.post(f"{base}enter/").status_code == 302
    owners = dict(SystemAccount.objects.values_list("login", "owner__name"))
    assert owners["yamazaki"] == "山﨑 花子"
    assert (owners["Administrator"], owners["gone-person"]) == (None, None)
    assert not SystemAccount.objects.filter(administrator=True).exists(), "nobody has granted that"
    assert "suzuki" in client.get(base).content.decode() or client.get(base).status_code == 200
    review_page = client.post(f"{base}review/").headers["Location"]
    review = AccountReview.objects.get()
    items = {item.login: item for item in ReviewItem.objects.all()}
    assert {login: item.faults for login, item in items.items()} == {
        "suzuki": ["leaver"],
        "old": ["unused"],
        "Administrator": ["shared", "administrator"],
        "gone-person": ["no_owner"],
    }
    assert client.post(f"{review_page}finish/").status_code == 302
    assert AccountReview.objects.get().finished_at is None, "four are open"
    one = f"{review_page}{items['old'].pk}/"
    assert client.post(one, {"disposition": "keep", "reason": ""}).status_code == 422
    assert client.post(one, {"disposition": "keep", "reason": "育児休業中のため残す"}).status_code == 302
    assert "old" not in client.get(f"{review_page}?open").content.decode()
    for login in ("suzuki", "Administrator", "gone-person"):
        client.post(f"{review_page}{items[login].pk}/", {"disposition": "disable", "reason": "", "alike": "on"})
    client.post(f"{review_page}finish/")
    review.refresh_from_db()
    assert review.finished_by
    entry = json.loads(Event.objects.latest("source_seq").entry)
    assert (entry["action"], entry["details"]["items"]) == ("account_review.finish", 4)
    assert finding(emr).facts["logins"] == ["suzuki", "Administrator", "gone-person"], "asked for is not done"
    # The next list shows it done.
    rows = [
        line.replace("有効", "無効") if line.split(",")[0] in items and "old" not in line else line for line in ROWS
    ]
    upload_page = upload(client, emr, "\r\n".join([HEADING, *rows]), "utf-8").content.decode()
    client.post(f"/people/systems/{keep_address(upload_page)}", sent)
    assert finding(emr).outcome is Outcome.PASS
    # An entry that the system no longer has is told.
    add_entry(actor=operator, ledger=ACCOUNTS, values={"system": emr, "login": "nobody-home", "kind": "service"})
    assert finding(emr).facts["open_by_fault"] == {"gone": 1}


def test_an_old_list_or_one_that_tells_little_is_not_taken_for_fine(
    emr: Any, operator: Actor, at_nine: clock.FixedClock
) -> None:
    """Unknown is said, and not PASS."""
    owner = Owner.objects.get(staff_number="1001")
    add_entry(actor=operator, ledger=ACCOUNTS, values={"system": emr, "login": "takahashi", "owner": owner})
    data = SnapshotData(date(2026, 11, 21), [Seen("TAKAHASHI")], ["login"], "x.csv")
    store_snapshot(actor=operator, system_id=emr.pk, data=data)
    found = finding(emr)
    assert (found.outcome, found.facts["not_told"]) == (Outcome.UNKNOWN, ["unused", "administrator"])
    at_nine.moment += timedelta(days=32)
    assert (finding(emr).outcome, "older" in finding(emr).message.msgid) == (Outcome.UNKNOWN, True)
    members = [member for member in ACCOUNT_COVERAGE.measure() if str(emr.pk) in member.belongs_to]
    assert [member.missing for member in members] == [()]


def test_the_platform_looks_at_its_own_accounts(
    operator: Actor, make_person: Callable[..., Any], at_nine: clock.FixedClock
) -> None:
    """As they are, without a file; a leaver whose account works is found."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    user = make_person("yamada", Role.SYSTEM_OPERATOR)
    (found,) = list(account_reconciliation.check())
    assert (found.outcome, found.facts["accounts"]) == (Outcome.PASS, 1)
    user.staff.employed_until = date(2026, 11, 1)
    user.staff.save()
    (found,) = list(account_reconciliation.check())
    assert found.facts["open_by_fault"] == {"leaver": 1}
    # The job of the night disables it, once, and says so; somebody whose last day is today still works.
    today = make_person("sato", Role.STAFF)
    today.staff.employed_until = date(2026, 11, 21)
    today.staff.save()
    assert end_leavers(actor=platform("worker")) == 1
    assert end_leavers(actor=platform("worker")) == 0
    assert dict(User.objects.values_list("login", "is_active")) == {"yamada": False, "sato": True}
    assert json.loads(Event.objects.latest("source_seq").entry)["action"] == "account.end_leaver"
    (found,) = list(account_reconciliation.check())
    assert found.outcome is Outcome.PASS
