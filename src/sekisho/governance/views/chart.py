"""The security chart: a score for each chapter beside that of another fiscal year, as a page and on A4."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import NotJudgedYet
from sekisho.governance.forms.chart import ChartForm
from sekisho.governance.queries.chart import Basis, Chart, Standing, chart_of, standings
from sekisho.governance.queries.editions import CURRENT, edition, edition_ids
from sekisho.governance.rules.chart import ChapterScore, Comparison, compare
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.currency import require_current
from sekisho.governance.views.papers import download, facility_name
from sekisho.governance.views.wording import VERDICT_BADGES, fiscal_year_words
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_date, format_moment, in_facility
from sekisho.ui.display import Display
from sekisho.ui.paper import Frame, house_frame, make_pdf
from sekisho.ui.request import Request

_TEMPLATE = "governance/templates/governance/chart.typ"
_MINUS = "−"


@dataclass(frozen=True, slots=True)
class Score:
    """One chapter of one year in words; ``score`` is None where nothing applied or the year has no such chapter."""

    score: int | None
    untold: int
    rest: int
    words: str
    numbers: str


@dataclass(frozen=True, slots=True)
class Line:
    """One chapter: this year, the other one (None if none was chosen), and the difference in words."""

    title: str
    now: Score
    before: Score | None
    difference: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a chart shows: one standing, perhaps another beside it, and the lines."""

    now: Chart
    before: Chart | None
    lines: Sequence[Line]


@require_safe
@allow(GovernanceAction.VIEW)
def show_chart(request: Request) -> HttpResponse:
    """Show the chart of one fiscal year beside another."""
    found, display = standings(), request.display
    form = ChartForm(request.GET, standings=[(one.key, standing_words(one, display)) for one in found])
    chosen = _chosen(form, found, display.language)
    context = {
        "page_title": _("Security chart"),
        "chosen": chosen,
        "form": form,
        "now_words": standing_words(chosen.now.standing, display) if chosen else "",
        "before_words": standing_words(chosen.before.standing, display) if chosen and chosen.before else "",
        "counts": _counts(chosen) if chosen else [],
        "formula": formula(),
        "unlike": unlike_words(chosen),
        "query": request.GET.urlencode(),
    }
    return render(request, "governance/chart.html", context)


@require_safe
@allow(GovernanceAction.VIEW)
def chart_pdf(request: Request) -> HttpResponse:
    """Return the chart as a PDF on A4. Raises NotJudgedYet, VerdictsOld, PaperFailed."""
    found, display = standings(), request.display
    chosen = _chosen(ChartForm(request.GET, standings=[(one.key, "") for one in found]), found, display.language)
    if chosen is None:
        raise NotJudgedYet
    if chosen.now.standing.basis is Basis.TODAY:
        require_current()
    data: dict[str, Json] = {
        "head": [
            _("Chapter"), _("Score"), _("Cannot tell"), _("Conforming items"), _("Score"), _("Cannot tell"),
            _("Difference"),
        ],
        "now": standing_words(chosen.now.standing, display),
        "before": standing_words(chosen.before.standing, display) if chosen.before else "",
        "rows": [_pdf_row(line) for line in chosen.lines],
        "keys": [_("Conforms"), _("Cannot tell, out of date, not assessed"), _("Does not conform, or in part")],
        "counts": [[str(label), now, before] for label, now, before in _counts(chosen)],
        "counts_head": [_("Items by verdict"), *(standing_words(one.standing, display) for one in _both(chosen))],
        "formula": [*formula(), *unlike_words(chosen)],
        "formula_title": _("How it is counted"),
    }  # fmt: skip
    title = _("Security chart")
    name = f"{title}_{chosen.now.standing.key}_{in_facility(clock.now()):%Y%m%d}.pdf"
    return download(make_pdf(_TEMPLATE, _frame(chosen, display), data), "application/pdf", name)


def _chosen(form: ChartForm, found: Sequence[Standing], language: str) -> Chosen | None:
    now, before = form.chosen(found)
    if now is None:
        return None
    chart, other = chart_of(now), chart_of(before) if before else None
    compared = compare(chart.scores, other.scores if other else ())
    return Chosen(chart, other, [_line(one, now.edition, language, compares=other is not None) for one in compared])


def _line(found: Comparison, edition_id: str, language: str, *, compares: bool) -> Line:
    return Line(
        title=_chapter_title(found.now.chapter, edition_id, language),
        now=_score(found.now),
        before=_score(found.before) if compares else None,
        difference=_difference(found) if compares else "",
    )


def _chapter_title(number: int, edition_id: str, language: str) -> str:
    known = edition_id if edition_id in edition_ids() else CURRENT
    found = next((one for one in edition(known).head.chapters if one.number == number), None)
    return f"{number} {found.title.text(language)}" if found else str(number)


def _score(found: ChapterScore | None) -> Score:
    if found is None:
        return Score(None, 0, 0, _("Not in that edition"), "")
    if found.score is None or found.untold is None:
        return Score(None, 0, 0, str(Verdict.NOT_APPLICABLE.label), "")
    rest = 100 - found.score - found.untold
    return Score(found.score, found.untold, rest, str(found.score), f"{found.n}/{found.N}")


def _difference(found: Comparison) -> str:
    """Return +5, −3 or ±0, with a mark where what cannot be told could turn it round."""
    if found.difference is None:
        return ""
    sign = "+" if found.difference > 0 else _MINUS if found.difference < 0 else "±"
    return f"{sign}{abs(found.difference)}{'' if found.is_certain else ' ？'}"


def standing_words(standing: Standing, display: Display) -> str:
    """Return which year a standing is of, and of which day its figures are."""
    year = fiscal_year_words(standing.year, display)
    day = format_date(standing.day, display.calendar, display.language)
    words = {
        Basis.TODAY: _("%(year)s so far (%(day)s)"),
        Basis.YEAR_END: _("%(year)s, last figures (%(day)s)"),
        Basis.LOCKED: _("%(year)s, locked round (%(day)s)"),
    }[standing.basis]
    return words % {"year": year, "day": day}


def formula() -> list[str]:
    """Return how the scores are counted, in plain words."""
    return [
        _("For every item that applies: how many of its subjects (systems, devices, vendors …) conform, as a share."),
        _("The score of a chapter is the mean of these shares, of 100 points, rounded down. Every item counts alike."),
        _(
            "Example: a chapter has two items. One conforms for 3 of 4 systems (0.75), the other cannot be told (0). "
            "Score: 37 points; cannot be told: 50 points."
        ),
        _(
            "What cannot be told, is out of date or was never assessed counts as 0 and is shown beside the score: "
            "that many points at most could be added if it were known. There is no score of the whole facility."
        ),
        _("A difference marked ？ could turn round if what cannot be told were known."),
    ]


def unlike_words(chosen: Chosen | None) -> list[str]:
    """Return the warning that two charts were not measured alike, if they were not."""
    if chosen is None or chosen.before is None or chosen.now.yardstick == chosen.before.yardstick:
        return []
    return [
        _(
            "Between the two, what is measured has changed (the edition, or how items are proven). A difference may "
            "come from that alone."
        )
    ]


def _both(chosen: Chosen) -> list[Chart]:
    return [chosen.now, chosen.before] if chosen.before else [chosen.now]


def _counts(chosen: Chosen) -> list[tuple[object, int, int | None]]:
    """Return how many items stood in each verdict now and then; None without another year."""
    before = chosen.before
    return [
        (badge.text, chosen.now.counts.get(verdict, 0), before.counts.get(verdict, 0) if before else None)
        for verdict, badge in VERDICT_BADGES.items()
    ]


def _frame(chosen: Chosen, display: Display) -> Frame:
    made = clock.now()
    facts: Iterable[tuple[str, str]] = [
        (_("Facility"), facility_name()),
        (_("Fiscal year"), standing_words(chosen.now.standing, display)),
        *([(_("Compared with"), standing_words(chosen.before.standing, display))] if chosen.before else []),
        (_("Printed at"), format_moment(made, display.calendar, display.language)),
    ]
    return house_frame(
        title=_("Security chart"),
        number=f"SK-SC-{chosen.now.standing.year}-{in_facility(made):%Y%m%d}",
        edition=edition(CURRENT).head.title.text(display.language),
        language=display.language,
        facts=list(facts),
        day=format_date(in_facility(made).date(), display.calendar, display.language),
        what=_("Made from the figures of the days named above"),
    )


def _pdf_row(line: Line) -> list[Json]:
    before = line.before
    return [
        line.title,
        [line.now.score, line.now.untold, line.now.words, line.now.numbers],
        [before.score, before.untold, before.words, before.numbers] if before else None,
        line.difference,
    ]
