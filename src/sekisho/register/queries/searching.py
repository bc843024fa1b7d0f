"""Finding events: in the index what it has, in the database and at the end of the log what it has not yet.

What is found in index or log is read from the log and checked there. While the index is made anew, of the log beyond it
only the newest entries are looked at; ``unseen`` tells how many are not, and what must be complete waits for the index.
"""

import heapq
import json
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, F, Q, QuerySet
from django.db.models.functions import Coalesce

from sekisho.register.errors import IndexAway
from sekisho.register.index.build import alone, checked
from sekisho.register.index.entries import Entries
from sekisho.register.index.find import NEWEST, Key, find, matches
from sekisho.register.index.store import IndexUnusable, microseconds, moment_of, reading, remove, state
from sekisho.register.log.tree import Tree
from sekisho.register.models import Event
from sekisho.register.queries.log import OUTBOX, log_head, log_tree
from sekisho.register.rules import EventOutcome, read_timestamp
from sekisho.register.rules.searching import Search

PAGE_SIZE = 50
MOST_COUNTED = 10_000
MOST_LOOKED_AT = 200_000  # events of which a page is made; then the reader decides whether to look further back
MOST_UNINDEXED = 32_768  # entries at the end of the log that are looked through one by one
_WAITING = 1 << 62  # the place of an event that has none yet: after all that have one


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event for reading: its document as logged, and its place in the log, None while it waits."""

    log_index: int | None
    occurred_at: datetime
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of events, newest first.

    ``older`` is where the next page begins, None at the end; ``total`` counts on the first page only, and at most
    10,000 (``is_more`` then); ``looked_to`` is how far back was looked where the work became too much before the end.
    ``unseen`` counts events between the index, while it is being made, and the newest ones: they were not looked at.
    """

    events: Sequence[StoredEvent]
    older: Key | None
    total: int | None
    is_more: bool
    looked_to: datetime | None
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """One look into the register: what matches, newest first; ``None`` stands for an event that does not."""

    keys: Iterator[tuple[Key, bool]]
    entries: Entries
    waiting: dict[int, str]
    unseen: int

    def require_all(self) -> None:
        """Check that nothing stays unseen. Raises IndexAway."""
        if self.unseen:
            raise IndexAway

    def stored(self, key: Key) -> StoredEvent:
        """Return the event at a key that this look has yielded. Raises LogDamaged."""
        moment, place = key
        text = self.waiting.pop(place, None)
        document = json.loads(self.entries.entry(place) if text is None else text)
        return StoredEvent(place if place < _WAITING else None, moment_of(moment), document)


def events(search: Search, before: Key = NEWEST) -> Found:
    """Return the events on one page of those that match, older than ``before``. Raises LogDamaged."""
    try:
        with looking(search, before) as look:
            return _page(look, is_first=before == NEWEST)
    except IndexUnusable:
        drop_index()
        with looking(search, before) as look:
            return _page(look, is_first=before == NEWEST)


def _page(look: Look, *, is_first: bool) -> Found:
    found: list[StoredEvent] = []
    shown = last = NEWEST  # the last event on the page, and the last that was looked at
    total, most = 0, MOST_COUNTED if is_first else PAGE_SIZE
    for number, (key, is_match) in enumerate(look.keys):
        if number >= MOST_LOOKED_AT and total <= PAGE_SIZE:
            return Found(found, last, None, is_more=True, looked_to=moment_of(last[0]), unseen=look.unseen)
        last = key
        total += is_match
        if is_match and total <= PAGE_SIZE:
            found.append(look.stored(key))
            shown = key
        if total > most or number >= MOST_LOOKED_AT:
            break
    else:
        older, count = shown if total > PAGE_SIZE else None, total if is_first else None
        return Found(found, older, count, is_more=False, looked_to=None, unseen=look.unseen)
    count = min(total, MOST_COUNTED) if is_first else None
    return Found(found, shown, count, is_more=True, looked_to=None, unseen=look.unseen)


@contextmanager
def looking(search: Search, before: Key = NEWEST) -> Iterator[Look]:
    """Look into index and database as they are at one moment. Raises IndexUnusable, CheckpointBroken."""
    head = log_head()
    tree = log_tree(head.size if head else 0)
    with reading(settings.REGISTER_INDEX) as opened:
        index = opened
        origin, size, _leaf = state(index) if index is not None else ("", 0, b"")
        if head is None or origin != head.origin or size > head.size:
            index, size = None, 0
        waiting: dict[int, str] = {}
        end = max(size, tree.size - MOST_UNINDEXED)
        with ExitStack() as streams:  # whoever stops in the middle leaves no cursor open
            found = [
                streams.enter_context(closing(_unindexed(search, size, before, waiting))),
                streams.enter_context(closing(_at_end(search, tree, end, before, waiting))),
            ]
            if index is not None:
                found.append(streams.enter_context(closing(find(index, search, before))))
            keys = heapq.merge(*found, key=lambda pair: (-pair[0][0], -pair[0][1]))
            yield Look(keys, Entries(tree), waiting, end - size)


def _unindexed(
    search: Search, size: int, before: Key, waiting: dict[int, str]
) -> Generator[tuple[Key, bool], None, None]:
    """Yield what the index does not have yet, as :func:`find` yields what it has; put the matching into ``waiting``."""
    rows = _rows(search, size, before)
    pairs = rows.values_list("occurred_at", "place", "entry")  # type: ignore[misc]  # annotated
    for occurred_at, place, entry in pairs.iterator(chunk_size=200):
        is_match = matches(search, json.loads(entry))
        if is_match:
            waiting[place] = entry
        yield (microseconds(occurred_at), place), is_match


def _at_end(
    search: Search, tree: Tree, start: int, before: Key, waiting: dict[int, str]
) -> Generator[tuple[Key, bool], None, None]:
    """Yield what matches among the hot writers' entries from ``start`` on; put it into ``waiting``."""
    found: list[Key] = []
    for place, entry, document in spooled(tree, start):
        key = (microseconds(read_timestamp(document["occurred_at"])), place)
        if key < before and matches(search, document):
            waiting[place] = entry.decode()
            found.append(key)
    yield from ((key, True) for key in sorted(found, reverse=True))


def spooled(tree: Tree, start: int) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield place, entry and document of hot writers' entries from ``start`` to the end of a log. Raises LogDamaged."""
    for place, entry, _leaf in checked(tree, start, tree.size):
        document = json.loads(entry)
        if document["source"] != OUTBOX:
            yield place, entry, document


def _rows(search: Search, size: int, before: Key) -> "QuerySet[Event]":
    place = Coalesce(F("log_index"), F("source_seq") + _WAITING, output_field=BigIntegerField())
    rows = Event.objects.filter(Q(log_index=None) | Q(log_index__gte=size)).annotate(place=place)
    if before != NEWEST:
        moment = moment_of(before[0])
        rows = rows.filter(Q(occurred_at__lt=moment) | Q(occurred_at=moment, place__lt=before[1]))
    if search.action:
        rows = rows.filter(action=search.action)
    if search.outcome:
        rows = rows.filter(outcome=search.outcome)
    if search.since:
        rows = rows.filter(occurred_at__gte=search.since)
    if search.until:
        rows = rows.filter(occurred_at__lt=search.until)
    return rows.order_by("-occurred_at", "-place")


@contextmanager
def log_places(search: Search, size: int) -> Iterator[Iterator[int]]:
    """Give the places below ``size`` of all events that match, newest first. Raises IndexUnusable, IndexAway."""
    with looking(search) as look:
        look.require_all()
        yield (place for (_moment, place), is_match in look.keys if is_match and place < size)


def drop_index() -> None:
    """Remove an index that cannot be used; whoever follows the log makes it anew. One that is being written stays."""
    with alone(settings.REGISTER_INDEX, wait=False) as is_mine:
        if is_mine:
            remove(settings.REGISTER_INDEX)


def all_events(search: Search, most: int, before: Key = NEWEST) -> list[StoredEvent]:
    """Return the newest events that match, older than ``before``, at most ``most``. Raises LogDamaged, IndexAway."""
    try:
        return _all_events(search, most, before)
    except IndexUnusable:
        drop_index()
        return _all_events(search, most, before)


def key_of(event: StoredEvent) -> Key:
    """Return where a page begins that goes on after this event."""
    place = event.document["source_seq"] + _WAITING if event.log_index is None else event.log_index
    return microseconds(event.occurred_at), place


def _all_events(search: Search, most: int, before: Key) -> list[StoredEvent]:
    with looking(search, before) as look:
        look.require_all()
        return [look.stored(key) for key in islice((key for key, is_match in look.keys if is_match), most)]


def history(subject_kind: str, subject_id: str, limit: int = 50) -> Sequence[StoredEvent]:
    """Return the newest events of the platform's own about one subject."""
    rows = Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return [_stored(event) for event in rows.order_by("-occurred_at", "-source_seq")[:limit]]


def happened(kind: str, actions: Collection[str], since: datetime, until: datetime) -> Iterator[StoredEvent]:
    """Yield what was done with subjects of a kind from a moment to before another, the oldest first."""
    rows = Event.objects.filter(subject_kind=kind, action__in=actions, outcome=str(EventOutcome.SUCCESS))
    rows = rows.filter(occurred_at__gte=since, occurred_at__lt=until).order_by("occurred_at", "source_seq")
    return map(_stored, rows.iterator(chunk_size=1000))


def noted_faults(actions: Sequence[str], since: datetime) -> Sequence[StoredEvent]:
    """Return the newest events of ``actions`` since a moment, at most a hundred."""
    rows = Event.objects.filter(action__in=actions, occurred_at__gte=since).order_by("-occurred_at")
    return [_stored(event) for event in rows[:100]]


def was_recorded(kind: str, code: str, since: datetime) -> bool:
    """Tell whether an event about this subject was recorded since a moment."""
    return Event.objects.filter(subject_kind=kind, subject_id=code, occurred_at__gte=since).exists()


def _stored(event: Event) -> StoredEvent:
    return StoredEvent(event.log_index, event.occurred_at, json.loads(event.entry))
