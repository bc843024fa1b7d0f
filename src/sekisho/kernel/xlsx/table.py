"""One sheet as rows of text, read once from above: for tables of thousands of rows, where only what is shown matters.

Nothing is calculated: a cell with a formula keeps the text that was last shown there, and is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sekisho.kernel.text import _
from sekisho.kernel.xlsx.markup import Attributes
from sekisho.kernel.xlsx.package import Package, Size, refused
from sekisho.kernel.xlsx.parts import LONGEST_TEXT, Head, Relations, Strings, Styles, Texts
from sekisho.kernel.xlsx.workbook import MOST_SHEETS, Spot, place_of

LARGEST = Size(10 * 2**20, 48 * 2**20, 64 * 2**20)
MOST_ROWS, MOST_COLUMNS = 20_100, 200
_MOST_CELLS = 1_000_000
_MOST_MERGED = 200_000  # rows under merged cells, together
_SERIALS = range(1, 2_958_466)  # to 9999-12-31
_SHORT_MONTH = timedelta(days=59)  # what Excel counts before the 29 February 1900 that never was
_BOOLEANS = {"1": "TRUE", "0": "FALSE"}


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a sheet from the first; ``sheets`` are the visible ones; ``calculated`` cells hold no typed value."""

    rows: Sequence[list[str]]
    sheets: tuple[str, ...] = ()
    calculated: frozenset[Spot] = frozenset()
    from_1904: bool = False

    def day(self, text: str) -> date | None:
        """Return the day that a number means in Excel, None for anything else."""
        return serial_day(text, from_1904=self.from_1904) if self.sheets else None


def read_table(data: bytes, sheet: int = 0) -> Table:
    """Return the rows of one visible sheet, counted from 0; days read 2026/11/21. Raises WorkbookRefused.

    A value merged over several rows stands in each of them that says anything else.
    """
    package = Package(data, LARGEST)
    head = Head(package.read("xl/workbook.xml"))
    targets = Relations(package.read("xl/_rels/workbook.xml.rels"))
    sheets = [(title, targets.sheets[name]) for title, name in head.sheets if name in targets.sheets]
    if not sheets or len(sheets) > MOST_SHEETS:
        raise refused(_("it has no sheet that is shown, or too many."))
    shared = Strings(package.read(targets.strings)).found if targets.strings else []
    days = Styles(package.read(targets.styles)).days if targets.styles else frozenset()
    part = sheets[sheet if 0 <= sheet < len(sheets) else 0][1]
    found = _Rows(package.read(part), shared, days, from_1904=head.from_1904)
    return Table(found.rows, tuple(title for title, _part in sheets), frozenset(found.calculated), head.from_1904)


def serial_day(text: str, *, from_1904: bool = False) -> date | None:
    """Return the day that a cell's number means, None for what is no number of a day (ECMA-376 part 1, 18.17.4)."""
    whole = text.partition(".")[0]
    if not (whole.isascii() and whole.isdigit() and len(whole) < 8 and int(whole) in _SERIALS):
        return None
    counted = timedelta(days=int(whole))
    if from_1904:
        return date(1904, 1, 1) + counted if counted.days < _SERIALS.stop - 1462 else None
    return (date(1899, 12, 30) if counted > _SHORT_MONTH else date(1899, 12, 31)) + counted


class _Rows(Texts):
    """Collects rows; stops at the first that is too many."""

    def __init__(self, data: bytes, shared: list[str], days: frozenset[str], *, from_1904: bool) -> None:
        self.rows: list[list[str]] = []
        self.calculated: set[Spot] = set()
        self._shared, self._days, self._from_1904 = shared, days, from_1904
        self._line, self._column, self._seen, self._merged = 0, 0, 0, 0
        self._cell: Attributes = {}
        self._value: list[str] = []
        self._is_value = self._is_calculated = False
        self._merges: list[tuple[Spot, Spot]] = []
        super().__init__(data)
        self._fill_merged()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "v":
            self._is_value = True
        elif name == "c":
            self._cell, self._value, self._is_calculated = attributes, [], False
        elif name == "row":
            self._start_row(attributes.get("r", ""))
        elif name == "f":
            self._is_calculated = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        else:
            super().start(name, attributes)

    def _start_row(self, said: str) -> None:
        self._line = int(said) if said.isdecimal() and len(said) < 9 else self._line + 1
        self._column = 0

    def _merge(self, said: str) -> None:
        first, _sign, last = said.partition(":")
        start, end = place_of(first), place_of(last or first)
        self._merged += max(1, min(end[0], MOST_ROWS) - start[0])
        if self._merged > _MOST_MERGED:
            raise refused(_("it has too many merged cells."))
        self._merges.append((start, end))

    def text(self, words: str) -> None:
        if self._is_value:
            self._value.append(words)
        else:
            super().text(words)

    def end(self, name: str) -> None:
        if name == "v":
            self._is_value = False
        elif name == "c":
            self._end_cell()
        elif name != "row":
            super().end(name)

    def _end_cell(self) -> None:
        said = self._cell.get("r")
        line, column = place_of(said) if said else (self._line, self._column + 1)
        self._column = column
        self._seen += 1
        text = self._shown()
        if (text and (line > MOST_ROWS or column > MOST_COLUMNS)) or self._seen > _MOST_CELLS:
            raise refused(
                _("it has more cells than are read here (at most %(rows)s rows, %(columns)s columns).").with_params(
                    rows=MOST_ROWS, columns=MOST_COLUMNS
                )
            )
        if not text:
            return
        self._put(line, column, text)
        if self._is_calculated or self._cell.get("t") == "e":
            self.calculated.add((line, column))

    def _put(self, line: int, column: int, text: str) -> None:
        while len(self.rows) < line:
            self.rows.append([])
        row = self.rows[line - 1]
        row += [""] * (column - len(row))
        row[column - 1] = text

    def _shown(self) -> str:
        kind, value = self._cell.get("t", "n"), "".join(self._value)
        if kind == "s":
            place = int(value) if value.isdecimal() and len(value) < 9 else -1
            if not 0 <= place < len(self._shared):
                raise refused(_("a part of it is damaged."))
            return self._shared[place].strip()
        if kind == "inlineStr":
            return self.take().strip()
        if kind == "n" and value:
            return self._number(value)
        return _BOOLEANS.get(value, value) if kind == "b" else value.strip()[:LONGEST_TEXT]

    def _number(self, value: str) -> str:
        day = serial_day(value, from_1904=self._from_1904) if self._cell.get("s") in self._days else None
        if day is not None:
            return f"{day.year:04}/{day.month:02}/{day.day:02}"
        return value.removesuffix(".0")[:LONGEST_TEXT]

    def _fill_merged(self) -> None:
        for (first, column), (last, _last_column) in self._merges:
            text = self._at(first, column)
            if not text:
                continue
            for line in range(first + 1, min(last, len(self.rows)) + 1):
                if any(self.rows[line - 1]):
                    self._put(line, column, text)
                    if (first, column) in self.calculated:
                        self.calculated.add((line, column))

    def _at(self, line: int, column: int) -> str:
        row = self.rows[line - 1] if line <= len(self.rows) else []
        return row[column - 1] if column <= len(row) else ""
