"""Reading and writing workbooks from outside: layouts, hostile and damaged files, and nothing changed but the cells."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sekisho.governance.rules.official_checklist.answers import Given, read_answers, write_answers
from sekisho.governance.rules.official_checklist.errors import ChecklistOtherwise, NoChecklist, SeveralChecklists
from sekisho.governance.rules.official_checklist.reading import ListKind, OfficialList, read_official_list
from sekisho.governance.rules.official_checklist.wording import NotUnderstood, chosen, day_in, mark_of, ticked, years_in
from sekisho.kernel.xlsx.errors import WorkbookRefused
from sekisho.kernel.xlsx.workbook import read_workbook
from sekisho.kernel.xlsx.writing import write_cells
from tests.governance.official_checklists import (
    LAYOUTS,
    MAIN,
    R7_SHAPE,
    one_column,
    part_of,
    saved,
    two_columns,
    two_rounds,
    with_part,
    words,
)

pytestmark = pytest.mark.usefixtures("english")

SHEET = "xl/worksheets/sheet1.xml"
NAMES = {"facility": '=関所<内科>&"髙﨑"\x01', "vendor": "試験の事業者"}
EVERY = [f"{section}-{number}" for section, most in R7_SHAPE.items() for number in range(1, most + 1)]


def read(data: bytes, kind: ListKind = ListKind.FACILITY, year: int = 2026) -> OfficialList:
    return read_official_list(data, kind, year, "令和8年度")


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_the_same_items(name: str) -> None:
    """By number and section, word for word in the width they came in."""
    found = read(LAYOUTS[name]())
    items = [item for item in found.items if item.section]
    assert [item.id for item in items] == EVERY
    assert [item.words for item in items] == [words(*map(int, one.split("-"))) for one in EVERY]
    assert found.faults == []
    assert all(item.names_section for item in items)
    asks_without_number = [item.words for item in found.items if not item.section]
    assert asks_without_number == (["医療情報システムを使っている（試験の文）。"] if name == "two_rounds" else [])


def test_known_answers_of_one_layout() -> None:
    """The cells by name, as Excel would show them; what is not answered stays as the form printed it."""
    answers = {
        "1-1": Given("yes", date(2026, 11, 20), None, "関所 花子"),
        "2-3": Given("no", date(2026, 11, 21), date(2027, 3, 31), "関所 太郎"),
    }
    sheet = openpyxl.load_workbook(io.BytesIO(write_answers(read(one_column()), answers, NAMES))).worksheets[0]
    assert [sheet[f"{column}8"].value for column in "BE"] == ["はい", "関所 花子"]
    assert sheet["C8"].value.date() == date(2026, 11, 20)
    assert sheet["C8"].number_format == 'ggge"年"m"月"d"日"'
    assert [sheet["B12"].value, sheet["C12"].value.date(), sheet["D12"].value.date()] == [
        "いいえ",
        date(2026, 11, 21),
        date(2027, 3, 31),
    ]
    assert sheet["B10"].value is None
    assert (sheet["B4"].value, sheet["B4"].data_type) == ('=関所<内科>&"髙﨑"', "s"), "a text is never a formula"
    rounds = openpyxl.load_workbook(io.BytesIO(write_answers(read(two_rounds()), answers, {}))).worksheets[0]
    assert [rounds["C8"].value, rounds["D8"].value, rounds["E8"].value] == [
        "はい（2026/11/20）",
        "（　／　）",
        "はい・いいえ（　／　）",
    ]
    columns = openpyxl.load_workbook(io.BytesIO(write_answers(read(two_columns()), answers, {}))).worksheets[0]
    assert [columns[f"{column}6"].value for column in "DEF"] == ["○", None, "2026/11/20"]
    assert [columns[f"{column}7"].value for column in "DEF"] == ["□", None, None]


DAYS = st.dates(date(2026, 4, 1), date(2027, 3, 31))
GIVEN = st.one_of(
    st.just(Given()),
    st.builds(Given, st.just("yes"), DAYS, st.none(), st.just("")),
    st.builds(Given, st.just("no"), st.one_of(st.none(), DAYS), DAYS, st.just("")),
)
READ = {name: read(make()) for name, make in LAYOUTS.items()}


# A counter-example is short enough as it comes: making it shorter takes minutes.
QUICK = settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])


@QUICK
@given(st.sampled_from(sorted(LAYOUTS)), st.data())
def test_what_is_written_is_read_back(name: str, data: st.DataObject) -> None:
    """Into every layout, and over answers that stood there before: the last ones and no others."""
    found = READ[name]
    first = {item.id: data.draw(GIVEN) for item in found.items}
    second = {item.id: data.draw(GIVEN) for item in found.items}
    once = read(write_answers(found, first, NAMES))
    assert read_answers(once, 2026) == (first, [])
    twice = read(write_answers(once, second, NAMES))
    assert read_answers(twice, 2026) == (second, [])
    assert twice.items == found.items


@pytest.mark.parametrize("name", LAYOUTS)
def test_nothing_changes_but_the_cells(name: str) -> None:
    """Every other part keeps its bytes, and the sheet everything around the cells that were filled in."""
    data = LAYOUTS[name]()
    answers = {item: Given("no", date(2026, 11, 20), date(2027, 3, 31), "名") for item in EVERY}
    made = write_answers(read(data), answers, {})
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(io.BytesIO(made)) as after:
        assert before.namelist() == after.namelist()
        assert after.testzip() is None
        for part in before.namelist():
            if part != SHEET:
                assert before.read(part) == after.read(part), part
    cells = re.compile(rb"<c [^>]*?(/>|>.*?</c>)", re.DOTALL)
    assert cells.sub(b"", part_of(data, SHEET)) == cells.sub(b"", part_of(made, SHEET))


def test_what_a_library_would_lose_is_still_there() -> None:
    """Drawn shapes, readings, extended validations, printer settings, a prefix before every element."""
    sheet = part_of(one_column(), SHEET).decode()
    extended = '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations/></ext></extLst>'
    sheet = sheet.replace("</worksheet>", f"{extended}</worksheet>").replace(
        "<worksheet ", '<worksheet xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    )
    data = with_part(one_column(), SHEET, sheet.encode())
    data = with_part(data, "xl/printerSettings/printerSettings1.bin", b"printer")
    data = with_part(data, "xl/drawings/drawing9.xml", "<xdr:sp>図形</xdr:sp>".encode())
    made = write_answers(read(data), {"1-1": Given("yes", date(2026, 11, 20))}, {})
    assert extended in part_of(made, SHEET).decode()
    assert part_of(made, "xl/printerSettings/printerSettings1.bin") == b"printer"
    assert part_of(made, "xl/drawings/drawing9.xml") == "<xdr:sp>図形</xdr:sp>".encode()


def test_a_sheet_with_prefixes_and_without_cells_is_filled_in() -> None:
    """As some programs write it: x:row, and rows that have no cell where the answer goes."""
    rows = ["チェック項目|はい・いいえ|確認日", "①試験の文。", "②試験の文。"]
    made = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(
            f'<x:c r="{chr(65 + place)}{number}" t="inlineStr"><x:is><x:t>{text}</x:t></x:is></x:c>'
            for place, text in enumerate(row.split("|"))
        )
        made.append(f'<x:row r="{number}">{cells}</x:row>')
    sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{"".join(made)}</x:sheetData></x:worksheet>'
    data = with_part(one_column(), SHEET, sheet.encode())
    answers = {"1-1": Given("yes", date(2026, 11, 20)), "1-2": Given()}
    out = write_answers(read(data), answers, {})
    assert read_answers(read(out), 2026)[0] == answers
    assert openpyxl.load_workbook(io.BytesIO(out)).worksheets[0]["B2"].value == "はい"


def test_readings_are_no_words() -> None:
    """Japanese Excel keeps how a word is read beside it, among the texts that cells share."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write_string(0, 0, "対策項目")
    read_as = "<si><r><t>対策</t></r><r><t>項目</t></r><rPh sb='0' eb='2'><t>タイサク</t></rPh></si>"
    data = with_part(buffer.getvalue(), "xl/sharedStrings.xml", f"<sst xmlns='{MAIN}'>{read_as}</sst>".encode())
    assert read_workbook(data).sheets[0].text((1, 1)) == "対策項目"


def test_a_workbook_without_a_checklist_says_what_was_looked_for() -> None:
    """And an example alone is none."""
    book = openpyxl.Workbook()
    book.active.title = "職員名簿"  # type: ignore[union-attr]
    book.active["A1"] = "項目"  # type: ignore[index]
    with pytest.raises(NoChecklist, match="職員名簿"):
        read(saved(book))


def test_the_sheet_of_the_kind_is_taken_and_another_kind_refused() -> None:
    """Both forms may be in one file; hidden sheets and examples are none of them."""
    with pytest.raises(ChecklistOtherwise, match="事業者確認用"):
        read(one_column(kind="vendor"))
    assert read(one_column(kind="vendor"), ListKind.VENDOR).sheet.title == "事業者確認用"
    book = openpyxl.load_workbook(io.BytesIO(one_column()))
    copy = book.copy_worksheet(book.worksheets[0])
    copy.title = "控え"
    with pytest.raises(SeveralChecklists, match="控え"):
        read(saved(book))
    copy.sheet_state = "hidden"
    assert read(saved(book)).sheet.title == "医療機関確認用"


def test_another_year_is_refused_and_none_is_what_the_person_says() -> None:
    """The title counts, not a day in a note."""
    with pytest.raises(ChecklistOtherwise, match="令和8年度版"):
        read(one_column(), year=2025)
    assert read(one_column(year=None), year=2030).items
    assert read(LAYOUTS["numbered"](), year=2024).items


def _changed(cell: str, value: object, make: Callable[[], bytes] = one_column) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(make()))
    book.worksheets[0][cell] = value
    return saved(book)


@pytest.mark.parametrize(
    ("cell", "value", "reason"),
    [
        ("A10", "②二度目の番号。", "more than once"),
        ("B10", '=IF(1=1,"はい","")', "formula"),
        ("A10", "①", "no words"),
    ],
)
def test_a_faulty_row_is_named_with_its_cell(cell: str, value: str, reason: str) -> None:
    found = read(_changed(cell, value))
    assert [reason in str(one.what) for one in found.faults].count(True) >= 1
    assert cell in {one.cell for one in found.faults}
    assert all(str(one.advice) for one in found.faults)


def test_a_row_without_number_and_a_link_elsewhere_are_told_and_keep_nothing_out() -> None:
    found = read(
        with_part(_changed("A30", "番号のない長い文がここにあります。"), "xl/externalLinks/externalLink1.xml", b"<x/>")
    )
    assert found.faults == []
    assert {("A30", "passed over"), ("―", "not looked at")} == {
        (one.cell, next(part for part in ("passed over", "not looked at") if part in str(one.what)))
        for one in found.remarks
    }


@pytest.mark.parametrize(
    ("cell", "value", "make", "reason"),
    [
        ("B8", "たぶん", one_column, "neither"),
        ("B8", '=IF(1=1,"はい","")', one_column, "formula"),
        ("C8", "きのう", one_column, "no day"),
        ("D6", "たぶん", two_columns, "neither"),
        ("C8", "☑はい・☑いいえ", two_rounds, "neither"),
    ],
)
def test_an_odd_answer_is_no_answer_and_is_named(cell: str, value: str, make: Callable[[], bytes], reason: str) -> None:
    data = _changed(cell, value, make)
    if cell == "C8" and make is one_column:
        book = openpyxl.load_workbook(io.BytesIO(data))
        book.worksheets[0]["B8"] = "はい"
        data = saved(book)
    answers, remarks = read_answers(read(data), 2026)
    assert [(one.cell, reason in str(one.what)) for one in remarks] == [(cell, True)]
    assert answers["1-1"] == (Given("yes") if reason == "no day" else Given())


def test_both_ticked_is_no_answer() -> None:
    book = openpyxl.load_workbook(io.BytesIO(two_columns()))
    book.worksheets[0]["D6"], book.worksheets[0]["E6"] = "レ", "○"
    answers, remarks = read_answers(read(saved(book)), 2026)
    assert answers["1-1"] == Given()
    assert "Both" in str(remarks[0].what)


def test_a_second_answering_counts_over_the_first() -> None:
    book = openpyxl.load_workbook(io.BytesIO(two_rounds()))
    book.worksheets[0]["C8"], book.worksheets[0]["D8"] = "いいえ（５／１）", "（９／３０）"
    book.worksheets[0]["E8"] = "はい（令和8年10月3日）"
    book.worksheets[0]["C10"], book.worksheets[0]["D10"] = "いいえ（2/1）", "R9.3.1"
    answers, remarks = read_answers(read(saved(book)), 2026)
    assert remarks == []
    assert answers["1-1"] == Given("yes", date(2026, 10, 3))
    assert answers["2-1"] == Given("no", date(2027, 2, 1), date(2027, 3, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("はい", "yes"),
        ("ハイ", None),
        ("いいえ", "no"),
        ("○", "yes"),
        ("×", "no"),
        ("はい・いいえ", ""),
        ("□はい　□いいえ", ""),
        ("☑はい　□いいえ", "yes"),
        ("□はい ■いいえ", "no"),
        ("（　／　）", ""),
        ("―", ""),
        ("対象外", None),
    ],
)
def test_answers_as_people_write_them(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(NotUnderstood):
            chosen(text)
    else:
        assert chosen(text) == expected


@pytest.mark.parametrize(
    ("text", "section", "number", "rest"),
    [
        ("①文", 0, 1, "文"),
        ("⑱　文", 0, 18, "文"),
        ("（３）文：終", 0, 3, "文：終"),
        ("２⑥文", 2, 6, "文"),
        ("2-6", 2, 6, ""),
        ("２－（１３）　文", 2, 13, "文"),
        ("２．管理", 0, 2, "管理"),
        ("Ⅲ．備え", 0, 3, "備え"),
    ],
)
def test_numbers_as_forms_print_them(text: str, section: int, number: int, rest: str) -> None:
    mark = mark_of(text)
    assert mark is not None
    assert (mark.section, mark.number, mark.rest) == (section, number, rest)


@given(st.text(max_size=60))
def test_no_text_makes_the_readers_stumble(text: str) -> None:
    """They answer, or say that they do not understand."""
    mark_of(text)
    years_in(text)
    for read_one in (chosen, lambda said: ticked(said, "はい"), lambda said: day_in(said, 2026)):
        try:
            read_one(text)
        except NotUnderstood:
            continue


@given(st.dates(date(2026, 4, 1), date(2026, 4, 1) + timedelta(days=364)))
def test_a_day_without_a_year_is_one_of_the_fiscal_year(day: date) -> None:
    assert day_in(f"（{day.month}／{day.day}）", 2026) == day


def test_a_cell_with_a_formula_is_never_written_over() -> None:
    book = read_workbook(_changed("B10", "=1+1"))
    with pytest.raises(WorkbookRefused, match="B10"):
        write_cells(book, book.sheets[0], {(10, 2): "はい"})


@pytest.mark.parametrize("name", LAYOUTS)
def test_libreoffice_opens_what_we_write(name: str, tmp_path: Path) -> None:
    """Where it is installed: the filled-in form becomes a PDF."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed: only openpyxl has opened the files")
    file = tmp_path / "form.xlsx"
    file.write_bytes(write_answers(READ[name], {"1-1": Given("yes", date(2026, 11, 20))}, NAMES))
    command = [
        office,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
        str(file),
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=100)
    assert (tmp_path / "form.pdf").read_bytes().startswith(b"%PDF")
