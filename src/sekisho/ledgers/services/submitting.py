"""What applicants do: submit, mend, withdraw."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import NotFound
from sekisho.kernel.search import fold
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.errors import AfterTheFactRefused, ContentTooLong
from sekisho.ledgers.models import Application, FileData, Submission, SubmissionFile
from sekisho.ledgers.queries.routes import newest_submission, not_your_part, workflow_of
from sekisho.ledgers.rules.applications import State, Step, content_digest
from sekisho.ledgers.services.applications import (
    LONGEST_COMMENT,
    LONGEST_CONTENT,
    NewFile,
    advance,
    begin_route,
    checked_name,
    locked,
    record,
    require_applicant,
    store_decision,
)
from sekisho.register.rules import SubjectRef


@transaction.atomic
def submit(
    *,
    actor: Actor,
    workflow: Workflow,
    key: str,
    subject: SubjectRef,
    title: str,
    content: Mapping[str, Json],
    files: Sequence[NewFile] = (),
    comment: str = "",
    done_reason: str = "",
) -> Application:
    """Apply for something. ``done_reason`` says why it was done already in an emergency, empty if it was not.

    Raises Forbidden, NotYourPart, FilesRefused, ContentTooLong, AfterTheFactRefused, InvisibleCharacters.
    """
    actor.require(LedgersAction.SUBMIT)
    _require_submitter(actor, workflow)
    require_visible(title, comment, done_reason)
    now, within = clock.now(), _time_for(workflow, done_reason)
    application = Application.objects.create(
        workflow=workflow.id,
        state=State.SUBMITTED,
        key=key,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label[:300],
        title=title[:300],
        applicant_id=actor.id,
        applicant_name=actor.name,
        applied_at=now,
        changed_at=now,
        search_key=fold(f"{title} {key} {subject.label} {actor.name}"),
        done_reason=done_reason.strip(),
        decide_by=now + within if within else None,
    )
    begin_route(application, workflow, content)
    submission = _store_submission(application, 1, content, files, comment)
    done: dict[str, Json] = {"done_already": application.done_reason} if within else {}
    record(actor, LedgersAction.SUBMIT, application, submission, comment, done)
    return application


def _time_for(workflow: Workflow, done_reason: str) -> timedelta | None:
    """Return within which time what was done already is to be approved, None for what waits for its approval."""
    if not done_reason:
        return None
    if workflow.after_the_fact is None or not says_something(done_reason) or len(done_reason) > LONGEST_COMMENT:
        raise AfterTheFactRefused(field="done_reason")
    return workflow.after_the_fact


def _require_submitter(actor: Actor, workflow: Workflow) -> None:
    if actor.roles.isdisjoint(workflow.submitters):
        raise not_your_part(workflow, workflow.submitters)


@transaction.atomic
def amend(
    *,
    actor: Actor,
    application_id: UUID,
    version: int,
    content: Mapping[str, Json],
    files: Sequence[NewFile] = (),
    keep: Sequence[int] = (),
    comment: str = "",
) -> Application:
    """Submit a mended version of an application that was sent back; the older version stays as it was.

    ``keep`` holds the places of the files of the version before that belong to the new one too. Raises Forbidden,
    NotTheApplicant, DecidedAlready, FilesRefused, ContentTooLong, NotFound.
    """
    actor.require(LedgersAction.AMEND)
    application = locked(application_id)
    before = newest_submission(application)
    workflow = workflow_of(application)
    _require_submitter(actor, workflow)
    require_applicant(actor, application)
    advance(application, version, Step.AMEND, before)
    begin_route(application, workflow, content)
    kept = _kept(before, keep)
    submission = _store_submission(application, before.number + 1, content, [*kept, *files], comment)
    record(actor, LedgersAction.AMEND, application, submission, comment)
    return application


@transaction.atomic
def withdraw(*, actor: Actor, application_id: UUID, version: int, comment: str = "") -> Application:
    """Take one's own application back. Raises Forbidden, NotTheApplicant, DecidedAlready."""
    actor.require(LedgersAction.WITHDRAW)
    application = locked(application_id)
    require_applicant(actor, application)
    return store_decision(actor, LedgersAction.WITHDRAW, Step.WITHDRAW, application, version, comment)


def _kept(before: Submission, places: Sequence[int]) -> list[NewFile]:
    """Return the files of a version at ``places``. Raises NotFound for a place that has none."""
    files = before.files.filter(place__in=places).select_related("data").order_by("place")
    kept = [NewFile(file.name, bytes(file.data.data)) for file in files]
    if len(kept) != len(set(places)):
        raise NotFound
    return kept


def _store_submission(
    application: Application, number: int, content: Mapping[str, Json], files: Sequence[NewFile], comment: str
) -> Submission:
    written = canonical_json(content)
    if len(written) > LONGEST_CONTENT or len(comment) > LONGEST_COMMENT:
        raise ContentTooLong
    named = [(checked_name(file, files), file.data) for file in files]
    hashed = [(name, hashlib.sha256(data).hexdigest(), data) for name, data in named]
    now = clock.now()
    submission = Submission(
        application=application,
        number=number,
        content=written.decode(),
        digest=content_digest(content, [(name, sha256) for name, sha256, _data in hashed]),
        comment=comment,
        submitted_at=now,
    )
    submission.save()
    kept = {sha256: FileData(sha256=sha256, data=data, received_at=now) for _name, sha256, data in hashed}
    FileData.objects.bulk_create(kept.values(), ignore_conflicts=True)
    SubmissionFile.objects.bulk_create(
        SubmissionFile(submission=submission, place=place, name=name, size=len(data), data=kept[sha256])
        for place, (name, sha256, data) in enumerate(hashed, start=1)
    )
    return submission
