"""The weekly report of the watching as an Excel workbook: how the endpoints answered in the last seven days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import in_facility
from sekisho.kernel.ports import SubjectKind
from sekisho.network.actions import NetworkAction
from sekisho.network.models import EndpointState
from sekisho.network.queries.availability.history import Point, Standstill, points, standstills, states_of, totals
from sekisho.network.queries.availability.plan import Planned, planned_endpoints
from sekisho.network.queries.sightings import registered
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

WEEK = timedelta(days=7)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@allow(NetworkAction.VIEW)
def weekly_report(request: Request) -> HttpResponse:
    """Return the last seven days as an Excel workbook that prints on A4."""
    now = clock.now()
    title = _("Response times and outages of the last week")
    period = f"{in_facility(now - WEEK):%Y/%m/%d %H:%M} – {in_facility(now):%Y/%m/%d %H:%M}"
    sheet = Sheet(_("Weekly report"), _columns(), _rows(now), above=[title, period])
    content = make_workbook([sheet], title=title, author=_facility())
    name = f"{_('Weekly report')}-{in_facility(now):%Y%m%d}.xlsx"
    answer = HttpResponse(content, content_type=_XLSX)
    answer["Content-Disposition"] = f"attachment; filename=\"report.xlsx\"; filename*=UTF-8''{quote(name)}"
    return answer


def _facility() -> str:
    return next((one.label for one in registered(SubjectKind.FACILITY)), "")


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
    states, still = states_of(), standstills(now - WEEK, now)
    series = points([row.pk for row in states.values()], now - WEEK, 60)
    systems = {one.id: one.label for one in registered(SubjectKind.SYSTEM)}
    planned = sorted(planned_endpoints(now), key=lambda one: (_system(one, systems), one.subject.label))
    for one in planned:
        yield _line(one, _system(one, systems), _of(one, states, series), still.get(one.subject.id))


def _system(one: Planned, systems: Mapping[str, str]) -> str:
    return systems.get(str(one.subject.facts["system"]), "")


def _of(one: Planned, states: Mapping[str, EndpointState], series: Mapping[int, Sequence[Point]]) -> Sequence[Point]:
    row = states.get(one.subject.id)
    return series.get(row.pk, ()) if row else ()


def _line(one: Planned, system: str, series: Sequence[Point], still: Standstill | None) -> Sequence[Cell]:
    whole = totals(series)
    figures: tuple[Cell, ...] = (None,) * 5
    if whole.share is not None:
        highest = max((each.highest for each in series if each.highest is not None), default=None)
        share = int(whole.share * 100) / 100
        figures = (whole.asked, whole.failed, share, _rounded(whole.typical), _rounded(highest))
    found = still or Standstill()
    return [system, one.subject.label, *figures, found.number, found.minutes, found.planned, _remark(one)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _remark(one: Planned) -> str:
    if not one.can_be_asked:
        return _("Asked under “Clocks”")
    return "" if one.setting.watched else f"{_('Not watched')}: {one.setting.reason}"
