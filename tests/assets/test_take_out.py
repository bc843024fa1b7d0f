"""Taking out: applied for, approved, out, overdue, back and checked; and what the ledger proves meanwhile."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from sekisho.assets.ledgers import DEVICES, MEDIA, TAKE_OUT, TAKE_OUT_COVERAGE
from sekisho.assets.models import TakeOut
from sekisho.estate import ledgers as estate
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.governance.models import Notice
from sekisho.governance.queries.notice_words import title_of, url_of
from sekisho.governance.services.notices import look_for_notices
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Member
from sekisho.ledgers.errors import EntryInvalid, NotYourPart
from sekisho.ledgers.models import Application
from sekisho.ledgers.queries.books import targets
from sekisho.ledgers.services.books import add_entry, close_entry, strike_entry
from sekisho.register.models import Event
from tests.assets.approving import (
    HEAD,
    NURSE_HEAD,
    OPERATOR,
    PLANNER,
    apply_for,
    approve_by,
    note,
    pass_days,
    state_nothing,
    stored,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
BOOK = "/assets/take_out/"
LEFT, DUE = date(2026, 11, 21), date(2026, 11, 23)
GOOD: dict[str, Any] = {
    "what": "訪問診療の予定表",
    "information": "訪問先の患者12名の氏名と病名",
    "purpose": "訪問診療",
    "destination": "患者宅",
    "carrier": "山田 花子",
    "out_from": LEFT,
    "due_on": DUE,
    "lock": "device",
    "measures": "車内に置かない",
}
BACK = {"returned_on": LEFT, "check_result": "in_order", "checked_by": "試験 太郎"}


@pytest.fixture
def laptop(at_nine: clock.FixedClock) -> Any:
    """A laptop of the ledger of devices."""
    values = {"name": "訪問用ノートPC", "kind": "terminal", "portable": True}
    return add_entry(actor=OPERATOR, ledger=DEVICES, values=values)


@pytest.fixture
def vendor(at_nine: clock.FixedClock) -> Any:
    """A vendor."""
    return add_to_estate(actor=OPERATOR, ledger=estate.VENDORS, values={"name": "みどり医療システム"})


def applied(**values: Any) -> TakeOut:
    entry = add_entry(actor=HEAD, ledger=TAKE_OUT, values={**GOOD, **values})
    assert isinstance(entry, TakeOut)
    return entry


def allowed(**values: Any) -> TakeOut:
    entry = applied(**values)
    approve_by(apply_for(TAKE_OUT, entry), NURSE_HEAD, OPERATOR)
    return entry


def members() -> list[Member]:
    return list(TAKE_OUT_COVERAGE.measure())


def lacks() -> list[str]:
    """Return what is missing, over all members."""
    return [text.msgid for member in members() for text in member.missing]


def notices() -> list[Notice]:
    look_for_notices(actor=platform("test"))
    return list(Notice.objects.filter(kind="take_out", ended_at=None))


@pytest.mark.failing_fixture("assets.take_out")
def test_a_laptop_is_applied_for_approved_taken_out_overdue_and_returned(
    laptop: Any, signed_in: Callable[..., Client], at_nine: clock.FixedClock, english: None
) -> None:
    """By three people over the pages; each state is named where it is looked for."""
    head, operator = signed_in(Role.DEPARTMENT_MANAGER), signed_in(Role.SYSTEM_OPERATOR)
    manager = signed_in(Role.SAFETY_MANAGER)
    values = {**GOOD, "what": "", "device": str(laptop.pk), "way": "carried"}
    assert head.post(f"{BOOK}new/", {**values, "due_on": "R8.11.20"}).status_code == 422, "back before it leaves"
    assert head.post(f"{BOOK}new/", values).status_code == 302
    entry = TakeOut.objects.get()
    head.post(f"/applications/entries/assets.take_out/{entry.pk}/", {"version": entry.version})
    application = Application.objects.get()
    page = f"/applications/{application.pk}/approve/"
    operator.post(page, {"version": application.version})
    assert not stored(entry).is_approved, "it is the turn of the department"
    for client in (manager, operator):
        assert client.post(page, {"version": Application.objects.get().version}).status_code == 302
    assert stored(entry).is_approved
    assert members() == [], "nothing has left yet"

    note(TAKE_OUT, entry, out_on=LEFT)
    assert lacks() == []
    assert len(members()) == 1
    pass_days(at_nine, 3)
    assert lacks() == ["Return: it is overdue"]
    page = signed_in(Role.AUDITOR).get(f"{BOOK}?attention=expired").content.decode()
    assert "EQ-00001 訪問用ノートPC" in page
    assert "2026-11-23 (passed)" in page
    (notice,) = notices()
    assert (notice.overdue, notice.urgency, notice.until) == (True, 2, DUE)
    assert title_of(notice, "en") == "What was taken out (TO-00001) is not back."
    assert url_of(notice) == f"{BOOK}{entry.pk}/"

    note(TAKE_OUT, entry, returned_on=date(2026, 11, 24), wifi="yes")
    assert notices() == []
    assert lacks() == ["Check on return", "What the check found"]
    note(TAKE_OUT, entry, check_result="in_order", checked_by="試験 太郎", check_note="検査済み、追加の導入なし")
    assert lacks() == []
    assert stored(entry).ended_reason == "Came back and was checked."
    (member,) = members()
    assert member.confirmed_at == clock.now(), "done and closed, it is counted for a year, as fresh as the last word"
    pass_days(at_nine, 366)
    assert members() == []


def test_what_left_without_approval_is_named_whatever_happens_afterwards(at_nine: clock.FixedClock) -> None:
    entry = applied()
    pass_days(at_nine, 1)
    assert lacks() == ["Approval", "Left on"], "nobody noted whether it left"
    note(TAKE_OUT, entry, out_on=LEFT)
    assert lacks() == ["Approval", "Approval before it left"]
    approve_by(apply_for(TAKE_OUT, entry), NURSE_HEAD, OPERATOR)
    assert lacks() == ["Approval before it left"]
    note(TAKE_OUT, entry, **BACK)
    assert stored(entry).closed_at
    assert lacks() == ["Approval before it left"]


def test_an_emergency_is_approved_afterwards_within_its_time(at_nine: clock.FixedClock) -> None:
    entry = applied(out_on=LEFT)
    application = apply_for(TAKE_OUT, entry, done_reason="災害の現場に急行した")
    pass_days(at_nine, 2)
    approve_by(application, NURSE_HEAD, OPERATOR)
    assert lacks() == []
    late = applied(out_on=date(2026, 11, 23), out_from=date(2026, 11, 23), due_on=date(2026, 11, 30))
    application = apply_for(TAKE_OUT, late, done_reason="災害の現場に急行した")
    pass_days(at_nine, 4)
    approve_by(application, NURSE_HEAD, OPERATOR)
    assert "Approval before it left" in lacks()


def test_a_longer_stay_is_approved_anew_and_filling_in_is_not(at_nine: clock.FixedClock) -> None:
    entry = allowed()
    note(TAKE_OUT, entry, out_on=LEFT)
    assert stored(entry).is_approved
    note(TAKE_OUT, entry, due_on=date(2026, 11, 30))
    assert lacks() == ["Approval"]
    pass_days(at_nine, 1)
    approve_by(apply_for(TAKE_OUT, entry), NURSE_HEAD, OPERATOR)
    assert lacks() == [], "it had been approved before it left"


def test_what_a_vendor_takes_out_needs_the_planning_manager(vendor: Any) -> None:
    entry = applied(vendor=vendor, kept_there="施錠した保管庫")
    application = apply_for(TAKE_OUT, entry)
    with pytest.raises(NotYourPart):
        approve_by(application, NURSE_HEAD)
    approve_by(application, OPERATOR)
    assert not stored(entry).is_approved
    approve_by(application, PLANNER)
    assert stored(entry).is_approved
    note(TAKE_OUT, entry, out_on=LEFT)
    (member,) = members()
    assert member.belongs_to == {str(vendor.pk)}
    assert member.missing == ()
    note(TAKE_OUT, entry, kept_there="")
    assert lacks() == ["Approval", "How it is kept there"]


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        ({"lock": "none"}, "Encryption"),
        ({"lock": ""}, "Encryption"),
        ({"measures": "、。"}, "Measures against loss"),
        ({"lost_on": LEFT}, "Loss reported on"),
    ],
)
def test_what_is_lacking_is_named(at_nine: clock.FixedClock, wrong: dict[str, Any], missing: str) -> None:
    entry = allowed(**{name: value for name, value in wrong.items() if name != "lost_on"})
    note(TAKE_OUT, entry, out_on=LEFT, **wrong)
    assert lacks() == [missing]


def test_closing_or_striking_out_an_entry_brings_nothing_back(at_nine: clock.FixedClock) -> None:
    """The notice stays too; only what should never have been entered is gone, and that leaves its own trace."""
    entry = allowed()
    note(TAKE_OUT, entry, out_on=LEFT)
    pass_days(at_nine, 3)
    version = stored(entry).version
    close_entry(actor=OPERATOR, ledger=TAKE_OUT, entry_id=entry.pk, version=version, reason="もう見たくない")
    assert lacks() == ["Return: it is overdue"]
    assert len(notices()) == 1
    TakeOut.objects.filter(pk=entry.pk).delete()
    assert lacks() == ["The entry itself: its number was given, and it is not there"]


def test_that_nothing_left_is_stated_and_holds_for_every_vendor(vendor: Any) -> None:
    assert members() == [], "no entry and no word proves nothing"
    state_nothing(TAKE_OUT)
    (member,) = members()
    assert member.belongs_to == {str(vendor.pk)}
    assert member.missing == ()
    note(TAKE_OUT, allowed(), out_on=LEFT)
    assert [one.belongs_to for one in members()] == [frozenset()], "nothing is said of the vendor any more"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"what": ""}, "what"),
        ({"out_on": date(2026, 11, 22)}, "out_on"),
        ({"returned_on": LEFT}, "returned_on"),
        ({"check_result": "in_order"}, "check_result"),
        ({"loss_reported_on": LEFT}, "loss_reported_on"),
    ],
)
def test_what_contradicts_itself_is_refused(at_nine: clock.FixedClock, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(EntryInvalid) as caught:
        applied(**wrong)
    assert list(caught.value.faults) == [field]


def test_one_thing_is_out_once_and_is_told_by_its_number(laptop: Any, at_nine: clock.FixedClock) -> None:
    """Two laptops of one name are two laptops: in the register, in what is approved and in a file that is read back."""
    values = {"name": "訪問用ノートPC", "kind": "terminal", "portable": True}
    other = add_entry(actor=OPERATOR, ledger=DEVICES, values=values)
    entry = allowed(what="", device=laptop)
    note(TAKE_OUT, entry, out_on=LEFT)
    with pytest.raises(EntryInvalid, match="out already"):
        applied(what="", device=laptop, out_on=LEFT)
    note(TAKE_OUT, entry, device=other)
    event = json.loads(Event.objects.latest("source_seq").entry)
    assert event["details"]["changes"]["device"] == ["EQ-00001 訪問用ノートPC", "EQ-00002 訪問用ノートPC"]
    assert not stored(entry).is_approved


def test_a_struck_out_thing_is_not_offered(at_nine: clock.FixedClock) -> None:
    medium = add_entry(actor=OPERATOR, ledger=MEDIA, values={"label": "USB-1", "kind": "usb"})
    strike_entry(actor=OPERATOR, ledger=MEDIA, entry_id=medium.pk, version=1, reason="二重")
    assert not targets(TAKE_OUT, "medium").exists()
    with pytest.raises(EntryInvalid):
        applied(what="", medium=stored(medium))
