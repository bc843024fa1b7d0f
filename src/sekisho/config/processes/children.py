"""One child process of the supervisor: started, watched, stopped; and how long to wait before it is started again."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

STOP_WITHIN = 10.0
# A password's hash takes 19 MiB for a moment. Left alone, glibc keeps such a piece for each thread once one has been
# freed; with a fixed threshold each is given back to the system at once. It is read only when a process starts.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(4 * 1024 * 1024)}


@dataclass(slots=True)
class Backoff:
    """How long to wait before a child that ended is started again: twice as long each time, until it has held out."""

    first: float = 0.5
    longest: float = 30.0
    reset_after: float = 60.0
    _next: float = 0.0

    def after(self, uptime: float) -> float:
        """Return the seconds to wait after the child has lived for ``uptime`` seconds."""
        wait = self.first if uptime >= self.reset_after or not self._next else self._next
        self._next = min(wait * 2, self.longest)
        return wait


@dataclass
class Child:
    """A child process.

    ``is_well`` asks it (and blocks for a moment); ``patience`` is how long it may be unwell before
    it is started again, counted from its start or from when it was last well.
    """

    name: str
    is_well: Callable[[], bool]
    patience: float
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    early_ends: int = 0
    backoff: Backoff = field(default_factory=Backoff)
    _started: float = 0.0
    _well: float = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, or None while there is no process."""
        return self.process.pid if self.process is not None and self.process.returncode is None else None

    @property
    def uptime(self) -> float:
        """The seconds since the last start."""
        return time.monotonic() - self._started

    async def start(self, lock: int) -> None:
        """Start the process; it inherits the instance lock ``lock``. Raises OSError when the system has no room."""
        # A session of its own: Ctrl-C at the terminal reaches the supervisor only, which stops all in order.
        self.process = await asyncio.create_subprocess_exec(
            *command_of(self.name),
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, **MALLOC},
            pass_fds=(lock,),
            start_new_session=True,
        )
        self.starts += 1
        self._started = self._well = time.monotonic()

    async def wait(self) -> int:
        """Wait for the end of the process and return its exit code (negative: the signal that ended it)."""
        return await self.process.wait() if self.process is not None else 0

    def note_health(self, *, well: bool) -> bool:
        """Note what a question about its health brought; True when the child has been unwell for too long."""
        if well:
            self._well = time.monotonic()
        return time.monotonic() - self._well > self.patience

    async def stop(self, hurry: asyncio.Event) -> None:
        """End the process: politely, and by force after ten seconds or as soon as ``hurry`` is set."""
        if self.pid is None:
            return
        self.send(signal.SIGTERM)
        ended = asyncio.create_task(self.wait())
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait({ended, hurried}, timeout=STOP_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not ended.done():
            self.send(signal.SIGKILL)
        await ended

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended in the meantime."""
        if self.process is not None and self.pid is not None:
            self.process.send_signal(number)


def command_of(name: str) -> list[str]:
    """Return the command line of the process ``name`` for a child of this process."""
    # -P: a file in the present folder must not be taken for one of our modules.
    return [sys.executable, "-P", "-m", "sekisho.config.cli", "process", name, "--parent", str(os.getpid())]
