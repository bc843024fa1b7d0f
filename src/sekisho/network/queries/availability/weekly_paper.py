"""The weekly report on A4: every endpoint, when nobody was watching, every outage."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_date, format_moment, in_facility
from sekisho.kernel.ports import SubjectKind
from sekisho.network.models import Outage
from sekisho.network.queries.availability.history import outages_between
from sekisho.network.queries.availability.plan import planned_endpoints
from sekisho.network.queries.availability.weeks import WeekLine, gaps_between, is_folded, percent, watched_between
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.availability import Fault
from sekisho.network.rules.weeks import WEEK_MINUTES, Week
from sekisho.ui.display import Display
from sekisho.ui.paper import Frame, house_frame, make_pdf

MOST_LINES = 100  # of gaps and of outages: more are counted
_TEMPLATE = "network/templates/network/weekly_report.typ"


def weekly_paper(week: Week, now: datetime, display: Display) -> bytes:
    """Return the report of a week for a reader, made at ``now``. Raises PaperFailed."""
    with override(display.language):
        return make_pdf(_TEMPLATE, _frame(week, now, display), _data(week, display))


def facility_name() -> str:
    """Return the name of the facility, empty while nobody entered it."""
    return next((one.label for one in registered(SubjectKind.FACILITY)), "")


def week_words(week: Week, display: Display) -> str:
    """Return a week as its first and last day."""
    first, last = (format_date(day, display.calendar, display.language) for day in (week.first_day, week.last_day))
    return f"{first} – {last}"


def _frame(week: Week, now: datetime, display: Display) -> Frame:
    return house_frame(
        title=_("Weekly report of the availability"),
        number=f"SK-AV-{week.first_day:%Y%m%d}",
        edition=facility_name(),
        language=display.language,
        facts=[
            (_("Facility"), facility_name() or _("not entered yet")),
            (_("Week"), week_words(week, display)),
            (_("Made at"), format_moment(now, display.calendar, display.language)),
        ],
        day=format_date(in_facility(now).date(), display.calendar, display.language),
        what=_("Made by Sekisho from what it heard in the week"),
        landscape=True,
    )


def _data(week: Week, display: Display) -> dict[str, Json]:
    watched, gaps = watched_between(week.since, week.until), gaps_between(week.since, week.until)
    outages = list(outages_between(week.since, week.until))
    unseen = sum(_minutes(since, until) for since, until in gaps)
    return {
        "summary": _summary(unseen, watched.closed, folded=is_folded(week.since, week.until)),
        "explanation": _(
            "Answered: how many of a hundred asks brought a right answer, planned standstills included. Typical and "
            "highest are response times in milliseconds. What was not asked is not known, and counts as nothing."
        ),
        "head": [
            _("System"), _("Endpoint"), _("Asks"), _("Without a right answer"), _("Answered (percent)"),
            _("Typical (ms)"), _("Highest (ms)"), _("Outages"), _("Minutes of standstill"), _("of them planned"),
            _("Remarks"),
        ],
        "rows": [_row(one) for one in watched.lines],
        "nothing": _("No endpoint is registered. Nothing was watched."),
        "gaps_title": _("When nobody was watching"),
        "gaps_head": [_("Began at"), _("Ended at"), _("Minutes")],
        "gaps": [[*_times(since, until, display), str(_minutes(since, until))] for since, until in gaps[:MOST_LINES]],
        "no_gaps": _("No gap is known of this week."),
        "gaps_more": _more(len(gaps)),
        "outages_title": _("Outages"),
        "outages_head": [_("Endpoint"), _("Began at"), _("Ended at"), _("What was met"), _("Planned")],
        "outages": _outages(outages[:MOST_LINES], week, display),
        "no_outages": _("No outage is known of this week."),
        "outages_more": _more(len(outages)),
    }  # fmt: skip


def _summary(unseen: int, closed: int, *, folded: bool) -> list[Json]:
    found: list[Json] = []
    if unseen >= WEEK_MINUTES:
        found.append(_("In this week nothing was watched: Sekisho did not ask, or had no network itself."))
    elif unseen:
        share = percent(100 * unseen / WEEK_MINUTES)
        found.append(
            _("For %(minutes)s minutes of this week (%(share)s %%) nobody was watching; see below.")
            % {"minutes": unseen, "share": share}
        )
    if folded:
        found.append(_("This report was made late: gaps shorter than an hour are not known any more."))
    if closed:
        found.append(_("Endpoints that were asked and have been closed since, not in the list: %(n)s") % {"n": closed})
    return found


def _row(one: WeekLine) -> list[Json]:
    figures = [""] * 5
    if one.whole.share is not None:
        whole = one.whole
        figures = [
            str(whole.asked), str(whole.failed), percent(one.whole.share), _ms(whole.typical), _ms(one.highest),
        ]  # fmt: skip
    outages = [""] * 3
    if one.still is not None:
        outages = [str(number) for number in (one.still.number, one.still.minutes, one.still.planned)]
    return [one.system, one.endpoint, *figures, *outages, one.remark]


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _minutes(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds()) // 60


def _times(since: datetime, until: datetime | None, display: Display) -> tuple[str, str]:
    words = [format_moment(one, display.calendar, display.language) if one else "" for one in (since, until)]
    return words[0], words[1]


def _outages(rows: Sequence[Outage], week: Week, display: Display) -> list[Json]:
    """Return the outages; one that ended after the week lasted as far as the paper is concerned."""
    labels = {one.subject.id: one.subject.label for one in planned_endpoints(week.until)}
    found: list[Json] = []
    for row in rows:
        ended = row.ended_at if row.ended_at and row.ended_at <= week.until else None
        began, end = _times(row.began_at, ended, display)
        label = labels.get(str(row.endpoint_id)) or _("An endpoint that was closed since")
        fault = str(Fault(row.fault).label) if row.fault else ""
        found.append([label, began, end or _("Lasts"), fault, _("Planned") if row.quiet else ""])
    return found


def _more(number: int) -> str:
    return _("And %(n)s more.") % {"n": number - MOST_LINES} if number > MOST_LINES else ""
