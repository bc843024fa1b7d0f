"""Every write of the ledgers that are declared as books. The declaration says what differs between them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict
from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import CONTROL_CHARACTERS, refused_fields, says_something
from sekisho.ledgers.actions import LedgersAction, Verb
from sekisho.ledgers.errors import EntryEnded, EntryInvalid
from sekisho.ledgers.models import BookEntry, BookNumber
from sekisho.ledgers.queries.books import (
    action_of,
    get_entry,
    number_of,
    reference_fields,
    shown_value,
    snapshot,
    subject_ref,
)
from sekisho.ledgers.queries.entry_approval import applied_content, changed_columns
from sekisho.register.rules import changes
from sekisho.register.services import append

CLOSED_TARGET = _("This entry has been closed. Choose another, or reopen it first.")
_REASON_MISSING = _("Write why: the others read it, and it is kept.")


def require(actor: Actor, ledger: Ledger, verb: Verb) -> None:
    """Let only who may keep ledgers at all, and do this with this one, go on. Raises Forbidden."""
    actor.require(LedgersAction.KEEP)
    actor.require(action_of(ledger, verb))


@transaction.atomic
def add_entry(*, actor: Actor, ledger: Ledger, values: Mapping[str, Any], reason: str = "") -> BookEntry:
    """Store a new entry under the next number. Raises Forbidden, EntryInvalid."""
    require(actor, ledger, Verb.ADD)
    entry: BookEntry = ledger.model(created_at=clock.now(), number=_next_number(ledger))
    _fill(actor, entry, ledger, values)
    entry.save(force_insert=True)
    _record(actor, ledger, Verb.ADD, entry, changes({}, snapshot(ledger, entry)), reason)
    return _follow(actor, ledger, entry)


@transaction.atomic
def change_entry(
    *,
    actor: Actor,
    ledger: Ledger,
    entry_id: UUID,
    version: int,
    values: Mapping[str, Any],
    reason: str = "",
    confirms: bool = True,
) -> BookEntry:
    """Store ``values`` over version ``version``; what stood there stays in the register.

    Who ``confirms`` has looked at the whole entry, not only at what they changed. Raises Forbidden, NotFound,
    EntryEnded, EntryInvalid, Conflict.
    """
    require(actor, ledger, Verb.CHANGE)
    entry = _in_use(ledger, entry_id)
    before, approved = snapshot(ledger, entry), applied_content(ledger, entry) if entry.is_approved else None
    _fill(actor, entry, ledger, values, confirms=confirms)
    ended = _end_approval(ledger, entry, approved) if approved else {}
    _save_over(entry, version)
    _record(actor, ledger, Verb.CHANGE, entry, changes(before, snapshot(ledger, entry)) | ended, reason)
    return _follow(actor, ledger, entry)


@transaction.atomic
def confirm_entry(*, actor: Actor, ledger: Ledger, entry_id: UUID, version: int) -> BookEntry:
    """Note that somebody looked and the entry holds as it stands. Raises Forbidden, NotFound, EntryEnded, Conflict."""
    require(actor, ledger, Verb.CONFIRM)
    entry = _in_use(ledger, entry_id)
    entry.confirmed_at, entry.confirmed_by = clock.now(), actor.name
    _save_over(entry, version)
    _record(actor, ledger, Verb.CONFIRM, entry, {}, "")
    return entry


@transaction.atomic
def close_entry(*, actor: Actor, ledger: Ledger, entry_id: UUID, version: int, reason: str) -> BookEntry:
    """Close an entry that is no longer in use. Raises Forbidden, NotFound, EntryEnded, EntryInvalid, Conflict."""
    require(actor, ledger, Verb.CLOSE)
    entry = _in_use(ledger, entry_id)
    entry.closed_at, entry.ended_reason = clock.now(), _said(reason)
    return _end(actor, ledger, Verb.CLOSE, entry, version)


@transaction.atomic
def strike_entry(*, actor: Actor, ledger: Ledger, entry_id: UUID, version: int, reason: str) -> BookEntry:
    """Strike out an entry that should never have been made; it stays readable, its number stays taken.

    Raises Forbidden, NotFound, EntryEnded, EntryInvalid, Conflict.
    """
    require(actor, ledger, Verb.STRIKE)
    entry = get_entry(ledger, entry_id)
    if entry.struck_at is not None:
        raise EntryEnded(name=str(entry))
    entry.struck_at, entry.ended_reason = clock.now(), _said(reason)
    return _end(actor, ledger, Verb.STRIKE, entry, version)


@transaction.atomic
def reopen_entry(*, actor: Actor, ledger: Ledger, entry_id: UUID, version: int, reason: str) -> BookEntry:
    """Take a closed entry into use again. Raises Forbidden, NotFound, EntryEnded, EntryInvalid, Conflict."""
    require(actor, ledger, Verb.REOPEN)
    entry = get_entry(ledger, entry_id)
    if entry.struck_at is not None or entry.closed_at is None:
        raise EntryEnded(name=str(entry)) if entry.struck_at else Conflict
    entry.closed_at, entry.ended_reason = None, ""
    _check(entry)
    _save_over(entry, version)
    _record(actor, ledger, Verb.REOPEN, entry, {}, _said(reason))
    return entry


def _end(actor: Actor, ledger: Ledger, verb: Verb, entry: BookEntry, version: int) -> BookEntry:
    if refused_fields([("reason", entry.ended_reason)]):
        raise EntryInvalid({"reason": [str(CONTROL_CHARACTERS)]})
    _save_over(entry, version)
    _record(actor, ledger, verb, entry, {}, entry.ended_reason)
    return entry


def _follow(actor: Actor, ledger: Ledger, entry: BookEntry) -> BookEntry:
    """Do elsewhere in the books what follows from an entry as it stands now, and return it as it stands then."""
    if ledger.follows is None:
        return entry
    ledger.follows(actor, entry)
    return get_entry(ledger, entry.pk)


def _end_approval(ledger: Ledger, entry: BookEntry, approved: Mapping[str, Any]) -> dict[str, Json]:
    """Take the approval from an entry that is no longer what was approved, and return that as a change."""
    if not changed_columns(ledger, approved, entry):
        return {}
    before, entry.approved_at, entry.approved_by = entry.approved_by, None, ""
    return {"approved_by": [before, None]}


def _said(reason: str) -> str:
    if not says_something(reason):
        raise EntryInvalid({"reason": [str(_REASON_MISSING)]})
    return reason


def _in_use(ledger: Ledger, entry_id: UUID) -> BookEntry:
    entry = get_entry(ledger, entry_id)
    if entry.ended_at is not None:
        raise EntryEnded(name=str(entry))
    return entry


def _next_number(ledger: Ledger) -> int:
    """Two who add at once queue at the row of the ledger; a number is given once, whatever becomes of its entry."""
    row, _made = BookNumber.objects.select_for_update().get_or_create(ledger=ledger.id)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def _fill(actor: Actor, entry: BookEntry, ledger: Ledger, values: Mapping[str, Any], *, confirms: bool = True) -> None:
    before = {name: getattr(entry, f"{name}_id") for name in reference_fields(ledger)}
    for column in ledger.columns:
        if column.field in values:
            setattr(entry, column.field, values[column.field])
    # What already points to a closed entry may stay so; nothing new may.
    _require_open(entry, {name for name, old in before.items() if getattr(entry, f"{name}_id") != old})
    entry.updated_at, entry.updated_by = clock.now(), actor.name
    if confirms:
        entry.confirmed_at, entry.confirmed_by = entry.updated_at, actor.name
    _check(entry)  # before anything is shown of it: an entry that must point somewhere and does not has nothing there
    shown = [shown_value(entry, column.field) for column in ledger.columns]
    words = [str(value) for value in shown if value not in (None, "") and not isinstance(value, bool)]
    entry.search_key = fold(" ".join([number_of(ledger, entry.number), *words]))


def _require_open(entry: BookEntry, names: set[str]) -> None:
    found = {name: getattr(entry, name) for name in names}
    ended = ("closed_at", "struck_at")
    closed = {name: [str(CLOSED_TARGET)] for name in found if any(getattr(found[name], one, None) for one in ended)}
    if closed:
        raise EntryInvalid(closed)


def _check(entry: BookEntry) -> None:
    if strange := refused_fields(vars(entry).items()):
        raise EntryInvalid({name: [str(CONTROL_CHARACTERS)] for name in strange})
    try:
        entry.full_clean(exclude={"search_key"})
    except ValidationError as error:
        raise EntryInvalid(error.message_dict) from error


def _save_over(entry: BookEntry, version: int) -> None:
    """Write every field if the stored row still has ``version``; lose nobody's change otherwise."""
    entry.version = version + 1
    names = [field.attname for field in entry._meta.concrete_fields if not field.primary_key]
    rows = type(entry)._default_manager.filter(pk=entry.pk, version=version)
    if not rows.update(**{name: getattr(entry, name) for name in names}):
        raise Conflict


def _record(
    actor: Actor, ledger: Ledger, verb: Verb, entry: BookEntry, changed: Mapping[str, Any], reason: str | Text
) -> None:
    details = {"changes": changed} if changed else {}
    action, subject = action_of(ledger, verb), subject_ref(ledger, entry)
    append(actor=actor, action=action, subject=subject, details=details, reason=str(reason))
