"""Reading codes in a stocktake, and taking a reading back."""

from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.errors import CodeAmbiguous, CodeUnreadable, PlaceUnsaid, ReadingGone
from sekisho.assets.models import ExpectedThing, ReadingUndone, StockLine, StockReading, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.rules.stocktaking import GIVEN_UP, LONGEST_CODE, Result, code_key, judge, place_words
from sekisho.assets.services.open_stocktakes import lock_open, stocktake_ref
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.search import fold
from sekisho.kernel.wording import require_visible
from sekisho.ledgers.queries.books import number_of
from sekisho.register.services import append


@transaction.atomic
def scan_code(*, actor: Actor, stocktake_id: UUID, code: str, place: str) -> StockReading:
    """Note that a thing was seen in a place, and return the reading with what it means.

    ``code`` is a control number or another mark of the thing. Raises Forbidden, NotFound, StocktakeEnded,
    CodeUnreadable, PlaceUnsaid, CodeAmbiguous, InvisibleCharacters.
    """
    actor.require(StocktakeAction.SCAN)
    code, place = code.strip(), place.strip()
    require_visible(code, place)
    if not place_words(place) or len(place) > LONGEST_CODE:
        raise PlaceUnsaid(field="place")
    if not code_key(code) or len(code) > LONGEST_CODE:
        raise CodeUnreadable(field="code")
    row = lock_open(stocktake_id)
    line = _line_for(row, code, place)
    line.found_at = line.found_at or clock.now()
    line.found_by = line.found_by or actor.name
    line.save()
    scan = StockReading(
        stocktake=row,
        line=line,
        number=queries.next_number(row),
        code=code,
        place=place,
        result=line.result,
        scanned_at=clock.now(),
        scanned_by=actor.name,
        account=actor.id,
    )
    scan.save()
    details: dict[str, Json] = {"code": code, "place": place, "result": line.result, "thing": str(line)[:200]}
    append(actor=actor, action=StocktakeAction.SCAN, subject=stocktake_ref(row), details=details)
    return scan


def _line_for(row: Stocktake, code: str, place: str) -> StockLine:
    """Return the line that a reading belongs to, filled in and not stored: the expected one, or a new one."""
    thing = _expected(row, code)
    line = StockLine.objects.get(thing=thing) if thing else None
    if line is None or line.settlement in GIVEN_UP:
        return _beyond(row, code, place)
    if line.result != Result.MISSING:
        return _again(line, place)
    line.result, line.place_found = judge(line.place_expected, place), place
    line.settlement, line.reason, line.reference = "", "", ""
    line.settled_at, line.settled_by = None, ""
    return line


def _expected(row: Stocktake, code: str) -> ExpectedThing | None:
    key = code_key(code)
    found = list(ExpectedThing.objects.filter(stocktake=row, keys__contains=f"\n{key}\n").order_by("number")[:10])
    exact = [thing for thing in found if code_key(thing.label) == key] or found
    if len(exact) > 1:
        raise CodeAmbiguous(code=code, entries=", ".join(thing.label for thing in exact), field="code")
    return exact[0] if exact else None


def _beyond(row: Stocktake, code: str, place: str) -> StockLine:
    """Return a line for what was not expected: from elsewhere in the ledger, ended there, or unknown to it."""
    ledger, rule = queries.book_of(row.ledger)
    found = queries.entries_named(ledger, rule, code)
    named = [entry for entry in found if queries.is_looked_for(rule, entry)] or found[:1]
    if len(named) > 1:
        numbers = ", ".join(number_of(ledger, entry.number) for entry in named)
        raise CodeAmbiguous(code=code, entries=numbers, field="code")
    entry = named[0] if named else None
    first = _earlier(row, code_key(code), entry)
    if first is not None:
        return _again(first, place)
    if entry is None:
        words = fold(f"{code} {place}")
        return StockLine(
            stocktake=row,
            label=code,
            code_key=code_key(code),
            place_found=place,
            result=Result.UNLISTED,
            search_key=words,
        )
    expected = getattr(entry, rule.place)
    return StockLine(
        stocktake=row,
        entry_id=entry.pk,
        label=number_of(ledger, entry.number),
        name=str(entry),
        code_key=code_key(code),
        search_key=fold(f"{number_of(ledger, entry.number)} {code} {entry} {expected} {place}"),
        place_expected=expected,
        place_found=place,
        result=judge(expected, place) if queries.is_looked_for(rule, entry) else Result.UNLISTED,
    )


def _earlier(row: Stocktake, key: str, entry: Any | None) -> StockLine | None:
    """Return the line that the same unexpected thing has already."""
    rows = StockLine.objects.filter(stocktake=row, thing=None, first=None).exclude(result=Result.VOID)
    return (rows.filter(entry_id=entry.pk) if entry else rows.filter(entry_id=None, code_key=key)).first()


def _again(first: StockLine, place: str) -> StockLine:
    return StockLine(
        stocktake_id=first.stocktake_id,
        first=first,
        entry_id=first.entry_id,
        label=first.label,
        name=first.name,
        code_key=first.code_key,
        search_key=first.search_key,
        place_expected=first.place_expected,
        place_found=place,
        result=Result.TWICE,
    )


@transaction.atomic
def undo_scan(*, actor: Actor, stocktake_id: UUID, scan_id: UUID) -> StockLine:
    """Take a reading back; both stay in the books. What it found is not found again.

    Raises Forbidden, NotFound, StocktakeEnded, ReadingGone.
    """
    actor.require(StocktakeAction.UNDO)
    row = lock_open(stocktake_id)
    scan = queries.get_scan(row, scan_id)
    line = scan.line
    later = StockLine.objects.filter(first=line).exclude(result=Result.VOID)
    if ReadingUndone.objects.filter(scan=scan).exists() or line.settlement or later.exists():
        raise ReadingGone
    ReadingUndone(scan=scan, undone_at=clock.now(), undone_by=actor.name).save()
    line.result = Result.MISSING if line.thing_id else Result.VOID
    line.place_found, line.found_at, line.found_by = "", None, ""
    line.save()
    details: dict[str, Json] = {"code": scan.code, "place": scan.place, "result": scan.result}
    append(actor=actor, action=StocktakeAction.UNDO, subject=stocktake_ref(row), details=details)
    return line
