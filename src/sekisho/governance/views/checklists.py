"""The checklist of inspections: the list of a fiscal year, one item with its answers, answering it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.checklists import AnswerForm
from sekisho.governance.models import ChecklistAnswer
from sekisho.governance.queries.checklist_proposals import overdue_before, proposals
from sekisho.governance.queries.checklists import (
    ChecklistForm,
    VendorForm,
    answers_to,
    checklist_form,
    checklist_years,
    today,
    vendor_form,
    vendor_forms,
)
from sekisho.governance.services.checklists import Answering, answer_item
from sekisho.governance.services.currency import are_old
from sekisho.governance.views.checklist_wording import (
    STATE_BADGES,
    answer_badge,
    form_context,
    grounds,
    item_row,
    item_rows,
    recommended_then,
)
from sekisho.governance.views.wording import fiscal_year_words
from sekisho.kernel.access import allow
from sekisho.kernel.dates import fiscal_year, format_date
from sekisho.kernel.errors import InvalidInput, NotFound
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Cells, TableColumn
from sekisho.ui.request import Request

_LONGEST_YEAR = 4


@require_safe
@allow(GovernanceAction.VIEW)
def list_items(request: Request) -> HttpResponse:
    """Show every item of a year's form with what is recommended and what was answered."""
    form = chosen_form(request.GET)
    context = {
        **_shared(request, form),
        "years": [(year, fiscal_year_words(year, request.display)) for year in checklist_years()],
        "vendors": _offered(form.vendor),
        "counts": [(badge, form.counts.get(state, 0)) for state, badge in STATE_BADGES.items()],
        "answered": sum(line.answer is not None for line in form.lines),
        "total": len(form.lines),
        "sections": list(item_rows(form, request.display.language)),
        "other_list": _other_list(form, request.display),
        "proposed": len(proposals(form)),
        "overdue": _overdue(form, request.display),
    }
    return render(request, "governance/checklist.html", context)


def chosen_form(query: QueryDict) -> ChecklistForm:
    """Return the form that an address asks for: of the present year and of the facility where it says nothing.

    Raises NotFound, ChecklistYearWrong.
    """
    said = query.get("year", "")
    is_year = said.isascii() and said.isdecimal() and len(said) <= _LONGEST_YEAR
    return checklist_form(int(said) if is_year else fiscal_year(today()), _chosen_vendor(query))


def _chosen_vendor(query: QueryDict) -> VendorForm | None:
    said = query.get("vendor", "")
    if not said:
        return None
    try:
        return vendor_form(UUID(said))
    except ValueError as error:
        raise NotFound from error


def _offered(chosen: VendorForm | None) -> list[VendorForm]:
    """Return the vendors to choose from; the chosen one is among them even when it was closed."""
    found = vendor_forms()
    return [*found, chosen] if chosen and not chosen.is_open else found


def _other_list(form: ChecklistForm, display: Display) -> str:
    """Say that the list is one of an earlier year, empty where it is the year's own."""
    if form.checklist.fiscal_year == form.year:
        return ""
    own, year = (fiscal_year_words(one, display) for one in (form.checklist.fiscal_year, form.year))
    return _("The list of %(year)s does not come with this version. These are the items of %(own)s.") % {
        "year": year,
        "own": own,
    }


def _overdue(form: ChecklistForm, display: Display) -> list[tuple[str, str, str]]:
    """Return the items that were to be done by a day which has passed, as the year before said: id, number, day."""
    found = overdue_before(form)
    return [
        (name, form.line(name).item.printed, format_date(one.answer.target_on, display.calendar, display.language))
        for name, one in found.items()
        if one.answer.target_on
    ]


def _shared(request: Request, form: ChecklistForm) -> dict[str, Any]:
    """Return what the pages of a form share."""
    is_open = form.vendor is None or form.vendor.is_open
    return {
        **form_context(request.display, form),
        "are_old": are_old(),
        "may_answer": request.actor.may(GovernanceAction.ANSWER_CHECKLIST) and is_open,
    }


@require_safe
@allow(GovernanceAction.VIEW)
def show_item(request: Request, year: int, item_id: str) -> HttpResponse:
    """Show one item: what it rests on, every answer to it, and the form for a new one."""
    form = checklist_form(year, _chosen_vendor(request.GET))
    return _item_page(request, form, item_id, AnswerForm(initial={"confirmed_on": today()}))


@require_POST
@allow(GovernanceAction.ANSWER_CHECKLIST)
def answer(request: Request, year: int, item_id: str) -> HttpResponse:
    """Keep an answer."""
    form = checklist_form(year, _chosen_vendor(request.GET))
    entered = AnswerForm(request.POST)
    status = 422
    if entered.is_valid():
        try:
            answer_item(actor=request.actor, answering=_answering(form, item_id, entered))
        except InvalidInput as error:
            entered.add_error(error.field if error.field in entered.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, _("The answer was kept."))
            return redirect(f"{_shared(request, form)['list_url']}#item-{item_id}")
    return _item_page(request, form, item_id, entered, status)


def _answering(form: ChecklistForm, item_id: str, entered: AnswerForm) -> Answering:
    data = entered.cleaned_data
    return Answering(
        fiscal_year=form.year,
        item=item_id,
        is_yes=data["answer"] == "yes",
        vendor=UUID(form.vendor.id) if form.vendor else None,
        confirmed_on=data["confirmed_on"],
        target_on=data["target_on"],
        note=data["note"],
    )


def _item_page(
    request: Request, form: ChecklistForm, item_id: str, entered: AnswerForm, status: int = 200
) -> HttpResponse:
    line = form.line(item_id)
    language = request.display.language
    answers = answers_to(form, item_id, page_number(request.GET))
    shared = _shared(request, form)
    path = reverse("governance:checklist-answer", args=[form.year, item_id])
    context = {
        **shared,
        "answer_url": f"{path}?{shared['vendor_query']}" if form.vendor else path,
        "form": entered,
        "row": item_row(form, line, language),
        "grounds": grounds(form, line.leaves, language),
        "columns": [
            TableColumn(_("Answered at"), Align.CODE, is_row_heading=True),
            TableColumn(_("Answer"), Align.CODE),
            TableColumn(_("Confirmed on"), Align.CODE),
            TableColumn(_("Target day"), Align.CODE),
            TableColumn(_("Confirmed by"), Align.NAME),
            TableColumn(_("Recommended then"), Align.CODE),
            TableColumn(_("Note"), Align.WIDE),
        ],
        "rows": [_history_row(one) for one in answers.object_list],
        "page": PagePosition(answers.number, answers.paginator.num_pages, answers.paginator.count),
    }
    return render(request, "governance/checklist_item.html", context, status=status)


def _history_row(one: ChecklistAnswer) -> Cells:
    badge, recommended = answer_badge(one), recommended_then(one)
    return [one.answered_at, badge, one.confirmed_on, one.target_on, one.answered_by_name, recommended, _note(one)]


def _note(one: ChecklistAnswer) -> str:
    """Return the note, and where the answer was proposed."""
    proposed = _("Taken over from: %(source)s") % {"source": one.source} if one.source else ""
    return " ".join(part for part in (one.note, proposed) if part)
