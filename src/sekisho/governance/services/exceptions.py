"""Applying for an exception: why an item is not met yet, what is done instead, and until when. It turns no verdict."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import GroundsMissing, NotShownThisWay, SubjectUnknown, ValidityWrong
from sekisho.governance.queries.claims import wording
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.exceptions import LONGEST_EXCEPTION, WORKFLOW
from sekisho.governance.services.claims import named_subject
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.queries import get_application, submissions_of
from sekisho.ledgers.services import NewFile, amend, submit
from sekisho.register.rules import SubjectRef


@dataclass(frozen=True, slots=True)
class ExceptionDraft:
    """An exception as entered: for which subjects of one requirement (by id), why, what is done instead, until when."""

    requirement: str
    subjects: tuple[str, ...]
    reason: str
    substitute: str
    valid_until: date
    edition_id: str = CURRENT


def open_exception(*, actor: Actor, draft: ExceptionDraft, files: Sequence[NewFile] = (), comment: str = "") -> UUID:
    """Apply for the approval of an exception; return the application's id.

    Raises Forbidden, NotFound, SubjectUnknown, GroundsMissing, ValidityWrong and what submitting raises.
    """
    actor.require(GovernanceAction.EXCEPT)
    leaf = _leaf(draft)
    workflow = registry.current().workflow(WORKFLOW)
    if workflow is None:
        raise NotFound
    application = submit(
        actor=actor,
        workflow=workflow,
        key=leaf.id,
        subject=SubjectRef("requirement", leaf.id, leaf.title.ja),
        title=f"{leaf.id} {leaf.title.ja}",
        content=_content(draft, leaf),
        files=files,
        comment=comment,
    )
    return application.pk


def amend_exception(
    *,
    actor: Actor,
    application_id: UUID,
    version: int,
    draft: ExceptionDraft,
    files: Sequence[NewFile] = (),
    keep: Sequence[int] = (),
    comment: str = "",
) -> None:
    """Mend an exception that was sent back; its requirement and edition stay. ``keep`` names the files to keep.

    Raises NotFound for what is no exception or not visible, NotShownThisWay for another item, else as
    :func:`open_exception`.
    """
    actor.require(GovernanceAction.EXCEPT)
    application = get_application(actor, application_id)
    if application.workflow != WORKFLOW:
        raise NotFound
    before = json.loads(submissions_of(application)[0].content)
    if draft.requirement != application.key or draft.edition_id != before["edition"]:
        raise NotShownThisWay(field="requirements", requirement=draft.requirement)
    amend(
        actor=actor,
        application_id=application_id,
        version=version,
        content=_content(draft, _leaf(draft)),
        files=files,
        keep=keep,
        comment=comment,
    )


def _leaf(draft: ExceptionDraft) -> Requirement:
    row = edition(draft.edition_id).by_id.get(draft.requirement)
    if not isinstance(row, Requirement):
        raise NotFound
    return row


def _content(draft: ExceptionDraft, leaf: Requirement) -> dict[str, Json]:
    """Check a draft and return it as the content of an application, with the columns that a ledger will have."""
    require_visible(draft.reason, draft.substitute)
    if not says_something(draft.reason):
        raise GroundsMissing(field="reason", what=_("why it is not met yet"))
    if not says_something(draft.substitute):
        raise GroundsMissing(field="substitute", what=_("what is done instead"))
    today = clock.now().astimezone(FACILITY_ZONE).date()
    if not today < draft.valid_until <= today + LONGEST_EXCEPTION:
        raise ValidityWrong(field="valid_until", latest=(today + LONGEST_EXCEPTION).isoformat())
    return {
        "edition": draft.edition_id,
        "requirements": {leaf.id: wording(draft.edition_id).get(leaf.id)},
        "subjects": _subjects(draft, leaf),
        "reason": draft.reason.strip(),
        "substitute": draft.substitute.strip(),
        "valid_until": draft.valid_until.isoformat(),
    }


def _subjects(draft: ExceptionDraft, leaf: Requirement) -> list[Json]:
    known = {subject.id: subject for subject in subjects_of(leaf.judged_per)}
    if not draft.subjects:
        raise GroundsMissing(field="subjects", what=_("what the exception is about"))
    if not set(draft.subjects) <= known.keys():
        raise SubjectUnknown(field="subjects", requirement=leaf.id)
    return [named_subject(known[name]) for name in dict.fromkeys(draft.subjects)]
