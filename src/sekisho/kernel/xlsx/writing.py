"""Writing into a workbook that somebody else made: the named cells change, every other byte of the sheet stays.

Loading and saving with a library would lose what it does not know: drawn shapes, controls, readings (furigana),
extended data validations, printer settings. Here only the elements of the cells are exchanged. A text is written as
a text, so nothing in it is ever calculated.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from xml.sax.saxutils import escape

from sekisho.kernel.text import _
from sekisho.kernel.xlsx.package import refused
from sekisho.kernel.xlsx.workbook import Sheet, Spot, Workbook, reference

Value = str | date | None
_ROOT = re.compile(rb"<([A-Za-z0-9_]+:)?worksheet[\s>]")


def write_cells(book: Workbook, sheet: Sheet, values: Mapping[Spot, Value]) -> bytes:
    """Return the workbook with ``values`` in these cells of ``sheet``; nothing leaves a cell empty.

    A cell inside a merged range means its first cell. A day becomes the number of that day where the cell's format
    shows days, else a text. Raises WorkbookRefused for a cell with a formula, and for a row that is not there.
    """
    data = book.package.read(sheet.part)
    prefix = _prefix(data)
    changes: list[tuple[int, int, bytes]] = []
    missing: dict[int, dict[int, bytes]] = defaultdict(dict)
    for spot, value in values.items():
        first = sheet.anchor(spot)
        cell = sheet.cells.get(first)
        if cell is None:
            missing[first[0]][first[1]] = _element(book, first, "", value, prefix)
        elif cell.is_formula:
            raise refused(
                _("a cell that is to be filled in holds a formula (%(cell)s).").with_params(cell=reference(first))
            )
        else:
            changes.append((cell.begins, cell.ends, _element(book, first, cell.style, value, prefix)))
    changes += [change for row, cells in missing.items() for change in _added(sheet, data, row, cells, prefix)]
    return book.package.with_parts({sheet.part: _spliced(data, changes)})


def _prefix(data: bytes) -> str:
    """Return what stands before every element's name, "x:" or nothing: some programs write one."""
    found = _ROOT.search(data)
    return (found[1] or b"").decode() if found else ""


def _element(book: Workbook, spot: Spot, style: str, value: Value, prefix: str) -> bytes:
    p = prefix
    head = f'<{p}c r="{reference(spot)}"' + (f' s="{escape(style)}"' if style else "")
    if not value:
        return f"{head}/>".encode()
    if isinstance(value, date) and style in book.day_styles:
        return f"{head}><{p}v>{book.serial(value)}</{p}v></{p}c>".encode()
    text = f"{value:%Y/%m/%d}" if isinstance(value, date) else "".join(filter(_may_stand, value))
    return f'{head} t="inlineStr"><{p}is><{p}t xml:space="preserve">{escape(text)}</{p}t></{p}is></{p}c>'.encode()


def _may_stand(sign: str) -> bool:
    """Tell whether XML 1.0 has this sign."""
    return sign in "\t\n\r" or "\x20" <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign >= "\U00010000"


def _added(
    sheet: Sheet, data: bytes, row: int, cells: Mapping[int, bytes], prefix: str
) -> list[tuple[int, int, bytes]]:
    """Return what is put between the cells that a row has, in the order of columns, which Excel insists on."""
    place = sheet.rows.get(row)
    if place is None:
        raise refused(_("a row that is to be filled in is missing."))
    if place.is_closed:
        tag = data[place.begins : place.content]
        content = b"".join(cells[column] for column in sorted(cells))
        return [(place.begins, place.content, tag[: tag.rindex(b"/")] + b">" + content + f"</{prefix}row>".encode())]
    behind = sorted((cell.column, cell.begins) for (at, _column), cell in sheet.cells.items() if at == row)
    found = []
    for column in sorted(cells):
        begins = next((begins for other, begins in behind if other > column), place.ends)
        found.append((begins, begins, cells[column]))
    return found


def _spliced(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    parts, last = [], 0
    for begins, ends, content in sorted(changes, key=lambda change: change[:2]):
        parts += [data[last:begins], content]
        last = ends
    return b"".join([*parts, data[last:]])
