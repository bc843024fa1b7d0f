"""What every form of a claim shares: what was sent, how a refusal is shown, and where one goes afterwards."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sekisho.governance.forms.claims import ApplicationForm
from sekisho.governance.queries.editions import edition
from sekisho.governance.rules.catalogue import Requirement, chapter_of
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import Conflict, InvalidInput, NotFound, SekishoError
from sekisho.ledgers.views.drafting import draft_context, forget_draft, keep_draft
from sekisho.ui.request import Request


def sent(request: Request) -> tuple[Any, Any]:
    """Return the data and files that a form is bound to, nothing for a page that is only looked at."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def leaf_of(edition_id: str, requirement_id: str) -> Requirement:
    """Return a requirement that is judged. Raises NotFound, for a parent too: claims are about its children."""
    row = edition(edition_id).by_id.get(requirement_id)
    if not isinstance(row, Requirement):
        raise NotFound
    return row


def leaf_title(leaf: Requirement, language: str) -> str:
    """Return a requirement as people name it: 13 ⑥ and its title."""
    return f"{chapter_of(leaf.id)} {leaf.printed} {leaf.title.text(language)}"


def latest_day(longest: timedelta) -> date:
    """Return the last day to which a claim of today may hold."""
    return clock.now().astimezone(FACILITY_ZONE).date() + longest


def answer_claim(
    request: Request,
    form: ApplicationForm,
    act: Callable[[], UUID],
    template: str,
    context: Mapping[str, Any],
    drafts: str = "",
) -> HttpResponse:
    """Show the form; once it is sent and right, let ``act`` store it and go to the application.

    What the service refuses is shown at the field it speaks of, with the error's status; what was typed stays.
    ``drafts`` is the workflow of a form that can be kept as a draft, and opened again from one.
    """
    status = 200
    if drafts:
        context = {**context, **draft_context(request, form)}
    if drafts and request.method == "POST" and "keep_draft" in request.POST:
        kept, status = keep_draft(request, form, drafts, context["title"])
        if kept:
            return redirect(kept)
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                with transaction.atomic():
                    application_id = act()
                    forget_draft(request)
            except (InvalidInput, Conflict) as error:
                status = _show(form, error)
            else:
                messages.success(request, _("The application was sent. It counts once it is approved."))
                return redirect("ledgers:application", application_id)
    return render(request, template, {**context, "form": form, "choose_again": bool(request.FILES)}, status=status)


def _show(form: ApplicationForm, error: SekishoError) -> int:
    form.add_error(error.field if error.field in form.fields else None, str(error))
    return error.status
