"""The monthly report of the review on A4: hits, decisions, precision, and what could not be judged."""

from datetime import date, datetime, time, timedelta

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE, format_date, format_moment, in_facility
from sekisho.kernel.errors import NotFound
from sekisho.register.actions import RegisterAction
from sekisho.register.models import ReviewDecision
from sekisho.register.queries.review import RuleFigures, decisions_between, figures_of
from sekisho.register.views.review import decided_badge, rule_title, rules, table_words
from sekisho.ui.display import Display
from sekisho.ui.paper import house_frame, make_pdf
from sekisho.ui.request import Request

_TEMPLATE = "register/templates/register/review_report.typ"
_FIRST_YEAR, _LAST_YEAR, _MONTHS = 2000, 2999, 12


@require_safe
@allow(RegisterAction.SEE_REVIEW)
def month_pdf(request: Request, year: int, month: int) -> HttpResponse:
    """Return the report of a month as a PDF on A4. Raises NotFound, PaperFailed."""
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= _MONTHS):
        raise NotFound
    name, content = report_paper(date(year, month, 1), request.display)
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


def report_paper(first: date, display: Display) -> tuple[str, bytes]:
    """Return the report of the month that begins with ``first``, its file name first."""
    now, title = clock.now(), _("Monthly report of the review")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    frame = house_frame(
        title=title,
        number=f"SK-RV-{first:%Y%m}",
        edition="",
        language=display.language,
        facts=[
            (_("Period"), f"{_day(first, display)} – {_day(last, display)}"),
            (_("Printed at"), format_moment(now, display.calendar, display.language)),
        ],
        day=_day(in_facility(now).date(), display),
        what=_("Made from the register of this moment"),
    )
    figures = figures_of(list(rules()), first, last)
    decisions = decisions_between(_start(first), _start(last + timedelta(days=1)))
    data: dict[str, Json] = {
        "head": [
            _("Rule"), _("Raised"), _("Explained"), _("Improper"), _("Not settled"), _("Precision"),
            _("What could not be judged, and why"),
        ],
        "rows": [_line(one, display) for one in figures],
        "decisions_title": _("Decisions of the month"),
        "decisions_head": [
            _("When"), _("Rule"), _("Who"), _("Patient"), _("Decision"), _("By whom"), _("What was found out"),
        ],
        "decisions": [_decision(one, display) for one in decisions],
        "nothing": _("Nothing was decided in this month."),
        "explanation": _(
            "Precision is the share of improper ones among the items that were settled. A rule that lacks what it "
            "needs has judged nothing: that it raised nothing says nothing."
        ),
    }  # fmt: skip
    return f"{title}_{first:%Y%m}.pdf", make_pdf(_TEMPLATE, frame, data)


def _day(day: date, display: Display) -> str:
    return format_date(day, display.calendar, display.language)


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=FACILITY_ZONE)


def _line(one: RuleFigures, display: Display) -> list[Json]:
    words = []
    if one.missing:
        words.append(_("Not known here: %(tables)s") % {"tables": table_words(one.missing)})
    if one.failed:
        words.append(_("failed %(count)s times") % {"count": one.failed})
    if not one.runs and not words:
        words.append(_("It did not run."))
    precision = "―" if one.precision is None else f"{one.precision:.0%}"
    open_items = one.raised - one.explained - one.improper
    counts: list[Json] = [str(number) for number in (one.raised, one.explained, one.improper, open_items)]
    return [rule_title(one.rule, display.language), *counts, precision, "\n".join(words) or "―"]


def _decision(one: ReviewDecision, display: Display) -> list[Json]:
    return [
        format_moment(one.decided_at, display.calendar, display.language),
        rule_title(one.item.rule, display.language),
        one.item.actor_name or "―",
        one.item.patient or "―",
        str(decided_badge(one.decided).text),
        one.decided_by_name,
        one.comment,
    ]
