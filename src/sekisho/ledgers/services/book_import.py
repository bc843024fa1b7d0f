"""Taking a file over into a ledger: kept while somebody looks at it, then every row or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.errors import DraftGone, FileUnreadable, RowsInvalid
from sekisho.ledgers.models import ImportColumns, ImportDraft
from sekisho.ledgers.queries.books import action_of
from sekisho.ledgers.rules.book_layout import MOST_REMEMBERED, Choice
from sekisho.ledgers.services.books import add_entry, change_entry, require
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

LARGEST = 10 * 2**20
_KEPT_FOR = timedelta(days=1)
_TOO_LARGE = _("it is larger than 10 MiB.")


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to take over: the entry it changes and the version looked at, or a new one; ``line`` is its line."""

    line: int
    values: Mapping[str, Any]
    entry_id: UUID | None = None
    version: int = 0


def keep_draft(*, actor: Actor, ledger: Ledger, name: str, data: bytes) -> UUID:
    """Keep a file while its reader looks at what it would do. Raises Forbidden, FileUnreadable.

    What its reader said of the headings of the file before holds for it too: it is the same one with its faults mended.
    """
    require(actor, ledger, Verb.IMPORT)
    require_visible(name)
    if len(data) > LARGEST:
        raise FileUnreadable(reason=_TOO_LARGE)
    now = clock.now()
    ImportDraft.objects.filter(created_at__lt=now - _KEPT_FOR).delete()
    before = ImportDraft.objects.filter(ledger=ledger.id, account=actor.id).order_by("-created_at", "-pk").first()
    said = {"columns": before.choice.get("columns", {})} if before else {}
    draft = ImportDraft(ledger=ledger.id, account=actor.id, name=name[:255], data=data, choice=said, created_at=now)
    draft.save(force_insert=True)
    return draft.pk


def read_draft(*, actor: Actor, ledger: Ledger, draft_id: UUID) -> bytes:
    """Return the file that this reader gave for this ledger. Raises Forbidden, DraftGone."""
    return bytes(_draft(actor, ledger, draft_id).data)


def read_choice(*, actor: Actor, ledger: Ledger, draft_id: UUID) -> Choice:
    """Return how that file is read. Raises Forbidden, DraftGone.

    What a heading meant when a file was last taken over holds until something else is chosen.
    """
    chosen: Mapping[str, Any] = _draft(actor, ledger, draft_id).choice
    columns = {**_remembered(ledger), **chosen.get("columns", {})}
    return Choice(chosen.get("sheet", -1), chosen.get("line", 0), columns)


def _draft(actor: Actor, ledger: Ledger, draft_id: UUID) -> ImportDraft:
    require(actor, ledger, Verb.IMPORT)
    draft = ImportDraft.objects.filter(pk=draft_id, ledger=ledger.id, account=actor.id).first()
    if draft is None:
        raise DraftGone
    return draft


def keep_choice(*, actor: Actor, ledger: Ledger, draft_id: UUID, choice: Choice) -> None:
    """Keep how a file is to be read, beside the file. Raises Forbidden, DraftGone."""
    require(actor, ledger, Verb.IMPORT)
    kept = {"sheet": choice.sheet, "line": choice.line, "columns": dict(choice.columns)}
    if not ImportDraft.objects.filter(pk=draft_id, ledger=ledger.id, account=actor.id).update(choice=kept):
        raise DraftGone


def drop_draft(*, actor: Actor, ledger: Ledger, draft_id: UUID) -> None:
    """Keep a file no longer that turned out to be unreadable. Raises Forbidden."""
    require(actor, ledger, Verb.IMPORT)
    ImportDraft.objects.filter(pk=draft_id, ledger=ledger.id, account=actor.id).delete()


def _remembered(ledger: Ledger) -> dict[str, str]:
    row = ImportColumns.objects.filter(pk=ledger.id).first()
    return dict(row.columns) if row else {}


def _remember(ledger: Ledger, columns: Mapping[str, str]) -> None:
    """Keep what headings mean for the next file; the latest, should there be too many."""
    if columns:
        together = {key: name for key, name in _remembered(ledger).items() if key not in columns} | dict(columns)
        kept = dict(list(together.items())[-MOST_REMEMBERED:])
        ImportColumns.objects.update_or_create(ledger=ledger.id, defaults={"columns": kept})


@transaction.atomic
def take_over(*, actor: Actor, ledger: Ledger, draft_id: UUID, digest: str, rows: Sequence[NewRow]) -> int:
    """Store every row of a file or none, each with its own event, and return how many.

    ``digest`` is the SHA-256 of the file. Raises Forbidden, DraftGone, RowsInvalid.
    """
    require(actor, ledger, Verb.IMPORT)
    kept = ImportDraft.objects.filter(pk=draft_id, ledger=ledger.id, account=actor.id)
    draft = kept.select_for_update().first()
    if draft is None:
        raise DraftGone
    for row in rows:
        _store(actor, ledger, row)
    columns: Mapping[str, str] = draft.choice.get("columns", {})
    _remember(ledger, columns)
    kept.delete()
    details: dict[str, Json] = {"file": draft.name, "sha256": digest, "changed": len(rows)}
    if columns:
        details["columns"] = dict(columns)
    subject = SubjectRef("ledger", ledger.id, str(ledger.title))
    append(actor=actor, action=action_of(ledger, Verb.IMPORT), subject=subject, details=details)
    return len(rows)


def _store(actor: Actor, ledger: Ledger, row: NewRow) -> None:
    try:
        if row.entry_id is None:
            add_entry(actor=actor, ledger=ledger, values=row.values)
        else:
            change_entry(actor=actor, ledger=ledger, entry_id=row.entry_id, version=row.version, values=row.values)
    except SekishoError as error:
        raise RowsInvalid(line=row.line, reason=str(error)) from error
