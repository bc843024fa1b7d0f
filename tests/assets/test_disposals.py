"""Disposals: approved, carried out, checked and certified; and what is gone without one."""

from datetime import date
from typing import Any

import pytest

from sekisho.assets.ledgers import DEVICES, DISPOSAL_COVERAGE, DISPOSALS, MEDIA
from sekisho.assets.models import Disposal
from sekisho.estate import ledgers as estate
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.kernel import clock
from sekisho.kernel.errors import Forbidden
from sekisho.ledgers.errors import EntryInvalid
from sekisho.ledgers.services.books import add_entry, close_entry
from tests.assets.approving import (
    HEAD,
    OPERATOR,
    PLANNER,
    apply_for,
    approve_by,
    note,
    pass_days,
    state_nothing,
    stored,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)
GOOD: dict[str, Any] = {
    "information": "電子カルテの端末の一時ファイル",
    "reason": "リース満了、データは移行済み",
    "method": "destroyed",
    "planned_on": DAY,
    "executor": "海山リサイクル 田中",
    "qualification": "データ消去技術者",
}
DONE: dict[str, Any] = {
    "done_on": DAY,
    "witness": "試験 太郎",
    "residual": "nothing",
    "residual_checked_by": "試験 太郎",
    "certificate": "証明書 2026-118 事務室の棚",
    "reported_on": DAY,
}


@pytest.fixture
def system(at_nine: clock.FixedClock) -> Any:
    """The electronic record."""
    values = {"name": "電子カルテ", "kind": "emr", "form": "cloud"}
    return add_to_estate(actor=OPERATOR, ledger=estate.SYSTEMS, values=values)


@pytest.fixture
def server(system: Any) -> Any:
    """A server that is given up."""
    values = {"name": "旧サーバ", "kind": "server", "holds_medical_information": True, "system": system}
    return add_entry(actor=OPERATOR, ledger=DEVICES, values=values)


def allowed(**values: Any) -> Disposal:
    entry = add_entry(actor=OPERATOR, ledger=DISPOSALS, values={**GOOD, **values})
    assert isinstance(entry, Disposal)
    approve_by(apply_for(DISPOSALS, entry, OPERATOR), PLANNER)
    return entry


def lacks() -> list[str]:
    """Return what is missing, over all members."""
    return [text.msgid for member in DISPOSAL_COVERAGE.measure() for text in member.missing]


def numbers() -> tuple[int, int]:
    """Return n and N."""
    found = list(DISPOSAL_COVERAGE.measure())
    return sum(not member.missing for member in found), len(found)


@pytest.mark.failing_fixture("assets.disposals")
def test_a_server_is_disposed_of_and_its_own_entry_is_closed(server: Any, at_nine: clock.FixedClock) -> None:
    entry = allowed(device=server)
    assert numbers() == (0, 0), "nothing is due before its day has passed"
    note(DISPOSALS, entry, done_on=DAY)
    gone = stored(server)
    assert gone.state == "disposed"
    assert "DS-00001" in gone.ended_reason
    assert gone.closed_at
    wanted = ["Check for remains", "Certificate", "Witness", "Reported to the planning manager on"]
    assert lacks() == wanted
    note(DISPOSALS, entry, **DONE)
    assert stored(entry).closed_at, "everything is on record"
    assert numbers() == (1, 1)
    pass_days(at_nine, 366)
    assert numbers() == (0, 0), "of this year there is nothing"


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        ({"residual": "readable"}, "Check for remains"),
        ({"residual_checked_by": ""}, "Check for remains"),
        ({"certificate": ""}, "Certificate"),
        ({"witness": ""}, "Witness"),
        ({"reported_on": None}, "Reported to the planning manager on"),
    ],
)
def test_one_thing_that_lacks_keeps_a_disposal_open(system: Any, wrong: dict[str, Any], missing: str) -> None:
    entry = allowed(what="2015年度の紙カルテ", system=system)
    note(DISPOSALS, entry, **{**DONE, **wrong})
    (member,) = DISPOSAL_COVERAGE.measure()
    assert [text.msgid for text in member.missing] == [missing]
    assert member.belongs_to == {str(system.pk)}
    assert stored(entry).closed_at is None


def test_a_vendor_needs_a_contract_and_whoever_does_it_knowledge(system: Any) -> None:
    vendor = add_to_estate(actor=OPERATOR, ledger=estate.VENDORS, values={"name": "海山リサイクル"})
    entry = allowed(what="旧データ", system=system, vendor=vendor, method="deleted", qualification="")
    note(DISPOSALS, entry, **DONE)
    assert lacks() == ["Expert knowledge of whoever does it", "Contract with the vendor"]


def test_what_was_done_without_approval_is_named(server: Any, at_nine: clock.FixedClock) -> None:
    entry = add_entry(actor=OPERATOR, ledger=DISPOSALS, values={**GOOD, **DONE, "device": server})
    assert stored(server).closed_at, "it is gone all the same"
    assert lacks() == ["Approval", "Approval before it was carried out"]
    pass_days(at_nine, 1)
    approve_by(apply_for(DISPOSALS, entry, OPERATOR), PLANNER)
    assert lacks() == ["Approval before it was carried out"]
    assert stored(entry).closed_at, "there is nothing left to do"


def test_whatever_is_gone_needs_a_disposal(server: Any) -> None:
    """By its state or by a closed entry; what was lost was not disposed of, and what held nothing is nobody's."""
    note(DEVICES, server, state="disposed")
    medium = add_entry(actor=OPERATOR, ledger=MEDIA, values={"label": "USB-1", "kind": "usb"})
    close_entry(actor=OPERATOR, ledger=MEDIA, entry_id=medium.pk, version=1, reason="捨てた")
    add_entry(actor=OPERATOR, ledger=DEVICES, values={"name": "紛失機", "kind": "terminal", "state": "lost"})
    hub = add_entry(actor=OPERATOR, ledger=DEVICES, values={"name": "ハブ", "kind": "network"})
    close_entry(actor=OPERATOR, ledger=DEVICES, entry_id=hub.pk, version=1, reason="撤去")
    wanted = "A disposal that was carried out, in the ledger of disposals"
    assert lacks() == [wanted, wanted]
    entry = allowed(device=server)
    assert lacks() == [wanted, wanted], "an approval disposes of nothing"
    note(DISPOSALS, entry, **DONE)
    assert lacks() == [wanted]


def test_that_nothing_was_disposed_of_is_stated(system: Any) -> None:
    assert numbers() == (0, 0)
    state_nothing(DISPOSALS)
    (member,) = DISPOSAL_COVERAGE.measure()
    assert str(system.pk) in member.belongs_to
    assert numbers() == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"residual": "nothing"}, "residual"), ({"reported_on": DAY}, "reported_on"), ({"what": ""}, "what")],
)
def test_what_contradicts_itself_is_refused(at_nine: clock.FixedClock, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(EntryInvalid) as caught:
        allowed(**{"what": "紙カルテ", **wrong})
    assert list(caught.value.faults) == [field]


def test_who_may_not_keep_the_ledger_disposes_of_nothing(server: Any) -> None:
    entry = allowed(device=server)
    with pytest.raises(Forbidden):
        note(DISPOSALS, entry, HEAD, done_on=DAY)
    assert stored(server).closed_at is None
