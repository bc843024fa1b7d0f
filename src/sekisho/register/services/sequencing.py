"""Giving waiting events their place in the log: one leader, exactly once, the log always before the database.

The order of things, and what a crash leaves between two of them, is in docs/adr/0015-the-log.md.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from sekisho.register.errors import LogBehind, LogContradicts, LogInUse, LogMissing
from sekisho.register.inbox import FinishedPart
from sekisho.register.log.files import Disk, Files
from sekisho.register.log.writer import Log, create_log, open_log
from sekisho.register.models import Event, Head
from sekisho.register.queries import LOG, known_size, logged_head, require_fits
from sekisho.register.queries.heads import cosignatures
from sekisho.register.services.merging import Incoming, Merge, gather
from sekisho.register.services.outbox import OUTBOX, event_row, locked_head

CHUNK = 1000
_PATIENCE = 10.0  # seconds
_ORIGIN = "sekisho-register/"


def integrate(*, limit: int = CHUNK) -> int:
    """Give up to ``limit`` waiting events of each kind the next places in the log, exactly once; return how many.

    Raises what :meth:`Sequencer.turn` does.
    """
    with Sequencer() as sequencer:
        return sequencer.turn(limit)


class Sequencer:
    """The one who writes the log. It holds the folder's lock for its life and opens the log when it needs it."""

    def __init__(self, files: Files | None = None) -> None:
        """Take the lock. Raises LogInUse, OSError."""
        self._folder: Path = settings.REGISTER_FOLDER
        self._inbox: Path = settings.INBOX_FOLDER
        self._files: Files = files or Disk(self._folder)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _take_lock(self._folder)
        self._log: Log | None = None

    def __enter__(self) -> "Sequencer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the log."""
        os.close(self._lock)

    def turn(self, limit: int = CHUNK) -> int:
        """Merge what waits, up to ``limit`` events of the database and the finished parts of spools; return how many.

        Raises LogFault where log and database do not fit together, OSError where the disk fails, and what the
        database raises. Whatever it was: nothing is lost, and the next turn begins from what is stored.
        """
        log, self._log = self._log, None
        if log is None:
            log = self._open()
        merge = gather(limit, self._inbox, log.head.size)
        if merge.entries:
            log.append([incoming.entry for incoming in merge.entries])
        else:
            log.cosign(cosignatures(log.head))
        if merge.entries or merge.notes:
            _mark(merge)
        _drop_parts(merge.parts)
        self._log = log
        return len(merge.entries)

    def _open(self) -> Log:
        """Open the log, begun where there was none, and bring the database up to it."""
        seed = settings.REGISTER_KEY_FILE.read_bytes()
        log = open_log(self._files, seed)
        known = known_size()
        if log is None and known:
            raise LogMissing(path=self._folder, database=known)
        log = log or create_log(self._files, seed, f"{_ORIGIN}{uuid4().hex}")
        require_fits(log.tree, known)
        _catch_up(log, known)
        return log


def _take_lock(folder: Path) -> int:
    """Take the lock of the folder, waiting for who only holds it for a moment. Raises LogInUse, OSError."""
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise LogInUse from None
            time.sleep(0.02)
        else:
            return lock


def _catch_up(log: Log, known: int) -> None:
    """Note in the database what the log has beyond it: a crash came between the two, or an older database was put back.

    Raises LogContradicts.
    """
    for start in range(known, log.head.size, CHUNK):
        end = min(start + CHUNK, log.head.size)
        with transaction.atomic():
            head = _head_at(start)
            last: dict[str, int] = {}
            for index, entry in enumerate(log.tree.entries(start, end), start=start):
                document = json.loads(entry)
                _place_one(index, entry, document)
                last[document["source"]] = document["source_seq"]
            for source, number in last.items():
                _raise_head(logged_head(source), number)
                _raise_head(source, number)
            head.last = end
            head.save(update_fields=["last"])


def _place_one(index: int, entry: bytes, document: dict[str, Any]) -> None:
    row = Event.objects.filter(source=document["source"], source_seq=document["source_seq"]).first()
    if row is None:
        event_row(document, entry, index).save(force_insert=True)
        return
    if row.entry != entry.decode() or row.log_index not in {None, index}:
        raise LogContradicts(source=row.source, number=row.source_seq)
    row.log_index = index
    row.save(update_fields=["log_index"])


def _head_at(size: int) -> Head:
    """Return the locked head of the log, which must stand at ``size``. Raises LogBehind."""
    head = locked_head(LOG)
    if head.last != size:
        raise LogBehind(log=size, database=head.last)
    return head


def _raise_head(name: str, number: int) -> None:
    head = locked_head(name)
    if head.last < number:
        head.last = number
        head.save(update_fields=["last"])


def _mark(merge: Merge) -> None:
    """Write into the database what stands in the log now, and what was noticed about its sources."""
    with transaction.atomic():
        head = _head_at(merge.size)
        _place(merge.size, merge.entries)
        for source, number in merge.last.items():
            _raise_head(logged_head(source), number)
        head.last = merge.size + len(merge.entries)
        head.save(update_fields=["last"])
        for note in merge.notes:
            note()


def _place(size: int, entries: Sequence[Incoming]) -> None:
    spooled = []
    for run in _runs(list(enumerate(entries, start=size))):
        (first, one), length = run[0], len(run)
        if one.source != OUTBOX:
            spooled += [event_row(incoming.document, incoming.entry, index) for index, incoming in run]
            continue
        rows = Event.objects.filter(
            source=OUTBOX, source_seq__range=(one.number, one.number + length - 1), log_index=None
        )
        if rows.update(log_index=F("source_seq") + (first - one.number)) != length:
            raise LogContradicts(source=OUTBOX, number=one.number)
    Event.objects.bulk_create(spooled, batch_size=500)


def _runs(entries: Iterable[tuple[int, Incoming]]) -> Iterator[list[tuple[int, Incoming]]]:
    """Split into runs of one source whose numbers follow each other."""
    run: list[tuple[int, Incoming]] = []
    for index, one in entries:
        if run and (run[-1][1].source, run[-1][1].number + 1) != (one.source, one.number):
            yield run
            run = []
        run.append((index, one))
    if run:
        yield run


def _drop_parts(parts: Iterable[FinishedPart]) -> None:
    """Remove spool parts whose events stand in the log, under a durable checkpoint, and in the database."""
    for part in parts:
        part.path.unlink(missing_ok=True)
