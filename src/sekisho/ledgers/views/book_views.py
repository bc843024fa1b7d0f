"""Views of a ledger under a name: kept, found above the list, removed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import InvalidInput
from sekisho.ledgers.forms.book_views import ViewForm
from sekisho.ledgers.queries.book_views import get_view, may_drop, may_share, views_for
from sekisho.ledgers.queries.books import Look
from sekisho.ledgers.services.book_views import drop_view, keep_view
from sekisho.ledgers.views.book_context import page_context, route_of
from sekisho.ledgers.views.book_looks import look_of, query_of
from sekisho.ui.request import Request


def kept_views(request: Request, ledger: Ledger, look: Look) -> dict[str, Any]:
    """Return the views above the list, which of them is shown, and the form that keeps the one that is."""
    query = query_of(look)
    kept = [
        {
            "view": view,
            "url": f"?{view.query}",
            "is_current": view.query == query,
            "remove_url": _remove_url(ledger, view.pk) if may_drop(request.actor, ledger, view) else "",
        }
        for view in views_for(request.actor, ledger)
    ]
    form = ViewForm(initial={"query": query}, may_share=may_share(request.actor, ledger))
    return {"kept": kept, "form": form, "url": reverse(route_of(ledger, "views")), "worth_keeping": bool(query)}


def _remove_url(ledger: Ledger, view_id: UUID) -> str:
    return reverse(route_of(ledger, "view-remove"), args=[view_id])


def keep(request: Request, ledger: Ledger) -> HttpResponse:
    """Keep the look that the form carries under the name that was typed."""
    form = ViewForm(request.POST, may_share=may_share(request.actor, ledger))
    query = query_of(look_of(ledger, QueryDict(request.POST.get("query", "")[:2000])))
    if form.is_valid():
        said = form.cleaned_data
        try:
            view = keep_view(
                actor=request.actor, ledger=ledger, name=said["name"], query=query, shared=said.get("shared", False)
            )
        except InvalidInput as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The view “%(name)s” was kept.") % {"name": view.name})
    else:
        messages.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    return redirect(f"{reverse(route_of(ledger, 'list'))}?{query}")


def remove(request: Request, ledger: Ledger, view_id: UUID) -> HttpResponse:
    """Ask once more, then remove a view; no entry is touched by it."""
    view = get_view(request.actor, ledger, view_id)
    if request.method == "POST":
        name = drop_view(actor=request.actor, ledger=ledger, view_id=view_id)
        messages.success(request, _("The view “%(name)s” was removed.") % {"name": name})
        return redirect(route_of(ledger, "list"))
    return render(request, "ledgers/book_view_end.html", page_context(request, ledger, view=view))
