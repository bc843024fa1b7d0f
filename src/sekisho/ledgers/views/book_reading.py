"""Pages that show a ledger and its entries."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Column, Ledger
from sekisho.ledgers.forms.books import narrowing_form
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.books import Look, Shelf, get_entry, number_of, page_of, shown_value
from sekisho.ledgers.views.book_context import facts_of, kept_facts, page_context, route_of
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Link, TableColumn
from sekisho.ui.request import Request

_UNLISTED = 6  # columns of a ledger that names none for its list


def look_of(ledger: Ledger, query: QueryDict) -> Look:
    """Return what an address asks for; words that mean nothing ask for the usual."""
    shelf = query.get("shelf", "")
    return Look(
        text=query.get("q", ""),
        shelf=Shelf(shelf) if shelf in set(Shelf) else Shelf.IN_USE,
        narrowed={column.field: query.get(column.field, "") for column in ledger.columns if column.filtered},
        order=query.get("order", "number"),
    )


def list_entries(request: Request, ledger: Ledger) -> HttpResponse:
    """Show a ledger: searched, narrowed, sorted, paged."""
    look = look_of(ledger, request.GET)
    page = page_of(ledger, look, page_number(request.GET))
    form = narrowing_form(ledger, request.GET)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "columns": _headings(ledger, request.GET, look.order),
        "rows": _rows(ledger, page.object_list),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "text": look.text,
        "filters": [form[name] for name in form.fields],
        "hidden": {"order": look.order} if look.order != "number" else {},
        "narrowed": bool(look.text) or any(look.narrowed.values()) or look.shelf is not Shelf.IN_USE,
        "query": query.urlencode(),
    }
    return render(request, "ledgers/book_list.html", page_context(request, ledger, **context))


def _listed(ledger: Ledger) -> Sequence[Column]:
    return [column for column in ledger.columns if column.listed] or ledger.columns[:_UNLISTED]


def _headings(ledger: Ledger, query: QueryDict, order: str) -> list[TableColumn]:
    first = _heading(query, order, "number", _("Control number"))
    return [first, *(_heading(query, order, column.field, column.title) for column in _listed(ledger))]


def _heading(query: QueryDict, order: str, name: str, title: Any) -> TableColumn:
    """A heading leads to its own order, and to the opposite one when the list stands in it already."""
    copied = query.copy()
    copied.pop("page", None)
    copied["order"] = f"-{name}" if order == name else name
    state = {name: "ascending", f"-{name}": "descending"}.get(order, "")
    align = Align.CODE if name == "number" else Align.TEXT
    return TableColumn(title, align, name == "number", f"?{copied.urlencode()}", state)


def _rows(ledger: Ledger, entries: Iterable[Any]) -> list[list[object]]:
    route, columns = route_of(ledger, "entry"), _listed(ledger)
    rows: list[list[object]] = []
    for entry in entries:
        head = Link(number_of(ledger, entry.number), reverse(route, args=[entry.pk]))
        rows.append([head, *(shown_value(entry, column.field) for column in columns)])
    return rows


def show_entry(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Show one entry with everything that ever happened to it."""
    entry = get_entry(ledger, entry_id)
    context = {
        "entry": entry,
        "facts": facts_of(ledger, entry),
        "kept": kept_facts(ledger, entry),
        "history": _history(request, ledger, entry),
    }
    return render(request, "ledgers/book_entry.html", page_context(request, ledger, **context))


def _history(request: Request, ledger: Ledger, entry: BookEntry) -> dict[str, Any] | None:
    """Return the table of what happened to the entry, None for a reader who may not see the register."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    return event_table(history(ledger.model.__name__.lower(), str(entry.pk)), request.display)
