"""The lists of the estate to take away, in the files of the working books."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from sekisho.estate import queries
from sekisho.estate.actions import EstateAction
from sekisho.estate.ledgers import BY_SLUG
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.views.book_export import Rows, send_csv, send_workbook
from sekisho.ui.request import Request


@require_safe
@allow(EstateAction.VIEW)
def workbook(request: Request, slug: str) -> HttpResponse:
    """Return what the list shows as an Excel workbook."""
    return send_workbook(request, BY_SLUG[slug], _headings(BY_SLUG[slug]), _cells(request, slug))


@require_safe
@allow(EstateAction.VIEW)
def csv_file(request: Request, slug: str) -> HttpResponse:
    """Return what the list shows as CSV."""
    return send_csv(request, BY_SLUG[slug], _headings(BY_SLUG[slug]), _cells(request, slug))


def _headings(ledger: Ledger) -> list[str]:
    return [str(column.title) for column in ledger.columns]


def _cells(request: Request, slug: str) -> Rows:
    return queries.cells(BY_SLUG[slug], request.GET.get("q", ""), closed="closed" in request.GET)
