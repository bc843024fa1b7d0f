"""One run of an import: staged, decided in the database, published. After a crash it begins again or goes on."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Action
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import SekishoError
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import LogFileGone, LogImportWrong
from sekisho.register.models import ImportedLine, ImportState, LogImport, LogSource
from sekisho.register.queries.sources import kept_file, source_facts
from sekisho.register.rules import EventOutcome
from sekisho.register.rules.sources.encodings import Encoding
from sekisho.register.rules.sources.entries import entry_document, observed_in
from sekisho.register.services.log_files import Chunk, chunks, hash_of
from sekisho.register.services.log_sources import subject_of
from sekisho.register.services.outbox import append
from sekisho.register.services.spooling import Batch, Spool

_COUNTED = (ImportState.COMMITTED, ImportState.DONE)


def run_one(row: LogImport, by: Actor) -> None:
    """Import a file whole, or note why nothing of it was. Raises SourceInUse; then it still waits."""
    folder: Path = settings.INBOX_FOLDER
    with Spool(folder, row.source.spool) as spool:
        row.refresh_from_db()
        _recover(spool, row.source)
        if row.state in {ImportState.WAITING, ImportState.RUNNING}:
            _attempt(spool, row, by)
        if row.state == ImportState.COMMITTED:
            _publish(spool, row)


def _recover(spool: Spool, source: LogSource) -> None:
    """Finish what counts and was not published whole, and throw away what does not count."""
    for batch in spool.staged():
        earlier = LogImport.objects.filter(source=source, pk=batch, state__in=_COUNTED).first()
        if earlier is None:
            spool.drop(batch)
        else:
            spool.publish(batch)
    stale = ImportedLine.objects.filter(source=source).exclude(batch__state__in=_COUNTED)
    stale.delete()


def _attempt(spool: Spool, row: LogImport, actor: Actor) -> None:
    _note(row, ImportState.RUNNING, 0)
    try:
        staged = spool.stage(row.pk.hex)
        _stage(staged, row)
        _commit(row, staged, actor)
    except (SekishoError, OSError) as error:
        spool.drop(row.pk.hex)
        ImportedLine.objects.filter(batch=row).delete()
        row.reason = str(error)
        settle(row, ImportState.FAILED, actor, LogSourceAction.GIVE_UP, EventOutcome.FAILURE)
        if isinstance(error, SekishoError):
            return
        raise


def _stage(staged: Batch, row: LogImport) -> None:
    path = kept_file(row)
    if not path.exists():
        raise LogFileGone
    with path.open("rb") as file:
        if hash_of(file) != row.sha256:
            raise LogFileGone
    row.rows = row.fresh = row.known = 0
    for chunk in chunks(path, row.source, Encoding(row.encoding)):
        if chunk.wrong:  # the source was changed since the file was looked at
            raise LogImportWrong(wrong=len(chunk.wrong))
        _take(staged, row, chunk)
    staged.finish()


def _take(staged: Batch, row: LogImport, chunk: Chunk) -> None:
    facts = source_facts(row.source)
    for line in chunk.fresh:
        staged.add(entry_document(facts, observed_in(line.row), line.row.record.raw, row.encoding))
    ImportedLine.objects.bulk_create(
        ImportedLine(source=row.source, batch=row, digest=line.digest, occurrence=line.occurrence)
        for line in chunk.fresh
    )
    row.rows += len(chunk.lines)
    row.fresh += len(chunk.fresh)
    row.known += len(chunk.lines) - len(chunk.fresh)
    _note(row, ImportState.RUNNING, row.rows)


def _note(row: LogImport, state: ImportState, progress: int) -> None:
    row.state, row.progress = state, progress
    row.save(update_fields=["state", "progress"])


@transaction.atomic
def _commit(row: LogImport, staged: Batch, actor: Actor) -> None:
    """Let the import count. From here on nothing of it can be lost: the staged parts are durable."""
    row.state, row.ended_at = ImportState.COMMITTED, clock.now()
    row.save(update_fields=["state", "ended_at", "rows", "fresh", "known", "progress"])
    append(
        actor=actor,
        action=LogSourceAction.COMMIT,
        subject=subject_of(row.source),
        system=row.source.system,
        details={
            "file": row.file_name,
            "sha256": row.sha256,
            "fresh": row.fresh,
            "known": row.known,
            "first": staged.first,
            "last": staged.next - 1,
        },
    )


def _publish(spool: Spool, row: LogImport) -> None:
    if row.pk.hex in spool.staged():
        spool.publish(row.pk.hex)
    row.state = ImportState.DONE
    row.save(update_fields=["state"])
    kept_file(row).unlink(missing_ok=True)


@transaction.atomic
def settle(row: LogImport, state: ImportState, by: Actor, action: Action, outcome: EventOutcome) -> None:
    """End an import that brought nothing, and delete its file."""
    row.state, row.ended_at = state, clock.now()
    row.save(update_fields=["state", "ended_at", "reason"])
    append(
        actor=by,
        action=action,
        subject=subject_of(row.source),
        system=row.source.system,
        outcome=outcome,
        reason=row.reason,
        details={"file": row.file_name, "sha256": row.sha256},
    )
    transaction.on_commit(lambda: kept_file(row).unlink(missing_ok=True))
