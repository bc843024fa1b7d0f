"""Notices of cloud maintenance: what was looked into before, whom it was told, what was checked afterwards."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from sekisho.estate.ledgers import CLOUD_MAINTENANCE, CLOUD_NOTICES
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.no_cases import state_no_case
from tests.estate.conftest import Lacking

pytestmark = pytest.mark.django_db
NOTICE: dict[str, Any] = {
    "received_on": date(2026, 11, 1),
    "content": "データベースの更新",
    "begins_on": date(2026, 11, 10),
    "ends_on": date(2026, 11, 11),
    "hours": "0時から5時",
    "effect": "夜間の予約ができない",
    "substitute": "電話で受け付ける",
    "reported_on": date(2026, 11, 2),
    "announced_on": date(2026, 11, 2),
    "checked_on": date(2026, 11, 11),
}


@pytest.mark.failing_fixture("estate.cloud_notices")
@pytest.mark.parametrize(
    ("wrong", "lacks"),
    [
        ({"effect": ""}, ["Effect on the systems here"]),
        ({"announced_on": None}, ["Made known on"]),
        ({"checked_on": None}, ["Checked afterwards on"]),
        ({"checked_on": date(2026, 11, 10)}, ["Checked afterwards on"]),
        ({"ends_on": date(2026, 12, 1), "checked_on": None}, []),
    ],
)
def test_each_notice_is_looked_into_made_known_and_checked(
    clinic: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking, wrong: dict[str, Any], lacks: list[str]
) -> None:
    assert lacking("cloud_notices") == {
        "電子カルテ": [],
        "予約": ["A notice of maintenance, or the statement that there was none"],
    }
    keep(CLOUD_NOTICES, system=clinic["cloud"], **{**NOTICE, **wrong})
    (notice, here) = CLOUD_MAINTENANCE.measure()
    assert [text.msgid for text in notice.missing] == lacks
    assert notice.belongs_to == {str(clinic["cloud"].pk)}
    assert here.label == "電子カルテ", "a service with a notice is a member by its notices"


def test_that_there_was_no_notice_is_stated_by_somebody(
    clinic: Mapping[str, Any], operator: Actor, lacking: Lacking
) -> None:
    state_no_case(
        actor=operator, ledger=CLOUD_NOTICES, first_day=date(2026, 4, 1), last_day=date(2027, 3, 31), comment=""
    )
    assert all(lacks == [] for lacks in lacking("cloud_notices").values())
    assert "予約" in lacking("cloud_notices")
