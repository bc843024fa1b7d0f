"""Sources of logs: adding, changing, closing."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import LogSourceClosed, LogSourceInvalid
from sekisho.register.models import LogSource, SourceKind
from sekisho.register.queries.sources import systems
from sekisho.register.rules import SubjectRef, changes
from sekisho.register.rules.sources.entries import SUBJECT_KIND
from sekisho.register.rules.sources.mapping import DELIMITERS, REQUIRED, ColumnMapping
from sekisho.register.services.outbox import append

LONGEST_NAME = 100
LONGEST_NOTE = 2000
LONGEST_INTERVAL = 24 * 366
LONGEST_PEER = 200


@dataclass(frozen=True, slots=True)
class SourceData:
    """What is entered about a source. ``peer`` is the name in a syslog sender's certificate, ``mapping`` for CSV."""

    name: str
    system: str
    kind: str
    interval_hours: int
    contents: str = ""
    protection: str = ""
    peer: str = ""
    mapping: ColumnMapping = field(default_factory=lambda: ColumnMapping("", "", ""))


@transaction.atomic
def add_log_source(*, actor: Actor, data: SourceData) -> LogSource:
    """Store a new source. Raises Forbidden, LogSourceInvalid, InvisibleCharacters."""
    actor.require(LogSourceAction.ADD)
    now = clock.now()
    source = LogSource(created_at=now, changed_at=now, kind=data.kind)
    _fill(source, data)
    source.save(force_insert=True)
    append(
        actor=actor,
        action=LogSourceAction.ADD,
        subject=subject_of(source),
        system=source.system,
        details={"changes": changes({}, _snapshot(source))},
    )
    return source


@transaction.atomic
def change_log_source(*, actor: Actor, source_id: UUID, version: int, data: SourceData) -> LogSource:
    """Store ``data`` over version ``version``. The kind stays. Raises as :func:`add_log_source`, Conflict."""
    actor.require(LogSourceAction.CHANGE)
    source = open_source(source_id)
    before = _snapshot(source)
    _fill(source, data)
    _save_over(source, version)
    append(
        actor=actor,
        action=LogSourceAction.CHANGE,
        subject=subject_of(source),
        system=source.system,
        details={"changes": changes(before, _snapshot(source))},
    )
    return source


@transaction.atomic
def close_log_source(*, actor: Actor, source_id: UUID, version: int, reason: str) -> LogSource:
    """Close a source: it takes nothing any more; what it brought stays. Raises Forbidden, LogSourceClosed, Conflict."""
    actor.require(LogSourceAction.CLOSE)
    source = open_source(source_id)
    source.closed_at = clock.now()
    _save_over(source, version)
    append(
        actor=actor,
        action=LogSourceAction.CLOSE,
        subject=subject_of(source),
        system=source.system,
        reason=reason.strip(),
    )
    return source


def open_source(source_id: UUID) -> LogSource:
    """Return an open source with its row locked. Raises NotFound, LogSourceClosed."""
    source = LogSource.objects.select_for_update().filter(pk=source_id).first()
    if source is None:
        raise NotFound
    if source.closed_at is not None:
        raise LogSourceClosed(name=source.name)
    return source


def subject_of(source: LogSource) -> SubjectRef:
    """Return how the register names a source."""
    return SubjectRef(SUBJECT_KIND, str(source.pk), source.name)


def _fill(source: LogSource, data: SourceData) -> None:
    require_visible(data.name, data.contents, data.protection, data.peer)
    _require(says_something(data.name) and len(data.name.strip()) <= LONGEST_NAME, "name", _("its name is missing"))
    _require(data.kind == source.kind and data.kind in set(SourceKind), "kind", _("its kind is none"))
    known = {system.id for system in systems()}
    _require(data.system in known | {source.system} - {""}, "system", _("its system is not in the list of systems"))
    _require(1 <= data.interval_hours <= LONGEST_INTERVAL, "interval_hours", _("its interval is too short or too long"))
    longest = max(len(data.contents), len(data.protection))
    _require(longest <= LONGEST_NOTE, "contents", _("a text is too long"))
    _require_way(data)
    taken = LogSource.objects.filter(closed_at=None).exclude(pk=source.pk)
    name, peer = data.name.strip(), data.peer.strip()
    _require(not taken.filter(name=name).exists(), "name", _("there is another source of this name"))
    _require(not peer or not taken.filter(peer=peer).exists(), "peer", _("another source has this sender"))
    source.name, source.system, source.peer = name, data.system, peer
    source.interval_hours = data.interval_hours
    source.contents, source.protection = data.contents.strip(), data.protection.strip()
    source.mapping = data.mapping.document() if data.kind == SourceKind.CSV else {}
    source.changed_at = clock.now()


def _require_way(data: SourceData) -> None:
    """Check what only one kind needs."""
    if data.kind == SourceKind.SYSLOG:
        is_sender = says_something(data.peer) and len(data.peer.strip()) <= LONGEST_PEER
        _require(is_sender, "peer", _("the name in the sender's certificate is missing"))
        return
    _require(not data.peer, "peer", _("only syslog has a sender"))
    if data.kind == SourceKind.CSV:
        _require(data.mapping.delimiter in DELIMITERS, "delimiter", _("the separator is not known"))
        for column in REQUIRED:
            _require(bool(getattr(data.mapping, column).strip()), column, _("a column that must be there is missing"))


def _require(holds: bool, name: str, reason: Text) -> None:  # a condition, read as one
    if not holds:
        raise LogSourceInvalid(field=name, reason=reason)


def _snapshot(source: LogSource) -> dict[str, Json]:
    labels = {system.id: system.label for system in systems()}
    mapped: dict[str, Json] = {f"column_{name}": value for name, value in source.mapping.items() if value}
    return {
        "name": source.name,
        "system": labels.get(source.system, source.system),
        "kind": source.kind,
        "interval_hours": source.interval_hours,
        "contents": source.contents or None,
        "protection": source.protection or None,
        "peer": source.peer or None,
        **mapped,
    }


def _save_over(source: LogSource, version: int) -> None:
    values = {
        field.attname: getattr(source, field.attname)
        for field in LogSource._meta.concrete_fields
        if not field.primary_key and field.name != "version"
    }
    rows = LogSource.objects.filter(pk=source.pk, version=version)
    if not rows.update(**values, version=version + 1):
        raise Conflict
    source.version = version + 1
