"""Pages of the watching: all endpoints with their last day, and one with its response times and outages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.search import fold, search_words
from sekisho.network.actions import NetworkAction
from sekisho.network.models import EndpointState, Outage, QuietTime
from sekisho.network.queries.availability.history import (
    Point,
    outages_of,
    points,
    quiet_times_of,
    states_of,
    totals,
)
from sekisho.network.queries.availability.plan import Planned, planned_endpoints
from sekisho.network.queries.availability.weeks import weekly_reports
from sekisho.network.queries.registration import endpoint_subject
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.availability import ASKED_WITHIN, Fault, Watched
from sekisho.network.views.weekly_reports import report_columns, report_rows
from sekisho.ui.charts import Frame, Labels, LineChart, Sample, line_chart
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn, Words
from sekisho.ui.request import Request

PAGE_SIZE = 50
NEWEST_REPORTS = 4
DAY = timedelta(days=1)
_KINDS = {Watched.UP: Kind.OK, Watched.SLOW: Kind.WARN, Watched.DOWN: Kind.NG, Watched.UNKNOWN: Kind.UNKNOWN}
_ORDER = {Watched.DOWN: 0, Watched.SLOW: 1, Watched.UNKNOWN: 2, Watched.UP: 3}
_SPARK_WIDTH, _SPARK_HEIGHT = 120, 24


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch that a chart shows: its name in the address, its days, and the minutes of one point."""

    key: str
    days: int
    step: int


PERIODS = (Period("24h", 1, 5), Period("30d", 30, 60), Period("13m", 396, 24 * 60))


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint in the list; ``line`` is the path of its last 24 hours, in a drawing of 120 × 24."""

    name: Link
    system: str
    badge: Badge
    since: datetime | None
    last: str
    typical: str
    share: str
    line: str


@require_safe
@allow(NetworkAction.VIEW)
def list_watched(request: Request) -> HttpResponse:
    """Show every open endpoint: whether it answers, since when, how fast, and its last 24 hours."""
    now, text = clock.now(), request.GET.get("q", "")
    planned, states = planned_endpoints(now), states_of()
    systems = {one.id: one.label for one in registered(SubjectKind.SYSTEM)}
    matching = [one for one in planned if _matches(one, systems, text)]
    matching.sort(key=lambda one: (_ORDER[_state(one, states.get(one.subject.id), now)], one.subject.label))
    page = Paginator(matching, PAGE_SIZE).get_page(page_number(request.GET))
    ids = [states[one.subject.id].pk for one in page.object_list if one.subject.id in states]
    series = points(ids, now - DAY, 60)
    context = {
        "page_title": _("Availability"),
        "rows": [_row(one, states.get(one.subject.id), systems, series, now) for one in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "searchable": len(planned) > PAGE_SIZE or bool(text),
        "text": text,
        "asked_late": _is_late(planned, states, now),
        "spark": (_SPARK_WIDTH, _SPARK_HEIGHT),
        "report_columns": report_columns(),
        "reports": report_rows(weekly_reports(request.display.language)[:NEWEST_REPORTS], request.display),
    }
    return render(request, "network/availability.html", context)


def _matches(one: Planned, systems: Mapping[str, str], text: str) -> bool:
    words = fold(f"{one.subject.label} {systems.get(str(one.subject.facts['system']), '')}")
    return all(word in words for word in search_words(text))


def _state(one: Planned, row: EndpointState | None, now: datetime) -> Watched:
    """Return what is known now: what was heard too long ago tells nothing any more."""
    if row is None or not one.is_watched or not abs(now - row.asked_at) <= ASKED_WITHIN:
        return Watched.UNKNOWN
    return Watched(row.state)


def _is_late(planned: Sequence[Planned], states: Mapping[str, EndpointState], now: datetime) -> bool:
    """Tell whether the asking itself stands still: something should be asked, and nothing was lately."""
    watched = [one.subject.id for one in planned if one.is_watched]
    asked = [states[one].asked_at for one in watched if one in states]
    return bool(watched) and now - max(asked, default=now) > ASKED_WITHIN


def _row(
    one: Planned,
    row: EndpointState | None,
    systems: Mapping[str, str],
    series: Mapping[int, Sequence[Point]],
    now: datetime,
) -> Row:
    found = series.get(row.pk, ()) if row else ()
    whole = totals(found)
    return Row(
        name=Link(one.subject.label, reverse("network:watched", args=[one.subject.id])),
        system=systems.get(str(one.subject.facts["system"]), ""),
        badge=_badge(one, row, now),
        since=row.since if row and one.is_watched else None,
        last=_ms(row.response_ms if row else None),
        typical=_ms(whole.typical),
        share=_percent(whole.share),
        line=_spark(found, now),
    )


def _badge(one: Planned, row: EndpointState | None, now: datetime) -> Badge:
    if not one.can_be_asked:
        return Badge(Kind.NEUTRAL, _("Asked under “Clocks”"))
    if not one.setting.watched:
        return Badge(Kind.NEUTRAL, _("Not watched"))
    state = _state(one, row, now)
    if state is Watched.DOWN and one.is_quiet(now):
        return Badge(Kind.INFO, _("Stands still as planned"))
    return Badge(_KINDS[state], str(state.label))


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{int(value * 100) / 100:.2f} %"  # never rounded up to 100


def _spark(series: Sequence[Point], now: datetime) -> str:
    """Return the path of the typical times of each hour; where nothing answered there is a gap."""
    highest = max((one.typical for one in series if one.typical is not None), default=0.0) or 1.0
    parts, before = [], None
    for one in series:
        if one.typical is None:
            continue
        x = max(0.0, 1 - (now - one.moment) / DAY) * _SPARK_WIDTH
        y = (_SPARK_HEIGHT - 2) * (1 - one.typical / highest) + 1
        joined = before is not None and one.moment - before <= timedelta(hours=1)
        parts.append(f"{'L' if joined else 'M'}{x:.1f} {y:.1f}{'' if joined else 'h1'}")
        before = one.moment
    return "".join(parts)


@require_safe
@allow(NetworkAction.VIEW)
def show_watched(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Show how one endpoint answered over a day, 30 days or 13 months, and when it stood still."""
    subject, now = endpoint_subject(endpoint_id), clock.now()
    one = next(found for found in planned_endpoints(now) if found.subject.id == subject.id)
    row = states_of([subject.id]).get(subject.id)
    period = next((each for each in PERIODS if each.key == request.GET.get("period")), PERIODS[0])
    since = now - timedelta(days=period.days)
    series = points([row.pk], since, period.step).get(row.pk, ()) if row else ()
    whole = totals(series)
    page = Paginator(outages_of(endpoint_id, since), PAGE_SIZE).get_page(page_number(request.GET))
    may_settle = request.actor.may(NetworkAction.SETTLE_WATCH)
    may_call_off = request.actor.may(NetworkAction.CALL_OFF_QUIET)
    context = {
        "page_title": subject.label,
        "subject": subject,
        "badge": _badge(one, row, now),
        "facts": _facts(one, row, now),
        "periods": [(each.key, _title(each), each is period) for each in PERIODS],
        "chart": _chart(series, subject.label, period, since, now),
        "share": _percent(whole.share),
        "totals": whole,
        "outage_columns": _outage_columns(),
        "outages": [_outage(each, now) for each in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "quiet_columns": _quiet_columns(),
        "quiet_times": [_quiet(each, now, may_call_off=may_call_off) for each in quiet_times_of(endpoint_id, now)],
        "may_settle": may_settle,
        "may_plan": request.actor.may(NetworkAction.PLAN_QUIET) and one.can_be_asked,
    }
    return render(request, "network/availability_endpoint.html", context)


def _title(period: Period) -> str:
    return {"24h": _("24 hours"), "30d": _("30 days"), "13m": _("13 months")}[period.key]


def _facts(one: Planned, row: EndpointState | None, now: datetime) -> Sequence[tuple[Words, object]]:
    setting = one.setting
    facts: list[tuple[Words, object]] = [
        (_("State"), _badge(one, row, now)),
        (_("In this state since"), row.since if row and one.is_watched else None),
        (_("Last asked at"), row.asked_at if row else None),
        (_("Last response time"), _ms(row.response_ms) if row else ""),
    ]
    if row and row.fault and one.is_watched:
        facts.append((_("What was met"), _fault(row.fault)))
    if not setting.watched:
        return [*facts, (_("Why it is not watched"), setting.reason)]
    hours = ""
    if setting.quiet_from and setting.quiet_until:
        hours = f"{setting.quiet_from:%H:%M} – {setting.quiet_until:%H:%M}"
    page = f" {setting.path}" if setting.path else ""
    return [
        *facts,
        (_("How it is asked"), f"{one.way.value.upper()}{page}"),
        (_("Slow beyond (milliseconds)"), setting.slow_ms),
        (_("Daily quiet hours"), hours),
    ]


def _fault(text: str) -> str:
    return str(Fault(text).label) if text else ""


def _chart(series: Sequence[Point], name: str, period: Period, since: datetime, now: datetime) -> LineChart | None:
    """Draw the typical times; over stretches in which nothing answered, or nobody asked, there is no line."""
    drawn = [Sample(one.moment, one.typical) for one in series if one.typical is not None and one.moment >= since]
    if not drawn:
        return None
    step = timedelta(minutes=period.step)
    gaps = [(one.moment, other.moment) for one, other in pairwise(drawn) if other.moment - one.moment > step * 1.5]
    labels = Labels(
        id="response",
        title=_("Response times of %(name)s") % {"name": name},
        description=_("Between %(lowest)s and %(highest)s. The numbers stand in the table.")
        % {"lowest": _ms(min(one.value for one in drawn)), "highest": _ms(max(one.value for one in drawn))},
        unit="ms",
        value=_("Typical response time"),
    )
    chart = line_chart(drawn, Frame(since, now, gaps), labels)
    return replace(chart, rows=[(moment, value.lstrip("+"), marked) for moment, value, marked in chart.rows])


def _outage_columns() -> Sequence[TableColumn]:
    return (
        TableColumn(_("Began at"), Align.CODE, is_row_heading=True),
        TableColumn(_("Ended at"), Align.CODE),
        TableColumn(_("Minutes"), Align.NUMBER),
        TableColumn(_("What was met"), Align.WIDE),
        TableColumn(_("Planned"), Align.CODE),
    )


def _outage(one: Outage, now: datetime) -> Cells:
    minutes = int(((one.ended_at or now) - one.began_at).total_seconds()) // 60
    planned = Badge(Kind.INFO, _("Planned")) if one.quiet else None
    return [one.began_at, one.ended_at or Badge(Kind.NG, _("Lasts")), minutes, _fault(one.fault), planned]


def _quiet_columns() -> Sequence[TableColumn]:
    return (
        TableColumn(_("From"), Align.CODE, is_row_heading=True),
        TableColumn(_("Until"), Align.CODE),
        TableColumn(_("Reason"), Align.WIDE),
        TableColumn(_("Planned by"), Align.NAME),
        TableColumn(_("What to do"), Align.ACTIONS),
    )


def _quiet(one: QuietTime, now: datetime, *, may_call_off: bool) -> Cells:
    if one.called_off_at is not None:
        last: object = Badge(Kind.NEUTRAL, _("Called off by %(name)s") % {"name": one.called_off_by})
    elif one.until <= now:
        last = Badge(Kind.NEUTRAL, _("Over"))
    else:
        last = Link(_("Call it off"), reverse("network:call-off", args=[one.pk])) if may_call_off else None
    return [one.since, one.until, one.reason, one.planned_by, last]
