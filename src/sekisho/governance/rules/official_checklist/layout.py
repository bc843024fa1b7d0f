"""The headings of a checklist: which column holds items, answers, days and names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sekisho.governance.rules.official_checklist.wording import folded, mark_of
from sekisho.kernel.xlsx.workbook import Sheet, columns

_DEEPEST_HEAD = 200  # rows from above in which the headings are looked for
_HEAD_ROWS = 3  # a heading may stand over two rows, with a row of groups above
_LONGEST_HEADING = 30


class Column(StrEnum):
    """What a column is for."""

    ITEM = "item"
    SECTION = "section"
    YES = "yes"
    NO = "no"
    ANSWER = "answer"
    CONFIRMED = "confirmed"
    TARGET = "target"
    PERSON = "person"
    OTHER = "other"


# The first that fits counts. Exact words stand before those that are only part of a heading.
_EXACT = {
    Column.YES: ("はい",),
    Column.NO: ("いいえ",),
    Column.SECTION: ("区分", "分類", "大項目"),
    Column.PERSON: ("確認者", "確認者名", "記入者", "記入者名", "担当者", "氏名"),
    Column.CONFIRMED: ("日付", "確認日", "記入日"),
    Column.OTHER: ("項番", "番号", "No", "No.", "備考", "補足", "#"),
}
_PARTS = (
    (Column.TARGET, ("目標", "予定日", "期限")),
    (
        Column.ANSWER,
        ("はい・いいえ", "はい/いいえ", "確認結果", "回答", "実施状況", "1回目", "2回目", "3回目", "チェック欄"),
    ),
    (Column.CONFIRMED, ("確認日", "確認年月日", "確認した日")),
    (Column.ITEM, ("チェック項目", "確認項目", "チェックポイント", "確認事項", "対策項目")),
)
_ITEM_EXACT = ("項目", "内容", "質問", "設問", "チェック内容")


@dataclass(frozen=True, slots=True)
class Round:
    """The columns of one answering: both answers apart or in one column, 0 for a column that is not there."""

    yes: int = 0
    no: int = 0
    answer: int = 0
    confirmed: int = 0
    target: int = 0
    person: int = 0

    @property
    def answers(self) -> list[int]:
        """The columns in which an answer is given."""
        return [column for column in (self.yes, self.no, self.answer) if column]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands: items in ``items`` (columns) below row ``last``; ``first`` is the first heading row."""

    first: int
    last: int
    items: tuple[int, int]
    section: int
    rounds: tuple[Round, ...]

    @property
    def answer_columns(self) -> list[int]:
        """The columns in which answers are given, of every round."""
        return [column for one in self.rounds for column in one.answers]


def heading_of(text: str) -> Column | None:
    """Return what a heading says that its column is for."""
    said = folded(text)
    if not said or len(said) > _LONGEST_HEADING:
        return None
    for column, words in _EXACT.items():
        if said in map(folded, words):
            return column
    if said in _ITEM_EXACT:
        return Column.ITEM
    return next((column for column, words in _PARTS if any(word in said for word in words)), None)


def find_layout(sheet: Sheet) -> Layout | None:
    """Return where a sheet's checklist stands, None for a sheet without one."""
    rows = [row for row in sheet.row_numbers if row <= _DEEPEST_HEAD]
    for row in rows:
        if _row_headings(sheet, row).get(Column.ITEM):
            found = _layout(sheet, row)
            if found is not None:
                return found
    return None


def is_heading_row(sheet: Sheet, row: int, layout: Layout) -> bool:
    """Tell whether a row repeats the headings, as on the next printed page."""
    return heading_of(sheet.text((row, layout.items[0]))) is Column.ITEM and any(
        heading_of(sheet.text((row, column))) for column in layout.answer_columns
    )


def _row_headings(sheet: Sheet, row: int) -> dict[Column, list[int]]:
    found: dict[Column, list[int]] = {}
    for column in columns(sheet):
        kind = heading_of(sheet.text((row, column)))
        if kind:
            found.setdefault(kind, []).append(column)
    return found


def _layout(sheet: Sheet, first: int) -> Layout | None:
    last = _last_heading(sheet, first)
    kinds = _column_kinds(sheet, first, last)
    rounds = tuple(one for one in _rounds(sheet, kinds, last) if one.answer or (one.yes and one.no))
    items = [column for column, kind in kinds.items() if kind is Column.ITEM]
    if not rounds or not items:
        return None
    section = next((column for column, kind in kinds.items() if kind is Column.SECTION), 0)
    return Layout(first, last, (items[0], items[-1]), section, rounds)


def _last_heading(sheet: Sheet, first: int) -> int:
    """Return the last row of headings: rows below that have only headings, and the rows that the first one covers."""
    covered = max(sheet.merges.get((first, column), (first, column))[0] for column in columns(sheet))
    last = min(covered, first + _HEAD_ROWS - 1)
    for row in range(last + 1, first + _HEAD_ROWS):
        texts = {sheet.text((row, column)) for column in columns(sheet)} - {""}
        if not texts or not all(heading_of(text) and not mark_of(text) for text in texts):
            break
        last = row
    return last


def _column_kinds(sheet: Sheet, first: int, last: int) -> Mapping[int, Column]:
    """Return what each column is for: the lowest heading counts, a group above it only where nothing stands below."""
    kinds = {}
    for column in columns(sheet):
        said = (heading_of(sheet.text((row, column))) for row in range(last, first - 1, -1))
        kind = next((one for one in said if one), None)
        if kind:
            kinds[column] = kind
    return kinds


def _rounds(sheet: Sheet, kinds: Mapping[int, Column], last: int) -> Iterator[Round]:
    """Yield the answerings from left to right: a second column of the same kind begins the next."""
    present = Round()
    covered: set[tuple[int, int]] = set()
    for column, kind in kinds.items():
        if kind in {Column.ITEM, Column.SECTION, Column.OTHER} or sheet.anchor((last, column)) in covered:
            continue
        covered.add(sheet.anchor((last, column)))
        if getattr(present, kind.value) or (kind is Column.ANSWER and present.yes):
            yield present
            present = Round()
        present = replace(present, **{kind.value: column})
    yield present
