"""Importing the log of another system from a file: looked at first, then taken whole or not at all.

The file is kept in a folder of its own between the two and deleted after. The database decides whether an import
counts; see services/spooling.py for how the entries get into the register with it.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.errors import NotFound
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import LogImportOver, LogImportWrong, SourceInUse
from sekisho.register.models import ImportState, LogImport
from sekisho.register.queries.sources import UNDER_WAY, imports_folder, kept_file
from sekisho.register.rules import EventOutcome
from sekisho.register.services.import_runs import run_one, settle
from sekisho.register.services.log_looks import facts_of, look_at_files
from sekisho.register.services.log_sources import open_source, subject_of
from sekisho.register.services.outbox import append

KEPT_FOR = timedelta(days=1)
_OPEN = (ImportState.WAITING, ImportState.RUNNING, ImportState.COMMITTED)


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
    """Look at what was handed in, do what was decided, go on with what a crash cut short, clear away old files.

    Return how many files were imported, or given up. Raises Forbidden, OSError.
    """
    actor.require(LogSourceAction.COMMIT)
    look_at_files(actor=actor)
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
    known = {kept_file(row) for row in LogImport.objects.filter(state__in=[*UNDER_WAY, ImportState.EXAMINED])}
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
