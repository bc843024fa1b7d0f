"""Workbooks in the shape of the ministry's checklists, in words of our own, in several plausible layouts."""

import io
import zipfile
from collections.abc import Callable, Mapping

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

# How many items each section has in the list that comes with the program (令和7年度), and of those a vendor is asked.
R7_SHAPE = {1: 1, 2: 13, 3: 3, 4: 1}
HEADINGS = {1: "体制構築の試験", 2: "管理と運用の試験", 3: "備えの試験", 4: "規程の試験", 5: "新しい章の試験"}
KINDS = {"facility": "医療機関確認用", "pharmacy": "薬局確認用", "vendor": "事業者確認用"}
Shape = Mapping[int, int]


def words(section: int, number: int) -> str:
    """Return the words of an item; not the ministry's."""
    return f"試験の文{section}の{number}：架空の対策を行っている。"


def circled(number: int) -> str:
    return chr(0x2460 + number - 1)


def era(year: int) -> str:
    return f"令和{year - 2018}年度"


def wide(text: object) -> str:
    """Return digits in full width, as many forms write them."""
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in str(text))


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _titled(year: int | None, kind: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = KINDS[kind]
    named = f"{era(year)}版　" if year else ""
    sheet["A1"] = f"{named}医療機関等におけるサイバーセキュリティ対策チェックリスト（{KINDS[kind]}）"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.merge_cells("A1:F1")
    sheet["A2"] = "※　立入検査の時に確認します（試験用の注記）。令和8年3月末までに目標日を入れます。"
    return book, sheet


def one_column(shape: Shape = R7_SHAPE, year: int | None = 2026, kind: str = "facility") -> bytes:
    """Number and words in one cell, one column for the answer with a choice, days in columns with a day's format."""
    book, sheet = _titled(year, kind)
    sheet["A4"], sheet["B4"] = "医療機関名：" if kind != "vendor" else "事業者名", None
    sheet.append([])
    head = ["チェック項目", "確認結果\n（はい・いいえ）", "確認日", "目標日", "確認者", "備考"]
    sheet.append(head)
    choice = DataValidation(type="list", formula1='"はい,いいえ"', allow_blank=True)
    sheet.add_data_validation(choice)
    for section, number in shape.items():
        row = sheet.max_row + 1
        sheet.cell(row, 1, f"{section}　{HEADINGS[section]}").fill = PatternFill("solid", fgColor="DDDDDD")
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=6)
        for place in range(1, number + 1):
            row = sheet.max_row + 1
            sheet.cell(row, 1, f"{circled(place)}{words(section, place)}").alignment = Alignment(wrap_text=True)
            choice.add(sheet.cell(row, 2).coordinate)
            for column in (3, 4):
                sheet.cell(row, column).number_format = 'ggge"年"m"月"d"日"'
    sheet.column_dimensions["A"].width = 60
    sheet.page_setup.orientation = "landscape"
    sheet.print_title_rows = "6:6"
    sheet["A6"].comment = Comment("試験の注釈", "試験")
    sheet.conditional_formatting.add("B7:B40", _red_for_no())
    return saved(book)


def _red_for_no() -> object:
    from openpyxl.formatting.rule import CellIsRule

    return CellIsRule(operator="equal", formula=['"いいえ"'], fill=PatternFill("solid", bgColor="FFCCCC"))


def two_columns(shape: Shape = R7_SHAPE, year: int | None = 2026, kind: str = "facility") -> bytes:
    """A section cell merged downwards, numbers in a column of their own, a column each for はい and いいえ."""
    book, sheet = _titled(year, kind)
    sheet.append([])
    sheet.append(["区分", "項番", "項目", "確認結果", None, None, "目標日"])
    sheet.append([None, None, None, "はい", "いいえ", "確認日", None])
    sheet.merge_cells("D4:F4")
    for letter in "ABCG":
        sheet.merge_cells(f"{letter}4:{letter}5")
    row = 6
    for section, number in shape.items():
        sheet.cell(row, 1, f"{wide(section)}．{HEADINGS[section]}")
        if number > 1:
            sheet.merge_cells(start_row=row, start_column=1, end_row=row + number - 1, end_column=1)
        for place in range(1, number + 1):
            sheet.cell(row, 2, f"（{wide(place)}）")
            sheet.cell(row, 3, words(section, place))
            sheet.cell(row, 4, "□")
            row += 1
    return saved(book)


def two_rounds(shape: Shape = R7_SHAPE, year: int | None = 2026, kind: str = "facility") -> bytes:
    """Answer and day in one cell, "はい・いいえ（　／　）", answered twice; a question without a number first."""
    book, sheet = _titled(year, kind)
    sheet.append(["医療情報システムの有無（試験）", None, "はい・いいえ"])
    sheet.append([None, "チェック項目", "確認結果（日付）", None, None])
    sheet.append([None, None, "１回目", "目標日", "２回目"])
    sheet.merge_cells("B4:B5")
    sheet.merge_cells("C4:E4")
    sheet.append(
        [
            None,
            "医療情報システムを使っている（試験の文）。",
            "はい・いいえ（　／　）",
            "（　／　）",
            "はい・いいえ（　／　）",
        ]
    )
    for section, number in shape.items():
        row = sheet.max_row + 1
        sheet.cell(row, 1, f"{section}")
        sheet.cell(row, 2, HEADINGS[section])
        for place in range(1, number + 1):
            blank = "はい・いいえ（　／　）"
            sheet.append([f"{circled(place)}", words(section, place), blank, "（　／　）", blank])
    return saved(book)


def numbered(shape: Shape = R7_SHAPE, year: int | None = None, kind: str = "facility") -> bytes:
    """No year, the section in each number (2-6), a second sheet with an example, the checklist's own sheet named."""
    book, sheet = _titled(year, kind)
    sheet.append(["No.", "内容", "回答", "確認年月日", "対応目標日", "氏名"])
    for section, number in shape.items():
        for place in range(1, number + 1):
            sheet.append([f"{section}－{wide(place)}", words(section, place), None, None, None, None])
    example = book.copy_worksheet(sheet)
    example.title = "記入例"
    example["C4"] = "はい"
    return saved(book)


LAYOUTS: Mapping[str, Callable[..., bytes]] = {
    "one_column": one_column,
    "two_columns": two_columns,
    "two_rounds": two_rounds,
    "numbered": numbered,
}


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Return a workbook with one part more, or with another content of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.namelist():
            if part != name:
                made.writestr(part, given.read(part))
        made.writestr(name, content)
    return buffer.getvalue()


def part_of(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as given:
        return given.read(name)


def bomb(size: int = 60 * 2**20) -> bytes:
    """Return a small file whose sheet has ``size`` bytes once it is unpacked."""
    return with_part(one_column(), "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * size + b"</worksheet>")


def many_rows(number: int = 100_000) -> bytes:
    """Return a workbook with far more rows than a checklist, each with a text."""
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, number + 1))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return with_part(one_column(), "xl/worksheets/sheet1.xml", sheet.encode())


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
