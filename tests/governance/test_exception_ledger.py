"""The ledger of exceptions is their one home: what is approved stands in it, what is ended there excuses nothing."""

from datetime import timedelta
from typing import Any

import pytest

from sekisho.governance.ledgers import EXCEPTIONS
from sekisho.governance.models import ExceptedCase
from sekisho.governance.queries.exceptions import exceptions
from sekisho.governance.rules.exceptions import ExceptionState
from sekisho.governance.services.exceptions import ExceptionDraft, open_exception
from sekisho.kernel import clock
from sekisho.ledgers.errors import EntryInvalid
from sekisho.ledgers.queries.keeping import kept
from sekisho.ledgers.services import approve, revoke
from sekisho.ledgers.services.books import add_entry, change_entry, close_entry
from sekisho.ledgers.services.entry_approval import apply_for_entry
from tests.governance.working import OPERATOR, PLANNER, system, today

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
ITEM = "SO-17-1"


def excepted(*subjects: str) -> Any:
    """Apply on the page of a requirement, and let the planning manager approve it."""
    draft = ExceptionDraft(
        ITEM, subjects, "事業者の求めで停止中", "専用の区画に置き毎週確かめる", today() + timedelta(days=60)
    )
    application = open_exception(actor=OPERATOR, draft=draft)
    approve(actor=PLANNER, application_id=application, version=1)
    return application


def entered(**changed: Any) -> ExceptedCase:
    values = {
        "requirement": ITEM,
        "about": "検査機器の端末",
        "reason": "ウイルス対策を事業者の求めで停止中",
        "substitute": "専用の区画に置き、毎週確かめる",
        "until": today() + timedelta(days=60),
        **changed,
    }
    entry = add_entry(actor=OPERATOR, ledger=EXCEPTIONS, values=values)
    assert isinstance(entry, ExceptedCase)
    return entry


def test_what_was_approved_stands_in_the_ledger_and_ends_there(at_nine: clock.FixedClock) -> None:
    emr, pacs = system("電子カルテ"), system("PACS")
    application = excepted(str(emr.pk), str(pacs.pk))
    rows = list(ExceptedCase.objects.order_by("number"))
    assert [(row.about, row.is_approved) for row in rows] == [("電子カルテ", True), ("PACS", True)]
    close_entry(actor=OPERATOR, ledger=EXCEPTIONS, entry_id=rows[1].pk, version=1, reason="導入した")
    (found,) = exceptions()
    assert [subject.label for subject in found.subjects] == ["電子カルテ"], "what is done excuses nothing any more"
    values = {"substitute": "何もしない"}
    changed = change_entry(actor=OPERATOR, ledger=EXCEPTIONS, entry_id=rows[0].pk, version=1, values=values)
    assert exceptions() == [], "what was corrected is not what was approved"
    again = apply_for_entry(actor=OPERATOR, ledger=EXCEPTIONS, entry_id=rows[0].pk, version=changed.version)
    approve(actor=PLANNER, application_id=again.pk, version=1)
    (found,) = exceptions()
    assert (found.ref, found.substitute, found.speaks_of(str(emr.pk))) == (str(again.pk), "何もしない", True)
    revoke(actor=PLANNER, application_id=application, version=2, comment="代替策が足りない")
    assert exceptions() == []
    assert not ExceptedCase.objects.filter(closed_at=None).exists()


def test_one_entered_counts_once_approved_and_is_flagged_when_its_day_passed(at_nine: clock.FixedClock) -> None:
    emr = system("電子カルテ")
    with pytest.raises(EntryInvalid):
        entered(requirement="8③")
    entry = entered(system=emr)
    assert exceptions() == []
    application = apply_for_entry(actor=OPERATOR, ledger=EXCEPTIONS, entry_id=entry.pk, version=entry.version)
    approve(actor=PLANNER, application_id=application.pk, version=1)
    (found,) = exceptions()
    assert (found.requirements, found.state, found.speaks_of(str(emr.pk))) == ((ITEM,), ExceptionState.IN_FORCE, True)
    at_nine.moment += timedelta(days=61)
    (found,) = exceptions()
    assert found.state is ExceptionState.ENDED
    assert kept(EXCEPTIONS).expired == ("EX-00001",), "the control of the ledgers fails until somebody closes it"
