import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from sekisho.config.models import JobSlot
from sekisho.config.processes.apart import Apart
from sekisho.config.processes.health import Pulse
from sekisho.config.processes.turns import Stop
from sekisho.config.processes.worker import KEEP, Working, enqueue_once, fail_interrupted, prune, run_job, slot_start
from sekisho.kernel import clock, registry
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _

MOMENT = datetime(2026, 11, 22, 7, 30, 41, tzinfo=UTC)
Declare = Callable[..., Job]


@pytest.fixture
def declare() -> Iterator[Declare]:
    """Make jobs the only ones there are."""
    before = registry.current()
    jobs: list[Job] = []

    def make(run: Callable[[], None], every: timedelta = timedelta(minutes=1), name: str = "test.job") -> Job:
        jobs.append(Job(name, _("Test"), run, every))
        registry.install(registry.Registry(jobs=tuple(jobs)))
        return jobs[-1]

    yield make
    registry.install(before)


@pytest.fixture
def now() -> Iterator[clock.FixedClock]:
    with clock.use(clock.FixedClock(MOMENT)) as fixed:
        assert isinstance(fixed, clock.FixedClock)
        yield fixed


@given(
    moment=st.integers(0, 10**15).map(lambda micro: MOMENT + timedelta(microseconds=micro)),
    every=st.integers(1, 3_000_000).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_a_slot_holds_its_moment_and_has_its_length(moment: datetime, every: timedelta) -> None:
    start = slot_start(moment, every)
    assert start <= moment < start + every
    assert slot_start(start, every) == start
    assert slot_start(start + every, every) == start + every


def test_a_day_begins_at_midnight_of_the_facility() -> None:
    assert slot_start(MOMENT, timedelta(days=1)) == datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    assert slot_start(MOMENT, timedelta(minutes=5)) == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
class TestTurns:
    """With a real database, outside any transaction of the test."""

    def test_a_job_runs_once_a_slot(self, declare: Declare, now: clock.FixedClock) -> None:
        ran: list[bool] = []
        declare(lambda: ran.append(connection.in_atomic_block))
        turn = Working(Pulse("worker"), Stop(), Apart())
        turn()
        turn()
        assert ran == [False]  # once, and with no transaction around it
        now.moment += timedelta(minutes=1)
        turn()
        assert len(ran) == 2
        Working(Pulse("worker"), Stop(), Apart())()  # a worker that was started again
        assert len(ran) == 2

    def test_a_slot_is_taken_once_whoever_asks(self, declare: Declare, now: clock.FixedClock) -> None:
        job = declare(lambda: None)
        assert enqueue_once(job, slot_start(MOMENT, job.every))
        assert not enqueue_once(job, slot_start(MOMENT, job.every))
        assert DBTaskResult.objects.count() == 1

    def test_a_job_that_fails_is_logged_and_stops_nothing(
        self, declare: Declare, now: clock.FixedClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        ran: list[int] = []

        def fail() -> None:
            raise ValueError("broken pump")

        declare(fail, name="test.fails")
        declare(lambda: ran.append(1), name="test.works")
        with caplog.at_level(logging.ERROR):
            Working(Pulse("worker"), Stop(), Apart())()
        assert ran == [1]
        assert "broken pump" in caplog.text
        assert "in the job test.fails" in caplog.text
        states = DBTaskResult.objects.values_list("status", flat=True)
        assert sorted(states) == [TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL]

    def test_a_job_that_is_gone_fails_quietly(self, declare: Declare, now: clock.FixedClock) -> None:
        declare(lambda: None)
        run_job.enqueue("test.gone")
        Working(Pulse("worker"), Stop(), Apart())()
        assert DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).count() == 1

    def test_a_wish_to_stop_is_granted_after_the_present_task(self, declare: Declare, now: clock.FixedClock) -> None:
        stop, ran = Stop(), []

        def run() -> None:
            ran.append(1)
            stop.wish()

        declare(run, name="test.a")
        declare(run, name="test.b")
        Working(Pulse("worker"), stop, Apart())()
        assert len(ran) == 1
        assert DBTaskResult.objects.ready().count() == 1

    def test_what_a_dead_worker_left_is_marked(self, declare: Declare, now: clock.FixedClock) -> None:
        run_job.enqueue("test.job")
        DBTaskResult.objects.get().claim("worker")
        assert fail_interrupted() == 1
        assert fail_interrupted() == 0
        assert "Interrupted" in DBTaskResult.objects.get().exception_class_path

    def test_the_past_is_forgotten_but_not_the_present_slot(self, declare: Declare, now: clock.FixedClock) -> None:
        yearly = declare(lambda: None, every=timedelta(days=365), name="test.yearly")
        present = slot_start(MOMENT, yearly.every)
        for start in (present, present - yearly.every):
            JobSlot.objects.create(job=yearly.id, starts_at=start)
        for age in (KEEP + timedelta(days=1), timedelta(days=1)):
            run_job.enqueue("test.yearly")
            DBTaskResult.objects.filter(finished_at=None).update(
                finished_at=MOMENT - age, status=TaskResultStatus.SUCCESSFUL
            )
        prune(MOMENT)
        assert [slot.starts_at for slot in JobSlot.objects.all()] == [present]
        assert DBTaskResult.objects.count() == 1
