"""Looking at a log file that was handed in, before anybody decides about it: what it comes to, what is wrong with it.

A small file is looked at while whoever hands it in waits; a larger one by the worker, and its page shows how far it is.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Action
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import SekishoError
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import LogFileGone, LogSourceOtherKind, LogTooLarge
from sekisho.register.models import ImportState, LogImport, LogSource, SourceKind
from sekisho.register.queries.sources import get_log_source, kept_file
from sekisho.register.rules import EventOutcome
from sekisho.register.rules.sources.rows import WrongRow
from sekisho.register.services.import_runs import settle
from sekisho.register.services.log_files import chunks, encoding_of, hash_of
from sekisho.register.services.log_sources import open_source, subject_of
from sekisho.register.services.outbox import append

MOST_FAULTS = 100
MOST_BYTES = 2 * 1024**3 - 1
LONGEST_FILE_NAME = 200
_UNSEEN = (ImportState.HANDED_IN, ImportState.LOOKING)


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
    """Keep a file and look at it at once; nothing of it is in the register then.

    Raises Forbidden, NotFound, LogSourceClosed, LogSourceOtherKind, LogTooLarge, and what reading raises: LogNotText,
    LogEmpty, LogHeadingWrong, LogLineBroken. The file is not kept then.
    """
    actor.require(LogSourceAction.EXAMINE)
    row = _begun(actor, get_log_source(source_id), name)
    path = kept_file(row)
    try:
        row.sha256, row.size = _keep(path, pieces)
        _store_look(actor, LogSourceAction.EXAMINE, row, _look_at(path, row.source, lambda _bytes: None))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return row


def hand_in_file(*, actor: Actor, source_id: UUID, name: str, pieces: Iterable[bytes]) -> LogImport:
    """Keep a file for the worker to look at.

    Raises Forbidden, NotFound, LogSourceClosed, LogSourceOtherKind, LogTooLarge. The file is not kept then.
    """
    actor.require(LogSourceAction.EXAMINE)
    row = _begun(actor, get_log_source(source_id), name)
    path = kept_file(row)
    try:
        row.sha256, row.size = _keep(path, pieces)
        _store_handed_in(actor, row)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return row


def look_at_files(*, actor: Actor) -> int:
    """Look at every file that waits for it, and again at one whose look a crash cut short; return how many there were.

    A file that cannot be read ends as not imported, with the reason. Raises Forbidden, OSError.
    """
    actor.require(LogSourceAction.LOOKED)
    rows = list(LogImport.objects.filter(state__in=_UNSEEN).select_related("source").order_by("begun_at", "id"))
    for row in rows:
        _look_later(actor, row)
    return len(rows)


def _look_later(actor: Actor, row: LogImport) -> None:
    path = kept_file(row)
    _note(row, 0)
    try:
        _require_kept(path, row)
        look = _look_at(path, row.source, lambda read: _note(row, read))
        _store_look(actor, LogSourceAction.LOOKED, row, look)
    except SekishoError as error:
        row.reason = str(error)
        settle(row, ImportState.FAILED, actor, LogSourceAction.GIVE_UP, EventOutcome.FAILURE)


def _require_kept(path: Path, row: LogImport) -> None:
    """Raise LogFileGone unless the file is the one that was handed in."""
    if not path.exists():
        raise LogFileGone
    with path.open("rb") as file:
        if hash_of(file) != row.sha256:
            raise LogFileGone


def _begun(actor: Actor, source: LogSource, name: str) -> LogImport:
    if source.kind != SourceKind.CSV:
        raise LogSourceOtherKind(name=source.name)
    return LogImport(
        source=source,
        state=ImportState.HANDED_IN,
        file_name=Path(name).name[:LONGEST_FILE_NAME],
        rows=0,
        fresh=0,
        known=0,
        wrong=0,
        by_id=actor.id,
        by_name=actor.name,
        begun_at=clock.now(),
    )


def _note(row: LogImport, progress: int) -> None:
    row.state, row.progress = ImportState.LOOKING, progress
    row.save(update_fields=["state", "progress"])


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


def _look_at(path: Path, source: LogSource, told: Callable[[int], None]) -> _Look:
    encoding = encoding_of(path)
    look = _Look(encoding.value)
    for chunk in chunks(path, source, encoding):
        fresh = len(chunk.fresh)
        look.rows += len(chunk.lines) + len(chunk.wrong)
        look.fresh += fresh
        look.known += len(chunk.lines) - fresh
        look.wrong += len(chunk.wrong)
        look.faults += chunk.wrong[: MOST_FAULTS - len(look.faults)]
        told(chunk.end)
    return look


@transaction.atomic
def _store_handed_in(actor: Actor, row: LogImport) -> None:
    open_source(row.source_id)
    row.save(force_insert=True)
    _record(actor, LogSourceAction.EXAMINE, row, {"file": row.file_name, "sha256": row.sha256, "bytes": row.size})


@transaction.atomic
def _store_look(actor: Actor, action: Action, row: LogImport, look: _Look) -> None:
    open_source(row.source_id)
    row.state, row.progress = ImportState.EXAMINED, 0
    row.encoding, row.rows, row.fresh, row.known, row.wrong = (
        look.encoding, look.rows, look.fresh, look.known, look.wrong,
    )  # fmt: skip
    row.faults = [[one.line, one.column, one.fault.value, one.found] for one in look.faults]
    row.save()
    _record(actor, action, row, facts_of(row))


def _record(actor: Actor, action: Action, row: LogImport, details: dict[str, Json]) -> None:
    append(
        actor=actor, action=action, subject=subject_of(row.source), system=row.source.system, details=details
    )  # fmt: skip


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
