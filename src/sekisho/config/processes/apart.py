"""What runs in processes of its own beside the worker: controls, and jobs that wait on the network.

Few at once, each ended when it takes too long. Called by the worker between its tasks; nothing here waits.
"""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

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


@dataclass(slots=True)
class Running:
    """A process: its work, since when, and until when by the clock that nobody can set back."""

    work: Work
    process: subprocess.Popen[bytes]
    started_at: datetime
    deadline: float


def command(work: Work) -> list[str]:
    """Return the command line of the process that does ``work``."""
    kind = "check" if isinstance(work, Control) else "job"
    parent = ["--parent", str(os.getpid()), "--only", work.id]
    return [sys.executable, "-P", "-m", "sekisho.config.cli", "process", kind, *parent]


class Apart:
    """What the worker remembers of the processes that it started."""

    def __init__(self, build: Callable[[Work], list[str]] = command) -> None:
        self._build = build
        self._running: dict[str, Running] = {}
        self._jobs: deque[Job] = deque()
        self._look_at = 0.0

    @property
    def processes(self) -> list[subprocess.Popen[bytes]]:
        """Return the processes that were started and not yet taken in."""
        return [running.process for running in self._running.values()]

    def add_job(self, job: Job) -> None:
        """Let a job run when there is room; one that is running or waiting still is not added again."""
        if job.id not in self._running and job not in self._jobs:
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
        return AT_ONCE - len(self._running)

    def _start(self, work: Work) -> None:
        process = subprocess.Popen(self._build(work), stdin=subprocess.DEVNULL, start_new_session=True)
        # A lower priority leaves the computer to the people who work with it.
        os.setpriority(os.PRIO_PROCESS, process.pid, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
        deadline = time.monotonic() + work.timeout.total_seconds()
        self._running[work.id] = Running(work, process, clock.now(), deadline)

    def _look_after(self, running: Running) -> None:
        result = running.process.poll()
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


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything it started; they share a group of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run_check(control_id: str) -> None:
    """Be the process of one control."""
    check_control(actor=platform("check"), control_id=control_id)


def run_job(job_id: str) -> None:
    """Be the process of one job. Raises NotFound, and what the job raises."""
    job = next((job for job in registry.current().jobs if job.id == job_id), None)
    if job is None:
        raise NotFound
    job.run()
