"""Pages of the stocktakes: which there are, beginning one, how it stands, its end."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.forms.stocktaking import CancelForm, ClosingForm, LinesForm, StocktakeForm
from sekisho.assets.models import Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.services import stocktaking as services
from sekisho.assets.views.stocktake_words import KINDS, line_columns, line_row, stocktake_facts
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


def context_of(request: Request, row: Stocktake, **more: Any) -> dict[str, Any]:
    """Return what every page of one stocktake needs, with ``more`` on top."""
    may = {action.name.lower(): request.actor.may(action) for action in StocktakeAction}
    return {"page_title": _("Stocktakes"), "stocktake": row, "goes_on": row.ended_at is None, "may": may, **more}


@require_safe
@allow(StocktakeAction.VIEW)
def list_stocktakes(request: Request) -> HttpResponse:
    """Show the stocktakes, those that go on first."""
    page = queries.page_of_stocktakes(page_number(request.GET))
    context = {
        "page_title": _("Stocktakes"),
        "columns": [
            TableColumn(_("Number"), Align.CODE, is_row_heading=True),
            TableColumn(_("Name"), Align.WIDE),
            TableColumn(_("Ledger")),
            TableColumn(_("Last day"), Align.CODE),
            TableColumn(_("State")),
            TableColumn(_("Found"), Align.NUMBER),
            TableColumn(_("Things expected"), Align.NUMBER),
            TableColumn(_("Differences left"), Align.NUMBER),
        ],
        "rows": [_row(row) for row in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "may_begin": request.actor.may(StocktakeAction.BEGIN),
        "may_print": request.actor.may(StocktakeAction.LABELS),
    }
    return render(request, "assets/stocktaking/list.html", context)


def _row(row: Any) -> Cells:
    ledger, _rule = queries.book_of(row.ledger)
    url = reverse("assets:stocktake", args=[row.pk])
    left = row.left if row.ended_at is None else 0
    return [
        Link(row.document_number, url),
        row.name,
        ledger.title,
        row.ends_on,
        state(row),
        row.met,
        row.expected,
        left,
    ]


def state(row: Stocktake) -> Badge:
    """Return how a stocktake stands, in a badge."""
    if row.cancelled_at:
        return Badge(Kind.NEUTRAL, _("Cancelled"))
    if row.closed_at:
        return Badge(Kind.OK, _("Signed off"))
    if row.ends_on < queries.today():
        return Badge(Kind.WARN, _("Overdue"))
    return Badge(Kind.INFO, _("Going on"))


@require_http_methods(_METHODS)
@allow(StocktakeAction.BEGIN)
def begin(request: Request) -> HttpResponse:
    """Ask what is counted, then freeze what is expected."""
    first = {"responsible": request.actor.name, "begins_on": queries.today(), **request.GET.dict()}
    form = StocktakeForm(request.POST if request.method == "POST" else None, initial=first)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            row = services.begin_stocktake(actor=request.actor, plan=form.plan())
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The stocktake has begun: %(count)s are expected.") % {"count": row.expected})
            return redirect("assets:stocktake", row.pk)
    context = {"page_title": _("Begin a stocktake"), "form": form}
    return render(request, "assets/stocktaking/begin.html", context, status=status)


@require_safe
@allow(StocktakeAction.VIEW)
def show(request: Request, stocktake_id: UUID) -> HttpResponse:
    """Show how a stocktake stands, and its lines as they were asked for."""
    row = queries.get_stocktake(stocktake_id)
    ledger, _rule = queries.book_of(row.ledger)
    result, text, left = (request.GET.get(name, "") for name in ("result", "q", "left"))
    page = queries.page_of_lines(row, page_number(request.GET), result=result, text=text, only_open=bool(left))
    narrowing, here = LinesForm(request.GET), reverse("assets:stocktake", args=[row.pk])
    tallies = queries.tallies(row)
    context = context_of(
        request,
        row,
        state=state(row),
        facts=stocktake_facts(row, ledger),
        figures=[
            {
                "kind": KINDS[one.result].value,
                "label": one.result.label,
                "value": one.count,
                "url": f"{here}?result={one.result.value}",
                "note": _("%(left)s not settled") % {"left": one.left} if one.left else "",
            }
            for one in tallies
        ],
        left=sum(one.left for one in tallies),
        columns=line_columns(),
        rows=[line_row(row, line) for line in page.object_list],
        page=PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        text=text,
        filters=[narrowing[name] for name in narrowing.fields],
        here=here,
        narrowed=bool(result or text or left),
    )
    return render(request, "assets/stocktaking/stocktake.html", context)


@require_http_methods(_METHODS)
@allow(StocktakeAction.CLOSE)
def close(request: Request, stocktake_id: UUID) -> HttpResponse:
    """Ask once more, then sign the stocktake off in the name of whoever asks."""
    row = queries.get_stocktake(stocktake_id)
    form = ClosingForm(request.POST if request.method == "POST" else None)

    def sign() -> None:
        services.close_stocktake(actor=request.actor, stocktake_id=row.pk, note=form.cleaned_data["note"])
        messages.success(request, _("The stocktake is closed. Print the summary and file it."))

    return _ending(request, row, form, sign, "assets/stocktaking/close.html")


@require_http_methods(_METHODS)
@allow(StocktakeAction.CANCEL)
def cancel(request: Request, stocktake_id: UUID) -> HttpResponse:
    """Ask why, then end the stocktake without a result."""
    row = queries.get_stocktake(stocktake_id)
    form = CancelForm(request.POST if request.method == "POST" else None)

    def give_up() -> None:
        services.cancel_stocktake(actor=request.actor, stocktake_id=row.pk, reason=form.cleaned_data["reason"])
        messages.success(request, _("The stocktake was cancelled."))

    return _ending(request, row, form, give_up, "assets/stocktaking/cancel.html")


def _ending(request: Request, row: Stocktake, form: forms.Form, end: Any, template: str) -> HttpResponse:
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            end()
        except (Conflict, InvalidInput) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            return redirect("assets:stocktake", row.pk)
    ledger, _rule = queries.book_of(row.ledger)
    context = context_of(
        request,
        row,
        form=form,
        facts=stocktake_facts(row, ledger),
        left=queries.unsettled(row),
        tallies=[(one.result.label, one.count) for one in queries.tallies(row)],
    )
    return render(request, template, context, status=status)
