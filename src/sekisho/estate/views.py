"""Pages of the estate: for every ledger a list, one entry, its form, closing and reopening."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.estate import queries, services
from sekisho.estate.actions import EstateAction
from sekisho.estate.errors import EntryInvalid, InUse
from sekisho.estate.forms import ReasonForm, entry_form
from sekisho.estate.ledgers import BY_SLUG, ENDPOINTS, FACILITY, LAYERS
from sekisho.estate.models import Layer, System
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Column, Ledger
from sekisho.kernel.errors import Conflict
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
    }
    return render(request, "estate/list.html", _context(request, ledger, **context))


def _table(ledger: Ledger, entries: Iterable[Any], name: Callable[[Any], str] = str) -> dict[str, Any]:
    """Return columns and rows of a ledger; the first cell names the entry with ``name`` and leads to it."""
    route = f"estate:{_slug(ledger)}-entry"
    rows = []
    for entry in entries:
        head = Link(name(entry), reverse(route, args=[entry.pk]))
        rows.append([head, *(_cell(entry, column.field) for column in _shown(ledger))])
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
        "facts": [(column.title, _cell(entry, column.field)) for column in ledger.columns],
        "history": event_table(history(type(entry).__name__.lower(), str(entry.pk))),
        "layers": _table(LAYERS, queries.layers_of(system), _layer_name) if system else None,
        "new_endpoint": f"{reverse('estate:endpoints-new')}?system={entry.pk}",
        "endpoints": _table(ENDPOINTS, queries.endpoints_of(system)) if system else None,
    }
    return render(request, "estate/entry.html", _context(request, ledger, **context))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(EstateAction.ADD)
def add_entry(request: Request, slug: str) -> HttpResponse:
    """Take in a new entry."""
    ledger = BY_SLUG[slug]
    form = entry_form(ledger)(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            entry = services.add_entry(actor=request.actor, ledger=ledger, values=form.cleaned_data)
        except EntryInvalid as error:
            _show_faults(form, error)
        else:
            messages.success(request, _("“%(name)s” was added.") % {"name": entry})
            return redirect(f"estate:{slug}-entry", entry.pk)
    return render(request, "estate/form.html", _context(request, ledger, form=form), status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(EstateAction.CHANGE)
def change_entry(request: Request, slug: str, entry_id: UUID) -> HttpResponse:
    """Change an entry; a change made by someone else meanwhile is shown, not overwritten."""
    ledger = BY_SLUG[slug]
    entry = queries.get_entry(ledger, entry_id)
    form = entry_form(ledger)(request.POST or None, instance=entry)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_entry(
                actor=request.actor,
                ledger=ledger,
                entry_id=entry_id,
                version=form.cleaned_data["version"] or 0,
                values=form.cleaned_data,
            )
        except EntryInvalid as error:
            _show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("“%(name)s” was changed.") % {"name": queries.get_entry(ledger, entry_id)})
            return redirect(f"estate:{slug}-entry", entry_id)
    current = queries.get_entry(ledger, entry_id)
    context = _context(request, ledger, form=form, entry=current)
    return render(request, "estate/form.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(EstateAction.CLOSE)
def close_entry(request: Request, slug: str, entry_id: UUID) -> HttpResponse:
    """Ask for the reason, then close the entry."""
    ledger = BY_SLUG[slug]
    entry = queries.get_entry(ledger, entry_id)
    form = ReasonForm(request.POST or None, initial={"version": entry.version})
    if request.method == "POST" and form.is_valid():
        try:
            services.close_entry(actor=request.actor, ledger=ledger, entry_id=entry_id, **form.cleaned_data)
        except InUse as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("“%(name)s” was closed. It can be reopened.") % {"name": entry})
            return redirect(f"estate:{slug}-entry", entry_id)
    context = _context(request, ledger, form=form, entry=entry)
    return render(request, "estate/close.html", context, status=_status(form))


@require_POST
@allow(EstateAction.REOPEN)
def reopen_entry(request: Request, slug: str, entry_id: UUID) -> HttpResponse:
    """Open a closed entry again."""
    ledger = BY_SLUG[slug]
    version = _number(request.POST.get("version"))
    entry = services.reopen_entry(
        actor=request.actor, ledger=ledger, entry_id=entry_id, version=version, reason=request.POST.get("reason", "")
    )
    messages.success(request, _("“%(name)s” was reopened.") % {"name": entry})
    return redirect(f"estate:{slug}-entry", entry_id)


def _show_facility(request: Request) -> HttpResponse:
    """There is one facility: its list is the entry itself, or the form while it is missing."""
    facility = queries.facility()
    if facility is not None:
        return show_entry(request, "facility", facility.pk)
    return render(request, "estate/no_facility.html", _context(request, FACILITY))


def _context(request: Request, ledger: Ledger, **more: Any) -> dict[str, Any]:
    list_url = reverse(f"estate:{_slug(ledger)}")
    entry = more.get("entry")
    return {
        "ledger": ledger,
        "slug": _slug(ledger),
        "page_title": ledger.title,
        "list_url": list_url,
        "cancel_url": f"{list_url}{entry.pk}/" if entry else list_url,
        "fixed": ledger.model.fixed,
        "may_add": request.actor.may(EstateAction.ADD),
        "may_change": request.actor.may(EstateAction.CHANGE),
        "may_close": request.actor.may(EstateAction.CLOSE) and not ledger.model.fixed,
        **more,
    }


def _slug(ledger: Ledger) -> str:
    return ledger.id.removeprefix("estate.")


def _cell(entry: Any, field: str) -> Any:
    display = getattr(entry, f"get_{field}_display", None)
    return display() if display else getattr(entry, field)


def _show_faults(form: "forms.ModelForm[Any]", error: EntryInvalid) -> None:
    for field, faults in error.faults.items():
        form.add_error(field if field in form.fields else None, faults)


def _status(form: forms.BaseForm) -> int:
    return 422 if form.is_bound and not form.is_valid() else 200


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
