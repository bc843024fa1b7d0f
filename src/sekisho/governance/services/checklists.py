"""Answering the checklist of inspections. A person answers; what the verdicts recommend is kept beside it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import ConfirmationDayWrong, TargetDayWrong
from sekisho.governance.models import ChecklistAnswer
from sekisho.governance.queries.checklists import ChecklistForm, checklist_form, today, vendor_form
from sekisho.governance.rules.checklist import confirmation_fits, target_fits
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.errors import NotFound
from sekisho.kernel.wording import require_visible
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

_LONGEST_LIST = 12  # letters of a list's id within that of an answer, which the register bounds


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer as it was entered: to an item of the form of the facility, or of ``vendor``, for a fiscal year.

    ``source`` names the file or year whose proposal it was.
    """

    fiscal_year: int
    item: str
    is_yes: bool
    vendor: UUID | None = None
    confirmed_on: date | None = None
    target_on: date | None = None
    note: str = ""
    source: str = ""


@transaction.atomic
def answer_item(*, actor: Actor, answering: Answering) -> ChecklistAnswer:
    """Keep a person's answer to one item, with what the verdicts recommend at this moment. Earlier answers stay.

    Raises Forbidden, NotFound, ChecklistYearWrong, ConfirmationDayWrong, TargetDayWrong, InvisibleCharacters.
    """
    actor.require(GovernanceAction.ANSWER_CHECKLIST)
    require_visible(answering.note)
    form = _form(answering)
    line = form.line(answering.item)
    _require_days(answering)
    found = ChecklistAnswer(
        list_id=form.checklist.id,
        fiscal_year=form.year,
        item=line.item.id,
        vendor=form.vendor.id if form.vendor else "",
        answer="yes" if answering.is_yes else "no",
        confirmed_on=answering.confirmed_on,
        target_on=answering.target_on,
        note=answering.note.strip(),
        source=answering.source,
        recommendation=canonical_json(line.recommendation.as_json()).decode(),
        answered_by=actor.id,
        answered_by_name=actor.name,
        answered_at=clock.now(),
    )
    found.save()
    details: dict[str, Json] = {
        "answer": found.answer,
        "confirmed_on": str(found.confirmed_on or ""),
        "target_on": str(found.target_on or ""),
        "recommendation": line.recommendation.as_json(),
    }
    if form.checklist.is_official:
        details["list"] = form.checklist.id
    if found.source:
        details["source"] = found.source
    label = f"{form.year} {line.item.printed} {form.vendor.name if form.vendor else ''}".strip()
    # An official list has a long id: its end tells it apart, and the whole of it stands in the details.
    place = f"{form.checklist.id[-_LONGEST_LIST:]}/{form.year}/{line.item.id}/{found.vendor}".rstrip("/")
    ref = SubjectRef("checklist", place, label)
    append(actor=actor, action=GovernanceAction.ANSWER_CHECKLIST, subject=ref, reason=found.note, details=details)
    return found


def _form(answering: Answering) -> ChecklistForm:
    """Return the form that is answered. A vendor that was closed is asked nothing: raises NotFound."""
    vendor = vendor_form(answering.vendor) if answering.vendor else None
    if vendor is not None and not vendor.is_open:
        raise NotFound
    return checklist_form(answering.fiscal_year, vendor)


def _require_days(answering: Answering) -> None:
    """Refuse days that do not go with the answer. Raises ConfirmationDayWrong, TargetDayWrong."""
    present, earliest = today(), date(answering.fiscal_year, 4, 1)
    if not confirmation_fits(answering.confirmed_on, earliest, present, is_yes=answering.is_yes):
        raise ConfirmationDayWrong(field="confirmed_on", earliest=earliest.isoformat(), latest=present.isoformat())
    begins = answering.confirmed_on or present
    if not target_fits(answering.target_on, begins, is_yes=answering.is_yes):
        raise TargetDayWrong(field="target_on", earliest=begins.isoformat())
