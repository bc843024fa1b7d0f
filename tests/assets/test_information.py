"""The ledger of information: every kind of it, of every system, and what tells of the systems themselves."""

from datetime import date
from typing import Any

import pytest

from sekisho.assets.ledgers import INFORMATION
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.books import add_entry
from tests.assets.covering import add_system, covered, each_lacks, lacks, member

pytestmark = pytest.mark.django_db
NAME = "assets.information"
GOOD: dict[str, Any] = {
    "name": "診療録",
    "kind": "medical",
    "patients": 3000,
    "patient_key": "患者番号",
    "confidentiality": "high",
    "integrity": "high",
    "availability": "high",
    "kept_for": "5年（医師法）",
    "keeping_checked_on": date(2026, 4, 1),
    "kept_on": "system",
    "place": "サーバ室 EQ-00001",
    "users": "医師、看護師",
    "rights": "職種ごと、院長が決める",
    "taking_out": "approved",
    "limits": "複製禁止",
    "backed_up": "yes",
    "backup": "毎日、NASへ、世代3",
    "disposal": "保存期間の後、事業者が消去",
    "owner": "試験 太郎",
    "risk_assessed_on": date(2026, 5, 1),
}
WRONG = [
    ({"availability": ""}, "Importance"),
    ({"place": "、。"}, "Place"),
    ({"users": ""}, "Who uses it"),
    ({"taking_out": ""}, "Taking out"),
    ({"limits": ""}, "Limits on handling"),
    ({"backed_up": ""}, "Backup"),
    ({"patients": None}, "Number of patients"),
    ({"patient_key": ""}, "How patients are told apart"),
    ({"kept_for": ""}, "Kept by law for"),
    ({"keeping_checked_on": date(2026, 12, 1)}, "Demands of the law checked on"),
    ({"risk_assessed_on": None}, "Risk assessed on"),
]


@pytest.mark.failing_fixture("assets.information")
def test_information_counts_when_it_is_told_where_it_lies_and_how_it_is_handled(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    system = add_system(operator)
    add_system(operator, "予約", holds_medical_information=False)
    assert covered(NAME) == (0, 2), "a system nobody speaks of, and nothing about the systems themselves"
    each_lacks(operator, INFORMATION, NAME, {**GOOD, "system": system}, WRONG)
    assert member(NAME, "IN-00001").belongs_to == {str(system.pk)}
    assert covered(NAME) == (1, 2)
    about = {"name": "構成図", "kind": "systems", "kept_on": "shared_folder", "place": "//files/system"}
    plain = {key: GOOD[key] for key in ("users", "rights", "limits", "backup", "disposal", "owner", "risk_assessed_on")}
    ranks = {"confidentiality": "high", "integrity": "low", "availability": "low"}
    values = {**about, **plain, **ranks, "taking_out": "no", "backed_up": "no"}
    add_entry(actor=operator, ledger=INFORMATION, values=values)
    assert lacks(NAME, "IN-00002") == set(), "what is not about patients needs no number of them"
    assert covered(NAME) == (2, 2)
