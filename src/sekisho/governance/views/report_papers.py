"""The report about the ledgers to take away: on A4, and as a workbook."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from sekisho.governance.queries.exceptions import ExceptionEntry
from sekisho.governance.queries.reports import BookPart, BookReport, ReportLine
from sekisho.governance.rules.exceptions import ExceptionState
from sekisho.governance.rules.reports import Happening
from sekisho.governance.views.papers import facility_name
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_date, format_moment, in_facility
from sekisho.ui.display import Display
from sekisho.ui.paper import house_frame, make_pdf
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

_TEMPLATE = "governance/templates/governance/book_report.typ"


def report_paper(report: BookReport, display: Display) -> tuple[str, bytes]:
    """Return a report on A4, its file name first. Raises PaperFailed."""
    title = _("Report about the ledgers")
    frame = house_frame(
        title=title,
        number=f"SK-BR-{report.period.last:%Y%m%d}",
        edition="",
        language=display.language,
        facts=_facts(report, display),
        day=format_date(in_facility(report.made_at).date(), display.calendar, display.language),
        what=_("Made from the ledgers as they stood at this moment"),
    )
    data: dict[str, Json] = {
        "head": [_("Ledger"), _("In use"), *(str(one.label) for one in Happening)],
        "rows": [_counts(part) for part in report.parts],
        "line_head": [_("Control number"), _("Entry"), _("What happened"), _("Day"), _("By whom"), _("Reason")],
        "books": [_book(part, display) for part in report.parts if part.lines],
        "exceptions_title": _("Exceptions"),
        "exceptions_head": [
            _("Requirement"), _("Subjects"), _("Why it is not done yet"), _("What is done instead"), _("Until"),
        ],
        "exceptions": [_excepted(one, display) for one in report.excepted],
        "no_exceptions": _("No approved exception held in this period."),
        "explanation": _explanation(),
        "withheld": _withheld(report),
    }  # fmt: skip
    return f"{title}_{report.period.last:%Y%m%d}.pdf", make_pdf(_TEMPLATE, frame, data)


def report_workbook(report: BookReport, display: Display) -> tuple[str, bytes]:
    """Return a report as an Excel workbook, its file name first: the figures, every line, the exceptions."""
    title = _("Report about the ledgers")
    above = (title, "　".join(f"{name}: {value}" for name, value in _facts(report, display)))
    notes = [words for words in (_explanation(), _withheld(report)) if words]
    figures = Sheet(_("Figures"), _figure_columns(), _figure_rows(report), above=(*above, *notes))
    told = Sheet(_("Entries told of"), _line_columns(), _line_rows(report), above=above)
    sheets = (figures, told, _exceptions_sheet(report))
    return f"{title}_{report.period.last:%Y%m%d}.xlsx", make_workbook(sheets, title=title, author=facility_name())


def _facts(report: BookReport, display: Display) -> list[tuple[str, str]]:
    days = (format_date(day, display.calendar, display.language) for day in (report.period.first, report.period.last))
    return [
        (_("Facility"), facility_name()),
        (_("Period"), " – ".join(days)),
        (_("Made at"), format_moment(report.made_at, display.calendar, display.language)),
    ]


def _explanation() -> str:
    return _(
        "What was done is counted from the register: an entry counts in every period in which it was corrected. What "
        "has run out or waits for a confirmation is counted as it stands when the report is made."
    )


def _withheld(report: BookReport) -> str:
    names = _(", ").join(str(ledger.title) for ledger in report.withheld)
    words = _("Not in this report, because its maker may not look at them: %(names)s")
    return words % {"names": names} if names else ""


def _counts(part: BookPart) -> Json:
    return [str(part.ledger.title), str(part.in_use), *(str(part.counts.get(one, 0) or "―") for one in Happening)]


def _book(part: BookPart, display: Display) -> Json:
    more = _("and %(number)s more; the ledger itself holds them.") % {"number": part.more} if part.more else ""
    lines: list[Json] = [_line(line, display) for line in part.lines]
    return {"title": str(part.ledger.title), "rows": lines, "more": more}


def _line(line: ReportLine, display: Display) -> Json:
    day = format_date(line.day, display.calendar, display.language) if line.day else "―"
    return [line.number, line.name, _happened(line), day, line.who, line.reason]


def _happened(line: ReportLine) -> str:
    return "\n".join(str(one.label) for one in line.happenings)


def _excepted(one: ExceptionEntry, display: Display) -> Json:
    until = [format_date(one.valid_until, display.calendar, display.language)]
    until += [_("Ended")] if one.state is ExceptionState.ENDED else []
    subjects = "\n".join(subject.label for subject in one.subjects)
    return ["\n".join(one.requirements), subjects, one.reason, one.substitute, "\n".join(until)]


def _figure_columns() -> list[SheetColumn]:
    return [SheetColumn(_("Ledger"), 36), *(SheetColumn(title, 12) for title in (_("In use"), *_labels()))]


def _labels() -> list[str]:
    return [str(one.label) for one in Happening]


def _figure_rows(report: BookReport) -> Iterator[Sequence[Cell]]:
    for part in report.parts:
        yield str(part.ledger.title), part.in_use, *(part.counts.get(one, 0) for one in Happening)


def _line_columns() -> list[SheetColumn]:
    return [
        SheetColumn(_("Ledger"), 28), SheetColumn(_("Control number"), 14), SheetColumn(_("Entry"), 40),
        SheetColumn(_("What happened"), 20), SheetColumn(_("Day"), 12), SheetColumn(_("By whom"), 16),
        SheetColumn(_("Reason"), 40),
    ]  # fmt: skip


def _line_rows(report: BookReport) -> Iterator[Sequence[Cell]]:
    for part in report.parts:
        for line in part.lines:
            happened = "、".join(str(one.label) for one in line.happenings)
            yield str(part.ledger.title), line.number, line.name, happened, line.day, line.who, line.reason


def _exceptions_sheet(report: BookReport) -> Sheet:
    columns = [
        SheetColumn(_("Requirement"), 14), SheetColumn(_("Subjects"), 28), SheetColumn(_("Why it is not done yet"), 40),
        SheetColumn(_("What is done instead"), 40), SheetColumn(_("Until"), 12), SheetColumn(_("Approved by"), 16),
    ]  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            "\n".join(one.requirements), "\n".join(subject.label for subject in one.subjects), one.reason,
            one.substitute, one.valid_until, one.approved_by,
        )
        for one in report.excepted
    ]  # fmt: skip
    return Sheet(_("Exceptions"), columns, rows)
