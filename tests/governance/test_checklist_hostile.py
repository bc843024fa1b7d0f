"""Workbooks from outside that are hostile, damaged or nothing of the kind: refused in words, quickly."""

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.official_checklist.answers import read_answers
from sekisho.governance.rules.official_checklist.errors import ChecklistOtherwise, NoChecklist, SeveralChecklists
from sekisho.kernel.xlsx.errors import WorkbookRefused
from sekisho.kernel.xlsx.package import LARGEST
from tests.governance.official_checklists import MAIN, bomb, many_rows, one_column, part_of, two_columns, with_part
from tests.governance.test_checklist_workbooks import QUICK, SHEET, read

pytestmark = pytest.mark.usefixtures("english")

XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'


def encrypted() -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)


def twin_parts() -> bytes:
    buffer = io.BytesIO(one_column())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "a") as book:
        book.writestr(SHEET, b"<worksheet/>")
    return buffer.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (bytes, "no .xlsx file"),
    "text": ("項目,はい".encode, "no .xlsx file"),
    "pdf": (lambda: b"%PDF-1.7 our own", "no .xlsx file"),
    "half": (lambda: one_column()[:3000], "no .xlsx file"),
    "old or with a password": (encrypted, "has a password"),
    "a bomb of 60 MiB": (bomb, "far larger"),
    "60 MB of file": (lambda: bytes(LARGEST + 1), "far larger"),
    "100,000 rows": (many_rows, "more cells"),
    "a far cell": (lambda: one_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "more cells"),
    "a macro": (lambda: with_part(one_column(), "xl/vbaProject.bin", b"x"), "a program"),
    "an embedded object": (lambda: with_part(one_column(), "xl/embeddings/oleObject1.bin", b"x"), "a program"),
    "a data connection": (lambda: with_part(one_column(), "xl/connections.xml", b"x"), "a program"),
    "DDE": (lambda: with_part(one_column(), "xl/externalLinks/externalLink1.xml", b"<ddeLink/>"), "DDE"),
    "an outside entity": (lambda: with_part(one_column(), SHEET, XXE.encode()), "declares entities"),
    "entities in entities": (lambda: with_part(one_column(), "xl/workbook.xml", LAUGHS.encode()), "declares entities"),
    "another encoding": (lambda: with_part(one_column(), SHEET, "<worksheet/>".encode("utf-16")), "UTF-8"),
    "broken markup": (lambda: with_part(one_column(), SHEET, b"<worksheet><row>"), "damaged"),
    "twin parts": (twin_parts, "damaged"),
    "another package": (lambda: zipped({"word/document.xml": b"<x/>"}), "missing"),
    "a wrong place": (lambda: one_sheet('<row r="1"><c r="Z" t="s"><v>1</v></c></row>'), "damaged"),
    "a wrong text": (lambda: one_sheet('<row r="1"><c r="A1" t="s"><v>9999999</v></c></row>'), "damaged"),
    "a huge merge": (lambda: one_sheet("", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "merged"),
}


def one_sheet(rows: str, rest: str = "") -> bytes:
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{rest}</worksheet>'
    return with_part(one_column(), SHEET, sheet.encode())


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_damaged_file_is_refused_in_words(name: str) -> None:
    """Before anything large is unpacked; nothing is run, followed or calculated."""
    make, reason = HOSTILE[name]
    data = make()
    with pytest.raises(WorkbookRefused, match=reason):
        read(data)


@QUICK
@given(st.integers(0, 8000), st.binary(min_size=1, max_size=30))
def test_whatever_is_damaged_ends_in_an_answer(place: int, noise: bytes) -> None:
    """Read all the same, or refused; never anything else."""
    data = bytearray(ONE)
    data[place % len(data) : place % len(data) + len(noise)] = noise
    sheet = bytearray(ONE_SHEET)
    sheet[place % len(sheet) : place % len(sheet) + len(noise)] = noise
    for damaged in (bytes(data), with_part(ONE, SHEET, bytes(sheet))):
        try:
            found = read(damaged)
            read_answers(found, 2026)
        except (WorkbookRefused, NoChecklist, ChecklistOtherwise, SeveralChecklists):
            continue


ONE = two_columns()
ONE_SHEET = part_of(ONE, SHEET)
