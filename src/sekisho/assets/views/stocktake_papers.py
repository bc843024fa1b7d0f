"""The summary of a stocktake to take away: A4 to print, seal and file, and an Excel workbook with every line."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.models import StockLine, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.rules.stocktaking import DIFFERENCES, Result, Settlement
from sekisho.assets.views.stocktake_words import settled_words, stocktake_facts
from sekisho.estate.queries import facility
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_date, format_moment, in_facility
from sekisho.ui.display import Display
from sekisho.ui.paper import Frame, house_frame, make_pdf
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATE = "assets/templates/assets/stocktaking/summary.typ"


def download(content: bytes, content_type: str, name: str) -> HttpResponse:
    """Return a file under a name that may be Japanese."""
    plain = name.encode("ascii", "ignore").decode().replace('"', "") or "file"
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return answer


def facility_name() -> str:
    """Return the name that stands on papers and labels."""
    row = facility()
    return row.name if row else ""


@require_safe
@allow(StocktakeAction.VIEW)
def summary_pdf(request: Request, stocktake_id: UUID) -> HttpResponse:
    """Return counts and differences on A4, with boxes for seals. Raises PaperFailed."""
    row = queries.get_stocktake(stocktake_id)
    differences = [line for line in queries.lines(row) if Result(line.result) in DIFFERENCES]
    data: dict[str, Json] = {
        "counts": [[str(one.result.label), str(one.count), str(one.left)] for one in queries.tallies(row)],
        "count_head": [_("Result"), _("Number of things"), _("To be settled")],
        "title": _("Differences"),
        "head": [
            _("Control number"),
            _("Name"),
            _("Result"),
            _("Place in the ledger"),
            _("Found in"),
            _("What is done"),
        ],
        "rows": [_difference(line) for line in differences],
        "nothing": _("There are no differences."),
        "note": _interim(row),
    }
    content = make_pdf(_TEMPLATE, _frame(row, request.display), data)
    return download(content, "application/pdf", f"{row.document_number}_{_('Stocktake')}.pdf")


def _interim(row: Stocktake) -> str:
    if row.cancelled_at:
        return _("This stocktake was cancelled. It proves nothing.")
    return "" if row.closed_at else _("This stocktake is not closed yet: what stands here may still change.")


def _difference(line: StockLine) -> list[Json]:
    done = f"{settled_words(line)} {line.settled_by}".strip() if line.settlement else _("To be settled")
    return [line.label, line.name, str(Result(line.result).label), line.place_expected, line.place_found, done]


def _frame(row: Stocktake, display: Display) -> Frame:
    ledger, _rule = queries.book_of(row.ledger)
    when = row.closed_at or row.cancelled_at or clock.now()
    what = _("Closed and signed off") if row.closed_at else _("Printed as it stood at this moment")
    facts = [(_("Facility"), facility_name()), (_("Name"), row.name), *stocktake_facts(row, ledger)]
    return house_frame(
        title=_("Stocktake: summary"),
        number=f"SK-{row.document_number}",
        edition=facility_name(),
        language=display.language,
        facts=[(str(name), _words(value, display)) for name, value in facts],
        day=format_date(in_facility(when).date(), display.calendar, display.language),
        what=what,
    )


def _words(value: Any, display: Display) -> str:
    match value:
        case datetime():
            return format_moment(value, display.calendar, display.language)
        case date():
            return format_date(value, display.calendar, display.language)
    return str(value)


@require_safe
@allow(StocktakeAction.VIEW)
def summary_xlsx(request: Request, stocktake_id: UUID) -> HttpResponse:
    """Return every line of a stocktake as an Excel workbook."""
    row = queries.get_stocktake(stocktake_id)
    ledger, _rule = queries.book_of(row.ledger)
    display = request.display
    facts = "　".join(f"{name}: {_words(value, display)}" for name, value in stocktake_facts(row, ledger))
    counts = "　".join(f"{one.result.label}: {one.count}" for one in queries.tallies(row))
    sheet = Sheet(row.document_number, _columns(), _rows(row), above=(str(row), facts, counts))
    content = make_workbook([sheet], title=str(row), author=facility_name())
    return download(content, XLSX, f"{row.document_number}_{_('Stocktake')}.xlsx")


def _columns() -> list[SheetColumn]:
    titles = [
        (_("Control number"), 14),
        (_("Name"), 24),
        (_("Result"), 16),
        (_("Place in the ledger"), 24),
        (_("Found in"), 24),
        (_("Found at"), 18),
        (_("Found by"), 14),
        (_("What is done"), 24),
        (_("Reason"), 32),
        (_("Number"), 16),
        (_("Settled at"), 18),
        (_("Settled by"), 14),
    ]
    return [SheetColumn(title, width) for title, width in titles]


def _rows(row: Stocktake) -> Iterator[list[Cell]]:
    for line in queries.lines(row).iterator(chunk_size=500):
        yield [
            line.label,
            line.name,
            str(Result(line.result).label),
            line.place_expected,
            line.place_found,
            line.found_at,
            line.found_by,
            str(Settlement(line.settlement).label) if line.settlement else "",
            line.reason,
            line.reference,
            line.settled_at,
            line.settled_by,
        ]
