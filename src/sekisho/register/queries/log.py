"""How the log stands: its head, its end, what waits, and whether it fits the database."""

import json
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.register.errors import LogBehind, LogContradicts, LogFault, LogMissing, LogStandsStill, LogWithoutRoom
from sekisho.register.inbox import parts, sources
from sekisho.register.index.store import IndexUnusable, reading, state
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT, Tile
from sekisho.register.log.tree import Tree, read_head, verify_edge
from sekisho.register.models import Event, Head
from sekisho.trust.merkle import leaf_hash
from sekisho.trust.notes import Checkpoint, verifier_key

LOG = "log"  # the head that holds how many entries of the log the database has seen
OUTBOX = "outbox"  # the source of what the platform records; the others are hot writers and have no rows
LONGEST_TURN = timedelta(minutes=1)  # longer than any turn of the sequencer, its pauses included
LEAST_ROOM = 64 * 2**20  # bytes; less, and the next turn may not fit


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source of events, its last number in the log, and how many parts its spool holds that are not merged.

    ``waits_since`` is when the oldest of these was finished.
    """

    name: str
    last: int
    parts: int
    waits_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogState:
    """How the log stands. ``head`` is None where there is none to trust; ``fault`` says what keeps it from going on.

    ``stall`` says that it does not go on though nothing is wrong with it. ``indexed`` counts the entries that the
    search index knows, None where there is no index to use.
    """

    head: Checkpoint | None
    fault: SekishoError | None
    stall: SekishoError | None
    indexed: int | None
    published_at: datetime | None
    known: int
    waiting: int
    oldest: datetime | None
    sources: tuple[SourceState, ...]

    @property
    def trouble(self) -> SekishoError | None:
        """What somebody must see to, the worst first."""
        return self.fault or self.stall

    @property
    def verifier(self) -> str | None:
        """The key that the checkpoint is signed with, in one line, as tools that check logs take it."""
        return verifier_key(self.head.origin, settings.REGISTER_PUBLIC_KEY) if self.head else None


def log_state() -> LogState:
    """Return how the log stands, after checking its end against its checkpoint and against the database."""
    head, fault = _examined_head()
    waiting = Event.objects.filter(log_index=None)
    oldest = waiting.order_by("source", "source_seq").first()
    checkpoint = settings.REGISTER_FOLDER / CHECKPOINT
    states = _source_states()
    return LogState(
        head=head,
        fault=fault,
        stall=_stall([oldest.occurred_at if oldest else None, *(one.waits_since for one in states)]),
        indexed=_indexed(),
        published_at=datetime.fromtimestamp(checkpoint.stat().st_mtime, tz=UTC) if checkpoint.exists() else None,
        known=known_size(),
        waiting=waiting.count(),
        oldest=oldest.occurred_at if oldest else None,
        sources=states,
    )


def _stall(waiting_since: list[datetime | None]) -> SekishoError | None:
    """Return why nothing goes on, as far as it can be seen from outside; None while nothing waits for too long."""
    since = min((moment for moment in waiting_since if moment), default=None)
    if since is None or clock.now() - since <= LONGEST_TURN:
        return None
    free = shutil.disk_usage(
        settings.REGISTER_FOLDER if settings.REGISTER_FOLDER.is_dir() else settings.REGISTER_FOLDER.parent
    ).free
    if free < LEAST_ROOM:
        return LogWithoutRoom(path=settings.REGISTER_FOLDER, free=free // 2**20)
    return LogStandsStill(minutes=int((clock.now() - since).total_seconds() // 60))


def _indexed() -> int | None:
    try:
        with reading(settings.REGISTER_INDEX) as index:
            return state(index)[1] if index is not None else None
    except (IndexUnusable, sqlite3.Error):
        return None  # the sequencer makes it anew


def known_size() -> int:
    """Return how many entries of the log the database has seen."""
    head = Head.objects.filter(name=LOG).first()
    return head.last if head else 0


def _examined_head() -> tuple[Checkpoint | None, SekishoError | None]:
    known = known_size()
    try:
        head = log_head()
        if head is None:
            return None, LogMissing(path=settings.REGISTER_FOLDER, database=known) if known else None
        verify_edge(log_tree(head.size), head)
        require_fits(log_tree(head.size), known)
    except LogFault as error:
        return None, error
    return head, None


def log_head() -> Checkpoint | None:
    """Return the signed head of the log, None where there is no checkpoint. Raises CheckpointBroken."""
    note = Disk(settings.REGISTER_FOLDER).read(CHECKPOINT)
    return None if note is None else read_head(note, settings.REGISTER_PUBLIC_KEY)


def log_tree(size: int) -> Tree:
    """Return the log of ``size`` entries for reading, while it may grow."""
    return Tree(Disk(settings.REGISTER_FOLDER), size, grows=True)


def require_fits(tree: Tree, known: int) -> None:
    """Check that a log is not behind the database and holds what that saw last. Raises LogBehind, LogContradicts."""
    if tree.size < known:
        raise LogBehind(log=tree.size, database=known)
    if not known:
        return
    (entry,) = tree.entries(known - 1, known)
    row = Event.objects.filter(log_index=known - 1).only("source", "source_seq", "entry").first()
    if row is not None and entry.decode() != row.entry:
        raise LogContradicts(source=row.source, number=row.source_seq)
    head = Head.objects.get(name=LOG)
    if head.leaf and leaf_hash(entry).hex() != head.leaf:
        raise LogContradicts(source=LOG, number=known - 1)


def log_file(tile: Tile) -> bytes | None:
    """Return a tile that the checkpoint speaks of; None for any other."""
    head = log_head()
    if head is None or tile.end > head.size:
        return None
    return Disk(settings.REGISTER_FOLDER).read(tile.path)


def changed_rows(tree: Tree, start: int, end: int) -> list[int]:
    """Return the indices from ``start`` to ``end`` where the database does not hold what the log does.

    Of a hot writer's events it holds none; a row at such a place is compared all the same.
    """
    rows = dict(Event.objects.filter(log_index__gte=start, log_index__lt=end).values_list("log_index", "entry"))
    pairs = enumerate(tree.entries(start, end), start=start)
    return [index for index, entry in pairs if not _agrees(rows.get(index), entry)]


def _agrees(row: str | None, entry: bytes) -> bool:
    if row is not None:
        return row.encode() == entry
    try:
        return bool(json.loads(entry)["source"] != OUTBOX)
    except (ValueError, KeyError, TypeError):
        return False


def _source_states() -> tuple[SourceState, ...]:
    folder: Path = settings.INBOX_FOLDER
    heads = dict(Head.objects.filter(name__startswith=logged_head("")).values_list("name", "last"))
    names = sorted({name.removeprefix(logged_head("")) for name in heads} | set(sources(folder)))
    return tuple(_source_state(name, heads.get(logged_head(name), 0), folder / name) for name in names)


def _source_state(name: str, last: int, folder: Path) -> SourceState:
    found = parts(folder) if folder.is_dir() else []
    finished = [part.stat() for part in found[:-1]]  # the last one is still written to
    since = min((datetime.fromtimestamp(one.st_mtime, tz=UTC) for one in finished), default=None)
    return SourceState(name, last, sum(part.stat().st_size > 0 for part in found), since)


def logged_head(source: str) -> str:
    """Return the name of the head that holds the last number of ``source`` in the log."""
    return f"logged:{source}"
