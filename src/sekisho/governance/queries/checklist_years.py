"""The checklist over years and over vendors: the same items side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from sekisho.governance.errors import ChecklistYearWrong
from sekisho.governance.queries.checklist_proposals import Proposal, proposals
from sekisho.governance.queries.checklists import (
    ChecklistForm,
    ChecklistLine,
    VendorForm,
    checklist_form,
    checklist_years,
    key_of,
    vendor_forms,
)

YEARS_AT_ONCE = 4
VENDORS_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class YearRow:
    """One item over years, by the words of the newest list that has it; no line for a year that did not ask it."""

    newest: ChecklistLine
    lines: Mapping[int, ChecklistLine]


def year_by_year(vendor: VendorForm | None = None) -> tuple[Sequence[ChecklistForm], Sequence[YearRow]]:
    """Return the newest years' forms, the present one first, and every item that one of them asks."""
    forms: list[ChecklistForm] = []
    for year in checklist_years()[:YEARS_AT_ONCE]:
        state = forms[0].conformity if forms else None
        try:
            forms.append(checklist_form(year, vendor, state))
        except ChecklistYearWrong:
            break
    rows: dict[str, dict[int, ChecklistLine]] = {}
    for form in forms:
        for line in form.lines:
            rows.setdefault(key_of(form, line.item.id), {})[form.year] = line
    return forms, [YearRow(next(iter(lines.values())), lines) for lines in rows.values()]


@dataclass(frozen=True, slots=True)
class Difference:
    """An item of a vendor's form beside the facility's own: what the vendor says, and what we say, or None.

    ``differs`` only where both say something: what nobody has answered agrees with nothing.
    """

    vendor: ChecklistLine
    said: str
    is_proposal: bool
    own: ChecklistLine | None

    @property
    def own_answer(self) -> str:
        """Our answer, empty for none."""
        return self.own.answer.answer if self.own and self.own.answer else ""

    @property
    def differs(self) -> bool:
        """Whether the two contradict each other."""
        return bool(self.said and self.own_answer and self.said != self.own_answer)


@dataclass(frozen=True, slots=True)
class VendorState:
    """How far a vendor's form is: items answered, proposals that wait, items that contradict our own."""

    vendor: VendorForm
    answered: int
    total: int
    waiting: int
    differing: int


def differences(form: ChecklistForm, own: ChecklistForm) -> list[Difference]:
    """Return every item of a vendor's form beside the one of our own form that means the same."""
    proposed: dict[str, Proposal] = {one.line.item.id: one for one in proposals(form) if not one.is_carried}
    ours = {key_of(own, line.item.id): line for line in own.lines}
    found = []
    for line in form.lines:
        waiting = proposed.get(line.item.id)
        kept = line.answer.answer if line.answer else ""
        said = waiting.answer if waiting else kept
        found.append(Difference(line, said, waiting is not None, ours.get(key_of(form, line.item.id))))
    return found


def vendor_states(year: int, page: int = 1) -> "tuple[Page[VendorForm], list[VendorState]]":
    """Return one page of the vendors with how far their forms of a year are. Raises ChecklistYearWrong."""
    found = Paginator(vendor_forms(), VENDORS_A_PAGE).get_page(page)
    own = checklist_form(year)
    return found, [_state(vendor, own) for vendor in found.object_list]


def _state(vendor: VendorForm, own: ChecklistForm) -> VendorState:
    form = checklist_form(own.year, vendor, own.conformity)
    compared = differences(form, own)
    return VendorState(
        vendor=vendor,
        answered=sum(line.answer is not None for line in form.lines),
        total=len(form.lines),
        waiting=sum(one.is_proposal for one in compared),
        differing=sum(one.differs for one in compared),
    )
