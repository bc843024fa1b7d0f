"""The weekly reports that were made: a list, and each as a PDF in the reader's language."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.network.actions import NetworkAction
from sekisho.network.models import WeeklyReport
from sekisho.network.queries.availability.weekly_paper import week_words
from sekisho.network.queries.availability.weeks import weekly_report, weekly_reports
from sekisho.network.rules.weeks import Week
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Cells, Link, TableColumn
from sekisho.ui.request import Request

PAGE_SIZE = 50


@require_safe
@allow(NetworkAction.VIEW)
def list_reports(request: Request) -> HttpResponse:
    """Show the reports of a year, the newest first."""
    page = Paginator(weekly_reports(request.display.language), PAGE_SIZE).get_page(page_number(request.GET))
    context = {
        "page_title": _("Weekly reports"),
        "report_columns": report_columns(),
        "reports": report_rows(page.object_list, request.display),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    }
    return render(request, "network/weekly_reports.html", context)


def report_columns() -> Sequence[TableColumn]:
    """Return the columns of a list of reports."""
    return (TableColumn(_("Week"), Align.WIDE, is_row_heading=True), TableColumn(_("Made at"), Align.CODE))


def report_rows(rows: Iterable[WeeklyReport], display: Display) -> Sequence[Cells]:
    """Return the rows of a list of reports; the name of each is its PDF."""
    return [
        [
            Link(f"{week_words(Week(row.first_day), display)} (PDF)", reverse("network:week", args=[row.first_day])),
            row.made_at,
        ]
        for row in rows
    ]


@require_safe
@allow(NetworkAction.VIEW)
def show_report(request: Request, first_day: str) -> HttpResponse:
    """Return the report of the week that begins on ``first_day`` as it was made. Raises NotFound."""
    try:
        found = weekly_report(date.fromisoformat(first_day), request.display.language)
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    answer = HttpResponse(bytes(found.data), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="availability-{found.first_day:%Y%m%d}.pdf"'
    return answer
