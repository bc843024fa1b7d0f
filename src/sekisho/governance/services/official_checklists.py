"""Official checklists as files: received and kept as they came, taken over whole or not at all, handed out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from sekisho.estate.queries import facility
from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import ChecklistYearWrong
from sekisho.governance.models import ChecklistFile, OfficialChecklist, OfficialChecklistItem
from sekisho.governance.queries.checklist_proposals import returned, vendor_form_of
from sekisho.governance.queries.checklists import ChecklistForm, checklist_form, today, vendor_form
from sekisho.governance.queries.official_checklists import (
    FIRST_YEAR,
    Preview,
    checklist_file,
    items_of,
    newest_official,
    official_of,
    preview,
    read_file,
    require_whole,
)
from sekisho.governance.rules.official_checklist.answers import Given, write_answers
from sekisho.governance.rules.official_checklist.errors import ChecklistFaulty, ChecklistKnown, NoOfficialFile
from sekisho.governance.rules.official_checklist.matching import settle
from sekisho.governance.rules.official_checklist.reading import ListKind
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import fiscal_year
from sekisho.kernel.errors import NotFound
from sekisho.kernel.wording import require_visible
from sekisho.kernel.xlsx.workbook import reference
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

OFFICIAL, ANSWERS = "official", "answers"


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A workbook as somebody gives it: an official list of ``kind`` for a year, or the form of ``vendor`` filled in."""

    name: str
    data: bytes
    fiscal_year: int
    kind: ListKind = ListKind.FACILITY
    vendor: UUID | None = None


@transaction.atomic
def receive_official(*, actor: Actor, given: GivenFile) -> ChecklistFile:
    """Keep an official file that can be read, so that it can be looked at and taken over. Nothing is asked by it yet.

    Raises Forbidden, ChecklistYearWrong and what read_official_list raises.
    """
    actor.require(GovernanceAction.RECEIVE_CHECKLIST)
    if not FIRST_YEAR <= given.fiscal_year <= fiscal_year(today()) + 1:
        raise ChecklistYearWrong(field="fiscal_year", year=given.fiscal_year)
    row = _row(actor, given, OFFICIAL, given.kind)
    read_file(row)
    return _kept(actor, row)


@transaction.atomic
def receive_answers(*, actor: Actor, given: GivenFile) -> ChecklistFile:
    """Keep a filled-in form that fits the official list of its year, so that its answers can be looked at.

    Raises Forbidden, NotFound, ChecklistYearWrong, NoOfficialFile, ChecklistDiffers and what reading raises.
    """
    actor.require(GovernanceAction.RECEIVE_CHECKLIST)
    vendor = vendor_form(given.vendor) if given.vendor else None
    official = official_of(checklist_form(given.fiscal_year, vendor).checklist)
    if official is None or official.fiscal_year != given.fiscal_year:
        raise NoOfficialFile
    row = _row(actor, given, ANSWERS, ListKind(official.kind))
    returned(row)
    return _kept(actor, row)


def _row(actor: Actor, given: GivenFile, purpose: str, kind: ListKind) -> ChecklistFile:
    require_visible(given.name)
    return ChecklistFile(
        purpose=purpose,
        kind=kind.value,
        fiscal_year=given.fiscal_year,
        vendor=str(given.vendor or ""),
        file_name=given.name[:255],
        sha256=hashlib.sha256(given.data).hexdigest(),
        data=given.data,
        received_at=clock.now(),
        received_by=actor.id,
        received_by_name=actor.name,
    )


def _kept(actor: Actor, row: ChecklistFile) -> ChecklistFile:
    row.save()
    details: dict[str, Json] = {"sha256": row.sha256, "purpose": row.purpose, "kind": row.kind}
    details |= {"fiscal_year": row.fiscal_year, "vendor": row.vendor}
    ref = SubjectRef("checklist_file", str(row.pk), row.file_name)
    append(actor=actor, action=GovernanceAction.RECEIVE_CHECKLIST, subject=ref, details=details)
    return row


@transaction.atomic
def adopt_checklist(*, actor: Actor, file_id: UUID, decided: Mapping[str, str]) -> OfficialChecklist:
    """Take over an official file that was received: its items are asked from now on. Earlier lists and answers stay.

    ``decided`` is which item of ours each item means, where a person said it ("none" for none of them). Raises
    Forbidden, NotFound, ChecklistFaulty, MatchUndecided, MatchTwice, ChecklistKnown, OfficialFileDamaged.
    """
    actor.require(GovernanceAction.ADOPT_CHECKLIST)
    seen = preview(checklist_file(file_id, OFFICIAL))
    if seen.found.faults:
        raise ChecklistFaulty(number=len(seen.found.faults))
    asked = seen.ours.asked(for_vendor=seen.file.kind == ListKind.VENDOR)
    means = settle(seen.matches, decided, [item.id for _section, items in asked for item in items])
    _refuse_known(seen, means)
    official = OfficialChecklist.objects.create(
        file=seen.file,
        kind=seen.file.kind,
        fiscal_year=seen.file.fiscal_year,
        label=seen.found.label,
        adopted_at=clock.now(),
        adopted_by=actor.id,
        adopted_by_name=actor.name,
    )
    OfficialChecklistItem.objects.bulk_create(_items(official, seen, means, decided))
    details: dict[str, Json] = {"sha256": seen.file.sha256, "kind": official.kind, "items": len(means)}
    details |= {"fiscal_year": official.fiscal_year, "means": {**means}}
    ref = SubjectRef("official_checklist", str(official.pk), official.label)
    append(actor=actor, action=GovernanceAction.ADOPT_CHECKLIST, subject=ref, details=details)
    return official


def _refuse_known(seen: Preview, means: Mapping[str, str]) -> None:
    """Refuse the same file with the same matches: it would only ask for every answer anew."""
    newest = newest_official(seen.file.fiscal_year, for_vendor=seen.file.kind == ListKind.VENDOR)
    if newest is None or newest.file.sha256 != seen.file.sha256:
        return
    if {row.item: row.ours for row in items_of(newest)} == means:
        raise ChecklistKnown


def _items(
    official: OfficialChecklist, seen: Preview, means: Mapping[str, str], decided: Mapping[str, str]
) -> list[OfficialChecklistItem]:
    certain = {match.item.id for match in seen.matches if match.is_certain}
    return [
        OfficialChecklistItem(
            checklist=official,
            place=place,
            section=item.section,
            heading=item.heading,
            item=item.id,
            printed=item.printed,
            words=item.words,
            cell=reference((item.row, item.column)),
            ours=means[item.id],
            is_confirmed=bool(decided.get(item.id)) and item.id not in certain,
        )
        for place, item in enumerate(seen.found.items)
    ]


def filled_in(form: ChecklistForm) -> bytes:
    """Return the official file of a form with the answers that persons gave, never with proposals.

    Raises NoOfficialFile, OfficialFileDamaged, WorkbookRefused.
    """
    answers = {
        line.item.id: Given(
            line.answer.answer, line.answer.confirmed_on, line.answer.target_on, line.answer.answered_by_name
        )
        for line in form.lines
        if line.answer
    }
    return _written(form, answers)


def _written(form: ChecklistForm, answers: Mapping[str, Given]) -> bytes:
    official = official_of(form.checklist)
    if official is None or official.fiscal_year != form.year:
        raise NoOfficialFile
    require_whole(official.file)
    own = facility()
    names = {"facility": own.name if own else "", "vendor": form.vendor.name if form.vendor else ""}
    return write_answers(read_file(official.file), answers, names)


@transaction.atomic
def hand_out_form(*, actor: Actor, year: int, vendor: UUID) -> tuple[ChecklistForm, bytes]:
    """Return the vendor's form to fill in: the official file with both names and no answers, and record it.

    Raises Forbidden, NotFound, ChecklistYearWrong, NoOfficialFile, OfficialFileDamaged, WorkbookRefused.
    """
    actor.require(GovernanceAction.HAND_OUT_CHECKLIST)
    chosen = vendor_form_of(str(vendor))
    if chosen is None or not chosen.is_open:
        raise NotFound
    form = checklist_form(year, chosen)
    data = _written(form, {})
    details: dict[str, Json] = {"fiscal_year": year, "list": form.checklist.id}
    details["sha256"] = hashlib.sha256(data).hexdigest()
    ref = SubjectRef("vendor", chosen.id, chosen.name)
    append(actor=actor, action=GovernanceAction.HAND_OUT_CHECKLIST, subject=ref, details=details)
    return form, data
