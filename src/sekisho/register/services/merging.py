"""What waits for its place in the log, source by source, and what is wrong with it. Reads only."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sekisho.kernel.canonical import Json
from sekisho.kernel.strict_json import NotJson
from sekisho.register.actions import RegisterAction
from sekisho.register.inbox import finished_parts, parts, sources
from sekisho.register.log.layout import LARGEST_ENTRY, WIDTH
from sekisho.register.log.tree import Tree
from sekisho.register.log.writer import MOST_ENTRIES
from sekisho.register.models import Event, Head
from sekisho.register.queries import OUTBOX, logged_head
from sekisho.register.rules import is_document, read_entry, read_timestamp
from sekisho.register.services.noting import ASIDE, Note, place_aside

REMEMBERED = 65_536
FEW = 2_000
Fault = tuple[RegisterAction | None, int]  # what to note, None for what is noted already, and the entry's number


@dataclass(frozen=True, slots=True)
class Run:
    """Events of the outbox whose numbers follow each other, and so do their places."""

    number: int
    place: int
    count: int


@dataclass(slots=True)
class SourceMark:
    """Where a source stands in the log: its last number and when that was recorded."""

    name: str
    last: int
    recorded_at: datetime | None


@dataclass(slots=True)
class Merge:
    """What one turn puts into the log of ``size`` entries, what it notes beside it, and which parts are done then.

    ``ids`` are those of the spooled events, ``marks`` tell where each source that moved stands afterwards. ``aside``
    tells where those of the done parts are kept that hold what did not get into the log.
    """

    size: int
    entries: list[bytes] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    marks: dict[str, SourceMark] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    parts: list[Path] = field(default_factory=list)
    aside: dict[Path, Path] = field(default_factory=dict)


class RecentIds:
    """The ids of the spooled events that were merged last, in bounded memory."""

    def __init__(self) -> None:
        self._older: set[str] = set()
        self._newer: set[str] = set()

    def __contains__(self, one: str) -> bool:
        return one in self._newer or one in self._older

    def add(self, ids: set[str]) -> None:
        """Remember ids; once there are many, the older half is forgotten."""
        self._newer |= ids
        if len(self._newer) > REMEMBERED:
            self._older, self._newer = self._newer, set()


def gather(limit: int, inbox: Path, tree: Tree, recent: RecentIds) -> Merge:
    """Return what waits: up to ``limit`` events of the database, then the finished parts of each spool."""
    merge = Merge(tree.size)
    _gather_outbox(merge, limit)
    for name in _oldest_first(inbox):
        _gather_spool(merge, inbox, name, tree, recent)
    return merge


def _gather_outbox(merge: Merge, limit: int) -> None:
    waiting = Event.objects.filter(source=OUTBOX, log_index=None).order_by("source_seq")
    rows = list(waiting.values_list("source_seq", "entry")[:limit])
    if not rows:
        return
    mark = _mark_of(OUTBOX)
    begin, previous = merge.size, mark.last
    for place, (number, entry) in enumerate(rows, start=merge.size):
        if number != previous + 1 and place > begin:
            merge.runs.append(Run(previous - (place - begin) + 1, begin, place - begin))
            begin = place
        previous = number
        _take(merge, mark, number, entry.encode(), json.loads(entry)["recorded_at"])
    count = merge.size + len(rows) - begin
    merge.runs.append(Run(previous - count + 1, begin, count))


def _oldest_first(inbox: Path) -> list[str]:
    """Return the sources, that first which has waited longest: a busy one keeps no other from its turn."""

    def age(name: str) -> tuple[int, str]:
        found = parts(inbox / name)
        return (found[0].stat().st_mtime_ns if found else 0), name

    return sorted(sources(inbox), key=age)


def _gather_spool(merge: Merge, inbox: Path, name: str, tree: Tree, recent: RecentIds) -> None:
    mark: SourceMark | None = None
    for part in finished_parts(inbox, name):
        mark = mark or _mark_of(name)
        room = MOST_ENTRIES - len(merge.entries)
        begin = mark.last
        waiting = [pair for pair in part.entries if pair[0] > begin]
        if len(waiting) > room and merge.entries:
            return  # whole parts: what is cut is read twice
        noted = len(merge.notes)
        faults = _contradictions(name, [pair for pair in part.entries if pair[0] <= begin], tree)
        faults += _take_spooled(merge, mark, waiting[:room], recent)
        is_done = len(waiting) <= room
        if is_done and mark.last < part.next_first - 1:  # the part ends before the next begins: its end is lost
            _note_gap(merge, mark, part.next_first)
            faults.append((None, part.next_first - 1))
            mark.last = part.next_first - 1
            merge.marks[name] = mark
        merge.notes[noted:noted] = _notes_on(merge, part.path, faults)  # what is wrong before the gaps it leaves
        if not is_done:
            return
        merge.parts.append(part.path)


def _take_spooled(merge: Merge, mark: SourceMark, pairs: Sequence[tuple[int, bytes]], recent: RecentIds) -> list[Fault]:
    """Take entries of a spool; return those that cannot be read or repeat an id: their numbers stay out of the log."""
    stamps = [_read(entry, mark.name, number) for number, entry in pairs]
    known = _known_ids([one for one, _recorded_at in stamps if one])
    faults: list[Fault] = []
    for (number, entry), (one, recorded_at) in zip(pairs, stamps, strict=True):
        if not one or one in known or one in merge.ids or one in recent:
            faults.append((RegisterAction.NOTE_CONFLICT if one else RegisterAction.NOTE_BROKEN, number))
            continue
        merge.ids.add(one)
        _take(merge, mark, number, entry, recorded_at)
    return faults


def _notes_on(merge: Merge, part: Path, faults: Sequence[Fault]) -> list[Note]:
    """Return what to note of a part's faults, and have the part kept with them."""
    place = place_aside(part) if faults else None
    if place is not None:
        merge.aside[part] = place
    kept_in = f"{ASIDE}/{place.name}" if place else ""
    return [
        Note(action, part.parent.name, {"number": number, "kept_in": kept_in})
        for action, number in faults
        if action is not None
    ]


def _known_ids(ids: Sequence[str]) -> set[str]:
    """Return which of these ids, or which like them, events of the outbox have.

    Ids begin with their time, so few events lie between the first and the last of those that came together.
    """
    if not ids:
        return set()
    rows = Event.objects.values_list("id", flat=True)
    found = list(rows.filter(id__range=(min(ids), max(ids)))[:FEW])
    return {str(row) for row in (found if len(found) < FEW else rows.filter(id__in=ids))}


def _take(merge: Merge, mark: SourceMark, number: int, entry: bytes, recorded_at: str) -> None:
    if number != mark.last + 1:
        _note_gap(merge, mark, number)
    moment = read_timestamp(recorded_at)
    if mark.recorded_at is not None and moment < mark.recorded_at:
        details: dict[str, Json] = {
            "number": number,
            "from": mark.recorded_at.isoformat(),
            "until": moment.isoformat(),
        }
        merge.notes.append(Note(RegisterAction.NOTE_CLOCK, mark.name, details))
    mark.last, mark.recorded_at = number, moment
    merge.marks[mark.name] = mark
    merge.entries.append(entry)


def _mark_of(name: str) -> SourceMark:
    head = Head.objects.filter(name=logged_head(name)).first()
    return SourceMark(name, head.last, head.recorded_at) if head else SourceMark(name, 0, None)


def _read(entry: bytes, source: str, number: int) -> tuple[str, str]:
    """Return id and ``recorded_at`` of a spooled entry; nothing where it is not one of this source and number."""
    if len(entry) > LARGEST_ENTRY:
        return "", ""
    try:
        document = read_entry(entry)
    except NotJson:
        return "", ""
    is_ours = is_document(document) and (document["source"], document["source_seq"]) == (source, number)
    return (document["id"], document["recorded_at"]) if is_ours else ("", "")


def _contradictions(source: str, pairs: Sequence[tuple[int, bytes]], tree: Tree) -> list[Fault]:
    """Numbers that the log went past already: the same events come again after a crash, others never should.

    A number that is not in the log was noted before its neighbours got there, and is not noted again.
    """
    if not pairs:
        return []
    came = dict(pairs)
    faults: list[Fault] = []
    for number, entry in _backwards(tree, source):
        if came.pop(number, entry) != entry:
            faults.append((RegisterAction.NOTE_CONFLICT, number))
        if number <= pairs[0][0]:
            break
    return [*faults, *((None, number) for number in came)]


def _backwards(tree: Tree, source: str) -> Iterator[tuple[int, bytes]]:
    """Yield number and entry of what the log holds of a source, the last first. A crash's leavings lie at its end."""
    name = f'"{source}"'.encode()
    for index in range(-(-tree.size // WIDTH) - 1, -1, -1):
        for entry in reversed(tree.bundle(index)):
            document = json.loads(entry) if name in entry else {}
            if document.get("source") == source:
                yield document["source_seq"], entry


def _note_gap(merge: Merge, mark: SourceMark, found: int) -> None:
    missing: dict[str, Json] = {"number": mark.last + 1, "until": found - 1}
    merge.notes.append(Note(RegisterAction.NOTE_GAP, mark.name, missing))
