"""Answers in a checklist's own cells: read from a file that came back, written into the official one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sekisho.governance.rules.official_checklist.items import OfficialItem, Remark
from sekisho.governance.rules.official_checklist.layout import Layout, Round
from sekisho.governance.rules.official_checklist.reading import OfficialList
from sekisho.governance.rules.official_checklist.wording import (
    NotUnderstood,
    chosen,
    day_in,
    folded,
    ticked,
    without_answer,
)
from sekisho.kernel.text import Text, _
from sekisho.kernel.xlsx.workbook import Sheet, Spot, columns, reference
from sekisho.kernel.xlsx.writing import Value, write_cells

_LONGEST_NAME = 100
_YES, _NO, _TICK = "はい", "いいえ", "○"
_NAME_LABELS = {
    "facility": ("医療機関名", "薬局名", "施設名", "医療機関・薬局名"),
    "vendor": ("事業者名", "会社名", "事業者・部署名"),
}
_COLONS = ":："


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it stands in a file: yes, no, or empty for none; its days; the name beside it."""

    answer: str = ""
    confirmed_on: date | None = None
    target_on: date | None = None
    name: str = ""


def read_answers(found: OfficialList, fiscal_year: int) -> tuple[dict[str, Given], list[Remark]]:
    """Return the answer to each item by its id, the last answering that says something, and what was not understood."""
    answers: dict[str, Given] = {}
    remarks: list[Remark] = []
    for item in found.items:
        given = Given()
        for one in found.layout.rounds:
            newer = _read_round(found, item, one, fiscal_year, remarks)
            given = newer if newer.answer else given
        answers[item.id] = given
    return answers, remarks


def _read_round(found: OfficialList, item: OfficialItem, one: Round, year: int, remarks: list[Remark]) -> Given:
    reader = _RowReader(found, item.row, year, remarks)
    answer = reader.answer(one)
    confirmed = reader.day(one.confirmed) if one.confirmed else reader.day_beside(one) if answer else None
    name = folded_name(reader.text(one.person)) if one.person else ""
    return Given(answer, confirmed, reader.day(one.target), name) if answer else Given()


def folded_name(text: str) -> str:
    """Return a name as it is kept: on one line, no longer than the table takes."""
    return " ".join(text.split())[:_LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads the cells of one row; what cannot be understood is a remark, and no answer."""

    found: OfficialList
    row: int
    year: int
    remarks: list[Remark]

    def text(self, column: int) -> str:
        return self.found.sheet.text((self.row, column)) if column else ""

    def answer(self, one: Round) -> str:
        if self._is_formula(one):
            self._remark(one.answers[0], _("A formula answers nothing."), _WRITE_ANSWER)
            return ""
        try:
            if one.answer:
                return chosen(self.text(one.answer))
            yes, no = ticked(self.text(one.yes), _YES), ticked(self.text(one.no), _NO)
        except NotUnderstood:
            self._remark(one.answers[0], _ODD_ANSWER, _WRITE_ANSWER)
            return ""
        if yes and no:
            self._remark(one.yes, _("Both “yes” and “no” are ticked."), _WRITE_ANSWER)
            return ""
        return "yes" if yes else "no" if no else ""

    def _is_formula(self, one: Round) -> bool:
        cells = (self.found.sheet.cells.get(self.found.sheet.anchor((self.row, column))) for column in one.answers)
        return any(cell is not None and cell.is_formula for cell in cells)

    def day_beside(self, one: Round) -> date | None:
        """Return the day in the cell of the answer itself: はい（11/20）."""
        return self._day(one.answer, without_answer(self.text(one.answer))) if one.answer else None

    def day(self, column: int) -> date | None:
        return self._day(column, self.text(column)) if column else None

    def _day(self, column: int, said: str) -> date | None:
        cell = self.found.sheet.cells.get(self.found.sheet.anchor((self.row, column)))
        if cell and cell.is_number and said == cell.text and (day := self.found.book.day(said)):
            return day
        try:
            return day_in(said, self.year)
        except NotUnderstood:
            self._remark(column, _("This is no day."), _WRITE_DAY)
            return None

    def _remark(self, column: int, what: Text, advice: Text) -> None:
        self.remarks.append(Remark(self.found.sheet.title, reference((self.row, column)), what, advice))


_ODD_ANSWER = _("This is neither “yes” (はい) nor “no” (いいえ).")
_WRITE_ANSWER = _("Write はい or いいえ there, or ○ in one of the two columns; or answer the item on its page.")
_WRITE_DAY = _("Write it like 2026/11/21 or 令和8年11月21日; or enter it on the page of the item.")


def write_answers(found: OfficialList, answers: Mapping[str, Given], names: Mapping[str, str]) -> bytes:
    """Return the official workbook with these answers by item; an item without one is left to be answered.

    ``names`` are those of the ``facility`` and the ``vendor``, put where the form asks for them. Every answering of a
    row but the first is emptied, so that the file says these answers and no others. Raises WorkbookRefused.
    """
    values: dict[Spot, Value] = dict(_named(found, names))
    for item in found.items:
        given = answers.get(item.id, Given())
        for place, one in enumerate(found.layout.rounds):
            values |= _row_values(found, item.row, one, given if place == 0 else Given())
    return write_cells(found.book, found.sheet, values)


def _row_values(found: OfficialList, row: int, one: Round, given: Given) -> dict[Spot, Value]:
    """Return what the cells of one answering are to hold; where nothing is said the form's own blanks stay."""
    said = {column: value for column, value in _values(one, given).items() if column}
    blank = _Blanks(found, row)
    return {(row, column): value if value else blank.value(column) for column, value in said.items()}


def _values(one: Round, given: Given) -> dict[int, Value]:
    words = {"yes": _YES, "no": _NO}.get(given.answer, "")
    if one.answer and not one.confirmed and given.confirmed_on:
        words = f"{words}（{given.confirmed_on:%Y/%m/%d}）"
    return {
        one.yes: _TICK if given.answer == "yes" else "",
        one.no: _TICK if given.answer == "no" else "",
        one.answer: words,
        one.confirmed: given.confirmed_on,
        one.target: given.target_on,
        one.person: given.name,
    }


@dataclass(frozen=True, slots=True)
class _Blanks:
    """What a cell holds when nothing is said: what the form printed there, unless that is an answer or a day."""

    found: OfficialList
    row: int

    def value(self, column: int) -> Value:
        layout, text = self.found.layout, self.found.sheet.text((self.row, column))
        return text if text and self._says_nothing(layout, column, text) else ""

    def _says_nothing(self, layout: Layout, column: int, text: str) -> bool:
        one = next(one for one in layout.rounds if column in vars_of(one))
        try:
            if column == one.person:
                return False
            if column in (one.yes, one.no):
                return not ticked(text, _YES if column == one.yes else _NO)
            if column == one.answer:
                return not chosen(text)
            return day_in(text, 2000) is None and not text.isdecimal()
        except NotUnderstood:
            return False


def vars_of(one: Round) -> tuple[int, ...]:
    """Return the columns of an answering, 0 where it lacks one."""
    return (one.yes, one.no, one.answer, one.confirmed, one.target, one.person)


def _named(found: OfficialList, names: Mapping[str, str]) -> Iterator[tuple[Spot, Value]]:
    """Yield the empty cell right of each label that asks for a name we know."""
    sheet = found.sheet
    below = max(item.row for item in found.items)
    for row in sheet.row_numbers:
        if found.layout.first <= row <= below:
            continue
        for column in columns(sheet):
            if sheet.anchor((row, column)) != (row, column):
                continue
            said = folded(sheet.text((row, column))).rstrip(_COLONS)
            who = next((who for who, labels in _NAME_LABELS.items() if said in map(folded, labels)), "")
            spot = (row, sheet.last_column((row, column)) + 1)
            if names.get(who) and _is_free(sheet, spot):
                yield spot, names[who]


def _is_free(sheet: Sheet, spot: Spot) -> bool:
    cell = sheet.cells.get(sheet.anchor(spot))
    return cell is None or (not cell.text and not cell.is_formula)
