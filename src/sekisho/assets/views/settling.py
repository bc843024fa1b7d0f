"""The page on which a difference is settled."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.forms.stocktaking import SettleForm
from sekisho.assets.models import StockLine, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.rules.stocktaking import DIFFERENCES, Result
from sekisho.assets.services.settling import settle_lines
from sekisho.assets.views.stocktake_words import KINDS, settled_words
from sekisho.assets.views.stocktakes import context_of
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict, InvalidInput, NotFound
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.views.book_context import may, route_of
from sekisho.ui.parts import Badge
from sekisho.ui.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
@allow(StocktakeAction.VIEW)
def settle(request: Request, stocktake_id: UUID, line_id: UUID) -> HttpResponse:
    """Show a difference; ask whoever may what is done about it, and why."""
    row = queries.get_stocktake(stocktake_id)
    line = queries.get_line(row, line_id)
    if Result(line.result) not in DIFFERENCES:
        raise NotFound
    first = {"settlement": line.settlement, "reason": line.reason, "reference": line.reference}
    form = SettleForm(request.POST if request.method == "POST" else None, initial=first, line=line)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            number = _store(request, row, line, form)
        except (Conflict, InvalidInput) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, _("Settled: %(number)s.") % {"number": number})
            return redirect(f"{reverse('assets:stocktake', args=[row.pk])}?left=1")
    ledger, _rule = queries.book_of(row.ledger)
    context = context_of(
        request, row, line=line, form=form, facts=_facts(line), links=_links(request, row, ledger, line)
    )
    return render(request, "assets/stocktaking/settle.html", context, status=status)


def _store(request: Request, row: Stocktake, line: StockLine, form: SettleForm) -> int:
    chosen = [line.pk, *(queries.alike(row, line) if form.cleaned_data.get("alike") else ())]
    return settle_lines(actor=request.actor, stocktake_id=row.pk, line_ids=chosen, decision=form.decision())


def _facts(line: StockLine) -> list[tuple[str, object]]:
    result = Result(line.result)
    return [
        (_("Control number"), line.label),
        (_("Name"), line.name),
        (_("Result"), Badge(KINDS[result], result.label)),
        (_("Place in the ledger"), line.place_expected),
        (_("Found in"), line.place_found),
        (_("Found at"), line.found_at),
        (_("Found by"), line.found_by),
        (_("What is done"), settled_words(line)),
        (_("Settled by"), line.settled_by),
    ]


def _links(request: Request, row: Stocktake, ledger: Ledger, line: StockLine) -> list[tuple[str, str]]:
    """Return where the ledger itself can be looked at, or the thing be entered with what is known of it."""
    if line.entry_id is not None:
        return [(_("Entry in the ledger"), reverse(route_of(ledger, "entry"), args=[line.entry_id]))]
    if row.ended_at is None and may(request.actor, ledger, Verb.ADD):
        _book, rule = queries.book_of(row.ledger)
        known = urlencode({rule.marks[0]: line.label, rule.place: line.place_found})
        return [(_("Enter it in the ledger"), f"{reverse(route_of(ledger, 'new'))}?{known}")]
    return []
