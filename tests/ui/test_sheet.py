"""Workbooks: what was typed stays text, dates are dates, and every row comes back."""

import io
from datetime import UTC, date, datetime

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ui.sheet import Sheet, SheetColumn, make_workbook

COLUMNS = (SheetColumn("氏名", 20), SheetColumn("日付"))
# What an .xlsx file can hold in a cell; control characters are written in a way that openpyxl reads differently.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="￾￿"), max_size=40)


def opened(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(make_workbook(sheets, title="台帳", author="関所")))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.integers(-(10**9), 10**9)), max_size=10))
def test_every_cell_comes_back(rows: list[tuple[str, int]]) -> None:
    """Also texts that look like formulas, numbers or addresses."""
    page = opened(Sheet("一覧", COLUMNS, rows, above=("題名",))).worksheets[0]
    found = [tuple(cell.value for cell in row) for row in page.iter_rows(min_row=4)]
    assert found == [(text or None, number) for text, number in rows]
    assert all(cell.data_type in {"s", "n"} for row in page.iter_rows() for cell in row)


def test_formulas_links_and_numbers_in_words_stay_text() -> None:
    rows = [('=HYPERLINK("x")', None), ("https://example.jp", None), ("007", None), ("+81", None), ("@x", None)]
    page = opened(Sheet("一覧", COLUMNS, rows)).worksheets[0]
    cells = [row[0] for row in page.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [row[0] for row in rows]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.hyperlink for cell in cells] == [None] * 5


def test_moments_are_in_the_facility_s_time_and_days_are_days() -> None:
    rows = [(datetime(2026, 11, 21, 15, 30, tzinfo=UTC), date(2026, 11, 22))]
    page = opened(Sheet("一覧", COLUMNS, rows)).worksheets[0]
    moment, day = [cell.value for cell in next(page.iter_rows(min_row=2))]
    assert moment == datetime(2026, 11, 22, 0, 30)  # noqa: DTZ001  # a workbook knows no zones
    assert day.date() == date(2026, 11, 22)


def test_a_sheet_name_that_excel_refuses_is_mended() -> None:
    assert opened(Sheet("a/b[c]:d*e?" + "長" * 40, COLUMNS, ())).sheetnames == ["a／b（c）：d＊e？" + "長" * 20]


def test_a_row_is_as_high_as_its_longest_cell_needs() -> None:
    """LibreOffice shows the first line alone where no height is given; a very long text ends at what Excel allows."""
    rows = [("短い", None), ("一行目\n二行目\n三行目", None), ("長" * 60, None), ("長" * 9000, None)]
    page = opened(Sheet("一覧", COLUMNS, rows)).worksheets[0]
    heights = [page.row_dimensions[number].height for number in range(2, 6)]
    assert heights[0] in {None, page.sheet_format.defaultRowHeight}
    assert heights[1] == 3 * page.sheet_format.defaultRowHeight
    assert heights[2] >= 6 * page.sheet_format.defaultRowHeight - 1e-6
    assert 400 < heights[3] <= 409
