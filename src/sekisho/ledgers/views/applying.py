"""Applying for the approval of an entry of a ledger, from the entry's page; also once more after it was sent back."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel import registry
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from sekisho.ledgers import queries, services
from sekisho.ledgers.actions import LedgersAction, Verb
from sekisho.ledgers.forms.steps import ApplyForm
from sekisho.ledgers.queries.books import action_of, books, get_entry
from sekisho.ledgers.queries.entry_approval import applied_content, applied_facts
from sekisho.ledgers.views.book_context import page_context, route_of
from sekisho.register.services import record_refusal
from sekisho.ui.forms import offer_again
from sekisho.ui.request import Request


def _ledger(ledger_id: str) -> Ledger:
    """Return the ledger of an address whose entries are approved. Raises NotFound."""
    found = next((ledger for ledger in books() if ledger.id == ledger_id and ledger.workflow), None)
    if found is None:
        raise NotFound
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@allow(LedgersAction.SUBMIT)
def apply_for_entry(request: Request, ledger_id: str, entry_id: UUID) -> HttpResponse:
    """Show the entry as it is applied for, then apply."""
    ledger = _ledger(ledger_id)
    request.actor.require(action_of(ledger, Verb.VIEW))
    workflow = registry.current().workflow(ledger.workflow or "")
    if workflow is None:
        raise NotFound
    entry, status = get_entry(ledger, entry_id), 200
    posted = request.method == "POST"
    form = ApplyForm(
        request.POST if posted else None,
        initial={"version": entry.version},
        after_the_fact=workflow.after_the_fact is not None,
    )
    if posted and form.is_valid():
        try:
            made = services.apply_for_entry(actor=request.actor, ledger=ledger, entry_id=entry_id, **form.cleaned_data)
        except (Conflict, Forbidden, InvalidInput) as error:
            if isinstance(error, Forbidden):
                record_refusal(actor=request.actor, action=LedgersAction.SUBMIT, code=error.code)
            form.add_error(error.field if error.field in form.fields else None, str(error))
            entry, status = get_entry(ledger, entry_id), error.status
            offer_again(form, entry.version)
        else:
            messages.success(request, _("You applied for the approval of “%(name)s”.") % {"name": entry})
            return redirect("ledgers:application", made.pk)
    context = {
        "entry": entry,
        "facts": applied_facts(ledger, applied_content(ledger, entry)),
        "form": form,
        "workflow": workflow,
    }
    status = 422 if status == 200 and posted else status
    return render(request, "ledgers/book_apply.html", page_context(request, ledger, **context), status=status)


@require_safe
@allow(LedgersAction.AMEND)
def amend_entry(request: Request, application_id: UUID) -> HttpResponse:
    """Lead to the entry that an application is about: it is corrected there, and applied for again."""
    application = queries.get_application(request.actor, application_id)
    content = json.loads(queries.submissions_of(application)[0].content)
    ledger = _ledger(str(content.get("ledger", "")))
    messages.info(request, _("Correct the entry, then apply for its approval again."))
    return redirect(reverse(route_of(ledger, "entry"), args=[UUID(application.key)]))
