"""CSV as the programs of hospitals write and read it: UTF-8 or Shift JIS, and nothing in it that is carried out."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import islice

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _
from sekisho.kernel.xlsx import table as xlsx

BOM = "\ufeff"
# A spreadsheet takes these for a formula, a Japanese one the wide ones too; an apostrophe before them says: text.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # a ZIP; an old or locked one, which is refused


class TableUnreadable(InvalidInput):
    """The bytes are no table: neither encoding fits, or the quotes do not."""

    code = "ledgers.table_unreadable"
    message = _("This is no CSV in UTF-8 or Shift JIS.")
    hint = _("In Excel, save the sheet as “CSV UTF-8”.")


def write_table(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV with a byte order mark, as Excel wants it; no cell is a formula there."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([_as_text(cell) for cell in row] for row in rows)
    return (BOM + out.getvalue()).encode()


def read_table(data: bytes) -> list[list[str]]:
    """Return the cells of a CSV in UTF-8 or, failing that, Shift JIS (CP932). Raises TableUnreadable.

    No more rows and columns than of a workbook, and one column more where there are more: ten megabytes of line ends
    would be most of a machine's memory.
    """
    for encoding in ("utf-8-sig", "cp932"):
        try:
            lines = csv.reader(io.StringIO(data.decode(encoding), newline=""), strict=True)
            return [
                [_from_text(cell) for cell in row[: xlsx.MOST_COLUMNS + 1]] for row in islice(lines, xlsx.MOST_ROWS)
            ]
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise TableUnreadable from error
    raise TableUnreadable


def read_file(data: bytes, sheet: int = 0) -> xlsx.Table:
    """Return the rows of an Excel workbook or of a CSV, told apart by their bytes.

    Raises TableUnreadable, WorkbookRefused.
    """
    return xlsx.read_table(data, sheet) if data.startswith(_WORKBOOKS) else xlsx.Table(read_table(data))


def _as_text(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _from_text(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
