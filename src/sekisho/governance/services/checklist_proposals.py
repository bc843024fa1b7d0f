"""Answers of filled-in files: kept as proposals, and taken over by a person who answers for them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import ChecklistProposal
from sekisho.governance.queries.checklist_proposals import (
    Compared,
    Proposal,
    fitting_day,
    proposals,
    returned,
    vendor_form_of,
)
from sekisho.governance.queries.checklists import checklist_form
from sekisho.governance.queries.official_checklists import checklist_file
from sekisho.governance.rules.official_checklist.errors import NothingNew
from sekisho.governance.services.checklists import Answering, answer_item
from sekisho.governance.services.official_checklists import ANSWERS
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@transaction.atomic
def propose_answers(*, actor: Actor, file_id: UUID) -> int:
    """Keep every answer of a filled-in file that differs from what is kept, as proposals; return how many.

    Nobody has answered by that. Raises Forbidden, NotFound, NothingNew, ChecklistDiffers, OfficialFileDamaged.
    """
    actor.require(GovernanceAction.PROPOSE_ANSWERS)
    seen = returned(checklist_file(file_id, ANSWERS))
    moment = clock.now()
    rows = [
        ChecklistProposal(
            file=seen.file,
            list_id=seen.form.checklist.id,
            fiscal_year=seen.form.year,
            vendor=seen.file.vendor,
            item=one.line.item.id,
            answer=one.given.answer,
            confirmed_on=one.given.confirmed_on,
            target_on=one.given.target_on,
            name=one.given.name,
            proposed_at=moment,
        )
        for one in seen.lines
        if one.compared in (Compared.NEW, Compared.CHANGED)
    ]
    if not rows:
        raise NothingNew
    ChecklistProposal.objects.bulk_create(rows)
    said: dict[str, Json] = {row.item: row.answer for row in rows}
    details: dict[str, Json] = {"sha256": seen.file.sha256, "fiscal_year": seen.form.year, "vendor": seen.file.vendor}
    details["proposed"] = said
    ref = SubjectRef("checklist_file", str(seen.file.pk), seen.file.file_name)
    append(actor=actor, action=GovernanceAction.PROPOSE_ANSWERS, subject=ref, details=details)
    return len(rows)


@dataclass(frozen=True, slots=True)
class TakingOver:
    """Which proposals of a form a person answers for; ``confirmed_on`` is the day of confirmation of each "yes".

    Left out, the day in the file counts, where it may.
    """

    fiscal_year: int
    items: Collection[str]
    vendor: str = ""
    confirmed_on: date | None = None


@transaction.atomic
def take_over_answers(*, actor: Actor, taking: TakingOver) -> int:
    """Answer the chosen items with what is proposed, all or none, in the name of the actor; return how many.

    Raises Forbidden, NotFound for an item that nothing is proposed for any more, ConfirmationDayWrong, TargetDayWrong.
    """
    actor.require(GovernanceAction.ANSWER_CHECKLIST)
    form = checklist_form(taking.fiscal_year, vendor_form_of(taking.vendor))
    found = {one.line.item.id: one for one in proposals(form)}
    for item in taking.items:
        if item not in found:
            raise NotFound
        answer_item(actor=actor, answering=_answering(taking, found[item]))
    return len(taking.items)


def _answering(taking: TakingOver, proposal: Proposal) -> Answering:
    is_yes = proposal.answer == "yes"
    own = fitting_day(taking.fiscal_year, proposal.confirmed_on)
    return Answering(
        fiscal_year=taking.fiscal_year,
        item=proposal.line.item.id,
        is_yes=is_yes,
        vendor=UUID(taking.vendor) if taking.vendor else None,
        confirmed_on=(taking.confirmed_on or own) if is_yes else own,
        target_on=None if is_yes else proposal.target_on,
        source=proposal.source,
    )
