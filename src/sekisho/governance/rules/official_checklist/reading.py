"""From the bytes of a workbook to its checklist: the right sheet, for whom it is, of which year, and its items."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sekisho.governance.rules.official_checklist.errors import ChecklistOtherwise, NoChecklist, SeveralChecklists
from sekisho.governance.rules.official_checklist.items import OfficialItem, Remark, read_items
from sekisho.governance.rules.official_checklist.layout import Layout, find_layout
from sekisho.governance.rules.official_checklist.wording import folded, years_in
from sekisho.kernel.text import Text, _
from sekisho.kernel.xlsx.workbook import Sheet, Workbook, columns, read_workbook, reference

_TITLE, _LONGEST_LABEL = "チェックリスト", 200
_EXAMPLES = ("記入例", "記載例", "見本", "サンプル")


class ListKind(StrEnum):
    """For whom a checklist is. That of a pharmacy is the facility's own where the facility is a pharmacy."""

    FACILITY = "facility"
    PHARMACY = "pharmacy"
    VENDOR = "vendor"

    @property
    def label(self) -> Text:
        """The kind in words."""
        return _LABELS[self]


_LABELS = {
    ListKind.FACILITY: _("For medical facilities (医療機関確認用)"),
    ListKind.PHARMACY: _("For pharmacies (薬局確認用)"),
    ListKind.VENDOR: _("For vendors (事業者確認用)"),
}
_SAID = {
    ListKind.FACILITY: ("医療機関確認用", "医療機関・薬局確認用"),
    ListKind.PHARMACY: ("薬局確認用",),
    ListKind.VENDOR: ("事業者確認用",),
}


@dataclass(frozen=True, slots=True)
class OfficialList:
    """A checklist as it stands in a workbook. ``label`` is the title in the file; ``notices`` are worth knowing."""

    book: Workbook
    sheet: Sheet
    layout: Layout
    items: tuple[OfficialItem, ...]
    remarks: tuple[Remark, ...]
    label: str
    sha256: str

    @property
    def faults(self) -> list[Remark]:
        """What keeps the file out."""
        return [one for one in self.remarks if one.is_fault]


def read_official_list(data: bytes, kind: ListKind, fiscal_year: int, said: str) -> OfficialList:
    """Return the checklist of ``kind`` in a workbook; ``said`` names kind and year as people see them, for an error.

    Raises WorkbookRefused, NoChecklist, SeveralChecklists, ChecklistOtherwise.
    """
    book = read_workbook(data)
    found = [(sheet, layout) for sheet in book.sheets if (layout := find_layout(sheet)) and not _is_example(sheet)]
    lists = [(sheet, layout) for sheet, layout in found if read_items(sheet, layout)[0]]
    if not lists:
        raise NoChecklist(sheets="、".join(sheet.title for sheet in book.sheets) or "―")
    sheet, layout = _the_one(lists, kind, said)
    _require_year(sheet, layout, fiscal_year, said)
    items, remarks = read_items(sheet, layout)
    if book.package.linked:
        remarks = [*remarks, Remark(sheet.title, "―", _LINKED, _ASK_FOR_NOTHING)]
    digest = hashlib.sha256(data).hexdigest()
    return OfficialList(book, sheet, layout, tuple(items), tuple(remarks), _label(sheet, layout), digest)


_LINKED = _("The file refers to other files. They are not looked at.")
_ASK_FOR_NOTHING = _("When Excel asks whether to update links, answer no.")


def _is_example(sheet: Sheet) -> bool:
    return any(word in sheet.title for word in _EXAMPLES)


def _the_one(lists: Sequence[tuple[Sheet, Layout]], kind: ListKind, said: str) -> tuple[Sheet, Layout]:
    """Return the sheet that says the kind; or the only one, unless it says another kind."""
    kinds = [(sheet, layout, _kinds_said(sheet, layout)) for sheet, layout in lists]
    fitting = [(sheet, layout) for sheet, layout, found in kinds if kind in found]
    if len(fitting) == 1:
        return fitting[0]
    silent = [(sheet, layout) for sheet, layout, found in kinds if not found]
    if not fitting and len(silent) == 1:
        return silent[0]
    if not fitting and not silent:
        other = next(iter(kinds[0][2]))
        raise ChecklistOtherwise(field="kind", said=_SAID[other][0], chosen=said)
    raise SeveralChecklists(field="kind", sheets="、".join(sheet.title for sheet, _layout in fitting or silent))


def _above(sheet: Sheet, layout: Layout) -> list[tuple[str, str]]:
    """Return every text above the headings with the name of its cell, and the sheet's own name."""
    texts = [
        (reference((row, column)), sheet.text((row, column)))
        for row in sheet.row_numbers
        if row < layout.first
        for column in columns(sheet)
        if sheet.anchor((row, column)) == (row, column)
    ]
    return [*((cell, text) for cell, text in texts if text), ("", sheet.title)]


def _kinds_said(sheet: Sheet, layout: Layout) -> set[ListKind]:
    """Return the kinds that a sheet names in its title; "医療機関・薬局確認用" is both."""
    said = folded(" ".join(text for _cell, text in _above(sheet, layout))).replace("及び", "・").replace("、", "・")
    return {kind for kind, words in _SAID.items() if any(folded(word) in said for word in words)}


def _require_year(sheet: Sheet, layout: Layout, fiscal_year: int, chosen: str) -> None:
    """Refuse a file whose title names another fiscal year. One that names none is what the person says it is."""
    titles = [text for _cell, text in _above(sheet, layout) if _TITLE in text or len(text) <= _LONGEST_LABEL]
    named = [(text, years_in(text)) for text in titles if years_in(text)]
    by_title = [(text, years) for text, years in named if _TITLE in text] or named
    if by_title and not any(fiscal_year in years for _text, years in by_title):
        raise ChecklistOtherwise(field="fiscal_year", said=by_title[0][0][:80], chosen=chosen)


def _label(sheet: Sheet, layout: Layout) -> str:
    titles = [text for _cell, text in _above(sheet, layout) if _TITLE in text]
    return " ".join((titles[0] if titles else sheet.title).split())[:_LONGEST_LABEL]
