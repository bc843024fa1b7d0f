"""The weekly report of the watching as an Excel workbook: how the endpoints answered in the last seven days."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import in_facility
from sekisho.network.actions import NetworkAction
from sekisho.network.queries.availability.weekly_paper import facility_name
from sekisho.network.queries.availability.weeks import watched_between
from sekisho.network.rules.weeks import WEEK
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@allow(NetworkAction.VIEW)
def weekly_report(request: Request) -> HttpResponse:
    """Return the last seven days as an Excel workbook that prints on A4."""
    now = clock.now()
    title = _("Response times and outages of the last week")
    period = f"{in_facility(now - WEEK):%Y/%m/%d %H:%M} – {in_facility(now):%Y/%m/%d %H:%M}"
    sheet = Sheet(_("Weekly report"), _columns(), _rows(now), above=[title, period])
    content = make_workbook([sheet], title=title, author=facility_name())
    name = f"{_('Weekly report')}-{in_facility(now):%Y%m%d}.xlsx"
    answer = HttpResponse(content, content_type=_XLSX)
    answer["Content-Disposition"] = f"attachment; filename=\"report.xlsx\"; filename*=UTF-8''{quote(name)}"
    return answer


def _columns() -> Sequence[SheetColumn]:
    return (
        SheetColumn(_("System"), 24),
        SheetColumn(_("Endpoint"), 26),
        SheetColumn(_("Asks"), 10),
        SheetColumn(_("Without a right answer"), 12),
        SheetColumn(_("Answered (percent)"), 10),
        SheetColumn(_("Typical (ms)"), 10),
        SheetColumn(_("Highest (ms)"), 10),
        SheetColumn(_("Outages"), 8),
        SheetColumn(_("Minutes of standstill"), 10),
        SheetColumn(_("of them planned"), 10),
        SheetColumn(_("Remarks"), 30),
    )


def _rows(now: datetime) -> Iterator[Sequence[Cell]]:
    """Yield a row for each open endpoint, by system; one that was not asked has no figures, not zeros."""
    for one in watched_between(now - WEEK, now).lines:
        figures: tuple[Cell, ...] = (None,) * 5
        if one.whole.share is not None:
            share = int(one.whole.share * 100) / 100
            figures = (one.whole.asked, one.whole.failed, share, _rounded(one.whole.typical), _rounded(one.highest))
        outages: tuple[Cell, ...] = (None,) * 3
        if one.still is not None:
            outages = (one.still.number, one.still.minutes, one.still.planned)
        yield [one.system, one.endpoint, *figures, *outages, one.remark]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
