"""The ledger of updates: one decision hides no system and no medical device for which nobody looked."""

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.assets.ledgers import DEVICES, PATCHES
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.books import add_entry, close_entry
from tests.assets.covering import add_system, covered, each_lacks, lacks, member

pytestmark = pytest.mark.django_db
NAME = "assets.patches"
APPLIED: dict[str, Any] = {
    "name": "KB5060000",
    "source": "事業者の通知",
    "found_on": date(2026, 11, 10),
    "decision": "apply",
    "decided_on": date(2026, 11, 11),
    "decided_by": "試験 太郎",
    "applied_on": date(2026, 11, 12),
    "works_on": date(2026, 11, 12),
}
PUT_OFF = {
    **{key: APPLIED[key] for key in ("name", "source", "found_on", "decided_on", "decided_by")},
    "decision": "put_off",
    "reason": "電子カルテが動かない",
    "substitute": "外部との通信を止める",
    "put_off_until": date(2027, 1, 31),
    "delay_approved_on": date(2026, 11, 12),
    "delay_approved_by": "企画 花子",
}
WRONG_APPLIED = [
    ({"decision": ""}, "Decision"),
    ({"decided_on": None}, "Decision"),
    ({"source": ""}, "Where it was read"),
    ({"applied_on": None, "works_on": None}, "Applied by the day set"),
    ({"applied_on": None, "works_on": None, "apply_by": date(2026, 11, 20)}, "Applied by the day set"),
    ({"works_on": date(2026, 11, 11)}, "Seen to work on"),
    ({"decision": "not_concerned"}, "Reason for not applying it"),
]
WRONG_PUT_OFF = [
    ({"reason": ""}, "Reason for not applying it"),
    ({"substitute": ""}, "Substitute measure"),
    ({"put_off_until": date(2026, 11, 20)}, "Putting off ends on"),
    ({"delay_approved_by": ""}, "Approval"),
    ({"delay_approved_on": date(2026, 12, 1)}, "Approval"),
]


@pytest.mark.failing_fixture("assets.patches")
def test_a_decision_counts_for_its_system_and_a_medical_device_needs_its_own(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    system, other = add_system(operator), add_system(operator, "画像")
    add_system(operator, "予約", form="cloud")
    assert covered(NAME) == (0, 2), "a cloud is patched by its vendor"
    each_lacks(operator, PATCHES, NAME, {**APPLIED, "system": system}, WRONG_APPLIED)
    assert member(NAME, "PT-00001").belongs_to == {str(system.pk)}
    each_lacks(operator, PATCHES, NAME, {**PUT_OFF, "system": system}, WRONG_PUT_OFF)
    assert covered(NAME) == (2, 3), "the other system stays a gap however much was decided for this one"
    look = {
        "name": "月次確認",
        "source": "JVN",
        "found_on": date(2026, 11, 20),
        "decision": "none_new",
        "system": other,
    }
    values = {**look, "decided_on": date(2026, 11, 20), "decided_by": "試験 太郎"}
    add_entry(actor=operator, ledger=PATCHES, values=values)
    assert covered(NAME) == (3, 3)
    device = add_entry(
        actor=operator, ledger=DEVICES, values={"name": "内視鏡", "kind": "iot_medical", "system": other}
    )
    assert lacks(NAME, "内視鏡") == {"A decision on an update, or a look that found none, within 90 days"}
    add_entry(actor=operator, ledger=PATCHES, values={**values, "system": None, "device": device})
    assert covered(NAME) == (4, 4)
    at_nine.moment += timedelta(days=91)
    assert covered(NAME)[1] == 7, "three months later nobody has looked at either system or the device"


def test_an_update_that_is_open_counts_however_old_and_closing_it_hides_nothing(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    system = add_system(operator)
    old = {**APPLIED, "system": system, "found_on": date(2025, 6, 1), "decided_on": date(2025, 6, 2)}
    add_entry(actor=operator, ledger=PATCHES, values={**old, "decision": "", "applied_on": None, "works_on": None})
    assert lacks(NAME, "PT-00001") == {"Decision"}
    entry = add_entry(actor=operator, ledger=PATCHES, values={**PUT_OFF, "system": system, "delay_approved_by": ""})
    close_entry(actor=operator, ledger=PATCHES, entry_id=entry.pk, version=1, reason="済み")
    assert lacks(NAME, "PT-00002") == {"Approval"}
