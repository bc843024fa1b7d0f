"""Writing a spool: many wait, one thread writes and syncs for all of them."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.ids import new_id
from sekisho.register.errors import InboxFails, InboxFull
from sekisho.register.inbox.frames import frame
from sekisho.register.inbox.parts import is_source, next_number, part_name, sync_folder, take_source
from sekisho.register.log.files import write_all
from sekisho.register.log.layout import require_size
from sekisho.register.rules import encode_entry, timestamp

MOST_WAITING = 20_000
PART_BYTES = 2 * 1024 * 1024
# Seconds after which a part with entries is finished, whether more come or not: until then nobody merges them.
LONGEST_PART = 1.0
IDLE = 0.5


@dataclass(slots=True)
class _Waiting:
    """Frames that wait for the next sync, and who waits for them."""

    frames: list[bytes] = field(default_factory=list)
    threads: list[Future[int]] = field(default_factory=list)
    tasks: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[int], int]]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)


class DiskPart:
    """The part that is written to; apart so that tests can put another disk there."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def write(self, data: bytes) -> None:
        """Write all of ``data`` at the end. Raises OSError."""
        write_all(self._descriptor, data)

    def sync(self) -> None:
        """Make what was written durable. Raises OSError."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


class Inbox:
    """Where one process puts its events. Threads call ``append``, coroutines ``append_async``.

    ``source`` names the writer: small letters, digits and hyphens. Its numbers go on where its last life ended.
    """

    def __init__(self, folder: Path, source: str, make_part: type[DiskPart] = DiskPart) -> None:
        """Open the inbox. Raises SourceInUse, OSError."""
        if not is_source(source):
            raise ValueError(source)
        self.source = source
        self._folder = folder / source
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._make_part = make_part
        self._lock = take_source(self._folder, source)
        self._wakes = threading.Condition()
        self._waiting = _Waiting()
        self._is_closing = False
        self._part: DiskPart | None = None
        self._part_bytes = 0
        self._part_since = 0.0
        self._next = self._durable = next_number(self._folder)
        self._begin_part()
        self._thread = threading.Thread(target=self._work, name=f"inbox-{source}", daemon=True)
        self._thread.start()

    def append(self, document: Mapping[str, Json]) -> int:
        """Record one event; return its number when it is durable.

        ``document`` is an entry without id, source, number and ``recorded_at``, which are added here. Raises InboxFull,
        InboxFails, EntryTooLarge, NotCanonical; then the event does not count as recorded.
        """
        answer: Future[int] = Future()
        with self._wakes:
            self._waiting.numbers.append(self._queue(document))
            self._waiting.threads.append(answer)
        return answer.result()

    async def append_async(self, document: Mapping[str, Json]) -> int:
        """Do as ``append`` does, without blocking the loop."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int] = loop.create_future()
        with self._wakes:
            number = self._queue(document)
            self._waiting.tasks.setdefault(loop, []).append((answer, number))
        return await answer

    def _queue(self, document: Mapping[str, Json]) -> int:
        if self._is_closing:
            raise InboxFails(reason="closed")
        if len(self._waiting.frames) >= MOST_WAITING:
            raise InboxFull
        number = self._next
        own: dict[str, Json] = {
            "id": str(new_id()),
            "source": self.source,
            "source_seq": number,
            "recorded_at": timestamp(clock.now()),
        }
        whole = {**document, **own}
        self._waiting.frames.append(frame(number, require_size(encode_entry(whole))))
        self._next = number + 1
        self._wakes.notify()
        return number

    def close(self) -> None:
        """Write what still waits and let go of the source."""
        with self._wakes:
            self._is_closing = True
            self._wakes.notify()
        self._thread.join()
        if self._part is not None:
            self._part.close()
        os.close(self._lock)

    def _work(self) -> None:
        while (batch := self._take()) is not None:
            if not batch.frames:
                self._finish_part()
                continue
            try:
                self._write(batch.frames)
            except OSError as error:
                self._refuse(batch, error)
            else:
                _answer(batch, None)

    def _take(self) -> _Waiting | None:
        """Wait for events and take all; an empty batch says that the part should be finished, None that all ends."""
        with self._wakes:
            patience = IDLE if self._part_bytes else None
            self._wakes.wait_for(lambda: self._waiting.frames or self._is_closing, patience)
            batch, self._waiting = self._waiting, _Waiting()
        if self._is_closing and not batch.frames:
            return None
        return batch

    def _write(self, frames: list[bytes]) -> None:
        """Make frames durable. Raises OSError."""
        part = self._part
        if part is None or self._is_long():
            part = self._begin_part()
        data = b"".join(frames)
        self._part_bytes += len(data)
        part.write(data)
        part.sync()
        self._durable += len(frames)

    def _is_long(self) -> bool:
        is_old = self._part_bytes > 0 and time.monotonic() - self._part_since > LONGEST_PART
        return is_old or self._part_bytes >= PART_BYTES

    def _finish_part(self) -> None:
        try:
            self._begin_part()
        except OSError:
            self._drop_part()  # the next event tries again, and says what is wrong

    def _begin_part(self) -> DiskPart:
        """Begin the part of the next number, which finishes the one before. Raises OSError."""
        self._drop_part()
        part = self._make_part(self._folder / part_name(self._durable))
        try:
            sync_folder(self._folder)
        except OSError:
            part.close()
            raise
        self._part, self._part_bytes, self._part_since = part, 0, time.monotonic()
        return part

    def _drop_part(self) -> None:
        if self._part is not None:
            part, self._part = self._part, None
            part.close()
        self._part_bytes = 0

    def _refuse(self, batch: _Waiting, error: OSError) -> None:
        """Answer that nothing of a batch counts, nor of what has queued behind it: its numbers will be given again.

        What the failed part holds of it is void as soon as the next part begins, before anything else is answered.
        """
        self._drop_part()
        with self._wakes:
            behind, self._waiting = self._waiting, _Waiting()
            self._next = self._durable
        fault = InboxFails(reason=os.strerror(error.errno or 0))
        _answer(batch, fault)
        _answer(behind, fault)


def _answer(batch: _Waiting, fault: InboxFails | None) -> None:
    for waiting, number in zip(batch.threads, batch.numbers, strict=True):
        waiting.set_exception(fault) if fault else waiting.set_result(number)
    for loop, tasks in batch.tasks.items():
        try:
            loop.call_soon_threadsafe(_answer_tasks, tasks, fault)
        except RuntimeError:
            continue  # the loop is closed: nobody waits any more


def _answer_tasks(tasks: list[tuple[asyncio.Future[int], int]], fault: InboxFails | None) -> None:
    for waiting, number in tasks:
        if not waiting.done():  # its client may have gone
            waiting.set_exception(fault) if fault else waiting.set_result(number)


@contextmanager
def inbox(folder: Path, source: str) -> Iterator[Inbox]:
    """Open the inbox of ``source`` for the block, as a process does for its life."""
    opened = Inbox(folder, source)
    try:
        yield opened
    finally:
        opened.close()
