"""Settling the differences of a stocktake; what changes in the ledger changes through the ledger's own services."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.errors import NumberUnknown, ReasonUnsaid, SettlementUnfit
from sekisho.assets.models import StockLine, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.rules.stocktaking import Counted, Result, Settlement, fits
from sekisho.assets.services.open_stocktakes import lock_open, stocktake_ref
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.queries.books import get_entry
from sekisho.ledgers.services.books import change_entry, close_entry
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about a difference, and why.

    ``reference`` is the control number of what was entered newly, or the number of the paper about a loss.
    """

    settlement: Settlement
    reason: str
    reference: str = ""


@transaction.atomic
def settle_lines(*, actor: Actor, stocktake_id: UUID, line_ids: Sequence[UUID], decision: Decision) -> int:
    """Say what is done about differences, and do it in the ledger; return how many. All or none.

    A place is corrected, a loss noted and an entry closed by the services of the book, with its own permissions. A line
    may be settled anew while the stocktake goes on; what the ledger was told before stays in its history.

    Raises Forbidden, NotFound, StocktakeEnded, ReasonUnsaid, SettlementUnfit, NumberUnknown, EntryInvalid, EntryEnded,
    Conflict.
    """
    actor.require(StocktakeAction.SETTLE)
    row = lock_open(stocktake_id)
    require_visible(decision.reason, decision.reference)
    if not says_something(decision.reason):
        raise ReasonUnsaid(field="reason")
    ledger, rule = queries.book_of(row.ledger)
    for line_id in line_ids:
        _settle(actor, row, ledger, rule, queries.get_line(row, line_id), decision)
    return len(line_ids)


def _settle(actor: Actor, row: Stocktake, ledger: Ledger, rule: Counted, line: StockLine, decision: Decision) -> None:
    result, settlement = Result(line.result), decision.settlement
    if not fits(result, settlement):
        raise SettlementUnfit(result=str(result.label), settlement=str(settlement.label), field="settlement")
    if settlement is Settlement.REGISTERED:
        entry = queries.entry_numbered(ledger, rule, decision.reference)
        if entry is None:
            raise NumberUnknown(number=decision.reference, field="reference")
        line.entry_id = entry.pk
    else:
        _tell_ledger(actor, ledger, rule, line, decision, why=f"{row.document_number} {decision.reason}")
    line.settlement, line.reason, line.reference = settlement, decision.reason, decision.reference
    line.settled_at, line.settled_by = clock.now(), actor.name
    line.save()
    details: dict[str, Json] = {
        "thing": str(line)[:200],
        "result": result.value,
        "settlement": settlement.value,
        "reference": decision.reference or None,
    }
    append(
        actor=actor,
        action=StocktakeAction.SETTLE,
        subject=stocktake_ref(row),
        details=details,
        reason=decision.reason,
    )


def _tell_ledger(actor: Actor, ledger: Ledger, rule: Counted, line: StockLine, decision: Decision, why: str) -> None:
    values: dict[str, Any] = {}
    match decision.settlement:
        case Settlement.PLACE_CORRECTED:
            values = {rule.place: line.place_found}
        case Settlement.LOST if rule.state:
            values = {rule.state: rule.lost}
        case Settlement.LOST | Settlement.ENDED:
            pass
        case _:
            return
    if line.entry_id is None:
        raise SettlementUnfit(
            result=str(Result(line.result).label), settlement=str(decision.settlement.label), field="settlement"
        )
    entry = get_entry(ledger, line.entry_id)
    if values:
        change_entry(actor=actor, ledger=ledger, entry_id=entry.pk, version=entry.version, values=values, reason=why)
    else:
        close_entry(actor=actor, ledger=ledger, entry_id=entry.pk, version=entry.version, reason=why)
