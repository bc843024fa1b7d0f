"""The worker: starts recurring jobs when their time has come, and runs the tasks that wait, one after another."""

from datetime import UTC, datetime, timedelta

import structlog
from django.db import transaction
from django_tasks import TaskResultStatus, task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from sekisho.config.environment import Environment
from sekisho.config.models import JobSlot
from sekisho.config.processes.apart import Apart
from sekisho.config.processes.health import Pulse
from sekisho.config.processes.turns import Stop, serve_turns
from sekisho.kernel import clock, registry
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Job
from sekisho.kernel.errors import NotFound

log = structlog.get_logger(__name__)
PAUSE = 1.0
KEEP = timedelta(days=7)
PRUNE_EVERY = timedelta(hours=1)
# A job that is still wanted after it ran, because it failed or more came in, is not started over and over.
WANTED_EVERY = timedelta(seconds=5)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # wall-clock time of the facility, see slot_start


class Interrupted(Exception):
    """The worker ended in the middle of the task; whether its work was done cannot be known."""


def run(environment: Environment) -> None:
    """Work until asked to stop."""
    apart = Apart()
    try:
        serve_turns(environment, "worker", lambda pulse, stop: Working(pulse, stop, apart))
    finally:
        apart.stop()


@task()
def run_job(job_id: str) -> None:
    """Run the recurring job ``job_id``. Raises NotFound when no app declares it any more, else what the job raises."""
    job = next((job for job in registry.current().jobs if job.id == job_id), None)
    if job is None:
        raise NotFound
    try:
        job.run()
    except Exception as error:
        error.add_note(f"in the job {job_id}")  # the queue logs the traceback and knows no jobs
        raise


def slot_start(moment: datetime, every: timedelta) -> datetime:
    """Return when the slot of length ``every`` that holds ``moment`` began.

    Slots are counted in the facility's time, so that a daily job begins at midnight there.
    """
    local = moment.astimezone(FACILITY_ZONE)
    wall = local.replace(tzinfo=None) - _EPOCH
    return (_EPOCH + (wall // every) * every).replace(tzinfo=FACILITY_ZONE).astimezone(UTC)


class Working:
    """The turn of the worker, and what it remembers between two turns."""

    def __init__(self, pulse: Pulse, stop: Stop, apart: Apart) -> None:
        self._pulse = pulse
        self._stop = stop
        self._slots: dict[str, datetime] = {}
        self._started: dict[str, datetime] = {}
        self._pruned_at: datetime | None = None
        self._apart = apart
        self._is_whole = False  # the turn before came to its end, so no task of it can be left half-way

    def __call__(self) -> float:
        """Put the jobs whose time has come into the queue, run what waits there, and return how long to wait."""
        now = clock.now()
        if not self._is_whole:
            fail_interrupted()
        self._is_whole = False
        for job in registry.current().jobs:
            self._tick(job, slot_start(now, job.every))
            self._start_wanted(job, now)
        if self._pruned_at is None or now - self._pruned_at >= PRUNE_EVERY:
            prune(now)
            self._pruned_at = now
        self._drain()
        self._apart.turn()
        self._is_whole = True
        return PAUSE

    def _tick(self, job: Job, start: datetime) -> None:
        if self._slots.get(job.id) != start:
            is_new = enqueue_once(job, start)
            if is_new and job.apart:
                self._apart.add_job(job)
            self._slots[job.id] = start

    def _start_wanted(self, job: Job, now: datetime) -> None:
        """Start a job that somebody waits for; only what runs apart can be wanted."""
        started = self._started.get(job.id)
        if job.wanted and (started is None or now - started >= WANTED_EVERY) and job.wanted():
            self._apart.add_job(job)
            self._started[job.id] = now

    def _drain(self) -> None:
        """Run the waiting tasks one at a time, each a sign of life, until none is left or a stop is wished."""
        while not self._stop.wished and DBTaskResult.objects.ready().exists():
            self._pulse.beat()
            run_next()


def enqueue_once(job: Job, start: datetime) -> bool:
    """Claim the slot that began at ``start`` for ``job`` and put it into the queue, unless it runs apart from it.

    False when the slot was claimed before.
    """
    with transaction.atomic():
        _slot, is_new = JobSlot.objects.get_or_create(job=job.id, starts_at=start)
        if is_new and not job.apart:
            run_job.enqueue(job.id)
    return is_new


def run_soon(job_id: str) -> bool:
    """Put a job into the queue beside its slots, because somebody waits for it; False when it waits there already."""
    waiting = DBTaskResult.objects.ready().filter(task_path=run_job.module_path)
    if any(result.args_kwargs["args"] == [job_id] for result in waiting):
        return False
    run_job.enqueue(job_id)
    return True


def run_next() -> None:
    """Claim one waiting task and run it, outside any transaction. What it raises is logged and stored with it."""
    queue = Worker(
        queue_names=["*"],
        interval=0.2,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id="worker",
        excluded_queue_names=[],
    )
    queue.run()


def fail_interrupted() -> int:
    """Mark tasks as failed that a dead worker left as running: there is only one worker, and it is running none now."""
    left = list(DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING))
    for result in left:
        result.set_failed(Interrupted())
        log.error("task was interrupted", task=result.task_name, task_id=str(result.id))
    return len(left)


def prune(now: datetime) -> None:
    """Forget past slots, except each job's present one, and tasks that finished long ago."""
    for job in registry.current().jobs:
        JobSlot.objects.filter(job=job.id, starts_at__lt=slot_start(now, job.every)).delete()
    DBTaskResult.objects.finished().filter(finished_at__lt=now - KEEP).delete()
