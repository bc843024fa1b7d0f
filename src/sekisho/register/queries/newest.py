"""The newest events of a kind, whoever recorded them: the platform, whose events have rows, or a hot writer.

Looked for in the database, in the index and at the end of the log that the index does not have yet.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from django.conf import settings
from django.db.models import Q

from sekisho.kernel.actor import ActorKind
from sekisho.register.errors import IndexAway
from sekisho.register.index.entries import Entries
from sekisho.register.index.store import IndexUnusable, microseconds, moment_of, reading, state
from sekisho.register.log.tree import Tree
from sekisho.register.models import Event
from sekisho.register.queries.log import log_head, log_tree
from sekisho.register.queries.searching import MOST_UNINDEXED, StoredEvent, drop_index, spooled
from sekisho.register.rules import read_timestamp


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, said three times: for the rows, for the index (condition and values), for a document."""

    rows: Q
    condition: str
    values: tuple[str | int, ...]
    fits: Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class _Sight:
    """Index and log at one moment; ``start`` is where the index ends and looking through the log begins."""

    index: Connection | None
    tree: Tree
    start: int


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def about(kind: str, code: str, actions: Sequence[str] = ()) -> Wanted:
    """Return what finds the events about one subject, of ``actions`` only where some are given."""
    rows = Q(subject_kind=kind, subject_id=code)
    condition = "subject IN (SELECT id FROM subject WHERE kind = ? AND code = ?)"
    if actions:
        rows &= Q(action__in=actions)
        condition += f" AND action IN (SELECT id FROM name WHERE text IN ({_marks(actions)}))"  # noqa: S608  # marks

    def fits(document: Mapping[str, Any]) -> bool:
        subject = document["subject"] or {}
        is_about = (subject.get("kind"), subject.get("id")) == (kind, code)
        return is_about and (not actions or document["action"] in actions)

    return Wanted(rows, condition, (kind, code, *actions), fits)


def newest(
    wanted: Wanted, limit: int, until: datetime | None = None, *, complete: bool = True
) -> Sequence[StoredEvent]:
    """Return the newest events that are wanted, none after ``until``. Raises LogDamaged, IndexAway.

    Where they need not be ``complete``, an index that is being made anew leaves out older events of hot writers.
    """
    rows = Event.objects.filter(wanted.rows)
    own = rows.filter(occurred_at__lte=until) if until else rows
    found = [
        StoredEvent(row.log_index, row.occurred_at, json.loads(row.entry))
        for row in own.order_by("-occurred_at", "-source_seq")[:limit]
    ]
    latest = microseconds(until) if until else 2**63 - 1
    with _seeing(complete=complete) as sight:
        found += _at_end(wanted, sight, latest)
        known = {event.log_index for event in found}
        found += (event for event in _indexed(wanted, sight, latest, limit) if event.log_index not in known)
    return sorted(found, key=_age, reverse=True)[:limit]


def count_after(wanted: Wanted, moment: datetime) -> int:
    """Return how many of the wanted events are dated later than ``moment``. Raises LogDamaged, IndexAway."""
    since = microseconds(moment)
    with _seeing() as sight:
        rows = Event.objects.filter(wanted.rows, Q(log_index=None) | Q(log_index__gte=sight.start))
        count = rows.filter(occurred_at__gt=moment).count()
        count += sum(event.occurred_at > moment for event in _at_end(wanted, sight, 2**63 - 1))
        if sight.index is None:
            return count
        query = f"SELECT count(*) FROM event WHERE {wanted.condition} AND moment > ?"  # noqa: S608  # our own condition
        return count + int(sight.index.execute(query, (*wanted.values, since)).fetchone()[0])


def latest_of_people(limit: int) -> Sequence[StoredEvent]:
    """Return the newest events that the platform did not cause by itself. Raises LogDamaged."""
    own = str(ActorKind.PLATFORM)
    condition = "actor NOT IN (SELECT id FROM actor WHERE kind = ?)"
    people = Wanted(~Q(actor_kind=own), condition, (own,), lambda one: bool(one["actor"]["kind"] != own))
    return newest(people, limit, complete=False)


def recorded_between(start: datetime, end: datetime) -> bool:
    """Tell whether any event happened between two moments. Raises LogDamaged, IndexAway."""
    if start >= end:
        return False
    if Event.objects.filter(occurred_at__gt=start, occurred_at__lt=end).exists():
        return True
    between = microseconds(start), microseconds(end)
    anything = Wanted(Q(), "moment > ? AND moment < ?", between, lambda _document: True)
    with _seeing() as sight:
        if any(start < event.occurred_at < end for event in _at_end(anything, sight, between[1])):
            return True
        return bool(list(_indexed(anything, sight, between[1], 1)))


@contextmanager
def _seeing(*, complete: bool = True) -> Iterator[_Sight]:
    """Look into index and log. Raises IndexAway where too much of the log is not in the index to be ``complete``."""
    head = log_head()
    tree = log_tree(head.size if head else 0)
    try:
        with reading(settings.REGISTER_INDEX) as opened:
            index = opened
            origin, size, _leaf = state(index) if index is not None else ("", 0, b"")
            if head is None or origin != head.origin or size > head.size:
                index, size = None, 0
            start = max(size, tree.size - MOST_UNINDEXED)
            if complete and start > size:
                raise IndexAway
            yield _Sight(index, tree, start)
    except IndexUnusable as error:
        drop_index()
        raise IndexAway from error


def _at_end(wanted: Wanted, sight: _Sight, latest: int) -> Iterator[StoredEvent]:
    for place, _entry, document in spooled(sight.tree, sight.start):
        moment = read_timestamp(document["occurred_at"])
        if wanted.fits(document) and microseconds(moment) <= latest:
            yield StoredEvent(place, moment, document)


def _indexed(wanted: Wanted, sight: _Sight, latest: int, limit: int) -> Iterator[StoredEvent]:
    if sight.index is None:
        return
    query = f"SELECT moment, place FROM event WHERE {wanted.condition} AND moment <= ?"  # noqa: S608  # our own
    found = sight.index.execute(f"{query} ORDER BY moment DESC, place DESC LIMIT ?", (*wanted.values, latest, limit))
    entries = Entries(sight.tree)
    for moment, place in found:
        yield StoredEvent(place, moment_of(moment), json.loads(entries.entry(place)))


def _age(event: StoredEvent) -> tuple[datetime, int]:
    place = event.log_index
    return event.occurred_at, (1 << 62) + int(event.document["source_seq"]) if place is None else place
