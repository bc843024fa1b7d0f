"""Giving waiting events their place in the log: one leader, exactly once, the log always before the database.

The order of things, and what a crash leaves between two of them, is in docs/adr/0015-the-log.md.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from sekisho.register.errors import LogBehind, LogContradicts, LogInUse, LogMissing
from sekisho.register.inbox import go_on_after
from sekisho.register.log.files import Disk, Files
from sekisho.register.log.writer import Log, create_log, open_log
from sekisho.register.models import Event, Head
from sekisho.register.queries import LOG, OUTBOX, known_size, logged_head, require_fits
from sekisho.register.queries.heads import cosignatures
from sekisho.register.rules import read_timestamp
from sekisho.register.services.merging import Merge, RecentIds, Run, SourceMark, gather
from sekisho.register.services.noting import set_aside, store_notes
from sekisho.register.services.outbox import event_row, locked_head
from sekisho.trust.merkle import leaf_hash

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
        self._recent = RecentIds()
        self._noted: set[bytes] = set()  # what a turn that failed has noted already

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
        if log is None or not log.is_published():  # another folder was put there: what the database knows decides
            log = self._open()
        merge = gather(limit, self._inbox, log.tree, self._recent)
        store_notes(merge.notes, self._noted)
        if merge.entries:
            log.append(merge.entries)
        else:
            log.cosign(cosignatures(log.head))
        if merge.entries or merge.marks:
            _mark(merge)
        _drop_parts(merge)
        self._recent.add(merge.ids)
        self._noted.clear()
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
        _bring_spools_up(self._inbox)
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
        entries = list(log.tree.entries(start, min(start + CHUNK, log.head.size)))
        documents = [json.loads(entry) for entry in entries]
        with transaction.atomic():
            head = _head_at(start)
            own = [
                (place, entry, document)
                for place, (entry, document) in enumerate(zip(entries, documents, strict=True), start=start)
                if document["source"] == OUTBOX
            ]
            if own:
                _put_back(own)
            for mark in _marks(documents):
                _raise_mark(mark)
            _raise_log(head, entries)


def _bring_spools_up(inbox: Path) -> None:
    """Let no spool give a number again that stands in the log: a backup copies the spools first. Raises OSError."""
    for head in Head.objects.filter(name__startswith=logged_head("")).exclude(name=logged_head(OUTBOX)):
        go_on_after(inbox, head.name.removeprefix(logged_head("")), head.last)


def _put_back(own: Sequence[tuple[int, bytes, dict[str, Any]]]) -> None:
    """Give events of the outbox their places, and their rows where these are gone. Raises LogContradicts."""
    numbers = [document["source_seq"] for _place, _entry, document in own]
    rows = {row.source_seq: row for row in Event.objects.filter(source=OUTBOX, source_seq__in=numbers)}
    missing = []
    for place, entry, document in own:
        row = rows.get(document["source_seq"])
        if row is None:
            missing.append(event_row(document, entry, place))
        elif row.entry != entry.decode() or row.log_index not in {None, place}:
            raise LogContradicts(source=OUTBOX, number=row.source_seq)
        else:
            row.log_index = place
    Event.objects.bulk_update(rows.values(), ["log_index"], batch_size=100)
    Event.objects.bulk_create(missing, batch_size=100)
    _raise_head(OUTBOX, max(numbers))  # the next one is given after it


def _marks(documents: Iterable[dict[str, Any]]) -> Iterable[SourceMark]:
    """Return where the sources stand after these entries. Raises LogContradicts where a spool's number came before."""
    found: dict[str, SourceMark] = {}
    for document in documents:
        source, number = document["source"], document["source_seq"]
        if source not in found and source != OUTBOX:
            known = Head.objects.filter(name=logged_head(source)).first()
            if known and known.last >= number:
                raise LogContradicts(source=source, number=number)
        found[source] = SourceMark(source, number, read_timestamp(document["recorded_at"]))
    return found.values()


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


def _raise_mark(mark: SourceMark) -> None:
    head = locked_head(logged_head(mark.name))
    head.last, head.recorded_at = max(head.last, mark.last), mark.recorded_at
    head.save(update_fields=["last", "recorded_at"])


def _raise_log(head: Head, entries: Sequence[bytes]) -> None:
    if entries:
        head.last += len(entries)
        head.leaf = leaf_hash(entries[-1]).hex()
        head.save(update_fields=["last", "leaf"])


def _mark(merge: Merge) -> None:
    """Write into the database what stands in the log now."""
    with transaction.atomic():
        head = _head_at(merge.size)
        for run in merge.runs:
            _place(run)
        for mark in merge.marks.values():
            _raise_mark(mark)
        _raise_log(head, merge.entries)


def _place(run: Run) -> None:
    """Give events of the outbox their places. Raises LogContradicts."""
    last = run.number + run.count - 1
    rows = Event.objects.filter(source=OUTBOX, source_seq__range=(run.number, last), log_index=None)
    if rows.update(log_index=F("source_seq") + (run.place - run.number)) != run.count:
        raise LogContradicts(source=OUTBOX, number=run.number)


def _drop_parts(merge: Merge) -> None:
    """Remove spool parts whose events stand in the log, under a durable checkpoint the database knows of.

    One with a fault is set aside instead.
    """
    for part in merge.parts:
        place = merge.aside.get(part)
        if place is None:
            part.unlink(missing_ok=True)
        elif part.exists():
            set_aside(part, place)
