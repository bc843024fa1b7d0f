"""What runs in processes of its own beside the worker: controls, and jobs that wait on the network.

Few at once, each ended when it takes too long. Called by the worker between its tasks; nothing here waits.

They are forked by one process that has everything loaded and does nothing else, so that each begins within a few
milliseconds; loading took longer than most controls. It ends with the worker, and what it forked ends with it.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.process import BaseProcess

import structlog

from sekisho.config.environment import environment
from sekisho.config.logs import configure_logging
from sekisho.config.processes.lifeline import die_with_parent
from sekisho.governance.queries.checks import controls_due
from sekisho.governance.services.checks import check_control, give_up_control
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Control, Job
from sekisho.kernel.errors import NotFound

log = structlog.get_logger(__name__)
AT_ONCE = 2
LOOK_EVERY = 5.0
NICENESS = 10
Work = Control | Job
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["sekisho.config.processes.loaded"])


@dataclass(slots=True)
class Running:
    """A process: its work, since when, and until when by the clock that nobody can set back."""

    work: Work
    process: BaseProcess
    started_at: datetime
    deadline: float


def begin(work: Work) -> BaseProcess:
    """Start the process that does ``work``."""
    if isinstance(work, Control):
        return fork(be_apart, "check", work.id)
    return fork(be_apart, "job", work.id)


def fork(target: Callable[..., None], *arguments: str) -> BaseProcess:
    """Start a process that calls ``target``, at a lower priority: the computer belongs to the people at work."""
    process = _FORKS.Process(target=_in_its_own_group, args=(target, *arguments))
    process.start()
    return process


def _in_its_own_group(target: Callable[..., None], *arguments: str) -> None:
    os.setsid()
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    die_with_parent(os.getppid())
    target(*arguments)


def is_prompt(work: Work) -> bool:
    """Tell whether work begins at once, whatever else runs."""
    return isinstance(work, Job) and work.prompt


class Apart:
    """What the worker remembers of the processes that it started."""

    def __init__(self, begin: Callable[[Work], BaseProcess] = begin) -> None:
        self._begin = begin
        self._running: dict[str, Running] = {}
        self._jobs: deque[Job] = deque()
        self._look_at = 0.0

    @property
    def processes(self) -> list[BaseProcess]:
        """Return the processes that were started and not yet taken in."""
        return [running.process for running in self._running.values()]

    def add_job(self, job: Job) -> None:
        """Let a job run when there is room, a prompt one at once; one that runs or waits still is not added again."""
        if job.id in self._running or job in self._jobs:
            return
        if job.prompt:
            self._start(job)
        else:
            self._jobs.append(job)

    def turn(self) -> None:
        """Take in what ended, end what takes too long, start what is due."""
        for running in list(self._running.values()):
            self._look_after(running)
        while self._jobs and self._room():
            self._start(self._jobs.popleft())
        if self._room() and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            for control_id in controls_due(self._running)[: self._room()]:
                if control := registry.current().control(control_id):
                    self._start(control)

    def stop(self) -> None:
        """End everything that is running; the next start runs controls again."""
        for running in self._running.values():
            _end(running.process)
        self._running.clear()

    def _room(self) -> int:
        """Return how many more may begin. Prompt jobs take no room from others and need none."""
        return AT_ONCE - sum(not is_prompt(running.work) for running in self._running.values())

    def _start(self, work: Work) -> None:
        deadline = time.monotonic() + work.timeout.total_seconds()
        self._running[work.id] = Running(work, self._begin(work), clock.now(), deadline)

    def _look_after(self, running: Running) -> None:
        result = running.process.exitcode
        if result is None and time.monotonic() < running.deadline:
            return
        del self._running[running.work.id]
        if result is None:
            _end(running.process)
            _give_up(running, "it took longer than it may; its process was ended")
        elif result != 0:
            _give_up(running, f"its process ended with {result} before it came to its end")


def _give_up(running: Running, reason: str) -> None:
    log.error("work apart was given up", work=running.work.id, reason=reason)
    if isinstance(running.work, Control):
        give_up_control(
            actor=platform("worker"), control_id=running.work.id, started_at=running.started_at, reason=reason
        )


def _end(process: BaseProcess) -> None:
    """End a process and everything it started; they share a group of their own."""
    if process.exitcode is None and process.pid is not None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()  # it has not come to making its group
    process.join()


def be_apart(kind: str, only: str) -> None:
    """Be the process of one control ("check") or one job ("job")."""
    configure_logging(environment(), kind)
    try:
        run_check(only) if kind == "check" else run_job(only)
    except Exception:
        log.exception("ended by a fault")  # nobody is there to run it again and look
        sys.exit(1)


def run_check(control_id: str) -> None:
    """Be the process of one control."""
    check_control(actor=platform("check"), control_id=control_id)


def run_job(job_id: str) -> None:
    """Be the process of one job. Raises NotFound, and what the job raises."""
    job = next((job for job in registry.current().jobs if job.id == job_id), None)
    if job is None:
        raise NotFound
    job.run()
