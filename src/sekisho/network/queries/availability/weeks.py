"""How the endpoints answered in a week: the same figures for the paper and the workbook; and the papers kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from sekisho.kernel.ports import SubjectKind
from sekisho.network.models import ResponseSample, WeeklyReport
from sekisho.network.queries.availability.history import (
    Point,
    Standstill,
    Totals,
    points,
    standstills,
    states_of,
    totals,
)
from sekisho.network.queries.availability.plan import Planned, planned_endpoints
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.availability import HOUR_MINUTES, minute_of, moment_of
from sekisho.network.rules.weeks import WHOLE_SHARE, newest_week, share_asked, unwatched


@dataclass(frozen=True, slots=True)
class WeekLine:
    """An open endpoint in a period, in milliseconds; without any ask it has no figures, not zeros."""

    system: str
    endpoint: str
    whole: Totals
    highest: float | None
    still: Standstill | None
    remark: str


@dataclass(frozen=True, slots=True)
class WeekWatched:
    """A period: its endpoints by system, and how many were asked in it that the ledger holds no more."""

    lines: Sequence[WeekLine]
    closed: int


def watched_between(since: datetime, until: datetime) -> WeekWatched:
    """Return how the endpoints answered from ``since`` to ``until``."""
    states, still, planned = states_of(), standstills(since, until), planned_endpoints(until)
    series = points([row.pk for row in states.values()], since, HOUR_MINUTES, until)
    systems = {one.id: one.label for one in registered(SubjectKind.SYSTEM)}
    minutes = int((until - since).total_seconds()) // 60
    lines, known = [], set()
    for one in planned:
        row = states.get(one.subject.id)
        heard = series.get(row.pk, ()) if row else ()
        known.add(row.pk if row else None)
        system = systems.get(str(one.subject.facts["system"]), "")
        lines.append(_line(one, system, heard, still.get(one.subject.id), minutes))
    return WeekWatched(sorted(lines, key=lambda one: (one.system, one.endpoint)), len(series.keys() - known))


def _line(one: Planned, system: str, heard: Sequence[Point], still: Standstill | None, minutes: int) -> WeekLine:
    whole = totals(heard)
    highest = max((each.highest for each in heard if each.highest is not None), default=None)
    known = still or (Standstill() if whole.asked else None)
    return WeekLine(system, one.subject.label, whole, highest, known, _remark(one, whole, minutes))


def _remark(one: Planned, whole: Totals, minutes: int) -> str:
    if not one.can_be_asked:
        return _("Asked under “Clocks”")
    if not one.setting.watched:
        return f"{_('Not watched')}: {one.setting.reason}"
    if not whole.asked:
        return _("Not asked: nothing is known")
    share = share_asked(whole.asked, minutes)
    if share >= WHOLE_SHARE:
        return ""
    return _("Asked in %(share)s %% of the minutes only") % {"share": percent(share)}


def percent(value: float) -> str:
    """Return a share with two places, never rounded up to 100."""
    return f"{int(value * 100) / 100:.2f}"


def gaps_between(since: datetime, until: datetime) -> Sequence[tuple[datetime, datetime]]:
    """Return when nothing was heard about any endpoint: Sekisho did not ask, or had no network itself."""
    rows = ResponseSample.objects.filter(minute__gte=minute_of(since) - HOUR_MINUTES, minute__lt=minute_of(until))
    return unwatched(rows.order_by().values_list("minute", "span").distinct(), since, until)


def is_folded(since: datetime, until: datetime) -> bool:
    """Tell whether of some of a period only rows of an hour are left."""
    rows = ResponseSample.objects.filter(span=HOUR_MINUTES, minute__gte=minute_of(since), minute__lt=minute_of(until))
    return rows.exists()


def first_asked() -> datetime | None:
    """Return when the oldest kept answer was heard."""
    first = ResponseSample.objects.aggregate(at=Min("minute"))["at"]
    return None if first is None else moment_of(first)


# The papers


def weekly_reports(language: str) -> "QuerySet[WeeklyReport]":
    """Return the reports in a language without their bytes, the newest first."""
    return WeeklyReport.objects.filter(language=language).defer("data").order_by("-first_day")


def weekly_report(first_day: date, language: str) -> WeeklyReport | None:
    """Return a report with its bytes, or None."""
    return WeeklyReport.objects.filter(first_day=first_day, language=language).first()


@dataclass(frozen=True, slots=True)
class NewReport:
    """The report of the newest week: its first day, and when it was made."""

    first_day: date
    made_at: datetime


def new_report(now: datetime) -> NewReport | None:
    """Return the report of the newest week, None while there is none."""
    rows = WeeklyReport.objects.filter(first_day=newest_week(now).first_day).order_by("made_at")
    found = rows.values_list("first_day", "made_at").first()
    return NewReport(*found) if found else None
