"""A workbook as its sheets: cells with their text, where they stand in the bytes, and which of them are merged."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sekisho.kernel.text import _
from sekisho.kernel.xlsx.markup import Attributes
from sekisho.kernel.xlsx.package import Package, refused
from sekisho.kernel.xlsx.parts import LONGEST_TEXT, Head, Relations, Strings, Styles, Texts

MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_SHEETS = 5_000, 200, 60_000, 50
_LONGEST_PLACE = 9  # digits of a row, or of a place among the shared texts
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_FIRST_SERIAL, _LAST_SERIAL = 30_000, 80_000  # 1982 to 2119: what a day on a form can be

Spot = tuple[int, int]  # row and column, from 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its bytes: ``text`` as shown before any format, ``begins`` and ``ends`` in the part of the sheet."""

    row: int
    column: int
    text: str
    style: str
    is_number: bool
    is_formula: bool
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class RowBytes:
    """Where a row stands: its tag from ``begins``, its content up to ``ends``; both equal for one without cells."""

    begins: int
    content: int
    ends: int
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet: the part it stands in, its cells and rows, and each merged range by its first cell."""

    title: str
    part: str
    cells: Mapping[Spot, Cell]
    rows: Mapping[int, RowBytes]
    merges: Mapping[Spot, Spot]
    inside: Mapping[Spot, Spot] = field(default_factory=dict)

    def anchor(self, spot: Spot) -> Spot:
        """Return the cell that shows what stands at ``spot``: the first one of its merged range."""
        return self.inside.get(spot, spot)

    def text(self, spot: Spot) -> str:
        """Return what is shown at ``spot``, empty for nothing."""
        cell = self.cells.get(self.anchor(spot))
        return cell.text if cell else ""

    def last_column(self, spot: Spot) -> int:
        """Return the last column that the cell at ``spot`` covers."""
        first = self.anchor(spot)
        return self.merges.get(first, first)[1]

    @property
    def row_numbers(self) -> list[int]:
        """The rows in which something is written, from above."""
        return sorted({row for (row, _column), cell in self.cells.items() if cell.text})

    @property
    def width(self) -> int:
        """The last column in which something stands."""
        return max((column for _row, column in self.cells), default=0)


@dataclass(frozen=True, slots=True)
class Workbook:
    """The visible sheets in order; the styles that show days; whether days are counted from 1904."""

    package: Package
    sheets: tuple[Sheet, ...]
    day_styles: frozenset[str]
    from_1904: bool

    def serial(self, day: date) -> int:
        """Return a day as the number that a cell holds."""
        return (day - self._epoch).days

    def day(self, text: str) -> date | None:
        """Return the day that a cell's number means, None for one that no form of these years holds."""
        number = int(float(text))
        return self._epoch + timedelta(days=number) if _FIRST_SERIAL <= number <= _LAST_SERIAL else None

    @property
    def _epoch(self) -> date:
        return date(1904, 1, 1) if self.from_1904 else date(1899, 12, 30)


def reference(spot: Spot) -> str:
    """Return a cell's name: (12, 3) is C12."""
    row, column = spot
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def place_of(name: str) -> Spot:
    """Return row and column of a cell's name: C12 is (12, 3). Raises WorkbookRefused."""
    found = _REFERENCE.fullmatch(name)
    if found is None:
        raise refused(_("a part of it is damaged."))
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def read_workbook(data: bytes) -> Workbook:
    """Return the workbook in ``data``. Raises WorkbookRefused."""
    package = Package(data)
    head = Head(package.read("xl/workbook.xml"))
    targets = Relations(package.read("xl/_rels/workbook.xml.rels"))
    shared = Strings(package.read(targets.strings)).found if targets.strings else []
    styles = Styles(package.read(targets.styles)).days if targets.styles else frozenset()
    if len(head.sheets) > MOST_SHEETS:
        raise refused(_("it has too many sheets."))
    sheets = [
        _read_sheet(package, title, targets.sheets[relation], shared)
        for title, relation in head.sheets
        if relation in targets.sheets
    ]
    return Workbook(package, tuple(sheets), styles, head.from_1904)


def _read_sheet(package: Package, title: str, part: str, shared: list[str]) -> Sheet:
    found = _Cells(package.read(part), shared)
    inside = {spot: first for first, last in found.merges.items() for spot in _spots(first, last)}
    return Sheet(title, part, found.cells, found.rows, found.merges, inside)


def _spots(first: Spot, last: Spot) -> Iterator[Spot]:
    """Yield the spots of a merged range, as far as a form reaches."""
    for row in range(first[0], min(last[0], MOST_ROWS) + 1):
        for column in range(first[1], min(last[1], MOST_COLUMNS) + 1):
            yield row, column


class _Cells(Texts):
    """The cells of a sheet within our bounds, its rows and its merged ranges."""

    def __init__(self, data: bytes, shared: list[str]) -> None:
        self.cells: dict[Spot, Cell] = {}
        self.rows: dict[int, RowBytes] = {}
        self.merges: dict[Spot, Spot] = {}
        self._shared = shared
        self._row, self._row_begins = 0, 0
        self._cell: Attributes = {}
        self._begins, self._seen, self._column = 0, 0, 0
        self._is_value = self._is_formula = False
        self._value: list[str] = []
        super().__init__(data)

    def start(self, name: str, attributes: Attributes) -> None:
        super().start(name, attributes)
        self._is_value = name == "v"
        if name == "row":
            said = attributes.get("r", "")
            self._row = int(said) if said.isdecimal() and len(said) < _LONGEST_PLACE else self._row + 1
            self._row_begins, self._column = self.place, 0
        elif name == "c":
            self._cell, self._begins, self._is_formula, self._value = attributes, self.place, False, []
        elif name == "f":
            self._is_formula = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _merge(self, said: str) -> None:
        first, _sign, last = said.partition(":")
        if len(self.merges) >= MOST_ROWS:
            raise refused(_("it has too many merged cells."))
        start, end = place_of(first), place_of(last or first)
        if (end[0] - start[0] + 1) * (min(end[1], MOST_COLUMNS) - start[1] + 1) > MOST_CELLS:
            raise refused(_("it has too many merged cells."))
        self.merges[start] = end

    def text(self, words: str) -> None:
        super().text(words)
        if self._is_value:
            self._value.append(words)

    def end(self, name: str) -> None:
        super().end(name)
        if name == "row":
            self._end_row()
        elif name == "c":
            self._end_cell()
        elif name == "v":
            self._is_value = False

    def _end_row(self) -> None:
        content = self.tag_end(self._row_begins)
        closed = self.is_closed(self._row_begins)
        self.rows[self._row] = RowBytes(self._row_begins, content, content if closed else self.place, closed)

    def _end_cell(self) -> None:
        self._seen += 1
        said = self._cell.get("r", "")
        row, column = place_of(said) if said else (self._row, self._column + 1)
        self._column = column
        inline, text = self.take(), "".join(self._value)
        text = self._shown(text, inline)
        if (text and (row > MOST_ROWS or column > MOST_COLUMNS)) or self._seen > MOST_CELLS:
            raise refused(_("it has more cells than any form (at most %(rows)s rows).").with_params(rows=MOST_ROWS))
        if row <= MOST_ROWS and column <= MOST_COLUMNS:
            kind, style = self._cell.get("t", "n"), self._cell.get("s", "")
            number = kind == "n" and _is_number(text)
            ends = self.element_end(self._begins)
            self.cells[row, column] = Cell(row, column, text, style, number, self._is_formula, self._begins, ends)

    def _shown(self, value: str, inline: str) -> str:
        kind = self._cell.get("t", "n")
        if kind == "s":
            place = int(value) if value.isdecimal() and len(value) < _LONGEST_PLACE else -1
            if not 0 <= place < len(self._shared):
                raise refused(_("a part of it is damaged."))
            return self._shared[place].strip()
        if kind == "inlineStr":
            return inline.strip()
        if kind == "n" and _is_number(value) and float(value).is_integer():
            return str(int(float(value)))
        return value.strip()[:LONGEST_TEXT]


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,17})?", text))


def columns(sheet: Sheet) -> range:
    """Return the columns of a sheet in which something may stand."""
    return range(1, max(sheet.width, max((last[1] for last in sheet.merges.values()), default=0)) + 1)
