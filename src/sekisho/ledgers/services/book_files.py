"""Files of a ledger's entries: attached in versions, withdrawn with a reason, never removed."""

import hashlib
import unicodedata
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.errors import CommentMissing, EntryEnded, FilesRefused
from sekisho.ledgers.models import BookEntry, BookFile, BookFileEnd, FileData
from sekisho.ledgers.queries.book_files import get_file
from sekisho.ledgers.queries.books import action_of, get_entry, subject_ref
from sekisho.ledgers.services.applications import (
    LARGEST_FILE,
    LARGEST_TOGETHER,
    MOST_FILES,
    NewFile,
    checked_name,
)
from sekisho.ledgers.services.books import require
from sekisho.register.services import append

MOST_VERSIONS = 100


@transaction.atomic
def attach_file(*, actor: Actor, ledger: Ledger, entry_id: UUID, file: NewFile) -> BookFile:
    """Attach a file to an entry, as the next version where one of its name is there.

    To a closed entry too, whose papers may come later. Raises Forbidden, NotFound, EntryEnded, FilesRefused.
    """
    require(actor, ledger, Verb.ATTACH)
    entry = _locked(ledger, entry_id)
    # What a Mac writes as か and a mark is the same name as が.
    name = unicodedata.normalize("NFC", checked_name(file, [file]))
    if not says_something(name):
        raise _refused(name, _("its name is empty or too long."))
    sha256 = hashlib.sha256(file.data).hexdigest()
    versions = BookFile.objects.filter(ledger=ledger.id, entry_id=entry_id)
    newest = versions.filter(name=name).select_related("end").order_by("-version").first()
    if newest is not None and newest.data_id == sha256 and not hasattr(newest, "end"):
        raise _refused(name, _("it is attached already, with the same content."))
    if versions.count() >= MOST_VERSIONS:
        raise _refused(name, _("there are too many files."))
    now = clock.now()
    kept = FileData(sha256=sha256, data=file.data, received_at=now)
    FileData.objects.bulk_create([kept], ignore_conflicts=True)
    stored = BookFile(
        ledger=ledger.id,
        entry_id=entry_id,
        name=name,
        version=newest.version + 1 if newest else 1,
        size=len(file.data),
        data=kept,
        added_at=now,
        added_by=actor.id,
        added_by_name=actor.name,
    )
    stored.save()
    _record(actor, ledger, Verb.ATTACH, entry, stored, "")
    return stored


@transaction.atomic
def withdraw_file(*, actor: Actor, ledger: Ledger, entry_id: UUID, file_id: UUID, reason: str) -> BookFile:
    """Say that a version no longer counts, and why; it stays readable.

    Raises Forbidden, NotFound, EntryEnded, CommentMissing, Conflict when it was withdrawn before.
    """
    require(actor, ledger, Verb.DETACH)
    entry = _locked(ledger, entry_id)
    file = get_file(ledger, entry_id, file_id)
    if hasattr(file, "end"):
        raise Conflict
    require_visible(reason)
    if not says_something(reason):
        raise CommentMissing(field="reason")
    BookFileEnd(file=file, reason=reason, ended_at=clock.now(), ended_by=actor.id, ended_by_name=actor.name).save()
    _record(actor, ledger, Verb.DETACH, entry, file, reason)
    return file


def _locked(ledger: Ledger, entry_id: UUID) -> BookEntry:
    """Return the entry with its row locked: of two who attach one name at once, each gets a version of its own."""
    ledger.model._default_manager.select_for_update().filter(pk=entry_id).first()
    entry = get_entry(ledger, entry_id)
    if entry.struck_at is not None:
        raise EntryEnded(name=str(entry))
    return entry


def _refused(name: str, reason: Text) -> FilesRefused:
    bounds = {"most": MOST_FILES, "size": LARGEST_FILE // 2**20, "together": LARGEST_TOGETHER // 2**20}
    return FilesRefused(field="file", name=name[:100], reason=reason, **bounds)


def _record(actor: Actor, ledger: Ledger, verb: Verb, entry: BookEntry, file: BookFile, reason: str) -> None:
    details: dict[str, Json] = {"file": file.name, "number": file.version, "bytes": file.size, "sha256": file.data_id}
    action, subject = action_of(ledger, verb), subject_ref(ledger, entry)
    append(actor=actor, action=action, subject=subject, details=details, reason=reason)
