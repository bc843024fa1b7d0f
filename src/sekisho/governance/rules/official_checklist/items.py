"""The items of a checklist on one sheet: every row is an item, a heading, or told to have been passed over."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sekisho.governance.rules.official_checklist.layout import Layout, is_heading_row
from sekisho.governance.rules.official_checklist.wording import Mark, Strength, folded, is_question, mark_of
from sekisho.kernel.text import Text, _
from sekisho.kernel.xlsx.workbook import Sheet, Spot, reference

_LONGEST_HEADING = 40
_NOTES = ("※", "注", "*", "・", "(", "○ ", "●")
MOST_ITEMS = 300


@dataclass(frozen=True, slots=True)
class OfficialItem:
    """One item: its number, its words, its heading, the row it stands in. Section 0 holds items without a number."""

    section: int
    number: int
    printed: str
    words: str
    heading: str
    row: int
    column: int
    names_section: bool

    @property
    def id(self) -> str:
        """The item's id within its list."""
        return f"{self.section}-{self.number}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was not understood, where it stands, and what to do. A fault keeps the whole file out."""

    sheet: str
    cell: str
    what: Text
    advice: Text
    is_fault: bool = False


@dataclass(slots=True)
class _Walk:
    """What is known while the rows are read from above."""

    sheet: Sheet
    layout: Layout
    marks_are_strong: bool
    section: int = 0
    heading: str = ""
    named_by_column: str = ""
    unnumbered: int = 0
    items: list[OfficialItem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, spot: Spot, what: Text, advice: Text, *, is_fault: bool = False) -> None:
        cell = reference(spot)
        self.remarks.append(Remark(self.sheet.title, cell, what, advice, is_fault))


class _RowKind(StrEnum):
    ITEM = "item"
    HEADING = "heading"
    QUESTION = "question"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Row:
    """The texts of one row left of the answers, its mark and its words."""

    number: int
    column: int
    last_column: int
    mark: Mark | None
    words: str
    stands_alone: bool  # the mark has a cell of its own
    asks: bool  # a cell for answers offers both


def read_items(sheet: Sheet, layout: Layout) -> tuple[list[OfficialItem], list[Remark]]:
    """Return the items of a sheet in order, and what was passed over or is faulty."""
    rows = list(_rows(sheet, layout))
    strong = any(row.mark and row.mark.strength is not Strength.WEAK for row in rows)
    walk = _Walk(sheet, layout, strong)
    for row in rows:
        _read(walk, row)
    _find_twins(walk)
    if len(walk.items) > MOST_ITEMS:
        spot = (walk.items[MOST_ITEMS].row, walk.items[MOST_ITEMS].column)
        walk.remark(spot, _("There are more items than any checklist has."), _ONLY_THE_LIST, is_fault=True)
    return walk.items, walk.remarks


_ONLY_THE_LIST = _("Give a file that holds the checklist only.")
_NO_NUMBER = _("This row has no number and no box for an answer. It was passed over.")
_NUMBER_HERE = _("If it is an item, put its number before it in a copy of the file and give that.")


def _rows(sheet: Sheet, layout: Layout) -> Iterator[_Row]:
    for number in sheet.row_numbers:
        if number > layout.last and not is_heading_row(sheet, number, layout):
            found = _row(sheet, layout, number)
            if found is not None:
                yield found


def _row(sheet: Sheet, layout: Layout, number: int) -> _Row | None:
    """Return what stands left of the answers in a row; None where nothing new begins there."""
    texts: list[tuple[int, str]] = []
    section = sheet.anchor((number, layout.section)) if layout.section else None
    seen: set[Spot] = set()
    for column in range(1, layout.items[1] + 1):
        first = sheet.anchor((number, column))
        if first in seen or first[0] != number or first == section:
            continue
        seen.add(first)
        if text := sheet.text(first):
            texts.append((first[1], text))
    if not texts:
        return None
    column, text = texts[0]
    mark, rest = mark_of(text), [words for _column, words in texts[1:]]
    alone = bool(mark and not mark.rest and rest)
    if alone and mark and (second := mark_of(rest[0])) and mark.strength is Strength.WEAK:
        mark, rest = _joined(mark, second, rest)
    words = "\n".join([*([mark.rest] if mark and mark.rest else [] if mark else [text]), *rest])
    last = max(sheet.last_column((number, place)) for place, _text in texts)
    return _Row(number, column, last, mark, words.strip(), alone, _asks(sheet, layout, number))


def _joined(section: Mark, item: Mark, rest: list[str]) -> tuple[Mark, list[str]]:
    """Return one mark for two cells, 2 | ⑥, with what is left of the texts."""
    is_pair = item.strength is Strength.STRONG or (item.strength is Strength.WEAK and not item.rest and len(rest) > 1)
    if not is_pair:
        return section, rest
    joined = Mark(Strength.COMPOUND, section.number, item.number, item.rest)
    return joined, rest[1:]


def _asks(sheet: Sheet, layout: Layout, row: int) -> bool:
    return any(is_question(sheet.text((row, column))) for column in layout.answer_columns)


def _read(walk: _Walk, row: _Row) -> None:
    _follow_section_column(walk, row)
    kind = _kind(walk, row)
    if kind is _RowKind.HEADING:
        walk.section = row.mark.number if row.mark else walk.section + 1
        walk.heading = row.words
    elif kind is _RowKind.OTHER:
        if not _is_note(row.words):
            walk.remark((row.number, row.column), _NO_NUMBER, _NUMBER_HERE)
    else:
        _add(walk, row, numbered=kind is _RowKind.ITEM)


def _follow_section_column(walk: _Walk, row: _Row) -> None:
    if not walk.layout.section:
        return
    said = walk.sheet.text((row.number, walk.layout.section))
    if said and said != walk.named_by_column:
        mark = mark_of(said)
        walk.section = mark.number if mark else walk.section + 1
        walk.heading, walk.named_by_column = (mark.rest if mark else said), said


def _kind(walk: _Walk, row: _Row) -> _RowKind:
    spans = row.last_column >= min(walk.layout.answer_columns)
    if row.mark is None:
        is_short = len(row.words) <= _LONGEST_HEADING and not row.words.endswith("。")
        if row.asks:
            return _RowKind.QUESTION
        return _RowKind.HEADING if spans and is_short and not _is_note(row.words) else _RowKind.OTHER
    if row.mark.strength is not Strength.WEAK:
        return _RowKind.ITEM
    if row.asks or (row.stands_alone and not spans and not walk.marks_are_strong):
        return _RowKind.ITEM
    is_title = len(row.words) <= _LONGEST_HEADING and not row.words.endswith("。") and bool(row.words)
    return _RowKind.HEADING if is_title else _RowKind.OTHER


def _is_note(words: str) -> bool:
    return folded(words).startswith(tuple(folded(note) for note in _NOTES))


def _add(walk: _Walk, row: _Row, *, numbered: bool) -> None:
    spot = (row.number, row.column)
    mark = row.mark if numbered else None
    if mark:
        section = mark.section or walk.section or 1
        number, printed = mark.number, _printed(section, mark)
    else:
        walk.unnumbered += 1
        section, number, printed = 0, walk.unnumbered, "―"
    if not row.words:
        walk.remark(spot, _("An item has a number and no words."), _AS_PUBLISHED, is_fault=True)
    for column in walk.layout.answer_columns:
        _judge_answer_cell(walk, (row.number, column))
    names = bool(mark and (mark.section or walk.section))
    walk.items.append(OfficialItem(section, number, printed, row.words, walk.heading, *spot, names))


_AS_PUBLISHED = _("Give the file as it was published.")


def _judge_answer_cell(walk: _Walk, spot: Spot) -> None:
    first = walk.sheet.anchor(spot)
    cell = walk.sheet.cells.get(first)
    if cell and cell.is_formula:
        what = _("The cell for the answer holds a formula. A formula answers nothing, and it is not calculated.")
        walk.remark(first, what, _("Give a file in which the cell is empty."), is_fault=True)
    if first[0] != spot[0]:
        what = _("The cell for the answer belongs to the row above: two items have one answer.")
        walk.remark(spot, what, _AS_PUBLISHED, is_fault=True)


def _printed(section: int, mark: Mark) -> str:
    circled = chr(0x2460 + mark.number - 1) if 1 <= mark.number <= 20 else ""
    return f"{section}{circled}" if circled and mark.strength is not Strength.WEAK else f"{section}-{mark.number}"


def _find_twins(walk: _Walk) -> None:
    """Two items with one number cannot be told apart: all stay out."""
    places: Mapping[str, int] = Counter(item.id for item in walk.items)
    for item in walk.items:
        if places[item.id] > 1:
            what = _("The number %(printed)s stands there more than once.").with_params(printed=item.printed)
            walk.remark((item.row, item.column), what, _AS_PUBLISHED, is_fault=True)
