"""What the ledgers of devices and media prove: every member of a population, never the one good row."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.assets import ledgers
from sekisho.assets.models import Equipment
from sekisho.estate import ledgers as estate
from sekisho.estate.errors import InUse
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.estate.services import close_entry as close_in_estate
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Coverage, Ledger
from sekisho.kernel.reading import one_reading
from sekisho.ledgers.services.books import add_entry, close_entry

pytestmark = pytest.mark.django_db
GOOD: dict[str, dict[str, Any]] = {
    "device_places": {"holds_medical_information": True, "place": "2階", "department": True},
    "loss_measures": {"portable": True, "encrypted": True, "loss_measures": "遠隔消去"},
    "malware_measures": {"protection": "edr"},
    "factory_passwords": {"password_changed_on": date(2026, 4, 1), "password_checked_by": "試験 太郎"},
    "iot_risks": {
        "kind": "iot_medical",
        "security_information_on": date(2026, 4, 1),
        "risk_analysed_on": date(2026, 4, 2),
    },
    "idle_devices": {"kind": "iot_medical", "state": "idle", "disconnected_on": date(2026, 4, 1)},
    "network_equipment": {
        "kind": "network",
        "trust_ground": "JC-STAR",
        "firmware": "1.2",
        "end_of_support_on": date(2030, 1, 1),
    },
    "wireless_devices": {"wireless": True, "mac": "00:00:5e:00:53:01", "department": True},
}
NOT_GOOD = {
    "device_places": {"place": "、。"},
    "loss_measures": {"encrypted": False},
    "malware_measures": {"protection": "substitute", "protection_note": ""},
    "factory_passwords": {"password_checked_by": ""},
    "iot_risks": {"risk_analysed_on": None},
    "idle_devices": {"connected": True},
    "network_equipment": {"end_of_support_on": date(2026, 1, 1)},
    "wireless_devices": {"mac": ""},
}
MEDIUM: dict[str, Any] = {
    "label": "バックアップ1",
    "kind": "disk",
    "content": "電子カルテ 2025年度",
    "read_with": "復元用PC",
    "place": "金庫",
    "keeper": "試験 太郎",
    "used_from": date(2025, 4, 1),
    "use_until": date(2029, 3, 31),
    "read_on": date(2026, 10, 1),
}


@pytest.fixture
def enter(operator: Actor, at_nine: clock.FixedClock) -> Callable[..., Any]:
    """A function that enters something into a ledger; a device belongs to the electronic record unless told."""
    emr = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    system = add_to_estate(actor=operator, ledger=estate.SYSTEMS, values=emr)
    department = add_to_estate(actor=operator, ledger=estate.DEPARTMENTS, values={"name": "外来"})

    def make(ledger: Ledger, **values: Any) -> Any:
        if ledger is ledgers.DEVICES:
            values = {"name": "端末", "kind": "terminal", "system": system, **values}
        if values.get("department") is True:
            values["department"] = department
        return add_entry(actor=operator, ledger=ledger, values=values)

    return make


def coverage(name: str) -> Coverage:
    return next(one for one in registry.current().coverages if one.id == f"assets.{name}")


def numbers(name: str) -> tuple[int, int]:
    """Return n and N, as the verdicts count them."""
    found = list(coverage(name).measure())
    return sum(not member.missing for member in found), len(found)


@pytest.mark.failing_fixture("assets.device_places")
@pytest.mark.failing_fixture("assets.loss_measures")
@pytest.mark.failing_fixture("assets.malware_measures")
@pytest.mark.failing_fixture("assets.factory_passwords")
@pytest.mark.failing_fixture("assets.iot_risks")
@pytest.mark.failing_fixture("assets.idle_devices")
@pytest.mark.failing_fixture("assets.network_equipment")
@pytest.mark.failing_fixture("assets.wireless_devices")
@pytest.mark.parametrize("name", GOOD)
def test_a_good_device_covers_itself_and_not_the_next(enter: Callable[..., Any], name: str) -> None:
    assert numbers(name) == (0, 1), "a system of which no device is known is a gap, not nothing"
    enter(ledgers.DEVICES, **GOOD[name])
    assert numbers(name) == (1, 1)
    enter(ledgers.DEVICES, **{**GOOD[name], **NOT_GOOD[name]})
    assert numbers(name) == (1, 2)


@pytest.mark.failing_fixture("assets.system_devices")
def test_a_system_without_a_device_in_the_ledger_is_not_covered(enter: Callable[..., Any], operator: Actor) -> None:
    billing = {"name": "医事会計", "kind": "billing", "form": "on_premises"}
    add_to_estate(actor=operator, ledger=estate.SYSTEMS, values=billing)
    add_to_estate(actor=operator, ledger=estate.SYSTEMS, values={"name": "予約", "kind": "billing", "form": "cloud"})
    device = enter(ledgers.DEVICES)
    assert numbers("system_devices") == (1, 2), "one rubbish row covers one system, and a cloud has no devices here"
    close_entry(actor=operator, ledger=ledgers.DEVICES, entry_id=device.pk, version=1, reason="廃棄")
    assert numbers("system_devices") == (0, 2)


@pytest.mark.failing_fixture("assets.media_places")
@pytest.mark.failing_fixture("assets.media_reading")
@pytest.mark.failing_fixture("assets.media_life")
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("media_places", {"keeper": ""}),
        ("media_reading", {"read_on": date(2025, 11, 20)}),
        ("media_reading", {"read_on": date(2027, 1, 1)}),
        ("media_life", {"use_until": date(2026, 11, 20)}),
        ("media_life", {"use_until": None}),
    ],
)
def test_a_medium_that_is_not_looked_after_is_not_covered(
    enter: Callable[..., Any], name: str, wrong: dict[str, Any]
) -> None:
    enter(ledgers.MEDIA, **MEDIUM)
    assert numbers(name) == (1, 1)
    enter(ledgers.MEDIA, **{**MEDIUM, **wrong})
    assert numbers(name) == (1, 2)


def test_what_nobody_confirmed_or_what_vanished_is_not_covered(
    enter: Callable[..., Any], at_nine: clock.FixedClock
) -> None:
    first, second = enter(ledgers.DEVICES, protection="edr"), enter(ledgers.DEVICES, protection="edr")
    assert numbers("malware_measures") == (2, 2)
    Equipment.objects.filter(pk=first.pk).update(confirmed_at=clock.now() - timedelta(days=366))
    assert numbers("malware_measures") == (1, 2)
    Equipment.objects.filter(pk=second.pk).delete()
    assert numbers("malware_measures") == (0, 2), "the number that vanished stays in N"


@pytest.mark.usefixtures("enter")
def test_what_is_read_once_is_there_for_every_population() -> None:
    with one_reading():
        assert [numbers(name) for name in GOOD] == [(0, 1)] * len(GOOD), "a system without a device, in each of them"


def test_a_member_belongs_to_its_system_and_its_group(enter: Callable[..., Any]) -> None:
    device = enter(ledgers.DEVICES, protection="edr")
    (member,) = coverage("malware_measures").measure()
    assert member.belongs_to == {str(device.system_id), device.group_id}


def test_a_system_that_devices_belong_to_is_not_closed(enter: Callable[..., Any], operator: Actor) -> None:
    device = enter(ledgers.DEVICES)
    with pytest.raises(InUse):
        close_in_estate(
            actor=operator, ledger=estate.SYSTEMS, entry_id=device.system_id, version=device.system.version, reason="x"
        )
