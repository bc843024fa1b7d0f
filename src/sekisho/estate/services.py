"""Every write of the estate. One set of services for all its ledgers: the declaration says what differs."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from sekisho.estate.actions import EstateAction
from sekisho.estate.errors import CLOSED_TARGET, Closed, EntryInvalid, Fixed, InUse
from sekisho.estate.models import Entry, Facility, Layer, LayerKind, System, SystemForm, SystemKind
from sekisho.estate.queries import get_entry, reference_fields, snapshot, subject_ref, users_of
from sekisho.kernel import clock
from sekisho.kernel.access import Action
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict
from sekisho.kernel.search import fold
from sekisho.kernel.wording import CONTROL_CHARACTERS, refused_fields
from sekisho.register.rules import changes
from sekisho.register.services import append


@transaction.atomic
def add_entry(*, actor: Actor, ledger: Ledger, values: Mapping[str, Any]) -> Entry:
    """Store a new entry with ``values`` by column. Raises Forbidden, EntryInvalid, Fixed."""
    actor.require(EstateAction.ADD)
    if ledger.model.fixed and not (ledger.model is Facility and not Facility.objects.exists()):
        raise Fixed(ledger=ledger.title)
    entry: Entry = ledger.model(created_at=clock.now())
    _fill(entry, ledger, values)
    entry.save(force_insert=True)
    if isinstance(entry, System):
        _add_layers(entry)
    _record(actor, EstateAction.ADD, ledger, entry, changes({}, snapshot(ledger, entry)))
    return entry


@transaction.atomic
def add_platform(*, actor: Actor, ledger: Ledger) -> Entry | None:
    """Enter this platform as one of the systems, once; None when it was ever entered, even if it was closed since.

    Raises Forbidden.
    """
    actor.require(EstateAction.ADD)
    if System.objects.filter(kind=SystemKind.PLATFORM).exists():
        return None
    values = {"name": "関所 (Sekisho)", "kind": SystemKind.PLATFORM, "form": SystemForm.ON_PREMISES}
    return add_entry(actor=actor, ledger=ledger, values={**values, "holds_medical_information": True})


@transaction.atomic
def change_entry(*, actor: Actor, ledger: Ledger, entry_id: UUID, version: int, values: Mapping[str, Any]) -> Entry:
    """Store ``values`` over version ``version`` of an entry. Raises Forbidden, NotFound, EntryInvalid, Conflict."""
    actor.require(EstateAction.CHANGE)
    entry = get_entry(ledger, entry_id)
    if entry.closed_at is not None:
        raise Closed(name=str(entry))
    before = snapshot(ledger, entry)
    _fill(entry, ledger, values)
    _save_over(entry, version)
    _record(actor, EstateAction.CHANGE, ledger, entry, changes(before, snapshot(ledger, entry)))
    return entry


@transaction.atomic
def close_entry(*, actor: Actor, ledger: Ledger, entry_id: UUID, version: int, reason: str) -> Entry:
    """Close an entry for ``reason``; nothing is deleted. Raises Forbidden, NotFound, Fixed, InUse, Conflict."""
    actor.require(EstateAction.CLOSE)
    if ledger.model.fixed:
        raise Fixed(ledger=ledger.title)
    entry = get_entry(ledger, entry_id)
    if users := users_of(entry):
        raise InUse(name=str(entry), users=", ".join(users))
    return _set_closed(actor, EstateAction.CLOSE, ledger, entry, version, reason)


@transaction.atomic
def reopen_entry(*, actor: Actor, ledger: Ledger, entry_id: UUID, version: int, reason: str) -> Entry:
    """Open a closed entry again. Raises Forbidden, NotFound, EntryInvalid, Conflict."""
    actor.require(EstateAction.REOPEN)
    return _set_closed(actor, EstateAction.REOPEN, ledger, get_entry(ledger, entry_id), version, reason)


def _set_closed(actor: Actor, action: Action, ledger: Ledger, entry: Entry, version: int, reason: str) -> Entry:
    closing = action is EstateAction.CLOSE
    if closing == (entry.closed_at is not None):
        raise Conflict
    moment = clock.now() if closing else None
    entry.closed_at, entry.closed_reason = moment, reason if closing else ""
    if not closing:
        _require_open(entry, reference_fields(entry))
    _check(entry)
    _save_over(entry, version)
    if isinstance(entry, System):
        entry.layers.update(closed_at=moment, closed_reason=entry.closed_reason, version=F("version") + 1)
    _record(actor, action, ledger, entry, {}, reason)
    return entry


def _fill(entry: Entry, ledger: Ledger, values: Mapping[str, Any]) -> None:
    before = {field: getattr(entry, f"{field}_id") for field in reference_fields(entry)}
    for column in ledger.columns:
        if column.field in values:
            setattr(entry, column.field, values[column.field])
    # What already points to a closed entry may stay so; nothing new may.
    _require_open(entry, [field for field, old in before.items() if getattr(entry, f"{field}_id") != old])
    entry.updated_at = clock.now()
    entry.search_key = fold(" ".join(str(value) for value in snapshot(ledger, entry).values() if value is not None))
    _check(entry)


def _require_open(entry: Entry, fields: Iterable[str]) -> None:
    targets = [(field, getattr(entry, field)) for field in fields]
    closed = {field: [str(CLOSED_TARGET)] for field, target in targets if target is not None and target.closed_at}
    if closed:
        raise EntryInvalid(closed)


def _check(entry: Entry) -> None:
    if strange := refused_fields(vars(entry).items()):
        raise EntryInvalid({name: [str(CONTROL_CHARACTERS)] for name in strange})
    try:
        entry.full_clean(exclude={"search_key"})
    except ValidationError as error:
        raise EntryInvalid(error.message_dict) from error


def _save_over(entry: Entry, version: int) -> None:
    """Write every field if the stored row still has ``version``; lose nobody's change otherwise."""
    entry.version = version + 1
    names = [field.attname for field in entry._meta.concrete_fields if not field.primary_key]
    rows = type(entry)._default_manager.filter(pk=entry.pk, version=version)
    if not rows.update(**{name: getattr(entry, name) for name in names}):
        raise Conflict


def _add_layers(system: System) -> None:
    moment = clock.now()
    Layer.objects.bulk_create(
        Layer(system=system, kind=kind, created_at=moment, updated_at=moment, search_key=fold(system.name))
        for kind in LayerKind
    )


def _record(
    actor: Actor, action: Action, ledger: Ledger, entry: Entry, changed: Mapping[str, Any], reason: str = ""
) -> None:
    details = {"changes": changed} if changed else {}
    append(actor=actor, action=action, subject=subject_ref(ledger, entry), details=details, reason=reason)
