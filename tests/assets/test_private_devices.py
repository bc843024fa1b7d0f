"""Staff's own devices: approved as they are set up, checked in time, and clean when their use ends."""

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.assets.ledgers import PRIVATE_DEVICES
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.queries.books import get_entry
from sekisho.ledgers.services import approve
from sekisho.ledgers.services.books import add_entry, change_entry, close_entry
from sekisho.ledgers.services.entry_approval import apply_for_entry
from tests.assets.covering import covered, lacks
from tests.conftest import actor_with

pytestmark = pytest.mark.django_db
NAME = "assets.private_devices"
GOOD: dict[str, Any] = {
    "person": "看護 一郎",
    "kind": "smartphone",
    "product": "試験電話 12",
    "purpose": "当直の呼出し。院内の端末は持ち帰れない",
    "separation": "managed",
    "protection": "anti_malware",
    "encrypted": True,
    "screen_lock": True,
    "loss_measures": "遠隔消去",
    "pledge_on": date(2026, 11, 1),
    "checked_on": date(2026, 11, 10),
    "checked_by": "試験 太郎",
    "allowed_until": date(2027, 3, 31),
}
AFTER = [
    ({"checked_on": date(2026, 5, 1)}, {"Settings checked within half a year"}),
    ({"checked_by": ""}, {"Settings checked within half a year"}),
    ({"ended_on": date(2026, 11, 20)}, {"Data and access removed on"}),
    ({"ended_on": date(2026, 11, 20), "erased_on": date(2026, 11, 20), "erased_by": "試験 太郎"}, set()),
]
BEFORE = [
    ({"separation": ""}, {"Approval", "How work is kept apart"}),
    ({"protection": "none"}, {"Approval", "Protection against malware"}),
    ({"protection": "substitute"}, {"Approval", "Protection against malware"}),
    ({"encrypted": False}, {"Approval", "Encryption"}),
    ({"screen_lock": False}, {"Approval", "Locks its screen"}),
    ({"pledge_on": None}, {"Approval", "Rules accepted on"}),
    ({"allowed_until": date(2026, 11, 20)}, {"Approval", "A date that has not passed"}),
]


@pytest.mark.failing_fixture("assets.private_devices")
def test_a_private_device_counts_when_it_is_approved_set_up_and_checked(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    planner = actor_with(Role.PLANNING_MANAGER, actor_id="00000000-0000-7000-8000-000000000002")
    entry = add_entry(actor=operator, ledger=PRIVATE_DEVICES, values=GOOD)
    assert lacks(NAME, "BY-00001") == {"Approval"}
    applied = apply_for_entry(actor=operator, ledger=PRIVATE_DEVICES, entry_id=entry.pk, version=entry.version)
    approve(actor=planner, application_id=applied.pk, version=applied.version)
    assert covered(NAME) == (1, 1)

    def becomes(values: dict[str, Any]) -> set[str]:
        version = get_entry(PRIVATE_DEVICES, entry.pk).version
        whole = {**GOOD, "ended_on": None, **values}
        change_entry(actor=operator, ledger=PRIVATE_DEVICES, entry_id=entry.pk, version=version, values=whole)
        return lacks(NAME, "BY-00001")

    for values, missing in [*AFTER, ({}, set()), *BEFORE]:
        assert becomes(values) == missing, values


def test_what_was_closed_without_being_cleaned_stays_a_gap_for_a_year(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    for clean in ({}, {"erased_on": date(2026, 11, 20), "erased_by": "試験 太郎"}):
        entry = add_entry(actor=operator, ledger=PRIVATE_DEVICES, values={**GOOD, **clean})
        close_entry(actor=operator, ledger=PRIVATE_DEVICES, entry_id=entry.pk, version=1, reason="退職")
    assert lacks(NAME, "BY-00001") == {"Data and access removed on"}
    assert covered(NAME) == (0, 1)
    at_nine.moment += timedelta(days=366)
    assert covered(NAME) == (0, 0)
