"""Every read of stocktakes: what can be counted, what was expected, what was found, what is left to settle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet, Value
from django.db.models.functions import StrIndex

from sekisho.assets.models import StockLine, StockReading, Stocktake
from sekisho.assets.rules.stocktaking import (
    COUNTED,
    DIFFERENCES,
    SEEN_SETTLEMENTS,
    SHOWN,
    Counted,
    Result,
    code_key,
    counted,
    is_same_place,
    keys_of,
)
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE, in_facility
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import NotFound
from sekisho.kernel.search import search_words
from sekisho.ledgers.queries.books import Look, Shelf, books, entries, every_entry, number_of

PAGE_SIZE = 50
MOST_PLACES = 300
LAST_SCANS = 15
_CANDIDATES = 50
_OPEN = Q(closed_at=None, cancelled_at=None)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which entries a stocktake is about; what is None or empty does not narrow."""

    department: UUID | None = None
    system: UUID | None = None
    place: str = ""


def countable_books() -> list[Ledger]:
    """Return the books that can be counted, in the order of their declaration for counting."""
    known = {ledger.id: ledger for ledger in books()}
    return [known[one.ledger] for one in COUNTED if one.ledger in known]


def book_of(ledger_id: str) -> tuple[Ledger, Counted]:
    """Return a book with how it is counted. Raises NotFound."""
    rule = counted(ledger_id)
    found = next((ledger for ledger in countable_books() if ledger.id == ledger_id), None)
    if rule is None or found is None:
        raise NotFound
    return found, rule


def codes_of(ledger: Ledger, rule: Counted, entry: Any) -> tuple[str, ...]:
    """Return what names an entry: its control number first, then its marks."""
    return (number_of(ledger, entry.number), *(str(getattr(entry, mark)) for mark in rule.marks))


def is_looked_for(rule: Counted, entry: Any) -> bool:
    """Tell whether the ledger says that the thing is there: in use, and neither lost nor disposed of."""
    return entry.ended_at is None and not (rule.state and getattr(entry, rule.state) in rule.gone)


def expected_entries(ledger: Ledger, rule: Counted, scope: Scope) -> Iterator[Any]:
    """Yield the entries in use within a scope. A place is in a scope if the two agree."""
    for entry in every_entry(ledger, Look()):
        if is_looked_for(rule, entry) and _is_within(scope, rule, entry):
            yield entry


def _is_within(scope: Scope, rule: Counted, entry: Any) -> bool:
    return (
        (scope.department is None or entry.department_id == scope.department)
        and (scope.system is None or entry.system_id == scope.system)
        and (not scope.place or is_same_place(getattr(entry, rule.place), scope.place))
    )


def entries_named(ledger: Ledger, rule: Counted, code: str) -> list[Any]:
    """Return the entries of a book, ended ones too, that a code names, those looked for first."""
    key = code_key(code)
    rows = entries(ledger, Look(text=key, shelf=Shelf.ALL))[:_CANDIDATES] if key else []
    found = [entry for entry in rows if f"\n{key}\n" in keys_of(codes_of(ledger, rule, entry))]
    return sorted(found, key=lambda entry: not is_looked_for(rule, entry))


def entry_numbered(ledger: Ledger, rule: Counted, number: str) -> Any | None:
    """Return the entry in use with a control number as it is written, None for none."""
    key = code_key(number)
    found = entries_named(ledger, rule, number)
    return next(
        (one for one in found if code_key(number_of(ledger, one.number)) == key and is_looked_for(rule, one)), None
    )


def get_stocktake(stocktake_id: UUID) -> Stocktake:
    """Return one stocktake. Raises NotFound."""
    row = Stocktake.objects.select_related("department", "system").filter(pk=stocktake_id).first()
    if row is None:
        raise NotFound
    return row


def page_of_stocktakes(page: int) -> "Page[Any]":
    """Return one page of the stocktakes: those that go on first, then the newest, each with what is left of it."""
    left = Count("lines", filter=Q(lines__result__in=DIFFERENCES, lines__settlement=""))
    met = Count("lines", filter=Q(lines__result__in=(Result.MATCH, Result.ELSEWHERE), lines__thing__isnull=False))
    rows = Stocktake.objects.annotate(
        left=left, met=met, ended=Q(closed_at__isnull=False) | Q(cancelled_at__isnull=False)
    )
    return Paginator(rows.order_by("ended", "-number"), PAGE_SIZE).get_page(page)


@dataclass(frozen=True, slots=True)
class OverdueStocktake:
    """A stocktake that goes on although its last day ``ends_on`` has passed, ``since`` then."""

    id: str
    label: str
    ends_on: date
    since: datetime


def overdue_stocktakes(day: date) -> Iterator[OverdueStocktake]:
    """Yield every stocktake that should have been closed before ``day``, for the platform's notices."""
    for row in Stocktake.objects.filter(_OPEN, ends_on__lt=day).order_by("ends_on", "number"):
        since = datetime.combine(row.ends_on, time.max, FACILITY_ZONE)
        yield OverdueStocktake(str(row.pk), str(row), row.ends_on, since)


def today() -> date:
    """Return the day at the facility."""
    return in_facility(clock.now()).date()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines have a result, and how many of them nobody has settled."""

    result: Result
    count: int
    left: int


def tallies(row: Stocktake) -> list[Tally]:
    """Return the present counts of a stocktake, every result that is shown."""
    left = Count("id", filter=Q(settlement=""))
    found = {
        one["result"]: one
        for one in StockLine.objects.filter(stocktake=row).values("result").annotate(n=Count("id"), left=left)
    }
    return [
        Tally(result, one["n"], one["left"] if result in DIFFERENCES else 0)
        if (one := found.get(result.value))
        else Tally(result, 0, 0)
        for result in SHOWN
    ]


def unsettled(row: Stocktake) -> int:
    """Return how many differences nobody has settled."""
    return open_lines(row).count()


def open_lines(row: Stocktake) -> "QuerySet[StockLine]":
    """Return the differences that nobody has settled."""
    return StockLine.objects.filter(stocktake=row, result__in=DIFFERENCES, settlement="")


def lines(row: Stocktake, *, result: str = "", text: str = "", only_open: bool = False) -> "QuerySet[StockLine]":
    """Return the lines of a stocktake, narrowed, by what they are about. Readings taken back are left out."""
    rows = open_lines(row) if only_open else StockLine.objects.filter(stocktake=row)
    rows = rows.exclude(result=Result.VOID)
    if result in set(SHOWN):
        rows = rows.filter(result=result)
    for place, word in enumerate(search_words(text)):
        rows = rows.alias(**{f"found_{place}": StrIndex("search_key", Value(word))}).filter(**{f"found_{place}__gt": 0})
    return rows.order_by("label", "found_at", "id")


def page_of_lines(row: Stocktake, page: int, *, result: str, text: str, only_open: bool) -> "Page[Any]":
    """Return one page of the lines of a stocktake."""
    return Paginator(lines(row, result=result, text=text, only_open=only_open), PAGE_SIZE).get_page(page)


def get_line(row: Stocktake, line_id: UUID) -> StockLine:
    """Return one line of a stocktake. Raises NotFound."""
    found = StockLine.objects.select_related("thing", "first").filter(stocktake=row, pk=line_id).first()
    if found is None:
        raise NotFound
    return found


def alike(row: Stocktake, line: StockLine) -> Sequence[UUID]:
    """Return the other open lines with the same result and, where something was found, found in the same place."""
    rows = open_lines(row).filter(result=line.result, place_found=line.place_found).exclude(pk=line.pk)
    return list(rows.values_list("pk", flat=True))


def last_scans(row: Stocktake, most: int = LAST_SCANS) -> list[StockReading]:
    """Return the newest readings that were not taken back, the newest first."""
    rows = StockReading.objects.filter(stocktake=row, undone=None).select_related("line")
    return list(rows.order_by("-number")[:most])


def next_number(row: Stocktake) -> int:
    """Return the number of the next reading; right for whoever holds the lock of the stocktake."""
    return (StockReading.objects.filter(stocktake=row).aggregate(last=Max("number"))["last"] or 0) + 1


def get_scan(row: Stocktake, scan_id: UUID) -> StockReading:
    """Return one reading of a stocktake. Raises NotFound."""
    found: StockReading | None = StockReading.objects.select_related("line").filter(stocktake=row, pk=scan_id).first()
    if found is None:
        raise NotFound
    return found


def places(row: Stocktake) -> list[str]:
    """Return the places that the expected list names, to choose from."""
    rows = StockLine.objects.filter(stocktake=row, thing__isnull=False).exclude(place_expected="")
    return list(rows.order_by("place_expected").values_list("place_expected", flat=True).distinct()[:MOST_PLACES])


def seen_entries(row: Stocktake) -> Sequence[Any]:
    """Return the ids of the ledger's entries that somebody saw, and of which the ledger says where they are."""
    seen = Q(result=Result.MATCH) | Q(settlement__in=SEEN_SETTLEMENTS)
    rows = StockLine.objects.filter(seen, stocktake=row, entry_id__isnull=False).exclude(result=Result.VOID)
    return list(rows.order_by("entry_id").values_list("entry_id", flat=True).distinct())


def last_seen(ledger_id: str, since: datetime) -> Mapping[UUID, datetime]:
    """Return when each entry of a book was last found, as the closing of a stocktake since then vouches for it."""
    seen = Q(result=Result.MATCH) | Q(settlement__in=SEEN_SETTLEMENTS)
    rows = StockLine.objects.filter(
        seen, stocktake__ledger=ledger_id, stocktake__closed_at__gte=since, entry_id__isnull=False
    ).exclude(result=Result.VOID)
    found = rows.order_by().values_list("entry_id").annotate(newest=Max("stocktake__closed_at"))
    return dict(found)
