"""What is applied for when an entry of a ledger is to be approved: the entry as it stood, and whether it still does."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import DateField, DateTimeField

from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Column, Ledger
from sekisho.kernel.text import Text, _
from sekisho.ledgers.errors import EntryChanged, EntryEnded
from sekisho.ledgers.models import Application, BookEntry
from sekisho.ledgers.queries.book_values import text_shower
from sekisho.ledgers.queries.books import get_entry, number_of, plain_value, reference_fields
from sekisho.ledgers.rules.applications import State

_OPEN = (State.SUBMITTED, State.SENT_BACK)


def applied_columns(ledger: Ledger) -> list[Column]:
    """Return the columns that an approval speaks of."""
    return [column for column in ledger.columns if not column.after_approval]


def applied_content(ledger: Ledger, entry: BookEntry) -> dict[str, Json]:
    """Return an entry as it is applied for. ``points_to`` holds the ids behind the names of other entries."""
    names = {column.field for column in applied_columns(ledger)}
    return {
        "ledger": ledger.id,
        "entry": str(entry.pk),
        "number": number_of(ledger, entry.number),
        "name": str(entry),
        "values": {name: plain_value(getattr(entry, name)) for name in names},
        "points_to": {name: _id_of(entry, name) for name in reference_fields(ledger) if name in names},
    }


def _id_of(entry: BookEntry, name: str) -> str | None:
    found = getattr(entry, f"{name}_id")
    return None if found is None else str(found)


def changed_columns(ledger: Ledger, applied: Mapping[str, Any], entry: BookEntry) -> list[Column]:
    """Return the columns in which an entry differs from what was applied for. Another name of a target is no change."""
    contents: tuple[Mapping[str, Any], ...] = (applied, applied_content(ledger, entry))
    before, after = ({**content["values"], **content["points_to"]} for content in contents)
    return [column for column in applied_columns(ledger) if before.get(column.field) != after.get(column.field)]


def require_unchanged(ledger: Ledger, content: Mapping[str, Any], entry: BookEntry) -> None:
    """Let only what is in use and stands as it was applied for be approved. Raises EntryEnded, EntryChanged."""
    if entry.ended_at is not None:
        raise EntryEnded(name=str(entry))
    if columns := changed_columns(ledger, content, entry):
        raise EntryChanged(name=str(entry), columns=", ".join(str(column.title) for column in columns))


def applied_entry(ledger: Ledger, content: Mapping[str, Any]) -> BookEntry:
    """Return the entry that was applied for, as it stands now. Raises NotFound."""
    return get_entry(ledger, UUID(content["entry"]))


def applied_facts(ledger: Ledger, content: Mapping[str, Any]) -> Sequence[tuple[Text, str]]:
    """Return what was applied for, heading by heading; what is empty is left out."""
    show, values = text_shower(ledger), content["values"]
    known = [column for column in applied_columns(ledger) if values.get(column.field) is not None]
    shown = [(column.title, show(column.field, _value(ledger, column.field, values[column.field]))) for column in known]
    return [(_("Control number"), content["number"]), *shown]


def _value(ledger: Ledger, name: str, plain: Any) -> Any:
    """Return a value as the ledger holds it; a day was written as text."""
    of_model = ledger.model._meta.get_field(name)
    is_day = isinstance(of_model, DateField) and not isinstance(of_model, DateTimeField)
    return date.fromisoformat(plain) if is_day else plain


def applications_of(ledger: Ledger, entry: BookEntry) -> list[Application]:
    """Return every application for the approval of an entry, the newest first."""
    rows = Application.objects.filter(workflow=ledger.workflow or "", key=str(entry.pk))
    return list(rows.order_by("-applied_at", "-id"))


def open_application(ledger: Ledger, entry: BookEntry) -> Application | None:
    """Return the application for the approval of an entry that is not decided yet, or None."""
    return next((row for row in applications_of(ledger, entry) if row.state in _OPEN), None)
