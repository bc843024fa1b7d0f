"""Pages of the checklist over years and over vendors, and handing out the official form."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.checklist_years import (
    Difference,
    VendorState,
    YearRow,
    differences,
    vendor_states,
    year_by_year,
)
from sekisho.governance.queries.checklists import ChecklistForm, ChecklistLine, checklist_form, vendor_form
from sekisho.governance.rules.checklist import State
from sekisho.governance.services.official_checklists import hand_out_form
from sekisho.governance.views.checklist_papers import official_form, official_name
from sekisho.governance.views.checklist_wording import STATE_BADGES, form_context
from sekisho.governance.views.checklists import chosen_form
from sekisho.governance.views.papers import XLSX, download
from sekisho.governance.views.wording import fiscal_year_words
from sekisho.kernel.access import allow
from sekisho.kernel.dates import format_date
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request


@require_safe
@allow(GovernanceAction.VIEW)
def list_years(request: Request) -> HttpResponse:
    """Show the items of the newest years side by side."""
    chosen = chosen_form(request.GET)
    forms, rows = year_by_year(chosen.vendor)
    years = [(form.year, fiscal_year_words(form.year, request.display)) for form in forms]
    context = {
        **form_context(request.display, chosen),
        "page_title": _("The checklist year by year"),
        "columns": [
            TableColumn(_("Item"), Align.WIDE, is_row_heading=True),
            *(TableColumn(words, Align.CODE) for _year, words in years),
        ],
        "rows": [_year_row(row, forms, request.display) for row in rows],
    }
    return render(request, "governance/checklist_years.html", context)


def _year_row(row: YearRow, forms: Sequence[ChecklistForm], display: Display) -> Cells:
    for_vendor = forms[0].vendor is not None
    title = f"{row.newest.item.printed} {row.newest.item.words(display.language, for_vendor=for_vendor)}"
    return [title, *(_year_cell(row.lines.get(form.year), display) for form in forms)]


def _year_cell(line: ChecklistLine | None, display: Display) -> Badge:
    """Return how an item stood in a year; a "no" with its target day."""
    if line is None:
        return Badge(Kind.NEUTRAL, _("Not asked"))
    badge = STATE_BADGES[line.state]
    if line.answer is None or line.answer.target_on is None:
        return badge
    day = format_date(line.answer.target_on, display.calendar, display.language)
    return Badge(badge.kind, _("%(state)s (by %(day)s)") % {"state": badge.text, "day": day}, badge.symbol)


@require_safe
@allow(GovernanceAction.VIEW)
def list_vendors(request: Request) -> HttpResponse:
    """Show how far each vendor's form of a year is."""
    chosen = chosen_form(request.GET)
    page, states = vendor_states(chosen.year, page_number(request.GET))
    context = {
        **form_context(request.display, chosen),
        "page_title": _("Forms of the vendors"),
        "columns": [
            TableColumn(_("Vendor"), Align.NAME, is_row_heading=True),
            TableColumn(_("Answered"), Align.NUMBER),
            TableColumn(_("Proposals that wait"), Align.NUMBER),
            TableColumn(_("Contradicts our own answer"), Align.NUMBER),
        ],
        "rows": [_vendor_row(state, chosen.year) for state in states],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    }
    return render(request, "governance/checklist_vendors.html", context)


def _vendor_row(state: VendorState, year: int) -> Cells:
    address = f"{reverse('governance:checklist-vendor', args=[state.vendor.id])}?year={year}"
    link = Link(state.vendor.name, address)
    differing = Badge(Kind.WARN, str(state.differing)) if state.differing else state.differing
    return [link, f"{state.answered}/{state.total}", state.waiting, differing]


@require_safe
@allow(GovernanceAction.VIEW)
def show_vendor(request: Request, vendor_id: UUID) -> HttpResponse:
    """Show a vendor's answers beside our own."""
    year = chosen_form(request.GET).year
    form = checklist_form(year, vendor_form(vendor_id))
    compared = differences(form, checklist_form(year, None, form.conformity))
    shared = form_context(request.display, form)
    context = {
        **shared,
        "page_title": _("Answers of %(name)s beside our own") % {"name": form.vendor.name if form.vendor else ""},
        "columns": [
            TableColumn(_("Item"), Align.WIDE, is_row_heading=True),
            TableColumn(_("Answer of the vendor"), Align.CODE),
            TableColumn(_("Our own answer"), Align.CODE),
            TableColumn(_("Compared"), Align.CODE),
        ],
        "rows": [_difference_row(one, request.display.language) for one in compared],
        "differing": sum(one.differs for one in compared),
        "hand_out_url": f"{reverse('governance:checklist-hand-out', args=[vendor_id])}?year={year}",
        "may_hand_out": request.actor.may(GovernanceAction.HAND_OUT_CHECKLIST)
        and form.vendor is not None
        and form.vendor.is_open,
    }
    return render(request, "governance/checklist_vendor.html", context)


def _difference_row(one: Difference, language: str) -> Cells:
    item = one.vendor.item
    said = STATE_BADGES[State(one.said or "open")]
    if one.is_proposal:
        said = Badge(said.kind, _("%(answer)s (proposal)") % {"answer": said.text}, said.symbol)
    own = STATE_BADGES[one.own.state] if one.own else Badge(Kind.NEUTRAL, _("Not asked"))
    return [f"{item.printed} {item.words(language, for_vendor=True)}", said, own, _compared(one)]


def _compared(one: Difference) -> Badge:
    if one.differs:
        return Badge(Kind.WARN, _("Contradiction"))
    if one.said and one.own_answer:
        return Badge(Kind.OK, _("The same"))
    return Badge(Kind.NEUTRAL, _("Cannot be compared"))


@require_POST
@allow(GovernanceAction.HAND_OUT_CHECKLIST)
def hand_out(request: Request, vendor_id: UUID) -> HttpResponse:
    """Return the vendor's form to be filled in, and record that it was handed out."""
    year = chosen_form(request.GET).year
    form, data = hand_out_form(actor=request.actor, year=year, vendor=vendor_id)
    return download(data, XLSX, official_name(form, request.display))


@require_safe
@allow(GovernanceAction.VIEW)
def filled_in_workbook(request: Request) -> HttpResponse:
    """Return the official file of a form with the answers of persons in it. Raises NoOfficialFile."""
    form = chosen_form(request.GET)
    name, content = official_form(form, request.display)
    return download(content, XLSX, name)
