"""The page on which somebody states that there was nothing to enter in a ledger, and what its list shows of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.forms.no_cases import NoCaseForm
from sekisho.ledgers.queries.no_cases import can_be_empty, cases, offered_period, statement
from sekisho.ledgers.services.no_cases import state_no_case
from sekisho.ledgers.views.book_context import may, page_context, route_of
from sekisho.ui.request import Request


def state(request: Request, ledger: Ledger) -> HttpResponse:
    """Ask for the days, then state that there was no case."""
    posted = request.method == "POST"
    first, last = offered_period(ledger)
    form = NoCaseForm(request.POST if posted else None, initial={"first_day": first, "last_day": last})
    status = 200
    if posted and form.is_valid():
        try:
            state_no_case(actor=request.actor, ledger=ledger, **form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, _("It was stated that there was no case."))
            return redirect(route_of(ledger, "list"))
    elif posted:
        status = 422
    return render(request, "ledgers/book_no_case.html", page_context(request, ledger, form=form), status=status)


def no_case_of(actor: Actor, ledger: Ledger) -> dict[str, Any] | None:
    """Return what the list shows: the statement that holds today, and whether the reader may state one.

    None for a ledger that is never empty, and for one with entries where they are not events.
    """
    if not can_be_empty(ledger):
        return None
    first, last = offered_period(ledger)
    stated = statement(ledger)
    offered = stated is None and may(actor, ledger, Verb.ADD) and not cases(ledger, first, last).exists()
    return {"stated": stated, "offered": offered} if stated or offered else None
