"""Scanned papers: looked at before, sharp enough, complete, and the paper is found again; or none at all."""

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.assets.ledgers import SCANS
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.no_cases import state_no_case
from tests.assets.covering import covered, each_lacks, lacks

pytestmark = pytest.mark.django_db
NAME = "assets.scans"
GOOD: dict[str, Any] = {
    "scanned_on": date(2026, 11, 20),
    "papers": "紹介状",
    "sheets": 120,
    "scanner": "複合機 EQ-00031",
    "resolution": 300,
    "standard": 300,
    "prechecked_by": "事務 三郎",
    "checked_by": "事務 四郎",
    "images": 131,
    "original": "here",
    "original_place": "倉庫 箱12",
    "original_index": "読取日順",
}
WRONG = [
    ({"scanned_on": date(2026, 11, 22)}, "A day that has come"),
    ({"scanner": ""}, "Scanner"),
    ({"resolution": 200}, "Resolution by the standard of the facility"),
    ({"standard": None}, "Resolution by the standard of the facility"),
    ({"prechecked_by": ""}, "Papers looked at before by"),
    ({"checked_by": ""}, "Images looked at by"),
    ({"images": 119}, "An image of every sheet"),
    ({"original_place": ""}, "Place of the paper"),
    ({"original_index": ""}, "How the paper is found"),
    ({"original": "disposed"}, "Signed and time-stamped on"),
]


@pytest.mark.failing_fixture("assets.scans")
def test_a_batch_counts_when_it_was_checked_and_its_paper_is_found(operator: Actor, at_nine: clock.FixedClock) -> None:
    assert covered(NAME) == (0, 0)
    state_no_case(actor=operator, ledger=SCANS, first_day=date(2026, 4, 1), last_day=date(2027, 3, 31))
    assert covered(NAME) == (1, 1)
    each_lacks(operator, SCANS, NAME, GOOD, WRONG)
    assert covered(NAME) == (1, 1)
    at_nine.moment += timedelta(days=2000)
    assert lacks(NAME, "SC-00001") == set(), "years later the paper still has to be found"
