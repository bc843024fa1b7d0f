"""The trend in words: how many items stood in which verdict, as lines over weeks, months or a year."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sekisho.governance.queries.overview import trend
from sekisho.governance.rules.trend import Period, TrendDay, changed_days, listed_days
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.views.wording import VERDICT_BADGES
from sekisho.kernel import clock
from sekisho.kernel.dates import format_date, in_facility
from sekisho.ui.display import Display
from sekisho.ui.parts import Words
from sekisho.ui.request import Request
from sekisho.ui.trend_chart import Series, TrendChart, TrendFrame, TrendLabels, TrendRow, gaps, trend_chart

PARAMETER = "trend"
STYLES = {
    Verdict.CONFORMING: "ok",
    Verdict.PARTIAL: "warn",
    Verdict.NONCONFORMING: "ng",
    Verdict.CANNOT_TELL: "unknown",
    Verdict.EXPIRED: "late",
    Verdict.NOT_ASSESSED: "neutral",
    Verdict.NOT_APPLICABLE: "outside",
}


@dataclass(frozen=True, slots=True)
class TrendView:
    """What the page shows: the drawing (None with fewer than two days), its table, the periods to choose from."""

    chart: TrendChart | None
    rows: Sequence[TrendRow]
    heads: Sequence[Words]
    periods: Sequence[tuple[Words, str, bool]]
    note: str


def trend_view(request: Request) -> TrendView:
    """Return the trend over the period that the address names; four weeks without one."""
    period = _period(request.GET.get(PARAMETER, ""))
    today = in_facility(clock.now()).date()
    days = trend(period.since(today))
    return TrendView(
        chart=_chart(days, period, today, request.display) if len(days) > 1 else None,
        rows=list(_rows(days, period, today)),
        heads=[badge.text for badge in VERDICT_BADGES.values()],
        periods=[(one.label, f"?{PARAMETER}={one.key}#trend", one is period) for one in Period],
        note="" if period is Period.WEEKS else _("Of each week the last day with figures is listed."),
    )


def _period(key: str) -> Period:
    return next((one for one in Period if one.key == key), Period.WEEKS)


def _chart(days: Sequence[TrendDay], period: Period, today: date, display: Display) -> TrendChart:
    series = [
        Series(VERDICT_BADGES[verdict].text, style, {one.day: one.counts.get(verdict, 0) for one in days})
        for verdict, style in STYLES.items()
    ]
    labels = TrendLabels(
        id="trend",
        title=_("Items by verdict over time"),
        description=_description(days, display),
        unit=_("Items"),
        mark=_("What is measured changed (edition or mapping)"),
        gap=_("No figures: Sekisho did not run"),
    )
    return trend_chart(series, TrendFrame(period.since(today), today, changed_days(days)), labels)


def _description(days: Sequence[TrendDay], display: Display) -> str:
    first, last = days[0], days[-1]
    return _(
        "Conforming items: %(before)s on %(first)s, %(after)s on %(last)s. All numbers stand in the table below."
    ) % {
        "before": first.counts.get(Verdict.CONFORMING, 0),
        "after": last.counts.get(Verdict.CONFORMING, 0),
        "first": format_date(first.day, display.calendar, display.language),
        "last": format_date(last.day, display.calendar, display.language),
    }


def _rows(days: Sequence[TrendDay], period: Period, today: date) -> Iterator[TrendRow]:
    """Yield the listed days and the stretches without figures, the newest first."""
    marked = set(changed_days(days))
    since = max(period.since(today), days[0].day) if days else today
    rows = [
        *(_row(one, _("What is measured changed") if one.day in marked else "") for one in listed_days(days, period)),
        *(TrendRow(first, last, ()) for first, last in gaps([one.day for one in days], since, today)),
    ]
    yield from sorted(rows, key=lambda row: row.day, reverse=True)


def _row(one: TrendDay, remark: str | Promise) -> TrendRow:
    return TrendRow(one.day, None, _values(one, VERDICT_BADGES), remark)


def _values(one: TrendDay, verdicts: Iterable[Verdict]) -> list[int]:
    return [one.counts.get(verdict, 0) for verdict in verdicts]
