"""Pages that show a ledger and its entries."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from sekisho.kernel import clock
from sekisho.kernel.dates import format_date, in_facility
from sekisho.kernel.declarations import Column, Ledger
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.forms.book_bulk import CONFIRM, bulk_columns
from sekisho.ledgers.forms.book_files import AttachForm
from sekisho.ledgers.forms.books import narrowing_form
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.books import get_entry, number_of, page_of, shown_value
from sekisho.ledgers.services.book_bulk import MOST_AT_ONCE
from sekisho.ledgers.views.book_approval import approval_badge, approval_of
from sekisho.ledgers.views.book_context import facts_of, kept_facts, may, page_context, route_of
from sekisho.ledgers.views.book_files import file_table
from sekisho.ledgers.views.book_looks import is_narrowed, look_of, query_of
from sekisho.ledgers.views.book_views import kept_views
from sekisho.ledgers.views.no_cases import no_case_of
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_UNLISTED = 6  # columns of a ledger that names none for its list


def list_entries(request: Request, ledger: Ledger) -> HttpResponse:
    """Show a ledger: searched, narrowed, sorted, paged."""
    look = look_of(ledger, request.GET)
    page = page_of(ledger, look, page_number(request.GET))
    form = narrowing_form(ledger, request.GET, request.display)
    query = request.GET.copy()
    query.pop("page", None)
    chooses = may(request.actor, ledger, Verb.CHANGE)
    context = {
        "columns": _headings(ledger, request.GET, look.order, chooses=chooses),
        "rows": _rows(ledger, page.object_list, request.display, chooses=chooses),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "text": look.text,
        "filters": [form[name] for name in form.fields],
        "hidden": {"order": look.order} if look.order != "number" else {},
        "narrowed": is_narrowed(look),
        "query": query.urlencode(),
        "bulk": _bulk(ledger, page.paginator.count) if chooses and page.object_list else None,
        "kept_query": QueryDict(query_of(look)).items(),
        "kept_views": kept_views(request, ledger, look),
        "no_case": no_case_of(request.actor, ledger),
    }
    return render(request, "ledgers/book_list.html", page_context(request, ledger, **context))


def _listed(ledger: Ledger) -> Sequence[Column]:
    return [column for column in ledger.columns if column.listed] or ledger.columns[:_UNLISTED]


def _bulk(ledger: Ledger, count: int) -> dict[str, Any]:
    """Return what the form under the list offers: what can be done, and with how many."""
    return {
        "confirm": CONFIRM,
        "columns": bulk_columns(ledger),
        "all": count if count <= MOST_AT_ONCE else 0,
        "most": MOST_AT_ONCE,
    }


def _headings(ledger: Ledger, query: QueryDict, order: str, *, chooses: bool) -> list[TableColumn]:
    first = _heading(query, order, "number", _("Control number"))
    ticks = [TableColumn(_("Chosen"))] if chooses else []
    approval = [TableColumn(_("Approval"), Align.CODE)] if ledger.workflow else []
    listed = [_heading(query, order, column.field, column.title) for column in _listed(ledger)]
    return [*ticks, first, *listed, *approval]


def _heading(query: QueryDict, order: str, name: str, title: Any) -> TableColumn:
    """A heading leads to its own order, and to the opposite one when the list stands in it already."""
    copied = query.copy()
    copied.pop("page", None)
    copied["order"] = f"-{name}" if order == name else name
    state = {name: "ascending", f"-{name}": "descending"}.get(order, "")
    align = Align.CODE if name == "number" else Align.TEXT
    return TableColumn(title, align, name == "number", f"?{copied.urlencode()}", state)


def _rows(ledger: Ledger, entries: Iterable[Any], display: Display, *, chooses: bool) -> list[list[object]]:
    route, columns, today = route_of(ledger, "entry"), _listed(ledger), in_facility(clock.now()).date()
    rows: list[list[object]] = []
    for entry in entries:
        number = number_of(ledger, entry.number)
        ticks = [_tick(entry, number)] if chooses else []
        head = Link(number, reverse(route, args=[entry.pk]))
        approval = [approval_badge(entry)] if ledger.workflow else []
        rows.append([*ticks, head, *(_cell(entry, column, today, display) for column in columns), *approval])
    return rows


def _cell(entry: BookEntry, column: Column, today: date, display: Display) -> object:
    """Return a value for the list; a day that an entry in use must not have passed says so once it has."""
    value = shown_value(entry, column.field)
    if not (column.expires and entry.ended_at is None and value is not None and value < today):
        return value
    day = format_date(value, display.calendar, display.language)
    return Badge(Kind.NG, _("%(day)s (passed)") % {"day": day})


def _tick(entry: BookEntry, number: str) -> object:
    """Return the box that chooses an entry for the form under the list; none for what is no longer in use."""
    if entry.ended_at is not None:
        return None
    box = '<input type="checkbox" form="bulk" name="bulk-entry" value="{}" aria-label="{}">'
    return format_html(box, entry.pk, number)


def show_entry(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Show one entry with everything that ever happened to it."""
    entry = get_entry(ledger, entry_id)
    context = {
        "entry": entry,
        "facts": facts_of(ledger, entry),
        "kept": kept_facts(ledger, entry),
        "approval": approval_of(request, ledger, entry),
        "files": file_table(request, ledger, entry),
        "attach_form": AttachForm(),
        "history": _history(request, ledger, entry),
    }
    return render(request, "ledgers/book_entry.html", page_context(request, ledger, **context))


def _history(request: Request, ledger: Ledger, entry: BookEntry) -> dict[str, Any] | None:
    """Return the table of what happened to the entry, None for a reader who may not see the register."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    return event_table(history(ledger.model.__name__.lower(), str(entry.pk)), request.display)
