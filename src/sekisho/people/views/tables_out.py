"""Tables of people to take away: an Excel workbook to read, a CSV for another system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from sekisho.estate.queries import facility
from sekisho.kernel import clock
from sekisho.kernel.dates import format_moment, in_facility
from sekisho.ledgers.rules.book_files import write_table
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV = "text/csv; charset=utf-8"
_NARROW, _WIDE = 14, 26


@dataclass(frozen=True, slots=True)
class TableOut:
    """A table with its title, its headings and its rows; ``stem`` is the plain name of the file."""

    title: str
    stem: str
    head: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def send_table(request: Request, table: TableOut, *, as_csv: bool) -> HttpResponse:
    """Return a table as a file, named after what it is and the day."""
    day = f"{in_facility(clock.now()):%Y%m%d}"
    if as_csv:
        content = write_table([table.head, *([_words(value) for value in row] for row in table.rows)])
        return _download(content, _CSV, table, f"{day}.csv")
    row, moment = facility(), format_moment(clock.now(), request.display.calendar, request.display.language)
    name = row.name if row else ""
    columns = [SheetColumn(title, _WIDE if len(title) > 6 else _NARROW) for title in table.head]
    above = (table.title, f"{_('Facility')}: {name}　{_('Printed at')}: {moment}")
    sheet = Sheet(table.title, columns, table.rows, above=above)
    return _download(make_workbook([sheet], title=table.title, author=name), _XLSX, table, f"{day}.xlsx")


def _words(value: Cell) -> str:
    """Return a cell as text that every program reads alike: days and moments in the form of ISO 8601."""
    if isinstance(value, datetime):
        return in_facility(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _download(content: bytes, content_type: str, table: TableOut, ending: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    plain, name = f"{table.stem}_{ending}", quote(f"{table.title}_{ending}")
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"
    return answer
