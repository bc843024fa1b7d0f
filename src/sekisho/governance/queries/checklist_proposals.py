"""Answers that nobody has taken responsibility for yet: of a filled-in file, or of the year before."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sekisho.governance.errors import ChecklistYearWrong
from sekisho.governance.models import ChecklistAnswer, ChecklistFile, ChecklistProposal
from sekisho.governance.queries.checklists import (
    ChecklistForm,
    ChecklistLine,
    VendorForm,
    checklist_form,
    form_by,
    key_of,
    today,
    vendor_form,
)
from sekisho.governance.queries.official_checklists import items_of, official_of, other_lists, read_file
from sekisho.governance.rules.checklist import Item, State, confirmation_fits, target_fits
from sekisho.governance.rules.official_checklist.answers import Given, read_answers
from sekisho.governance.rules.official_checklist.errors import ChecklistDiffers, NoOfficialFile
from sekisho.governance.rules.official_checklist.items import Remark
from sekisho.governance.rules.official_checklist.wording import folded


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed answer to an item. ``source`` is the name of the file, the list or the fiscal year it comes from.

    ``is_takeable`` is false for a "no" whose target day is missing or over: a person answers it anew.
    """

    line: ChecklistLine
    answer: str
    confirmed_on: date | None
    target_on: date | None
    name: str
    source: str
    is_carried: bool
    is_takeable: bool


class Compared(StrEnum):
    """How an answer in a file stands to the one that is kept."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """An item with what a returned file says of it."""

    line: ChecklistLine
    given: Given
    compared: Compared


@dataclass(frozen=True, slots=True)
class Returned:
    """A filled-in file beside the form that it answers."""

    file: ChecklistFile
    form: ChecklistForm
    lines: Sequence[ReturnedLine]
    remarks: Sequence[Remark]


def returned(file: ChecklistFile) -> Returned:
    """Return what a filled-in file says. Raises NoOfficialFile, ChecklistDiffers and what reading raises."""
    vendor = vendor_form_of(file.vendor)
    form = checklist_form(file.fiscal_year, vendor)
    official = official_of(form.checklist)
    if official is None or official.fiscal_year != file.fiscal_year:
        raise NoOfficialFile
    found = read_file(file)
    known = {row.item: folded(row.words) for row in items_of(official)}
    read = {item.id: folded(item.words) for item in found.items}
    if other := sorted(name for name in known.keys() | read.keys() if known.get(name) != read.get(name)):
        raise ChecklistDiffers(items="、".join(other))
    given, remarks = read_answers(found, file.fiscal_year)
    lines = [ReturnedLine(line, given[line.item.id], _compare(line, given[line.item.id])) for line in form.lines]
    return Returned(file, form, lines, remarks)


def vendor_form_of(vendor_id: str) -> VendorForm | None:
    """Return the vendor whose form it is, None for the facility's own. Raises NotFound."""
    return vendor_form(UUID(vendor_id)) if vendor_id else None


def _compare(line: ChecklistLine, given: Given) -> Compared:
    """Compare what is said; a day that the file leaves out says nothing against the one that is kept."""
    if not given.answer:
        return Compared.EMPTY
    kept = line.answer
    if kept is None:
        return Compared.NEW
    same = (
        given.answer == kept.answer
        and given.confirmed_on in (None, kept.confirmed_on)
        and given.target_on in (None, kept.target_on)
    )
    return Compared.UNCHANGED if same else Compared.CHANGED


def proposals(form: ChecklistForm) -> list[Proposal]:
    """Return what is proposed for each item and not answered since: by the newest file, else by the year before."""
    by_file = _newest_of_files(form)
    before = _earlier(form)
    found = []
    for line in form.lines:
        proposed = by_file.get(line.item.id)
        if proposed and (line.answer is None or line.answer.answered_at < proposed.proposed_at):
            found.append(_of_file(form, line, proposed))
        elif line.answer is None and (earlier := before.get(key_of(form, line.item.id))):
            found.append(_of_earlier(form, line, earlier))
    return found


def _newest_of_files(form: ChecklistForm) -> dict[str, ChecklistProposal]:
    rows = ChecklistProposal.objects.filter(
        list_id=form.checklist.id, fiscal_year=form.year, vendor=form.vendor.id if form.vendor else ""
    )
    return {row.item: row for row in rows.select_related("file").defer("file__data").order_by("id")}


@dataclass(frozen=True, slots=True)
class Earlier:
    """An answer that was given to the same item elsewhere: the year before, or by another list of this year."""

    form: ChecklistForm
    line: ChecklistLine
    answer: ChecklistAnswer


def _earlier_forms(form: ChecklistForm) -> Iterator[ChecklistForm]:
    """Yield the year's form by the lists that counted before, then the form of the year before."""
    for other in other_lists(form.checklist, form.year, for_vendor=form.vendor is not None):
        yield form_by(other, form.year, form.vendor, form.conformity)
    with suppress(ChecklistYearWrong):
        yield checklist_form(form.year - 1, form.vendor, form.conformity)


def _earlier(form: ChecklistForm) -> Mapping[str, Earlier]:
    """Return the nearest earlier answer to each item by what it means."""
    found: dict[str, Earlier] = {}
    for other in _earlier_forms(form):
        for line in other.lines:
            if line.answer:
                found.setdefault(key_of(other, line.item.id), Earlier(other, line, line.answer))
    return found


def _of_file(form: ChecklistForm, line: ChecklistLine, row: ChecklistProposal) -> Proposal:
    takeable = _is_takeable(form, row.answer, row.confirmed_on, row.target_on)
    return Proposal(
        line, row.answer, row.confirmed_on, row.target_on, row.name, row.file.file_name, is_carried=False,
        is_takeable=takeable,
    )  # fmt: skip


def _of_earlier(form: ChecklistForm, line: ChecklistLine, earlier: Earlier) -> Proposal:
    """Return an earlier answer as a proposal: its target day goes with it, a day of another year does not."""
    kept = earlier.answer
    day = fitting_day(form.year, kept.confirmed_on)
    return Proposal(
        line,
        kept.answer,
        day,
        kept.target_on,
        kept.answered_by_name,
        earlier.form.checklist.title.ja if earlier.form.year == form.year else str(earlier.form.year),
        is_carried=True,
        is_takeable=_is_takeable(form, kept.answer, day, kept.target_on),
    )


def _is_takeable(form: ChecklistForm, answer: str, confirmed_on: date | None, target_on: date | None) -> bool:
    if answer == "yes":
        return True
    day = fitting_day(form.year, confirmed_on)
    return target_fits(target_on, day or today(), is_yes=False)


def fitting_day(year: int, day: date | None) -> date | None:
    """Return a day of confirmation if it may stand with an answer for a fiscal year, else None."""
    return day if day and confirmation_fits(day, date(year, 4, 1), today(), is_yes=False) else None


def overdue_before(form: ChecklistForm) -> dict[str, Earlier]:
    """Return the items whose earlier answer is "no" with a target day that has passed, by their ids.

    What was answered anew by this form is not among them: that answer speaks now.
    """
    before = _earlier(form)
    found = {line.item.id: before.get(key_of(form, line.item.id)) for line in form.lines if line.answer is None}
    return {name: one for name, one in found.items() if one and one.line.state is State.OVERDUE}


@dataclass(frozen=True, slots=True)
class Promise:
    """A "no" with its target day that no later answer took back: of this form, or of the one it was given to."""

    form: ChecklistForm
    item: Item
    answer: ChecklistAnswer


def promises(form: ChecklistForm) -> Iterator[Promise]:
    """Yield every target day that counts for a form. One of the year before counts until the item is answered anew.

    Forms end with March, as target days do: what was not done by then must not vanish with the year it was said in.
    """
    before = _earlier(form)
    for line in form.lines:
        earlier = before.get(key_of(form, line.item.id)) if line.answer is None else None
        if earlier is None:
            found = Promise(form, line.item, line.answer) if line.answer else None
        elif earlier.form.year == form.year:
            found = Promise(form, line.item, earlier.answer)  # by a list that counts no more: the item is asked here
        else:
            found = Promise(earlier.form, earlier.line.item, earlier.answer)
        if found and found.answer.target_on:
            yield found
