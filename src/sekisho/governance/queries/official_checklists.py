"""Reading official checklists: files that were given, lists that were taken over, and as what they are asked."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator

from sekisho.governance.models import ChecklistFile, OfficialChecklist, OfficialChecklistItem
from sekisho.governance.queries.editions import CURRENT, checklists
from sekisho.governance.rules.catalogue import Bilingual
from sekisho.governance.rules.checklist import Checklist, Item, Section, list_for
from sekisho.governance.rules.official_checklist.errors import OfficialFileDamaged
from sekisho.governance.rules.official_checklist.matching import Change, Match, changes, match_items
from sekisho.governance.rules.official_checklist.reading import ListKind, OfficialList, read_official_list
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import _

LISTS_A_PAGE = 50
FIRST_YEAR = 2023  # 令和5年度, the first checklist
_KINDS = {
    False: (ListKind.FACILITY.value, ListKind.PHARMACY.value),
    True: (ListKind.VENDOR.value,),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking over a file would do: each item with its suggested match, and how it stands to the list before."""

    file: ChecklistFile
    found: OfficialList
    matches: Sequence[Match]
    changes: Mapping[str, Change]
    gone: Sequence[str]
    before: OfficialChecklist | None
    ours: Checklist


def kinds_of(*, for_vendor: bool) -> Sequence[str]:
    """Return the kinds of lists that the form of the facility, or of a vendor, can be."""
    return _KINDS[for_vendor]


def official_lists(page: int = 1) -> "Page[OfficialChecklist]":
    """Return one page of the lists that were taken over, the newest first."""
    rows = OfficialChecklist.objects.select_related("file").defer("file__data")
    return Paginator(rows.order_by("-adopted_at", "-id"), LISTS_A_PAGE).get_page(page)


def checklist_file(file_id: UUID, purpose: str) -> ChecklistFile:
    """Return a file that was given for this purpose. Raises NotFound, OfficialFileDamaged."""
    found: ChecklistFile | None = ChecklistFile.objects.filter(pk=file_id, purpose=purpose).first()
    if found is None:
        raise NotFound
    require_whole(found)
    return found


def require_whole(file: ChecklistFile) -> None:
    """Raise OfficialFileDamaged if the stored bytes are not those that were received."""
    if hashlib.sha256(file.data).hexdigest() != file.sha256:
        raise OfficialFileDamaged


def read_file(file: ChecklistFile) -> OfficialList:
    """Return the checklist in a file that was given. Raises what read_official_list raises."""
    kind = ListKind(file.kind)
    # Words of now, no Text within a Text: the error is shown at once.
    said = str(_("%(kind)s, fiscal year %(year)s").with_params(kind=str(kind.label), year=file.fiscal_year))
    return read_official_list(bytes(file.data), kind, file.fiscal_year, said)


def newest_official(year: int, *, for_vendor: bool) -> OfficialChecklist | None:
    """Return the list that counts for a fiscal year, None before one was taken over for it."""
    rows = OfficialChecklist.objects.filter(fiscal_year=year, kind__in=kinds_of(for_vendor=for_vendor))
    found: OfficialChecklist | None = (
        rows.select_related("file").defer("file__data").order_by("-adopted_at", "-id").first()
    )
    return found


def official_of(checklist: Checklist) -> OfficialChecklist | None:
    """Return the official list behind a list, None for the one that comes with the program."""
    if not checklist.is_official:
        return None
    found: OfficialChecklist = OfficialChecklist.objects.select_related("file").get(pk=UUID(checklist.id))
    return found


def items_of(official: OfficialChecklist) -> list[OfficialChecklistItem]:
    """Return the items of a list in printed order."""
    return list(OfficialChecklistItem.objects.filter(checklist=official).order_by("place"))


def preview(file: ChecklistFile) -> Preview:
    """Return what taking over an official file would do. Raises what read_official_list raises."""
    found, for_vendor = read_file(file), file.kind == ListKind.VENDOR
    ours = own_list(file.fiscal_year)
    matches = match_items(found.items, ours, file.fiscal_year, for_vendor=for_vendor)
    before = _before(file.fiscal_year, for_vendor=for_vendor)
    known, gone = changes(found.items, items_of(before) if before else [])
    return Preview(file, found, matches, known, gone, before, ours)


def _before(year: int, *, for_vendor: bool) -> OfficialChecklist | None:
    rows = OfficialChecklist.objects.filter(fiscal_year__lte=year, kind__in=kinds_of(for_vendor=for_vendor))
    newest = rows.select_related("file").defer("file__data").order_by("-fiscal_year", "-adopted_at", "-id")
    found: OfficialChecklist | None = newest.first()
    return found


def own_list(year: int) -> Checklist:
    """Return our own list that official items of a year are compared with: the newest until then, else the first."""
    own = checklists(CURRENT)
    return list_for(own, year) or own[0]


def asked_lists(*, for_vendor: bool) -> list[Checklist]:
    """Return every list that the form can follow: ours, and the official one that counts for each year."""
    rows = OfficialChecklist.objects.filter(kind__in=kinds_of(for_vendor=for_vendor)).order_by("adopted_at", "id")
    newest = {row.fiscal_year: row for row in rows}
    return [*checklists(CURRENT), *(_as_checklist(row, for_vendor=for_vendor) for row in newest.values())]


def other_lists(checklist: Checklist, year: int, *, for_vendor: bool) -> list[Checklist]:
    """Return the lists by which a year's form may have been answered before ``checklist`` counted, the newest first."""
    rows = OfficialChecklist.objects.filter(fiscal_year=year, kind__in=kinds_of(for_vendor=for_vendor))
    found = [_as_checklist(row, for_vendor=for_vendor) for row in rows.order_by("-adopted_at", "-id")]
    return [one for one in [*found, own_list(year)] if one.id != checklist.id]


def _as_checklist(official: OfficialChecklist, *, for_vendor: bool) -> Checklist:
    own, rows = own_list(official.fiscal_year), items_of(official)
    sections: dict[int, list[OfficialChecklistItem]] = {}
    for row in rows:
        sections.setdefault(row.section, []).append(row)
    return Checklist(
        id=official.pk.hex,
        fiscal_year=official.fiscal_year,
        title=_same(official.label),
        sections=tuple(_section(number, found, for_vendor=for_vendor) for number, found in sections.items()),
        leaves={row.item: own.leaves.get(row.ours, ()) for row in rows},
        ours={row.item: row.ours for row in rows if row.ours},
        is_official=True,
    )


def _section(number: int, rows: Sequence[OfficialChecklistItem], *, for_vendor: bool) -> Section:
    items = tuple(_item(row, for_vendor=for_vendor) for row in rows)
    return Section(id=str(number), title=_same(rows[0].heading or "―"), items=items)


def _item(row: OfficialChecklistItem, *, for_vendor: bool) -> Item:
    return Item(id=row.item, printed=row.printed, title=_same(row.words), vendor=for_vendor, leaves=bool(row.ours))


def _same(words: str) -> Bilingual:
    """Return the official words, which there are in Japanese only."""
    return Bilingual(ja=words, en=words)
