"""Pages that show a ledger and its entries."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.estate import queries
from sekisho.estate.actions import EstateAction
from sekisho.estate.ledgers import BY_SLUG, ENDPOINTS, FACILITY, LAYERS
from sekisho.estate.models import Entry, Layer, System
from sekisho.estate.views.context import facts_of, page_context, shown_value, slug_of
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Column, Ledger
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Link, TableColumn
from sekisho.ui.request import Request

_LIST_COLUMNS = 6


@require_safe
@allow(EstateAction.VIEW)
def list_entries(request: Request, slug: str) -> HttpResponse:
    """Show a ledger, searchable and paged."""
    ledger, text, closed = BY_SLUG[slug], request.GET.get("q", ""), "closed" in request.GET
    if ledger is FACILITY:
        return _show_facility(request)
    page = queries.entries(ledger, text, closed=closed, page=page_number(request.GET))
    context = {
        **_table(ledger, page.object_list),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "text": text,
        "closed": closed,
        "hidden": {"closed": "1"} if closed else {},
        "query": urlencode({"q": text, **({"closed": "1"} if closed else {})}),
    }
    return render(request, "estate/list.html", page_context(request, ledger, **context))


def _table(ledger: Ledger, entries: Iterable[Any], name: Callable[[Any], str] = str) -> dict[str, Any]:
    """Return columns and rows of a ledger; the first cell names the entry with ``name`` and leads to it."""
    route = f"estate:{slug_of(ledger)}-entry"
    rows = []
    for entry in entries:
        head = Link(name(entry), reverse(route, args=[entry.pk]))
        rows.append([head, *(shown_value(entry, column.field) for column in _shown(ledger))])
    first = TableColumn(_("Entry"), is_row_heading=True)
    return {"columns": [first, *(TableColumn(column.title) for column in _shown(ledger))], "rows": rows}


def _layer_name(layer: Layer) -> str:
    return layer.get_kind_display()


def _shown(ledger: Ledger) -> Sequence[Column]:
    """Return the columns of the list: what identifies an entry stands in its name already."""
    named = {"name", "kana", "note"} | ({"host", "port"} if ledger is ENDPOINTS else set())
    return [column for column in ledger.columns if column.field not in named][:_LIST_COLUMNS]


@require_safe
@allow(EstateAction.VIEW)
def show_entry(request: Request, slug: str, entry_id: UUID) -> HttpResponse:
    """Show one entry with its history; a system with its layers and endpoints too."""
    ledger = BY_SLUG[slug]
    entry = queries.get_entry(ledger, entry_id)
    system = entry if isinstance(entry, System) else None
    context: dict[str, Any] = {
        "entry": entry,
        "facts": facts_of(ledger, entry),
        "history": _history(request, entry),
        "layers": _table(LAYERS, queries.layers_of(system), _layer_name) if system else None,
        "new_endpoint": f"{reverse('estate:endpoints-new')}?system={entry.pk}",
        "endpoints": _table(ENDPOINTS, queries.endpoints_of(system)) if system else None,
        "may_add": request.actor.may(EstateAction.ADD) and entry.closed_at is None,
    }
    return render(request, "estate/entry.html", page_context(request, ledger, **context))


def _history(request: Request, entry: Entry) -> dict[str, Any] | None:
    """Return the table of what happened to the entry, None for a reader who may not see the register."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    return event_table(history(type(entry).__name__.lower(), str(entry.pk)), request.display)


def _show_facility(request: Request) -> HttpResponse:
    """There is one facility: its list is the entry itself, or the form while it is missing."""
    facility = queries.facility()
    if facility is not None:
        return show_entry(request, "facility", facility.pk)
    return render(request, "estate/no_facility.html", page_context(request, FACILITY))
