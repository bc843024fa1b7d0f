"""Excel workbooks as Japanese offices print them: heading row frozen and repeated, filter on, one page wide on A4."""

import gc
import importlib
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sekisho.kernel.dates import FACILITY_ZONE

Cell = str | int | float | date | datetime | None
_FONT = "Yu Gothic"
_HEAD = {"bold": True, "bg_color": "#E8F1FE", "border": 1, "valign": "vcenter", "text_wrap": True, "font_name": _FONT}
_BODY = {"border": 1, "valign": "top", "text_wrap": True, "font_name": _FONT}
_LINE = 18.0  # points; what a line of the font takes
_ROOM = 1.1  # a column is a little wider than its number of letters
_HIGHEST = 409.0  # points; what a row may be
_NAME_SIGNS = str.maketrans("[]:*?/\\", "（）：＊？／￥")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A heading and how wide the column is, in letters."""

    title: str
    width: float = 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the lines above the table, the columns and the rows."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Cell]]
    above: Sequence[str] = ()
    landscape: bool = True


def make_workbook(sheets: Iterable[Sheet], *, title: str, author: str) -> bytes:
    """Return the sheets as the bytes of an .xlsx file. A text stays a text, even one that begins with "=".

    One row at a time is in memory; the others wait, nameless, in the folder for temporary files.
    """
    buffer = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    options = {"constant_memory": True, **plain}
    # Not imported at the top: it takes fifteen megabytes, and most processes never write a workbook.
    book = importlib.import_module("xlsxwriter").Workbook(buffer, options)
    book.set_properties({"title": title, "author": author})
    formats = {
        "head": book.add_format(_HEAD),
        "body": book.add_format(_BODY),
        "day": book.add_format({**_BODY, "num_format": "yyyy/mm/dd", "align": "left"}),
        "moment": book.add_format({**_BODY, "num_format": "yyyy/mm/dd hh:mm", "align": "left"}),
        "above": book.add_format({"font_name": _FONT}),
        "title": book.add_format({"font_name": _FONT, "bold": True, "font_size": 14}),
    }
    with _uncollected():
        for sheet in sheets:
            _write(book, sheet, formats)
        book.close()
    return buffer.getvalue()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let nobody look for garbage meanwhile: ten thousands of cells, none of them garbage, make it a third of the time.

    Two workbooks at once are no harm: the first to begin lets the looking begin again when it ends.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(book: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    page = book.add_worksheet(sheet.title.translate(_NAME_SIGNS)[:31])
    page.set_default_row(_LINE)
    for line, text in enumerate(sheet.above):
        page.write_string(line, 0, text, formats["title" if line == 0 else "above"])
    first = len(sheet.above) + bool(sheet.above)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(first, place, column.title, formats["head"])
    last = first
    widths = [column.width * _ROOM for column in sheet.columns]
    for last, row in enumerate(sheet.rows, start=first + 1):
        lines = max(map(_lines, row, widths), default=1)
        if lines > 1:
            page.set_row(last, min(_LINE * lines, _HIGHEST))
        for place, value in enumerate(row):
            _write_cell(page, last, place, value, formats)
    _set_print(page, sheet, first, last)


def _lines(value: Cell, width: float) -> int:
    """Return how many lines a text takes: LibreOffice shows the first alone where no height is given.

    A letter of the Latin script is one wide, of the Japanese two: half of what it takes in UTF-8 and in number.
    """
    if not isinstance(value, str) or (2 * len(value) <= width and "\n" not in value):
        return 1
    return sum(max(1, math.ceil((len(part.encode()) + len(part)) / 2 / width)) for part in value.split("\n"))


def _write_cell(page: Any, row: int, place: int, value: Cell, formats: dict[str, Any]) -> None:
    if isinstance(value, str) and value:
        page.write_string(row, place, value, formats["body"])
    elif isinstance(value, datetime):
        page.write_datetime(row, place, value.astimezone(FACILITY_ZONE).replace(tzinfo=None), formats["moment"])
    elif isinstance(value, date):
        page.write_datetime(row, place, value, formats["day"])
    elif value is None or value == "":
        page.write_blank(row, place, None, formats["body"])
    else:
        page.write_number(row, place, value, formats["body"])


def _set_print(page: Any, sheet: Sheet, first: int, last: int) -> None:
    page.freeze_panes(first + 1, 0)
    page.autofilter(first, 0, max(last, first), len(sheet.columns) - 1)
    page.repeat_rows(first)
    page.set_paper(9)  # A4
    if sheet.landscape:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    page.set_footer("&L&A&R&P / &N")
