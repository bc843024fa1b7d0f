"""A ledger to take away: Excel and CSV to work on, a PDF to print, seal and file."""

from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from sekisho.kernel import clock, registry
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import fiscal_year, format_date, format_moment, in_facility
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.ports import SubjectKind, SubjectProvider
from sekisho.ledgers.queries.book_values import Value, file_headings, rows, text_of
from sekisho.ledgers.queries.books import Look
from sekisho.ledgers.queries.no_cases import statement
from sekisho.ledgers.rules.book_files import write_table
from sekisho.ledgers.rules.book_years import year_name
from sekisho.ledgers.views.book_looks import look_of
from sekisho.ui.display import Display
from sekisho.ui.paper import Frame, house_frame, make_pdf
from sekisho.ui.request import Request
from sekisho.ui.sheet import Sheet, SheetColumn, make_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATE = "ledgers/templates/ledgers/book.typ"
_NARROW, _WIDE = 14, 24
EVERYTHING = Look()


def workbook(request: Request, ledger: Ledger) -> HttpResponse:
    """Return what the list shows as an Excel workbook."""
    look = look_of(ledger, request.GET)
    return send_workbook(request, ledger, file_headings(ledger), rows(ledger, look), look)


def csv_file(request: Request, ledger: Ledger) -> HttpResponse:
    """Return what the list shows as CSV, which can be read in again."""
    look = look_of(ledger, request.GET)
    return send_csv(request, ledger, file_headings(ledger), rows(ledger, look), look)


Rows = Iterable[Sequence[Value]]


def send_workbook(
    request: Request, ledger: Ledger, head: Sequence[str], found: Rows, look: Look = EVERYTHING
) -> HttpResponse:
    """Return rows of a ledger under their headings as an Excel workbook, named after ledger, year and day."""
    columns = [SheetColumn(title, _WIDE if len(title) > 6 else _NARROW) for title in head]
    above = (str(ledger.title), "　".join(f"{name}: {value}" for name, value in _facts(look, request.display)))
    sheet = Sheet(str(ledger.title), columns, found, above=above)
    content = make_workbook([sheet], title=str(ledger.title), author=_facility())
    return _download(content, XLSX, _file_name(ledger, look, request.display, "xlsx"))


def send_csv(
    request: Request, ledger: Ledger, head: Sequence[str], found: Rows, look: Look = EVERYTHING
) -> HttpResponse:
    """Return rows of a ledger under their headings as CSV, named after ledger, year and day."""
    content = write_table([head, *([text_of(value) for value in row] for row in found)])
    return _download(content, "text/csv; charset=utf-8", _file_name(ledger, look, request.display, "csv"))


def pdf(request: Request, ledger: Ledger) -> HttpResponse:
    """Return what the list shows on A4, with number, edition and boxes for seals. Raises PaperFailed."""
    display, look = request.display, look_of(ledger, request.GET)
    found = rows(ledger, look)
    data: dict[str, Json] = {
        "head": list(file_headings(ledger)),
        "rows": [[_words(value, display) for value in row] for row in found],
        "nothing": _nothing(ledger, display),
    }
    content = make_pdf(_TEMPLATE, _frame(ledger, look, display), data)
    return _download(content, "application/pdf", _file_name(ledger, look, display, "pdf"))


def _nothing(ledger: Ledger, display: Display) -> str:
    """Return what stands on paper instead of entries: who stated that there is nothing, or that nobody did."""
    stated = statement(ledger)
    if stated is None:
        return _("Nothing has been entered yet.")
    first, last = (format_date(day, display.calendar, display.language) for day in (stated.first_day, stated.last_day))
    words = {"first": first, "last": last, "name": stated.stated_by_name}
    return _("No case from %(first)s to %(last)s, as %(name)s stated.") % words


def _words(value: Value, display: Display) -> str:
    if isinstance(value, date):
        return format_date(value, display.calendar, display.language)
    return text_of(value)


def _today() -> date:
    return in_facility(clock.now()).date()


def _frame(ledger: Ledger, look: Look, display: Display) -> Frame:
    today, year = _today(), _year(look, display)
    return house_frame(
        title=f"{ledger.title}　{year}" if look.year is not None else str(ledger.title),
        number=f"SK-{ledger.prefix}-{today:%Y%m%d}",
        edition=year,
        language=display.language,
        facts=_facts(look, display),
        day=format_date(today, display.calendar, display.language),
        what=_("Printed from the ledger as it stood at this moment"),
        landscape=ledger.print_layout == "a4-landscape",
    )


def _facts(look: Look, display: Display) -> list[tuple[str, str]]:
    printed = format_moment(clock.now(), display.calendar, display.language)
    return [(_("Facility"), _facility()), (_("Fiscal year"), _year(look, display)), (_("Printed at"), printed)]


def _year(look: Look, display: Display) -> str:
    """Return the fiscal year that was asked for, else this one, as offices write it: 令和8年度."""
    year = fiscal_year(_today()) if look.year is None else look.year
    return year_name(year, display.calendar, display.language)


def _file_name(ledger: Ledger, look: Look, display: Display, ending: str) -> str:
    return f"{ledger.title}_{_year(look, display)}_{_today():%Y%m%d}.{ending}"


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
