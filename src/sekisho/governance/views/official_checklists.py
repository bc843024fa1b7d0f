"""Pages about official checklists as files: which were taken over, giving one, looking at it, taking it over."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.checklists import MatchForm, OfficialFileForm
from sekisho.governance.models import OfficialChecklist
from sekisho.governance.queries.checklists import today
from sekisho.governance.queries.official_checklists import (
    FIRST_YEAR,
    Preview,
    checklist_file,
    official_lists,
    preview,
)
from sekisho.governance.rules.official_checklist.items import Remark
from sekisho.governance.rules.official_checklist.matching import Change, Match
from sekisho.governance.rules.official_checklist.reading import ListKind
from sekisho.governance.services.official_checklists import OFFICIAL, GivenFile, adopt_checklist, receive_official
from sekisho.governance.views.wording import fiscal_year_words
from sekisho.kernel.access import allow
from sekisho.kernel.dates import fiscal_year
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.xlsx.package import LARGEST
from sekisho.kernel.xlsx.workbook import reference
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_CHANGES = {
    Change.NEW: Badge(Kind.INFO, gettext_lazy("New item")),
    Change.CHANGED: Badge(Kind.WARN, gettext_lazy("Words changed")),
    Change.UNCHANGED: Badge(Kind.NEUTRAL, gettext_lazy("As before")),
}


@require_safe
@allow(GovernanceAction.VIEW)
def list_official(request: Request) -> HttpResponse:
    """Show every official list that was taken over, the newest first, and where the files come from."""
    page = official_lists(page_number(request.GET))
    context = {
        "page_title": _("Official files of the checklist"),
        "columns": [
            TableColumn(_("Fiscal year"), Align.CODE, is_row_heading=True),
            TableColumn(_("For whom")),
            TableColumn(_("Title in the file"), Align.WIDE),
            TableColumn(_("File")),
            TableColumn(_("SHA-256"), Align.CODE),
            TableColumn(_("Taken over")),
            TableColumn(_("By whom"), Align.NAME),
        ],
        "rows": [_row(one, request.display) for one in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "may_give": request.actor.may(GovernanceAction.RECEIVE_CHECKLIST),
    }
    return render(request, "governance/checklist_official.html", context)


def _row(one: OfficialChecklist, display: Display) -> Cells:
    year = fiscal_year_words(one.fiscal_year, display)
    kind = ListKind(one.kind).label
    return [year, kind, one.label, one.file.file_name, one.file.sha256[:16], one.adopted_at, one.adopted_by_name]


@require_http_methods(_METHODS)
@allow(GovernanceAction.RECEIVE_CHECKLIST)
def give_official(request: Request) -> HttpResponse:
    """Keep an official file and go to its preview."""
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = OfficialFileForm(*sent, years=_years(request.display), initial={"fiscal_year": fiscal_year(today())})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            given = GivenFile(
                data["file"].name or "", data["file"].read(LARGEST + 1), data["fiscal_year"], ListKind(data["kind"])
            )
            try:
                kept = receive_official(actor=request.actor, given=given)
            except (InvalidInput, Conflict) as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                return redirect("governance:checklist-adopt", kept.pk)
    context = {
        "page_title": _("Give the official file"),
        "lead": _("The file is read and shown first. Nothing is asked by it until you take it over."),
        "form": form,
        "back": reverse("governance:checklist-official"),
        "back_title": _("Official files of the checklist"),
    }
    return render(request, "governance/checklist_give.html", context, status=status)


def _years(display: Display) -> list[tuple[int, str]]:
    newest = fiscal_year(today()) + 1
    return [(year, fiscal_year_words(year, display)) for year in range(newest, FIRST_YEAR - 1, -1)]


@require_http_methods(_METHODS)
@allow(GovernanceAction.ADOPT_CHECKLIST)
def adopt(request: Request, file_id: UUID) -> HttpResponse:
    """Show what an official file holds; take it over once every item that needs it has a person's word."""
    seen = preview(checklist_file(file_id, OFFICIAL))
    form = MatchForm(
        request.POST if request.method == "POST" else None, matches=seen.matches, ours=_ours(request, seen)
    )
    refused, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                adopt_checklist(actor=request.actor, file_id=file_id, decided=form.decided)
            except (InvalidInput, Conflict) as error:
                refused, status = str(error), error.status
            else:
                messages.success(request, _("The official file was taken over. Its items are asked from now on."))
                return redirect(f"{reverse('governance:checklist')}{_query(seen)}")
    return render(request, "governance/checklist_adopt.html", _adopting(request, seen, form, refused), status=status)


def _query(seen: Preview) -> str:
    """Return the address of the facility's form of that year, nothing for one that has not begun or for vendors."""
    begun = seen.file.fiscal_year <= fiscal_year(today())
    return f"?year={seen.file.fiscal_year}" if begun and seen.file.kind != ListKind.VENDOR else ""


def _ours(request: Request, seen: Preview) -> list[tuple[str, str]]:
    for_vendor = seen.file.kind == ListKind.VENDOR
    language = request.display.language
    asked = [item for _section, items in seen.ours.asked(for_vendor=for_vendor) for item in items]
    return [(item.id, f"{item.printed} {item.words(language, for_vendor=for_vendor)}") for item in asked]


def _adopting(request: Request, seen: Preview, form: MatchForm, refused: str) -> dict[str, Any]:
    found, alike = seen.found, dict(_ours(request, seen))
    facts: list[tuple[object, object]] = [
        (_("File"), seen.file.file_name),
        (_("SHA-256"), seen.file.sha256),
        (_("For whom"), ListKind(seen.file.kind).label),
        (_("Fiscal year"), fiscal_year_words(seen.file.fiscal_year, request.display)),
        (_("Title in the file"), found.label),
        (_("Sheet"), found.sheet.title),
        (_("Items"), len(found.items)),
        (_("Compared with"), _before_words(seen, request.display)),
        (_("No longer asked"), "、".join(seen.gone)),
    ]
    return {
        "page_title": _("Take over the official file"),
        "facts": facts,
        "rows": [
            (
                match,
                _CHANGES[seen.changes[match.item.id]],
                _place(match),
                form[match.item.id],
                alike.get(match.suggested),
            )
            for match in seen.matches
        ],
        "undecided": sum(not match.is_certain and bool(match.suggested) for match in seen.matches),
        "remark_columns": remark_columns(),
        "remarks": remark_rows(found.remarks),
        "has_faults": bool(found.faults),
        "form": form,
        "refused": refused,
    }


def _place(match: Match) -> str:
    return reference((match.item.row, match.item.column))


def _before_words(seen: Preview, display: Display) -> str:
    if seen.before is None:
        return _("nothing: this is the first official file")
    return f"{fiscal_year_words(seen.before.fiscal_year, display)} {seen.before.label}"


def remark_columns() -> list[TableColumn]:
    """Return the columns for what was not understood."""
    return [
        TableColumn(_("Sheet")),
        TableColumn(_("Cell"), Align.CODE, is_row_heading=True),
        TableColumn(_("What is the matter"), Align.WIDE),
        TableColumn(_("What to do"), Align.WIDE),
    ]


def remark_rows(remarks: Sequence[Remark]) -> list[Cells]:
    """Return what was not understood, faults first."""
    ordered = sorted(remarks, key=lambda one: not one.is_fault)
    return [
        [one.sheet, one.cell, Badge(Kind.NG if one.is_fault else Kind.WARN, one.what), one.advice] for one in ordered
    ]
