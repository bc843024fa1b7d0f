"""What the tests of stocktakes share: devices in rooms, a stocktake of them, and short ways to read and settle."""

from datetime import date
from typing import Any

from sekisho.assets import ledgers
from sekisho.assets.models import StockLine, StockReading, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.queries.stocktaking import Scope
from sekisho.assets.rules.stocktaking import Settlement
from sekisho.assets.services.scanning import scan_code
from sekisho.assets.services.settling import Decision, settle_lines
from sekisho.assets.services.stocktaking import StocktakePlan, begin_stocktake
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.books import add_entry

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def device(actor: Actor, name: str, place: str = "2階 診察室1", **values: Any) -> Any:
    """Enter a device."""
    given = {"name": name, "kind": "terminal", "place": place, **values}
    return add_entry(actor=actor, ledger=ledgers.DEVICES, values=given)


def begun(actor: Actor, ledger: str = "assets.devices", **scope: Any) -> Stocktake:
    """Begin a stocktake."""
    plan = StocktakePlan("機器の棚卸", ledger, FIRST, LAST, "山田 花子", Scope(**scope))
    return begin_stocktake(actor=actor, plan=plan)


def read(actor: Actor, stocktake: Stocktake, code: str, place: str = "2階 診察室1") -> StockReading:
    """Read a code."""
    return scan_code(actor=actor, stocktake_id=stocktake.pk, code=code, place=place)


def settle(actor: Actor, stocktake: Stocktake, line: StockLine, how: Settlement, reference: str = "") -> None:
    """Settle one difference."""
    decision = Decision(how, "確かめたため", reference)
    settle_lines(actor=actor, stocktake_id=stocktake.pk, line_ids=[line.pk], decision=decision)


def counts(stocktake: Stocktake) -> dict[str, int]:
    """Return how many lines have each result, those with none left out."""
    return {one.result.value: one.count for one in queries.tallies(stocktake) if one.count}


def left(stocktake: Stocktake) -> int:
    """Return how many differences are not settled."""
    return queries.unsettled(stocktake)
