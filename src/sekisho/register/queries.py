"""Every read of the register that pages and other apps need."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from sekisho.kernel.actor import ActorKind
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.search import search_words
from sekisho.register.errors import LogBehind, LogContradicts, LogFault, LogMissing
from sekisho.register.inbox import parts, sources
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT, Tile
from sekisho.register.log.tree import Tree, read_head, verify_edge
from sekisho.register.models import Event, Head
from sekisho.trust.notes import Checkpoint, verifier_key

PAGE_SIZE = 50
LOG = "log"  # the head that holds how many entries of the log the database has seen


@dataclass(frozen=True, slots=True)
class Search:
    """What the reader looks for; empty fields do not narrow."""

    text: str = ""
    action: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event for reading: its document as logged, and its place in the log, None while it waits."""

    log_index: int | None
    occurred_at: datetime
    document: dict[str, Any]


def events(search: Search, page: int) -> tuple[Sequence[StoredEvent], "Page[Event]"]:
    """Return the events on one page of those that match, newest first, and the page."""
    found = Paginator(_matching(search), PAGE_SIZE).get_page(page)
    return [_stored(event) for event in found.object_list], found


def history(subject_kind: str, subject_id: str, limit: int = 50) -> Sequence[StoredEvent]:
    """Return the newest events about one subject."""
    rows = Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return [_stored(event) for event in rows.order_by("-occurred_at", "-source_seq")[:limit]]


def latest_of_people(limit: int) -> Sequence[StoredEvent]:
    """Return the newest events that the platform did not cause by itself."""
    found = Event.objects.exclude(actor_kind=ActorKind.PLATFORM).order_by("-occurred_at", "-source_seq")
    return [_stored(event) for event in found[:limit]]


def _matching(search: Search) -> "QuerySet[Event]":
    rows = Event.objects.order_by("-occurred_at", "-source_seq")
    for word in search_words(search.text):
        rows = rows.filter(search_key__contains=word)
    if search.action:
        rows = rows.filter(action=search.action)
    if search.outcome:
        rows = rows.filter(outcome=search.outcome)
    if search.since:
        rows = rows.filter(occurred_at__gte=search.since)
    if search.until:
        rows = rows.filter(occurred_at__lt=search.until)
    return rows


def _stored(event: Event) -> StoredEvent:
    return StoredEvent(event.log_index, event.occurred_at, json.loads(event.entry))


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source of events, its last number in the log, and how many parts its spool holds that are not merged."""

    name: str
    last: int
    parts: int


@dataclass(frozen=True, slots=True)
class LogState:
    """How the log stands. ``head`` is None where there is none to trust; ``fault`` says what keeps it from going on."""

    head: Checkpoint | None
    fault: SekishoError | None
    published_at: datetime | None
    known: int
    waiting: int
    oldest: datetime | None
    sources: tuple[SourceState, ...]

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
    return LogState(
        head=head,
        fault=fault,
        published_at=datetime.fromtimestamp(checkpoint.stat().st_mtime, tz=UTC) if checkpoint.exists() else None,
        known=known_size(),
        waiting=waiting.count(),
        oldest=oldest.occurred_at if oldest else None,
        sources=_source_states(),
    )


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
    """Return the log of ``size`` entries for reading."""
    return Tree(Disk(settings.REGISTER_FOLDER), size)


def require_fits(tree: Tree, known: int) -> None:
    """Check that a log is not behind the database and holds what that saw last. Raises LogBehind, LogContradicts."""
    if tree.size < known:
        raise LogBehind(log=tree.size, database=known)
    row = Event.objects.filter(log_index=known - 1).only("source", "source_seq", "entry").first() if known else None
    if row is None:
        return
    (entry,) = tree.entries(known - 1, known)
    if entry.decode() != row.entry:
        raise LogContradicts(source=row.source, number=row.source_seq)


def log_file(tile: Tile) -> bytes | None:
    """Return a tile that the checkpoint speaks of; None for any other."""
    head = log_head()
    if head is None or tile.end > head.size:
        return None
    return Disk(settings.REGISTER_FOLDER).read(tile.path)


def changed_rows(tree: Tree, start: int, end: int) -> list[int]:
    """Return the indices from ``start`` to ``end`` where the database does not hold what the log does."""
    rows = dict(Event.objects.filter(log_index__gte=start, log_index__lt=end).values_list("log_index", "entry"))
    pairs = enumerate(tree.entries(start, end), start=start)
    return [index for index, entry in pairs if rows.get(index, "").encode() != entry]


def noted_faults(actions: Sequence[str], since: datetime) -> Sequence[StoredEvent]:
    """Return the newest events of ``actions`` since a moment, at most a hundred."""
    rows = Event.objects.filter(action__in=actions, occurred_at__gte=since).order_by("-occurred_at")
    return [_stored(event) for event in rows[:100]]


def _source_states() -> tuple[SourceState, ...]:
    folder: Path = settings.INBOX_FOLDER
    heads = dict(Head.objects.filter(name__startswith=logged_head("")).values_list("name", "last"))
    names = sorted({name.removeprefix(logged_head("")) for name in heads} | set(sources(folder)))
    return tuple(SourceState(name, heads.get(logged_head(name), 0), _waiting_parts(folder / name)) for name in names)


def _waiting_parts(folder: Path) -> int:
    return sum(part.stat().st_size > 0 for part in parts(folder)) if folder.is_dir() else 0


def logged_head(source: str) -> str:
    """Return the name of the head that holds the last number of ``source`` in the log."""
    return f"logged:{source}"
