"""The loop that the worker and the sequencer live in: turn after turn until asked to stop."""

import os
import select
import signal
from collections.abc import Callable
from types import FrameType

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from sekisho.config.environment import Environment
from sekisho.config.processes.health import Pulse, answering
from sekisho.kernel.errors import Unavailable

log = structlog.get_logger(__name__)
TROUBLE = (OperationalError, InterfaceError, Unavailable)
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 15.0


class Stop:
    """The wish to stop: set by SIGTERM or SIGINT, looked at between two turns and at every wait."""

    def __init__(self) -> None:
        self.wished = False
        self.listeners: list[Callable[[], None]] = []
        # A pipe and no threading.Event: its lock may be held by the very thread that the signal interrupts.
        self._reading, self._writing = os.pipe()

    def listen(self) -> None:
        """Take the wish from SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._take)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self.wish()

    def wish(self) -> None:
        """Ask the loop to stop after its present turn."""
        if not self.wished:
            self.wished = True
            os.write(self._writing, b".")
        for listener in self.listeners:
            listener()

    def wait(self, seconds: float) -> None:
        """Wait, shorter when the wish comes."""
        select.select([self._reading], [], [], seconds)


def run_turns(pulse: Pulse, turn: Callable[[], float], stop: Stop) -> None:
    """Call ``turn`` again and again, waiting as many seconds as it returns, until ``stop`` is wished.

    While the database is away, wait and try again: nothing is lost, since every turn begins with what
    is stored. Any other exception is a fault of the program and ends the process.
    """
    waits = _FIRST_WAIT
    while not stop.wished:
        pulse.beat()
        close_old_connections()
        try:
            pause = turn()
            waits = _FIRST_WAIT
        except TROUBLE as error:
            log.warning("database away, trying again", seconds=waits, error=str(error).strip())
            connections.close_all()
            pause, waits = waits, min(waits * 2, _LONGEST_WAIT)
        stop.wait(pause)


def serve_turns(environment: Environment, process: str, turn: Callable[[Pulse, Stop], Callable[[], float]]) -> None:
    """Run a process whose whole life is turns: with its signals and its health socket. ``turn`` makes the turn."""
    stop = Stop()
    stop.listen()
    pulse = Pulse(process)
    with answering(environment.run / f"{process}.sock", pulse):
        log.info("started", pid=os.getpid())
        run_turns(pulse, turn(pulse, stop), stop)
    connections.close_all()
    log.info("stopped")
