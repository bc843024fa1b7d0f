"""A ledger to take away: Excel and CSV to work on, a PDF to print, seal and file."""

from datetime import date
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from sekisho.kernel import clock, registry
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import fiscal_year, format_date, format_moment, format_year, in_facility
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.ports import SubjectKind, SubjectProvider
from sekisho.ledgers.queries.book_values import Value, headings, rows, text_of
from sekisho.ledgers.rules.book_files import write_table
from sekisho.ledgers.views.book_reading import look_of
from sekisho.ui.display import Display
from sekisho.ui.paper import Frame, house_frame, make_pdf
from sekisho.ui.request import Request
from sekisho.ui.sheet import Sheet, SheetColumn, make_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATE = "ledgers/templates/ledgers/book.typ"
_NARROW, _WIDE = 14, 24


def workbook(request: Request, ledger: Ledger) -> HttpResponse:
    """Return what the list shows as an Excel workbook."""
    found = rows(ledger, look_of(ledger, request.GET))
    columns = [SheetColumn(title, _WIDE if len(title) > 6 else _NARROW) for title in headings(ledger)]
    above = (str(ledger.title), "　".join(f"{name}: {value}" for name, value in _facts(request.display)))
    sheet = Sheet(str(ledger.title), columns, found, above=above)
    content = make_workbook([sheet], title=str(ledger.title), author=_facility())
    return _download(content, XLSX, _file_name(ledger, request.display, "xlsx"))


def csv_file(request: Request, ledger: Ledger) -> HttpResponse:
    """Return what the list shows as CSV, which can be read in again."""
    found = rows(ledger, look_of(ledger, request.GET))
    content = write_table([headings(ledger), *([text_of(value) for value in row] for row in found)])
    return _download(content, "text/csv; charset=utf-8", _file_name(ledger, request.display, "csv"))


def pdf(request: Request, ledger: Ledger) -> HttpResponse:
    """Return what the list shows on A4, with number, edition and boxes for seals. Raises PaperFailed."""
    display = request.display
    found = rows(ledger, look_of(ledger, request.GET))
    data: dict[str, Json] = {
        "head": list(headings(ledger)),
        "rows": [[_words(value, display) for value in row] for row in found],
        "nothing": _("Nothing has been entered yet."),
    }
    content = make_pdf(_TEMPLATE, _frame(ledger, display), data)
    return _download(content, "application/pdf", _file_name(ledger, display, "pdf"))


def _words(value: Value, display: Display) -> str:
    if isinstance(value, date):
        return format_date(value, display.calendar, display.language)
    return text_of(value)


def _today() -> date:
    return in_facility(clock.now()).date()


def _frame(ledger: Ledger, display: Display) -> Frame:
    today = _today()
    return house_frame(
        title=str(ledger.title),
        number=f"SK-{ledger.prefix}-{today:%Y%m%d}",
        edition=_year(display),
        language=display.language,
        facts=_facts(display),
        day=format_date(today, display.calendar, display.language),
        what=_("Printed from the ledger as it stood at this moment"),
        landscape=ledger.print_layout == "a4-landscape",
    )


def _facts(display: Display) -> list[tuple[str, str]]:
    printed = format_moment(clock.now(), display.calendar, display.language)
    return [(_("Facility"), _facility()), (_("Fiscal year"), _year(display)), (_("Printed at"), printed)]


def _year(display: Display) -> str:
    """Return the fiscal year as offices write it: 令和8年度."""
    first = date(fiscal_year(_today()), 4, 1)
    return f"{format_year(first, display.calendar)}度" if display.language == "ja" else f"FY{first.year}"


def _file_name(ledger: Ledger, display: Display, ending: str) -> str:
    return f"{ledger.title}_{_year(display)}_{_today():%Y%m%d}.{ending}"


def _facility() -> str:
    """Return the name that stands on every paper, from whoever knows the facility."""
    for provider in registry.current().offers(SubjectProvider):  # type: ignore[type-abstract]  # asked by protocol
        if SubjectKind.FACILITY in provider.kinds():
            for subject in provider.subjects(SubjectKind.FACILITY):
                return str(subject.label)
    return _("not entered yet")


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    plain = name.encode("ascii", "ignore").decode().replace('"', "") or "ledger"
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return answer
