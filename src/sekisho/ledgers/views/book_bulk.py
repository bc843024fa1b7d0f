"""Several entries of a ledger at once: choose them in the list, say what, look at before and after, then do it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Column, Ledger
from sekisho.ledgers.errors import ChoiceRefused, EntriesRefused
from sekisho.ledgers.forms.book_bulk import CONFIRM, BulkForm, can_be_done, read_chosen, write_chosen
from sekisho.ledgers.queries.books import entries, entries_in_use, number_of, shown_value
from sekisho.ledgers.services.book_bulk import MOST_AT_ONCE, Chosen, change_entries, confirm_entries
from sekisho.ledgers.views.book_context import page_context, route_of
from sekisho.ledgers.views.book_looks import look_of, query_of
from sekisho.ui.parts import Align, Badge, Cells, Kind, TableColumn
from sekisho.ui.request import Request

_MOST_LISTED = 6  # columns beside the one that changes


def edit_chosen(request: Request, ledger: Ledger) -> HttpResponse:
    """Ask for the value, show what would change, and change it: three turns through one address."""
    if request.method == "POST":
        return _posted(request, ledger)
    do, found = request.GET.get("bulk-do", ""), _asked_for(request, ledger)
    if not (can_be_done(ledger, do) and 1 <= len(found) <= MOST_AT_ONCE):
        messages.error(request, str(ChoiceRefused(most=MOST_AT_ONCE)))
        return redirect(f"{reverse(route_of(ledger, 'list'))}?{query_of(look_of(ledger, request.GET))}")
    form = BulkForm(ledger, do, chosen=write_chosen(found))
    # To confirm there is nothing to say but yes: the entries themselves are what is looked at.
    return _page(request, ledger, do, form, found, asked=do != CONFIRM)


def _asked_for(request: Request, ledger: Ledger) -> list[Any]:
    """Return the entries ticked in the list, or all that match it, one more than can be done at once at most."""
    if "bulk-all" in request.GET:
        rows = entries(ledger, look_of(ledger, request.GET)).filter(closed_at=None, struck_at=None)
        return list(rows[: MOST_AT_ONCE + 1])
    return entries_in_use(ledger, _ids(request.GET.getlist("bulk-entry")[: MOST_AT_ONCE + 1]))


def _ids(texts: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        return []


def _posted(request: Request, ledger: Ledger) -> HttpResponse:
    do = request.POST.get("do", "")
    try:
        chosen = read_chosen(request.POST.get("chosen", ""))
    except ValueError:
        chosen = []
    if not (chosen and can_be_done(ledger, do)):
        messages.error(request, str(ChoiceRefused(most=MOST_AT_ONCE)))
        return redirect(route_of(ledger, "list"))
    form = BulkForm(ledger, do, request.POST)
    found = entries_in_use(ledger, [one.entry_id for one in chosen])
    if form.is_valid() and "sure" in request.POST:
        return _do(request, ledger, do, form, chosen)
    return _page(request, ledger, do, form, found, asked=not form.is_valid(), status=200 if form.is_valid() else 422)


def _do(request: Request, ledger: Ledger, do: str, form: BulkForm, chosen: Sequence[Chosen]) -> HttpResponse:
    try:
        if do == CONFIRM:
            number = confirm_entries(actor=request.actor, ledger=ledger, chosen=chosen)
            done = _("%(number)s entries were confirmed.")
        else:
            value = form.cleaned_data["value"]
            number = change_entries(actor=request.actor, ledger=ledger, chosen=chosen, field=do, value=value)
            done = _("%(number)s entries were changed.")
    except (ChoiceRefused, EntriesRefused) as error:
        messages.error(request, f"{error} {error.hint}")
    else:
        messages.success(request, done % {"number": number})
    return redirect(route_of(ledger, "list"))


def _page(
    request: Request, ledger: Ledger, do: str, form: BulkForm, found: Sequence[Any], *, asked: bool, status: int = 200
) -> HttpResponse:
    """Show the chosen entries with the question (``asked``) or, once it is answered, with what would become of them."""
    column = next((column for column in ledger.columns if column.field == do), None)
    heads, rows = _table(ledger, column, form, found, asked=asked)
    context = {
        "column": column,
        "asked": asked,
        "form": form if asked else form.put_away(),
        "columns": heads,
        "rows": rows,
        "count": len(found),
    }
    return render(request, "ledgers/book_bulk.html", page_context(request, ledger, **context), status=status)


def _table(
    ledger: Ledger, column: Column | None, form: BulkForm, found: Sequence[Any], *, asked: bool
) -> tuple[list[TableColumn], list[Cells]]:
    others = [one for one in ledger.columns if one.listed and one is not column][:_MOST_LISTED]
    heads = [TableColumn(_("Control number"), Align.CODE, is_row_heading=True)]
    heads += [TableColumn(one.title) for one in others]
    after: Any = None
    if column is not None:
        heads += [TableColumn(column.title)] if asked else [TableColumn(_("Before")), TableColumn(_("After"))]
        after = "" if asked else shown_value(ledger.model(**{column.field: form.cleaned_data["value"]}), column.field)
    rows: list[Cells] = []
    for entry in found:
        cells = [number_of(ledger, entry.number), *(shown_value(entry, one.field) for one in others)]
        if column is not None:
            before = shown_value(entry, column.field)
            cells += [before] if asked else [before, _unless_same(before, after)]
        rows.append(cells)
    return heads, rows


def _unless_same(before: Any, after: Any) -> Any:
    return Badge(Kind.NEUTRAL, _("Unchanged")) if before == after else after
