"""Reads of the logs of other systems: their sources, when each was heard of last, the imported files."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator

from sekisho.kernel import clock, registry
from sekisho.kernel.declarations import Member
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.text import Text, _
from sekisho.register.actions import ImportedAction, LogSourceAction
from sekisho.register.models import Event, ImportState, LogImport, LogSource, SourceKind
from sekisho.register.queries.newest import about, count_after, newest
from sekisho.register.rules.sources.entries import SUBJECT_KIND, SourceFacts

PAGE_SIZE = 50
# A clock may run ahead a little; what lies further in the future says nothing of when a source was heard of.
AHEAD = timedelta(minutes=5)
# Files that the worker is at, or will be.
UNDER_WAY = (
    ImportState.HANDED_IN, ImportState.LOOKING, ImportState.WAITING, ImportState.RUNNING, ImportState.COMMITTED,
)  # fmt: skip
ARRIVALS = tuple(str(action) for action in (*ImportedAction, LogSourceAction.WRITE_DIARY))


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The newest event of a source: when it happened and when it reached the register; both None for none."""

    occurred_at: datetime | None
    recorded_at: datetime | None
    ahead: int = 0


def systems() -> Sequence[Subject]:
    """Return the systems of the estate, in their order; empty where no room knows any."""
    providers = registry.current().offers(SubjectProvider)  # type: ignore[type-abstract]  # asked for by its protocol
    return [
        one for port in providers if SubjectKind.SYSTEM in port.kinds() for one in port.subjects(SubjectKind.SYSTEM)
    ]


def log_sources(*, closed: bool = False, page: int = 1) -> "Page[LogSource]":
    """Return one page of the open (or closed) sources, by name."""
    rows = LogSource.objects.filter(closed_at__isnull=not closed).order_by("name", "id")
    return Paginator(rows, PAGE_SIZE).get_page(page)


def open_log_sources(kind: str = "") -> Sequence[LogSource]:
    """Return every open source, or those of one kind, by name."""
    rows = LogSource.objects.filter(closed_at=None).order_by("name", "id")
    return list(rows.filter(kind=kind) if kind else rows)


def get_log_source(source_id: UUID) -> LogSource:
    """Return a source. Raises NotFound."""
    found = LogSource.objects.filter(pk=source_id).first()
    if found is None:
        raise NotFound
    return found


def log_source_named(name: str) -> LogSource:
    """Return the open source of this name or id. Raises NotFound."""
    rows = LogSource.objects.filter(closed_at=None)
    found = rows.filter(name=name).first() or next((row for row in rows if str(row.pk) == name), None)
    if found is None:
        raise NotFound
    return found


def source_facts(source: LogSource) -> SourceFacts:
    """Return what the entries of a source say of it."""
    return SourceFacts(str(source.pk), source.name, source.system, source.spool)


def last_seen(source: LogSource) -> LastSeen:
    """Return when a source was heard of last. Events dated in the future are counted and do not count.

    Raises LogDamaged, IndexAway.
    """
    arrivals = about(SUBJECT_KIND, str(source.pk), ARRIVALS)
    latest = clock.now() + AHEAD
    ahead = count_after(arrivals, latest)
    for event in newest(arrivals, 1, latest):
        return LastSeen(event.occurred_at, datetime.fromisoformat(event.document["recorded_at"]), ahead)
    return LastSeen(None, None, ahead)


def imports_of(source: LogSource, page: int = 1) -> "Page[LogImport]":
    """Return one page of the files of a source, newest first."""
    return Paginator(source.imports.order_by("-begun_at", "-id"), PAGE_SIZE).get_page(page)


def get_import(source_id: UUID, import_id: UUID) -> LogImport:
    """Return an import of a source. Raises NotFound."""
    found = LogImport.objects.filter(pk=import_id, source_id=source_id).select_related("source").first()
    if found is None:
        raise NotFound
    return found


def import_waits() -> bool:
    """Tell whether a file waits that the worker has not begun with."""
    return LogImport.objects.filter(state__in=[ImportState.HANDED_IN, ImportState.WAITING]).exists()


def kept_file(row: LogImport) -> Path:
    """Return where the file of an import lies until it is decided about."""
    return imports_folder() / f"{row.pk.hex}.log"


def imports_folder() -> Path:
    """Return the folder of files that were handed in and not decided about yet."""
    inbox: Path = settings.INBOX_FOLDER
    return inbox.parent / "imports"


def diary_entries(source: LogSource, page: int = 1) -> "tuple[Sequence[dict[str, Any]], Page[Event]]":
    """Return the documents on one page of a work diary, newest first, and the page."""
    actions = [str(LogSourceAction.WRITE_DIARY), str(LogSourceAction.CORRECT_DIARY)]
    rows = Event.objects.filter(subject_kind=SUBJECT_KIND, subject_id=str(source.pk), action__in=actions)
    found = Paginator(rows.order_by("-occurred_at", "-source_seq"), PAGE_SIZE).get_page(page)
    return [json.loads(event.entry) for event in found.object_list], found


def diary_entry(source: LogSource, entry_id: UUID) -> dict[str, Any]:
    """Return one entry of a diary. Raises NotFound."""
    row = Event.objects.filter(
        pk=entry_id, subject_kind=SUBJECT_KIND, subject_id=str(source.pk), action=str(LogSourceAction.WRITE_DIARY)
    ).first()
    if row is None:
        raise NotFound
    document: dict[str, Any] = json.loads(row.entry)
    return document


def sources_by_system() -> Iterator[tuple[Subject, list[LogSource]]]:
    """Yield every system but the platform, whose log this is, with its open sources."""
    found = open_log_sources()
    for system in systems():
        if system.facts.get("kind") != "platform":
            yield system, [source for source in found if source.system == system.id]


def syslog_source(names: Sequence[str]) -> LogSource | None:
    """Return the open source whose sender has one of these names in its certificate; the first name counts first."""
    rows = {row.peer: row for row in LogSource.objects.filter(kind=SourceKind.SYSLOG, closed_at=None, peer__in=names)}
    return next((rows[name] for name in names if name in rows), None)


def sources_entered() -> Iterator[Member]:
    """Yield every system but the platform with what is not entered about its logs."""
    for system, sources in sources_by_system():
        missing: list[Text] = []
        if not sources:
            missing.append(_("no source of its log, and no work diary"))
        if any(not source.contents for source in sources):
            missing.append(_("what its log records"))
        if any(not source.protection for source in sources):
            missing.append(_("who can read and delete its log at its source"))
        confirmed = min((source.changed_at for source in sources), default=None)
        yield Member(frozenset({system.id}), system.label, tuple(missing), confirmed)
