"""The controls that are running: each in a process of its own, few at once, ended when it takes too long.

Called by the worker between its tasks; nothing here waits.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from sekisho.governance.queries.checks import controls_due
from sekisho.governance.services.checks import check_control, give_up_control
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import platform

log = structlog.get_logger(__name__)
AT_ONCE = 2
LOOK_EVERY = 5.0
NICENESS = 10


@dataclass(slots=True)
class Running:
    """A control's process: since when (both clocks) and until when by the clock that nobody can set back."""

    process: subprocess.Popen[bytes]
    started_at: datetime
    deadline: float


def command(control_id: str) -> list[str]:
    """Return the command line of a control's process."""
    parent = ["--parent", str(os.getpid()), "--control", control_id]
    return [sys.executable, "-P", "-m", "sekisho.config.cli", "process", "check", *parent]


class Checks:
    """What the worker remembers of the controls that it started."""

    def __init__(self, build: Callable[[str], list[str]] = command) -> None:
        self._build = build
        self._running: dict[str, Running] = {}
        self._look_at = 0.0

    def turn(self) -> None:
        """Take in what ended, end what takes too long, start what is due."""
        for control_id, running in list(self._running.items()):
            self._look_after(control_id, running)
        if len(self._running) < AT_ONCE and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            for control_id in controls_due(self._running)[: AT_ONCE - len(self._running)]:
                self._start(control_id)

    def stop(self) -> None:
        """End every control that is running; the next start runs them again."""
        for running in self._running.values():
            _end(running.process)
        self._running.clear()

    def _start(self, control_id: str) -> None:
        control = registry.current().control(control_id)
        if control is None:
            return
        process = subprocess.Popen(self._build(control_id), stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + control.timeout.total_seconds()
        self._running[control_id] = Running(process, clock.now(), deadline)

    def _look_after(self, control_id: str, running: Running) -> None:
        result = running.process.poll()
        if result is None and time.monotonic() < running.deadline:
            return
        del self._running[control_id]
        if result is None:
            _end(running.process)
            self._give_up(control_id, running, "the control took longer than it may; its process was ended")
        elif result != 0:
            self._give_up(control_id, running, f"the control's process ended with {result} before it stored anything")

    def _give_up(self, control_id: str, running: Running, reason: str) -> None:
        log.error("control was given up", control=control_id, reason=reason)
        give_up_control(actor=platform("worker"), control_id=control_id, started_at=running.started_at, reason=reason)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a control's process and everything it started; they share a group of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run_one(control_id: str) -> None:
    """Be the process of one control. A lower priority leaves the computer to the people who work with it."""
    os.nice(NICENESS)
    check_control(actor=platform("check"), control_id=control_id)
