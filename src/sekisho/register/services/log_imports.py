"""Importing the log of another system from a file: looked at first, then taken whole or not at all.

The file is kept in a folder of its own between the two and deleted after. The database decides whether an import
counts; see services/spooling.py for how the entries get into the register with it.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import LogImportOver, LogImportWrong, LogSourceOtherKind, LogTooLarge, SourceInUse
from sekisho.register.models import ImportState, LogImport, LogSource, SourceKind
from sekisho.register.queries.sources import get_log_source, imports_folder, kept_file
from sekisho.register.rules import EventOutcome
from sekisho.register.rules.sources.rows import WrongRow
from sekisho.register.services.import_runs import run_one, settle
from sekisho.register.services.log_files import chunks, encoding_of
from sekisho.register.services.log_sources import open_source, subject_of
from sekisho.register.services.outbox import append

MOST_FAULTS = 100
MOST_BYTES = 2 * 1024**3
KEPT_FOR = timedelta(days=1)
LONGEST_FILE_NAME = 200
_OPEN = (ImportState.WAITING, ImportState.RUNNING, ImportState.COMMITTED)


@dataclass(slots=True)
class _Look:
    """What a file comes to."""

    encoding: str
    rows: int = 0
    fresh: int = 0
    known: int = 0
    wrong: int = 0
    faults: list[WrongRow] = field(default_factory=list)


def examine_log(*, actor: Actor, source_id: UUID, name: str, pieces: Iterable[bytes]) -> LogImport:
    """Keep a file and look at it; nothing of it is in the register then.

    Raises Forbidden, NotFound, LogSourceClosed, LogSourceOtherKind, LogTooLarge, and what reading raises: LogNotText,
    LogEmpty, LogHeadingWrong, LogLineBroken. The file is not kept then.
    """
    actor.require(LogSourceAction.EXAMINE)
    source = get_log_source(source_id)
    _require_csv(source)
    row = LogImport(source=source, state=ImportState.EXAMINED, by_id=actor.id, by_name=actor.name)
    row.file_name, row.begun_at = Path(name).name[:LONGEST_FILE_NAME], clock.now()
    path = kept_file(row)
    try:
        row.sha256, row.size = _keep(path, pieces)
        look = _look_at(path, source)
        _store_look(actor, row, look)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return row


def _require_csv(source: LogSource) -> None:
    if source.kind != SourceKind.CSV:
        raise LogSourceOtherKind(name=source.name)


def _keep(path: Path, pieces: Iterable[bytes]) -> tuple[str, int]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > MOST_BYTES:
                raise LogTooLarge(most="2 GiB")
            hashed.update(piece)
            file.write(piece)
    return hashed.hexdigest(), size


def _look_at(path: Path, source: LogSource) -> _Look:
    encoding = encoding_of(path)
    look = _Look(encoding.value)
    for chunk in chunks(path, source, encoding):
        fresh = len(chunk.fresh)
        look.rows += len(chunk.lines) + len(chunk.wrong)
        look.fresh += fresh
        look.known += len(chunk.lines) - fresh
        look.wrong += len(chunk.wrong)
        look.faults += chunk.wrong[: MOST_FAULTS - len(look.faults)]
    return look


@transaction.atomic
def _store_look(actor: Actor, row: LogImport, look: _Look) -> None:
    open_source(row.source_id)
    row.encoding, row.rows, row.fresh, row.known, row.wrong = (
        look.encoding, look.rows, look.fresh, look.known, look.wrong,
    )  # fmt: skip
    row.faults = [[one.line, one.column, one.fault.value, one.found] for one in look.faults]
    row.save(force_insert=True)
    append(
        actor=actor,
        action=LogSourceAction.EXAMINE,
        subject=subject_of(row.source),
        system=row.source.system,
        details=facts_of(row),
    )


def facts_of(row: LogImport) -> dict[str, Json]:
    """Return what the register says of a file."""
    return {
        "file": row.file_name,
        "sha256": row.sha256,
        "bytes": row.size,
        "encoding": row.encoding,
        "rows": row.rows,
        "fresh": row.fresh,
        "known": row.known,
        "wrong": row.wrong,
    }


@transaction.atomic
def request_import(*, actor: Actor, source_id: UUID, import_id: UUID) -> LogImport:
    """Decide that a file that was looked at shall be imported; the worker does it.

    Raises Forbidden, NotFound, LogSourceClosed, LogImportOver, LogImportWrong.
    """
    actor.require(LogSourceAction.IMPORT)
    row = _undecided(source_id, import_id)
    if row.wrong:
        raise LogImportWrong(wrong=row.wrong)
    row.state = ImportState.WAITING
    row.save(update_fields=["state"])
    append(
        actor=actor,
        action=LogSourceAction.IMPORT,
        subject=subject_of(row.source),
        system=row.source.system,
        details=facts_of(row),
    )
    return row


@transaction.atomic
def drop_import(*, actor: Actor, source_id: UUID, import_id: UUID) -> None:
    """Throw a file away that was looked at. Raises Forbidden, NotFound, LogSourceClosed, LogImportOver."""
    actor.require(LogSourceAction.DROP)
    row = _undecided(source_id, import_id)
    row.state, row.ended_at = ImportState.DROPPED, clock.now()
    row.save(update_fields=["state", "ended_at"])
    append(
        actor=actor,
        action=LogSourceAction.DROP,
        subject=subject_of(row.source),
        system=row.source.system,
        details=facts_of(row),
    )
    transaction.on_commit(lambda: kept_file(row).unlink(missing_ok=True))


def _undecided(source_id: UUID, import_id: UUID) -> LogImport:
    open_source(source_id)
    row = LogImport.objects.select_for_update().filter(pk=import_id, source_id=source_id).first()
    if row is None:
        raise NotFound
    if row.state != ImportState.EXAMINED:
        raise LogImportOver
    return row


def run_imports(*, actor: Actor) -> int:
    """Do what was decided, go on with what a crash cut short, and clear away old files; return how many were done.

    Raises Forbidden.
    """
    actor.require(LogSourceAction.COMMIT)
    done = 0
    for row in _waiting():
        try:
            run_one(row, actor)
        except SourceInUse:
            continue  # somebody imports for this source at this moment; it is tried again
        done += 1
    _clear_away()
    return done


def _waiting() -> Sequence[LogImport]:
    return list(LogImport.objects.filter(state__in=_OPEN).select_related("source").order_by("begun_at", "id"))


def _clear_away() -> None:
    """Forget files that nobody decided about within a day, and files that no import knows."""
    old = LogImport.objects.filter(state=ImportState.EXAMINED, begun_at__lt=clock.now() - KEPT_FOR)
    for row in old.select_related("source"):
        settle(row, ImportState.DROPPED, platform("worker"), LogSourceAction.DROP, EventOutcome.SUCCESS)
    folder = imports_folder()
    if not folder.is_dir():
        return
    known = {kept_file(row) for row in LogImport.objects.filter(state__in=[*_OPEN, ImportState.EXAMINED])}
    latest = (clock.now() - KEPT_FOR).timestamp()
    for path in folder.iterdir():
        if path not in known and path.stat().st_mtime < latest:
            path.unlink(missing_ok=True)


def import_decided(*, actor: Actor, import_id: UUID) -> LogImport:
    """Do at once what was decided; say in the row how it ended. Raises Forbidden, NotFound, SourceInUse, OSError."""
    actor.require(LogSourceAction.IMPORT)
    row = LogImport.objects.filter(pk=import_id, state__in=_OPEN).select_related("source").first()
    if row is None:
        raise NotFound
    run_one(row, platform(actor.kind.value))
    return row
