"""Two who decide at the same moment: the first one's decision stands, the second is told whose it was."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, connections, transaction

from sekisho.kernel.actor import Actor
from sekisho.ledgers.errors import DecidedAlready
from sekisho.ledgers.models import Application, Decision, FileData, Submission, SubmissionFile
from sekisho.ledgers.rules import Step
from sekisho.register.models import Event
from tests.ledgers.working import REPORT, apply_for, take
from tests.people.test_locks import HEAD_START, while_open

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _rows_can_be_cleared(transactional_db: None) -> Iterator[None]:
    """These tests commit, and SQLite's flush deletes row by row, which the triggers refuse: lift them for it."""
    yield
    if connection.vendor != "sqlite":
        return  # PostgreSQL truncates, which asks no trigger of a row
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledgers!_%' ESCAPE '!'"
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for model in (Decision, SubmissionFile, FileData, Submission, Application):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        for _name, sql in triggers:
            cursor.execute(sql)


@pytest.mark.parametrize("second_step", [Step.APPROVE, Step.SEND_BACK, Step.WITHDRAW])
def test_of_two_who_decide_at_once_one_wins(
    second_step: Step, applicant: Actor, approver: Actor, other_approver: Actor
) -> None:
    """Whatever the second wanted: one decision, one event, and the loser learns the winner's name."""
    application = apply_for(applicant, files=[REPORT])
    second = applicant if second_step is Step.WITHDRAW else other_approver

    def approve() -> None:
        take(Step.APPROVE, approver, application, version=1)

    with pytest.raises(DecidedAlready, match=approver.name):
        while_open(approve, lambda: take(second_step, second, application, version=1))
    stored = Application.objects.get()
    assert (stored.state, stored.version) == ("approved", 2)
    assert [decision.decided_by_name for decision in Decision.objects.all()] == [approver.name]
    events = Event.objects.filter(subject_kind="application").order_by("source_seq")
    assert [event.action for event in events] == ["application.submit", "application.approve"]


def test_an_approval_that_is_undone_leaves_the_next_one_free(
    applicant: Actor, approver: Actor, other_approver: Actor
) -> None:
    """The first falls over before it is stored: the second, which waited for it, approves."""
    application = apply_for(applicant)

    def second() -> None:
        try:
            take(Step.APPROVE, other_approver, application, version=1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            take(Step.APPROVE, approver, application, version=1)
            answer = pool.submit(second)
            with suppress(TimeoutError):
                answer.exception(HEAD_START)
            transaction.set_rollback(True)
        answer.result(30)
    assert Application.objects.get().state == "approved"
    assert [decision.decided_by_name for decision in Decision.objects.all()] == [other_approver.name]


def test_the_same_file_at_the_same_moment_is_kept_once(applicant: Actor, approver: Actor) -> None:
    """Neither of two who hand in the same bytes is refused."""

    def hand_in() -> None:
        apply_for(applicant, files=[REPORT])

    while_open(hand_in, lambda: apply_for(approver, files=[REPORT]))
    assert (FileData.objects.count(), SubmissionFile.objects.count()) == (1, 2)
