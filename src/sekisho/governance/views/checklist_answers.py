"""Pages about answers from elsewhere: a filled-in form that came back, proposals, and taking them over."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.checklists import ReturnedFileForm, TakeOverForm
from sekisho.governance.queries.checklist_proposals import (
    Compared,
    Proposal,
    Returned,
    ReturnedLine,
    proposals,
    returned,
)
from sekisho.governance.queries.checklists import ChecklistForm
from sekisho.governance.queries.official_checklists import checklist_file
from sekisho.governance.rules.checklist import State
from sekisho.governance.services.checklist_proposals import TakingOver, propose_answers, take_over_answers
from sekisho.governance.services.official_checklists import ANSWERS, GivenFile, receive_answers
from sekisho.governance.views.checklist_wording import STATE_BADGES, form_context
from sekisho.governance.views.checklists import chosen_form
from sekisho.governance.views.official_checklists import remark_columns, remark_rows
from sekisho.governance.views.wording import fiscal_year_words
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.xlsx.package import LARGEST
from sekisho.ui.display import Display
from sekisho.ui.parts import Align, Badge, Cells, Kind, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_COMPARED = {
    Compared.NEW: Badge(Kind.INFO, gettext_lazy("New answer")),
    Compared.CHANGED: Badge(Kind.WARN, gettext_lazy("Differs")),
    Compared.UNCHANGED: Badge(Kind.OK, gettext_lazy("As kept")),
    Compared.EMPTY: Badge(Kind.NEUTRAL, gettext_lazy("Not answered in the file")),
}


@require_http_methods(_METHODS)
@allow(GovernanceAction.RECEIVE_CHECKLIST)
def give_answers(request: Request) -> HttpResponse:
    """Keep a filled-in form and go to its preview."""
    wanted = chosen_form(request.GET)
    form = ReturnedFileForm(*((request.POST, request.FILES) if request.method == "POST" else (None, None)))
    shared, status = form_context(request.display, wanted), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file, vendor = form.cleaned_data["file"], UUID(wanted.vendor.id) if wanted.vendor else None
            given = GivenFile(file.name or "", file.read(LARGEST + 1), wanted.year, vendor=vendor)
            try:
                kept = receive_answers(actor=request.actor, given=given)
            except (InvalidInput, Conflict) as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                return redirect("governance:checklist-returned-file", kept.pk)
    context = {
        "page_title": _("Take in a filled-in form"),
        "lead": f"{shared['whose']} {shared['year_words']}",
        "form": form,
        "back": shared["list_url"],
        "back_title": _("Inspection checklist"),
    }
    return render(request, "governance/checklist_give.html", context, status=status)


@require_http_methods(_METHODS)
@allow(GovernanceAction.PROPOSE_ANSWERS)
def show_returned(request: Request, file_id: UUID) -> HttpResponse:
    """Show what a filled-in form says beside what is kept; keep what differs as proposals."""
    seen = returned(checklist_file(file_id, ANSWERS))
    shared = form_context(request.display, seen.form)
    refused, status = "", 200
    if request.method == "POST":
        try:
            number = propose_answers(actor=request.actor, file_id=file_id)
        except (InvalidInput, Conflict) as error:
            refused, status = str(error), error.status
        else:
            said = ngettext("%(number)s answer waits for you.", "%(number)s answers wait for you.", number)
            messages.success(request, said % {"number": number})
            return redirect(shared["proposals_url"])
    context = {**shared, **_returned(seen), "refused": refused}
    return render(request, "governance/checklist_returned.html", context, status=status)


def _returned(seen: Returned) -> dict[str, Any]:
    differing = sum(one.compared in (Compared.NEW, Compared.CHANGED) for one in seen.lines)
    return {
        "page_title": _("What the filled-in form says"),
        "file": seen.file,
        "columns": [
            TableColumn(_("No."), Align.CODE, is_row_heading=True),
            TableColumn(_("In the file"), Align.CODE),
            TableColumn(_("Confirmed on"), Align.CODE),
            TableColumn(_("Target day"), Align.CODE),
            TableColumn(_("Name in the file"), Align.NAME),
            TableColumn(_("Kept answer"), Align.CODE),
            TableColumn(_("Compared"), Align.CODE),
        ],
        "rows": [_returned_row(one) for one in seen.lines],
        "remark_columns": remark_columns(),
        "remarks": remark_rows(seen.remarks),
        "differing": differing,
    }


def _returned_row(one: ReturnedLine) -> Cells:
    given = one.given
    said = STATE_BADGES[State(given.answer)] if given.answer else "―"
    kept = STATE_BADGES[one.line.state]
    badge = _COMPARED[one.compared]
    return [one.line.item.printed, said, given.confirmed_on, given.target_on, given.name, kept, badge]


@require_safe
@allow(GovernanceAction.VIEW)
def list_proposals(request: Request) -> HttpResponse:
    """Show what is proposed for a form, with the form to take it over."""
    form = chosen_form(request.GET)
    return _proposals_page(request, form, None)


@require_POST
@allow(GovernanceAction.ANSWER_CHECKLIST)
def take_over(request: Request) -> HttpResponse:
    """Answer the ticked items with what is proposed."""
    form = chosen_form(request.GET)
    takeable = [one.line.item.id for one in proposals(form) if one.is_takeable]
    entered, status = TakeOverForm(request.POST, items=takeable), 422
    if entered.is_valid():
        data = entered.cleaned_data
        taking = TakingOver(form.year, data["items"], form.vendor.id if form.vendor else "", data["confirmed_on"])
        try:
            number = take_over_answers(actor=request.actor, taking=taking)
        except InvalidInput as error:
            entered.add_error(error.field if error.field in entered.fields else None, str(error))
            status = error.status
        else:
            said = ngettext("%(number)s answer was kept.", "%(number)s answers were kept.", number)
            messages.success(request, said % {"number": number})
            return redirect(form_context(request.display, form)["list_url"])
    return _proposals_page(request, form, entered, status)


def _proposals_page(
    request: Request, form: ChecklistForm, entered: TakeOverForm | None, status: int = 200
) -> HttpResponse:
    found = proposals(form)
    takeable = [one.line.item.id for one in found if one.is_takeable]
    shared = form_context(request.display, form)
    context = {
        **shared,
        "page_title": _("Proposed answers"),
        "rows": [_proposal_row(request.display, form, one) for one in found],
        "form": entered or TakeOverForm(items=takeable),
        "ticked": request.POST.getlist("items"),
        "may_answer": request.actor.may(GovernanceAction.ANSWER_CHECKLIST)
        and (form.vendor is None or form.vendor.is_open),
        "take_url": f"{reverse('governance:checklist-take')}?{shared['list_query']}",
    }
    return render(request, "governance/checklist_proposals.html", context, status=status)


def _proposal_row(display: Display, form: ChecklistForm, one: Proposal) -> tuple[Proposal, str, Badge, str]:
    """Return a proposal with the words of its item, its answer, and where it comes from."""
    words = one.line.item.words(display.language, for_vendor=form.vendor is not None)
    is_year = one.is_carried and one.source.isdecimal()
    source = _("Answer of %(year)s") % {"year": fiscal_year_words(int(one.source), display)} if is_year else one.source
    return one, words, STATE_BADGES[State(one.answer)], source
