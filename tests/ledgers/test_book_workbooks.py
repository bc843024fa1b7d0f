"""The Excel sheets that hospitals really have are read into a ledger, with words where they cannot be."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.xlsx.errors import WorkbookRefused
from sekisho.kernel.xlsx.table import MOST_ROWS, read_table, serial_day
from sekisho.ledgers.forms.book_rows import RowState, plan_rows
from sekisho.ledgers.models import ImportColumns, ImportDraft
from sekisho.ledgers.queries.book_values import headings, rows
from sekisho.ledgers.queries.books import Look, Shelf
from sekisho.ledgers.services import books as services
from sekisho.register.models import Event
from sekisho.ui.sheet import Sheet, SheetColumn, make_workbook
from tests.ledgers.trial_book import KEYS, Key, make_table, url_module

pytestmark = pytest.mark.django_db
LIST = "/trial/keys/"
TAKE_OVER = re.compile(r'action="([^"]+/import/[0-9a-f-]+/)"')


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    make_table()
    before = registry.current()
    registry.install(replace(before, ledgers=(*before.ledgers, KEYS), actions=(*before.actions, *KEYS.actions)))  # type: ignore[misc]
    settings.ROOT_URLCONF = url_module()
    yield
    registry.install(before)


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    """Somebody who keeps the ledger."""
    return signed_in(Role.SYSTEM_OPERATOR)


def saved(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(out)
    return out.getvalue()


def ugly(book: openpyxl.Workbook) -> None:
    """A cover, notes above the headings, merged cells, days in three ways, full-width digits, blank rows, a total."""
    book.active.title = "表紙"
    book.active["B4"] = "〇〇病院 鍵管理表"
    page = book.create_sheet("鍵一覧")
    page["A1"] = "鍵管理表（様式３）"
    page.merge_cells("A1:F1")
    page["A2"] = "※総務課が記入すること"
    for place, title in enumerate(["No.", "鍵の\n名称", "保管場所", "本　数", "返却日", "予備"], start=1):
        page.cell(4, place, title)
    lines = [(1, "薬品庫", "金庫", "３", "R9.3.31", "○"), (2, "検査室", None, 2, date(2027, 3, 31), "×"), None]
    for number, line in enumerate([*lines, (3, "旧館", "鍵箱", 1, 46477, None)], start=5):
        for place, value in enumerate(line or (), start=1):
            page.cell(number, place, value)
    page.merge_cells("C5:C6")
    hidden = book.create_sheet("作業用")
    hidden.sheet_state = "hidden"


def give(client: Client, data: bytes, name: str = "鍵.xlsx") -> tuple[int, str]:
    answer = client.post(f"{LIST}import/", {"file": SimpleUploadedFile(name, data)})
    return answer.status_code, answer.content.decode()


def test_an_ugly_sheet_of_a_hospital_is_taken_over_and_its_headings_are_remembered(
    keeper: Client, operator: Actor
) -> None:
    status, asked = give(keeper, saved(ugly))
    assert status == 200
    assert "作業用" not in asked, "a hidden sheet is nobody's"
    assert TAKE_OVER.search(asked) is None, "it is open what No. and 返却日 mean"
    draft = str(ImportDraft.objects.get().pk)
    said = {"draft": draft, "sheet": "1", "line": "4", "column-0": "-", "column-1": "name", "column-2": "place"}
    said |= {"column-3": "copies", "column-4": "name", "column-5": "spare"}
    assert keeper.post(f"{LIST}import/", said).status_code == 422, "two headings for one column"
    answer = keeper.post(f"{LIST}import/", said | {"column-4": "due_on"})
    assert not Key.objects.exists()
    address = TAKE_OVER.search(answer.content.decode())
    assert address, answer.content.decode()
    assert keeper.post(address[1]).headers["Location"] == LIST
    found = list(Key.objects.order_by("number").values_list("name", "place", "copies", "due_on", "spare"))
    day = date(2027, 3, 31)
    assert found == [
        ("薬品庫", "safe", 3, day, True),
        ("検査室", "safe", 2, day, False),
        ("旧館", "box", 1, day, False),
    ]
    assert json.loads(Event.objects.get(action="key.import").entry)["details"]["columns"]["返却日"] == "due_on"
    assert ImportColumns.objects.get().columns["no."] == ""
    status, again = give(keeper, saved(ugly))
    assert TAKE_OVER.search(again), "the second time nothing is asked"


def test_another_sheet_and_another_row_can_be_chosen(keeper: Client) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for title, name in (("本館", "甲"), ("別館", "乙")):
            page = book.create_sheet(title)
            for line in (["鍵の名称", "保管場所", "本数"], [name, "金庫", 1], [name * 2, "鍵箱", 1]):
                page.append(line)

    _status, shown = give(keeper, saved(fill))
    said = {"draft": str(ImportDraft.objects.get().pk), "line": "1"}
    assert "甲甲" in shown
    shown = keeper.post(f"{LIST}import/", said | {"sheet": "2"}).content.decode()
    assert "乙乙" in shown
    assert "甲" not in shown
    shown = keeper.post(f"{LIST}import/", said | {"sheet": "2", "line": "2"}).content.decode()
    assert TAKE_OVER.search(shown) is None
    for wrong in ({"draft": "x"}, {"draft": "018f0000-0000-7000-8000-000000000000"}):
        assert keeper.post(f"{LIST}import/", said | wrong).headers["Location"] == f"{LIST}import/"
    assert keeper.post(f"{LIST}import/", said | {"line": "0"}).status_code == 422
    assert keeper.post(f"{LIST}import/", said | {"sheet": "77"}).status_code == 422


def test_what_is_wrong_is_said_with_its_cell(keeper: Client) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for line in (["鍵の名称", "保管場所", "本数"], ["甲", "金庫", "=1+1"], ["乙", "机", 1], [None, "金庫", 1]):
            book.active.append(line)

    _status, shown = give(keeper, saved(fill))
    for wanted in ("本数 (C2)", "保管場所 (B3)", "鍵の名称 (A4)"):
        assert wanted in shown
    assert TAKE_OVER.search(shown) is None


def test_a_workbook_that_was_exported_changes_nothing_when_read_back(operator: Actor) -> None:
    values = {"name": "=1+1", "place": "safe", "copies": -3, "spare": True, "due_on": date(2027, 3, 31), "note": "a\nb"}
    services.add_entry(actor=operator, ledger=KEYS, values=values)
    services.add_entry(actor=operator, ledger=KEYS, values={"name": "007", "place": "box"})
    columns = [SheetColumn(title) for title in headings(KEYS)]
    sheet = Sheet("鍵", columns, rows(KEYS, Look(shelf=Shelf.ALL)), above=("鍵台帳", "令和8年度"))
    plans = plan_rows(KEYS, make_workbook([sheet], title="鍵", author="関所"))
    assert [plan.state for plan in plans] == [RowState.UNCHANGED] * 2, plans


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: book.read(name) for name in book.namelist()}


PLAIN = parts_of(saved(ugly))
SECOND = "xl/worksheets/sheet2.xml"
_FAR = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="100000">'
HOSTILE = {
    "a macro": PLAIN | {"xl/vbaProject.bin": b"x"},
    "a bomb": PLAIN | {SECOND: b" " * (49 * 2**20)},
    "100,000 rows": PLAIN | {SECOND: _FAR + b'<c r="A100000"><v>1</v></c></row></sheetData></worksheet>'},
    "an entity": PLAIN | {SECOND: b"<!DOCTYPE x [<!ENTITY a 'ha'>]><worksheet>&a;</worksheet>"},
    "merged without end": PLAIN
    | {SECOND: b"<worksheet><mergeCells>" + b'<mergeCell ref="A1:A99999"/>' * 11 + b"</mergeCells></worksheet>"},
    "no sheet": PLAIN | {"xl/workbook.xml": b"<workbook/>"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_in_words_and_not_kept(name: str, keeper: Client) -> None:
    data = zipped(HOSTILE[name])
    with pytest.raises(WorkbookRefused):
        read_table(data, 1)
    status, shown = give(keeper, data, "../../etc/passwd.xlsx")
    assert status == 422
    assert quote("passwd") not in shown
    assert not ImportDraft.objects.exists()


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_every_day_comes_back_from_its_number(day: date) -> None:
    assert serial_day(str((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize("text", ["", "0", "-1", "2958466", "99999999999", "１", "x", "1e5"])
def test_what_is_no_number_of_a_day_is_none(text: str) -> None:
    assert serial_day(text) is None
    assert serial_day(text, from_1904=True) is None


def test_the_years_before_1904_and_the_day_that_never_was() -> None:
    assert serial_day("1") == date(1900, 1, 1)
    assert serial_day("59") == date(1900, 2, 28)
    assert serial_day("1", from_1904=True) == date(1904, 1, 2)
    assert MOST_ROWS > 20_000
