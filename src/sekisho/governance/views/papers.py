"""Papers to take away: the Fit&Gap as an Excel workbook, as a PDF and as OSCAL, with the numbers of the pages."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho import __version__
from sekisho.estate.queries import facility
from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import NotJudgedYet
from sekisho.governance.queries.fit_gap import FitGap, fit_gap
from sekisho.governance.queries.overview import stood
from sekisho.governance.rules.oscal import Assessed, assessment_results, catalog
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.currency import require_current
from sekisho.governance.views.fit_gap import Line, counts, lines, subject_lines
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE, format_date, format_moment
from sekisho.ui.display import Display
from sekisho.ui.paper import Frame, house_frame, make_pdf
from sekisho.ui.parts import Align, Link, TableColumn
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATE = "governance/templates/governance/fit_gap.typ"


@require_safe
@allow(GovernanceAction.VIEW)
def list_papers(request: Request) -> HttpResponse:
    """Show what can be taken away, and for whom it is."""
    columns = [TableColumn(_("Paper"), is_row_heading=True), TableColumn(_("What it holds"), Align.WIDE)]
    rows = [(Link(title, reverse(route)), what) for title, route, what in _papers()]
    context = {"page_title": _("Papers"), "columns": columns, "rows": rows}
    return render(request, "governance/papers.html", context)


def _papers() -> list[tuple[str, str, str]]:
    return [
        (
            _("Papers for the inspection (all in one file)"),
            "governance:inspection-pack",
            _(
                "Checklists, the official form too once it was given, Fit&Gap, exceptions, contacts and systems, index "
                "of evidence, and a list that names what is not in it."
            ),
        ),
        (
            _("Fit&Gap (PDF)"),
            "governance:fit-gap-pdf",
            _("Every item with its verdict, n/N and what is missing, on A4 with boxes for seals. To print and show."),
        ),
        (
            _("Fit&Gap (Excel)"),
            "governance:fit-gap-workbook",
            _("The same, and a second sheet with every subject and its proofs. To sort and to work on."),
        ),
        (
            _("Inspection checklist (PDF)"),
            "governance:checklist-pdf",
            _("The facility's answers of this fiscal year with their grounds; those of a vendor from its own list."),
        ),
        (
            _("Inspection checklist (Excel)"),
            "governance:checklist-workbook",
            _("The same, to fill in the official form from."),
        ),
        (
            _("Register of exceptions (PDF)"),
            "governance:exceptions-pdf",
            _("Every approved exception: for what, why, what is done instead, and until when."),
        ),
        (
            _("Reports to the planning manager (PDF, Excel)"),
            "governance:reports",
            _("What was entered, approved, closed and excepted in the ledgers in a period. Choose the days there."),
        ),
        (
            _("Contacts and systems (PDF)"),
            "governance:estate-pdf",
            _("Whom to call, the systems, lines and endpoints, and a drawing of how they are connected."),
        ),
        (
            _("Index of evidence (Excel)"),
            "governance:evidence-workbook",
            _("The newest run of every check and every approval in force, each with its SHA-256."),
        ),
        (
            _("Security chart (PDF)"),
            "governance:chart-pdf",
            _("The scores by chapter of this year and another, with what could not be told and the formula."),
        ),
        (
            _("Assessment results (OSCAL)"),
            "governance:oscal-results",
            _("The verdicts for programs of others, in the form of the NIST."),
        ),
        (
            _("Catalog of the edition (OSCAL)"),
            "governance:oscal-catalog",
            _("The items in our own words for programs of others, in the form of the NIST."),
        ),
    ]


@require_safe
@allow(GovernanceAction.VIEW)
def fit_gap_workbook(request: Request) -> HttpResponse:
    """Return the Fit&Gap as an Excel workbook: the list, every subject, what the figures mean. Raises VerdictsOld."""
    state, display = _current(), request.display
    sheets = (_list_sheet(state, display), _subject_sheet(state, display), _about_sheet(state, display))
    content = make_workbook(sheets, title=_("Fit&Gap"), author=facility_name())
    return download(content, XLSX, _file_name(state, "xlsx"))


@require_safe
@allow(GovernanceAction.VIEW)
def fit_gap_pdf(request: Request) -> HttpResponse:
    """Return the Fit&Gap as a PDF on A4. Raises VerdictsOld."""
    name, content = fit_gap_paper(request.display)
    return download(content, "application/pdf", name)


def fit_gap_paper(display: Display) -> tuple[str, bytes]:
    """Return the Fit&Gap on A4, its file name first. Raises VerdictsOld, PaperFailed."""
    state = _current()
    data: dict[str, Json] = {
        "counts": [[str(verdict.label), number] for verdict, number in counts(state)],
        "head": [_("No."), _("Requirement"), _("Verdict"), "n/N", _("Missing"), _("Exceptions in force")],
        "rows": [_pdf_row(line) for line in lines(state, display)],
        "explanation": _explanation(),
    }
    return _file_name(state, "pdf"), make_pdf(_TEMPLATE, _frame(state, display), data)


@require_safe
@allow(GovernanceAction.VIEW)
def oscal_catalog(request: Request) -> HttpResponse:
    """Return the edition as an OSCAL catalog."""
    state = fit_gap()
    modified = datetime.combine(state.edition.head.dated, time.min, FACILITY_ZONE)
    found = catalog(state.edition, request.display.language, __version__, modified)
    return download(_json(found), "application/json", f"oscal_catalog_{state.edition.head.id}.json")


@require_safe
@allow(GovernanceAction.VIEW)
def oscal_results(request: Request) -> HttpResponse:
    """Return the verdicts as OSCAL assessment results. Raises NotJudgedYet, VerdictsOld."""
    state = _current()
    if state.judged_at is None:
        raise NotJudgedYet
    assessed = Assessed(state.edition, state.summaries, stood(state), facility_name(), state.judged_at, __version__)
    found = assessment_results(assessed, request.display.language)
    return download(_json(found), "application/json", f"oscal_results_{state.taken_at:%Y%m%d}.json")


def _json(document: Json) -> bytes:
    """Return a document for programs of others: nobody hashes it, but the same state makes the same bytes."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _current() -> FitGap:
    """Return what goes on a paper, which lasts longer than a page: never verdicts that have run out."""
    require_current()
    return fit_gap()


def _frame(state: FitGap, display: Display) -> Frame:
    today = state.taken_at.astimezone(FACILITY_ZONE).date()
    return house_frame(
        title=_("Fit&Gap of the safety management of medical information systems"),
        number=f"SK-FG-{today:%Y%m%d}",
        edition=state.edition.head.title.text(display.language),
        language=display.language,
        facts=_facts(state, display),
        day=_day(today, display),
        what=_("Made from the verdicts of this moment"),
    )


def _facts(state: FitGap, display: Display) -> list[tuple[str, str]]:
    judged = _moment_words(state, display)
    return [
        (_("Facility"), facility_name()),
        (_("Edition"), f"{state.edition.head.title.text(display.language)} ({state.edition.head.id})"),
        (_("Judged at"), judged),
        (_("Printed at"), format_moment(state.taken_at, display.calendar, display.language)),
    ]


def _moment_words(state: FitGap, display: Display) -> str:
    if state.judged_at is None:
        return _("not yet")
    return format_moment(state.judged_at, display.calendar, display.language)


def _pdf_row(line: Line) -> list[Json]:
    numbers = "" if line.is_parent and not line.total else f"{line.conforming}/{line.total}"
    lacking, excepted = "\n".join(line.gaps), "\n".join(line.exceptions)
    return [line.printed, line.title, str(line.verdict.label), numbers, lacking, line.is_parent, excepted]


def _list_sheet(state: FitGap, display: Display) -> Sheet:
    columns = (
        SheetColumn(_("Id"), 12),
        SheetColumn(_("No."), 9),
        SheetColumn(_("Requirement"), 34),
        SheetColumn(_("Level"), 8),
        SheetColumn(_("Judged per"), 14),
        SheetColumn(_("Verdict"), 12),
        SheetColumn("n", 6),
        SheetColumn("N", 6),
        SheetColumn(_("Missing"), 60),
        SheetColumn(_("In charge"), 18),
        SheetColumn(_("Exceptions in force"), 40),
    )
    rows = (
        (
            line.id, line.printed, line.title, line.level, line.judged_per, str(line.verdict.label), line.conforming,
            line.total, "\n".join(line.gaps), line.in_charge, "\n".join(line.exceptions),
        )
        for line in lines(state, display)
    )  # fmt: skip
    return Sheet(_("Fit&Gap"), columns, rows, above=_above(state, display))


def _subject_sheet(state: FitGap, display: Display) -> Sheet:
    columns = (
        SheetColumn(_("Id"), 12),
        SheetColumn(_("No."), 9),
        SheetColumn(_("Requirement"), 34),
        SheetColumn(_("Subject"), 26),
        SheetColumn(_("Verdict"), 12),
        SheetColumn(_("Since"), 16),
        SheetColumn(_("Proofs"), 70),
        SheetColumn(_("Why it does not apply"), 40),
        SheetColumn(_("Exceptions in force"), 40),
    )
    labels = {verdict: str(verdict.label) for verdict in Verdict}
    rows: Iterator[Sequence[Cell]] = (
        (
            line.id, line.printed, line.title, line.subject, labels[line.found.verdict], line.found.since,
            line.proofs, line.reason, line.exceptions,
        )
        for line in subject_lines(state, display)
    )  # fmt: skip
    return Sheet(_("By subject"), columns, rows, above=_above(state, display))


def _about_sheet(state: FitGap, display: Display) -> Sheet:
    columns = (SheetColumn(_("Verdict"), 24), SheetColumn(_("Requirements"), 16))
    rows: list[Sequence[Cell]] = [(str(verdict.label), number) for verdict, number in counts(state)]
    above = [_("About the figures"), *(f"{name}: {value}" for name, value in _facts(state, display)), _explanation()]
    return Sheet(_("About this paper"), columns, rows, above=above, landscape=False)


def _above(state: FitGap, display: Display) -> tuple[str, str]:
    return _("Fit&Gap"), "　".join(f"{name}: {value}" for name, value in _facts(state, display))


def _explanation() -> str:
    return _(
        "n of N subjects conform. What cannot be told, is out of date or was never judged stays in N and never counts "
        "as conforming. An exception stands beside a verdict and does not change it."
    )


def facility_name() -> str:
    """Return the name that stands on every paper."""
    found = facility()
    return found.name if found else _("not entered yet")


def _day(day: date, display: Display) -> str:
    return format_date(day, display.calendar, display.language)


def _file_name(state: FitGap, ending: str) -> str:
    return f"{_('Fit&Gap')}_{state.taken_at.astimezone(FACILITY_ZONE):%Y%m%d}.{ending}"


def download(content: bytes, content_type: str, name: str) -> HttpResponse:
    """Return a paper as a file to keep under ``name``."""
    plain = name.encode("ascii", "ignore").decode().replace('"', "") or "paper"
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return answer
