"""Reading the checklist of inspections: each item with what the verdicts recommend and what was answered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.paginator import Page, Paginator

from sekisho.estate import ledgers
from sekisho.estate.queries import get_entry
from sekisho.governance.errors import ChecklistYearWrong
from sekisho.governance.models import ChecklistAnswer
from sekisho.governance.queries.conformance import Conformity, conformity
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.official_checklists import asked_lists
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.checklist import (
    Checklist,
    Item,
    Recommendation,
    Section,
    State,
    list_for,
    recommend,
    state_of,
)
from sekisho.governance.rules.official_checklist.wording import folded
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE, fiscal_year
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import SubjectKind

ANSWERS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class VendorForm:
    """The vendor whose form it is; one that was closed answers nothing any more."""

    id: str
    name: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """One item: what the verdicts recommend, the newest answer (None before the first), and how it stands today."""

    item: Item
    leaves: Sequence[str]
    recommendation: Recommendation
    answer: ChecklistAnswer | None
    state: State


@dataclass(frozen=True, slots=True)
class ChecklistForm:
    """The form of the facility (``vendor`` is None) or of a vendor for one fiscal year, as it was at ``taken_at``.

    ``checklist`` is the newest list that was there for the year; its own fiscal year may be an earlier one.
    """

    checklist: Checklist
    year: int
    vendor: VendorForm | None
    sections: Sequence[tuple[Section, Sequence[ChecklistLine]]]
    conformity: Conformity
    taken_at: datetime

    @property
    def lines(self) -> list[ChecklistLine]:
        """Return every line in printed order."""
        return [line for _section, lines in self.sections for line in lines]

    @property
    def counts(self) -> Mapping[State, int]:
        """Return how many items stand in each state."""
        return Counter(line.state for line in self.lines)

    def line(self, item_id: str) -> ChecklistLine:
        """Return the line of an item. Raises NotFound, for what this form does not ask too."""
        found = next((line for line in self.lines if line.item.id == item_id), None)
        if found is None:
            raise NotFound
        return found


def today() -> date:
    """Return the present day at the facility."""
    return clock.now().astimezone(FACILITY_ZONE).date()


def checklist_years() -> list[int]:
    """Return the fiscal years that the facility's checklist can be answered for, the present one first."""
    first = min((found.fiscal_year for found in asked_lists(for_vendor=False)), default=None)
    return list(range(fiscal_year(today()), first - 1, -1)) if first else []


def checklist_of(year: int, *, for_vendor: bool = False) -> Checklist:
    """Return the list that is answered for a fiscal year. Raises ChecklistYearWrong."""
    found = list_for(asked_lists(for_vendor=for_vendor), year) if year <= fiscal_year(today()) else None
    if found is None:
        raise ChecklistYearWrong(field="fiscal_year", year=year)
    return found


def vendor_forms() -> list[VendorForm]:
    """Return the vendors that are asked, by name."""
    found = [VendorForm(one.id, one.label, is_open=True) for one in subjects_of(SubjectKind.VENDOR)]
    return sorted(found, key=lambda one: one.name)


def vendor_form(vendor_id: UUID) -> VendorForm:
    """Return a vendor by its id, a closed one too. Raises NotFound."""
    entry = get_entry(ledgers.VENDORS, vendor_id)
    return VendorForm(str(entry.pk), str(entry), is_open=entry.closed_at is None)


def checklist_form(year: int, vendor: VendorForm | None = None, state: Conformity | None = None) -> ChecklistForm:
    """Return the form of the facility, or of a vendor, for a fiscal year. Raises ChecklistYearWrong.

    ``state`` saves reading the verdicts again where several forms are read.
    """
    checklist = checklist_of(year, for_vendor=vendor is not None)
    return form_by(checklist, year, vendor, state or conformity(CURRENT))


def form_by(checklist: Checklist, year: int, vendor: VendorForm | None, state: Conformity) -> ChecklistForm:
    """Return the form by a list that need not be the one which counts for the year any more."""
    day = today()
    newest = _newest(checklist, year, vendor.id if vendor else "")
    sections = [
        (section, [_line(checklist, item, state, newest.get(item.id), day) for item in items])
        for section, items in checklist.asked(for_vendor=vendor is not None)
    ]
    return ChecklistForm(checklist, year, vendor, sections, state, clock.now())


def _newest(checklist: Checklist, year: int, vendor: str) -> dict[str, ChecklistAnswer]:
    rows = ChecklistAnswer.objects.filter(list_id=checklist.id, fiscal_year=year, vendor=vendor).order_by("id")
    return {row.item: row for row in rows}


def _line(
    checklist: Checklist, item: Item, state: Conformity, answer: ChecklistAnswer | None, day: date
) -> ChecklistLine:
    leaves = checklist.leaves[item.id]
    stands = state_of(answer.answer if answer else "", answer.target_on if answer else None, day)
    return ChecklistLine(item, leaves, recommend(leaves, state.summaries), answer, stands)


def key_of(form: ChecklistForm, item_id: str) -> str:
    """Return what an item is the same by in other years and forms: the item of ours that it means, else its words."""
    ours = form.checklist.ours.get(item_id)
    return ours or f"={folded(form.line(item_id).item.title.ja)}"


def answers_to(form: ChecklistForm, item_id: str, page: int = 1) -> "Page[ChecklistAnswer]":
    """Return one page of everything that was answered to an item of a form, the newest first."""
    rows = ChecklistAnswer.objects.filter(
        list_id=form.checklist.id,
        fiscal_year=form.year,
        vendor=form.vendor.id if form.vendor else "",
        item=item_id,
    )
    return Paginator(rows.order_by("-id"), ANSWERS_A_PAGE).get_page(page)
