"""Devices lent to patients: explained and agreed to before they leave, cleaned when they are back; or none at all."""

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.assets.ledgers import PATIENT_LOANS
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.ledgers.errors import CasesThere, EntryInvalid
from sekisho.ledgers.services.books import add_entry, close_entry
from sekisho.ledgers.services.no_cases import state_no_case
from tests.assets.covering import covered, each_lacks

pytestmark = pytest.mark.django_db
NAME = "assets.patient_loans"
YEAR = {"first_day": date(2026, 4, 1), "last_day": date(2027, 3, 31)}
GOOD: dict[str, Any] = {
    "patient": "0012345",
    "kind": "wearable",
    "product": "心電計 A1",
    "explained_on": date(2026, 10, 1),
    "explained_by": "看護 一郎",
    "explained": "説明書 第2版",
    "consented_on": date(2026, 10, 1),
    "consent": "patient",
    "consent_place": "外来 同意書綴り",
    "contact": "平日9–17時 03-0000-0000",
    "lent_on": date(2026, 10, 2),
    "due_on": date(2026, 12, 1),
}
WRONG = [
    ({"explained_by": ""}, "Explanation before the loan"),
    ({"explained_on": date(2026, 10, 3)}, "Explanation before the loan"),
    ({"explained": ""}, "What was explained"),
    ({"consented_on": None}, "Consent before the loan"),
    ({"consent": ""}, "Consent before the loan"),
    ({"consent_place": ""}, "Where the consent is kept"),
    ({"contact": ""}, "Contact handed over"),
    ({"due_on": date(2026, 11, 20)}, "Return: it is overdue"),
    ({"returned_on": date(2026, 11, 1)}, "Data erased on"),
]


@pytest.mark.failing_fixture("assets.patient_loans")
def test_a_loan_counts_when_it_was_explained_and_agreed_to_before(operator: Actor, at_nine: clock.FixedClock) -> None:
    assert covered(NAME) == (0, 0), "an empty ledger shows nothing"
    state_no_case(actor=operator, ledger=PATIENT_LOANS, **YEAR)
    assert covered(NAME) == (1, 1)
    entry = each_lacks(operator, PATIENT_LOANS, NAME, GOOD, WRONG)
    assert covered(NAME) == (1, 1), "the loan counts, the statement no longer"
    with pytest.raises(CasesThere):
        state_no_case(actor=operator, ledger=PATIENT_LOANS, **YEAR)
    close_entry(actor=operator, ledger=PATIENT_LOANS, entry_id=entry.pk, version=entry.version, reason="紛失")
    assert covered(NAME) == (1, 1), "closing it does not make it another year without loans"
    at_nine.moment += timedelta(days=400)
    assert covered(NAME) == (0, 0)


@pytest.mark.parametrize("wrong", [{"product": ""}, {"returned_on": date(2026, 10, 1)}])
def test_what_cannot_be_is_refused(operator: Actor, at_nine: clock.FixedClock, wrong: dict[str, Any]) -> None:
    with pytest.raises(EntryInvalid):
        add_entry(actor=operator, ledger=PATIENT_LOANS, values={**GOOD, **wrong})
