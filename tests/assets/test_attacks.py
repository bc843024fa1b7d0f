"""Ways around what the ledgers of assets promise: each was tried, and leads nowhere."""

from datetime import date
from typing import Any

import pytest

from sekisho.assets.ledgers import TAKE_OUT, TAKE_OUT_COVERAGE
from sekisho.estate import ledgers as estate
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.governance.ledgers import AUDIT_COVERAGE, AUDITS
from sekisho.kernel import clock
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import revoke
from sekisho.ledgers.services.books import add_entry, close_entry
from tests.assets.approving import HEAD, NURSE_HEAD, OPERATOR, apply_for, approve_by, note, pass_days, stored
from tests.assets.test_take_out import GOOD, LEFT

pytestmark = pytest.mark.django_db
NOT_BEFORE = "Approval before it left"


def lacks() -> list[str]:
    return [text.msgid for member in TAKE_OUT_COVERAGE.measure() for text in member.missing]


def allowed() -> Any:
    entry = add_entry(actor=HEAD, ledger=TAKE_OUT, values=GOOD)
    approve_by(apply_for(TAKE_OUT, entry), NURSE_HEAD, OPERATOR)
    return entry


def approve_again(entry: Any) -> None:
    approve_by(apply_for(TAKE_OUT, entry), NURSE_HEAD, OPERATOR)


@pytest.mark.parametrize("at_once", [False, True])
def test_an_approval_does_not_cover_another_thing_that_leaves_instead(
    at_nine: clock.FixedClock, *, at_once: bool
) -> None:
    """Approved for a timetable, changed into something else, out, and approved as that only afterwards."""
    entry = allowed()
    other = {"what": "全患者のバックアップ", "information": "全患者の診療録"}
    note(TAKE_OUT, entry, **other, **({"out_on": LEFT} if at_once else {}))
    note(TAKE_OUT, entry, out_on=LEFT)
    pass_days(at_nine, 1)
    approve_again(entry)
    assert lacks() == [NOT_BEFORE]


def test_a_revoked_approval_does_not_cover_what_leaves_afterwards(at_nine: clock.FixedClock) -> None:
    entry = allowed()
    application = Application.objects.get()
    revoke(actor=OPERATOR, application_id=application.pk, version=application.version, comment="行き先が違う")
    note(TAKE_OUT, entry, out_on=LEFT)
    pass_days(at_nine, 1)
    approve_again(entry)
    assert lacks() == [NOT_BEFORE]


def test_what_left_long_ago_is_no_emergency(at_nine: clock.FixedClock) -> None:
    """The time for an approval after the fact runs from the fact, not from when somebody gets round to applying."""
    entry = add_entry(actor=HEAD, ledger=TAKE_OUT, values={**GOOD, "out_on": LEFT, "due_on": date(2027, 3, 1)})
    pass_days(at_nine, 60)
    approve_by(apply_for(TAKE_OUT, entry, done_reason="急いでいた"), NURSE_HEAD, OPERATOR)
    assert stored(entry).is_approved
    assert lacks() == [NOT_BEFORE]


def test_closing_a_notice_of_maintenance_hides_nothing_of_it(at_nine: clock.FixedClock) -> None:
    """What the vendor announced was announced; and a service whose notices are all done and closed has notices."""
    cloud = add_to_estate(
        actor=OPERATOR, ledger=estate.SYSTEMS, values={"name": "予約", "kind": "reservation", "form": "cloud"}
    )
    values = {"system": cloud, "received_on": LEFT, "content": "更新", "begins_on": LEFT, "effect": ""}
    entry = add_entry(actor=OPERATOR, ledger=estate.CLOUD_NOTICES, values=values)
    before = [(one.label, one.missing) for one in estate.CLOUD_MAINTENANCE.measure()]
    assert before[0][1]
    close_entry(actor=OPERATOR, ledger=estate.CLOUD_NOTICES, entry_id=entry.pk, version=1, reason="済み")
    assert [(one.label, one.missing) for one in estate.CLOUD_MAINTENANCE.measure()] == before
    pass_days(at_nine, 366)
    assert [one.label for one in estate.CLOUD_MAINTENANCE.measure()] == ["予約"], "after a year it is over"


def test_an_audit_that_was_given_up_is_no_plan(at_nine: clock.FixedClock) -> None:
    values = {"title": "退職者のID", "kind": "internal", "planned_on": LEFT, "auditor": "監査 花子"}
    entry = add_entry(actor=OPERATOR, ledger=AUDITS, values=values)
    assert not next(iter(AUDIT_COVERAGE.measure())).missing
    close_entry(actor=OPERATOR, ledger=AUDITS, entry_id=entry.pk, version=1, reason="忙しい")
    assert next(iter(AUDIT_COVERAGE.measure())).missing
