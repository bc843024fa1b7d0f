"""What waits for its place in the log, source by source, and what is wrong with it. Reads only."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sekisho.kernel.access import Action
from sekisho.kernel.actor import platform
from sekisho.kernel.canonical import Json
from sekisho.kernel.strict_json import NotJson, read_json
from sekisho.register.actions import RegisterAction
from sekisho.register.inbox import FinishedPart, finished_parts, sources
from sekisho.register.log.layout import LARGEST_ENTRY
from sekisho.register.log.writer import MOST_ENTRIES
from sekisho.register.models import Event, Head
from sekisho.register.queries import logged_head
from sekisho.register.rules import EventOutcome, SubjectRef, is_document, read_timestamp
from sekisho.register.services.outbox import OUTBOX, append


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event on its way into the log."""

    source: str
    number: int
    entry: bytes
    document: dict[str, Any]


@dataclass(slots=True)
class Merge:
    """What one turn puts into the log of ``size`` entries, what it notes beside it, and which parts are done then."""

    size: int
    entries: list[Incoming] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)
    notes: list[Callable[[], object]] = field(default_factory=list)
    parts: list[FinishedPart] = field(default_factory=list)


@dataclass(slots=True)
class _Source:
    """Where a source stands in the log: its last number and when that was recorded."""

    name: str
    last: int
    recorded_at: datetime | None


def gather(limit: int, inbox: Path, size: int) -> Merge:
    """Return what waits: up to ``limit`` events of the database, then the finished parts of each spool."""
    merge = Merge(size)
    _gather_outbox(merge, limit)
    for name in sources(inbox):
        _gather_spool(merge, inbox, name)
    return merge


def _gather_outbox(merge: Merge, limit: int) -> None:
    waiting = Event.objects.filter(source=OUTBOX, log_index=None).order_by("source_seq")
    rows = list(waiting.values_list("source_seq", "entry")[:limit])
    if not rows:
        return
    source = _source(OUTBOX)
    for number, entry in rows:
        _take(merge, source, Incoming(OUTBOX, number, entry.encode(), json.loads(entry)))


def _gather_spool(merge: Merge, inbox: Path, name: str) -> None:
    source: _Source | None = None
    for part in finished_parts(inbox, name):
        source = source or _source(name)
        room = MOST_ENTRIES - len(merge.entries)
        begin = source.last
        _note_conflicts(merge, name, [pair for pair in part.entries if pair[0] <= begin])
        waiting = [pair for pair in part.entries if pair[0] > begin]
        _take_spooled(merge, source, waiting[:room])
        if len(waiting) > room:
            return
        if source.last < part.next_first - 1:  # the part ends before the next begins: its end is lost
            _note_gap(merge, source, part.next_first)
            source.last = merge.last[name] = part.next_first - 1
        merge.parts.append(part)


def _take_spooled(merge: Merge, source: _Source, pairs: Sequence[tuple[int, bytes]]) -> None:
    """Take entries of a spool. One that cannot be read or repeats an id is noted; its number stays out of the log."""
    read = [(number, entry, _read(entry, source.name, number)) for number, entry in pairs]
    ids = [document["id"] for _number, _entry, document in read if document]
    known = {str(row) for row in Event.objects.filter(id__in=ids).values_list("id", flat=True)}
    for number, entry, document in read:
        if document is None or document["id"] in known:
            action = RegisterAction.NOTE_CONFLICT if document else RegisterAction.NOTE_BROKEN
            merge.notes.append(_note(action, source.name, {"number": number}))
            continue
        known.add(document["id"])
        _take(merge, source, Incoming(source.name, number, entry, document))


def _take(merge: Merge, source: _Source, incoming: Incoming) -> None:
    if incoming.number != source.last + 1:
        _note_gap(merge, source, incoming.number)
    moment = read_timestamp(incoming.document["recorded_at"])
    if source.recorded_at is not None and moment < source.recorded_at:
        details: dict[str, Json] = {
            "number": incoming.number,
            "from": source.recorded_at.isoformat(),
            "until": moment.isoformat(),
        }
        merge.notes.append(_note(RegisterAction.NOTE_CLOCK, source.name, details))
    source.last, source.recorded_at = incoming.number, moment
    merge.last[source.name] = incoming.number
    merge.entries.append(incoming)


def _source(name: str) -> _Source:
    head = Head.objects.filter(name=logged_head(name)).first()
    last = head.last if head else 0
    row = Event.objects.filter(source=name, source_seq=last).only("entry").first() if last else None
    return _Source(name, last, read_timestamp(json.loads(row.entry)["recorded_at"]) if row else None)


def _read(entry: bytes, source: str, number: int) -> dict[str, Any] | None:
    """Return the document of a spooled entry; None where it is not one of this source with this number."""
    if len(entry) > LARGEST_ENTRY:
        return None
    try:
        document = read_json(entry)
    except NotJson:
        return None
    is_ours = is_document(document) and (document["source"], document["source_seq"]) == (source, number)
    return document if is_ours else None


def _note_conflicts(merge: Merge, source: str, pairs: Sequence[tuple[int, bytes]]) -> None:
    """Numbers that stand in the log already: the same events come again after a crash, others never should."""
    if not pairs:
        return
    rows = Event.objects.filter(source=source, source_seq__range=(pairs[0][0], pairs[-1][0]))
    stored = dict(rows.values_list("source_seq", "entry"))
    for number, entry in pairs:
        if number in stored and stored[number].encode() != entry:
            merge.notes.append(_note(RegisterAction.NOTE_CONFLICT, source, {"number": number}))


def _note_gap(merge: Merge, source: _Source, found: int) -> None:
    missing: dict[str, Json] = {"number": source.last + 1, "until": found - 1}
    merge.notes.append(_note(RegisterAction.NOTE_GAP, source.name, missing))


def _note(action: Action, source: str, details: dict[str, Json]) -> Callable[[], object]:
    return partial(
        append,
        actor=platform("sequencer"),
        action=action,
        subject=SubjectRef("register_source", source, source),
        outcome=EventOutcome.FAILURE,
        details=details,
    )
