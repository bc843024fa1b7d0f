"""Systems against requirements: on screen a page of systems at a time, in Excel all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.conformance import conformity
from sekisho.governance.queries.matrix import Matrix, MatrixRow, matrix, system_page, system_pages
from sekisho.governance.rules.catalogue import chapter_of
from sekisho.governance.rules.filtering import RequirementFilter, read_filter
from sekisho.governance.rules.verdicts import Summary, Verdict
from sekisho.governance.services.currency import are_old, require_current
from sekisho.governance.views.papers import XLSX, download, facility_name
from sekisho.governance.views.requirements import address, group_choices, pairs_of
from sekisho.governance.views.wording import GROUP_TITLES, SUBJECT_KINDS, VERDICT_BADGES
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import FACILITY_ZONE, format_moment
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Words
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One system under one item: a badge made once per verdict, and n/N where it has several parts."""

    mark: SafeString
    numbers: str
    url: str


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One item: a cell for each system (None: nothing of it is judged), or ``whole`` and for what it is judged."""

    number: str
    title: str
    url: str
    cells: Sequence[MatrixCell | None]
    whole: MatrixCell | None
    judged_per: Words


@require_safe
@allow(GovernanceAction.VIEW)
def show_matrix(request: Request) -> HttpResponse:
    """Show how each system stands under each item of a group."""
    conditions = _conditions(request)
    page = system_page(page_number(request.GET))
    found, state = matrix(list(page.object_list), conditions.group), conformity()
    context = {
        "page_title": _("Systems and requirements"),
        "are_old": are_old(),
        "judged_at": state.judged_at,
        "groups": list(group_choices(state, conditions, "governance:matrix")),
        "group": str(GROUP_TITLES[conditions.group]) if conditions.group else "",
        "systems": [(system.label, reverse("estate:systems-entry", args=[system.id])) for system in found.systems],
        "columns": len(found.systems),
        "lines": list(_lines(found, request.display.language)),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "list_url": address("governance:requirements", conditions),
        "workbook_url": address("governance:matrix-workbook", conditions),
    }
    return render(request, "governance/matrix.html", context)


def _conditions(request: Request) -> RequirementFilter:
    """Only the group narrows a matrix."""
    return RequirementFilter(group=read_filter(pairs_of(request.GET)).group)


def _lines(found: Matrix, language: str) -> Iterator[MatrixLine]:
    marks = {verdict: badge.__html__() for verdict, badge in VERDICT_BADGES.items()}
    queries = ["?" + urlencode({"system": system.id}) for system in found.systems]
    for row in found.rows:
        url = reverse("governance:requirement", args=[row.leaf.id])
        places = zip(row.systems, queries, strict=False)
        yield MatrixLine(
            number=f"{chapter_of(row.leaf.id)}{row.leaf.printed}",
            title=row.leaf.title.text(language),
            url=url,
            cells=[_cell(summary, f"{url}{query}", marks) if summary else None for summary, query in places],
            whole=_cell(row.whole, url, marks) if row.whole else None,
            judged_per=SUBJECT_KINDS[row.leaf.judged_per],
        )


def _cell(summary: Summary, url: str, marks: Mapping[Verdict, SafeString]) -> MatrixCell:
    several = sum(summary.counts.values()) > 1
    return MatrixCell(marks[summary.verdict], _numbers(summary) if several else "", url)


def _numbers(summary: Summary) -> str:
    return f"{summary.conforming}/{summary.total}"


@require_safe
@allow(GovernanceAction.VIEW)
def matrix_workbook(request: Request) -> HttpResponse:
    """Return the whole matrix as an Excel workbook, every system a column. Raises VerdictsOld."""
    require_current()
    conditions = _conditions(request)
    found = matrix(list(system_pages().object_list), conditions.group)
    title = _("Systems and requirements")
    content = make_workbook([_sheet(found, title, request.display)], title=title, author=facility_name())
    return download(content, XLSX, f"{title}_{clock.now().astimezone(FACILITY_ZONE):%Y%m%d}.xlsx")


def _sheet(found: Matrix, title: str, display: Display) -> Sheet:
    columns = [
        SheetColumn(_("No."), 12),
        SheetColumn(_("Requirement"), 36),
        SheetColumn(_("Judged per"), 16),
        SheetColumn(_("As a whole"), 16),
        *(SheetColumn(system.label, 14) for system in found.systems),
    ]
    judged_at = conformity().judged_at
    judged = format_moment(judged_at, display.calendar, display.language) if judged_at else _("not yet")
    above = (title, facility_name(), f"{_('Last judged:')} {judged}", _legend())
    return Sheet(title, columns, [_sheet_row(row, display.language, len(found.systems)) for row in found.rows], above)


def _legend() -> str:
    return _("An empty cell: nothing of this system is judged under the item.")


def _sheet_row(row: MatrixRow, language: str, width: int) -> list[Cell]:
    return [
        f"{chapter_of(row.leaf.id)}{row.leaf.printed}",
        row.leaf.title.text(language),
        str(SUBJECT_KINDS[row.leaf.judged_per]),
        _in_words(row.whole),
        *([_in_words(summary) for summary in row.systems] or [None] * width),
    ]


def _in_words(summary: Summary | None) -> Cell:
    if summary is None:
        return None
    label = str(summary.verdict.label)
    return f"{label} {_numbers(summary)}" if sum(summary.counts.values()) > 1 else label
