"""The ledger of software: what runs where, by what right, let in by whom, and still mended by its maker."""

from datetime import date
from typing import Any

import pytest

from sekisho.assets.ledgers import SOFTWARE
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from tests.assets.covering import add_system, covered, each_lacks

pytestmark = pytest.mark.django_db
NAME = "assets.software"
GOOD: dict[str, Any] = {
    "name": "電子カルテ クライアント",
    "product_version": "8.2",
    "kind": "application",
    "maker": "試験ソフト",
    "licence": "counted",
    "licences_owned": 10,
    "licences_used": 10,
    "use_approved_on": date(2026, 4, 1),
    "use_approved_by": "企画 花子",
    "support": "dated",
    "end_of_support_on": date(2030, 3, 31),
    "update_policy": "事業者が年2回",
    "updated_on": date(2026, 9, 1),
    "verified_on": date(2026, 9, 2),
    "verified_by": "試験 太郎",
    "versions": "2026/9/1 8.2 法改正 事業者",
    "sbom": "received",
}
WRONG = [
    ({"product_version": ""}, "Version"),
    ({"licence": ""}, "Licence"),
    ({"licences_used": 11}, "As many licences as are used"),
    ({"licences_used": None}, "As many licences as are used"),
    ({"use_approved_by": ""}, "Approval of its use"),
    ({"use_approved_on": date(2027, 1, 1)}, "Approval of its use"),
    ({"update_policy": ""}, "How it is updated"),
    ({"versions": ""}, "History of versions"),
    ({"verified_on": date(2026, 8, 31)}, "Last change verified by"),
    ({"sbom": ""}, "Components (SBOM)"),
    ({"support": ""}, "Support by the maker"),
    ({"support": "ended"}, "Support by the maker"),
    ({"support": "unannounced", "support_checked_on": date(2025, 11, 20)}, "Support by the maker"),
    ({"end_of_support_on": date(2026, 11, 20)}, "A date that has not passed"),
    ({"licence_until": date(2026, 11, 20)}, "A date that has not passed"),
]


@pytest.mark.failing_fixture("assets.software")
def test_software_counts_when_its_licence_approval_support_and_history_are_told(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    system = add_system(operator)
    add_system(operator, "予約", form="cloud")
    assert covered(NAME) == (0, 2), "systems of which no software is known"
    each_lacks(operator, SOFTWARE, NAME, {**GOOD, "system": system}, WRONG)
    assert covered(NAME) == (1, 2)
    asked = {**GOOD, "support": "unannounced", "support_checked_on": date(2026, 4, 1), "end_of_support_on": None}
    each_lacks(operator, SOFTWARE, NAME, asked, [])
    assert covered(NAME) == (2, 3), "supported without an announced end is not the same as not known"
