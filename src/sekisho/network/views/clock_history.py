"""How one clock went over the last days: the chart of its offset, and its drift in words."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.network.actions import NetworkAction
from sekisho.network.queries.clocks import History, history
from sekisho.network.rules.clocks import HOST_BOUND, PLATFORM_BOUND
from sekisho.network.rules.drift_history import Drift, drift
from sekisho.ui.charts import Frame, Labels, LineChart, Sample, line_chart
from sekisho.ui.request import Request

PERIODS = (7, 30, 90)
_STILL = 0.05  # milliseconds a day: slower than any clock of a computer runs by itself


@require_safe
@allow(NetworkAction.VIEW)
def show_clock(request: Request, subject_id: str) -> HttpResponse:
    """Show the history of a source or a host over 7, 30 or 90 days."""
    days = _period(request.GET.get("days", ""))
    now = clock.now()
    found = history(subject_id, now - timedelta(days=days))
    seen = drift(found.points)
    frame = Frame(now - timedelta(days=days), now, seen.gaps, seen.steps)
    context = {
        "page_title": _("Clock of %(name)s") % {"name": found.label},
        "clock": found,
        "periods": [(one, f"?days={one}", one == days) for one in PERIODS],
        "chart": _chart(found, seen, frame) if found.points else None,
        "slope": _slope(found, seen.slope_ms_per_day),
        "steps": seen.steps,
        "silent": _silent(found),
    }
    return render(request, "network/clock.html", context)


def _period(text: str) -> int:
    return next((days for days in PERIODS if text == str(days)), PERIODS[0])


def _chart(found: History, seen: Drift, frame: Frame) -> LineChart:
    """Draw in milliseconds while everything lies within a second."""
    largest = max(abs(point.offset) for point in seen.points)
    factor, unit = (1000.0, "ms") if largest < 1 else (1.0, "s")
    bound = (PLATFORM_BOUND if found.is_source else HOST_BOUND).seconds
    labels = Labels(
        id="drift",
        title=_("Offset of %(name)s from Sekisho's clock") % {"name": found.label},
        description=_("%(count)s readings between %(lowest)s and %(highest)s %(unit)s. The numbers stand in the table.")
        % {
            "count": len(seen.points),
            "lowest": f"{min(point.offset for point in seen.points) * factor:+.3f}",
            "highest": f"{max(point.offset for point in seen.points) * factor:+.3f}",
            "unit": unit,
        },
        unit=unit,
        value=_("Offset"),
        mark=_("The clock was set"),
        band=_("Allowed: within ± %(bound)s s") % {"bound": f"{bound:g}"},
    )
    samples = [Sample(point.moment, point.offset * factor) for point in seen.points]
    framed = Frame(frame.first, frame.last, frame.gaps, frame.marks, (-bound * factor, bound * factor))
    return line_chart(samples, framed, labels)


def _slope(found: History, slope: float | None) -> str:
    """Say how fast the clocks run apart. A source is right by definition, so there it is the platform's that drifts."""
    if slope is None:
        return _("There are too few readings to tell how fast it drifts. Eight over six hours are needed.")
    if abs(slope) < _STILL:
        return _("No drift can be seen.")
    if found.is_source:
        words = (
            _("Sekisho's clock loses %(rate)s ms a day.")
            if slope > 0
            else _("Sekisho's clock gains %(rate)s ms a day.")
        )
    else:
        words = (
            _("This clock gains %(rate)s ms a day on Sekisho's.")
            if slope > 0
            else _("This clock loses %(rate)s ms a day on Sekisho's.")
        )
    return words % {"rate": f"{abs(slope):.1f}"}


def _silent(found: History) -> str:
    if not found.silent:
        return ""
    return ngettext(
        "%(count)s time it was asked it told no time.", "%(count)s times it was asked it told no time.", found.silent
    ) % {"count": found.silent}
