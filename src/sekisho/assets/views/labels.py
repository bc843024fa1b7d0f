"""Labels with QR codes, printed from a ledger: number, asset number and facility, nothing about a person."""

import io
from typing import Any

import segno
from django.core.paginator import Page
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.errors import TooManyLabels
from sekisho.assets.forms.labels import LabelForm
from sekisho.assets.queries.stocktaking import book_of, countable_books
from sekisho.assets.rules.labels import MOST_LABELS, Layout, layout, on_sheets
from sekisho.assets.rules.stocktaking import Counted
from sekisho.assets.views.stocktake_papers import download, facility_name
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import InvalidInput
from sekisho.ledgers.forms.books import narrowing_form
from sekisho.ledgers.queries.books import Look, entries, number_of, page_of
from sekisho.ledgers.views.book_looks import look_of
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.paper import Frame, make_pdf
from sekisho.ui.parts import Align, TableColumn
from sekisho.ui.request import Request

_TEMPLATE = "assets/templates/assets/stocktaking/labels.typ"


@require_safe
@allow(StocktakeAction.LABELS)
def choose(request: Request) -> HttpResponse:
    """Show which entries the search and the filters leave, and ask for the sheet."""
    ledger, rule = _book(request.GET)
    page: Page[Any] = page_of(ledger, look_of(ledger, request.GET), page_number(request.GET))
    narrowing = narrowing_form(ledger, request.GET, request.display)
    form = LabelForm(request.GET if "sheet" in request.GET else None, initial={"used": 0})
    query = request.GET.copy()
    for name in ("page", "sheet", "used"):
        query.pop(name, None)
    context = {
        "page_title": _("Labels"),
        "books": [(one.id, one.title, one.id == ledger.id) for one in countable_books()],
        "ledger": ledger,
        "form": form,
        "kept": [(name, value) for name, values in query.lists() for value in values],
        "text": request.GET.get("q", ""),
        "filters": [narrowing[name] for name in narrowing.fields],
        "columns": [TableColumn(_("Control number"), Align.CODE, is_row_heading=True), *_more(ledger, rule)],
        "rows": [[number_of(ledger, one.number), *_cells(rule, one)] for one in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "most": MOST_LABELS,
    }
    return render(request, "assets/stocktaking/labels.html", context)


def _book(query: QueryDict) -> tuple[Ledger, Counted]:
    books = countable_books()
    named = query.get("ledger", "")
    return book_of(named if named in {ledger.id for ledger in books} else books[0].id)


def _more(ledger: Ledger, rule: Counted) -> list[TableColumn]:
    titles = {column.field: column.title for column in ledger.columns}
    return [TableColumn(titles[name]) for name in (rule.printed, rule.place) if name]


def _cells(rule: Counted, entry: Any) -> list[object]:
    return [getattr(entry, name) for name in (rule.printed, rule.place) if name]


@require_safe
@allow(StocktakeAction.LABELS)
def labels_pdf(request: Request) -> HttpResponse:
    """Return the labels of the entries that were chosen. Raises InvalidInput, TooManyLabels, PaperFailed."""
    ledger, rule = _book(request.GET)
    form = LabelForm(request.GET)
    if not form.is_valid():
        raise InvalidInput
    sheet = layout(form.cleaned_data["sheet"])
    if sheet is None:
        raise InvalidInput
    content = make_labels(
        ledger, rule, look_of(ledger, request.GET), sheet, form.cleaned_data["used"] or 0, request.display.language
    )
    return download(content, "application/pdf", f"{_('Labels')}_{ledger.prefix}.pdf")


def make_labels(ledger: Ledger, rule: Counted, look: Look, sheet: Layout, used: int, language: str) -> bytes:
    """Return the PDF with a label for each entry that a look asks for. Raises TooManyLabels, PaperFailed."""
    rows = entries(ledger, look)
    count = rows.count()
    if count > MOST_LABELS:
        raise TooManyLabels(count=count, most=MOST_LABELS)
    labels = [_label(ledger, rule, entry) for entry in rows]
    data: dict[str, Json] = {
        "sheets": on_sheets(labels, sheet.count, used),
        "columns": sheet.columns,
        "rows": sheet.rows,
        "width": sheet.width,
        "height": sheet.height,
        "left": sheet.left,
        "top": sheet.top,
        "facility": facility_name(),
        "nothing": _("There is nothing to print: no entry matches."),
    }
    frame = Frame(title=_("Labels"), number="", edition="", language=language)
    return make_pdf(_TEMPLATE, frame, data)


def _label(ledger: Ledger, rule: Counted, entry: Any) -> dict[str, Json]:
    """Number and asset number only: names and keepers may name a person, and labels are seen by everybody."""
    number = number_of(ledger, entry.number)
    printed = str(getattr(entry, rule.printed)) if rule.printed else ""
    return {"number": number, "mark": printed, "code": _drawing(number)}


def _drawing(text: str) -> str:
    """Return the QR code as SVG, with the quiet zone that readers need."""
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawing, kind="svg", scale=4, border=4, xmldecl=False)
    return drawing.getvalue().decode()
