"""Beginning, closing and cancelling a stocktake."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.errors import (
    DifferencesOpen,
    NotCounted,
    NothingExpected,
    PeriodInvalid,
    ReasonUnsaid,
    StocktakeEnded,
)
from sekisho.assets.models import ExpectedThing, StockLine, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.queries.stocktaking import Scope
from sekisho.assets.rules.stocktaking import Counted, Result, counted, keys_of
from sekisho.assets.services.open_stocktakes import lock_open, stocktake_ref
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.search import fold
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.models import BookNumber
from sekisho.ledgers.queries.books import number_of
from sekisho.ledgers.services.books import confirm_entry
from sekisho.register.services import append

_NUMBERS = "assets.stocktakes"
_BATCH = 1000
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class StocktakePlan:
    """What a stocktake is about: the id of the book, the scope, the first and last day, and who answers for it."""

    name: str
    ledger: str
    begins_on: date
    ends_on: date
    responsible: str
    scope: Scope = field(default_factory=Scope)


@transaction.atomic
def begin_stocktake(*, actor: Actor, plan: StocktakePlan) -> Stocktake:
    """Freeze what is expected, as the ledger has it now. Raises Forbidden, NotCounted, PeriodInvalid, NothingExpected.

    Whatever the ledger learns later is no part of this stocktake.
    """
    actor.require(StocktakeAction.BEGIN)
    require_visible(plan.name, plan.responsible, plan.scope.place)
    if counted(plan.ledger) is None:
        raise NotCounted(field="ledger")
    if plan.ends_on < plan.begins_on:
        raise PeriodInvalid(field="ends_on")
    ledger, rule = queries.book_of(plan.ledger)
    found = list(queries.expected_entries(ledger, rule, plan.scope))
    if not found:
        raise NothingExpected
    row = _stored(actor, plan, len(found))
    _freeze(row, ledger, rule, found)
    details: dict[str, Json] = {
        "ledger": ledger.id,
        "expected": len(found),
        "begins_on": plan.begins_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "responsible": plan.responsible,
        "department": str(plan.scope.department) if plan.scope.department else None,
        "system": str(plan.scope.system) if plan.scope.system else None,
        "place": plan.scope.place or None,
    }
    append(actor=actor, action=StocktakeAction.BEGIN, subject=stocktake_ref(row), details=details)
    return row


def _stored(actor: Actor, plan: StocktakePlan, expected: int) -> Stocktake:
    numbers, _made = BookNumber.objects.select_for_update().get_or_create(ledger=_NUMBERS)
    numbers.last += 1
    numbers.save(update_fields=["last"])
    return Stocktake.objects.create(
        number=numbers.last,
        name=plan.name,
        ledger=plan.ledger,
        department_id=plan.scope.department,
        system_id=plan.scope.system,
        place=plan.scope.place,
        begins_on=plan.begins_on,
        ends_on=plan.ends_on,
        responsible=plan.responsible,
        expected=expected,
        begun_at=clock.now(),
        begun_by=actor.name,
    )


def _freeze(row: Stocktake, ledger: Ledger, rule: Counted, entries: Sequence[Any]) -> None:
    things = [_thing(row, ledger, rule, entry) for entry in entries]
    ExpectedThing.objects.bulk_create(things, batch_size=_BATCH)
    StockLine.objects.bulk_create((_line(thing) for thing in things), batch_size=_BATCH)


def _thing(row: Stocktake, ledger: Ledger, rule: Counted, entry: Any) -> ExpectedThing:
    return ExpectedThing(
        stocktake=row,
        entry_id=entry.pk,
        number=entry.number,
        label=number_of(ledger, entry.number),
        name=str(entry),
        place=getattr(entry, rule.place),
        department=str(entry.department or ""),
        keys=keys_of(queries.codes_of(ledger, rule, entry)),
    )


def _line(thing: ExpectedThing) -> StockLine:
    return StockLine(
        stocktake_id=thing.stocktake_id,
        thing=thing,
        entry_id=thing.entry_id,
        label=thing.label,
        name=thing.name,
        place_expected=thing.place,
        result=Result.MISSING,
        search_key=fold(" ".join([thing.keys, thing.name, thing.place, thing.department])),
    )


def close_stocktake(*, actor: Actor, stocktake_id: UUID, note: str = "") -> Stocktake:
    """Sign the stocktake off: what was found is confirmed in the ledger, and nothing of it changes any more.

    Raises Forbidden, NotFound, StocktakeEnded, DifferencesOpen, Conflict.
    """
    actor.require(StocktakeAction.CLOSE)
    require_visible(note)
    row = queries.get_stocktake(stocktake_id)
    _require_settled(row)
    # Thousands of confirmations in one transaction would keep everybody else waiting. What was seen was seen, so those
    # that are stored stay true if the signature then fails.
    ledger, _rule = queries.book_of(row.ledger)
    ids = queries.seen_entries(row)
    for start in range(0, len(ids), _AT_ONCE):
        _confirm(actor, ledger, ids[start : start + _AT_ONCE])
    return _sign(actor, stocktake_id, note, ledger, set(ids))


def _require_settled(row: Stocktake) -> None:
    if row.ended_at is not None:
        raise StocktakeEnded(name=row.name)
    left = queries.unsettled(row)
    if left:
        raise DifferencesOpen(count=left)


@transaction.atomic
def _sign(actor: Actor, stocktake_id: UUID, note: str, ledger: Ledger, confirmed: set[UUID]) -> Stocktake:
    row = lock_open(stocktake_id)
    _require_settled(row)
    seen = set(queries.seen_entries(row))
    _confirm(actor, ledger, seen - confirmed)  # what was read since
    row.closed_at, row.closed_by, row.closing_note = clock.now(), actor.name, note
    row.save(update_fields=["closed_at", "closed_by", "closing_note"])
    details: dict[str, Json] = {"confirmed": len(seen), "expected": row.expected}
    details["results"] = {one.result.value: one.count for one in queries.tallies(row)}
    append(actor=actor, action=StocktakeAction.CLOSE, subject=stocktake_ref(row), details=details, reason=note)
    return row


@transaction.atomic
def _confirm(actor: Actor, ledger: Ledger, ids: Collection[UUID]) -> None:
    """Confirm the entries that are still in use."""
    rows = ledger.model._default_manager.filter(pk__in=ids, closed_at=None, struck_at=None)
    for entry_id, version in rows.order_by("number").values_list("pk", "version"):
        confirm_entry(actor=actor, ledger=ledger, entry_id=entry_id, version=version)


@transaction.atomic
def cancel_stocktake(*, actor: Actor, stocktake_id: UUID, reason: str) -> Stocktake:
    """End a stocktake without a result; it stays readable and proves nothing.

    Raises Forbidden, NotFound, StocktakeEnded, ReasonUnsaid.
    """
    actor.require(StocktakeAction.CANCEL)
    row = lock_open(stocktake_id)
    require_visible(reason)
    if not says_something(reason):
        raise ReasonUnsaid(field="reason")
    row.cancelled_at, row.cancelled_by, row.cancelled_reason = clock.now(), actor.name, reason
    row.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason"])
    append(actor=actor, action=StocktakeAction.CANCEL, subject=stocktake_ref(row), reason=reason)
    return row
